//! `gc`: what nobody names is swept, and nothing else, whatever is published meanwhile.

use std::{path::Path, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use nada_catalog::{ObjectKey, TrackId, Version};
use nada_publish::{
    gc::{Folder, GcError, LEAST_AGE, find, sweep},
    publish::{Event, PublishError, PublishSettings, Reporter, publish},
    release_toml::Release,
    store::Store,
};

use crate::{
    catalogue::{BUCKET, TRACKS, assert_playable, endpoint, release, store},
    fault::{FaultProxy, Moment, ProxyFault},
};

/// The store stamps objects by the world's time, so the publishers here go by it too.
fn world() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Timestamp::from_second(since.as_secs() as i64).unwrap()
}

fn in_hours(hours: i64) -> Timestamp {
    world() + SignedDuration::from_hours(hours)
}

const WEEK: i64 = 7 * 24;

async fn publish_now(store: &Store, release: &Release) {
    publish(release, store, &PublishSettings::default(), &world, Arc::new(())).await.unwrap();
}

/// Publishes and dies at a write; the store then holds a part.
async fn die(addr: std::net::SocketAddr, release: &Release, write: usize) {
    let proxy = FaultProxy::start(addr, ProxyFault::Dies(write, Moment::Before)).await;
    let faulty = store(proxy.url()).await;
    let settings = PublishSettings::default();
    tokio::select! {
        done = publish(release, &faulty, &settings, &world, Arc::new(())) => panic!("it was to die: {done:?}"),
        () = proxy.reached() => {}
    }
    // what was sent before that may still be on its way into the store
    let store = store(format!("http://{addr}")).await;
    let (mut seen, mut still) = (keys(&store).await, 0);
    while still < 5 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let now = keys(&store).await;
        still = if now == seen { still + 1 } else { 0 };
        seen = now;
    }
}

async fn keys(store: &Store) -> Vec<String> {
    let listed = store.list_all("tracks/").await.unwrap();
    listed.into_iter().map(|l| l.key.map_or_else(|key| key, |key| key.to_string())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_run_is_spared_for_a_week_and_then_swept() {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = endpoint(dir.path()).await;
    let store = store(endpoint.url()).await;
    publish_now(&store, &release(300.0)).await;
    let before = keys(&store).await;
    die(endpoint.addr(), &release(400.0), 6).await;
    let all = keys(&store).await;
    assert!(all.len() > before.len());
    std::fs::write(dir.path().join(BUCKET).join("tracks/one/notes.txt"), "mine").unwrap();

    let young = find(&store, LEAST_AGE - SignedDuration::from_secs(1), in_hours(9 * 24)).await;
    assert!(matches!(young, Err(GcError::TooYoung(_))));
    for spared in [0, 23, 25, WEEK - 1] {
        assert_eq!(find(&store, LEAST_AGE, in_hours(spared)).await.unwrap().orphans, [], "{spared} h");
    }
    assert_eq!(find(&store, LEAST_AGE * 10, in_hours(WEEK + 1)).await.unwrap().orphans, []);
    let found = find(&store, LEAST_AGE, in_hours(WEEK + 1)).await.unwrap();
    let objects: u64 = found.orphans.iter().map(|orphan| orphan.objects).sum();
    assert_eq!(objects as usize, all.len() - before.len());
    assert!(found.orphans.iter().all(|orphan| orphan.bytes > 0));
    assert_eq!(found.foreign, ["tracks/one/notes.txt"]);
    assert_eq!(keys(&store).await.len(), all.len() + 1, "looking deletes nothing");

    let swept = sweep(&store, &found, &|| in_hours(WEEK + 1)).await.unwrap();
    assert_eq!((swept.objects, swept.spared), (objects, 0));
    let mut left = keys(&store).await;
    left.retain(|key| key != "tracks/one/notes.txt");
    assert_eq!(left, before);
    assert!(dir.path().join(BUCKET).join("tracks/one/notes.txt").exists());
    assert_playable(&store).await;
    publish_now(&store, &release(400.0)).await;
    assert_playable(&store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn versions_and_lyrics_that_manifests_keep_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = endpoint(dir.path()).await;
    let store = store(endpoint.url()).await;
    let mut versions: Vec<(TrackId, Version)> = Vec::new();
    for hertz in [200.0, 300.0, 400.0, 500.0, 600.0] {
        let report = publish(&release(hertz), &store, &PublishSettings::default(), &world, Arc::new(()))
            .await
            .unwrap();
        versions.extend(report.tracks.into_iter().map(|track| (track.track, track.version)));
    }
    let found = find(&store, LEAST_AGE, in_hours(25)).await.unwrap();
    let mut orphans: Vec<_> = found
        .orphans
        .iter()
        .filter_map(|orphan| match &orphan.folder {
            Folder::Version(track, version) => Some((track.clone(), version.clone())),
            Folder::Lyrics(..) | Folder::Artwork(..) | Folder::Clip(..) => None,
        })
        .collect();
    let mut dropped = versions[..2 * TRACKS.len()].to_vec();
    orphans.sort();
    dropped.sort();
    assert_eq!(orphans, dropped, "three of five versions are kept");
    assert_eq!(found.orphans.len() - orphans.len(), 2, "and three of five lyrics of one track");
    sweep(&store, &found, &|| in_hours(25)).await.unwrap();
    assert_playable(&store).await;
    assert_eq!(find(&store, LEAST_AGE, in_hours(25)).await.unwrap().orphans, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_published_between_the_look_and_the_sweep_is_spared() {
    for dies_again in [true, false] {
        let dir = tempfile::tempdir().unwrap();
        let endpoint = endpoint(dir.path()).await;
        let store = store(endpoint.url()).await;
        let release = release(400.0);
        die(endpoint.addr(), &release, 8).await;
        let found = find(&store, LEAST_AGE, in_hours(WEEK + 1)).await.unwrap();
        assert!(!found.orphans.is_empty());
        // at the second look, the release is under way again, or has ended and its manifests name it
        let settings = PublishSettings { settling: Duration::ZERO, ..PublishSettings::default() };
        let later = || in_hours(WEEK + 1);
        if dies_again {
            let proxy = FaultProxy::start(endpoint.addr(), ProxyFault::Dies(3, Moment::Before)).await;
            let faulty = crate::catalogue::store(proxy.url()).await;
            tokio::select! {
                _ = publish(&release, &faulty, &settings, &later, Arc::new(())) => panic!("it was to die"),
                () = proxy.reached() => {}
            }
        } else {
            publish(&release, &store, &settings, &later, Arc::new(())).await.unwrap();
        }
        let swept = sweep(&store, &found, &later).await.unwrap();
        assert_eq!((swept.objects, swept.spared), (0, found.orphans.len() as u64), "{dies_again}");
        publish(&release, &store, &settings, &later, Arc::new(())).await.unwrap();
        assert_playable(&store).await;
    }
}

/// A sweep whose look came before the release began: it deletes while the publisher relies on what was there.
struct LateSweep {
    object: std::path::PathBuf,
}

impl Reporter for LateSweep {
    fn event(&self, event: Event<'_>) {
        if let Event::Settling(left) = event {
            assert!(!left.is_zero());
            std::fs::remove_file(&self.object).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_publisher_looks_again_before_it_relies_on_old_objects() {
    for whole in [true, false] {
        let dir = tempfile::tempdir().unwrap();
        let endpoint = endpoint(dir.path()).await;
        let store = store(endpoint.url()).await;
        let release = release(400.0);
        // all objects are there, and named by nobody; or a part of them
        let write = if whole { 12 } else { 8 };
        die(endpoint.addr(), &release, write).await;
        let object = some_segment(&store, dir.path()).await;
        let settings = PublishSettings { settling: Duration::from_secs(3), ..PublishSettings::default() };
        let later = || in_hours(WEEK + 1);
        let late = Arc::new(LateSweep { object: object.clone() });
        let refused = publish(&release, &store, &settings, &later, late).await.unwrap_err();
        let PublishError::Swept(key) = &refused else { panic!("{refused}") };
        assert!(object.ends_with(key.to_string()), "{key}");
        assert!(assert_playable(&store).await.iter().all(Option::is_none), "nothing was switched");
        let settings = PublishSettings { settling: Duration::ZERO, ..settings };
        publish(&release, &store, &settings, &later, Arc::new(())).await.unwrap();
        assert!(assert_playable(&store).await.iter().all(Option::is_some));
    }
}

/// The file of a segment that is stored.
async fn some_segment(store: &Store, dir: &Path) -> std::path::PathBuf {
    let listed = store.list_all("tracks/").await.unwrap();
    let segment = listed
        .into_iter()
        .filter_map(|listed| listed.key.ok())
        .find(|key| matches!(key, ObjectKey::Part(..)));
    dir.join(BUCKET).join(segment.unwrap().to_string())
}
