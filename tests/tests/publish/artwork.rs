//! Artwork: made of a picture or of a title, stored once, named by the manifest, repaired, replaced, swept.

use std::{fs, path::Path, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use nada_artwork::generated;
use nada_catalog::{Artwork, ObjectKey, PictureFormat};
use nada_pipeline::Isolation;
use nada_publish::{
    ErrorClass,
    gc::{Folder, LEAST_AGE, find, sweep},
    publish::{ArtworkPlan, PublishError, PublishSettings, Report, preview, publish},
    release_toml::Release,
    store::Store,
};

use crate::catalogue::{endpoint, manifest, now, store, track, wav};

/// The release, with this line of `release.toml` in its track.
fn release(folder: &Path, line: &str) -> Release {
    fs::write(folder.join("a.wav"), wav(300.0, 0.2)).unwrap();
    let toml = folder.join("release.toml");
    let text = format!(
        "[release]\nid = \"art\"\ntitle = \"Art\"\nterritories = [\"*\"]\n\n[ladder]\nrenditions = [\"aac-64\"]\n\n\
         [[track]]\nid = \"one\"\ntitle = \"तुम ही हो\"\nartists = [\"Nada\"]\naudio = \"a.wav\"\n{line}\n"
    );
    fs::write(&toml, text).unwrap();
    Release::read(&toml).unwrap()
}

fn picture(path: &Path, title: &str) {
    let made = nada_artwork::make(&generated(title, &[]).at(640)).unwrap();
    let jpeg = made.files.iter().find(|file| file.size == 640 && file.format == PictureFormat::Jpg).unwrap();
    fs::write(path, &jpeg.bytes).unwrap();
}

fn with_pictures() -> PublishSettings {
    PublishSettings { pictures: Some(Isolation::InProcess), ..PublishSettings::default() }
}

async fn run(store: &Store, release: &Release, settings: &PublishSettings) -> Result<Report, PublishError> {
    publish(release, store, settings, &now, Arc::new(())).await
}

async fn artwork(store: &Store) -> Artwork {
    manifest(store, "one").await.unwrap().artwork.unwrap()
}

fn keys(artwork: &Artwork) -> Vec<ObjectKey> {
    let sizes =
        artwork.sizes.iter().flat_map(|size| artwork.formats.iter().map(move |format| (*size, *format)));
    sizes
        .map(|(size, format)| ObjectKey::Artwork(track("one"), artwork.digest.clone(), size, format))
        .collect()
}

#[tokio::test]
async fn a_picture_is_stored_once_and_a_lost_object_is_sent_again() {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = endpoint(&dir.path().join("s3")).await;
    let store = store(endpoint.url()).await;
    picture(&dir.path().join("cover.jpg"), "one");
    let release = release(dir.path(), "artwork = \"cover.jpg\"");
    let settings = with_pictures();
    let before = preview(&release, &store, &settings, &now, Arc::new(())).await.unwrap();
    assert_eq!(before.tracks[0].artwork, ArtworkPlan::Make);
    let report = run(&store, &release, &settings).await.unwrap();
    let made = artwork(&store).await;
    assert_eq!(
        (&made.sizes[..], report.tracks[0].artwork.as_ref()),
        (&[96, 320, 640][..], Some(&made.digest))
    );
    assert_eq!(before.tracks[0].artwork_digest.as_ref(), Some(&made.digest), "known before it is made");
    for key in keys(&made) {
        assert!(store.has(&key).await.unwrap(), "{key}");
    }
    let again = run(&store, &release, &settings).await.unwrap();
    assert_eq!((again.uploaded, manifest(&store, "one").await.unwrap().revision), (0, 1));
    // whoever makes no pictures leaves them
    let without = self::release(dir.path(), "");
    assert_eq!(run(&store, &without, &PublishSettings::default()).await.unwrap().uploaded, 0);
    assert_eq!(artwork(&store).await, made);

    let lost = keys(&made).remove(2);
    store.delete(std::slice::from_ref(&lost)).await.unwrap();
    let repaired = preview(&release, &store, &settings, &now, Arc::new(())).await.unwrap();
    assert_eq!(repaired.tracks[0].artwork, ArtworkPlan::Repair);
    run(&store, &release, &settings).await.unwrap();
    assert!(store.has(&lost).await.unwrap());
}

#[tokio::test]
async fn another_picture_replaces_the_first_which_is_swept() {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = endpoint(&dir.path().join("s3")).await;
    let store = store(endpoint.url()).await;
    let (settings, world) = (with_pictures(), Timestamp::now);
    let publish_here =
        async |release: &Release| publish(release, &store, &settings, &world, Arc::new(())).await.unwrap();
    publish_here(&release(dir.path(), "")).await;
    let of_title = artwork(&store).await;
    assert_eq!(of_title.sizes, [96, 320, 640, 1280], "made of the title");
    let version = manifest(&store, "one").await.unwrap().presentation.version;
    picture(&dir.path().join("cover.jpg"), "one");
    let report = publish_here(&release(dir.path(), "artwork = \"cover.jpg\"")).await;
    assert!(!report.tracks[0].packaged, "artwork is no part of the audio's version");
    let found = manifest(&store, "one").await.unwrap();
    assert_eq!((found.revision, found.presentation.version), (2, version));
    let current = artwork(&store).await;
    assert_ne!(current.digest, of_title.digest);
    let later = || Timestamp::now() + SignedDuration::from_hours(25);
    let orphans = find(&store, LEAST_AGE, later()).await.unwrap();
    let folders: Vec<_> = orphans.orphans.iter().map(|orphan| orphan.folder.clone()).collect();
    assert_eq!(folders, [Folder::Artwork(track("one"), of_title.digest.clone())]);
    assert_eq!(sweep(&store, &orphans, &later).await.unwrap().objects, 12);
    for key in keys(&current) {
        assert!(store.has(&key).await.unwrap(), "{key}");
    }
}

#[tokio::test]
async fn a_picture_that_is_refused_publishes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = endpoint(&dir.path().join("s3")).await;
    let store = store(endpoint.url()).await;
    fs::write(dir.path().join("cover.jpg"), "Dear label, here is the cover").unwrap();
    let release = release(dir.path(), "artwork = \"cover.jpg\"");
    let refused = run(&store, &release, &with_pictures()).await.unwrap_err();
    assert_eq!((refused.class(), refused.is_retryable()), (ErrorClass::Input, false));
    assert!(
        refused.to_string().ends_with("cover.jpg: not a picture that is read (JPEG, PNG, WebP, AVIF): text"),
        "{refused}"
    );
    assert!(manifest(&store, "one").await.is_none());
    let without = run(&store, &release, &PublishSettings::default()).await.unwrap_err();
    assert!(without.to_string().contains("--features pictures"), "{without}");
    assert_eq!(without.class(), ErrorClass::Input);
}
