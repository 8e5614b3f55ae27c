//! `changes.json`: which manifests changed lately, so that a takedown reaches every edge at a cost that does
//! not grow with the catalogue.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{FORMAT, id::TrackId};

/// How long an entry counts: an edge keeps a manifest one hour, so two cover it with a margin.
pub const ENTRY_LIFETIME: SignedDuration = SignedDuration::from_hours(2);
/// Above this many entries the older ones become the floor.
pub const MOST_ENTRIES: usize = 5_000;
/// Entries younger than this never become the floor.
pub const FLOOR_AGE: SignedDuration = SignedDuration::from_mins(5);
/// Fewer entries than this never become the floor: for each floor every edge reads every manifest once more, so that a day
/// of many changes must not raise it at each of them.
pub const FEWEST_FOLDED: usize = MOST_ENTRIES / 2;

/// One manifest that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The track.
    pub track: TrackId,
    /// The revision its manifest has, or is about to have.
    pub revision: u64,
    /// When the entry was written (RFC 3339).
    #[serde(deserialize_with = "crate::rfc3339::instant")]
    pub at: Timestamp,
}

/// `changes.json`, one for the whole catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Changes {
    /// [`crate::FORMAT`].
    pub format: u32,
    /// Counts the times that older entries were folded: manifests fetched under a lower floor are stale.
    pub floor: u64,
    /// The changes, oldest first, one for a track at most.
    pub entries: Vec<Change>,
}

impl Default for Changes {
    fn default() -> Self {
        Self { format: FORMAT, floor: 0, entries: Vec::new() }
    }
}

impl Changes {
    /// The revision that the track's manifest must have at least, as this copy says at `now`.
    pub fn revision_of(&self, track: &TrackId, now: Timestamp) -> Option<u64> {
        let live =
            |change: &&Change| &change.track == track && now.duration_since(change.at) < ENTRY_LIFETIME;
        self.entries.iter().filter(live).map(|change| change.revision).max()
    }

    /// This copy with `changed` recorded at `now`: entries that ended are dropped, and above
    /// [`MOST_ENTRIES`] those older than [`FLOOR_AGE`] become the floor, where they are at least [`FEWEST_FOLDED`].
    #[must_use]
    pub fn with(&self, changed: &[(TrackId, u64)], now: Timestamp) -> Self {
        let age = |change: &Change| now.duration_since(change.at);
        let highest = |track: &TrackId, revision: u64| {
            self.entries.iter().filter(|e| &e.track == track).map(|e| e.revision).fold(revision, u64::max)
        };
        let mut entries: Vec<Change> = (self.entries.iter())
            .filter(|e| age(e) < ENTRY_LIFETIME && !changed.iter().any(|(track, _)| track == &e.track))
            .cloned()
            .collect();
        for (track, revision) in changed {
            entries.push(Change { track: track.clone(), revision: highest(track, *revision), at: now });
        }
        let mut floor = self.floor;
        let is_young = |change: &Change| age(change) < FLOOR_AGE;
        let old = entries.iter().filter(|change| !is_young(change)).count();
        if entries.len() > MOST_ENTRIES && old >= FEWEST_FOLDED {
            entries.retain(is_young);
            floor += 1;
        }
        Self { format: FORMAT, floor, entries }
    }

    /// Whether this copy still says that all of `changed` happened, by entry or by a floor above `floor`.
    pub fn covers(&self, changed: &[(TrackId, u64)], floor: u64) -> bool {
        self.floor > floor
            || changed.iter().all(|(track, revision)| {
                self.entries.iter().any(|e| &e.track == track && e.revision >= *revision)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn track(name: &str) -> TrackId {
        name.parse().unwrap()
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    #[test]
    fn an_entry_lives_two_hours_and_never_goes_back() {
        let changes = Changes::default().with(&[(track("a"), 7)], at(0)).with(&[(track("a"), 5)], at(10));
        assert_eq!(changes.entries.len(), 1);
        assert_eq!(changes.revision_of(&track("a"), at(11)), Some(7));
        assert_eq!(changes.revision_of(&track("a"), at(10 + 7199)), Some(7));
        assert_eq!(changes.revision_of(&track("a"), at(10 + 7200)), None);
        assert_eq!(changes.revision_of(&track("b"), at(11)), None);
        assert!(changes.with(&[], at(10 + 7200)).entries.is_empty());
    }

    #[test]
    fn too_many_entries_become_a_floor() {
        let many: Vec<_> = (0..MOST_ENTRIES).map(|i| (track(&format!("t{i}")), 1)).collect();
        let full = Changes::default().with(&many, at(0));
        assert_eq!((full.floor, full.entries.len()), (0, MOST_ENTRIES));
        let young = full.with(&[(track("x"), 1)], at(60));
        assert_eq!((young.floor, young.entries.len()), (0, MOST_ENTRIES + 1));
        let folded = full.with(&[(track("x"), 1)], at(301));
        assert_eq!((folded.floor, folded.entries.len()), (1, 1));
        assert!(folded.covers(&many, 0) && !folded.covers(&many, 1));
    }

    #[test]
    fn a_day_of_many_changes_raises_the_floor_seldom() {
        // ten changes a second for 40 minutes, each write with a hundred
        let (mut changes, mut most) = (Changes::default(), 0);
        for write in 0..240 {
            let written: Vec<_> = (0..100).map(|i| (track(&format!("t{write}-{i}")), 1)).collect();
            changes = changes.with(&written, at(write * 10));
            most = most.max(changes.entries.len());
        }
        assert!((1..=24_000 / FEWEST_FOLDED as u64).contains(&changes.floor), "{}", changes.floor);
        assert!(most <= MOST_ENTRIES + FEWEST_FOLDED + 100, "{most}");
    }
}
