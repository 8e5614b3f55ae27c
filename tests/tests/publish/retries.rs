//! A store that is overloaded for a while, or for good, and connections that break.

use std::time::Duration;

use nada_publish::{
    ErrorClass,
    store::{Retries, Store, StoreError},
};

use crate::{
    catalogue::{assert_playable, endpoint, location, publish_at, release, store},
    fault::{FaultProxy, ProxyFault},
};

/// The real policy, a hundred times as fast.
fn hasty() -> Retries {
    let Retries { first_pause, longest_pause, .. } = Retries::default();
    Retries { first_pause: first_pause / 100, longest_pause: longest_pause / 100, ..Retries::default() }
}

async fn impatient(url: String, retries: Retries) -> Store {
    Store::connect_with(&location(url), retries).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_asks_to_slow_down_for_a_while_has_everything_once() {
    for fault in
        [ProxyFault::SlowDown { after: 8, requests: 6 }, ProxyFault::Resets { after: 8, requests: 5 }]
    {
        let dir = tempfile::tempdir().unwrap();
        let endpoint = endpoint(dir.path()).await;
        let proxy = FaultProxy::start(endpoint.addr(), fault).await;
        let report = publish_at(&impatient(proxy.url(), hasty()).await, &release(440.0)).await.unwrap();
        assert!(assert_playable(&store(endpoint.url()).await).await.iter().all(Option::is_some));
        let other = tempfile::tempdir().unwrap();
        let untroubled = crate::catalogue::endpoint(other.path()).await;
        let calm = FaultProxy::start(untroubled.addr(), ProxyFault::None).await;
        let plain = publish_at(&store(calm.url()).await, &release(440.0)).await.unwrap();
        assert!(proxy.requests() > calm.requests(), "{fault:?}: something was tried again");
        // a write whose answer was lost shows as an object that was there
        assert_eq!(
            report.uploaded + report.present,
            plain.uploaded,
            "{fault:?}: every object once, written or found"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_is_dead_for_good_ends_the_run_soon_and_says_one_thing() {
    let forever = usize::MAX;
    for (fault, expected) in [
        (ProxyFault::SlowDown { after: 12, requests: forever }, "asks to slow down (503 SlowDown)"),
        (ProxyFault::Resets { after: 12, requests: forever }, "cannot be reached"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let endpoint = endpoint(dir.path()).await;
        let proxy = FaultProxy::start(endpoint.addr(), fault).await;
        let error = publish_at(&impatient(proxy.url(), hasty()).await, &release(440.0)).await.unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!((error.class(), error.is_retryable()), (ErrorClass::Unavailable, true), "{error}");
        // 500 tokens at 5 each are the most retries there can be, beside one first attempt for each object
        assert!(proxy.requests() < 12 + 100 + 40, "{fault:?}: {} requests", proxy.requests());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_budget_is_one_for_all_requests_of_a_store() {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = endpoint(dir.path()).await;
    let proxy =
        FaultProxy::start(endpoint.addr(), ProxyFault::SlowDown { after: 0, requests: usize::MAX }).await;
    let budget = 40;
    let retries = Retries { budget, first_pause: Duration::from_millis(10), ..hasty() };
    let store = impatient(proxy.url(), retries).await;
    let key = nada_catalog::ObjectKey::Changes;
    let reads = futures_util::future::join_all((0..20).map(|_| store.get(&key))).await;
    assert!(reads.iter().all(|read| matches!(read, Err(StoreError::SlowDown(_)))), "{reads:?}");
    let retried = proxy.requests() - 20;
    assert!((1..=budget / 5).contains(&retried), "{retried} retries of a budget of {budget}");
}
