//! The manifest: the one mutable object a track has, which everything served of it is decided from.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    id::{ClipId, LyricsDigest, ReleaseId, TrackId, Version},
    key::LyricsFile,
    lyrics::LyricsIndex,
    picture::{Artwork, PictureFormat},
    presentation::{Loudness, Presentation},
    rights::Rights,
    share::Clip,
};

/// How many versions, the current one included, a manifest keeps serving.
pub const KEPT_VERSIONS: usize = 3;

/// Whether a track is to be heard at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// As its rights say.
    Live,
    /// Nowhere, until it is restored.
    Withdrawn,
}

/// A version that is still served: players that began with it go on with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct KeptVersion {
    /// The version.
    pub version: Version,
    /// When it became current (RFC 3339).
    #[serde(deserialize_with = "crate::rfc3339::instant")]
    pub at: Timestamp,
}

/// `tracks/{track}/manifest.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`crate::FORMAT`].
    pub format: u32,
    /// Counts the changes of this manifest from 1.
    pub revision: u64,
    /// The track.
    pub track: TrackId,
    /// The release that published it last.
    pub release: ReleaseId,
    /// The track's title, for people.
    pub title: String,
    /// The artists, for people, in the order they are billed.
    pub artists: Vec<String>,
    /// The release's title, for people.
    pub album: String,
    /// The label, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Whether it is to be heard at all.
    pub status: Status,
    /// Where and when it may be heard.
    pub rights: Rights,
    /// The current presentation.
    pub presentation: Presentation,
    /// The release's loudness over all its tracks; absent for silence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub album_loudness: Option<Loudness>,
    /// The versions that are served, the current one first.
    pub versions: Vec<KeptVersion>,
    /// The current lyrics.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lyrics: Option<LyricsIndex>,
    /// Earlier lyrics that are still served, newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub previous_lyrics: Vec<LyricsIndex>,
    /// The artwork.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artwork: Option<Artwork>,
    /// The clips that were made of the track, the oldest first, [`crate::share::MAX_CLIPS`] at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clips: Vec<Clip>,
    /// When this revision was written (RFC 3339).
    #[serde(deserialize_with = "crate::rfc3339::instant")]
    pub updated: Timestamp,
}

impl Manifest {
    /// Whether the version is served. What it consists of is said by the manifest itself where it is the current one, and
    /// else by its own [`Presentation`].
    pub fn keeps(&self, version: &Version) -> bool {
        self.versions.iter().any(|kept| &kept.version == version)
    }

    /// The clip of that name.
    pub fn clip(&self, id: &ClipId, format: PictureFormat) -> Option<&Clip> {
        self.clips.iter().find(|clip| &clip.id == id && clip.format == format)
    }

    /// Whether the manifest proves that the lyrics file exists, in the current lyrics or earlier ones.
    pub fn has_lyrics(&self, digest: &LyricsDigest, file: &LyricsFile) -> bool {
        let mut all = self.lyrics.iter().chain(&self.previous_lyrics);
        all.find(|index| &index.digest == digest).is_some_and(|index| index.has(file))
    }
}
