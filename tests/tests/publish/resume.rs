//! A rerun after a crash: what is there is compared, not sent.

use std::sync::{Arc, Mutex};

use nada_catalog::ReleaseState;
use nada_publish::{
    publish::{
        AudioPlan, Event, LyricsPlan, PublishSettings, Reporter, RightsPlan, Stage, preview, progress, status,
    },
    store::Put,
};

use crate::{
    catalogue::{
        TRACKS, assert_playable, endpoint, now, publish_at, publish_with, release, release_for, store,
    },
    fault::{FaultProxy, Moment, ProxyFault},
};

/// The keys of immutable objects, by what became of them.
#[derive(Default)]
struct Stored(Mutex<(Vec<String>, Vec<String>)>);

impl Reporter for Stored {
    fn event(&self, event: Event<'_>) {
        if let Event::Stored { key, put, .. } = event {
            let mut stored = self.0.lock().unwrap();
            match put {
                Put::Written => stored.0.push(key.to_string()),
                Put::Present => stored.1.push(key.to_string()),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rerun_sends_only_what_is_missing() {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = endpoint(dir.path()).await;
    let release = release(440.0);
    // dies at its seventh write: both lists, the release's file and three objects are there by then, or more
    let proxy = FaultProxy::start(endpoint.addr(), ProxyFault::Dies(7, Moment::Before)).await;
    let faulty = store(proxy.url()).await;
    let settings = PublishSettings { uploads: 1, ..PublishSettings::default() };
    tokio::select! {
        _ = publish_with(&faulty, &release, &settings, Arc::new(())) => panic!("it was to die"),
        () = proxy.reached() => {}
    }
    let direct = store(endpoint.url()).await;
    let there = direct.list_all("tracks/").await.unwrap();
    assert!(there.len() >= 3, "{there:?}");

    let looked = preview(&release, &direct, &settings, &now, Arc::new(())).await.unwrap();
    assert_eq!(looked.state, Some(ReleaseState::Uploading));
    assert_eq!(looked.tracks.iter().map(|track| track.objects).sum::<u64>(), there.len() as u64);
    assert!(looked.tracks.iter().all(|track| track.audio == AudioPlan::Package), "{looked:?}");
    assert_eq!(direct.list_all("tracks/").await.unwrap(), there, "a preview writes nothing");

    let proxy = FaultProxy::start(endpoint.addr(), ProxyFault::None).await;
    let stored = Arc::new(Stored::default());
    let report = publish_with(&store(proxy.url()).await, &release, &settings, stored.clone()).await.unwrap();
    assert_eq!(report.uploaded as usize, proxy.writes(), "what was there was not sent to be refused");
    assert_eq!(report.present as usize, there.len());
    let counted: u64 = report.tracks.iter().map(|track| track.objects.present).sum();
    assert_eq!(counted, report.present);
    let (sent, mut found) = std::mem::take(&mut *stored.0.lock().unwrap());
    let mut present: Vec<_> = there.iter().map(|listed| listed.key.as_ref().unwrap().to_string()).collect();
    present.sort();
    found.sort();
    assert_eq!(found, present);
    assert!(sent.iter().all(|key| !present.contains(key)));
    assert!(assert_playable(&direct).await.iter().all(Option::is_some));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_preview_says_what_a_publish_then_does() {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = endpoint(dir.path()).await;
    let store = store(endpoint.url()).await;
    let settings = PublishSettings::default();
    let preview_now = async |release| preview(release, &store, &settings, &now, Arc::new(())).await.unwrap();
    let first = release(300.0);
    let new = preview_now(&first).await;
    assert_eq!((new.state, new.nothing_to_do), (None, false));
    assert_eq!(new.tracks[0].lyrics, LyricsPlan::Render);
    assert_eq!(new.tracks[1].lyrics, LyricsPlan::None);
    assert!(new.tracks.iter().all(|t| t.rights == RightsPlan::Write && t.current.is_none()), "{new:?}");

    let report = publish_at(&store, &first).await.unwrap();
    let versions: Vec<_> = report.tracks.iter().map(|track| track.version.clone()).collect();
    assert_eq!(new.tracks.iter().map(|track| track.version.clone()).collect::<Vec<_>>(), versions);
    let done = preview_now(&first).await;
    assert!(done.nothing_to_do, "{done:?}");
    assert_eq!(done.tracks[0].lyrics, LyricsPlan::Keep);

    let narrower = release_for(300.0, r#"["ID"]"#);
    assert!(preview_now(&narrower).await.tracks.iter().all(|t| t.rights == RightsPlan::Write));
    std::fs::write(&first.tracks[0].lyrics[0].path, "[00:00.10]other words\n").unwrap();
    let words = preview_now(&first).await;
    assert_eq!((words.tracks[0].audio, words.tracks[0].lyrics), (AudioPlan::Keep, LyricsPlan::Write));

    let theirs = serde_json::from_str(r#"{"territories":[{"code":"SG"}]}"#).unwrap();
    let two = TRACKS[1].parse().unwrap();
    nada_publish::publish::set_rights(&store, &two, &theirs, None, &now).await.unwrap();
    let refused = preview_now(&first).await;
    assert_eq!(refused.tracks[1].rights, RightsPlan::Refuse);
    assert_eq!(refused.tracks[1].rights_found.as_ref(), Some(&theirs));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_switch_is_shown_track_by_track() {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = endpoint(dir.path()).await;
    let direct = store(endpoint.url()).await;
    let release = release(440.0);
    let other = tempfile::tempdir().unwrap();
    let untroubled = crate::catalogue::endpoint(other.path()).await;
    let proxy = FaultProxy::start(untroubled.addr(), ProxyFault::None).await;
    publish_at(&store(proxy.url()).await, &release).await.unwrap();
    // the last writes are: two manifests, live
    let proxy =
        FaultProxy::start(endpoint.addr(), ProxyFault::Dies(proxy.writes() - 1, Moment::Before)).await;
    let faulty = store(proxy.url()).await;
    tokio::select! {
        _ = publish_at(&faulty, &release) => panic!("it was to die"),
        () = proxy.reached() => {}
    }
    let commit = status(&direct, &release.id).await.unwrap().unwrap();
    assert_eq!(commit.state, ReleaseState::Committing);
    let far: Vec<_> = progress(&direct, &commit, now()).await.unwrap();
    let switched = far.iter().filter(|track| track.stage == Stage::Switched).count();
    let open = far.iter().filter(|track| track.stage == Stage::ToSwitch).count();
    assert!(open >= 1 && switched + open == 2, "{far:?}");
    let settings = PublishSettings::default();
    let looked = preview(&release, &direct, &settings, &now, Arc::new(())).await.unwrap();
    assert_eq!(looked.unfinished, far);
    assert!(looked.tracks.iter().all(|track| track.audio == AudioPlan::Keep), "{looked:?}");
    publish_at(&direct, &release).await.unwrap();
    let commit = status(&direct, &release.id).await.unwrap().unwrap();
    let far = progress(&direct, &commit, now()).await.unwrap();
    assert!(far.iter().all(|track| track.stage == Stage::Switched), "{far:?}");
}
