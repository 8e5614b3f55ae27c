//! Samples over full scale, which floating point, lossy coding and resampling allow and no delivered format holds: they
//! are clipped, or the whole source is lowered until its highest sample fits.

use std::{borrow::Cow, fmt, str::FromStr};

/// The most that a source is lowered, in decibels: more than that is no level but a damaged sample, and all else would be
/// next to silence.
pub const MOST_LOWERED: f32 = 24.0;

/// What is done with samples over full scale.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Overs {
    /// They are clipped.
    #[default]
    Clip,
    /// One gain for the whole source puts its highest sample at full scale. The source is decoded twice for it. A source
    /// without such samples stays as it is: nothing is raised.
    Normalise,
}

/// A word that names none of the two.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected clip or normalise for samples over full scale (overs), found {0:?}")]
pub struct OversError(String);

impl FromStr for Overs {
    type Err = OversError;

    fn from_str(text: &str) -> Result<Self, OversError> {
        match text {
            "clip" => Ok(Self::Clip),
            "normalise" => Ok(Self::Normalise),
            other => Err(OversError(other.to_owned())),
        }
    }
}

impl fmt::Display for Overs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Clip => "clip",
            Self::Normalise => "normalise",
        })
    }
}

/// The highest sample of a stereo signal.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Peak {
    /// Its magnitude; full scale is 1.
    pub height: f32,
    /// Where it is, in samples per channel from the beginning.
    pub sample: u64,
    /// Samples per channel so far.
    samples: u64,
}

impl Peak {
    /// Takes the next interleaved samples.
    pub fn add(&mut self, stereo: &[f32]) {
        for frame in stereo.chunks(2) {
            let height = frame.iter().fold(0.0_f32, |height, sample| height.max(sample.abs()));
            if height > self.height {
                (self.height, self.sample) = (height, self.samples);
            }
            self.samples += 1;
        }
    }

    /// Its level in decibels over full scale.
    pub fn level(&self) -> f32 {
        20.0 * self.height.log10()
    }

    /// Where it is, as minutes and seconds, at a sampling rate in hertz.
    pub fn time(&self, rate: u32) -> String {
        let milliseconds = self.sample * 1000 / u64::from(rate.max(1));
        let (minutes, rest) = (milliseconds / 60_000, milliseconds % 60_000);
        format!("{minutes}:{:02}.{:03}", rest / 1000, rest % 1000)
    }

    /// The signal lowered so that this sample is at full scale; as it is where none is over. A quotient and no product
    /// with the reciprocal, which rounding may leave a little over full scale.
    pub fn lower<'s>(&self, signal: &'s [f32]) -> Cow<'s, [f32]> {
        if self.height <= 1.0 {
            return Cow::Borrowed(signal);
        }
        Cow::Owned(signal.iter().map(|sample| sample / self.height).collect())
    }
}

/// What was clipped of a signal.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Clipped {
    /// Samples over full scale, counted in each channel.
    pub samples: u64,
    /// The largest of them; full scale is 1.
    pub peak: f32,
}

impl Clipped {
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

impl fmt::Display for Clipped {
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
        let mut clipped = Clipped::default();
        assert!(matches!(clipped.clip(&[1.0, -1.0, 0.5]), Cow::Borrowed(_)));
        assert_eq!(clipped, Clipped::default());
        assert_eq!(*clipped.clip(&[2.0, -4.0, 0.5]), [1.0, -1.0, 0.5]);
        assert_eq!(clipped.clip(&[1.5])[..], [1.0]);
        assert_eq!((clipped.samples, clipped.peak), (3, 4.0));
        assert!(
            clipped
                .to_string()
                .starts_with("3 samples are over full scale and clipped, the highest at +12.0 dBFS")
        );
    }

    #[test]
    fn a_peak_is_the_first_of_the_highest_and_fits_once_the_signal_is_lowered() {
        let mut peak = Peak::default();
        peak.add(&[0.1, -0.2, 0.3, 0.1]);
        peak.add(&[0.0, -3.7, 3.7, 1.0]);
        assert_eq!((peak.height, peak.sample), (3.7, 2));
        assert_eq!(peak.time(2), "0:01.000");
        assert_eq!(Peak { sample: 44_100 * 75 + 441, ..peak }.time(44_100), "1:15.010");
        for height in [1.0_f32, 1.000_001, 3.7, 7.3, 15.0] {
            let peak = Peak { height, ..Peak::default() };
            assert_eq!(peak.lower(&[height, -height])[..], [1.0, -1.0], "{height}");
        }
        assert!(matches!(Peak { height: 0.5, ..peak }.lower(&[0.5]), Cow::Borrowed(_)));
    }

    #[test]
    fn words_are_read_back_and_others_refused_with_both() {
        for overs in [Overs::Clip, Overs::Normalise] {
            assert_eq!(overs.to_string().parse(), Ok(overs));
        }
        let error = "limit".parse::<Overs>().unwrap_err().to_string();
        assert!(["clip", "normalise", "limit"].iter().all(|word| error.contains(word)), "{error}");
    }
}
