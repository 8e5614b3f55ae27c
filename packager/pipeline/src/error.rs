//! Why a source could not be packaged.

use std::{any::Any, error::Error, path::PathBuf};

use nada_catalog::{RenditionName, byte_lengths::MOST_BYTES};
use nada_protection::KeyId;

use crate::{
    aac::AacError,
    flac::FlacError,
    source::{Refusal, SourceError},
};

/// Why packaging stopped.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// The source cannot be read or decoded.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The AAC encoder refused its settings or its input.
    #[error(transparent)]
    Aac(#[from] AacError),
    /// The FLAC encoder refused its input.
    #[error(transparent)]
    Flac(#[from] FlacError),
    /// A ladder of FLAC alone for a source that is not lossless.
    #[error("the source is not lossless, and the ladder has nothing but FLAC")]
    NothingLossless,
    /// A sample so far over full scale that normalising to it would leave next to nothing of the rest.
    #[error(
        "{}: sample {sample} ({time}) is at {level:+.1} dBFS, and a song is lowered by 24 dB at most: mend that sample, or \
         have it clipped (overs = \"clip\", --overs clip)", .file.display()
    )]
    TooLoud {
        /// The source.
        file: PathBuf,
        /// The sample, counted per channel from 0.
        sample: u64,
        /// Where that is: minutes, seconds, milliseconds.
        time: String,
        /// Its level in decibels over full scale.
        level: f32,
    },
    /// More segments than the index of a track file can count.
    #[error("the source is too long: more than 65,535 segments; longer ones (--segments) are fewer")]
    TooLong,
    /// Protection without its keys.
    #[error("the keys of this protection are not there: {0} is asked for")]
    NoKeys(KeyId),
    /// A segment of more bytes than are stored of one.
    #[error(
        "rendition {rendition} has a segment of {bytes} bytes, and {MOST_BYTES} are the most: have the song cut into \
         shorter segments (segments in release.toml, --segments)"
    )]
    LargeSegment {
        /// The rendition.
        rendition: RenditionName,
        /// The segment's size.
        bytes: u64,
    },
    /// A value that does not fit its box.
    #[error("a fragment or init section could not be written")]
    Boxes(#[from] mp4_atom::Error),
    /// `hls_m3u8` refused a media playlist.
    #[error("the media playlist could not be written")]
    Playlist(#[source] Box<dyn Error + Send + Sync>),
    /// The resampler failed, which is a defect for a rate that was accepted.
    #[error("the source could not be resampled")]
    Resample(#[source] Box<dyn Error + Send + Sync>),
    /// A file could not be stored.
    #[error("storing {object}: {error}")]
    Sink {
        /// The file: `aac-128.mp4`, `aac-128/media.m3u8`.
        object: String,
        /// The sink's own error.
        error: Box<dyn Error + Send + Sync>,
    },
    /// A thread of the packager panicked.
    #[error("{task} panicked ({message}); this is a defect in Nada")]
    Panicked {
        /// What the thread was doing.
        task: String,
        /// The panic's message.
        message: String,
    },
    /// A rendition's segments do not add up to the media.
    #[error("rendition {rendition} has segments of {made} samples, not of {total}; this is a defect in Nada")]
    Incomplete {
        /// The rendition.
        rendition: RenditionName,
        /// Samples in the segments that were made.
        made: u64,
        /// Samples in the media.
        total: u64,
    },
}

impl PackageError {
    /// Whether the system ended the work, which says nothing about the source.
    pub fn was_killed(&self) -> bool {
        matches!(self, Self::Source(error) if error.refusal == Refusal::Killed)
    }

    /// Whether the packager itself is at fault, whatever the source.
    pub fn is_defect(&self) -> bool {
        match self {
            Self::Aac(_)
            | Self::Flac(_)
            | Self::Boxes(_)
            | Self::Playlist(_)
            | Self::Resample(_)
            | Self::Panicked { .. }
            | Self::NoKeys(_)
            | Self::Incomplete { .. } => true,
            Self::Source(_)
            | Self::NothingLossless
            | Self::TooLoud { .. }
            | Self::TooLong
            | Self::LargeSegment { .. }
            | Self::Sink { .. } => false,
        }
    }

    pub(crate) fn resample(error: impl Error + Send + Sync + 'static) -> Self {
        Self::Resample(Box::new(error))
    }

    pub(crate) fn playlist(error: hls_m3u8::Error) -> Self {
        Self::Playlist(Box::new(error))
    }

    /// From what `catch_unwind` and `join` give.
    pub(crate) fn panicked(task: impl Into<String>, payload: &(dyn Any + Send)) -> Self {
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        Self::Panicked { task: task.into(), message: text.unwrap_or("no message").to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_says_what_was_done_and_why_it_ended() {
        let payloads: [(Box<dyn Any + Send>, _); 3] = [
            (Box::new("plain"), "plain"),
            (Box::new("number 7".to_owned()), "number 7"),
            (Box::new(7), "no message"),
        ];
        for (payload, message) in payloads {
            let error = PackageError::panicked("encoding flac", payload.as_ref());
            assert!(error.is_defect());
            assert_eq!(
                error.to_string(),
                format!("encoding flac panicked ({message}); this is a defect in Nada")
            );
        }
    }

    #[test]
    fn what_a_library_refused_is_the_source_of_the_error() {
        let long = crate::playlist::Entry { length: 7 * 44_100, bytes: 1 };
        let playlist = crate::playlist::MediaPlaylist {
            entries: vec![long],
            rate: 44_100,
            target: 6,
            start: [0, 0],
            keys: None,
        };
        let error = playlist.of_files().unwrap_err();
        let reason = error.source().unwrap().to_string();
        assert!(!reason.is_empty() && !error.to_string().contains(&reason), "{error}: {reason}");
    }
}
