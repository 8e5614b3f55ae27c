//! Single byte ranges (RFC 9110 §14). Several ranges in one request are ignored, which the RFC allows and which
//! no player asks for: an answer is never larger than the object.

use std::fmt;

/// Positions are cut to this, far above any object, so that origins which count in signed 64 bits understand
/// them too.
const FARTHEST: u64 = 999_999_999_999_999;

/// One range as asked for, before the length is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ByteRange {
    /// `first-last`, both inclusive, `first <= last`.
    Within {
        /// The first byte, from 0.
        first: u64,
        /// The last byte.
        last: u64,
    },
    /// `first-`
    From {
        /// The first byte, from 0.
        first: u64,
    },
    /// `-length`: the last bytes.
    Last {
        /// Their number.
        length: u64,
    },
}

impl ByteRange {
    /// Reads a `Range` field. `None` means that it is to be ignored: another unit, several ranges, or not of
    /// the grammar (RFC 9110 §14.2).
    pub fn parse(field: &str) -> Option<Self> {
        let (unit, set) = field.split_once('=')?;
        if !unit.eq_ignore_ascii_case("bytes") {
            return None;
        }
        let (first, last) = set.trim_matches([' ', '\t']).split_once('-')?;
        match (first, last) {
            ("", length) => Some(Self::Last { length: position(length)? }),
            (first, "") => Some(Self::From { first: position(first)? }),
            (first, last) => {
                let (first, last) = (position(first)?, position(last)?);
                (first <= last).then_some(Self::Within { first, last })
            }
        }
    }

    /// The first and last byte of the range in an object of `length` bytes; `None` if no byte of it exists.
    pub fn within(self, length: u64) -> Option<(u64, u64)> {
        let end = length.checked_sub(1)?;
        match self {
            Self::Within { first, last } => (first <= end).then_some((first, last.min(end))),
            Self::From { first } => (first <= end).then_some((first, end)),
            Self::Last { length: 0 } => None,
            Self::Last { length: wanted } => Some((length.saturating_sub(wanted), end)),
        }
    }
}

/// `Range` as it is sent to an origin.
impl fmt::Display for ByteRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Within { first, last } => write!(f, "bytes={first}-{last}"),
            Self::From { first } => write!(f, "bytes={first}-"),
            Self::Last { length } => write!(f, "bytes=-{length}"),
        }
    }
}

/// `1*DIGIT`, cut to [`FARTHEST`].
fn position(digits: &str) -> Option<u64> {
    let number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    number.then(|| digits.parse().map_or(FARTHEST, |n: u64| n.min(FARTHEST)))
}

/// What an origin says of the part it sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ContentRange {
    /// `bytes first-last/length`
    Part { first: u64, last: u64, length: u64 },
    /// `bytes */length`
    Unsatisfied { length: u64 },
}

impl ContentRange {
    /// Reads a `Content-Range` field whose complete length is stated (RFC 9110 §14.4).
    pub fn parse(field: &str) -> Option<Self> {
        let (range, length) = field.strip_prefix("bytes ")?.split_once('/')?;
        let length = position(length)?;
        if range == "*" {
            return Some(Self::Unsatisfied { length });
        }
        let (first, last) = range.split_once('-')?;
        let (first, last) = (position(first)?, position(last)?);
        (first <= last && last < length).then_some(Self::Part { first, last, length })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_three_forms() {
        let parse = ByteRange::parse;
        assert_eq!(parse("bytes=0-0"), Some(ByteRange::Within { first: 0, last: 0 }));
        assert_eq!(parse("bytes=7-"), Some(ByteRange::From { first: 7 }));
        assert_eq!(parse("bytes=-5"), Some(ByteRange::Last { length: 5 }));
        assert_eq!(parse("Bytes= 007-9\t"), Some(ByteRange::Within { first: 7, last: 9 }));
    }

    #[test]
    fn threats_49_and_50_what_is_ignored() {
        let many = format!("bytes={}", "0-,".repeat(1000));
        for field in [
            many.as_str(),
            "bytes=0-0,5-6",
            "bytes=0-,",
            "bytes=5-4",
            "bytes=-",
            "bytes=--5",
            "bytes=-1-2",
            "bytes=1-2-3",
            "bytes=a-b",
            "bytes=+1-2",
            "bytes=1 - 2",
            "bytes 0-1",
            "bytes",
            "bytes=",
            "=0-1",
            " bytes=0-1",
            "items=0-1",
            "bytes=0x0-1",
            "bytes=٠-١",
            "",
        ] {
            assert_eq!(ByteRange::parse(field), None, "{field:?}");
        }
    }

    #[test]
    fn threat_50_what_no_object_has() {
        for field in ["bytes=-0", "bytes=10-", "bytes=10-20", "bytes=99999999999999999999-"] {
            assert_eq!(ByteRange::parse(field).unwrap().within(10), None, "{field}");
        }
        for (field, found) in [
            ("bytes=9-99999999999999999999", (9, 9)),
            ("bytes=-99999999999999999999", (0, 9)),
            ("bytes=0-", (0, 9)),
            ("bytes=-1", (9, 9)),
        ] {
            assert_eq!(ByteRange::parse(field).unwrap().within(10), Some(found), "{field}");
        }
    }

    fn any_range() -> impl Strategy<Value = ByteRange> {
        let n = 0..2_000u64;
        prop_oneof![
            (n.clone(), n.clone()).prop_map(|(a, b)| ByteRange::Within { first: a.min(b), last: a.max(b) }),
            n.clone().prop_map(|first| ByteRange::From { first }),
            n.prop_map(|length| ByteRange::Last { length }),
        ]
    }

    proptest! {
        #[test]
        fn a_range_is_the_intersection_with_the_object(range in any_range(), length in 0..1_500u64) {
            let asked = |byte: u64| match range {
                ByteRange::Within { first, last } => (first..=last).contains(&byte),
                ByteRange::From { first } => byte >= first,
                ByteRange::Last { length: wanted } => byte + wanted >= length,
            };
            let bytes: Vec<u64> = (0..length).filter(|byte| asked(*byte)).collect();
            let expected = bytes.first().copied().zip(bytes.last().copied());
            prop_assert_eq!(range.within(length), expected);
        }

        #[test]
        fn what_is_sent_reads_back(range in any_range()) {
            prop_assert_eq!(ByteRange::parse(&range.to_string()), Some(range));
        }

        #[test]
        fn no_field_panics_or_leaves_the_object(field in "(bytes=)?[0-9,\\- ]{0,40}|\\PC{0,40}", length in any::<u64>()) {
            if let Some((first, last)) = ByteRange::parse(&field).and_then(|range| range.within(length)) {
                prop_assert!(first <= last && last < length);
            }
            if let Some(ContentRange::Part { first, last, length }) = ContentRange::parse(&field) {
                prop_assert!(first <= last && last < length);
            }
        }
    }
}
