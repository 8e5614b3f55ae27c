//! Changing manifests so that every edge notices: `changes.json` first, then the manifests by
//! compare-and-swap, then `changes.json` once more.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use jiff::Timestamp;
use nada_catalog::{Changes, Manifest, ManifestChange, ObjectKey, ReleaseId, TrackId};

use super::{error::PublishError, tally::Tally};
use crate::store::{self, ETag, Store, StoreError};

/// The time: an argument, so that what is decided by it can be tested.
pub type Clock<'a> = dyn Fn() -> Timestamp + Send + Sync + 'a;

/// How often manifests that others changed in between are read again.
const ROUNDS: u32 = 16;

/// What is to become of one manifest, decided from the one found: `None` leaves it.
pub(super) struct Switch<'a> {
    pub track: &'a TrackId,
    #[allow(clippy::type_complexity)]
    pub decide: Box<dyn Fn(Option<&Manifest>) -> Result<Option<Manifest>, PublishError> + Send + Sync + 'a>,
}

impl<'a> Switch<'a> {
    /// The change that a release intends.
    pub fn publish(release: &'a ReleaseId, change: &'a ManifestChange, clock: &'a Clock<'a>) -> Self {
        let decide = move |found: Option<&Manifest>| Ok(change.apply(release, found, clock())?);
        Self { track: &change.presentation.track, decide: Box::new(decide) }
    }
}

type Found = Option<(Manifest, ETag)>;

/// Makes all changes or names the first that is refused; answers with the revision of each manifest. Those
/// switched before a refusal stay switched.
pub(super) async fn switch(
    store: &Store,
    switches: &[Switch<'_>],
    clock: &Clock<'_>,
    tally: &Tally,
) -> Result<Vec<(TrackId, u64)>, PublishError> {
    let mut open: Vec<&Switch<'_>> = switches.iter().collect();
    let mut done: Vec<(TrackId, u64)> = Vec::new();
    let mut floor = 0;
    for _ in 0..ROUNDS {
        let mut next: Vec<(&Switch<'_>, Option<ETag>, Manifest)> = Vec::new();
        for (switch, found) in read(store, &open).await? {
            let (found, etag) = found.unzip();
            match (switch.decide)(found.as_ref())? {
                Some(manifest) => next.push((switch, etag, manifest)),
                None => done.extend(found.map(|found| (found.track, found.revision))),
            }
        }
        if next.is_empty() {
            confirm(store, &done, floor, clock, tally).await?;
            return Ok(done);
        }
        let announced: Vec<_> = next.iter().map(|(_, _, m)| (m.track.clone(), m.revision)).collect();
        floor = announce(store, &announced, clock, tally).await?;
        let swaps = next.into_iter().map(|(switch, etag, manifest)| async move {
            let key = ObjectKey::Manifest(switch.track.clone());
            let swapped = store.write(&key, etag.as_ref(), &manifest).await?;
            Ok::<_, StoreError>((switch, manifest, swapped.is_some()))
        });
        let swapped: Vec<_> = stream::iter(swaps).buffered(store::AT_ONCE).try_collect().await?;
        open.clear();
        for (switch, manifest, ours) in swapped {
            if ours {
                tally.wrote(&manifest);
                done.push((manifest.track, manifest.revision));
            } else {
                open.push(switch);
            }
        }
    }
    let key = open.first().map_or(ObjectKey::Changes, |switch| ObjectKey::Manifest(switch.track.clone()));
    Err(StoreError::Contended(key).into())
}

async fn read<'a, 'b>(
    store: &Store,
    open: &[&'a Switch<'b>],
) -> Result<Vec<(&'a Switch<'b>, Found)>, StoreError> {
    let reads = open.iter().map(|&switch| async move {
        let found = store.read(&ObjectKey::Manifest(switch.track.clone())).await?;
        Ok::<_, StoreError>((switch, found))
    });
    stream::iter(reads).buffered(store::AT_ONCE).try_collect().await
}

/// Records the revisions in `changes.json`, all in one write; the floor it has then.
async fn announce(
    store: &Store,
    changed: &[(TrackId, u64)],
    clock: &Clock<'_>,
    tally: &Tally,
) -> Result<u64, StoreError> {
    let with = |found: Option<Changes>| Ok(Some(found.unwrap_or_default().with(changed, clock())));
    let written: Option<Changes> = store.update(&ObjectKey::Changes, with).await?;
    let written = written.unwrap_or_default();
    tally.wrote(&written);
    Ok(written.floor)
}

/// Puts entries back that are gone from `changes.json` although their manifests were switched.
async fn confirm(
    store: &Store,
    changed: &[(TrackId, u64)],
    floor: u64,
    clock: &Clock<'_>,
    tally: &Tally,
) -> Result<(), StoreError> {
    let back = |found: Option<Changes>| {
        let found = found.unwrap_or_default();
        Ok(if found.covers(changed, floor) { None } else { Some(found.with(changed, clock())) })
    };
    let written: Option<Changes> = store.update(&ObjectKey::Changes, back).await?;
    if let Some(written) = written {
        tally.wrote(&written);
    }
    Ok(())
}
