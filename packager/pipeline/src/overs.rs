//! Samples over full scale, which floating point, lossy coding and resampling allow and no delivered format holds.

use std::{borrow::Cow, fmt};

/// What was clipped of a signal.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Overs {
    /// Samples over full scale, counted in each channel.
    pub samples: u64,
    /// The largest of them; full scale is 1.
    pub peak: f32,
}

impl Overs {
    /// The signal as it is delivered, within ±1; counts what is clipped.
    pub fn clip<'s>(&mut self, signal: &'s [f32]) -> Cow<'s, [f32]> {
        let peak = signal.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
        if peak <= 1.0 {
            return Cow::Borrowed(signal);
        }
        self.samples += signal.iter().filter(|sample| sample.abs() > 1.0).count() as u64;
        self.peak = self.peak.max(peak);
        Cow::Owned(signal.iter().map(|sample| sample.clamp(-1.0, 1.0)).collect())
    }
}

impl fmt::Display for Overs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (samples, level) = (self.samples, 20.0 * self.peak.log10());
        let word = if samples == 1 { "sample is" } else { "samples are" };
        write!(
            f,
            "{samples} {word} over full scale and clipped, the highest at {level:+.1} dBFS; loudness is that of what is delivered"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_full_scale_is_clipped_and_counted() {
        let mut overs = Overs::default();
        assert!(matches!(overs.clip(&[1.0, -1.0, 0.5]), Cow::Borrowed(_)));
        assert_eq!(overs, Overs::default());
        assert_eq!(*overs.clip(&[2.0, -4.0, 0.5]), [1.0, -1.0, 0.5]);
        assert_eq!(overs.clip(&[1.5])[..], [1.0]);
        assert_eq!((overs.samples, overs.peak), (3, 4.0));
        assert!(
            overs
                .to_string()
                .starts_with("3 samples are over full scale and clipped, the highest at +12.0 dBFS")
        );
    }
}
