//! What a publish refuses and what it leaves alone.

use std::sync::Arc;

use nada_catalog::{Manifest, ObjectKey, Rights, Status};
use nada_publish::{
    ErrorClass,
    publish::{PublishError, PublishSettings, publish, set_status},
    store::{Location, Sha256Sum, Store, StoreError},
};

use crate::catalogue::{
    assert_playable, endpoint, location, manifest, now, publish_at, release, release_for, store, track,
};

#[tokio::test]
async fn other_bytes_under_an_immutable_name_are_refused_with_both_sums() {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = endpoint(dir.path()).await;
    let store = store(endpoint.url()).await;
    let release = release(300.0);
    let source = std::fs::read(&release.tracks[0].audio).unwrap();
    let version = release.tracks[0].recipe.settings().version(&Sha256Sum::of(&source).0);
    let key = ObjectKey::Part(track("one"), version, "aac-128".parse().unwrap(), 1);
    let stale = b"not what would be made";
    store.put_new(&key, stale.to_vec().into()).await.unwrap();

    let refused = publish_at(&store, &release).await.unwrap_err();
    assert_eq!(refused.class(), ErrorClass::Conflict);
    let PublishError::Store(StoreError::Different { ours, stored, .. }) = &refused else {
        panic!("{refused:?}")
    };
    assert_eq!(*stored, Sha256Sum::of(stale));
    let message = refused.to_string();
    for part in [key.to_string(), ours.to_string(), stored.to_string()] {
        assert!(message.contains(&part), "{message}");
    }
    assert_eq!(store.get(&key).await.unwrap().unwrap().bytes, stale.as_slice(), "and not replaced");
    assert!(manifest(&store, "one").await.is_none() && manifest(&store, "two").await.is_none());
}

#[tokio::test]
async fn a_withdrawal_survives_the_next_publish() {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = endpoint(dir.path()).await;
    let store = store(endpoint.url()).await;
    publish_at(&store, &release(300.0)).await.unwrap();
    assert_eq!(set_status(&store, &track("one"), Status::Withdrawn, None, &now).await.unwrap(), 2);
    assert_eq!(
        set_status(&store, &track("one"), Status::Withdrawn, None, &now).await.unwrap(),
        2,
        "as it is"
    );
    publish_at(&store, &release(400.0)).await.unwrap();
    let found = manifest(&store, "one").await.unwrap();
    assert_eq!((found.status, found.revision, found.versions.len()), (Status::Withdrawn, 3, 2));
    assert_eq!(manifest(&store, "two").await.unwrap().status, Status::Live);
    assert_eq!(set_status(&store, &track("one"), Status::Live, None, &now).await.unwrap(), 4);
    assert_playable(&store).await;
    let unknown = set_status(&store, &track("none"), Status::Withdrawn, None, &now).await.unwrap_err();
    assert!(matches!(unknown, PublishError::NoSuchTrack(_)));
}

#[tokio::test]
async fn rights_of_somebody_else_are_not_replaced_unasked() {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = endpoint(dir.path()).await;
    let store = store(endpoint.url()).await;
    publish_at(&store, &release(300.0)).await.unwrap();
    // its own rights a release may change
    let narrower = release_for(300.0, r#"["ID"]"#);
    publish_at(&store, &narrower).await.unwrap();

    let theirs: Rights = serde_json::from_str(r#"{"territories":[{"code":"SG"}]}"#).unwrap();
    let change = |found: Option<Manifest>| {
        let found = found.unwrap();
        let revision = found.revision + 1;
        Ok::<_, StoreError>(Some(Manifest { rights: theirs.clone(), revision, ..found }))
    };
    store.update(&ObjectKey::Manifest(track("two")), change).await.unwrap();
    let refused = publish_at(&store, &narrower).await.unwrap_err();
    let message = refused.to_string();
    assert!(matches!(refused, PublishError::Rights { .. }), "{message}");
    assert!(message.contains("SG") && message.contains("\"ID\"") && message.contains("two"), "{message}");
    assert_eq!(manifest(&store, "two").await.unwrap().rights, theirs);

    let settings = PublishSettings { replace_rights: true, ..PublishSettings::default() };
    publish(&narrower, &store, &settings, &now, Arc::new(())).await.unwrap();
    assert_eq!(manifest(&store, "two").await.unwrap().rights, narrower.tracks[1].rights);
}

#[tokio::test]
async fn lyrics_that_would_be_repaired_are_refused_where_that_is_asked() {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = endpoint(dir.path()).await;
    let store = store(endpoint.url()).await;
    let release = release(300.0);
    let strict = PublishSettings { strict: true, ..PublishSettings::default() };
    let write = |lyrics: &str| std::fs::write(&release.tracks[0].lyrics[0].path, lyrics).unwrap();

    write("[00:00.10]<00:00.15>a <00:00.10>b\n[00:00.05]c\n");
    let refused = publish(&release, &store, &strict, &now, Arc::new(())).await.unwrap_err();
    assert_eq!((refused.class(), refused.is_retryable()), (ErrorClass::Input, false));
    assert!(refused.to_string().starts_with("2 warnings about lyrics, and --strict"), "{refused}");
    assert!(
        !store.has(&ObjectKey::Release(release.id.clone())).await.unwrap(),
        "known before anything is written"
    );

    write("[00:00.10]a\n[00:00.30]after the end\n");
    let refused = publish(&release, &store, &strict, &now, Arc::new(())).await.unwrap_err();
    assert!(matches!(refused, PublishError::Warned(1)), "{refused:?}");
    assert!(manifest(&store, "one").await.is_none() && manifest(&store, "two").await.is_none());

    publish_at(&store, &release).await.unwrap();
    publish_at(&store, &release).await.unwrap();
    let refused = publish(&release, &store, &strict, &now, Arc::new(())).await.unwrap_err();
    assert!(matches!(refused, PublishError::Warned(1)), "also where nothing is to be done: {refused:?}");
    assert_playable(&store).await;
}

#[tokio::test]
async fn what_is_wrong_with_the_store_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = endpoint(dir.path()).await;
    let release = release(300.0);
    let good = location(endpoint.url());
    let with = |f: fn(&mut Location)| {
        let mut location = good.clone();
        f(&mut location);
        location
    };
    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let refused = Location { endpoint_url: Some(format!("http://{unused}")), ..good.clone() };
    for (location, expected, retryable) in [
        (with(|l| l.bucket = "nowhere".to_owned()), "bucket nowhere does not exist", false),
        (with(|l| l.credentials = Some(("writer".into(), "wrong".into()))), "SignatureDoesNotMatch", false),
        (with(|l| l.credentials = Some(("nobody".into(), "wrong".into()))), "credentials", false),
        (with(|l| l.credentials = Some(("reader".into(), "reader-secret".into()))), "not allowed to", false),
        (refused, "cannot be reached", true),
    ] {
        let store = Store::connect(&location).await.unwrap();
        let error = publish_at(&store, &release).await.unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(error.is_retryable(), retryable, "{error}");
    }
}

#[tokio::test]
async fn broken_input_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = endpoint(dir.path()).await;
    let store = store(endpoint.url()).await;
    let release = release(300.0);
    std::fs::write(&release.tracks[0].lyrics[0].path, "[00:01.00]a\n[00:02.0x]b\n").unwrap();
    let error = publish_at(&store, &release).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Input);
    assert!(error.to_string().contains("1.hi.lrc: line 2"), "{error}");
    assert!(nada_publish::publish::status(&store, &release.id).await.unwrap().is_none());

    std::fs::write(&release.tracks[0].lyrics[0].path, "[00:01.00]a\n").unwrap();
    std::fs::write(&release.tracks[1].audio, vec![0; 5000]).unwrap();
    let error = publish_at(&store, &release).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Input, "{error}");
    assert!(error.to_string().contains("2.wav"), "{error}");
    assert!(manifest(&store, "one").await.is_none());
}
