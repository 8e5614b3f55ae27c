//! Any number of channels to two, by ITU-R BS.775-4 annex 4.

use std::f32::consts::FRAC_1_SQRT_2;

use symphonia::core::audio::{ChannelLabel, Channels, Position};

/// More channels than any layout has.
const MOST: usize = 32;

/// The loudspeaker of each channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout(Vec<Position>);

impl Layout {
    pub fn new(speakers: Vec<Position>) -> Self {
        Self(speakers)
    }

    /// The layout that a file states; where it states none, the usual order of that many channels (that of
    /// WAVE files). `None` for what has no loudspeakers (ambisonics), or too many.
    pub fn of(channels: &Channels) -> Option<Self> {
        let speakers: Vec<Position> = match channels {
            Channels::Positioned(positions) => positions.iter().collect(),
            Channels::Discrete(count) => return Self::usual((*count).into()),
            Channels::Custom(labels) => {
                let positions: Option<Vec<_>> = labels
                    .iter()
                    .take(MOST + 1)
                    .map(|label| match label {
                        ChannelLabel::Positioned(position) => Some(*position),
                        _ => None,
                    })
                    .collect();
                match positions {
                    Some(positions) => positions,
                    None if labels.iter().all(|label| matches!(label, ChannelLabel::Discrete(_))) => {
                        return Self::usual(labels.len());
                    }
                    None => return None,
                }
            }
            _ => return None,
        };
        (1..=MOST).contains(&speakers.len()).then_some(Self(speakers))
    }

    /// The usual order of up to eight channels.
    pub fn usual(channels: usize) -> Option<Self> {
        let back = Position::REAR_LEFT | Position::REAR_RIGHT;
        let side = Position::SIDE_LEFT | Position::SIDE_RIGHT;
        let front = Position::FRONT_LEFT | Position::FRONT_RIGHT;
        let centre = front | Position::FRONT_CENTER;
        let positions = match channels {
            1 => Position::FRONT_CENTER,
            2 => front,
            3 => centre,
            4 => front | back,
            5 => centre | back,
            6 => centre | Position::LFE1 | back,
            7 => centre | Position::LFE1 | Position::REAR_CENTER | side,
            8 => centre | Position::LFE1 | back | side,
            _ => return None,
        };
        Some(Self(positions.iter().collect()))
    }

    /// How many channels there are.
    pub fn channels(&self) -> usize {
        self.0.len()
    }
}

/// What each channel adds to the left and to the right.
#[derive(Debug, Clone, PartialEq)]
pub struct Downmix(Vec<[f32; 2]>);

impl Downmix {
    /// Mono becomes two equal channels, two channels pass as they are. Of more, centre and surrounds are
    /// attenuated by 3 dB, a single rear centre by 6 dB, and low-frequency effects are left out. All is then
    /// scaled by the largest sum of coefficients, so that no signal can clip: the loss in level is constant, and
    /// it is in the loudness that is measured afterwards.
    pub fn new(layout: &Layout) -> Self {
        let mut weights: Vec<[f32; 2]> = match layout.channels() {
            1 => return Self(vec![[1.0, 1.0]]),
            2 => return Self(vec![[1.0, 0.0], [0.0, 1.0]]),
            _ => layout.0.iter().copied().map(weight).collect(),
        };
        let sum = |side: usize| weights.iter().filter_map(|weight| weight.get(side)).sum::<f32>();
        let largest = sum(0).max(sum(1));
        if largest > 1.0 {
            weights.iter_mut().flatten().for_each(|weight| *weight /= largest);
        }
        Self(weights)
    }

    /// Appends interleaved samples to `stereo`; what is not a finite number becomes 0.
    pub fn mix(&self, samples: &[f32], stereo: &mut Vec<f32>) {
        let finite = |sample: f32| if sample.is_finite() { sample } else { 0.0 };
        if self.0.len() == 2 {
            stereo.extend(samples.iter().copied().map(finite));
            return;
        }
        for frame in samples.chunks_exact(self.0.len()) {
            let (mut left, mut right) = (0.0, 0.0);
            for (&sample, &[to_left, to_right]) in frame.iter().zip(&self.0) {
                left += finite(sample) * to_left;
                right += finite(sample) * to_right;
            }
            stereo.extend([finite(left), finite(right)]);
        }
    }
}

fn weight(speaker: Position) -> [f32; 2] {
    const A: f32 = FRAC_1_SQRT_2;
    let left =
        Position::SIDE_LEFT | Position::REAR_LEFT | Position::FRONT_LEFT_CENTER | Position::FRONT_LEFT_WIDE;
    let left = left | Position::TOP_FRONT_LEFT | Position::TOP_SIDE_LEFT | Position::TOP_REAR_LEFT;
    let right = Position::SIDE_RIGHT
        | Position::REAR_RIGHT
        | Position::FRONT_RIGHT_CENTER
        | Position::FRONT_RIGHT_WIDE;
    let right = right | Position::TOP_FRONT_RIGHT | Position::TOP_SIDE_RIGHT | Position::TOP_REAR_RIGHT;
    match speaker {
        Position::FRONT_LEFT => [1.0, 0.0],
        Position::FRONT_RIGHT => [0.0, 1.0],
        Position::FRONT_CENTER | Position::TOP_FRONT_CENTER => [A, A],
        Position::REAR_CENTER | Position::TOP_CENTER | Position::TOP_REAR_CENTER => [0.5, 0.5],
        _ if left.contains(speaker) => [A, 0.0],
        _ if right.contains(speaker) => [0.0, A],
        // low-frequency effects
        _ => [0.0, 0.0],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mix(channels: usize, frame: &[f32]) -> Vec<f32> {
        let mut stereo = Vec::new();
        Downmix::new(&Layout::usual(channels).unwrap()).mix(frame, &mut stereo);
        stereo
    }

    #[test]
    fn one_and_two_channels_keep_their_level() {
        assert_eq!(mix(1, &[0.5, -0.25]), [0.5, 0.5, -0.25, -0.25]);
        assert_eq!(mix(2, &[0.5, -0.25]), [0.5, -0.25]);
    }

    #[test]
    fn surround_is_mixed_by_the_book_and_cannot_clip() {
        // L R C LFE Ls Rs; the sum of 1, 0.7071 and 0.7071 is the scale
        let scale = 1.0 + 2.0 * FRAC_1_SQRT_2;
        for (speaker, left, right) in [
            (0, 1.0, 0.0),
            (1, 0.0, 1.0),
            (2, FRAC_1_SQRT_2, FRAC_1_SQRT_2),
            (3, 0.0, 0.0),
            (4, FRAC_1_SQRT_2, 0.0),
            (5, 0.0, FRAC_1_SQRT_2),
        ] {
            let mut frame = [0.0; 6];
            frame[speaker] = 1.0;
            let stereo = mix(6, &frame);
            assert!((stereo[0] - left / scale).abs() < 1e-6, "{speaker}: {stereo:?}");
            assert!((stereo[1] - right / scale).abs() < 1e-6, "{speaker}: {stereo:?}");
        }
        for channels in 3..=8 {
            let loudest = mix(channels, &vec![1.0; channels]);
            assert!(
                loudest.iter().all(|sample| (0.9..=1.000_001).contains(sample)),
                "{channels}: {loudest:?}"
            );
        }
    }

    #[test]
    fn nothing_but_finite_samples_comes_out() {
        for channels in 1..=8 {
            for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX] {
                let stereo = mix(channels, &vec![bad; channels]);
                assert!(stereo.iter().all(|sample| sample.is_finite()), "{channels}, {bad}: {stereo:?}");
            }
        }
    }

    #[test]
    fn what_has_no_loudspeakers_has_no_layout() {
        assert_eq!(Layout::of(&Channels::Ambisonic(1)), None);
        assert_eq!(Layout::of(&Channels::Discrete(255)), None);
        assert_eq!(Layout::of(&Channels::None), None);
    }
}
