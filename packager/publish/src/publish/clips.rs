//! Clips of a track: pictures and films, each an immutable object that the track's manifest names.

use bytes::Bytes;
use nada_catalog::{Clip, ClipId, Manifest, ObjectKey, TrackId, share::MAX_CLIPS};

use super::{
    error::PublishError,
    switch::Clock,
    track::{TrackEdit, change},
};
use crate::store::{Put, Store};

/// Publishes a clip: its bytes first, then its entry in the manifest, by compare-and-swap. Returns the manifest's revision
/// once every edge is bound to notice. A clip that the manifest names already stays as it is.
///
/// # Errors
/// [`PublishError::NotShared`] where the track's rights share so much in no territory, [`PublishError::TooManyClips`], and
/// as [`set_status`](super::set_status).
pub async fn add_clip(
    store: &Store,
    track: &TrackId,
    clip: &Clip,
    bytes: Bytes,
    revision: Option<u64>,
    clock: &Clock<'_>,
) -> Result<u64, PublishError> {
    let manifest = store.read::<Manifest>(&ObjectKey::Manifest(track.clone())).await?;
    let (manifest, _) = manifest.ok_or_else(|| PublishError::NoSuchTrack(track.clone()))?;
    // refused before a byte is sent
    with(&manifest, clip)?;
    let key = ObjectKey::Clip(track.clone(), clip.id.clone(), clip.format);
    let put = store.put_new(&key, bytes.clone()).await?;
    let next = |found: &Manifest, _| with(found, clip);
    let revision = change(store, TrackEdit { track, revision, next: &next }, clock).await?;
    if put == Put::Present {
        // it lay there unnamed: a sweep may have taken it before it was named
        store.put_listed(&key, bytes).await?;
    }
    Ok(revision)
}

/// Takes a clip back, in all its formats: once this returns, every edge refuses it within a minute. A sweep deletes the object.
///
/// # Errors
/// [`PublishError::NoSuchClip`], and as [`set_status`](super::set_status).
pub async fn remove_clip(
    store: &Store,
    track: &TrackId,
    id: &ClipId,
    revision: Option<u64>,
    clock: &Clock<'_>,
) -> Result<u64, PublishError> {
    let next = |found: &Manifest, _| {
        let clips: Vec<_> = found.clips.iter().filter(|clip| &clip.id != id).cloned().collect();
        match clips.len() == found.clips.len() {
            true => Err(PublishError::NoSuchClip { track: track.clone(), clip: id.clone() }),
            false => Ok(Manifest { clips, ..found.clone() }),
        }
    };
    change(store, TrackEdit { track, revision, next: &next }, clock).await
}

/// The manifest that names the clip, too.
fn with(found: &Manifest, clip: &Clip) -> Result<Manifest, PublishError> {
    let mut next = found.clone();
    if found.clip(&clip.id, clip.format).is_some() {
        return Ok(next);
    }
    let most = found.rights.most_shared();
    if !clip.is_allowed(most) {
        return Err(PublishError::NotShared { track: found.track.clone(), most });
    }
    if found.clips.len() >= MAX_CLIPS {
        return Err(PublishError::TooManyClips(found.track.clone()));
    }
    next.clips.push(clip.clone());
    Ok(next)
}
