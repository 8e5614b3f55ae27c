//! The embedded endpoint: what it promises as S3 does.

use std::net::SocketAddr;

use bytes::Bytes;
use nada_catalog::ObjectKey;
use nada_endpoint::{Endpoint, EndpointError};
use nada_publish::store::{Location, Put, Store, StoreError};

use crate::{
    catalogue::{BUCKET, endpoint, location, store},
    writers::{creations, swaps},
};

const RACERS: usize = 32;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_racing_creations_one_wins() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(creations(&endpoint(dir.path()).await.url(), RACERS).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_racing_swaps_one_wins() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(swaps(&endpoint(dir.path()).await.url(), RACERS).await, 1);
}

#[tokio::test]
async fn the_same_bytes_twice_are_one_object() {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = endpoint(dir.path()).await;
    let store = store(endpoint.url()).await;
    let key: ObjectKey = "tracks/one/lyrics/0123456789abcdef0123456789abcdef/hi.vtt".parse().unwrap();
    let put = || store.put_new(&key, Bytes::from_static(b"WEBVTT"));
    assert_eq!(put().await.unwrap(), Put::Written);
    assert_eq!(put().await.unwrap(), Put::Present);
}

#[tokio::test]
async fn a_reader_reads_and_learns_nothing_of_what_is_absent() {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = endpoint(dir.path()).await;
    let writer = store(endpoint.url()).await;
    writer.swap(&ObjectKey::Changes, None, Bytes::from_static(b"{}")).await.unwrap();
    let credentials = Some(("reader".to_owned(), "reader-secret".to_owned()));
    let reader = Store::connect(&Location { credentials, ..location(endpoint.url()) }).await.unwrap();
    assert!(reader.get(&ObjectKey::Changes).await.unwrap().is_some());
    let denied = |result: Result<bool, StoreError>| matches!(result, Err(StoreError::AccessDenied { .. }));
    assert!(denied(reader.get(&ObjectKey::Revocations).await.map(|o| o.is_some())));
    assert!(denied(reader.has(&ObjectKey::Revocations).await));
    assert!(denied(reader.swap(&ObjectKey::Changes, None, Bytes::new()).await.map(|o| o.is_some())));
    assert!(writer.get(&ObjectKey::Revocations).await.unwrap().is_none());
}

#[tokio::test]
async fn one_folder_one_address_one_endpoint() {
    let dir = tempfile::tempdir().unwrap();
    let first = endpoint(dir.path()).await;
    let start = |dir: std::path::PathBuf, addr, bucket: &'static str| async move {
        Endpoint::start(&dir, addr, &[], &[bucket]).await.unwrap_err()
    };
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let error = start(dir.path().to_owned(), any, BUCKET).await;
    assert!(matches!(error, EndpointError::InUse(_)), "{error}");
    let other = tempfile::tempdir().unwrap();
    let error = start(other.path().to_owned(), first.addr(), BUCKET).await;
    assert!(matches!(error, EndpointError::Listen { .. }), "{error}");
    assert!(error.to_string().contains(&first.addr().to_string()), "{error}");
    let error = start(other.path().to_owned(), any, "../up").await;
    assert!(matches!(error, EndpointError::Bucket(_)), "{error}");
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = start(file.path().to_owned(), any, BUCKET).await;
    assert!(matches!(error, EndpointError::Folder { .. }), "{error}");

    // its data outlives it, and so the folder can be served again
    let store_one = store(first.url()).await;
    store_one.swap(&ObjectKey::Changes, None, Bytes::from_static(b"kept")).await.unwrap();
    first.shutdown().await;
    let second = endpoint(dir.path()).await;
    let kept = store(second.url()).await.get(&ObjectKey::Changes).await.unwrap().unwrap();
    assert_eq!(kept.bytes, b"kept".as_slice());
}

#[tokio::test]
async fn no_key_leads_out_of_its_bucket() {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = endpoint(dir.path()).await;
    let data = || Bytes::from_static(b"{}");
    let direct = store(endpoint.url()).await;
    direct.swap(&ObjectKey::Changes, None, data()).await.unwrap();
    let other = dir.path().join("other-bucket");
    std::fs::create_dir(&other).unwrap();
    std::fs::write(other.join("secret"), "secret").unwrap();
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("secret"), "secret").unwrap();
    let bucket = dir.path().join(BUCKET);
    std::os::unix::fs::symlink(outside.path(), bucket.join("link")).unwrap();
    std::os::unix::fs::symlink(outside.path().join("secret"), bucket.join("linked")).unwrap();
    std::os::unix::fs::symlink(outside.path().join("new"), bucket.join("dangling")).unwrap();
    let long = "k".repeat(2000);
    let client = direct.client();
    for key in [
        "../other-bucket/secret",
        "a/../../other-bucket/secret",
        "/changes.json",
        "//changes.json",
        "./changes.json",
        "a/../changes.json",
        "changes.json/",
        "a//b",
        "..",
        "a\\..\\b",
        "a\0b",
        "link/secret",
        "link/new",
        "linked",
        "dangling",
        &long,
    ] {
        let put = client.put_object().bucket(BUCKET).key(key).body(data().into()).send().await;
        assert!(put.is_err(), "{key:?} was written");
        assert!(client.get_object().bucket(BUCKET).key(key).send().await.is_err(), "{key:?} was read");
        assert!(client.head_object().bucket(BUCKET).key(key).send().await.is_err(), "{key:?} was looked up");
        let deleted = client.delete_object().bucket(BUCKET).key(key).send().await;
        assert!(deleted.is_err(), "{key:?} was deleted");
    }
    for prefix in ["../", "../other-bucket/", "a/../../", "/"] {
        for delimiter in [None, Some("/".to_owned())] {
            let list = client.list_objects_v2().bucket(BUCKET).prefix(prefix).set_delimiter(delimiter);
            assert!(list.send().await.is_err(), "{prefix:?} was listed");
        }
    }
    for file in [other.join("secret"), outside.path().join("secret")] {
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "secret", "{}", file.display());
    }
    assert!(!outside.path().join("new").exists());
    assert_eq!(direct.get(&ObjectKey::Changes).await.unwrap().unwrap().bytes, data());
    // what only looks like it is a name like any other
    for key in ["%2e%2e/%2e%2e/a", "..a", "a..b/c", "गीत/१"] {
        client.put_object().bucket(BUCKET).key(key).body(data().into()).send().await.unwrap();
        let read = client.get_object().bucket(BUCKET).key(key).send().await.unwrap();
        assert_eq!(read.body.collect().await.unwrap().into_bytes(), data(), "{key}");
    }
}
