//! Why a release was not published.

use std::{io, path::PathBuf};

use nada_catalog::{ClipId, Conflict, ObjectKey, ReleaseId, Share, TrackId, Version, share::MAX_CLIPS};
use nada_pipeline::PackageError;
use nada_protection::KeyError;

use super::defect::Defect;
use crate::{ErrorClass, store::StoreError};

/// Why a release was not published. Where nothing else is said, no manifest was touched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// A file cannot be read.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A file was changed while it was read.
    #[error("{}: changed while it was being packaged; run this again", .0.display())]
    Changed(PathBuf),
    /// A master cannot be packaged.
    #[error("{}: {}", path.display(), of_master(source))]
    Audio {
        /// The file.
        path: PathBuf,
        /// What the packager refused or could not do.
        source: PackageError,
    },
    /// A track is to be protected, and nobody says where keys come from.
    #[error(
        "track {0} is to be protected, and there are no keys: name a seed (--seed FILE, NADA_SEED; for the Lambda \
         NADA_SEED_SECRET) or a key server (--speke-url URL), or say protection = \"none\""
    )]
    NoKeySource(TrackId),
    /// The keys of a track are not to be had.
    #[error("track {track}: {source}; nothing of it is published")]
    Keys {
        /// The track.
        track: TrackId,
        /// Why.
        source: KeyError,
    },
    /// What was packaged breaks a MUST of HLS.
    #[error(
        "track {track}: what was packaged breaks rule {rule}: {finding} ({count} in all); nothing of it is \
         published, and this is a defect in Nada"
    )]
    Invalid {
        /// The track.
        track: TrackId,
        /// The first rule broken, of [`nada_check::RULES`].
        rule: &'static str,
        /// Where, and what was found.
        finding: String,
        /// Findings of that weight.
        count: usize,
    },
    /// Lyrics cannot be read.
    #[error("{}: {source}", path.display())]
    Lyrics {
        /// The file.
        path: PathBuf,
        /// Why, with line and column.
        source: nada_lyrics::Error,
    },
    /// Lyrics were read with so many warnings, which were to be errors.
    #[error("{0} warnings about lyrics, and --strict: nothing of it is published")]
    Warned(usize),
    /// Someone else changed the track's rights.
    #[error(
        "track {track}: its rights are {found} in the store, which this release did not write, and {wanted} in \
         release.toml: make them the same, or give --replace-rights to write those of release.toml"
    )]
    Rights {
        /// The track.
        track: TrackId,
        /// The rights stored, as JSON.
        found: String,
        /// The rights wanted, as JSON.
        wanted: String,
    },
    /// Someone else changed a manifest since this release began. Manifests switched before it stay switched.
    #[error("{0}. Look at what is there, then publish again")]
    Conflict(#[from] Conflict),
    /// Another publisher began on the same release.
    #[error("release {0} is being published by somebody else, who began later: nothing of this run counts")]
    Superseded(ReleaseId),
    /// Somebody else changed the manifest first.
    #[error(
        "track {track}: its revision is {found}, not {expected}: somebody else was first. Look at what is there \
         (nada status --track {track}), then decide again"
    )]
    Revision {
        /// The track.
        track: TrackId,
        /// The revision that was to be changed.
        expected: u64,
        /// The one that is there.
        found: u64,
    },
    /// The manifest does not keep that version, or it is not stored.
    #[error("track {track}: version {version} is none that can be rolled back to; kept are {}", list(kept))]
    NoSuchVersion {
        /// The track.
        track: TrackId,
        /// The version.
        version: Version,
        /// The versions kept, the current one first.
        kept: Vec<Version>,
    },
    /// An object that the release relies on was deleted under its hands.
    #[error("{0} was deleted while this release was being published; no manifest names it. Run this again")]
    Swept(ObjectKey),
    /// There is no such track.
    #[error("track {0} is not in this store")]
    NoSuchTrack(TrackId),
    /// A clip shows more than the track's rights share anywhere.
    #[error(
        "track {track}: its rights share {} lines and {} seconds in one clip at most: show less, or change the rights \
         (share = {{ lines = …, seconds = … }} in release.toml, nada rights {track})", most.lines, most.seconds
    )]
    NotShared {
        /// The track.
        track: TrackId,
        /// The most that they share in any territory.
        most: Share,
    },
    /// A track has as many clips as it may.
    #[error("track {0} has {MAX_CLIPS} clips, which is the most: take one back first")]
    TooManyClips(TrackId),
    /// The track has no such clip.
    #[error("track {track} has no clip {clip}")]
    NoSuchClip {
        /// The track.
        track: TrackId,
        /// The clip.
        clip: ClipId,
    },
    /// A master does not fit on this machine's disk.
    #[error(
        "{}: {needed} bytes are needed for it in {}, where {free} of {total} are free: make room there, or give a \
         function more ephemeral storage", path.display(), folder.display()
    )]
    NoRoom {
        /// The master.
        path: PathBuf,
        /// Where it was to be written.
        folder: PathBuf,
        /// Bytes needed, a reserve included.
        needed: u64,
        /// Bytes free.
        free: u64,
        /// Bytes of the whole file system.
        total: u64,
    },
    /// A master cannot be written to this machine's disk.
    #[error("{}: cannot be written here: {source}", path.display())]
    Disk {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A fault of Nada itself.
    #[error("{0}; this is a defect in Nada")]
    Defect(#[from] Defect),
}

/// Without the file's name, which the master may not have here.
fn of_master(error: &PackageError) -> String {
    if let PackageError::Source(error) = error { error.refusal.to_string() } else { error.to_string() }
}

fn list(versions: &[Version]) -> String {
    versions.iter().map(Version::as_str).collect::<Vec<_>>().join(", ")
}

impl PublishError {
    /// The party that must act.
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Audio { source, .. } if source.was_killed() => ErrorClass::Unavailable,
            Self::Audio { source, .. } if source.is_defect() => ErrorClass::Defect,
            Self::Invalid { .. } | Self::Defect(_) => ErrorClass::Defect,
            Self::Keys { source, .. } => match source {
                KeyError::Unreachable(_) | KeyError::Unavailable(_) => ErrorClass::Unavailable,
                KeyError::Refused(_) => ErrorClass::Access,
                KeyError::Status(_) | KeyError::Answer(_) => ErrorClass::Input,
            },
            Self::File { .. }
            | Self::Changed(_)
            | Self::NoKeySource(_)
            | Self::Audio { .. }
            | Self::Lyrics { .. }
            | Self::Warned(_)
            | Self::NoSuchVersion { .. }
            | Self::NotShared { .. }
            | Self::TooManyClips(_)
            | Self::NoSuchClip { .. }
            | Self::NoSuchTrack(_) => ErrorClass::Input,
            Self::Rights { .. } | Self::Revision { .. } | Self::Conflict(_) | Self::Superseded(_) => {
                ErrorClass::Conflict
            }
            Self::Swept(_) => ErrorClass::Unavailable,
            Self::NoRoom { .. } | Self::Disk { .. } => ErrorClass::Output,
            Self::Store(error) => error.class(),
        }
    }

    /// Whether the same may succeed later without anybody changing anything. A publisher that lost a race
    /// finds at its next try what the other has published.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Changed(_)
            | Self::Swept(_)
            | Self::Conflict(_)
            | Self::Superseded(_)
            | Self::Disk { .. } => true,
            Self::Audio { source, .. } => source.was_killed(),
            Self::Keys { source, .. } => {
                matches!(source, KeyError::Unreachable(_) | KeyError::Unavailable(_))
            }
            Self::NoRoom { needed, total, .. } => needed <= total,
            Self::Store(error) => error.is_retryable(),
            Self::File { .. }
            | Self::NoKeySource(_)
            | Self::Lyrics { .. }
            | Self::Warned(_)
            | Self::NoSuchVersion { .. }
            | Self::NotShared { .. }
            | Self::TooManyClips(_)
            | Self::NoSuchClip { .. }
            | Self::NoSuchTrack(_)
            | Self::Invalid { .. }
            | Self::Rights { .. }
            | Self::Revision { .. }
            | Self::Defect(_) => false,
        }
    }
}
