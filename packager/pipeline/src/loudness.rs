//! Loudness by EBU R 128, measured while decoding.

use ebur128::{EbuR128, Mode};
use nada_catalog::{FORMAT, Loudness, LoudnessHistogram};

/// A running measurement of interleaved stereo samples.
pub struct Meter {
    /// `None` once it failed.
    meter: Option<EbuR128>,
    /// Samples per channel in 100 ms.
    step: usize,
    /// Those measured of the step under way.
    within: usize,
    /// Whole steps measured.
    steps: u64,
    levels: LoudnessHistogram,
}

impl Meter {
    /// A meter at `rate` hertz, of bounded memory whatever the length (the histogram of ITU-R BS.1770 blocks).
    pub fn new(rate: u32) -> Self {
        let meter = EbuR128::new(2, rate, Mode::I | Mode::LRA | Mode::TRUE_PEAK | Mode::HISTOGRAM).ok();
        let levels = LoudnessHistogram { format: FORMAT, ..LoudnessHistogram::default() };
        Self { meter, step: (rate / 10) as usize, within: 0, steps: 0, levels }
    }

    /// Measures more samples.
    pub fn add(&mut self, mut stereo: &[f32]) {
        while !stereo.is_empty() {
            let (part, rest) = stereo.split_at((2 * (self.step - self.within)).min(stereo.len()));
            stereo = rest;
            let Some(meter) = &mut self.meter else { return };
            if meter.add_frames_f32(part).is_err() {
                self.meter = None;
                return;
            }
            self.within += part.len() / 2;
            if self.within == self.step {
                self.within = 0;
                self.steps += 1;
                if self.steps >= 4 {
                    self.levels.momentary.add(meter.loudness_momentary().unwrap_or(f64::NEG_INFINITY));
                }
                if self.steps >= 30 && self.steps.is_multiple_of(10) {
                    self.levels.short_term.add(meter.loudness_shortterm().unwrap_or(f64::NEG_INFINITY));
                }
            }
        }
    }

    /// The loudness so far, to a hundredth, `None` for silence and what is too short to have any; and its
    /// distribution.
    pub fn read(self) -> (Option<Loudness>, LoudnessHistogram) {
        let Self { meter, mut levels, .. } = self;
        let loudness = meter.as_ref().and_then(loudness);
        levels.true_peak = loudness.map(|loudness| loudness.true_peak);
        (loudness, levels)
    }
}

fn loudness(meter: &EbuR128) -> Option<Loudness> {
    let peak = (0..2).filter_map(|channel| meter.true_peak(channel).ok()).fold(0.0, f64::max);
    let hundredth = |value: f64| value.is_finite().then(|| (value * 100.0).round() / 100.0);
    Some(Loudness {
        integrated: hundredth(meter.loudness_global().ok()?)?,
        true_peak: hundredth(20.0 * peak.log10())?,
        range: hundredth(meter.loudness_range().ok()?)?,
    })
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
        meter.read().0
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

    #[test]
    fn an_album_of_one_track_is_as_loud_as_the_track() {
        // 40 s that swell and fade
        let samples: Vec<f32> = (0..40 * 48_000)
            .flat_map(|i| {
                let t = i as f32 / 48_000.0;
                [(t * 440.0 * std::f32::consts::TAU).sin() * (0.02 + 0.3 * (t * 0.1).sin().powi(2)); 2]
            })
            .collect();
        let mut meter = Meter::new(48_000);
        samples.chunks(2 * 1777).for_each(|part| meter.add(part));
        let (track, levels) = meter.read();
        let (track, album) = (track.unwrap(), LoudnessHistogram::album([&levels]).unwrap());
        assert!((track.integrated - album.integrated).abs() < 0.06, "{track:?} {album:?}");
        assert!((track.range - album.range).abs() < 0.3, "{track:?} {album:?}");
        assert_eq!(track.true_peak, album.true_peak);
    }
}
