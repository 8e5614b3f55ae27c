//! What one key of a track opens.

use std::fmt;

/// The renditions that share a key: a licence may stop at a tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tier {
    /// Every AAC rendition.
    Lossy,
    /// The FLAC rendition.
    Lossless,
}

impl Tier {
    /// Both, the lossy one first.
    pub const ALL: [Self; 2] = [Self::Lossy, Self::Lossless];
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lossy => "lossy",
            Self::Lossless => "lossless",
        })
    }
}
