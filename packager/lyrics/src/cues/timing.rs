//! The times of WebVTT and SubRip, and the line of a block that says from when to when.

use super::{arrow::sides, block::Block};
use crate::{
    Error, clock, decode, limit, lrc,
    position::FilePosition,
    quote::quote,
    unseen,
    warning::{WarningKind, Warnings},
};

/// Whether a line says, or means to say, from when to when: `00:00:01,000 --> …`. What follows a stamp of LRC is LRC's.
pub(crate) fn recognises(text: &str) -> bool {
    let mut lines = decode::lines(text).map(unseen::trim).filter(|line| !line.is_empty()).peekable();
    // Subtitles begin with a number or a time. Behind a tag of LRC, times have to be complete.
    let tagged = lines.peek().is_some_and(|first| first.starts_with('['));
    let means = |line: &str| if tagged { is_complete(line) } else { means_times(line) };
    lines.take_while(|line| !lrc::begins_with_stamp(line)).any(means)
}

/// Whether a line has an arrow with something on either side of it that no text has there.
fn means_times(line: &str) -> bool {
    if is_complete(line) {
        return true;
    }
    let Some((start, rest)) = line.split_once("-->") else { return false };
    let end = rest.split_whitespace().next().unwrap_or_default();
    [start.trim(), end].into_iter().any(|side| time(side).is_some() || is_like_time(side))
}

/// Whether a line is two times, each with at least two marks, whatever arrow is between them.
fn is_complete(line: &str) -> bool {
    sides(line).is_some_and(|sides| {
        let (start, end) =
            sides.repaired.as_ref().map_or((sides.start, sides.end), |(start, end)| (start, end));
        is_like_time(start) && is_like_time(end)
    })
}

/// Digits with at least two of the marks of a time between them.
fn is_like_time(text: &str) -> bool {
    let is_mark = |b: u8| matches!(b, b':' | b'.' | b',');
    text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|b| b.is_ascii_digit() || is_mark(b))
        && text.bytes().filter(|b| is_mark(*b)).count() > 1
}

/// Whether a line is two times and nothing before them.
pub(crate) fn is_timing(line: &str) -> bool {
    sides(line).is_some_and(|sides| match &sides.repaired {
        None => time(sides.start).is_some() && time(sides.end).is_some(),
        Some((start, end)) => {
            // `10:30 - 11:45` may be a text.
            let sure = line.contains("-->") || is_like_time(start) && is_like_time(end);
            sure && time(start).is_some() && time(end).is_some()
        }
    })
}

/// The ms of `hh:mm:ss,mmm` or `mm:ss.mmm`, with a point or a comma; one to three decimals or none, hours of
/// any length.
fn time(text: &str) -> Option<i64> {
    if let Some(ms) = clock::read(text) {
        return Some(ms);
    }
    let (clock, ms) = match text.split_once(['.', ',']) {
        None => (text, 0),
        Some((clock, decimals)) => match (number(decimals)?, decimals.len()) {
            (n, 1) => (clock, n * 100),
            (n, 2) => (clock, n * 10),
            (n, 3) => (clock, n),
            _ => return None,
        },
    };
    let mut fields = clock.split(':');
    let (a, b, c) = (number(fields.next()?)?, number(fields.next()?)?, fields.next());
    let (hours, minutes, seconds) = match c {
        Some(c) => (a, b, number(c)?),
        None => (0, a, b),
    };
    let good = fields.next().is_none() && minutes < 60 && seconds < 60;
    good.then_some(((hours * 60 + minutes) * 60 + seconds) * 1000 + ms)
}

/// Whether a text is a time.
pub(crate) fn is_time(text: &str) -> bool {
    time(text).is_some()
}

fn number(digits: &str) -> Option<i64> {
    let good = (1..=9).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    good.then(|| digits.bytes().fold(0, |n, digit| n * 10 + i64::from(digit - b'0')))
}

/// The time that a text is; else what was expected.
pub(crate) fn time_within_limit(
    text: &str,
    place: FilePosition,
    expected: &'static str,
) -> Result<i64, Error> {
    match time(text) {
        Some(ms) if ms <= limit::TIME_MS => Ok(ms),
        Some(_) => Err(place.error("a time of at most 100 hours", text)),
        None => Err(place.error(expected, text)),
    }
}

/// From when to when a block is shown.
pub(crate) struct Timing {
    pub start: i64,
    pub end: i64,
    /// Lines of the block before the text.
    pub head: usize,
    /// Where in the line of times something follows them.
    pub tail: Option<usize>,
    pub place: FilePosition,
}

impl Timing {
    /// The timing of a block: its first line, or its second after an identifier.
    pub(crate) fn of(block: &Block<'_>, warnings: &mut Warnings) -> Result<Option<Timing>, Error> {
        let is_one = |line: &&str| line.contains("-->") || is_complete(line);
        let Some(at) = block.lines.iter().take(2).position(is_one) else {
            return Ok(None);
        };
        let line = block.lines.get(at).copied().unwrap_or_default();
        let expected = "two times such as `00:00:01.000 --> 00:00:02.000`";
        let place_of = |rest: &str| {
            let before = line.get(..line.len() - rest.len()).unwrap_or_default();
            FilePosition { line: block.first + at, column: before.chars().count() + 1 }
        };
        let place = place_of(line.trim_start());
        if let Some(sides) = sides(line) {
            let stated = (sides.start.to_owned(), sides.end.to_owned());
            let repaired = sides.repaired.is_some();
            let (start, end) = sides.repaired.unwrap_or(stated);
            let start = time_within_limit(&start, place, expected)?;
            let end_place = place_of(line.get(sides.end_at..).unwrap_or_default());
            let end = time_within_limit(&end, end_place, expected)?;
            if repaired {
                let read_as = || format!("{} --> {}", clock_of(start), clock_of(end));
                warnings.push(place, WarningKind::ReadAs, || {
                    format!("times {} read as `{}`", quote(line.trim()), read_as())
                });
            }
            let after = sides.end_at + sides.end.len();
            let tail =
                Some(after).filter(|after| !unseen::trim(line.get(*after..).unwrap_or_default()).is_empty());
            return Ok(Some(Timing { start, end, head: at + 1, tail, place }));
        }
        let (start, rest) = line.split_once("-->").unwrap_or((line, ""));
        let start = match start.trim() {
            "" => return Err(place.error(expected, line)),
            start => time_within_limit(start, place, expected)?,
        };
        let rest = rest.trim_start();
        let end = match rest.split_whitespace().next() {
            None => return Err(place_of(rest).error(expected, "the end of the line")),
            Some(end) => time_within_limit(end, place_of(rest), expected)?,
        };
        Ok(Some(Timing { start, end, head: at + 1, tail: None, place }))
    }
}

fn clock_of(ms: i64) -> String {
    clock::format(ms.unsigned_abs(), ',')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        for (text, ms) in [
            ("00:00:01,500", 1500),
            ("0:00:01,50", 1500),
            ("0:00:01.5", 1500),
            ("00:01", 1000),
            ("1:02.005", 62_005),
            ("123456:00:00", 444_441_600_000),
        ] {
            assert_eq!(time(text), Some(ms), "{text}");
        }
        for text in
            ["", "1", "00:60.0", "60:00", "00:01,", "00:01,0000", "a:b", "1:2:3:4", "-0:01", "00.00.01,500"]
        {
            assert_eq!(time(text), None, "{text}");
        }
    }

    #[test]
    fn subtitles_are_told_from_text() {
        for file in [
            "1\n0:00:01,50 --> x\n",
            "00.00.01,500 --> 00.00.02,000\na",
            "a title\n\n1\n00:01 --> 00:02\na",
            "a\nb\nc\nd\n00:01 --> 00:02\n",
            "[la:en]\n00:00:01,000 -> 00:00:02,000\n",
        ] {
            assert!(recognises(file), "{file}");
        }
        for file in [
            "a --> b\n",
            "1 --> 2\n",
            "[la:en]\n00:01 --> 00:02\n",
            "3.5 --> 4\n",
            "10:30 - 11:45\n",
            "[00:01.00]a\n00:00:01,000 --> 00:00:02,000\n",
        ] {
            assert!(!recognises(file), "{file}");
        }
    }
}
