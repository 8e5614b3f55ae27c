//! How to publish.

use std::{sync::Arc, time::Duration};

use nada_protection::KeySource;

use crate::release_toml::Recipe;

/// How long after it has named all its versions and lyrics a release that relies on old objects looks for them
/// again: twice what a sweep takes from its look at the releases to the end of its deletions.
pub const SETTLING: Duration = Duration::from_secs(2 * crate::gc::BATCH.as_secs());

/// How to publish.
#[derive(Debug, Clone)]
pub struct PublishSettings {
    /// How masters are packaged, before what the release says of it.
    pub recipe: Recipe,
    /// Tracks packaged at once.
    pub jobs: usize,
    /// Objects sent to the store at once, over all tracks; they are 16 MiB together at most, or one that is larger.
    pub uploads: usize,
    /// Threads, memory and isolation of packaging.
    pub execution: nada_pipeline::Execution,
    /// Where the keys of protected tracks come from; a release that has such is refused without.
    pub keys: Option<Arc<dyn KeySource>>,
    /// Where pictures are decoded, by a program that makes artwork (cargo feature `pictures`); `None` leaves artwork as it is,
    /// and refuses a release that names some.
    pub pictures: Option<nada_pipeline::Isolation>,
    /// Whether rights that somebody else wrote may be replaced.
    pub replace_rights: bool,
    /// Whether lyrics that would be repaired with a warning are refused instead.
    pub strict: bool,
    /// How long a release that relies on old objects waits for sweeps: [`SETTLING`], unless nobody sweeps.
    pub settling: Duration,
}

impl Default for PublishSettings {
    /// Two tracks, so that one is encoded while the last parts of the other are sent; 16 objects.
    fn default() -> Self {
        Self {
            recipe: Recipe::default(),
            jobs: 2,
            uploads: 16,
            execution: nada_pipeline::Execution::default(),
            keys: None,
            pictures: None,
            replace_rights: false,
            strict: false,
            settling: SETTLING,
        }
    }
}
