//! Sources: any supported file becomes stereo blocks at its own rate, with an exact count of samples.

mod aiff;
mod boxes;
mod caf;
mod chain;
mod child;
mod codec;
mod codecs;
mod coded;
mod container;
mod demux;
mod downmix;
mod error;
mod finite;
mod flac;
mod flac_header;
mod foreign;
mod iff;
mod isolation;
mod lengths;
mod libopus;
mod movie;
mod mp4;
mod mp4_format;
mod ogg;
mod ogg_codecs;
mod opus;
mod pcm;
mod protocol;
mod reader;
mod samples;
pub mod sandbox;
mod sync;
mod tail;
mod times;
mod vorbis;
mod wave;
mod wave_format;
mod xing;

pub use error::{Refusal, SourceError};
pub use isolation::Isolation;
pub use protocol::decode_child;

use std::{path::Path, time::Duration};

use child::Child;
use reader::Reader;

/// Sampling rates a source may have, in hertz.
pub const SOURCE_RATES: std::ops::RangeInclusive<u32> = 8_000..=384_000;

/// The longest source: a small file can state, or hold, any length of silence.
pub const LONGEST: Duration = Duration::from_hours(24);

/// A source file, probed by its content and ready to be decoded once.
pub struct Source {
    file: std::path::PathBuf,
    place: Place,
}

enum Place {
    Here(Box<Reader>),
    Child(Child),
}

/// What a source's samples are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Format {
    /// The sampling rate in hertz.
    pub rate: u32,
    /// Bits of a sample where the source is lossless: 16 or 24, the least that holds all of it. Floating point
    /// and 32-bit integers count as 24.
    pub depth: Option<u8>,
}

/// How far decoding has come, in samples per channel of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Samples decoded.
    pub done: u64,
    /// Samples in all, where the file states them; an estimate for some.
    pub total: Option<u64>,
}

/// What became of a source that was decoded to its end.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Decoded {
    /// What its owner should know, one line each: channels mixed down, bytes left out.
    pub notices: Vec<String>,
}

impl Source {
    /// Opens a file and finds its first audio track. The file's name plays no part.
    ///
    /// # Errors
    /// Where the file cannot be read, is none of the supported formats, holds no audio, or has a sampling
    /// rate or channels that are not supported.
    pub fn open(path: &Path, isolation: &Isolation) -> Result<Self, SourceError> {
        let place = match isolation {
            Isolation::InProcess => Reader::open(path).map(|reader| Place::Here(Box::new(reader))),
            Isolation::Child { program, arguments, stall } => {
                Child::start(program, arguments, path, *stall).map(Place::Child)
            }
        };
        let place = place.map_err(|refusal| refusal.of(path))?;
        Ok(Self { file: path.to_owned(), place })
    }

    /// What is known of the samples before the first is decoded.
    pub fn format(&self) -> Format {
        match &self.place {
            Place::Here(reader) => reader.format(),
            Place::Child(child) => child.format(),
        }
    }

    /// Decodes the whole source: `block` gets interleaved stereo samples at the source's rate, nominally
    /// within ±1 and always finite, and says whether to go on. A mono source becomes two equal channels, more
    /// than two are mixed down.
    ///
    /// # Errors
    /// Where the file is broken, or shorter than it says.
    pub fn decode(
        self,
        progress: &dyn Fn(Progress),
        block: &mut dyn FnMut(&[f32]) -> bool,
    ) -> Result<Decoded, SourceError> {
        match self.place {
            Place::Here(reader) => reader.decode(progress, block),
            Place::Child(child) => child.decode(progress, block),
        }
        .map_err(|refusal| refusal.of(&self.file))
    }
}
