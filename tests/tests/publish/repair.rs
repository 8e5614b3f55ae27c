//! What is published and has lost an object since is repaired by a rerun, and a preview says so before.

use std::sync::Arc;

use nada_catalog::ObjectKey;
use nada_publish::publish::{AudioPlan, DetailsPlan, LyricsPlan, Preview, preview};
use nada_publish::{
    publish::{PublishError, Report},
    release_toml::Release,
    store::Store,
};

use crate::catalogue::{
    assert_playable, endpoint, in_parts, long_release, manifest, now, publish_with, release, store,
};

async fn preview_now(store: &Store, release: &Release) -> Preview {
    preview(release, store, &in_parts(), &now, Arc::new(())).await.unwrap()
}

async fn publish_at(store: &Store, release: &Release) -> Result<Report, PublishError> {
    publish_with(store, release, &in_parts(), Arc::new(())).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_object_that_is_lost_is_sent_again_and_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = endpoint(dir.path()).await;
    let store = store(endpoint.url()).await;
    let release = long_release(440.0);
    publish_at(&store, &release).await.unwrap();
    let before = store.list_all("tracks/one/").await.unwrap();
    let revision = manifest(&store, "one").await.unwrap().revision;
    let mut kinds = (0, 0);
    for key in before.iter().filter_map(|listed| listed.key.as_ref().ok()) {
        let audio = match key {
            ObjectKey::Part(..)
            | ObjectKey::Playlist(..)
            | ObjectKey::Loudness(..)
            | ObjectKey::Presentation(..) => true,
            ObjectKey::Lyrics(..) => false,
            _ => continue,
        };
        store.delete(std::slice::from_ref(key)).await.unwrap();
        let plan = preview_now(&store, &release).await;
        let [one, two] = plan.tracks.as_slice() else { panic!("{plan:?}") };
        assert!(!plan.nothing_to_do, "{key}: {plan:?}");
        assert_eq!((two.audio, two.lyrics), (AudioPlan::Keep, LyricsPlan::None), "{key}");
        if audio {
            kinds.0 += 1;
            assert_eq!(one.audio, AudioPlan::Repair, "{key}");
            // the levels belong to the presentation: without them it counts as absent
            let lost = one.lost.as_deref().unwrap();
            assert!(lost == key.to_string() || matches!(key, ObjectKey::Loudness(..)), "{key}: {lost}");
        } else {
            kinds.1 += 1;
            assert_eq!((one.audio, one.lyrics), (AudioPlan::Keep, LyricsPlan::Repair), "{key}");
            assert_eq!(one.lost.as_deref(), Some(key.to_string().as_str()));
        }

        let report = publish_at(&store, &release).await.unwrap();
        assert_eq!(report.tracks[0].objects.uploaded, 1, "{key}");
        assert_eq!(report.tracks.iter().map(|track| track.packaged).collect::<Vec<_>>(), [audio, false]);
        assert!(store.has(key).await.unwrap(), "{key}");
        assert!(preview_now(&store, &release).await.nothing_to_do, "{key}");
    }
    // three parts, playlist, presentation, loudness
    assert!(kinds.0 == 6 && kinds.1 >= 5, "{kinds:?}");
    assert!(assert_playable(&store).await.iter().all(Option::is_some));
    assert_eq!(manifest(&store, "one").await.unwrap().revision, revision, "what is served did not change");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_else_a_manifest_says_is_announced_when_it_changes() {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = endpoint(dir.path()).await;
    let store = store(endpoint.url()).await;
    let mut release = release(440.0);
    let new = preview_now(&store, &release).await;
    assert!(new.tracks.iter().all(|track| track.details == DetailsPlan::Write), "{new:?}");
    publish_at(&store, &release).await.unwrap();

    type Edit = fn(&mut Release);
    let edits: [(Edit, usize); 5] = [
        (|release| release.tracks[0].title = "Other".to_owned(), 1),
        (|release| release.tracks[1].artists.push("B".to_owned()), 1),
        (|release| release.title = "Another".to_owned(), 2),
        (|release| release.label = Some("Label".to_owned()), 2),
        (|release| release.tracks.reverse(), 0), // the release's own record alone
    ];
    for (i, (edit, changed)) in edits.into_iter().enumerate() {
        edit(&mut release);
        let plan = preview_now(&store, &release).await;
        assert!(!plan.nothing_to_do, "edit {i}: {plan:?}");
        let written = plan.tracks.iter().filter(|track| track.details == DetailsPlan::Write);
        assert_eq!(written.count(), changed, "edit {i}: {plan:?}");
        let report = publish_at(&store, &release).await.unwrap();
        assert!(report.uploaded > 0 && report.tracks.iter().all(|track| !track.packaged), "edit {i}");
        assert!(preview_now(&store, &release).await.nothing_to_do, "edit {i}");
        assert_eq!(publish_at(&store, &release).await.unwrap().uploaded, 0, "edit {i}");
    }
}
