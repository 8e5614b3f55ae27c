//! What a publish tells while it runs, and at its end.

use std::{ops::AddAssign, sync::Arc, time::Duration};

use nada_catalog::{ArtworkDigest, LyricsDigest, ObjectKey, ReleaseId, ReleaseState, TrackId, Version};

use serde::{Deserialize, Serialize};

use crate::store::Put;

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event<'a> {
    /// A run that had died while it switched manifests is being completed first.
    Completing(&'a ReleaseId),
    /// Work on a track begins; its version may be in the store already.
    Track {
        /// The track.
        track: &'a TrackId,
        /// The version.
        version: &'a Version,
        /// Whether it is there, so that nothing is encoded.
        present: bool,
    },
    /// A track's audio was decoded so far, in samples of the source.
    Decoded {
        /// The track.
        track: &'a TrackId,
        /// Samples done.
        done: u64,
        /// Samples there are, where the source says so.
        total: Option<u64>,
    },
    /// A track's audio was encoded to its end.
    Encoded {
        /// The track.
        track: &'a TrackId,
        /// How long its media last, in milliseconds.
        duration_ms: u64,
        /// How long that took, from the first sample read to the last part handed over.
        took: Duration,
    },
    /// An immutable object is in the store.
    Stored {
        /// The object.
        key: &'a ObjectKey,
        /// Its size.
        bytes: u64,
        /// Whether it was written now.
        put: Put,
    },
    /// Every object of a track's audio is in the store.
    MediaStored(&'a TrackId),
    /// Every object of a track is in the store, its lyrics too.
    TrackStored(&'a TrackId),
    /// The release relies on objects that lay in the store for long, and waits until no sweep that was under way
    /// can take them any more.
    Settling(Duration),
    /// A lyrics file holds something that was set right or left out; file, line and column are in the text.
    Warning(&'a str),
    /// The release has come so far.
    State(ReleaseState),
}

/// Takes the events of a publish: a progress bar, a log, or nothing (`()`). Called from several threads.
pub trait Reporter: Send + Sync {
    /// Takes note of an event, at once.
    fn event(&self, event: Event<'_>);
}

impl Reporter for () {
    fn event(&self, _: Event<'_>) {}
}

impl<R: Reporter + ?Sized> Reporter for Arc<R> {
    fn event(&self, event: Event<'_>) {
        (**self).event(event);
    }
}

/// Objects of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Objects that were written in this run.
    pub uploaded: u64,
    /// Bytes of them.
    pub uploaded_bytes: u64,
    /// Objects that were there already and were not sent.
    pub present: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.uploaded += other.uploaded;
        self.uploaded_bytes += other.uploaded_bytes;
        self.present += other.present;
    }
}

/// One track of a published release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackReport {
    /// The track.
    pub track: TrackId,
    /// The version that is current now.
    pub version: Version,
    /// Whether it was encoded in this run.
    pub packaged: bool,
    /// How long its media last, in milliseconds.
    pub duration_ms: u64,
    /// The lyrics that are current now.
    pub lyrics: Option<LyricsDigest>,
    /// The artwork that is current now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artwork: Option<ArtworkDigest>,
    /// The revision of its manifest.
    pub revision: u64,
    /// Its immutable objects. None are present where the version was current already, and so was not looked at.
    #[serde(flatten)]
    pub objects: Counts,
}

/// A published release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The release.
    pub release: ReleaseId,
    /// Its tracks.
    pub tracks: Vec<TrackReport>,
    /// Objects that were written in this run, mutable ones included. A rerun of the same writes none.
    pub uploaded: u64,
    /// Bytes of them.
    pub uploaded_bytes: u64,
    /// Immutable objects that were there already and were not sent.
    pub present: u64,
}
