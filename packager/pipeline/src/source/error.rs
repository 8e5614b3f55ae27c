//! What can be wrong with a source file.

use std::path::PathBuf;

/// Why a source file was refused. Every message names the file.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The operating system did not let it be read.
    #[error("{}: {error}", .file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the operating system said.
        error: std::io::Error,
    },
    /// A folder, a device or a pipe.
    #[error("{}: not a regular file", .file.display())]
    NotAFile {
        /// The path.
        file: PathBuf,
    },
    /// None of the supported formats and codecs.
    #[error("{}: not a supported audio file (WAV, FLAC, MP3 or Ogg Vorbis): {reason}", .file.display())]
    UnsupportedFormat {
        /// The file.
        file: PathBuf,
        /// What the parser met.
        reason: String,
    },
    /// A supported file without a single sample.
    #[error("{}: no audio in it", .file.display())]
    NoAudio {
        /// The file.
        file: PathBuf,
    },
    /// A sampling rate outside [`super::SOURCE_RATES`].
    #[error("{}: a sampling rate of {rate} Hz; 8,000 to 384,000 Hz are supported", .file.display())]
    Rate {
        /// The file.
        file: PathBuf,
        /// Its sampling rate in hertz.
        rate: u32,
    },
    /// More than two channels.
    #[error("{}: {channels} channels; mono and stereo are supported", .file.display())]
    Channels {
        /// The file.
        file: PathBuf,
        /// How many it has.
        channels: usize,
    },
    /// A file that cannot be decoded to its end.
    #[error("{}: broken at byte {offset}: {reason}", .file.display())]
    Broken {
        /// The file.
        file: PathBuf,
        /// Bytes from the start of the file to where reading stopped.
        offset: u64,
        /// What is wrong.
        reason: String,
    },
}
