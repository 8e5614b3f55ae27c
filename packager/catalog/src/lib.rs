#![doc = include_str!("../README.md")]
#![warn(clippy::wildcard_enum_match_arm)]

pub mod byte_lengths;
pub mod changes;
pub mod id;
pub mod key;
pub mod loudness_histogram;
pub mod lyrics;
pub mod manifest;
pub mod multivariant;
pub mod picture;
pub mod presentation;
pub mod release_record;
pub mod rendition;
pub mod revocations;
mod rfc3339;
pub mod rights;
pub mod share;
pub mod stored;
mod strict;
pub mod track;
pub mod track_file;

pub use byte_lengths::ByteLengths;
pub use changes::{Change, Changes};
pub use id::{ArtworkDigest, ClipId, IdError, LayerTag, LyricsDigest, ReleaseId, TrackId, Version};
pub use key::{CachePolicy, LyricsFile, LyricsForm, ObjectKey, RenditionFile};
pub use loudness_histogram::LoudnessHistogram;
pub use lyrics::{LayerKind, LyricsIndex, LyricsLayer, SyncUnit};
pub use manifest::{KeptVersion, Manifest, Status};
pub use multivariant::{PresentationKind, multivariant};
pub use picture::{Artwork, PictureFormat};
pub use presentation::{Loudness, Presentation, Rendition, Timeline};
pub use release_record::{Conflict, ManifestChange, ReleaseRecord, ReleaseState};
pub use rendition::{Codec, RenditionName};
pub use revocations::{Revocation, RevocationError, Revocations};
pub use rights::{Access, Country, Rights, Territory, TerritoryCode};
pub use share::{Clip, ClipKind, Share, ShareInfo};
pub use stored::{StoredError, from_json, to_json};
pub use track_file::{PartRange, TrackFileLayout};

/// The version of every stored JSON format in this crate; a reader refuses any other (see [`stored`]).
pub const FORMAT: u32 = 2;
