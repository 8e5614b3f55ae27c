//! What one run wrote.

use std::sync::atomic::{AtomicU64, Ordering};

use nada_release::to_json;
use serde::Serialize;

/// Counts objects and bytes written.
#[derive(Debug, Default)]
pub(super) struct Tally {
    objects: AtomicU64,
    bytes: AtomicU64,
}

impl Tally {
    /// An object of so many bytes was written.
    pub fn add(&self, bytes: u64) {
        self.objects.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// A value was written as JSON.
    pub fn wrote<T: Serialize>(&self, value: &T) {
        self.add(to_json(value).map_or(0, |bytes| bytes.len() as u64));
    }

    /// Objects and bytes so far.
    pub fn read(&self) -> (u64, u64) {
        (self.objects.load(Ordering::Relaxed), self.bytes.load(Ordering::Relaxed))
    }
}
