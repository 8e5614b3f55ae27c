//! What can be wrong with a source file.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Why a source file was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {refusal}", .file.display())]
pub struct SourceError {
    /// The file.
    pub file: PathBuf,
    /// What is wrong with it.
    pub refusal: Refusal,
}

/// What is wrong with a source file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum Refusal {
    /// The operating system did not let it be read; what it said.
    #[error("{0}")]
    Unreadable(String),
    /// A folder, a device or a pipe.
    #[error("not a regular file")]
    NotAFile,
    /// None of the supported formats and codecs; what it is instead.
    #[error("not a supported audio file (WAV, AIFF, CAF, FLAC, ALAC, MP3, AAC, Vorbis or Opus): {0}")]
    Unsupported(String),
    /// Without a single sample.
    #[error("no audio in it")]
    NoAudio,
    /// A sampling rate in hertz outside [`super::SOURCE_RATES`].
    #[error("a sampling rate of {0} Hz; 8,000 to 384,000 Hz are supported: resample it first")]
    Rate(u32),
    /// So many channels, or such, that no loudspeakers are known for them.
    #[error("{0} channels without known loudspeakers; mix them to stereo first")]
    Channels(usize),
    /// Longer than [`super::LONGEST`].
    #[error("longer than 24 hours; cut it into parts")]
    TooLong,
    /// It cannot be decoded to its end.
    #[error("broken at byte {offset}: {reason}; export it again from the master")]
    Broken {
        /// Bytes from the start of the file to where reading stopped.
        offset: u64,
        /// What is wrong.
        reason: String,
    },
    /// The child that decodes it failed, which is the file's fault as a rule; what happened.
    #[error("the decoder {0}")]
    Decoder(String),
    /// The child that decodes it was killed from outside: the file may be in order. No child says so of itself.
    #[error("the decoder was killed by the system, probably for lack of memory")]
    #[serde(skip)]
    Killed,
}

impl Refusal {
    pub(super) fn of(self, file: &Path) -> SourceError {
        SourceError { file: file.to_owned(), refusal: self }
    }
}

impl From<std::io::Error> for Refusal {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::OutOfMemory => Self::Decoder("ran out of memory".to_owned()),
            _ => Self::Unreadable(error.to_string()),
        }
    }
}

/// An error of symphonia's in words for people.
pub fn error_text(error: &symphonia::core::errors::Error) -> String {
    use symphonia::core::errors::Error;

    match error {
        Error::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            "the file ends in the middle of it".to_owned()
        }
        Error::IoError(error) => error.to_string(),
        Error::ResetRequired => "a second stream follows the first; a song is one".to_owned(),
        Error::DecodeError("mpa: invalid audio buffer signal spec for packet") => {
            "the sampling rate or the channels change midway".to_owned()
        }
        Error::DecodeError("isomp4: no atom pending read") => "one of its boxes is cut short".to_owned(),
        Error::LimitError(what) => format!("{what} is too large"),
        error => error.to_string(),
    }
}
