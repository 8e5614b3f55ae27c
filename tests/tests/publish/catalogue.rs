//! A small release on disk, a store in the process, and what must hold of the store at any time.

use std::{f32::consts::TAU, fs, net::SocketAddr, path::Path, sync::Arc};

use jiff::Timestamp;
use nada_catalog::{LyricsFile, LyricsForm, Manifest, ObjectKey, Presentation, TrackId, Version};
use nada_endpoint::{Endpoint, Key, Permission};
use nada_publish::{
    publish::{PublishError, PublishSettings, Report, Reporter, publish},
    release_toml::{Recipe, Release},
    store::{Location, Store},
};

pub const BUCKET: &str = "songs";
pub const TRACKS: [&str; 2] = ["one", "two"];

/// The endpoint on a folder.
pub async fn endpoint(dir: &Path) -> Endpoint {
    let key = |id: &str, permission| Key { id: id.to_owned(), secret: format!("{id}-secret"), permission };
    let keys = [key("writer", Permission::Full), key("reader", Permission::ReadOnly)];
    Endpoint::start(dir, SocketAddr::from(([127, 0, 0, 1], 0)), &keys, &[BUCKET]).await.unwrap()
}

pub fn location(url: String) -> Location {
    Location {
        bucket: BUCKET.to_owned(),
        endpoint_url: Some(url),
        region: None,
        credentials: Some(("writer".to_owned(), "writer-secret".to_owned())),
    }
}

pub async fn store(url: String) -> Store {
    Store::connect(&location(url)).await.unwrap()
}

pub fn now() -> Timestamp {
    Timestamp::from_second(1_790_000_000).unwrap()
}

pub async fn publish_at(store: &Store, release: &Release) -> Result<Report, PublishError> {
    publish_with(store, release, &PublishSettings::default(), Arc::new(())).await
}

/// A part for each segment of audio.
pub fn in_parts() -> PublishSettings {
    let recipe = Recipe { part_size: Some("1KiB".parse().unwrap()), ..Recipe::default() };
    PublishSettings { recipe, ..PublishSettings::default() }
}

pub async fn publish_with(
    store: &Store,
    release: &Release,
    settings: &PublishSettings,
    reporter: Arc<dyn Reporter>,
) -> Result<Report, PublishError> {
    publish(release, store, settings, &now, reporter).await
}

/// A tone as 16-bit stereo WAV at 44.1 kHz.
pub fn wav(hertz: f32, seconds: f32) -> Vec<u8> {
    let frames = (44_100.0 * seconds) as u32;
    let mut wav = Vec::new();
    wav.extend(b"RIFF");
    wav.extend((36 + frames * 4).to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0\x01\0\x02\0");
    wav.extend(44_100_u32.to_le_bytes());
    wav.extend((44_100_u32 * 4).to_le_bytes());
    wav.extend(b"\x04\0\x10\0data");
    wav.extend((frames * 4).to_le_bytes());
    for i in 0..frames {
        let sample = ((i as f32 / 44_100.0 * hertz * TAU).sin() * 8_000.0) as i16;
        wav.extend([sample.to_le_bytes(), sample.to_le_bytes()].concat());
    }
    wav
}

/// A release of two tracks whose sound and words depend on `hertz`.
pub fn release(hertz: f32) -> Release {
    release_for(hertz, r#"["IN", "ID"]"#)
}

pub fn release_for(hertz: f32, territories: &str) -> Release {
    release_lasting(0.2, hertz, territories)
}

/// A release of which the first track has three segments.
pub fn long_release(hertz: f32) -> Release {
    release_lasting(10.0, hertz, r#"["IN", "ID"]"#)
}

fn release_lasting(seconds: f32, hertz: f32, territories: &str) -> Release {
    // kept for as long as the release is used, in the folder that `cargo clean` empties
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap().keep();
    fs::write(folder.join("1.wav"), wav(hertz, seconds)).unwrap();
    fs::write(folder.join("2.wav"), wav(hertz * 1.5, 0.1)).unwrap();
    fs::write(folder.join("1.hi.lrc"), format!("[00:00.10]<00:00.10>क <00:00.15>{hertz}\n")).unwrap();
    let toml = format!(
        "[release]\nid = \"album\"\ntitle = \"Album\"\nterritories = {territories}\n\
         [ladder]\nrenditions = [\"aac-128\"]\n\
         [[track]]\nid = \"one\"\ntitle = \"One\"\nartists = [\"A\"]\naudio = \"1.wav\"\nlyrics = [\"1.hi.lrc\"]\n\
         [[track]]\nid = \"two\"\ntitle = \"Two\"\nartists = [\"A\"]\naudio = \"2.wav\"\n"
    );
    fs::write(folder.join("release.toml"), toml).unwrap();
    Release::read(&folder.join("release.toml")).unwrap()
}

pub fn track(name: &str) -> TrackId {
    name.parse().unwrap()
}

pub async fn manifest(store: &Store, name: &str) -> Option<Manifest> {
    let key = ObjectKey::Manifest(track(name));
    store.read::<Manifest>(&key).await.unwrap().map(|(manifest, _)| manifest)
}

/// Asserts that every object each manifest names is there. The versions that are current.
pub async fn assert_playable(store: &Store) -> Vec<Option<Version>> {
    let mut current = Vec::new();
    for name in TRACKS {
        let found = manifest(store, name).await;
        current.push(found.as_ref().map(|found| found.presentation.version.clone()));
        let Some(found) = found else { continue };
        for key in named(store, &found).await {
            assert!(store.has(&key).await.unwrap(), "{key} is named by the manifest of {name} and absent");
        }
        let key = ObjectKey::Presentation(found.track.clone(), found.presentation.version.clone());
        let stored = store.read::<Presentation>(&key).await.unwrap().map(|(stored, _)| stored);
        assert_eq!(stored.as_ref(), Some(&found.presentation));
    }
    current
}

/// Every object that a manifest names.
async fn named(store: &Store, manifest: &Manifest) -> Vec<ObjectKey> {
    let mut keys = Vec::new();
    for kept in &manifest.versions {
        let (track, version) = (&manifest.track, &kept.version);
        let key = ObjectKey::Presentation(track.clone(), version.clone());
        let (presentation, _) = store.read::<Presentation>(&key).await.unwrap().unwrap();
        for rendition in &presentation.renditions {
            keys.push(ObjectKey::Playlist(track.clone(), version.clone(), rendition.name));
            for run in rendition.file.parts_of(&rendition.file.whole()).unwrap() {
                let key = ObjectKey::Part(track.clone(), version.clone(), rendition.name, run.part);
                let part = store.get(&key).await.unwrap().unwrap_or_else(|| panic!("{key} is absent"));
                assert_eq!(part.bytes.len() as u64, run.length, "{key}");
            }
        }
    }
    for index in manifest.lyrics.iter().chain(&manifest.previous_lyrics) {
        let forms =
            [LyricsForm::Json, LyricsForm::Vtt, LyricsForm::Playlist, LyricsForm::Lrc, LyricsForm::Ttml];
        let layers = index.layers.iter().flat_map(|l| forms.map(|f| LyricsFile::Layer(l.lang.clone(), f)));
        for file in layers.chain([LyricsFile::All]).filter(|file| index.has(file)) {
            keys.push(ObjectKey::Lyrics(manifest.track.clone(), index.digest.clone(), file));
        }
    }
    keys
}
