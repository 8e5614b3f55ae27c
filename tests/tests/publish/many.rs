//! A release of many tracks: several at once, with bounded connections.

use std::{fmt::Write as _, fs, sync::Arc, time::Duration};

use nada_catalog::Status;
use nada_publish::{publish::PublishSettings, release_toml::Release};

use crate::{
    catalogue::{endpoint, manifest, publish_with, store, wav},
    fault::{FaultProxy, ProxyFault},
};

const TRACKS: usize = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_tracks_share_jobs_and_connections() {
    let folder = tempfile::tempdir().unwrap();
    let mut toml = "[release]\nid = \"album\"\ntitle = \"Album\"\nterritories = [\"*\"]\n\
                    [ladder]\nrenditions = [\"aac-64\"]\n"
        .to_owned();
    for number in 0..TRACKS {
        fs::write(folder.path().join(format!("{number}.wav")), wav(200.0 + number as f32, 0.1)).unwrap();
        fs::write(folder.path().join(format!("{number}.hi.lrc")), format!("[00:00.05]क {number}\n")).unwrap();
        writeln!(
            toml,
            "[[track]]\nid = \"t{number}\"\ntitle = \"T\"\nartists = [\"A\"]\naudio = \"{number}.wav\"\n\
             lyrics = [\"{number}.hi.lrc\"]"
        )
        .unwrap();
    }
    fs::write(folder.path().join("release.toml"), toml).unwrap();
    let release = Release::read(&folder.path().join("release.toml")).unwrap();

    let dir = tempfile::tempdir().unwrap();
    let endpoint = endpoint(dir.path()).await;
    let proxy = FaultProxy::start(endpoint.addr(), ProxyFault::Lag(Duration::from_millis(10))).await;
    let store = store(proxy.url()).await;
    let settings = PublishSettings { jobs: 4, uploads: 3, ..PublishSettings::default() };
    let report = publish_with(&store, &release, &settings, Arc::new(())).await.unwrap();
    assert_eq!(report.uploaded as usize, proxy.writes(), "each object was sent once");
    assert!(report.tracks.iter().all(|t| t.packaged && t.objects.uploaded == 15), "{report:?}");
    assert!((2..=3).contains(&proxy.most_writes()), "{} objects at once", proxy.most_writes());
    // 16 manifests are looked at or switched at once, and no more
    assert!(proxy.most_connections() <= 24, "{} connections", proxy.most_connections());
    for number in 0..TRACKS {
        let found = manifest(&store, &format!("t{number}")).await.unwrap();
        assert_eq!((found.revision, found.status), (1, Status::Live));
    }
    let again = publish_with(&store, &release, &settings, Arc::new(())).await.unwrap();
    assert_eq!((again.uploaded, again.present), (0, 0));
}

/// Two tones as strong as each other, of which the ear hears one as louder.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_album_has_the_loudness_of_all_its_tracks() {
    let folder = tempfile::tempdir().unwrap();
    let mut toml = "[release]\nid = \"album\"\ntitle = \"Album\"\nterritories = [\"*\"]\n\
                    [ladder]\nrenditions = [\"heaac2-32\"]\n"
        .to_owned();
    for (track, hertz) in [("low", 100.0), ("high", 3000.0)] {
        fs::write(folder.path().join(format!("{track}.wav")), wav(hertz, 5.0)).unwrap();
        writeln!(
            toml,
            "[[track]]\nid = \"{track}\"\ntitle = \"T\"\nartists = [\"A\"]\naudio = \"{track}.wav\""
        )
        .unwrap();
    }
    fs::write(folder.path().join("release.toml"), toml).unwrap();
    let release = Release::read(&folder.path().join("release.toml")).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let endpoint = endpoint(dir.path()).await;
    let store = store(endpoint.url()).await;
    publish_with(&store, &release, &PublishSettings::default(), Arc::new(())).await.unwrap();
    let [low, high] = [manifest(&store, "low").await.unwrap(), manifest(&store, "high").await.unwrap()];
    let [soft, loud] = [&low, &high].map(|found| found.presentation.loudness.unwrap().integrated);
    assert!(loud - soft > 2.0, "{soft} and {loud} LUFS");
    let album = low.album_loudness.unwrap();
    assert_eq!(high.album_loudness, Some(album));
    // equal lengths: the mean of both energies
    let mean = 10.0 * ((10_f64.powf(soft / 10.0) + 10_f64.powf(loud / 10.0)) / 2.0).log10();
    assert!((album.integrated - mean).abs() < 0.15, "{album:?}, expected {mean}");
    // what was computed once stays: nothing is written
    let again = publish_with(&store, &release, &PublishSettings::default(), Arc::new(())).await.unwrap();
    assert_eq!(again.uploaded, 0);
}
