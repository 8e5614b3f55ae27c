//! Times as people read them from a player: `0:31`, `1:02:03.5`, `31`.

use std::str::FromStr;

/// A time of the song, in ms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Milliseconds(pub i64);

impl FromStr for Milliseconds {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "expected minutes and seconds, such as 0:31 or 1:02.250";
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |text: &str, most: usize| {
            let plain = (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
            plain.then(|| text.parse::<i64>().ok()).flatten().ok_or(EXPECTED)
        };
        let fraction = digits(fraction, 3)? * 10_i64.pow(3 - fraction.len() as u32);
        let parts: Vec<&str> = whole.split(':').collect();
        let (first, rest) = parts.split_first().ok_or(EXPECTED)?;
        let mut seconds = digits(first, 6)?;
        if rest.len() > 2 {
            return Err(EXPECTED);
        }
        for part in rest {
            let part = digits(part, 2).ok().filter(|part| *part < 60).ok_or(EXPECTED)?;
            seconds = seconds * 60 + part;
        }
        Ok(Self(seconds * 1000 + fraction))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_on_a_player() {
        for (text, ms) in [
            ("0:31", 31_000),
            ("31", 31_000),
            ("1:02.5", 62_500),
            ("1:02:03", 3_723_000),
            ("90.25", 90_250),
            ("0:00.001", 1),
        ] {
            assert_eq!(text.parse(), Ok(Milliseconds(ms)), "{text}");
        }
        for text in ["", ":", "0:60", "-1", "1:2:3:4", "1.", "1.0000", "0:031", "9999999", "a", "1,5"] {
            assert!(text.parse::<Milliseconds>().is_err(), "{text}");
        }
    }
}
