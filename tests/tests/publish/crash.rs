//! A publisher that dies at each of its writes: before the store has it and after, where there was a release and
//! where there was none.

use std::{fs, path::Path, sync::Arc};

use nada_catalog::{Changes, ObjectKey, ReleaseState};
use nada_publish::{
    publish::{Event, PublishError, Report, status},
    release_toml::Release,
    store::Store,
};

use crate::{
    catalogue::{
        TRACKS, assert_playable, endpoint, in_parts, long_release, manifest, now, publish_at, publish_with,
        release, store, track,
    },
    fault::{FaultProxy, Moment, ProxyFault},
};

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The first track in several parts.
async fn publish_parts(store: &Store, release: &Release) -> Result<Report, PublishError> {
    publish_with(store, release, &in_parts(), Arc::new(())).await
}

/// Kills a publish of `new` at each write in turn, on a copy of `begin` each time, and completes it.
async fn kill_everywhere(begin: &Path, old: Vec<Option<nada_catalog::Version>>, moment: Moment) {
    let new = long_release(440.0);
    for position in 1.. {
        let dir = tempfile::tempdir().unwrap();
        copy(begin, dir.path());
        let endpoint = endpoint(dir.path()).await;
        let direct = store(endpoint.url()).await;

        let proxy = FaultProxy::start(endpoint.addr(), ProxyFault::Dies(position, moment)).await;
        let faulty = store(proxy.url()).await;
        let survived = tokio::select! {
            report = publish_parts(&faulty, &new) => Some(report.unwrap()),
            () = proxy.reached() => None,
        };
        let after = assert_playable(&direct).await;
        let done = survived.is_some();

        let report = publish_parts(&direct, &new).await.unwrap();
        let versions: Vec<_> = report.tracks.iter().map(|t| Some(t.version.clone())).collect();
        for (i, found) in after.iter().enumerate() {
            assert!(*found == old[i] || *found == versions[i], "{moment:?} write {position}: {found:?}");
        }
        assert_eq!(assert_playable(&direct).await, versions, "{moment:?} write {position}");
        let live = status(&direct, &new.id).await.unwrap().unwrap();
        assert_eq!(live.state, ReleaseState::Live, "{moment:?} write {position}");
        let (changes, _) = direct.read::<Changes>(&ObjectKey::Changes).await.unwrap().unwrap();
        for name in TRACKS {
            let revision = manifest(&direct, name).await.unwrap().revision;
            // what is new is not announced
            let announced = Some(revision).filter(|revision| *revision > 1);
            assert_eq!(changes.revision_of(&track(name), now()), announced, "{moment:?} write {position}");
            assert_eq!(revision, if old[0].is_some() { 2 } else { 1 }, "{moment:?} write {position}");
        }
        let parts = manifest(&direct, "one").await.unwrap().presentation.renditions[0].file.parts.clone();
        assert_eq!(parts, [1, 1, 1]);
        let again = publish_parts(&direct, &new).await.unwrap();
        assert_eq!((again.uploaded, again.uploaded_bytes), (0, 0), "{moment:?} write {position}");
        endpoint.shutdown().await;
        if done {
            assert!(position > 18, "only {position} writes: the fault came too late to be met");
            return;
        }
    }
}

async fn published() -> (tempfile::TempDir, Vec<Option<nada_catalog::Version>>) {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = endpoint(dir.path()).await;
    let store = store(endpoint.url()).await;
    publish_parts(&store, &long_release(220.0)).await.unwrap();
    let versions = assert_playable(&store).await;
    endpoint.shutdown().await;
    (dir, versions)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_publish_that_dies_leaves_the_old_release_or_the_new() {
    let (dir, old) = published().await;
    kill_everywhere(dir.path(), old.clone(), Moment::Before).await;
    kill_everywhere(dir.path(), old, Moment::After).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_publish_that_dies_leaves_nothing_or_all() {
    let empty = tempfile::tempdir().unwrap();
    kill_everywhere(empty.path(), vec![None; TRACKS.len()], Moment::Before).await;
    kill_everywhere(empty.path(), vec![None; TRACKS.len()], Moment::After).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rerun_writes_nothing_and_encodes_nothing() {
    struct Encoded(std::sync::atomic::AtomicBool);
    impl nada_publish::publish::Reporter for Encoded {
        fn event(&self, event: Event<'_>) {
            let encodes = matches!(event, Event::Decoded { .. } | Event::Track { present: false, .. });
            self.0.fetch_or(encodes, std::sync::atomic::Ordering::SeqCst);
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let endpoint = endpoint(dir.path()).await;
    let proxy = FaultProxy::start(endpoint.addr(), ProxyFault::None).await;
    let store = store(proxy.url()).await;
    let release = release(440.0);
    let first = publish_at(&store, &release).await.unwrap();
    let writes = proxy.writes();
    assert_eq!(first.uploaded as usize, writes);
    let encoded = Arc::new(Encoded(false.into()));
    let settings = nada_publish::publish::PublishSettings::default();
    let again =
        nada_publish::publish::publish(&release, &store, &settings, &now, encoded.clone()).await.unwrap();
    assert_eq!((again.uploaded, proxy.writes()), (0, writes));
    assert!(!encoded.0.load(std::sync::atomic::Ordering::SeqCst));
    let key = |r: &Report| -> Vec<_> {
        r.tracks.iter().map(|t| (t.version.clone(), t.lyrics.clone(), t.revision)).collect()
    };
    assert_eq!(key(&first), key(&again));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn announcements_that_are_gone_are_put_back() {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = endpoint(dir.path()).await;
    let direct = store(endpoint.url()).await;
    let (before, release) = (release(220.0), release(440.0));
    publish_at(&direct, &before).await.unwrap();
    let proxy = FaultProxy::start(endpoint.addr(), ProxyFault::None).await;
    publish_at(&store(proxy.url()).await, &release).await.unwrap();
    let last = proxy.writes();
    // the same once more in another store, dying before the word live
    let other = tempfile::tempdir().unwrap();
    let endpoint = crate::catalogue::endpoint(other.path()).await;
    let other = store(endpoint.url()).await;
    publish_at(&other, &before).await.unwrap();
    let proxy = FaultProxy::start(endpoint.addr(), ProxyFault::Dies(last, Moment::Before)).await;
    let faulty = store(proxy.url()).await;
    tokio::select! {
        _ = publish_at(&faulty, &release) => panic!("it was to die"),
        () = proxy.reached() => {}
    }
    let state = status(&other, &release.id).await.unwrap().unwrap().state;
    assert_eq!(state, ReleaseState::Committing);
    let none = |_: Option<Changes>| Ok::<_, nada_publish::store::StoreError>(Some(Changes::default()));
    other.update(&ObjectKey::Changes, none).await.unwrap();
    publish_at(&other, &release).await.unwrap();
    let (changes, _) = other.read::<Changes>(&ObjectKey::Changes).await.unwrap().unwrap();
    assert!(TRACKS.iter().all(|name| changes.revision_of(&track(name), now()) == Some(2)), "{changes:?}");
    drop(direct);
}
