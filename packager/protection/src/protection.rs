//! How a track is protected: all that its bytes depend on, and no key.

use std::fmt;

use crate::{terms::ProtectionTerms, track_keys::KeyIds};

/// How a track is protected. Everything here is public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protection {
    /// The terms.
    pub terms: ProtectionTerms,
    /// The names of the keys.
    pub key_ids: KeyIds,
}

/// What version ids cover: scheme, lead, key version, systems, and key ids. Two with the same text have the same bytes, since a
/// key id names its key.
impl fmt::Display for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { terms, key_ids } = self;
        write!(f, "{terms},lossy={},lossless={}", key_ids.lossy.hex(), key_ids.lossless.hex())
    }
}
