//! Whether a release relies on objects that a sweep may be about to delete.

use std::sync::atomic::{AtomicBool, Ordering};

use jiff::{SignedDuration, Timestamp};

use super::inventory::Inventory;

/// Younger objects are spared by every sweep, whatever the difference of clocks.
const YOUNG: SignedDuration = SignedDuration::from_hours(12);

/// Whether objects were found that a sweep may have chosen.
#[derive(Debug, Default)]
pub(super) struct OldObjects(AtomicBool);

impl OldObjects {
    /// Takes note of what the release relies on.
    pub fn note(&self, stored: &Inventory, now: Timestamp) {
        let old = stored.oldest().is_some_and(|oldest| now.duration_since(oldest) > YOUNG);
        self.0.fetch_or(old, Ordering::Relaxed);
    }

    /// Whether any of them is.
    pub fn any(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
