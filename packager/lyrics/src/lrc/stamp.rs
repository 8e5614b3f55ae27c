//! Time stamps in brackets.

use crate::limit;

/// What an opening bracket turns out to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Scan {
    /// A stamp of `len` bytes, brackets included; whether it states a fraction, and whether a minute as 60 seconds.
    Stamp { ms: i64, len: usize, fraction: bool, carried: bool },
    /// It has the form of a stamp, but this is missing.
    Malformed(&'static str),
    /// No stamp: text or metadata.
    Other,
}

pub(super) const EXPECTED: &str = "a time stamp `mm:ss.xx`";

/// What is expected where three numbers without a point may be hours or hundredths.
pub(super) const THREE_NUMBERS: &str =
    "`mm:ss.xx`, or hours as `h:mm:ss.xx`: three numbers without a decimal point may mean either";

pub(super) const CARRIED: &str = "a stamp with 60 seconds; read as the next minute";

/// How a file states what is below a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// Behind a point.
    Point,
    /// Behind a colon as well: `mm:ss:xx`.
    Colon,
}

/// Looks at a text that begins with an opening bracket.
pub(super) fn scan(text: &str, style: Style) -> Scan {
    let (close, inner) = match (text.strip_prefix('['), text.strip_prefix('<')) {
        (Some(inner), _) => (']', inner),
        (_, Some(inner)) => ('>', inner),
        _ => return Scan::Other,
    };
    if let Some(stamp) = common(inner.as_bytes(), close) {
        return stamp;
    }
    if !has_form_of_stamp(inner) {
        return Scan::Other;
    }
    // No stamp is longer than `100:00:00.000`; looking further would take quadratic time on hostile lines.
    let Some(stamp) =
        inner.char_indices().take(20).find(|(_, c)| *c == close).and_then(|(at, _)| inner.get(..at))
    else {
        return Scan::Malformed("a time stamp `mm:ss.xx` and its closing bracket");
    };
    let point = with_point(stamp, style);
    let stated = point.as_deref().unwrap_or(stamp);
    match time(stated) {
        Ok(ms) => Scan::Stamp {
            ms,
            len: stamp.len() + 2,
            fraction: stated.contains(['.', ',']),
            carried: is_carried(stated),
        },
        Err(expected) => Scan::Malformed(expected),
    }
}

/// `mm:ss:xx` as `mm:ss.xx`.
fn with_point(stamp: &str, style: Style) -> Option<String> {
    let (clock, fraction) = stamp.rsplit_once(':').filter(|_| style == Style::Colon)?;
    (clock.matches(':').count() == 1 && !fraction.contains(['.', ','])).then(|| format!("{clock}.{fraction}"))
}

/// Whether a time states 60 seconds, as a program does that rounds 59.999.
fn is_carried(stamp: &str) -> bool {
    stamp.split(['.', ',']).next().is_some_and(|clock| clock.ends_with(":60"))
}

/// Whether a stamp of three numbers can be minutes, seconds and hundredths alone: the last is no number of seconds.
pub(super) fn is_colon_style(text: &str) -> bool {
    let inner = text.get(1..).unwrap_or_default();
    let end = inner.bytes().take(20).position(|b| matches!(b, b']' | b'>')).unwrap_or_default();
    let stamp = inner.get(..end).unwrap_or_default();
    let last = stamp.rsplit(':').next().unwrap_or_default();
    let beyond = last.len() == 3 || last.parse::<u8>().is_ok_and(|n| n >= 60);
    beyond && with_point(stamp, Style::Colon).is_some_and(|stamp| time(&stamp).is_ok())
}

/// The stamp of nearly all files, `mm:ss.x` to `mmmm:ss.xxx`, without detours.
fn common(inner: &[u8], close: char) -> Option<Scan> {
    let digit = |at: usize| inner.get(at).filter(|b| b.is_ascii_digit()).map(|b| i64::from(b - b'0'));
    let (mut minutes, mut colon) = (digit(0)? * 10 + digit(1)?, 2);
    while let Some(digit) = digit(colon).filter(|_| colon < 4) {
        minutes = minutes * 10 + digit;
        colon += 1;
    }
    let tens = digit(colon + 1).filter(|tens| *tens < 6)?;
    let seconds = minutes * 60 + tens * 10 + digit(colon + 2)?;
    if inner.get(colon) != Some(&b':') || !matches!(inner.get(colon + 3), Some(b'.' | b',')) {
        return None;
    }
    let start = colon + 4;
    let (mut ms, mut unit, mut at) = (seconds * 1000, 100, start);
    while let Some(digit) = digit(at).filter(|_| unit > 0) {
        ms += digit * unit;
        unit /= 10;
        at += 1;
    }
    let closed = at > start && inner.get(at).copied().map(char::from) == Some(close);
    let stamp = Scan::Stamp { ms, len: at + 2, fraction: true, carried: false };
    (closed && ms <= limit::TIME_MS).then_some(stamp)
}

/// Whether what follows a bracket starts like a time: digits and a colon, perhaps after a sign.
pub(super) fn has_form_of_stamp(inner: &str) -> bool {
    let unsigned = inner.strip_prefix(['-', '+']).unwrap_or(inner);
    let rest = unsigned.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.len() < unsigned.len() && rest.starts_with(':')
}

/// The time in ms of `mm:ss`, with 60 seconds for the next minute, `mm:ss.x` to `.xxx` or `h:mm:ss.x` to `.xxx`, or with a comma for the point; else what was expected.
pub(super) fn time(stamp: &str) -> Result<i64, &'static str> {
    let (clock, fraction) = match stamp.split_once(['.', ',']) {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (stamp, None),
    };
    let mut fields = clock.split(':');
    let (a, b, c, more) = (fields.next(), fields.next(), fields.next(), fields.next());
    let (hours, minutes, seconds) = match (a, b, c, more, fraction) {
        (Some(minutes), Some(seconds), None, ..) => ("0", number(minutes, 4)?, seconds),
        (Some(hours), Some(minutes), Some(seconds), None, Some(_)) => (hours, below_60(minutes)?, seconds),
        (_, _, Some(_), None, None) => return Err(THREE_NUMBERS),
        _ => return Err(EXPECTED),
    };
    let seconds = if seconds == "60" { 60 } else { below_60(seconds)? };
    let whole = (number(hours, 3)? * 60 + minutes) * 60 + seconds;
    let ms = match fraction.map(|digits| (number(digits, 3), digits.len())) {
        None => 0,
        Some((Ok(n), 1)) => n * 100,
        Some((Ok(n), 2)) => n * 10,
        Some((Ok(n), _)) => n,
        Some((Err(_), _)) => return Err("1 to 3 digits after the decimal point of a time stamp"),
    };
    let ms = whole * 1000 + ms;
    if ms <= limit::TIME_MS { Ok(ms) } else { Err("a time of at most 100 hours") }
}

fn below_60(digits: &str) -> Result<i64, &'static str> {
    match number(digits, 2)? {
        n @ 0..60 => Ok(n),
        _ => Err("minutes and seconds below 60 in a time stamp"),
    }
}

/// An unsigned number of 1 to `most` ASCII digits.
fn number(digits: &str, most: usize) -> Result<i64, &'static str> {
    let well_formed = (1..=most).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    if well_formed { digits.parse().map_err(|_| EXPECTED) } else { Err(EXPECTED) }
}

/// The bare time, `mm:ss.xxx`.
pub(super) fn format(ms: u64) -> String {
    let (minutes, s, ms) = (ms / 60_000, ms / 1000 % 60, ms % 1000);
    format!("{minutes:02}:{s:02}.{ms:03}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(text: &str) -> Scan {
        super::scan(text, Style::Point)
    }

    #[test]
    fn hundredths_behind_a_colon() {
        for (stamp, ms, sure) in [
            ("[00:14:75]", 14_750, true),
            ("<00:14:05>", 14_050, false),
            ("[01:02:500]", 62_500, true),
            ("[00:14:7]", 14_700, false),
        ] {
            assert_eq!(scan(stamp), Scan::Malformed(THREE_NUMBERS), "{stamp}");
            assert_eq!(is_colon_style(stamp), sure, "{stamp}");
            let len = stamp.len();
            assert_eq!(
                super::scan(stamp, Style::Colon),
                Scan::Stamp { ms, len, fraction: true, carried: false }
            );
        }
        let hours = Scan::Stamp { ms: 3_723_500, len: 11, fraction: true, carried: false };
        assert_eq!(super::scan("[1:02:03.5]", Style::Colon), hours);
        for other in
            ["[00:75:75]", "[00:14.75]", "[1:2:3:75]", "[00:14:7500]", "[ti:a:75]", "[::99]", "[00:14:75"]
        {
            assert!(!is_colon_style(other), "{other}");
        }
    }

    #[test]
    fn times() {
        for (stamp, ms) in [
            ("00:00", 0),
            ("0:5", 5_000),
            ("01:02.5", 62_500),
            ("01:02.05", 62_050),
            ("01:02,05", 62_050),
            ("01:02.005", 62_005),
            ("75:00.00", 4_500_000),
            ("1:15:00.00", 4_500_000),
            ("100:00:00.0", limit::TIME_MS),
            ("6000:00.0", limit::TIME_MS),
            ("101:02.50", 6_062_500),
            ("00:60", 60_000),
            ("00:60.00", 60_000),
            ("1:59:60.5", 7_200_500),
        ] {
            assert_eq!(time(stamp), Ok(ms), "{stamp}");
        }
        for bad in [
            "",
            ":",
            "1",
            "00:61",
            "00:060",
            "00:-1",
            "+0:01",
            "00:1x",
            "00:01.",
            "00:01.0000",
            "00:01.x",
            "00:01,",
            "00:01,5.0",
            "00:01:02",
            "1:60:00.0",
            "1:2:3:4.5",
            "00000:01",
            "100:00:00.001",
            "6000:00.001",
            "10101:00.00",
            "०१:०२",
            " 00:01",
            "00:01.5 ",
            "99999999999999999999:00",
        ] {
            assert!(time(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn brackets() {
        let stamp = |ms, len, fraction| Scan::Stamp { ms, len, fraction, carried: false };
        assert_eq!(scan("[00:01.00]x"), stamp(1000, 10, true));
        assert_eq!(scan("<99:59.999>x"), stamp(5_999_999, 11, true));
        assert_eq!(scan("<00:01>x"), stamp(1000, 7, false));
        let carried = Scan::Stamp { ms: 120_000, len: 10, fraction: true, carried: true };
        assert_eq!(scan("[01:60.00]x"), carried);
        for other in ["[ti:x]", "<3", "< 00:01>", "[Chorus]", "[12 monkeys]", "[:00]", "x", ""] {
            assert_eq!(scan(other), Scan::Other, "{other}");
        }
        for malformed in [
            "[00:0x]",
            "[-00:01.00]",
            "[00:01.00",
            "<00:01.00]",
            "[99:99]",
            "[00:61.00]",
            "[00:01.0000]",
            "[00:01.]",
            "[6000:00.01]",
        ] {
            assert!(matches!(scan(malformed), Scan::Malformed(_)), "{malformed}");
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        for ms in [0, 10, 1, 999, 59_999, 60_000, 6_000_000, 359_999_999] {
            let stamp = format(ms);
            assert_eq!(time(&stamp).map(i64::unsigned_abs), Ok(ms));
            let ms = i64::try_from(ms).unwrap();
            assert_eq!(common(format!("{stamp}]").as_bytes(), ']').unwrap(), scan(&format!("[{stamp}]")));
            let read = Scan::Stamp { ms, len: stamp.len() + 2, fraction: true, carried: false };
            assert_eq!(scan(&format!("[{stamp}]")), read);
        }
        assert_eq!(format(62_050), "01:02.050");
        assert_eq!(format(6_000_051), "100:00.051");
    }
}
