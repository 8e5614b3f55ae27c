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
mod format;
mod iff;
pub mod isolated;
mod isolation;
mod lengths;
mod libopus;
mod movie;
mod mp4;
mod mp4_format;
mod ogg;
mod ogg_codecs;
mod opus;
mod overlay;
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
pub use format::{Decoded, LONGEST, Progress, SOURCE_RATES, SampleFormat};
pub use isolation::Isolation;
pub use protocol::decode_child;

use std::path::{Path, PathBuf};

use child::Child;
use reader::InProcessDecoder;

/// A source file, probed by its content and ready to be decoded once.
pub struct Source {
    file: PathBuf,
    decoder: Decoder,
}

/// What decodes it.
enum Decoder {
    InProcess(Box<InProcessDecoder>),
    Child(Child),
}

impl Source {
    /// Opens a file and finds its first audio track. The file's name plays no part.
    ///
    /// # Errors
    /// Where the file cannot be read, is none of the supported formats, holds no audio, or has a sampling
    /// rate or channels that are not supported.
    pub fn open(path: &Path, isolation: &Isolation) -> Result<Self, SourceError> {
        let decoder = match isolation {
            Isolation::InProcess => {
                InProcessDecoder::open(path).map(|reader| Decoder::InProcess(Box::new(reader)))
            }
            Isolation::Child { program, arguments, stall } => {
                Child::start(program, arguments, path, *stall).map(Decoder::Child)
            }
        };
        let decoder = decoder.map_err(|refusal| refusal.of(path))?;
        Ok(Self { file: path.to_owned(), decoder })
    }

    /// What is known of the samples before the first is decoded.
    pub fn format(&self) -> SampleFormat {
        match &self.decoder {
            Decoder::InProcess(reader) => reader.format(),
            Decoder::Child(child) => child.format(),
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
        match self.decoder {
            Decoder::InProcess(reader) => reader.decode(progress, block),
            Decoder::Child(child) => child.decode(progress, block),
        }
        .map_err(|refusal| refusal.of(&self.file))
    }
}
