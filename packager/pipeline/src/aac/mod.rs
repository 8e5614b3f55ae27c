//! AAC by the Fraunhofer FDK: which settings each rendition gets, a safe encoder over them, and a decoder.

mod decoder;
mod encoder;
#[cfg(test)]
mod joins;
mod profile;

pub use decoder::Decoder;
pub use encoder::AacError;
pub use profile::{CHANNELS, ObjectType, Profile};

use encoder::Encoder;

use crate::{
    chunk::{AHEAD, Chunk, SegmentSpan},
    cmaf::Unit,
    geometry::LEAD,
};

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
/// segments until `segment` wants no more.
///
/// The encoder's delay is taken out of the samples in front: sample i of the chunk leaves a decoder as its
/// sample i, with no edit list.
///
/// # Errors
/// Where the encoder or `segment` fails.
pub fn encode<E: From<AacError>>(
    profile: Profile,
    chunk: &Chunk<i16>,
    segment: &mut dyn FnMut(SegmentSpan, Vec<Unit>) -> Result<bool, E>,
) -> Result<(), E> {
    let mut encoder = Encoder::new(profile)?;
    let frame = encoder.frame();
    let of = |samples: u64| samples as usize * usize::from(CHANNELS);
    let pcm = chunk.pcm.get(of(encoder.delay().into())..).unwrap_or_default();
    let mut frames = pcm.chunks_exact(of(frame.into()));
    for pcm in frames.by_ref().take((LEAD / u64::from(frame)) as usize) {
        encoder.encode(pcm)?;
    }
    for span in chunk.segments() {
        let due = span.length.div_ceil(frame.into()) as usize;
        let units = frames.by_ref().take(due).map(|pcm| Ok(encoder.encode(pcm)?.to_vec()));
        let units: Vec<_> = units.collect::<Result<_, AacError>>()?;
        if units.len() < due {
            return Err(AacError::Delay(encoder.delay()).into());
        }
        if !segment(span, units)? {
            break;
        }
    }
    Ok(())
}
