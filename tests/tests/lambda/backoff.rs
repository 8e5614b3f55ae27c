//! A store that is away for a while: how long a message waits for its next delivery.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde_json::Value;

use crate::{
    platform::{Invocation, Platform, Setup},
    proxy::{Proxy, ProxyAnswer},
    sample_release::write_release,
    world::World,
};

/// Seconds until the queue itself would deliver again: more than the whole test takes.
const VISIBILITY: u32 = 600;
/// Attempts that find no store.
const FAILURES: usize = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_store_is_away_a_message_comes_back_after_pauses_that_grow() {
    let Some(world) = World::start_with(9, VISIBILITY).await else { return };
    let at = world.release_folder("patient");
    write_release(&at, "patient", &[2.0]);
    world.submit_only(&at).await;
    let body = world.take_all().await.remove(0);
    world.send(&body).await;
    let away = Arc::new(AtomicBool::new(true));
    let is_away = Arc::clone(&away);
    let s3 = Proxy::start(&world.url, move |_| {
        if is_away.load(Ordering::SeqCst) { ProxyAnswer::Status(503) } else { ProxyAnswer::Pass }
    })
    .await;
    let sqs = Proxy::start(&world.url, |_| ProxyAnswer::Pass).await;
    let environment = vec![("AWS_ENDPOINT_URL_S3", s3.url()), ("AWS_ENDPOINT_URL_SQS", sqs.url())];
    let setup = Setup { deliveries: 9, environment, ..Setup::default() };
    let platform = Platform::start(&world, &setup);
    platform.invoked(FAILURES).await;
    away.store(false, Ordering::SeqCst);
    let invocations = platform.invoked(FAILURES + 1).await;

    let receives: Vec<u32> = invocations.iter().map(|one| one.messages[0].2).collect();
    assert_eq!(receives, [1, 2, 3, 4]);
    assert!(invocations[..FAILURES].iter().all(|one| one.failed.as_ref().is_some_and(|ids| ids.len() == 1)));
    assert_eq!(world.result("patient").await.unwrap()["state"], "published");
    // the first pause is two seconds (platform.rs), each at least half of it and twice the one before
    let asked: Vec<u64> = (sqs.asked().iter())
        .filter(|asked| asked.operation() == "ChangeMessageVisibility")
        .map(|asked| {
            serde_json::from_slice::<Value>(&asked.body).unwrap()["VisibilityTimeout"].as_u64().unwrap()
        })
        .collect();
    assert_eq!(asked.len(), FAILURES, "{asked:?}");
    for (pause, longest) in asked.iter().zip([2, 4, 8]) {
        assert!((longest / 2..=longest).contains(pause), "{asked:?}");
    }
    // and the queue keeps to them
    let waited = |pair: &[Invocation]| pair[1].time.start - pair[0].time.end;
    for (pair, pause) in invocations.windows(2).zip(&asked) {
        let (waited, pause) = (waited(pair), Duration::from_secs(*pause));
        // moto counts whole seconds
        assert!(waited + Duration::from_secs(1) >= pause, "{waited:?}, not {pause:?}");
        assert!(waited < Duration::from_secs(u64::from(VISIBILITY) / 10), "{waited:?}");
    }
}
