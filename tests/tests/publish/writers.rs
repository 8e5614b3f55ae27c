//! Writers at the same time, of which a store lets one win.

use bytes::Bytes;
use nada_catalog::ObjectKey;
use nada_publish::store::{Put, Store, StoreError};

use crate::catalogue::store;

/// So many stores of that address create the same object, each with bytes of its own; returns how many wrote it. The others
/// are told that another is there.
pub async fn creations(url: &str, racers: usize) -> usize {
    let key: ObjectKey = "tracks/one/lyrics/0123456789abcdef0123456789abcdef/lyrics.json".parse().unwrap();
    let racers: Vec<_> = (0..racers)
        .map(|i| {
            let (url, key) = (url.to_owned(), key.clone());
            tokio::spawn(
                async move { store(url).await.put_new(&key, Bytes::from(format!("racer {i}"))).await },
            )
        })
        .collect();
    let mut won = 0;
    for racer in racers {
        match racer.await.unwrap() {
            Ok(Put::Written) => won += 1,
            Err(StoreError::Different { .. }) => {}
            other => panic!("{other:?}"),
        }
    }
    won
}

/// So many stores of that address swap the same object, which the first call creates, each for bytes of its own; returns
/// how many did. What is stored at the end is the bytes of one that did.
pub async fn swaps(url: &str, racers: usize) -> usize {
    let direct: Store = store(url.to_owned()).await;
    let created = direct.swap(&ObjectKey::Changes, None, Bytes::from_static(b"0")).await.unwrap();
    assert_eq!(direct.swap(&ObjectKey::Changes, None, Bytes::from_static(b"1")).await.unwrap(), None);
    let racers: Vec<_> = (0..racers)
        .map(|i| {
            let (url, etag) = (url.to_owned(), created.clone());
            tokio::spawn(async move {
                let bytes = Bytes::from(format!("racer {i}"));
                let swapped = store(url).await.swap(&ObjectKey::Changes, etag.as_ref(), bytes.clone()).await;
                swapped.unwrap().map(|_| bytes)
            })
        })
        .collect();
    let mut won = Vec::new();
    for racer in racers {
        won.extend(racer.await.unwrap());
    }
    let stored = direct.get(&ObjectKey::Changes).await.unwrap().unwrap().bytes;
    assert!(won.contains(&stored), "{stored:?} is stored, of {won:?}");
    won.len()
}
