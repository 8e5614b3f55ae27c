//! What is announced to the edges in `changes.json`, and what need not be.

use std::sync::Arc;

use nada_catalog::{Changes, ObjectKey};
use nada_publish::{publish::preview, store::Store};

use crate::{
    catalogue::{TRACKS, endpoint, in_parts, manifest, now, publish_at, release, store, track},
    fault::{FaultProxy, ProxyFault},
};

async fn changes(store: &Store) -> Changes {
    store.read::<Changes>(&ObjectKey::Changes).await.unwrap().unwrap().0
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_track_that_is_new_is_not_announced_and_the_list_is_there() {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = endpoint(dir.path()).await;
    let proxy = FaultProxy::start(endpoint.addr(), ProxyFault::None).await;
    let direct = store(endpoint.url()).await;
    publish_at(&store(proxy.url()).await, &release(300.0)).await.unwrap();
    assert_eq!(changes(&direct).await, Changes::default(), "edges need the list itself");
    let written = proxy.written();
    let list = written.iter().position(|path| path.ends_with("/changes.json")).unwrap();
    let manifest = written.iter().position(|path| path.ends_with("/manifest.json")).unwrap();
    assert!(list < manifest, "{written:?}");
    assert_eq!(written.iter().filter(|path| path.ends_with("/changes.json")).count(), 1, "{written:?}");

    publish_at(&direct, &release(400.0)).await.unwrap();
    let changes = changes(&direct).await;
    assert!(TRACKS.iter().all(|name| changes.revision_of(&track(name), now()) == Some(2)), "{changes:?}");
    // the list alone is restored where it is lost
    direct.delete(&[ObjectKey::Changes]).await.unwrap();
    let release = release(400.0);
    let looked = preview(&release, &direct, &in_parts(), &now, Arc::new(())).await.unwrap();
    assert!(!looked.nothing_to_do);
}

/// Between the look and the switch somebody else creates the manifest: what is written over it is a change.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_creation_that_came_second_is_a_change_and_is_announced_before() {
    let release = release(300.0);
    let count = {
        let dir = tempfile::tempdir().unwrap();
        let endpoint = endpoint(dir.path()).await;
        let proxy = FaultProxy::start(endpoint.addr(), ProxyFault::None).await;
        publish_at(&store(proxy.url()).await, &release).await.unwrap();
        proxy.writes()
    };
    let dir = tempfile::tempdir().unwrap();
    let endpoint = endpoint(dir.path()).await;
    let direct = store(endpoint.url()).await;
    // the last writes are: two manifests at once, live
    let proxy = FaultProxy::start(endpoint.addr(), ProxyFault::Waits(count - 2)).await;
    let publisher = store(proxy.url()).await;
    // the same songs with the same rights, under other titles
    let mut other = release.clone();
    other.id = "other".parse().unwrap();
    other.tracks.iter_mut().for_each(|track| track.title = "Other".to_owned());
    let (report, ()) = tokio::join!(async { publish_at(&publisher, &release).await.unwrap() }, async {
        proxy.reached().await;
        publish_at(&direct, &other).await.unwrap();
        proxy.go_on();
    });
    let written = proxy.written();
    let waited = written[count - 3].clone();
    let name = TRACKS.into_iter().find(|name| waited.ends_with(&format!("/{name}/manifest.json"))).unwrap();
    let found = manifest(&direct, name).await.unwrap();
    assert_eq!((found.revision, found.title.as_str()), (2, if name == "one" { "One" } else { "Two" }));
    assert!(report.tracks.iter().any(|track| track.track.as_str() == name && track.revision == 2));
    assert_eq!(changes(&direct).await.revision_of(&track(name), now()), Some(2));
    // created in vain, announced, then changed
    let order: Vec<_> = written.iter().skip(count - 3).map(|path| path.rsplit('/').next().unwrap()).collect();
    let announced = order.iter().position(|name| *name == "changes.json").unwrap();
    let switched = written.iter().skip(count - 3).rposition(|path| *path == waited).unwrap();
    assert!(0 < announced && announced < switched, "{written:?}");
}
