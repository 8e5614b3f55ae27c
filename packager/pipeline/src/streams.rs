//! From decoded samples to chunks for the encoders: loudness, resampling, rounding, one stream of samples for AAC
//! and one for FLAC.

use std::sync::Arc;

use nada_catalog::{Loudness, LoudnessHistogram};

use crate::{
    budget::SampleBudget,
    chunk::{Chunk, ChunkLayout, Chunker},
    error::PackageError,
    geometry::{Schedule, aac_rate},
    loudness::Meter,
    overs::Clipped,
    resample::Resampler,
    source::SampleFormat,
};

/// A chunk that is ready to be encoded.
pub enum ReadyChunk {
    /// For every AAC rendition.
    Aac(Arc<Chunk<i16>>),
    /// For the lossless rendition.
    Flac(Chunk<i32>),
}

/// What the whole source turned out to be.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceSummary {
    /// n: samples at the AAC rate.
    pub samples: u64,
    /// Its loudness; `None` for silence.
    pub loudness: Option<Loudness>,
    /// How that is distributed.
    pub levels: LoudnessHistogram,
    /// What was clipped.
    pub clipped: Clipped,
    /// The length of FLAC's media in samples, priming included; 0 without FLAC.
    pub lossless: u64,
}

/// FLAC's scale for a source at `rate` hertz: 2ᵏ where it is kept as it is, `None` where it takes the AAC rate.
pub fn lossless_scale(rate: u32) -> Option<u32> {
    let scale = rate / aac_rate(rate);
    (scale.is_power_of_two() && rate.is_multiple_of(aac_rate(rate))).then_some(scale)
}

/// The sample streams of AAC and FLAC, fed together.
pub struct SampleStreams<'a> {
    resampler: Resampler,
    at_aac_rate: AacRateStream<'a>,
    /// FLAC in the source's own rate, with its depth.
    own_rate: Option<(Chunker<'a, i32>, u8)>,
}

/// The samples at the AAC rate: counted, clipped, measured, and cut into chunks.
struct AacRateStream<'a> {
    samples: u64,
    clipped: Clipped,
    meter: Meter,
    aac: Chunker<'a, i16>,
    flac: Option<(Chunker<'a, i32>, u8)>,
}

impl<'a> SampleStreams<'a> {
    /// The streams for a source, with one for FLAC where `lossless`.
    ///
    /// # Errors
    /// Where its rate cannot be resampled.
    pub fn new(
        format: SampleFormat,
        lossless: bool,
        schedule: Schedule,
        budget: &'a SampleBudget,
    ) -> Result<Self, PackageError> {
        let rate = aac_rate(format.rate);
        let scale = lossless_scale(format.rate);
        let flac = format.depth.filter(|_| lossless).map(|depth| {
            let layout = ChunkLayout::flac(scale.unwrap_or(1).into());
            (Chunker::new(layout, schedule, budget), depth)
        });
        let (own_rate, flac) = if scale.is_some() { (flac, None) } else { (None, flac) };
        let aac = Chunker::new(ChunkLayout::AAC, schedule, budget);
        Ok(Self {
            resampler: Resampler::new(format.rate, rate).map_err(PackageError::resample)?,
            at_aac_rate: AacRateStream {
                samples: 0,
                clipped: Clipped::default(),
                meter: Meter::new(rate),
                aac,
                flac,
            },
            own_rate,
        })
    }

    /// Takes interleaved stereo samples of the source and hands out what became ready.
    ///
    /// # Errors
    /// Where the resampler fails.
    pub fn push(&mut self, stereo: &[f32], out: &mut dyn FnMut(ReadyChunk)) -> Result<(), PackageError> {
        if let Some((flac, depth)) = &mut self.own_rate {
            flac.push(&lossless(stereo, *depth), &mut |chunk| out(ReadyChunk::Flac(chunk)));
        }
        let at_aac_rate = &mut self.at_aac_rate;
        let mut take = |stereo: &[f32]| {
            at_aac_rate.push(stereo, out);
            true
        };
        self.resampler.push(stereo, &mut take).map_err(PackageError::resample)?;
        Ok(())
    }

    /// Ends the source and hands out the rest.
    ///
    /// # Errors
    /// Where the resampler fails.
    pub fn finish(self, out: &mut dyn FnMut(ReadyChunk)) -> Result<SourceSummary, PackageError> {
        let Self { resampler, mut at_aac_rate, own_rate } = self;
        let mut take = |stereo: &[f32]| {
            at_aac_rate.push(stereo, out);
            true
        };
        resampler.finish(&mut take).map_err(PackageError::resample)?;
        let AacRateStream { samples, clipped, meter, aac, flac } = at_aac_rate;
        let lossless =
            own_rate.or(flac).map_or(0, |(flac, _)| flac.finish(&mut |c| out(ReadyChunk::Flac(c))));
        aac.finish(&mut |chunk| out(ReadyChunk::Aac(Arc::new(chunk))));
        let (loudness, levels) = meter.read();
        Ok(SourceSummary { samples, loudness, levels, clipped, lossless })
    }
}

impl AacRateStream<'_> {
    fn push(&mut self, stereo: &[f32], out: &mut dyn FnMut(ReadyChunk)) {
        self.samples += (stereo.len() / 2) as u64;
        let delivered = self.clipped.clip(stereo);
        self.meter.add(&delivered);
        if let Some((flac, depth)) = &mut self.flac {
            flac.push(&lossless(stereo, *depth), &mut |chunk| out(ReadyChunk::Flac(chunk)));
        }
        let pcm: Vec<i16> = stereo.iter().copied().map(quantise).collect();
        self.aac.push(&pcm, &mut |chunk| out(ReadyChunk::Aac(Arc::new(chunk))));
    }
}

/// The nearest 16-bit value, saturating. No dither: the encoder's own noise lies far above the last bit.
fn quantise(sample: f32) -> i16 {
    (sample * 32_768.0).round() as i16
}

/// Values of `depth` bits: exactly the source's where it has no more of them, since single precision holds 24.
fn lossless(stereo: &[f32], depth: u8) -> Vec<i32> {
    let one = (1_i64 << (depth - 1)) as f32;
    stereo.iter().map(|sample| (sample * one).round().clamp(-one, one - 1.0) as i32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_round_and_saturate() {
        for (sample, value) in [
            (0.0, 0),
            (1.0, i16::MAX),
            (-1.0, i16::MIN),
            (7.0, i16::MAX),
            (-7.0, i16::MIN),
            (0.5, 16_384),
            (1.4 / 32_768.0, 1),
            (-1.6 / 32_768.0, -2),
            (f32::NAN, 0),
        ] {
            assert_eq!(quantise(sample), value, "{sample}");
        }
    }

    #[test]
    fn every_value_of_24_bits_survives() {
        for value in [-8_388_608, -8_388_607, -1, 0, 1, 12_345, 8_388_606, 8_388_607] {
            assert_eq!(lossless(&[value as f32 / 8_388_608.0], 24), [value]);
        }
        for value in [-32_768, -1, 0, 1, 32_767] {
            assert_eq!(lossless(&[value as f32 / 32_768.0], 16), [value]);
        }
        assert_eq!(lossless(&[2.0, -2.0], 16), [32_767, -32_768]);
    }

    #[test]
    fn multiples_of_the_aac_rates_by_powers_of_two_are_kept() {
        for (rate, scale) in [
            (44_100, Some(1)),
            (88_200, Some(2)),
            (176_400, Some(4)),
            (48_000, Some(1)),
            (96_000, Some(2)),
            (192_000, Some(4)),
            (22_050, None),
            (32_000, None),
            (8_000, None),
            (132_300, None),
            (144_000, None),
        ] {
            assert_eq!(lossless_scale(rate), scale, "{rate}");
        }
    }
}
