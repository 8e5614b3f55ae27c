//! `hh:mm:ss.mmm`: the times of WebVTT, SubRip and, mostly, TTML.

/// The ms of such a time, with a point or a comma; at most 99 hours.
pub(crate) fn read(text: &str) -> Option<i64> {
    let bytes: &[u8; 12] = text.as_bytes().try_into().ok()?;
    let [h1, h2, b':', m1, m2, b':', s1, s2, b'.' | b',', x, y, z] = *bytes else { return None };
    if [h1, h2, m1, m2, s1, s2, x, y, z].iter().any(|b| !b.is_ascii_digit()) || m1 > b'5' || s1 > b'5' {
        return None;
    }
    let two = |a: u8, b: u8| i64::from(a - b'0') * 10 + i64::from(b - b'0');
    let seconds = (two(h1, h2) * 60 + two(m1, m2)) * 60 + two(s1, s2);
    Some(seconds * 1000 + two(x, y) * 10 + i64::from(z - b'0'))
}

/// The time, with at least two digits of hours.
pub(crate) fn format(ms: u64, point: char) -> String {
    let (s, ms) = (ms / 1000, ms % 1000);
    format!("{:02}:{:02}:{:02}{point}{ms:03}", s / 3600, s / 60 % 60, s % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        for ms in [0, 1, 59_999, 60_000, 3_600_000, 359_999_999] {
            assert_eq!(read(&format(ms, '.')).map(i64::unsigned_abs), Some(ms));
        }
        assert_eq!(read("01:02:03,004"), Some(3_723_004));
        for other in
            ["00:60:00.000", "00:00:60.000", "0a:00:00.000", "100:00:00.000", "00:00.000", "00:00:00:000"]
        {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
