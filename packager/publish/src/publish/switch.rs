//! Changing manifests so that every edge notices: `changes.json` first, then the manifests by
//! compare-and-swap, then `changes.json` once more.
//!
//! A manifest's first revision is not announced: no edge can hold an older one. Where somebody else creates it first, the
//! compare-and-swap fails, and what is written over theirs is a second revision, which is announced before.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use jiff::Timestamp;
use nada_catalog::{Changes, Manifest, ManifestChange, ObjectKey, ReleaseId, TrackId};

use super::{error::PublishError, tally::Tally};
use crate::store::{self, ETag, Store, StoreError};

/// The time: an argument, so that what is decided by it can be tested.
pub type Clock<'a> = dyn Fn() -> Timestamp + Send + Sync + 'a;

/// How often manifests that others changed in between are read again.
const ROUNDS: u32 = 16;

/// How one manifest is changed.
pub(super) trait ManifestEdit: Sync {
    /// The track whose manifest it is.
    fn track(&self) -> &TrackId;

    /// The next manifest, decided from the one found; `None` leaves it.
    fn next(&self, found: Option<&Manifest>, now: Timestamp) -> Result<Option<Manifest>, PublishError>;
}

/// The change of a manifest that a release intends.
pub(super) struct ReleaseEdit<'a> {
    pub release: &'a ReleaseId,
    pub change: &'a ManifestChange,
}

impl ManifestEdit for ReleaseEdit<'_> {
    fn track(&self) -> &TrackId {
        &self.change.presentation.track
    }

    fn next(&self, found: Option<&Manifest>, now: Timestamp) -> Result<Option<Manifest>, PublishError> {
        Ok(self.change.apply(self.release, found, now)?)
    }
}

/// The revisions of tracks.
type Revisions = Vec<(TrackId, u64)>;

/// An edit, the manifest that it makes, and the tag of the one that it replaces.
struct Swap<'e, E> {
    edit: &'e E,
    found: Option<ETag>,
    manifest: Manifest,
}

/// The revisions that an edge may hold an older one of.
fn changes(revisions: &[(TrackId, u64)]) -> Revisions {
    revisions.iter().filter(|(_, revision)| *revision > 1).cloned().collect()
}

/// Changes manifests in one store, and counts what it writes.
pub(super) struct Switcher<'a> {
    pub store: &'a Store,
    pub clock: &'a Clock<'a>,
    pub tally: &'a Tally,
}

impl Switcher<'_> {
    /// Makes all edits or names the first that is refused; answers with the revision of each manifest. Those switched
    /// before a refusal stay switched.
    pub async fn switch<E: ManifestEdit>(&self, edits: &[E]) -> Result<Revisions, PublishError> {
        let mut open: Vec<&E> = edits.iter().collect();
        let mut done = Revisions::new();
        let mut floor = 0;
        for _ in 0..ROUNDS {
            let swaps = self.decide(&open, &mut done).await?;
            if swaps.is_empty() {
                self.confirm(&changes(&done), floor).await?;
                return Ok(done);
            }
            let announced: Revisions =
                swaps.iter().map(|swap| (swap.manifest.track.clone(), swap.manifest.revision)).collect();
            floor = self.announce(&changes(&announced)).await?.unwrap_or(floor);
            open = self.swap(swaps, &mut done).await?;
        }
        let key = open.first().map_or(ObjectKey::Changes, |edit| ObjectKey::Manifest(edit.track().clone()));
        Err(StoreError::Contended(key).into())
    }

    /// Reads the manifests of all `open` edits. What has to be written is answered, what is as it should be is `done`.
    async fn decide<'e, E: ManifestEdit>(
        &self,
        open: &[&'e E],
        done: &mut Revisions,
    ) -> Result<Vec<Swap<'e, E>>, PublishError> {
        let reads = open.iter().map(|&edit| async move {
            let found = self.store.read::<Manifest>(&ObjectKey::Manifest(edit.track().clone())).await?;
            Ok::<_, StoreError>((edit, found))
        });
        let read: Vec<_> = stream::iter(reads).buffered(store::AT_ONCE).try_collect().await?;
        let mut swaps = Vec::new();
        for (edit, found) in read {
            let (manifest, found) = found.unzip();
            match edit.next(manifest.as_ref(), (self.clock)())? {
                Some(manifest) => swaps.push(Swap { edit, found, manifest }),
                None => done.extend(manifest.map(|manifest| (manifest.track, manifest.revision))),
            }
        }
        Ok(swaps)
    }

    /// Writes manifests; the edits of those that others changed in between are open again.
    async fn swap<'e, E: ManifestEdit>(
        &self,
        swaps: Vec<Swap<'e, E>>,
        done: &mut Revisions,
    ) -> Result<Vec<&'e E>, StoreError> {
        let swaps = swaps.into_iter().map(|Swap { edit, found, manifest }| async move {
            let key = ObjectKey::Manifest(edit.track().clone());
            let written = self.store.write(&key, found.as_ref(), &manifest).await?;
            Ok::<_, StoreError>((edit, manifest, written.is_some()))
        });
        let swapped: Vec<_> = stream::iter(swaps).buffered(store::AT_ONCE).try_collect().await?;
        let mut open = Vec::new();
        for (edit, manifest, ours) in swapped {
            if ours {
                self.tally.wrote(&manifest);
                done.push((manifest.track, manifest.revision));
            } else {
                open.push(edit);
            }
        }
        Ok(open)
    }

    /// Records the revisions in `changes.json`, all in one write; the floor it has then. `None` where there are none.
    async fn announce(&self, changed: &[(TrackId, u64)]) -> Result<Option<u64>, StoreError> {
        if changed.is_empty() {
            return Ok(None);
        }
        let with = |found: Option<Changes>| Ok(Some(found.unwrap_or_default().with(changed, (self.clock)())));
        let written: Option<Changes> = self.store.update(&ObjectKey::Changes, with).await?;
        let written = written.unwrap_or_default();
        self.tally.wrote(&written);
        Ok(Some(written.floor))
    }

    /// Puts entries back that are gone from `changes.json` although their manifests were switched.
    async fn confirm(&self, changed: &[(TrackId, u64)], floor: u64) -> Result<(), StoreError> {
        if changed.is_empty() {
            return Ok(());
        }
        let back = |found: Option<Changes>| {
            let found = found.unwrap_or_default();
            Ok(if found.covers(changed, floor) { None } else { Some(found.with(changed, (self.clock)())) })
        };
        let written: Option<Changes> = self.store.update(&ObjectKey::Changes, back).await?;
        if let Some(written) = written {
            self.tally.wrote(&written);
        }
        Ok(())
    }
}
