//! How a song that was captured goes on: sample by sample, or with breaks.

use crate::signal::lag;

/// Samples that are compared at once: 46 ms at 44.1 kHz. A hole of a fifth of it is noticed.
const HOP: usize = 2048;
/// The likeness of a stretch to its source below which it is something else.
const ALIKE: f64 = 0.85;
/// Below this mean square, a stretch of the source is too quiet to be told from another.
const QUIET: f32 = 1e-5;

/// A place at which the song does not go on with the next sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Break {
    /// The source's sample behind it.
    pub at: usize,
    /// Samples of silence that were heard there.
    pub silence: usize,
    /// By how many samples what follows is later than before; what was skipped or repeated is the difference.
    pub later: i64,
}

/// A song as it was captured.
#[derive(Debug)]
pub struct Captured {
    /// How many stretches of the source were found where they belong.
    pub found: usize,
    /// The least likeness of a stretch that was found.
    pub least: f64,
    /// The breaks between them.
    pub breaks: Vec<Break>,
}

impl Captured {
    /// Follows `source` from its second second to sample `until` through `heard`, in which it begins within two
    /// seconds of sample `started`.
    pub fn follow(source: &[f32], heard: &[f32], started: usize, until: usize) -> Self {
        let first = (44_100..until).step_by(HOP).find(|&at| is_loud(source, at)).expect("a song");
        let near = started as i64;
        let mut place = lag(source, first..first + HOP, heard, near..near + 100_000).round() as i64;
        let mut captured = Self { found: 0, least: 1.0, breaks: Vec::new() };
        for at in (first..until).step_by(HOP).filter(|&at| is_loud(source, at)) {
            let alike = likeness(source, heard, at, place);
            if alike >= ALIKE {
                captured.least = captured.least.min(alike);
                captured.found += 1;
                continue;
            }
            let silence = silence(heard, usize::try_from(at as i64 + place).unwrap().saturating_sub(HOP));
            // wholly behind the break
            let behind = (at + HOP..until).step_by(HOP).find(|&at| is_loud(source, at));
            let Some(behind) = behind.filter(|behind| source.len() > behind + HOP) else { break };
            let expected = place + silence as i64;
            let found =
                lag(source, behind..behind + HOP, heard, expected - 5000..expected + 5000).round() as i64;
            if captured.breaks.last().is_some_and(|last| at < last.at + 2 * HOP) && found == place {
                continue;
            }
            captured.breaks.push(Break { at, silence, later: found - place });
            place = found;
        }
        captured
    }
}

fn is_loud(source: &[f32], at: usize) -> bool {
    source.get(at..at + HOP).is_some_and(|s| s.iter().map(|x| x * x).sum::<f32>() / HOP as f32 > QUIET)
}

fn likeness(source: &[f32], heard: &[f32], at: usize, place: i64) -> f64 {
    let Ok(start) = usize::try_from(at as i64 + place) else { return 0.0 };
    let Some(heard) = heard.get(start..start + HOP) else { return 0.0 };
    let (mut dot, mut a, mut b) = (0.0_f64, 1e-9_f64, 1e-9_f64);
    for (x, y) in source[at..at + HOP].iter().zip(heard) {
        let (x, y) = (f64::from(*x), f64::from(*y));
        dot += x * y;
        a += x * x;
        b += y * y;
    }
    dot / (a * b).sqrt()
}

/// The length of the longest silence that begins within a second from `start`.
fn silence(heard: &[f32], start: usize) -> usize {
    let (mut longest, mut run) = (0, 0);
    for (i, sample) in heard.iter().enumerate().skip(start) {
        if sample.abs() < 1e-6 {
            run += 1;
            longest = longest.max(run);
        } else {
            run = 0;
            if i > start + 44_100 {
                break;
            }
        }
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::master::noise;

    fn follow(heard: &[f32], source: &[f32]) -> Vec<Break> {
        let captured = Captured::follow(source, heard, 0, 200_000);
        assert!(captured.found > 50, "{captured:?}");
        captured.breaks
    }

    #[test]
    fn what_goes_on_has_no_break() {
        let source = noise(240_000);
        let heard = [&[0.0; 700][..], &source].concat();
        assert_eq!(follow(&heard, &source), []);
    }

    #[test]
    fn a_hole_a_pause_and_a_skip_are_told_apart() {
        let source = noise(240_000);
        let (before, after) = source.split_at(100_000);
        let hole = [before, &[0.0; 1000], &after[1000..]].concat();
        let breaks = follow(&hole, &source);
        assert_eq!((breaks.len(), breaks[0].silence, breaks[0].later), (1, 1000, 0), "{breaks:?}");
        let pause = [before, &[0.0; 50_000], after].concat();
        let breaks = follow(&pause, &source);
        assert_eq!((breaks.len(), breaks[0].silence, breaks[0].later), (1, 50_000, 50_000), "{breaks:?}");
        let skip = [before, &after[2000..]].concat();
        let breaks = follow(&skip, &source);
        assert_eq!((breaks.len(), breaks[0].later), (1, -2000), "{breaks:?}");
    }
}
