//! Changes of single tracks: announced first, by compare-and-swap, and told apart from others' changes.

use nada_catalog::{Changes, ObjectKey, Rights, Status, Version};
use nada_publish::{
    ErrorClass,
    publish::{PublishError, roll_back, set_rights, set_status},
};

use crate::{
    catalogue::{assert_playable, endpoint, manifest, now, publish_at, release, store, track},
    fault::{FaultProxy, Moment, ProxyFault},
};

fn rights(json: &str) -> Rights {
    serde_json::from_str(json).unwrap()
}

#[tokio::test]
async fn a_rollback_serves_the_earlier_version_and_keeps_the_later() {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = endpoint(dir.path()).await;
    let store = store(endpoint.url()).await;
    let one = track("one");
    let first = publish_at(&store, &release(300.0)).await.unwrap().tracks[0].version.clone();
    let second = publish_at(&store, &release(400.0)).await.unwrap().tracks[0].version.clone();
    let revision = roll_back(&store, &one, &first, Some(2), &now).await.unwrap();
    assert_eq!(revision, 3);
    assert_eq!(roll_back(&store, &one, &first, None, &now).await.unwrap(), 3, "as it is");
    let found = manifest(&store, "one").await.unwrap();
    let kept: Vec<_> = found.versions.iter().map(|kept| kept.version.clone()).collect();
    assert_eq!(kept, [first.clone(), second.clone()]);
    assert_eq!(assert_playable(&store).await[0], Some(first.clone()));
    let (changes, _) = store.read::<Changes>(&ObjectKey::Changes).await.unwrap().unwrap();
    assert_eq!(changes.revision_of(&one, now()), Some(3));

    let unknown = Version::from_input(&[b"another"]);
    let refused = roll_back(&store, &one, &unknown, None, &now).await.unwrap_err();
    assert_eq!(refused.class(), ErrorClass::Input);
    let message = refused.to_string();
    assert!(
        [&unknown, &first, &second].iter().all(|version| message.contains(version.as_str())),
        "{message}"
    );
    store.delete(&[ObjectKey::Presentation(one.clone(), second.clone())]).await.unwrap();
    let refused = roll_back(&store, &one, &second, None, &now).await.unwrap_err();
    assert!(matches!(refused, PublishError::NoSuchVersion { .. }), "kept, but not stored: {refused}");
}

#[tokio::test]
async fn whoever_names_a_revision_changes_that_one_or_none() {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = endpoint(dir.path()).await;
    let store = store(endpoint.url()).await;
    publish_at(&store, &release(300.0)).await.unwrap();
    let one = track("one");
    let (mine, theirs) = (rights(r#"{"territories":[{"code":"ID"}]}"#), rights(r#"{"territories":[]}"#));
    assert_eq!(set_rights(&store, &one, &theirs, Some(1), &now).await.unwrap(), 2);
    for refused in [
        set_rights(&store, &one, &mine, Some(1), &now).await,
        set_status(&store, &one, Status::Withdrawn, Some(1), &now).await,
    ] {
        let refused = refused.unwrap_err();
        assert_eq!(refused.class(), ErrorClass::Conflict);
        assert!(
            refused.to_string().contains("its revision is 2, not 1: somebody else was first"),
            "{refused}"
        );
    }
    let found = manifest(&store, "one").await.unwrap();
    assert_eq!((found.revision, found.status, &found.rights), (2, Status::Live, &theirs));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_racing_changes_none_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = endpoint(dir.path()).await;
    let store = store(endpoint.url()).await;
    publish_at(&store, &release(300.0)).await.unwrap();
    let (one, wanted) = (track("one"), rights(r#"{"territories":[{"code":"SG"}]}"#));
    let (rights_set, withdrawn) = tokio::join!(
        set_rights(&store, &one, &wanted, None, &now),
        set_status(&store, &one, Status::Withdrawn, None, &now)
    );
    let mut revisions = [rights_set.unwrap(), withdrawn.unwrap()];
    revisions.sort();
    assert_eq!(revisions, [2, 3]);
    let found = manifest(&store, "one").await.unwrap();
    assert_eq!((found.revision, found.status, found.rights), (3, Status::Withdrawn, wanted));
    let (changes, _) = store.read::<Changes>(&ObjectKey::Changes).await.unwrap().unwrap();
    assert_eq!(changes.revision_of(&one, now()), Some(3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_is_announced_before_it_is_made() {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = endpoint(dir.path()).await;
    let direct = store(endpoint.url()).await;
    publish_at(&direct, &release(300.0)).await.unwrap();
    let (one, wanted) = (track("one"), rights(r#"{"territories":[{"code":"SG"}]}"#));
    let proxy = FaultProxy::start(endpoint.addr(), ProxyFault::Dies(2, Moment::Before)).await;
    let faulty = store(proxy.url()).await;
    tokio::select! {
        _ = set_rights(&faulty, &one, &wanted, None, &now) => panic!("it was to die"),
        () = proxy.reached() => {}
    }
    let (changes, _) = direct.read::<Changes>(&ObjectKey::Changes).await.unwrap().unwrap();
    assert_eq!(changes.revision_of(&one, now()), Some(2), "announced");
    assert_eq!(manifest(&direct, "one").await.unwrap().revision, 1, "and not made");
    assert_eq!(set_rights(&direct, &one, &wanted, None, &now).await.unwrap(), 2);
}
