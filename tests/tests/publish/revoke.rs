//! Revoking tokens: by compare-and-swap, so that of racing revocations none is lost.

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use nada_catalog::{ObjectKey, Revocation, Revocations};
use nada_publish::publish::revoke;

use crate::catalogue::{endpoint, now, store};

fn id(hex: &str) -> Revocation {
    Revocation::id(hex).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_racing_revocations_none_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = endpoint(dir.path()).await;
    let racers = (0..8).map(|i| {
        let url = endpoint.url();
        tokio::spawn(async move { revoke(&store(url).await, &[id(&format!("{i:02x}"))], None, &now).await })
    });
    for racer in racers.collect::<Vec<_>>() {
        racer.await.unwrap().unwrap();
    }
    let store = store(endpoint.url()).await;
    let (found, _) = store.read::<Revocations>(&ObjectKey::Revocations).await.unwrap().unwrap();
    assert_eq!(found.ids.len(), 8, "{found:?}");
}

#[tokio::test]
async fn entries_are_dropped_once_every_token_they_name_has_expired() {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = endpoint(dir.path()).await;
    let store = store(endpoint.url()).await;
    let hour = SignedDuration::from_hours(1);
    revoke(&store, &[id("01"), Revocation::IssuedBefore(now())], None, &now).await.unwrap();
    // an edge's clock may be a minute behind
    let expired = || now() + hour + SignedDuration::from_secs(60);
    let kept = revoke(&store, &[id("02")], Some(hour), &expired).await.unwrap();
    assert_eq!((kept.ids.len(), kept.issued_before), (2, Some(now())));
    let later = || expired() + SignedDuration::from_secs(1);
    let left = revoke(&store, &[id("02")], Some(hour), &later).await.unwrap();
    assert!(left.ids.len() == 1 && left.ids.contains_key("02") && left.issued_before.is_none(), "{left:?}");
    let far = || Timestamp::MAX;
    let all = revoke(&store, &[id("03")], None, &far).await.unwrap();
    assert_eq!(all.ids.len(), 2, "nothing ends by itself");
    let (found, _) = store.read::<Revocations>(&ObjectKey::Revocations).await.unwrap().unwrap();
    assert_eq!(found, all);
}

#[tokio::test]
async fn what_cannot_be_read_is_not_replaced_and_what_says_nothing_new_is_not_written() {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = endpoint(dir.path()).await;
    let store = store(endpoint.url()).await;
    revoke(&store, &[id("01")], None, &now).await.unwrap();
    let written = store.get(&ObjectKey::Revocations).await.unwrap().unwrap();
    revoke(&store, &[id("01")], None, &now).await.unwrap();
    assert_eq!(store.get(&ObjectKey::Revocations).await.unwrap().unwrap().etag, written.etag);
    let strange = Bytes::from_static(br#"{"format":99}"#);
    store.swap(&ObjectKey::Revocations, Some(&written.etag), strange.clone()).await.unwrap().unwrap();
    let refused = revoke(&store, &[id("02")], None, &now).await.unwrap_err();
    assert!(refused.to_string().contains("revocations.json"), "{refused}");
    assert_eq!(store.get(&ObjectKey::Revocations).await.unwrap().unwrap().bytes, strange);
}
