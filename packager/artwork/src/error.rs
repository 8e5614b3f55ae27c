//! Why a picture is no artwork.

use std::path::{Path, PathBuf};

use nada_pipeline::isolated::IsolatedError;
use serde::{Deserialize, Serialize};

use crate::judge::{FEWEST, MOST, MOST_BYTES};

/// A picture that is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {refusal}", .file.display())]
pub struct ArtworkError {
    /// The file.
    pub file: PathBuf,
    /// What is wrong with it.
    pub refusal: ArtworkRefusal,
}

/// What is wrong with a picture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum ArtworkRefusal {
    /// The operating system did not let it be read; what it said.
    #[error("{0}")]
    Unreadable(String),
    /// Another format; what it is instead.
    #[error("not a picture that is read (JPEG, PNG, WebP, AVIF): {0}")]
    Unsupported(String),
    /// Too few pixels.
    #[error("{width} × {height} pixels: artwork needs {FEWEST} at least on each side; export it larger")]
    Small {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
    },
    /// Too many pixels.
    #[error("{width} × {height} pixels: {MOST} at most on each side are read; export it smaller")]
    Large {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
    },
    /// It cannot be decoded to its end.
    #[error("broken: {0}; export it again")]
    Broken(String),
    /// The child that decodes it failed, which is the file's fault as a rule; what happened.
    #[error("the decoder {0}")]
    Decoder(String),
    /// The child was killed from outside: the file may be in order.
    #[error("the decoder was killed by the system, probably for lack of memory")]
    #[serde(skip)]
    Killed,
}

impl ArtworkRefusal {
    pub(crate) fn of(self, file: &Path) -> ArtworkError {
        ArtworkError { file: file.to_owned(), refusal: self }
    }

    pub(crate) fn unreadable(error: &std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::FileTooLarge {
            return Self::Unreadable(format!(
                "more than the {} MiB that are read of a picture; export it smaller",
                MOST_BYTES >> 20
            ));
        }
        Self::Unreadable(error.to_string())
    }
}

impl From<IsolatedError> for ArtworkRefusal {
    fn from(error: IsolatedError) -> Self {
        match error {
            IsolatedError::Path(error) => Self::unreadable(&error),
            IsolatedError::Failed(what) => Self::Decoder(what),
            IsolatedError::NoMessage => {
                Self::Decoder("answered with something else than a picture and was stopped".to_owned())
            }
            IsolatedError::Killed => Self::Killed,
        }
    }
}
