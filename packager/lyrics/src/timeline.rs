use core::num::NonZeroU32;

use crate::{Layer, Line};

/// Where on the clock of the rendered file a time of the source lies.
///
/// A packaged track carries M priming samples before its source, counted at the rate R, and no edit list: the
/// source time t is heard at the media time t + M/R. Lyrics are served on that media timeline, rounded to
/// the millisecond.
///
/// **Clamping.** The shift comes first, then a time before 0 becomes 0 and one after the end of the media
/// (M + n samples, rounded down) becomes that end. Order is kept; what lies outside has no duration left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeline {
    delay_ms: i64,
    end_ms: Option<i64>,
}

impl Timeline {
    /// The source's own clock, of unknown length: no shift. For conversion between files.
    pub const SOURCE: Timeline = Timeline { delay_ms: 0, end_ms: None };

    /// The media clock of a track with `priming` samples (M) before `samples` samples of source (n), all
    /// counted at `rate` (R, in Hz).
    pub fn media(priming: u32, rate: NonZeroU32, samples: u64) -> Timeline {
        let rate = u128::from(rate.get());
        let delay = (u128::from(priming) * 1000 + rate / 2) / rate;
        let end = (u128::from(priming) + u128::from(samples)) * 1000 / rate;
        Timeline {
            delay_ms: i64::try_from(delay).unwrap_or(i64::MAX / 2),
            end_ms: Some(i64::try_from(end).unwrap_or(i64::MAX)),
        }
    }

    /// Milliseconds from source time to media time: M/R, rounded.
    pub fn delay_ms(&self) -> i64 {
        self.delay_ms
    }

    /// The end of the media in ms, where it is known.
    pub fn end_ms(&self) -> Option<u64> {
        self.end_ms.map(i64::unsigned_abs)
    }

    /// How many lines of a layer start where nothing is heard any more, or before anything is; and the start
    /// of the first of them, in ms of source time. Writers clamp them.
    pub fn outside(&self, layer: &Layer) -> Option<(usize, i64)> {
        let heard = |ms: i64| {
            let ms = ms.saturating_add(self.delay_ms);
            ms >= 0 && self.end_ms.is_none_or(|end| ms < end)
        };
        let mut outside = layer.lines().iter().filter_map(Line::start_ms).filter(|start| !heard(*start));
        let first = outside.next()?;
        Some((outside.count() + 1, first))
    }

    /// The media time, in ms, of the source time `ms`, clamped.
    pub fn at(&self, ms: i64) -> u64 {
        let ms = ms.saturating_add(self.delay_ms).max(0);
        self.end_ms.map_or(ms, |end| ms.min(end)).unsigned_abs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn media(priming: u32, rate: u32, samples: u64) -> Timeline {
        Timeline::media(priming, NonZeroU32::new(rate).unwrap(), samples)
    }

    #[test]
    fn priming_delays_by_m_over_r() {
        assert_eq!(media(2048, 44_100, 441_000).at(1000), 1046, "46.44 ms");
        assert_eq!(media(2048, 48_000, 480_000).at(1000), 1043, "42.67 ms");
        assert_eq!(Timeline::SOURCE.at(1000), 1000);
    }

    #[test]
    fn the_shift_comes_before_the_clamp() {
        let t = media(2048, 44_100, 441_000);
        assert_eq!(t.at(-40), 6, "heard, though before the source's own zero");
        assert_eq!(t.at(-300), 0);
        assert_eq!(t.end_ms(), Some(10_046));
        assert_eq!(t.at(10_000), 10_046);
        assert_eq!(t.at(i64::MAX), 10_046);
        assert_eq!(t.at(i64::MIN), 0);
    }

    #[test]
    fn lines_outside_are_counted() {
        let line = |ms| Line::new(Some(ms), None, crate::Phrase::new("a", vec![]).unwrap()).unwrap();
        let of = |starts: &[i64]| {
            let lines = starts.iter().copied().map(line).collect();
            Layer::new("hi".parse().unwrap(), crate::Kind::Main, vec![], lines).unwrap()
        };
        let t = media(2048, 44_100, 441_000);
        assert_eq!(t.outside(&of(&[-40, 9_999])), None);
        assert_eq!(t.outside(&of(&[-50, 0, 10_000, 12_000])), Some((3, -50)));
        assert_eq!(Timeline::SOURCE.outside(&of(&[-1, i64::from(u32::MAX) / 100])), Some((1, -1)));
    }

    #[test]
    fn absurd_lengths_do_not_overflow() {
        let t = media(u32::MAX, 1, u64::MAX);
        assert!(t.at(1) > 0);
        assert!(t.end_ms().is_some());
    }
}
