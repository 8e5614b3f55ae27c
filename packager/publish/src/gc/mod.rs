//! Sweeping what dead runs left: versions and lyrics that no manifest names.
//!
//! Spared is what a manifest names, what a release in `committing` names, or one in `uploading` that is younger
//! than a week, and every version or state of lyrics of which any object is younger than [`LEAST_AGE`]. Keys that
//! are none of Nada's are never touched.
//!
//! Releases, and then the manifests concerned, are read again before each batch that is deleted, in this order: a
//! publisher that was under way at the first look is spared by it, one that had ended by then shows in its
//! manifests at the second. A publisher that begins after the first look does not rely on old objects before
//! everything such a look could delete is deleted: a batch is gone within [`BATCH`] of it, or the sweep ends (see
//! [`SETTLING`](crate::publish::SETTLING)). The object that says that a folder is whole goes first, so that nobody
//! takes a rest for the whole.

mod orphans;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use nada_catalog::{Manifest, ObjectKey, ReleaseRecord, TrackId};
use tokio::time::timeout;

pub use orphans::{Folder, UPLOADING_SPARED};

use crate::store::{AT_ONCE, Listed, PAGE, Store, StoreError, listed_bytes};

/// Objects are spared at least this long.
pub const LEAST_AGE: SignedDuration = SignedDuration::from_hours(24);

/// How long a batch may take, from the look at the releases to the store's answer that it is gone.
pub const BATCH: Duration = Duration::from_secs(60);

/// A version, or a state of lyrics, that nobody names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orphan {
    /// What it is.
    pub folder: Folder,
    /// Its objects.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
    /// When the youngest of them was written.
    pub modified: Timestamp,
    keys: Vec<ObjectKey>,
}

/// What lies in a store, and what of it is nobody's.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Orphans {
    /// The orphans.
    pub orphans: Vec<Orphan>,
    /// Objects below `tracks/` that were looked at.
    pub listed: u64,
    /// Keys below `tracks/` that are none of Nada's: the first hundred.
    pub foreign: Vec<String>,
}

/// What a sweep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Objects deleted.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Orphans that were somebody's by the time they were to be deleted.
    pub spared: u64,
}

/// Why a sweep ended.
#[derive(Debug, thiserror::Error)]
pub enum GcError {
    /// Ages below a day are none.
    #[error("objects younger than a day are never swept, so their age cannot be {0:#}")]
    TooYoung(SignedDuration),
    /// The store was too slow to be sure that nobody began to rely on what is being deleted.
    #[error("the store took more than {} seconds for one batch: run this again later", BATCH.as_secs())]
    TooSlow,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Finds the orphans of at least `age`, as seen at `now`; writes nothing.
///
/// # Errors
/// [`GcError::TooYoung`] below [`LEAST_AGE`]; whatever the store says. A manifest or a release that cannot be read
/// ends the search: what it names is not known.
pub async fn find(store: &Store, age: SignedDuration, now: Timestamp) -> Result<Orphans, GcError> {
    if age < LEAST_AGE {
        return Err(GcError::TooYoung(age));
    }
    let spared = Releases::default().read(store, now).await?;
    let mut found = Orphans::default();
    let mut track: (Option<TrackId>, Vec<Listed>) = (None, Vec::new());
    let mut listing = std::pin::pin!(store.list("tracks/"));
    while let Some(listed) = listing.try_next().await? {
        found.listed += 1;
        let folder = match &listed.key {
            Ok(key) => Folder::of(key),
            Err(foreign) => {
                if found.foreign.len() < 100 {
                    found.foreign.push(foreign.clone());
                }
                None
            }
        };
        let Some(folder) = folder else { continue };
        if track.0.as_ref() != Some(folder.track()) {
            found.orphans.extend(of_track(store, std::mem::take(&mut track.1), &spared, age, now).await?);
            track.0 = Some(folder.track().clone());
        }
        track.1.push(listed);
    }
    found.orphans.extend(of_track(store, track.1, &spared, age, now).await?);
    Ok(found)
}

/// The orphans among the objects of one track.
async fn of_track(
    store: &Store,
    listed: Vec<Listed>,
    spared: &BTreeSet<Folder>,
    age: SignedDuration,
    now: Timestamp,
) -> Result<Vec<Orphan>, StoreError> {
    let mut folders = orphans::old(listed, age, now);
    folders.retain(|folder, _| !spared.contains(folder));
    let Some(track) = folders.keys().next().map(|folder| folder.track().clone()) else {
        return Ok(Vec::new());
    };
    let named = named(store, &track).await?;
    folders.retain(|folder, _| !named.contains(folder));
    let orphan = |(folder, objects): (Folder, Vec<Listed>)| Orphan {
        folder,
        objects: objects.len() as u64,
        bytes: listed_bytes(&objects),
        modified: objects.iter().map(|object| object.modified).max().unwrap_or(Timestamp::MAX),
        keys: objects.into_iter().filter_map(|object| object.key.ok()).collect(),
    };
    Ok(folders.into_iter().map(orphan).collect())
}

/// What the manifest of a track names, as it is now.
async fn named(store: &Store, track: &TrackId) -> Result<BTreeSet<Folder>, StoreError> {
    let manifest = store.read::<Manifest>(&ObjectKey::Manifest(track.clone())).await?;
    Ok(manifest.map(|(manifest, _)| orphans::named(&manifest)).unwrap_or_default())
}

/// Deletes orphans that [`find`] found, after a look whether each of them still is one. `now` is asked again for
/// each batch.
///
/// # Errors
/// [`GcError::TooSlow`], and whatever the store says. What was deleted until then stays deleted.
pub async fn sweep(
    store: &Store,
    found: &Orphans,
    now: &(dyn Fn() -> Timestamp + Send + Sync),
) -> Result<Swept, GcError> {
    let mut releases = Releases::default();
    let mut swept = Swept::default();
    for batch in batches(&found.orphans) {
        // the first look takes as long as there are releases; those after it read what changed
        releases.read(store, now()).await?;
        let batch = timeout(BATCH, delete(store, &mut releases, batch, now)).await;
        let batch = batch.map_err(|_| GcError::TooSlow)??;
        swept.objects += batch.objects;
        swept.bytes += batch.bytes;
        swept.spared += batch.spared;
    }
    Ok(swept)
}

/// Orphans together as long as they fit one request, larger ones alone.
fn batches(orphans: &[Orphan]) -> Vec<&[Orphan]> {
    let mut batches = Vec::new();
    let mut rest = orphans;
    while let Some(first) = rest.first() {
        let mut keys = first.keys.len();
        let more = rest.iter().skip(1).take_while(|orphan| {
            keys += orphan.keys.len();
            keys <= PAGE
        });
        let (batch, others) = rest.split_at(1 + more.count());
        batches.push(batch);
        rest = others;
    }
    batches
}

async fn delete(
    store: &Store,
    releases: &mut Releases,
    batch: &[Orphan],
    now: &(dyn Fn() -> Timestamp + Send + Sync),
) -> Result<Swept, GcError> {
    let mut taken = releases.read(store, now()).await?;
    let tracks: BTreeSet<&TrackId> = batch.iter().map(|orphan| orphan.folder.track()).collect();
    let names = tracks.into_iter().map(|track| named(store, track));
    let names: Vec<_> = stream::iter(names).buffered(AT_ONCE).try_collect().await?;
    taken.extend(names.into_iter().flatten());
    let (spared, doomed): (Vec<&Orphan>, Vec<_>) =
        batch.iter().partition(|orphan| taken.contains(&orphan.folder));
    let seals: BTreeSet<ObjectKey> = doomed.iter().map(|orphan| orphan.folder.seal()).collect();
    let (first, others): (Vec<_>, Vec<_>) =
        doomed.iter().flat_map(|orphan| orphan.keys.iter().cloned()).partition(|key| seals.contains(key));
    for keys in first.chunks(PAGE).chain(others.chunks(PAGE)) {
        store.delete(keys).await?;
    }
    Ok(Swept {
        objects: doomed.iter().map(|orphan| orphan.objects).sum(),
        bytes: doomed.iter().map(|orphan| orphan.bytes).sum(),
        spared: spared.len() as u64,
    })
}

/// The releases as they were read last, so that only those that changed are read again.
#[derive(Debug, Default)]
struct Releases(BTreeMap<ObjectKey, (Option<String>, ReleaseRecord)>);

impl Releases {
    /// Every folder that a release spares at `now`.
    async fn read(&mut self, store: &Store, now: Timestamp) -> Result<BTreeSet<Folder>, StoreError> {
        let listed = store.list_all("releases/").await?;
        let changed = listed.into_iter().filter_map(|listed| {
            let key = listed.key.ok()?;
            let known = self.0.get(&key).is_some_and(|(etag, _)| etag.is_some() && *etag == listed.etag);
            (!known).then_some((key, listed.etag))
        });
        let reads = changed.map(|(key, etag)| async move {
            let commit = store.read::<ReleaseRecord>(&key).await?.map(|(commit, _)| commit);
            Ok::<_, StoreError>(commit.map(|commit| (key, (etag, commit))))
        });
        let read: Vec<_> = stream::iter(reads).buffer_unordered(AT_ONCE).try_collect().await?;
        self.0.extend(read.into_iter().flatten());
        Ok(self.0.values().flat_map(|(_, commit)| orphans::spared(commit, now)).collect())
    }
}
