//! Loudness by EBU R 128, measured while decoding.

use ebur128::{EbuR128, Mode};
use nada_release::Loudness;

/// A running measurement of interleaved stereo samples.
pub struct Meter(Option<EbuR128>);

impl Meter {
    /// A meter at `rate` hertz, of bounded memory whatever the length (the histogram of ITU-R BS.1770 blocks).
    pub fn new(rate: u32) -> Self {
        Self(EbuR128::new(2, rate, Mode::I | Mode::LRA | Mode::TRUE_PEAK | Mode::HISTOGRAM).ok())
    }

    /// Measures more samples.
    pub fn add(&mut self, stereo: &[f32]) {
        if self.0.as_mut().is_some_and(|meter| meter.add_frames_f32(stereo).is_err()) {
            self.0 = None;
        }
    }

    /// The loudness so far, to a hundredth; `None` for silence and what is too short to have any.
    pub fn read(&self) -> Option<Loudness> {
        let meter = self.0.as_ref()?;
        let peak = (0..2).filter_map(|channel| meter.true_peak(channel).ok()).fold(0.0, f64::max);
        let hundredth = |value: f64| value.is_finite().then(|| (value * 100.0).round() / 100.0);
        Some(Loudness {
            integrated: hundredth(meter.loudness_global().ok()?)?,
            true_peak: hundredth(20.0 * peak.log10())?,
            range: hundredth(meter.loudness_range().ok()?)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(amplitude: f32, seconds: usize) -> Option<Loudness> {
        let mut meter = Meter::new(48_000);
        let samples: Vec<f32> = (0..seconds * 48_000)
            .flat_map(|i| [(i as f32 / 48_000.0 * 997.0 * std::f32::consts::TAU).sin() * amplitude; 2])
            .collect();
        meter.add(&samples);
        meter.read()
    }

    #[test]
    fn a_full_scale_tone_in_both_channels_is_at_zero() {
        // ITU-R BS.1770: 0 dBFS at 997 Hz in one channel is −3.01 LKFS, so 0 in both
        let loudness = measure(1.0, 5).unwrap();
        assert!(loudness.integrated.abs() < 0.1, "{loudness:?}");
        assert!(loudness.true_peak.abs() < 0.1, "{loudness:?}");
        assert!((measure(0.1, 5).unwrap().integrated + 20.0).abs() < 0.1);
    }

    #[test]
    fn silence_has_no_loudness() {
        assert_eq!(measure(0.0, 5), None);
        assert_eq!(measure(1.0, 0), None);
    }
}
