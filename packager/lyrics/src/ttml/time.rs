//! Time expressions of TTML (TTML2 §12.3.1).

use crate::{clock, limit};

pub(super) const EXPECTED: &str = "a time such as `00:01:02.345`, `1:02.345`, `62.345` or `62.345s`";

/// The time in ms of a clock time with or without hours, of plain seconds as Apple writes them, or of an offset
/// in hours, minutes, seconds or milliseconds (`h`, `m`, `s`, `ms`); rounded to the ms.
pub(super) fn read(text: &str) -> Option<i64> {
    clock::read(text).or_else(|| any(text.trim()))
}

fn any(text: &str) -> Option<i64> {
    let ms = match text.rsplit_once(':') {
        None => {
            let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
            match text.get(number.len()..) {
                Some("" | "s") => decimal(number, 1000),
                Some("ms") => decimal(number, 1),
                Some("m") => decimal(number, 60_000),
                Some("h") => decimal(number, 3_600_000),
                _ => None,
            }
        }
        Some((before, seconds)) => {
            let (hours, minutes) = match before.split_once(':') {
                None => (0, whole(before)?),
                Some((hours, minutes)) => (whole(hours)?, whole(minutes).filter(|m| *m < 60)?),
            };
            whole(seconds.split('.').next().unwrap_or_default()).filter(|seconds| *seconds < 60)?;
            Some((hours * 60 + minutes) * 60_000 + decimal(seconds, 1000)?)
        }
    }?;
    (ms <= limit::TIME_MS).then_some(ms)
}

/// An unsigned number of at most six digits.
fn whole(digits: &str) -> Option<i64> {
    let good = (1..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    good.then(|| digits.bytes().fold(0, |n, digit| n * 10 + i64::from(digit - b'0')))
}

/// A number with or without decimals, times `unit`, rounded.
fn decimal(text: &str, unit: i64) -> Option<i64> {
    let (integer, fraction) = text.split_once('.').map_or((text, None), |(i, f)| (i, Some(f)));
    let nine = |digits: &str| {
        let good = (1..=9).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        good.then(|| digits.bytes().fold(0i64, |n, digit| n * 10 + i64::from(digit - b'0')))
    };
    let integer = nine(integer)?.checked_mul(unit)?;
    let Some(fraction) = fraction else { return Some(integer) };
    // More than nine decimals of a second are none of ours.
    let kept = fraction.get(..9).unwrap_or(fraction);
    if !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let scale = 10i64.checked_pow(u32::try_from(kept.len()).ok()?)?;
    let part = nine(kept)?.checked_mul(unit)?;
    Some(integer + (part + scale / 2) / scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms() {
        for (text, ms) in [
            ("00:01:02.345", 62_345),
            ("1:02.345", 62_345),
            ("01:02", 62_000),
            ("27.998s", 27_998),
            ("9", 9_000),
            ("0.5", 500),
            ("12.3456", 12_346),
            ("1500ms", 1_500),
            ("2m", 120_000),
            ("1h", 3_600_000),
            ("1:02:03.5", 3_723_500),
            ("100:00:00", limit::TIME_MS),
            ("0:59.9999", 60_000),
            ("0.12345678901234", 123),
        ] {
            assert_eq!(read(text), Some(ms), "{text}");
        }
        for bad in [
            "",
            ":",
            "-1",
            "1:60",
            "1:60.5",
            "1:60:00",
            "1,5",
            "12f",
            "12t",
            "1:2:3:4",
            "100:00:00.001",
            "1.",
            ".5",
            "99999999999s",
            "wallclock(1)",
            "1:-2",
            "０:०१",
            "999999999h",
            "1.5x",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        for ms in [0, 1, 59_999, 60_000, 3_600_000, 359_999_999] {
            assert_eq!(read(&clock::format(ms, '.')).map(i64::unsigned_abs), Some(ms));
        }
    }
}
