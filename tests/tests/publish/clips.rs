//! Clips: published one by one, refused where the rights share less, left by publishes, taken back, swept.

use jiff::{SignedDuration, Timestamp};
use nada_catalog::{
    Changes, Clip, ClipId, ClipKind, Manifest, ObjectKey, PictureFormat, Rights, share::MAX_CLIPS,
};
use nada_publish::{
    ErrorClass,
    gc::{Folder, LEAST_AGE, find, sweep},
    publish::{PublishError, add_clip, remove_clip, set_rights},
    store::StoreError,
};

use crate::catalogue::{endpoint, manifest, now, publish_at, release, store, track};

fn rights(lines: u32) -> Rights {
    let json = format!(
        r#"{{"territories":[{{"code":"*"}},{{"code":"IN","share":{{"lines":{lines},"seconds":30}}}}]}}"#
    );
    serde_json::from_str(&json).unwrap()
}

fn clip(name: &str, lines: u32) -> Clip {
    Clip {
        id: ClipId::from_input(&[name.as_bytes()]),
        kind: ClipKind::Film,
        format: PictureFormat::Mp4,
        width: 1080,
        height: 1920,
        bytes: name.len() as u64,
        lines: Some((1, lines)),
        ms: (0, 15_000),
        layers: Vec::new(),
        created: now(),
    }
}

#[tokio::test]
async fn a_clip_is_an_object_and_a_line_of_the_manifest() {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = endpoint(dir.path()).await;
    let store = store(endpoint.url()).await;
    publish_at(&store, &release(300.0)).await.unwrap();
    let one = track("one");
    let add = async |clip: &Clip, name: &'static str| {
        add_clip(&store, &one, clip, bytes::Bytes::from_static(name.as_bytes()), None, &now).await
    };
    let refused = add(&clip("a", 5), "a").await.unwrap_err();
    assert!(matches!(refused, PublishError::NotShared { .. }), "nothing is shared by default: {refused}");
    assert_eq!(refused.class(), ErrorClass::Input);
    set_rights(&store, &one, &rights(5), None, &now).await.unwrap();
    assert!(add(&clip("b", 6), "b").await.unwrap_err().to_string().contains("5 lines and 30 seconds"));
    assert!(!store.has(&ObjectKey::Clip(one.clone(), clip("b", 6).id, PictureFormat::Mp4)).await.unwrap());

    assert_eq!(add(&clip("a", 5), "a").await.unwrap(), 3);
    assert_eq!(add(&clip("a", 5), "a").await.unwrap(), 3, "as it is");
    let found = manifest(&store, "one").await.unwrap();
    assert_eq!(found.clips, [clip("a", 5)]);
    let (changes, _) = store.read::<Changes>(&ObjectKey::Changes).await.unwrap().unwrap();
    assert_eq!(changes.revision_of(&one, now()), Some(3));

    // another publish of the release leaves it
    set_rights(&store, &one, &found.rights, None, &now).await.unwrap();
    set_rights(&store, &one, &release(300.0).tracks[0].rights, None, &now).await.unwrap();
    publish_at(&store, &release(400.0)).await.unwrap();
    assert_eq!(manifest(&store, "one").await.unwrap().clips, [clip("a", 5)]);
}

#[tokio::test]
async fn a_clip_that_is_taken_back_is_swept_and_one_that_is_named_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = endpoint(dir.path()).await;
    let store = store(endpoint.url()).await;
    publish_at(&store, &release(300.0)).await.unwrap();
    let one = track("one");
    set_rights(&store, &one, &rights(5), None, &now).await.unwrap();
    for name in ["a", "b"] {
        let bytes = bytes::Bytes::from_static(name.as_bytes());
        add_clip(&store, &one, &clip(name, 5), bytes, None, &now).await.unwrap();
    }
    let later = Timestamp::now() + SignedDuration::from_hours(25);
    assert_eq!(find(&store, LEAST_AGE, later).await.unwrap().orphans, []);
    let gone = clip("a", 5);
    remove_clip(&store, &one, &gone.id, None, &now).await.unwrap();
    let again = remove_clip(&store, &one, &gone.id, None, &now).await.unwrap_err();
    assert!(matches!(again, PublishError::NoSuchClip { .. }), "{again}");
    let found = find(&store, LEAST_AGE, later).await.unwrap();
    let folders: Vec<_> = found.orphans.iter().map(|orphan| orphan.folder.clone()).collect();
    assert_eq!(folders, [Folder::Clip(one.clone(), gone.id.clone(), gone.format)]);
    assert_eq!(sweep(&store, &found, &|| later).await.unwrap().objects, 1);
    assert!(!store.has(&ObjectKey::Clip(one.clone(), gone.id, gone.format)).await.unwrap());
    assert!(store.has(&ObjectKey::Clip(one, clip("b", 5).id, gone.format)).await.unwrap());
}

#[tokio::test]
async fn a_track_has_so_many_clips_and_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = endpoint(dir.path()).await;
    let store = store(endpoint.url()).await;
    publish_at(&store, &release(300.0)).await.unwrap();
    let one = track("one");
    set_rights(&store, &one, &rights(5), None, &now).await.unwrap();
    let full = |found: Option<Manifest>| {
        let clips = (0..MAX_CLIPS).map(|number| clip(&number.to_string(), 1)).collect();
        Ok::<_, StoreError>(found.map(|found| Manifest { clips, ..found }))
    };
    store.update(&ObjectKey::Manifest(one.clone()), full).await.unwrap();
    let bytes = bytes::Bytes::from_static(b"x");
    let refused = add_clip(&store, &one, &clip("more", 1), bytes, None, &now).await.unwrap_err();
    assert!(matches!(refused, PublishError::TooManyClips(_)), "{refused}");
}
