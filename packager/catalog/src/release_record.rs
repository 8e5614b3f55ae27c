//! `releases/{release}.json` and how a release is committed as one: every object first, then the intended
//! change of each manifest, then the manifests, then the word `live`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    FORMAT,
    id::{ArtworkDigest, LyricsDigest, ReleaseId, TrackId, Version},
    lyrics::LyricsIndex,
    manifest::{KEPT_VERSIONS, KeptVersion, Manifest, Status},
    picture::Artwork,
    presentation::{Loudness, Presentation},
    rights::Rights,
};

/// How far a release has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ReleaseState {
    /// Its objects are being written; nothing points at them. A dead one blocks nobody.
    Uploading,
    /// Every object is there and the manifests are being switched. A rerun completes it.
    Committing,
    /// Every manifest is switched.
    Live,
}

/// What a release has of one track.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RecordedTrack {
    /// The track.
    pub track: TrackId,
    /// The version being published.
    pub version: Version,
    /// The lyrics being published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lyrics: Option<LyricsDigest>,
    /// The artwork being published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artwork: Option<ArtworkDigest>,
    /// From `committing` on, the intended change of the manifest; while uploading, the one that this release
    /// made last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<ManifestChange>,
}

/// `releases/{release}.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReleaseRecord {
    /// [`crate::FORMAT`].
    pub format: u32,
    /// The release.
    pub release: ReleaseId,
    /// How far it has come.
    pub state: ReleaseState,
    /// When this state was written (RFC 3339).
    #[serde(deserialize_with = "crate::rfc3339::instant")]
    pub at: Timestamp,
    /// Its tracks, in order.
    pub tracks: Vec<RecordedTrack>,
}

/// What a manifest held when its change was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// The current version.
    pub version: Version,
    /// The rights.
    pub rights: Rights,
}

/// The intended change of one manifest: never a whole manifest, so that what others changed meanwhile
/// (a withdrawal, say) is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ManifestChange {
    /// What the manifest held; absent where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Expected>,
    /// The track's title.
    pub title: String,
    /// Its artists.
    pub artists: Vec<String>,
    /// The release's title.
    pub album: String,
    /// The label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The rights.
    pub rights: Rights,
    /// The presentation.
    pub presentation: Presentation,
    /// The release's loudness.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub album_loudness: Option<Loudness>,
    /// The lyrics.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lyrics: Option<LyricsIndex>,
    /// The artwork.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artwork: Option<Artwork>,
}

/// Someone else changed the manifest since the change was decided.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// Another presentation is current.
    #[error("track {track}: version {found} is current now, but {expected} was when this release began")]
    Presentation {
        /// The track.
        track: TrackId,
        /// What was current, or `none`.
        expected: String,
        /// What is current, or `none`.
        found: String,
    },
    /// The rights differ.
    #[error("track {track}: its rights were changed since this release began, from {expected} to {found}")]
    Rights {
        /// The track.
        track: TrackId,
        /// The rights then, as JSON.
        expected: String,
        /// The rights now, as JSON.
        found: String,
    },
}

impl ManifestChange {
    /// The manifest that this change makes of the one found, or `None` where it is already as intended.
    /// The status and the clips of the manifest found are kept; a new one is live and has none.
    ///
    /// # Errors
    /// Where the presentation or the rights found are neither those expected nor those intended.
    pub fn apply(
        &self,
        release: &ReleaseId,
        found: Option<&Manifest>,
        now: Timestamp,
    ) -> Result<Option<Manifest>, Conflict> {
        let track = &self.presentation.track;
        let mut next = Manifest {
            format: FORMAT,
            revision: 1,
            track: track.clone(),
            release: release.clone(),
            title: self.title.clone(),
            artists: self.artists.clone(),
            album: self.album.clone(),
            label: self.label.clone(),
            status: Status::Live,
            rights: self.rights.clone(),
            presentation: self.presentation.clone(),
            album_loudness: self.album_loudness,
            versions: vec![KeptVersion { version: self.presentation.version.clone(), at: now }],
            lyrics: self.lyrics.clone(),
            previous_lyrics: Vec::new(),
            artwork: self.artwork.clone(),
            clips: Vec::new(),
            updated: now,
        };
        let Some(found) = found else {
            return match &self.expected {
                None => Ok(Some(next)),
                Some(expected) => Err(Conflict::Presentation {
                    track: track.clone(),
                    expected: expected.version.to_string(),
                    found: "none".to_owned(),
                }),
            };
        };
        next.revision = found.revision + 1;
        next.status = found.status;
        next.versions = kept_versions(&next.presentation, found, now);
        next.previous_lyrics = kept_lyrics(next.lyrics.as_ref(), found);
        // clips are published by themselves
        next.clips.clone_from(&found.clips);
        let same = Manifest { revision: found.revision, updated: found.updated, ..next.clone() };
        if &same == found {
            return Ok(None);
        }
        self.check(found)?;
        Ok(Some(next))
    }

    fn check(&self, found: &Manifest) -> Result<(), Conflict> {
        let track = &self.presentation.track;
        let version = self.expected.as_ref().map(|e| &e.version);
        let current = &found.presentation.version;
        if version != Some(current) && current != &self.presentation.version {
            return Err(Conflict::Presentation {
                track: track.clone(),
                expected: version.map_or_else(|| "none".to_owned(), ToString::to_string),
                found: current.to_string(),
            });
        }
        let rights = self.expected.as_ref().map(|e| &e.rights);
        if rights != Some(&found.rights) && found.rights != self.rights {
            let json = |rights: Option<&Rights>| serde_json::to_string(&rights).unwrap_or_default();
            return Err(Conflict::Rights {
                track: track.clone(),
                expected: json(rights),
                found: json(Some(&found.rights)),
            });
        }
        Ok(())
    }
}

/// The versions to serve from now on: `next` first, then the ones found, up to [`KEPT_VERSIONS`].
fn kept_versions(next: &Presentation, found: &Manifest, now: Timestamp) -> Vec<KeptVersion> {
    let since =
        found.versions.first().filter(|kept| kept.version == next.version).map_or(now, |kept| kept.at);
    let others = found.versions.iter().filter(|kept| kept.version != next.version).cloned();
    std::iter::once(KeptVersion { version: next.version.clone(), at: since })
        .chain(others)
        .take(KEPT_VERSIONS)
        .collect()
}

/// The earlier lyrics to serve beside `next`.
fn kept_lyrics(next: Option<&LyricsIndex>, found: &Manifest) -> Vec<LyricsIndex> {
    let all = found.lyrics.iter().chain(&found.previous_lyrics);
    all.filter(|index| next.is_none_or(|next| next.digest != index.digest))
        .take(KEPT_VERSIONS - 1)
        .cloned()
        .collect()
}
