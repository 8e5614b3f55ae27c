//! Why a song could not be packaged.

use std::path::PathBuf;

use crate::{
    aac::AacError,
    flac::FlacError,
    source::{Refusal, SourceError},
};

/// Why packaging stopped.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// The source.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The encoder.
    #[error(transparent)]
    Aac(#[from] AacError),
    /// The FLAC encoder.
    #[error(transparent)]
    Flac(#[from] FlacError),
    /// A ladder of FLAC alone for a source that is not lossless.
    #[error("the source is not lossless, and the ladder has nothing but FLAC")]
    NothingLossless,
    /// A sample so far over full scale that normalising to it would leave next to nothing of the song.
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
    /// More segments than their five-digit names hold.
    #[error("the source is too long: more than 99,999 segments")]
    TooLong,
    /// A value that does not fit its box.
    #[error("writing fMP4: {0}")]
    Boxes(#[from] mp4_atom::Error),
    /// A playlist that `hls_m3u8` refused.
    #[error("writing the media playlist: {0}")]
    Playlist(String),
    /// The resampler failed, which for a rate that was accepted is a defect.
    #[error("resampling: {0}")]
    Resample(String),
    /// A file could not be stored.
    #[error("storing {object}: {error}")]
    Sink {
        /// The file, as `rendition/name`.
        object: String,
        /// What the sink said.
        error: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A defect of the packager.
    #[error("a worker of the packager failed; this is a defect in it")]
    Worker,
}

impl PackageError {
    /// Whether the system ended the work, which says nothing of the song.
    pub fn was_killed(&self) -> bool {
        matches!(self, Self::Source(error) if error.refusal == Refusal::Killed)
    }

    pub(crate) fn resample(error: impl ToString) -> Self {
        Self::Resample(error.to_string())
    }

    pub(crate) fn playlist(error: hls_m3u8::Error) -> Self {
        Self::Playlist(error.to_string())
    }
}
