//! AAC by the Fraunhofer FDK: which settings each rung gets, a safe encoder over them, and a decoder.

mod decoder;
mod encoder;
#[cfg(test)]
mod joins;

pub use decoder::Decoder;
pub use encoder::AacError;

use encoder::Encoder;
use nada_catalog::{Codec, RenditionName};

use crate::{
    chunk::{AHEAD, Chunk},
    geometry::LEAD,
};

/// Output channels of every AAC rendition.
pub const CHANNELS: u8 = 2;

/// What the encoder is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// The audio object type (ISO/IEC 14496-3 table 1.1): 2 LC, 5 HE (SBR), 29 HE v2 (SBR and PS).
    pub object_type: u8,
    /// Bit/s.
    pub bitrate: u32,
    /// Output sampling rate in hertz.
    pub rate: u32,
    /// The highest frequency coded in hertz; `None` leaves it to the encoder, as SBR needs.
    pub bandwidth: Option<u32>,
    /// Whether the encoder looks for scale factors of less noise, which takes twice the time.
    pub afterburner: bool,
}

/// Bit/s from which on LC does without the afterburner: there, what noise it takes away is below hearing already.
/// Measured at 256 kbit/s on three songs, against a masking threshold 18 dB below each half-Bark band's own sound:
/// 0.7 to 1.2 % of all bands are above it without the afterburner and 0.3 to 1.0 % with it; at 128 kbit/s, with
/// it, 21 to 37 %.
const AMPLE: u32 = 192_000;

impl Profile {
    /// The profile of an AAC rendition at `rate` hertz; `None` for FLAC.
    ///
    /// LC is band-limited to 17 kHz by the encoder's own table whatever the bit rate; at 96 kbit/s and above
    /// there are bits for 18 kHz, at 160 and above for 20 kHz.
    pub fn of(name: RenditionName, rate: u32) -> Option<Self> {
        let bitrate = u32::try_from(name.nominal_bits_per_second()).ok()?;
        let (object_type, bandwidth) = match name.codec() {
            Codec::HeAacV2 => (29, None),
            Codec::HeAac => (5, None),
            Codec::AacLc => (
                2,
                match bitrate {
                    160_000.. => Some(20_000),
                    96_000.. => Some(18_000),
                    _ => None,
                },
            ),
            Codec::Flac => return None,
        };
        let afterburner = object_type != 2 || bitrate < AMPLE;
        Some(Self { object_type, bitrate, rate, bandwidth, afterburner })
    }
}

/// What a profile's encoder reports of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Samples per channel in one access unit, as decoded.
    pub frame: u32,
    /// The AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1).
    pub config: Vec<u8>,
}

/// Tries a profile out.
///
/// # Errors
/// Where the encoder refuses it, or does not fit the geometry.
pub fn report(profile: Profile) -> Result<Report, AacError> {
    let encoder = Encoder::new(profile)?;
    let (frame, delay) = (encoder.frame(), encoder.delay());
    let fits = u64::from(delay) + u64::from(frame) <= AHEAD && LEAD.is_multiple_of(frame.into());
    if !fits {
        return Err(AacError::Delay(delay));
    }
    Ok(Report { frame, config: encoder.config().to_vec() })
}

/// Encodes a chunk from [`LEAD`] samples before it on, drops that, and hands out the access units of each of its
/// segments.
///
/// The encoder's delay is taken out of the samples in front: sample i of the chunk leaves a decoder as its
/// sample i, with no edit list.
///
/// # Errors
/// Where the encoder fails.
pub fn encode(
    profile: Profile,
    chunk: &Chunk<i16>,
    segment: &mut dyn FnMut(Vec<Vec<u8>>) -> bool,
) -> Result<(), AacError> {
    let mut encoder = Encoder::new(profile)?;
    let frame = encoder.frame();
    let of = |samples: u64| samples as usize * usize::from(CHANNELS);
    let pcm = chunk.pcm.get(of(encoder.delay().into())..).unwrap_or_default();
    let mut frames = pcm.chunks_exact(of(frame.into()));
    for pcm in frames.by_ref().take((LEAD / u64::from(frame)) as usize) {
        encoder.encode(pcm)?;
    }
    for length in &chunk.lengths {
        let due = length.div_ceil(frame.into()) as usize;
        let units = frames.by_ref().take(due).map(|pcm| Ok(encoder.encode(pcm)?.to_vec()));
        let units: Vec<_> = units.collect::<Result<_, AacError>>()?;
        if units.len() < due {
            return Err(AacError::Delay(encoder.delay()));
        }
        if !segment(units) {
            break;
        }
    }
    Ok(())
}
