use core::{fmt, num::NonZeroU32};

use crate::{LanguageTag, Layer, Line, Phrase, quote::quote};

/// Where on the clock of the rendered file a time of the source lies.
///
/// A packaged track carries M priming samples before its source, counted at the rate R, and no edit list: the
/// source time t is heard at the media time t + M/R. Lyrics are served on that media timeline, rounded to
/// the millisecond.
///
/// **Clamping.** The shift comes first, then a time before 0 becomes 0 and one after the end of the media
/// (M + n samples, rounded down) becomes that end. Order is kept; what lies outside has no duration left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LyricsTimeline {
    delay_ms: i64,
    end_ms: Option<i64>,
}

impl LyricsTimeline {
    /// The source's own clock, of unknown length: no shift. For conversion between files.
    pub const SOURCE: LyricsTimeline = LyricsTimeline { delay_ms: 0, end_ms: None };

    /// The source's own clock, which ends at `length_ms`: no shift.
    pub fn of_source(length_ms: u32) -> LyricsTimeline {
        LyricsTimeline { delay_ms: 0, end_ms: Some(length_ms.into()) }
    }

    /// The media clock of a track with `priming` samples (M) before `samples` samples of source (n), all
    /// counted at `rate` (R, in Hz).
    pub fn media(priming: u32, rate: NonZeroU32, samples: u64) -> LyricsTimeline {
        let rate = u128::from(rate.get());
        let delay = (u128::from(priming) * 1000 + rate / 2) / rate;
        let end = (u128::from(priming) + u128::from(samples)) * 1000 / rate;
        LyricsTimeline {
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

    /// What of a layer lies outside: lines of which the line or a word starts before anything is heard, or when
    /// nothing is any more, or ends after that. Writers clamp those times.
    pub fn outside(&self, layer: &Layer) -> Option<Outside> {
        let mut outside = layer.lines().iter().filter(|line| self.is_outside(line));
        let first = outside.next()?;
        Some(Outside {
            lang: layer.lang().clone(),
            first: first.text().to_owned(),
            start_ms: first.start_ms().unwrap_or_default(),
            lines: 1 + outside.count(),
        })
    }

    fn is_outside(&self, line: &Line) -> bool {
        let at = |ms: i64| ms.saturating_add(self.delay_ms);
        let starts = |ms: i64| at(ms) >= 0 && self.end_ms.is_none_or(|end| at(ms) < end);
        let ends = |ms: i64| self.end_ms.is_none_or(|end| at(ms) <= end);
        let mut words =
            [Some(line.phrase()), line.background()].into_iter().flatten().flat_map(Phrase::words);
        !line.start_ms().is_none_or(starts)
            || !line.end_ms().is_none_or(ends)
            || !words.all(|word| starts(word.start_ms) && word.end_ms.is_none_or(ends))
    }

    /// What lies within the track of something that lasts from `start` to `end`, both in ms of source time: media
    /// times in ms. `None` for what is over before the track begins, and for what begins when it is over. This, and
    /// nothing else, decides what a writer leaves out.
    pub(crate) fn part(&self, start: i64, end: i64) -> Option<(u64, u64)> {
        let media = |ms: i64| ms.saturating_add(self.delay_ms);
        let before = media(start) < 0 && media(end) <= 0;
        let after = self.end_ms.is_some_and(|last| media(start) >= last);
        (!before && !after).then(|| (self.at(start), self.at(end)))
    }

    /// When the track is over, in ms of source time.
    pub(crate) fn source_end_ms(&self) -> Option<i64> {
        self.end_ms.map(|end| end.saturating_sub(self.delay_ms))
    }

    /// The media time, in ms, of the source time `ms`, clamped.
    pub fn at(&self, ms: i64) -> u64 {
        let ms = ms.saturating_add(self.delay_ms).max(0);
        self.end_ms.map_or(ms, |end| ms.min(end)).unsigned_abs()
    }
}

/// What of a layer lies outside its track, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outside {
    /// The language of the layer.
    pub lang: LanguageTag,
    /// Lines with such a time.
    pub lines: usize,
    /// The text of the first of them.
    pub first: String,
    /// When that starts, in ms of source time.
    pub start_ms: i64,
}

impl fmt::Display for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Outside { lang, lines, first, start_ms } = self;
        let first = quote(first);
        write!(f, "lyrics in {lang}: lines with times outside the track: {lines}, the first ")?;
        write!(f, "{first} at {start_ms} ms; those times are moved to its edge")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Word;

    fn media(priming: u32, rate: u32, samples: u64) -> LyricsTimeline {
        LyricsTimeline::media(priming, NonZeroU32::new(rate).unwrap(), samples)
    }

    #[test]
    fn priming_delays_by_m_over_r() {
        assert_eq!(media(2048, 44_100, 441_000).at(1000), 1046, "46.44 ms");
        assert_eq!(media(2048, 48_000, 480_000).at(1000), 1043, "42.67 ms");
        assert_eq!(LyricsTimeline::SOURCE.at(1000), 1000);
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
        let line = |start, end, words| Line::new(Some(start), end, Phrase::new("a", words).unwrap()).unwrap();
        let of =
            |lines: Vec<Line>| Layer::new("hi".parse().unwrap(), crate::Kind::Main, vec![], lines).unwrap();
        let starting = |starts: &[i64]| of(starts.iter().map(|at| line(*at, None, vec![])).collect());
        let t = media(2048, 44_100, 441_000);
        let found =
            |t: LyricsTimeline, layer: &Layer| t.outside(layer).map(|found| (found.lines, found.start_ms));
        assert_eq!(found(t, &starting(&[-40, 9_999])), None);
        assert_eq!(found(t, &starting(&[-50, 0, 10_000, 12_000])), Some((3, -50)));
        assert_eq!(found(LyricsTimeline::SOURCE, &starting(&[-1, i64::from(u32::MAX) / 100])), Some((1, -1)));
        assert_eq!(found(LyricsTimeline::of_source(5_000), &starting(&[0, 4_999, 5_000])), Some((1, 5_000)));
        let ending = |end| of(vec![line(9_000, Some(end), vec![])]);
        assert_eq!(found(t, &ending(10_000)), None);
        assert_eq!(found(t, &ending(10_001)), Some((1, 9_000)));
        let sung =
            |start_ms, end_ms| of(vec![line(9_000, None, vec![Word { bytes: 0..1, start_ms, end_ms }])]);
        assert_eq!(found(t, &sung(9_500, Some(10_000))), None);
        assert_eq!(found(t, &sung(9_500, Some(10_001))), Some((1, 9_000)));
        assert_eq!(found(t, &sung(10_000, None)), Some((1, 9_000)));
        assert_eq!(
            t.outside(&starting(&[10_000])).unwrap().to_string(),
            "lyrics in hi: lines with times outside the track: 1, the first \"a\" at 10000 ms; those times are \
             moved to its edge"
        );
    }

    #[test]
    fn what_is_over_before_the_track_or_begins_after_it_has_no_part_in_it() {
        let t = media(44_100, 44_100, 441_000);
        for (start, end, part) in [
            (-2_000, -1_001, None),
            (-2_000, -1_000, None),
            (-2_000, -999, Some((0, 1))),
            (-1_000, -1_000, Some((0, 0))),
            (500, 500, Some((1_500, 1_500))),
            (9_999, 20_000, Some((10_999, 11_000))),
            (10_000, 20_000, None),
            (i64::MIN, i64::MAX, Some((0, 11_000))),
        ] {
            assert_eq!(t.part(start, end), part, "{start} {end}");
        }
        assert_eq!(LyricsTimeline::SOURCE.part(-5, 0), None);
        assert_eq!(
            LyricsTimeline::SOURCE.part(i64::MAX - 1, i64::MAX).map(|part| part.0),
            Some((i64::MAX - 1).unsigned_abs())
        );
    }

    #[test]
    fn absurd_lengths_do_not_overflow() {
        let t = media(u32::MAX, 1, u64::MAX);
        assert!(t.at(1) > 0);
        assert!(t.end_ms().is_some());
    }
}
