//! What is measured in samples: where one signal lies in another, and how a tone goes on.

use std::{f64::consts::TAU, ops::Range};

/// Interleaved stereo samples, ±1.
#[derive(Debug, Clone, PartialEq)]
pub struct Pcm(pub Vec<f32>);

impl Pcm {
    /// From little-endian single precision.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(Self::mono(bytes))
    }

    /// One channel of little-endian single precision.
    pub fn mono(bytes: &[u8]) -> Vec<f32> {
        bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
    }

    /// Samples per channel.
    pub fn len(&self) -> usize {
        self.0.len() / 2
    }

    /// The part between two samples.
    pub fn part(&self, range: Range<usize>) -> Self {
        Self(self.0[2 * range.start..2 * range.end].to_vec())
    }

    /// The mean of both channels, which parametric stereo leaves in place.
    pub fn middle(&self) -> Vec<f32> {
        self.0.chunks_exact(2).map(|pair| (pair[0] + pair[1]) / 2.0).collect()
    }
}

/// Where `source[range]` lies in `heard`, counted from the same index there: the shift within `search` with the
/// highest normalised correlation, between samples by a parabola through its neighbours.
pub fn lag(source: &[f32], range: Range<usize>, heard: &[f32], search: Range<i64>) -> f64 {
    let source = &source[range.clone()];
    let likeness = |lag: i64| -> f64 {
        let Ok(start) = usize::try_from(range.start as i64 + lag) else { return -1.0 };
        let Some(heard) = heard.get(start..start + source.len()) else { return -1.0 };
        let (mut dot, mut energy) = (0.0_f32, 1e-9_f32);
        for i in 0..source.len() {
            dot += source[i] * heard[i];
            energy += heard[i] * heard[i];
        }
        f64::from(dot / energy.sqrt())
    };
    let best = search.map(|lag| (lag, likeness(lag))).max_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
    let (before, after) = (likeness(best.0 - 1), likeness(best.0 + 1));
    best.0 as f64 + 0.5 * (before - after) / (before - 2.0 * best.1 + after)
}

/// Where source sample 0 lies in `heard`, by the 8192 samples from `window` on, in which source sample 0 is expected
/// within 2500 samples of `near`.
pub fn origin(source: &[f32], heard: &[f32], window: usize, near: i64) -> f64 {
    let start = usize::try_from(window as i64 - near).unwrap();
    let coarse = lag(source, start..start + 2048, heard, near - 2500..near + 2500).round() as i64;
    lag(source, start..start + 8192, heard, coarse - 4..coarse + 5)
}

/// A tone's complex amplitude over a stretch: the part of the signal that is `frequency` (cycles per sample),
/// by least squares.
#[derive(Debug, Clone, Copy)]
pub struct Tone {
    frequency: f64,
    cosine: f64,
    sine: f64,
}

impl Tone {
    /// The tone in `signal[range]`.
    pub fn fit(signal: &[f32], range: Range<usize>, frequency: f64) -> Self {
        let (mut cc, mut cs, mut ss, mut xc, mut xs) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for i in range {
            let (s, c) = (TAU * frequency * i as f64).sin_cos();
            let x = f64::from(signal[i]);
            cc += c * c;
            cs += c * s;
            ss += s * s;
            xc += x * c;
            xs += x * s;
        }
        let determinant = cc * ss - cs * cs;
        let cosine = (xc * ss - xs * cs) / determinant;
        let sine = (xs * cc - xc * cs) / determinant;
        Self { frequency, cosine, sine }
    }

    fn at(&self, i: usize) -> f64 {
        let (s, c) = (TAU * self.frequency * i as f64).sin_cos();
        self.cosine * c + self.sine * s
    }

    /// By how many samples `other` is later than this one, within half a period.
    pub fn delay_to(&self, other: &Self) -> f64 {
        let phase = |tone: &Self| tone.sine.atan2(tone.cosine);
        let turns = (phase(other) - phase(self)) / TAU;
        (turns - turns.round()) / self.frequency
    }

    /// What `signal[range]` is besides this tone, against the tone, in dB.
    pub fn residual(&self, signal: &[f32], range: Range<usize>) -> f64 {
        let (mut rest, mut tone) = (0.0, 0.0);
        for i in range {
            let ideal = self.at(i);
            rest += (f64::from(signal[i]) - ideal).powi(2);
            tone += ideal * ideal;
        }
        10.0 * (rest.max(1e-30) / tone).log10()
    }
}

#[test]
fn a_lag_is_found_between_samples() {
    let tone = |i: f64| ((0.05 * i).sin() + (0.113 * i).sin() + (0.2 * i).cos()) as f32;
    let source: Vec<f32> = (0..5000).map(|i| tone(i.into())).collect();
    let heard: Vec<f32> = (0..5000).map(|i| tone(f64::from(i) - 20.25)).collect();
    let found = lag(&source, 500..3000, &heard, -40..60);
    assert!((found - 20.25).abs() < 0.05, "{found}");
}

#[test]
fn a_tone_that_jumps_is_late_by_its_jump() {
    let tone = |i: f64| (TAU * 0.07 * i).sin() as f32;
    let signal: Vec<f32> = (0..4000).map(|i| tone(f64::from(i - i32::from(i >= 2000)))).collect();
    let (before, after) = (Tone::fit(&signal, 0..2000, 0.07), Tone::fit(&signal, 2000..4000, 0.07));
    assert!((before.delay_to(&after) - 1.0).abs() < 1e-3);
    assert!(before.residual(&signal, 0..2000) < -100.0 && before.residual(&signal, 2000..4000) > -10.0);
}
