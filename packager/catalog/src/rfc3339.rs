//! Reading instants as they are stored: RFC 3339 and nothing wider. jiff's own reader takes all that Temporal does,
//! and with it brings time zones and calendars, a third of the worker's size.

use std::{collections::BTreeMap, fmt};

use jiff::{Timestamp, civil::DateTime, tz::Offset};
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor},
};

/// Reads an instant (RFC 3339 §5.6). `None` where the text is none: another form, a date or time that does not
/// exist, leap seconds included.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let (date, rest) = (text.get(..10)?, text.get(10..)?);
    let (time, rest) = (rest.strip_prefix(['T', 't'])?.get(..8)?, rest.get(9..)?);
    let [year, month, day] = fields(date, '-')?;
    let [hour, minute, second] = fields(time, ':')?;
    let (nanosecond, zone) = match rest.strip_prefix('.') {
        Some(rest) => {
            let end = rest.find(|c: char| !c.is_ascii_digit())?;
            let (digits, zone) = rest.split_at(end);
            let scale = 9_u32.checked_sub(digits.len().try_into().ok()?)?;
            (number(digits)? * 10_i32.pow(scale), zone)
        }
        None => (0, rest),
    };
    let offset = match zone {
        "Z" | "z" => 0,
        _ => {
            let sign = if zone.strip_prefix('-').is_some() { -1 } else { 1 };
            let [hours, minutes] = fields(zone.strip_prefix(['+', '-'])?, ':')?;
            let within = hours < 24 && minutes < 60;
            within.then_some(sign * (hours * 3600 + minutes * 60))?
        }
    };
    let narrow = |field: i32| i8::try_from(field).ok();
    let civil = DateTime::new(
        i16::try_from(year).ok()?,
        narrow(month)?,
        narrow(day)?,
        narrow(hour)?,
        narrow(minute)?,
        narrow(second)?,
        nanosecond,
    );
    Offset::from_seconds(offset).ok()?.to_timestamp(civil.ok()?).ok()
}

/// The numbers of a fixed form: four digits for the first of three fields of a date, two for every other.
fn fields<const N: usize>(text: &str, separator: char) -> Option<[i32; N]> {
    let mut found = [0; N];
    let mut parts = text.split(separator);
    for (at, field) in found.iter_mut().enumerate() {
        let width = if separator == '-' && at == 0 { 4 } else { 2 };
        *field = number(parts.next().filter(|part| part.len() == width)?)?;
    }
    parts.next().is_none().then_some(found)
}

/// At most nine digits and nothing else.
fn number(digits: &str) -> Option<i32> {
    let plain = (1..=9).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|_| plain)
}

/// An instant in stored JSON.
struct Instant(Timestamp);

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse(&text).map(Self).ok_or_else(|| D::Error::custom("not an instant (RFC 3339)"))
    }
}

/// For a field of type [`Timestamp`].
pub(crate) fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    Instant::deserialize(deserializer).map(|instant| instant.0)
}

/// For an optional field, which wants `default` beside it.
pub(crate) fn option<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let read = Option::<Instant>::deserialize(deserializer)?;
    Ok(read.map(|instant| instant.0))
}

/// For instants by name.
pub(crate) fn map<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Timestamp>, D::Error> {
    struct Names;

    impl<'de> Visitor<'de> for Names {
        type Value = BTreeMap<String, Timestamp>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
            // one by one: a map built of a whole list would bring the sorting of it into the edge's module
            let mut map = BTreeMap::new();
            while let Some((name, Instant(at))) = entries.next_entry()? {
                map.insert(name, at);
            }
            Ok(map)
        }
    }

    deserializer.deserialize_map(Names)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_examples_of_rfc_3339() {
        // §5.8, without the leap seconds
        for text in [
            "1985-04-12T23:20:50.52Z",
            "1996-12-19T16:39:57-08:00",
            "1937-01-01T12:00:27.87+00:20",
            "2024-02-29t00:00:00z",
            "2026-01-01T00:00:00.000000001+05:30",
        ] {
            assert_eq!(parse(text), Some(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn what_is_no_instant() {
        for text in [
            "",
            "2026-01-01",
            "2026-01-01T00:00:00",
            "2026-01-01 00:00:00Z",
            "2026-01-01T00:00Z",
            "20260101T000000Z",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:60:00Z",
            "1990-12-31T23:59:60Z",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00.0000000001Z",
            "2026-01-01T00:00:00+24:00",
            "2026-01-01T00:00:00+05:60",
            "2026-01-01T00:00:00+0530",
            "2026-01-01T00:00:00+05",
            "2026-01-01T00:00:00+05:30[Asia/Kolkata]",
            "2026-01-01T00:00:00ZZ",
            "+026-01-01T00:00:00Z",
            "2026-+1-01T00:00:00Z",
            "2026-1-01T00:00:00ZZ",
            "２026-01-01T00:00:00Z",
            "9999-12-31T23:59:59-23:59",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(second in -62_135_596_800_i64..=253_402_207_200, nanosecond in 0..1_000_000_000) {
            let instant = Timestamp::new(second, nanosecond).unwrap();
            prop_assert_eq!(parse(&instant.to_string()), Some(instant));
        }

        #[test]
        fn nothing_is_read_that_jiff_does_not_read_alike(text in "[0-9]{4}-[0-1][0-9]-[0-3][0-9][Tt ][0-2][0-9]:[0-6][0-9]:[0-6][0-9]([.][0-9]{0,10})?([Zz]|[+-][0-2][0-9]:?[0-6][0-9])?|\\PC{0,40}") {
            if let Some(instant) = parse(&text) {
                prop_assert_eq!(text.parse().ok(), Some(instant));
            }
        }
    }
}
