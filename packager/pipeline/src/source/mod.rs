//! Sources: any supported file becomes stereo blocks at its own rate, with an exact count of samples.

mod ending;
mod error;

pub use error::SourceError;

use std::{
    fs::File,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

use symphonia::core::{
    codecs::{
        CodecParameters,
        audio::{
            AudioCodecParameters, AudioDecoder, AudioDecoderOptions,
            well_known::{CODEC_ID_FLAC, CODEC_ID_PCM_ALAW, CODEC_ID_PCM_S32LE},
        },
    },
    common::Limit,
    errors::Error as Symphonia,
    formats::{FormatOptions, FormatReader, TrackType, probe::Hint},
    io::{MediaSourceStream, MediaSourceStreamOptions, ReadBytes as _},
    meta::MetadataOptions,
};

use ending::Ending;

/// Sampling rates a source may have, in hertz.
pub const SOURCE_RATES: std::ops::RangeInclusive<u32> = 8_000..=384_000;

/// Bytes of tags or pictures that are read at most; more is skipped.
const TAG_LIMIT: usize = 16 << 20;

/// A source file, probed by its content and ready to be decoded once.
pub struct Source {
    file: PathBuf,
    format: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    track: u32,
    rate: u32,
    depth: Option<u8>,
    channels: usize,
    ending: Ending,
}

/// What a source's samples are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// What decoding stopped at, before the file's name and the offset are put to it.
enum Fault {
    Empty,
    Broken(String),
}

impl<E: ToString> From<E> for Fault {
    fn from(reason: E) -> Self {
        Self::Broken(reason.to_string())
    }
}

impl Source {
    /// Opens a file and finds its first audio track. The file's name plays no part.
    ///
    /// # Errors
    /// Where the file cannot be read, is none of the supported formats, holds no audio, or has a sampling
    /// rate or channels that are not supported.
    pub fn open(path: &Path) -> Result<Self, SourceError> {
        catch_unwind(|| open(path)).unwrap_or_else(|_| {
            Err(SourceError::Broken {
                file: path.to_owned(),
                offset: 0,
                reason: "the parser failed".to_owned(),
            })
        })
    }

    /// What is known of the samples before the first is decoded.
    pub fn format(&self) -> Format {
        Format { rate: self.rate, depth: self.depth }
    }

    /// Decodes the whole source: `block` gets interleaved stereo samples at the source's rate, nominally
    /// within ±1 and always finite, and says whether to go on. A mono source becomes two equal channels.
    ///
    /// # Errors
    /// Where the file is broken, or shorter than it says.
    pub fn decode(
        mut self,
        progress: &dyn Fn(Progress),
        block: &mut dyn FnMut(&[f32]) -> bool,
    ) -> Result<(), SourceError> {
        let outcome = catch_unwind(AssertUnwindSafe(|| self.decode_all(progress, block)))
            .unwrap_or_else(|_| Err("the decoder failed".into()));
        outcome.map_err(|fault| match fault {
            Fault::Empty => SourceError::NoAudio { file: self.file },
            Fault::Broken(reason) => {
                SourceError::Broken { file: self.file, offset: self.format.into_inner().pos(), reason }
            }
        })
    }

    fn decode_all(
        &mut self,
        progress: &dyn Fn(Progress),
        block: &mut dyn FnMut(&[f32]) -> bool,
    ) -> Result<(), Fault> {
        let (mut decoded, mut stereo) = (Vec::new(), Vec::new());
        let mut done = 0;
        while let Some(packet) = self.format.next_packet()? {
            if packet.track_id != self.track {
                continue;
            }
            let buffer = self.decoder.decode(&packet)?;
            if buffer.spec().rate() != self.rate || buffer.spec().channels().count() != self.channels {
                return Err("the sampling rate or the channels change midway".into());
            }
            buffer.copy_to_vec_interleaved::<f32>(&mut decoded);
            done += (decoded.len() / self.channels) as u64;
            stereo.clear();
            stereo.extend(decoded.iter().flat_map(|&sample| {
                let sample = if sample.is_finite() { sample } else { 0.0 };
                std::iter::repeat_n(sample, if self.channels == 1 { 2 } else { 1 })
            }));
            progress(Progress { done, total: self.ending.stated() });
            if !stereo.is_empty() && !block(&stereo) {
                return Ok(());
            }
        }
        if done == 0 {
            return Err(Fault::Empty);
        }
        if let Some(reason) = self.ending.missing(done) {
            return Err(reason.into());
        }
        if self.decoder.finalize().verify_ok == Some(false) {
            return Err("the audio does not match the checksum stored with it".into());
        }
        Ok(())
    }
}

fn open(path: &Path) -> Result<Source, SourceError> {
    let file = || path.to_owned();
    let unreadable = |error| SourceError::Unreadable { file: file(), error };
    let metadata = std::fs::metadata(path).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(SourceError::NotAFile { file: file() });
    }
    if metadata.len() == 0 {
        return Err(SourceError::NoAudio { file: file() });
    }
    let mut input = File::open(path).map_err(unreadable)?;
    let closed = ending::is_closed(&mut input).map_err(unreadable)?;

    let unsupported =
        |reason: &dyn ToString| SourceError::UnsupportedFormat { file: file(), reason: reason.to_string() };
    let stream = MediaSourceStream::new(Box::new(input), MediaSourceStreamOptions::default());
    let tags = MetadataOptions::default()
        .limit_tag_bytes(Limit::Maximum(TAG_LIMIT))
        .limit_visual_bytes(Limit::Maximum(TAG_LIMIT));
    let format = symphonia::default::get_probe()
        .probe(&Hint::new(), stream, FormatOptions::default(), tags)
        .map_err(|error| match error {
            Symphonia::IoError(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => {
                unreadable(error)
            }
            Symphonia::IoError(_) => unsupported(&"the file ends before any audio begins"),
            error => unsupported(&error),
        })?;
    let track =
        format.default_track(TrackType::Audio).ok_or_else(|| SourceError::NoAudio { file: file() })?;
    let Some(CodecParameters::Audio(codec)) = &track.codec_params else {
        return Err(SourceError::NoAudio { file: file() });
    };
    let decoder = symphonia::default::get_codecs()
        .make_audio_decoder(codec, &AudioDecoderOptions::default().verify(true))
        .map_err(|error| unsupported(&error))?;
    let rate = codec.sample_rate.ok_or_else(|| unsupported(&"no sampling rate is stated"))?;
    if !SOURCE_RATES.contains(&rate) {
        return Err(SourceError::Rate { file: file(), rate });
    }
    let channels = match codec.channels.as_ref().map(symphonia::core::audio::Channels::count) {
        Some(channels @ 1..=2) => channels,
        Some(channels) => return Err(SourceError::Channels { file: file(), channels }),
        None => return Err(unsupported(&"no channels are stated")),
    };
    let depth = depth(codec);
    let (track, ending) = (track.id, Ending::of(format.format_info().format, track, closed));
    Ok(Source { file: file(), track, rate, depth, channels, ending, format, decoder })
}

/// See [`Format::depth`].
fn depth(codec: &AudioCodecParameters) -> Option<u8> {
    let pcm = CODEC_ID_PCM_S32LE..CODEC_ID_PCM_ALAW;
    let lossless = codec.codec == CODEC_ID_FLAC || pcm.contains(&codec.codec);
    lossless.then(|| if codec.bits_per_sample.is_some_and(|bits| bits <= 16) { 16 } else { 24 })
}
