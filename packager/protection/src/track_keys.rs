//! The two keys of a track.

use crate::{content_key::ContentKey, iv::ConstantIv, key_id::KeyId, signalling::KeyTags, tier::Tier};

/// The names of a track's keys, which are known before the keys are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyIds {
    /// Of the key of every AAC rendition.
    pub lossy: KeyId,
    /// Of the key of the FLAC rendition.
    pub lossless: KeyId,
}

impl KeyIds {
    /// The name of one tier's key.
    pub fn of(&self, tier: Tier) -> KeyId {
        match tier {
            Tier::Lossy => self.lossy,
            Tier::Lossless => self.lossless,
        }
    }
}

/// One key of a track, and what players are told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TierKey {
    /// Its name.
    pub id: KeyId,
    /// The key.
    pub key: ContentKey,
    /// The IV of its samples.
    pub iv: ConstantIv,
    /// The `pssh` boxes of the header, one behind the other (ISO/IEC 23001-7 §8.1).
    pub pssh: Vec<u8>,
    /// What playlists say of it.
    pub tags: KeyTags,
}

/// The keys of a track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackKeys {
    /// Of every AAC rendition.
    pub lossy: TierKey,
    /// Of the FLAC rendition.
    pub lossless: TierKey,
}

impl TrackKeys {
    /// The key of one tier.
    pub fn of(&self, tier: Tier) -> &TierKey {
        match tier {
            Tier::Lossy => &self.lossy,
            Tier::Lossless => &self.lossless,
        }
    }

    /// The names of both.
    pub fn ids(&self) -> KeyIds {
        KeyIds { lossy: self.lossy.id, lossless: self.lossless.id }
    }
}
