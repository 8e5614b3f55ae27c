//! Sampling rates other than the AAC rate.

use rubato::{Fft, FixedSync, Indexing, Resampler as _, audioadapter_buffers::direct::InterleavedSlice};

/// Frames per call, nominally.
const CHUNK: usize = 4096;

/// Stereo in one rate to stereo in another, the resampler's own delay removed, to the sample: n samples become
/// ⌈n · to / from⌉. Equal rates pass unchanged.
///
/// It computes in double precision: the fast Fourier transform picks its instructions by processor, and what
/// that leaves of a difference vanishes in the rounding to single precision.
pub struct Resampler {
    from: u64,
    to: u64,
    fft: Option<Fft<f64>>,
    pending: Vec<f64>,
    skip: usize,
    taken: u64,
    given: u64,
}

impl Resampler {
    pub fn new(from: u32, to: u32) -> Result<Self, rubato::ResamplerConstructionError> {
        let fft = (from != to)
            .then(|| Fft::new(from as usize, to as usize, CHUNK, 2, FixedSync::Input))
            .transpose()?;
        let skip = fft.as_ref().map_or(0, rubato::Resampler::output_delay);
        Ok(Self { from: from.into(), to: to.into(), fft, pending: Vec::new(), skip, taken: 0, given: 0 })
    }

    /// Takes interleaved stereo samples and hands on what is ready; false where `block` wants no more.
    pub fn push(
        &mut self,
        stereo: &[f32],
        block: &mut dyn FnMut(&[f32]) -> bool,
    ) -> Result<bool, rubato::ResampleError> {
        let Some(fft) = &self.fft else { return Ok(stereo.is_empty() || block(stereo)) };
        let need = 2 * fft.input_frames_next();
        self.taken += (stereo.len() / 2) as u64;
        self.pending.extend(stereo.iter().copied().map(f64::from));
        let mut go_on = true;
        while go_on && self.pending.len() >= need {
            let rest = self.pending.split_off(need);
            go_on = self.convert(block)?;
            self.pending = rest;
        }
        Ok(go_on)
    }

    /// Ends the input and hands on the rest.
    pub fn finish(mut self, block: &mut dyn FnMut(&[f32]) -> bool) -> Result<(), rubato::ResampleError> {
        while self.fft.is_some() && self.given < self.due() && self.convert(block)? {
            self.pending.clear();
        }
        Ok(())
    }

    fn due(&self) -> u64 {
        (self.taken * self.to).div_ceil(self.from)
    }

    /// Converts what is pending, padded with silence to a whole chunk.
    fn convert(&mut self, block: &mut dyn FnMut(&[f32]) -> bool) -> Result<bool, rubato::ResampleError> {
        let due = self.due() - self.given;
        let Some(fft) = &mut self.fft else { return Ok(true) };
        let frames = fft.input_frames_next();
        let valid = self.pending.len() / 2;
        self.pending.resize(2 * frames, 0.0);
        let Ok(input) = InterleavedSlice::new(&self.pending, 2, frames) else { return Ok(false) };
        let output = fft.process(&input, Some(&Indexing::new().partial_len(valid.min(frames))))?.take_data();
        let skipped = self.skip.min(output.len() / 2);
        self.skip -= skipped;
        let ready: Vec<f32> = output
            .iter()
            .skip(2 * skipped)
            .take(usize::try_from(due).unwrap_or(usize::MAX).saturating_mul(2))
            .map(|&sample| sample as f32)
            .collect();
        self.given += (ready.len() / 2) as u64;
        Ok(ready.is_empty() || block(&ready))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resample(from: u32, to: u32, frames: usize) -> Vec<f32> {
        let tone = |i: usize| (i as f32 / from as f32 * 1000.0 * std::f32::consts::TAU).sin() * 0.5;
        let input: Vec<f32> = (0..frames).flat_map(|i| [tone(i), -tone(i)]).collect();
        let mut output = Vec::new();
        let mut collect = |block: &[f32]| {
            output.extend_from_slice(block);
            true
        };
        let mut resampler = Resampler::new(from, to).unwrap();
        for part in input.chunks(2 * 777) {
            assert!(resampler.push(part, &mut collect).unwrap());
        }
        resampler.finish(&mut collect).unwrap();
        output
    }

    #[test]
    fn lengths_are_exact_and_nothing_shifts() {
        for (from, to) in
            [(96_000, 48_000), (88_200, 44_100), (22_050, 44_100), (32_000, 48_000), (8_000, 48_000)]
        {
            for frames in [1, 1000, 50_000] {
                let output = resample(from, to, frames);
                assert_eq!(
                    output.len() / 2,
                    (frames * to as usize).div_ceil(from as usize),
                    "{from}, {frames}"
                );
            }
            // a tone of 1 kHz stays where it was, away from the ends
            let output = resample(from, to, from as usize);
            for i in to as usize / 4..to as usize / 2 {
                let expected = (i as f32 / to as f32 * 1000.0 * std::f32::consts::TAU).sin() * 0.5;
                assert!((output[2 * i] - expected).abs() < 1e-3, "{from}: sample {i}");
                assert!((output[2 * i + 1] + expected).abs() < 1e-3);
            }
        }
    }

    #[test]
    fn equal_rates_pass_unchanged() {
        assert_eq!(resample(44_100, 44_100, 1000).len(), 2000);
    }
}
