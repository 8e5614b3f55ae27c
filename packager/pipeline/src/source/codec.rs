//! The decoders, as one.

use symphonia::core::{
    audio::Channels,
    codecs::audio::{
        AudioCodecParameters, AudioDecoder, AudioDecoderOptions,
        well_known::{
            CODEC_ID_AAC, CODEC_ID_ALAC, CODEC_ID_FLAC, CODEC_ID_OPUS, CODEC_ID_PCM_ALAW, CODEC_ID_PCM_S32LE,
            CODEC_ID_VORBIS,
        },
    },
    packet::Packet,
};

use super::{downmix::Layout, error::error_text, libopus, opus::Opus, vorbis::Vorbis};
use crate::aac;

/// Samples in a packet, over all channels, at most.
const LARGEST: u64 = 1 << 20;

/// A decoder of packets.
pub enum Codec {
    Symphonia(Box<dyn AudioDecoder>),
    Opus(Opus),
    Vorbis(Box<Vorbis>),
    Aac(aac::Decoder),
}

/// What decoded samples are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal {
    /// Their rate in hertz.
    pub rate: u32,
    /// How many channels are interleaved.
    pub channels: usize,
    /// Their loudspeakers, where they are known.
    pub layout: Option<Layout>,
}

impl Codec {
    /// The decoder of a track.
    ///
    /// # Errors
    /// What is not supported, or damaged in its header.
    pub fn new(parameters: &AudioCodecParameters) -> Result<Self, String> {
        // decoders make room for a whole packet before they see one
        let channels = parameters.channels.as_ref().map_or(1, Channels::count) as u64;
        let samples = parameters.max_frames_per_packet.map(|frames| frames.saturating_mul(channels));
        if samples.is_some_and(|samples| samples > LARGEST) {
            return Err("its packets are said to be larger than any are".to_owned());
        }
        let extra = parameters.extra_data.as_deref();
        match parameters.codec {
            CODEC_ID_OPUS => Ok(Self::Opus(Opus::new(extra.unwrap_or_default())?)),
            CODEC_ID_AAC => {
                let config = extra.ok_or("AAC without its configuration")?;
                Ok(Self::Aac(aac::Decoder::new(config).map_err(|error| error.to_string())?))
            }
            CODEC_ID_VORBIS if channels > 2 => {
                Ok(Self::Vorbis(Box::new(Vorbis::new(extra.unwrap_or_default())?)))
            }
            _ => symphonia::default::get_codecs()
                .make_audio_decoder(parameters, &AudioDecoderOptions::default().verify(true))
                .map(Self::Symphonia)
                .map_err(|error| error_text(&error)),
        }
    }

    /// Decodes a packet to interleaved samples, without those that the packet itself says to leave out.
    ///
    /// # Errors
    /// What is damaged.
    pub fn decode(&mut self, packet: &Packet, samples: &mut Vec<f32>) -> Result<Signal, String> {
        let signal = match self {
            Self::Symphonia(decoder) => {
                let buffer = decoder.decode(packet).map_err(|error| error_text(&error))?;
                buffer.copy_to_vec_interleaved::<f32>(samples);
                let spec = buffer.spec();
                let layout = Layout::of(spec.channels());
                return Ok(Signal { rate: spec.rate(), channels: spec.channels().count(), layout });
            }
            Self::Opus(decoder) => {
                samples.clear();
                samples.extend_from_slice(decoder.decode(&packet.data)?);
                let layout = decoder.layout().clone();
                Signal { rate: libopus::RATE, channels: layout.channels(), layout: Some(layout) }
            }
            Self::Vorbis(decoder) => {
                *samples = decoder.decode(&packet.data)?;
                let layout = decoder.layout().clone();
                Signal { rate: decoder.rate(), channels: layout.channels(), layout: Some(layout) }
            }
            Self::Aac(decoder) => {
                let (shape, pcm) = decoder.decode(&packet.data).map_err(|error| error.to_string())?;
                samples.clear();
                samples.extend(pcm.iter().map(|&sample| f32::from(sample) / 32_768.0));
                Signal { rate: shape.rate, channels: shape.channels, layout: Layout::usual(shape.channels) }
            }
        };
        let trim =
            |samples: u64| usize::try_from(samples).unwrap_or(usize::MAX).saturating_mul(signal.channels);
        samples.truncate(samples.len().saturating_sub(trim(packet.trim_end.get())));
        samples.drain(..trim(packet.trim_start.get()).min(samples.len()));
        Ok(signal)
    }

    /// Samples per channel to drop at the start, as the codec's header says.
    pub fn pre_skip(&self) -> u64 {
        match self {
            Self::Opus(decoder) => decoder.pre_skip(),
            _ => 0,
        }
    }

    /// Whether the samples match the checksum stored with them, where there is one.
    pub fn verified(&mut self) -> bool {
        match self {
            Self::Symphonia(decoder) => decoder.finalize().verify_ok != Some(false),
            _ => true,
        }
    }
}

/// Bits of a sample where the source is lossless: see [`super::SampleFormat::depth`].
pub fn depth(parameters: &AudioCodecParameters) -> Option<u8> {
    let bits = match parameters.codec {
        CODEC_ID_ALAC => parameters.extra_data.as_deref().and_then(alac_bits),
        CODEC_ID_FLAC => parameters.bits_per_sample,
        codec if (CODEC_ID_PCM_S32LE..CODEC_ID_PCM_ALAW).contains(&codec) => {
            parameters.bits_per_sample.or(parameters.bits_per_coded_sample)
        }
        _ => return None,
    };
    Some(if bits.is_some_and(|bits| bits <= 16) { 16 } else { 24 })
}

/// Bits of a sample in an ALACSpecificConfig, which may lie inside an `alac` box, and that after a `frma` box.
fn alac_bits(mut config: &[u8]) -> Option<u32> {
    for kind in [b"frma", b"alac"] {
        if config.get(4..8) == Some(kind) {
            config = config.get(12..)?;
        }
    }
    config.get(5).map(|&bits| bits.into())
}
