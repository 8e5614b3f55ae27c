//! What lies in storage, and the publishers that change it.

use std::collections::HashMap;

use jiff::Timestamp;
use nada_catalog::{Changes, TrackId};

use crate::{TRACKS, sampling::Sampling};

/// Tracks that one release changes in one write of `changes.json`.
const RELEASE: u64 = 12;
/// Changes of which one is a takedown.
const TAKEDOWNS: f64 = 0.05;

/// A manifest, as far as it matters here.
#[derive(Debug, Clone, Copy)]
pub struct Stored {
    pub revision: u64,
    /// Since when the track is withdrawn.
    pub withdrawn: Option<i64>,
}

/// The primary origin.
pub struct Storage {
    pub changes: Changes,
    pub takedowns: u64,
    changed: HashMap<u64, Stored>,
    tracks: u64,
}

/// How much is published a day, and how.
#[derive(Debug, Clone, Copy)]
pub struct Publishing {
    pub new: u64,
    pub changed: u64,
    /// Whether half of it is published in the first two hours.
    pub at_midnight: bool,
    /// Whether tracks that never existed are announced in `changes.json`.
    pub announce_new: bool,
}

impl Storage {
    pub fn new() -> Self {
        Self { changes: Changes::default(), takedowns: 0, changed: HashMap::new(), tracks: TRACKS }
    }

    pub fn manifest(&self, track: u64) -> Stored {
        self.changed.get(&track).copied().unwrap_or(Stored { revision: 1, withdrawn: None })
    }
}

impl Publishing {
    /// Publishes what falls into second `second` of the day, which is `now`.
    pub fn pass_second(&self, storage: &mut Storage, sampling: &mut Sampling, now: i64, second: i64) {
        let share = match (self.at_midnight, second < 7200) {
            (false, _) => 1.0 / 86_400.0,
            (true, true) => 0.5 / 7200.0,
            (true, false) => 0.5 / 79_200.0,
        };
        let releases = |tracks: u64| tracks as f64 / RELEASE as f64 * share;
        for _ in 0..sampling.events(releases(self.changed)) {
            let tracks: Vec<u64> = (0..RELEASE)
                .map(|_| if sampling.chance(0.5) { sampling.rank(TRACKS) } else { sampling.any(TRACKS) })
                .collect();
            self.change(storage, sampling, &tracks, now);
        }
        for _ in 0..sampling.events(releases(self.new)) {
            let first = storage.tracks + 1;
            storage.tracks += RELEASE;
            if self.announce_new {
                let announced: Vec<_> = (first..=storage.tracks).map(|track| (id(track), 1)).collect();
                storage.changes = storage.changes.with(&announced, at(now));
            }
        }
    }

    /// As publishers do: first the list of changes, then the manifests.
    fn change(&self, storage: &mut Storage, sampling: &mut Sampling, tracks: &[u64], now: i64) {
        let next = |track: &u64| storage.manifest(*track).revision + 1;
        let announced: Vec<_> = tracks.iter().map(|track| (id(*track), next(track))).collect();
        storage.changes = storage.changes.with(&announced, at(now));
        for (track, (_, revision)) in tracks.iter().zip(announced) {
            let before = storage.manifest(*track).withdrawn;
            let withdrawn = before.or_else(|| sampling.chance(TAKEDOWNS).then_some(now));
            storage.takedowns += u64::from(withdrawn != before);
            storage.changed.insert(*track, Stored { revision, withdrawn });
        }
    }
}

pub fn id(track: u64) -> TrackId {
    format!("T{track}").parse().unwrap()
}

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}
