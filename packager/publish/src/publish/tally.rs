//! What one run wrote, and what it found in place.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use nada_catalog::{TrackId, to_json};
use serde::Serialize;

use super::report::Counts;
use crate::store::Put;

/// Counts objects and bytes.
#[derive(Debug, Default)]
pub(super) struct Tally(Mutex<(Counts, BTreeMap<TrackId, Counts>)>);

impl Tally {
    fn add(&self, track: Option<&TrackId>, counts: Counts) {
        let mut guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (all, tracks) = &mut *guard;
        *all += counts;
        if let Some(track) = track {
            *tracks.entry(track.clone()).or_default() += counts;
        }
    }

    /// An immutable object of a track, of so many bytes, is in the store.
    pub fn put(&self, track: &TrackId, put: Put, bytes: u64) {
        self.add(
            Some(track),
            match put {
                Put::Written => Counts { uploaded: 1, uploaded_bytes: bytes, present: 0 },
                Put::Present => Counts { present: 1, ..Counts::default() },
            },
        );
    }

    /// So many objects of a track were found in place, all together.
    pub fn found(&self, track: &TrackId, objects: u64) {
        self.add(Some(track), Counts { present: objects, ..Counts::default() });
    }

    /// A mutable value was written as JSON.
    pub fn wrote<T: Serialize>(&self, value: &T) {
        let bytes = to_json(value).map_or(0, |bytes| bytes.len() as u64);
        self.add(None, Counts { uploaded: 1, uploaded_bytes: bytes, present: 0 });
    }

    /// All counts so far.
    pub fn all(&self) -> Counts {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0
    }

    /// The counts of one track so far.
    pub fn of(&self, track: &TrackId) -> Counts {
        let guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        guard.1.get(track).copied().unwrap_or_default()
    }
}
