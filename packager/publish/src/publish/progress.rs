//! How far a release has come, in the store's own words and track by track.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use jiff::Timestamp;
use nada_catalog::{Manifest, ObjectKey, ReleaseId, ReleaseRecord, ReleaseState, TrackId, Version};
use serde::Serialize;

use super::{error::PublishError, inventory::Inventory};
use crate::store::{self, Store};

/// How far one track of a release has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "standing")]
pub enum Stage {
    /// Its objects are being written, or were when the run died.
    Uploading {
        /// Objects of the version that are stored.
        objects: u64,
        /// Their bytes.
        bytes: u64,
        /// Whether these are all.
        whole: bool,
    },
    /// Its manifest is still to be switched.
    ToSwitch,
    /// Its manifest is switched, or as the release intended.
    Switched,
    /// Its manifest was changed by somebody else, so that the release cannot be completed.
    Refused {
        /// The change, and its author.
        why: String,
    },
    /// Another version was made current since: by another release, or by a rollback.
    Replaced {
        /// What is current.
        current: Version,
    },
}

/// One track of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrackProgress {
    /// The track.
    pub track: TrackId,
    /// The version that the release publishes.
    pub version: Version,
    /// How far it has come.
    #[serde(flatten)]
    pub stage: Stage,
}

/// What the store says of a release; `None` where this store does not know it.
///
/// # Errors
/// Whatever the store says.
pub async fn status(store: &Store, release: &ReleaseId) -> Result<Option<ReleaseRecord>, PublishError> {
    Ok(store.read(&ObjectKey::Release(release.clone())).await?.map(|(record, _)| record))
}

/// Looks up how far each track of a release has come.
///
/// # Errors
/// Whatever the store says.
pub async fn progress(
    store: &Store,
    record: &ReleaseRecord,
    now: Timestamp,
) -> Result<Vec<TrackProgress>, PublishError> {
    let tracks = record.tracks.iter().map(|track| async move {
        let version = &track.version;
        let stage = if record.state == ReleaseState::Uploading {
            let stored = Inventory::of_version(store, &track.track, version).await?;
            let (objects, bytes) = stored.total();
            let whole = stored.has(&ObjectKey::Presentation(track.track.clone(), version.clone()));
            Stage::Uploading { objects, bytes, whole }
        } else {
            let key = ObjectKey::Manifest(track.track.clone());
            let found = store.read::<Manifest>(&key).await?.map(|(found, _)| found);
            match (record.state, &track.change) {
                (ReleaseState::Committing, Some(change)) => {
                    match change.apply(&record.release, found.as_ref(), now) {
                        Ok(None) => Stage::Switched,
                        Ok(Some(_)) => Stage::ToSwitch,
                        Err(conflict) => Stage::Refused { why: conflict.to_string() },
                    }
                }
                _ => match found.map(|found| found.presentation.version) {
                    Some(current) if current != *version => Stage::Replaced { current },
                    _ => Stage::Switched,
                },
            }
        };
        Ok::<_, PublishError>(TrackProgress { track: track.track.clone(), version: version.clone(), stage })
    });
    stream::iter(tracks).buffered(store::AT_ONCE).try_collect().await
}
