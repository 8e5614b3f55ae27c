//! Byte lengths of segments, packed into a string of four characters each: a manifest of a long recording stays small, and
//! an edge that needs one segment decodes no array.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The digits: 64 characters that stand for six bits each, in the order of base64url (RFC 4648 §5).
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// Characters of one length: 24 bits, the most significant first.
const WIDTH: usize = 4;

/// The largest length that is held, in bytes: 16 MiB less one. A segment of 6 s of FLAC at 192 kHz and 24 bits has 7 MB.
pub const MOST_BYTES: u32 = (1 << 24) - 1;

/// The lengths of consecutive segments in bytes, each from 1 to [`MOST_BYTES`].
///
/// ```
/// use nada_catalog::ByteLengths;
///
/// let lengths = ByteLengths::pack([48_211, 95_800]).expect("within the limits");
/// assert_eq!(serde_json::to_string(&lengths)?, r#""ALxTAXY4""#);
/// assert_eq!((lengths.count(), lengths.get(1), lengths.sum()), (2, Some(95_800), 144_011));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Default)]
pub struct ByteLengths(String);

impl ByteLengths {
    /// How many segments there are.
    pub fn count(&self) -> u32 {
        u32::try_from(self.0.len() / WIDTH).unwrap_or(u32::MAX)
    }

    /// The length of segment `index`, counted from 0.
    pub fn get(&self, index: u32) -> Option<u32> {
        let at = usize::try_from(index).ok()?.checked_mul(WIDTH)?;
        Some(value(self.0.as_bytes().get(at..at.checked_add(WIDTH)?)?))
    }

    /// The lengths in order.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.as_bytes().chunks_exact(WIDTH).map(value)
    }

    /// The bytes of all segments.
    pub fn sum(&self) -> u64 {
        self.iter().map(u64::from).sum()
    }

    fn is_valid(text: &str) -> bool {
        text.len().is_multiple_of(WIDTH)
            && text.bytes().all(|byte| digit(byte).is_some())
            && text.as_bytes().chunks_exact(WIDTH).all(|length| value(length) > 0)
    }
}

fn digit(byte: u8) -> Option<u32> {
    let within = |first: u8, base: u32| u32::from(byte - first) + base;
    match byte {
        b'A'..=b'Z' => Some(within(b'A', 0)),
        b'a'..=b'z' => Some(within(b'a', 26)),
        b'0'..=b'9' => Some(within(b'0', 52)),
        b'-' => Some(62),
        b'_' => Some(63),
        _ => None,
    }
}

fn value(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |value, byte| value << 6 | digit(*byte).unwrap_or(0))
}

impl ByteLengths {
    /// Packs lengths. `None` where one is 0 or above [`MOST_BYTES`].
    pub fn pack(lengths: impl IntoIterator<Item = u32>) -> Option<Self> {
        let mut text = String::new();
        for length in lengths {
            if !(1..=MOST_BYTES).contains(&length) {
                return None;
            }
            let digits = [18, 12, 6, 0].map(|shift| DIGITS.get((length >> shift & 63) as usize).copied());
            text.extend(digits.into_iter().flatten().map(char::from));
        }
        Some(Self(text))
    }
}

impl fmt::Debug for ByteLengths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl Serialize for ByteLengths {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ByteLengths {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match Self::is_valid(&text) {
            true => Ok(Self(text)),
            false => Err(serde::de::Error::custom(
                "byte lengths are four characters of base64url each, and none is 0",
            )),
        }
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for ByteLengths {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ByteLengths".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^([A-Za-z0-9_-]{4})*$",
            "description": "Byte lengths of segments: four characters of base64url each, 24 bits, the most significant first."
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_no_length_is_refused() {
        assert_eq!((ByteLengths::pack([0]), ByteLengths::pack([MOST_BYTES + 1])), (None, None));
        for text in ["A", "AAA", "AAAAA", "AAA=", "AAA+", "AAA/", "AAAA", "AAAB AAB", "कबीर"] {
            assert!(serde_json::from_value::<ByteLengths>(text.into()).is_err(), "{text}");
        }
        let none: ByteLengths = serde_json::from_str("\"\"").unwrap();
        assert_eq!((none.count(), none.get(0), none.sum()), (0, None, 0));
    }

    proptest! {
        #[test]
        fn lengths_read_as_they_are_packed(lengths in proptest::collection::vec(1..=MOST_BYTES, 0..50)) {
            let packed = ByteLengths::pack(lengths.iter().copied()).unwrap();
            let json = serde_json::to_string(&packed).unwrap();
            let read: ByteLengths = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(&read, &packed);
            prop_assert_eq!(read.iter().collect::<Vec<_>>(), lengths.clone());
            prop_assert_eq!(read.count() as usize, lengths.len());
            for (index, length) in (0..).zip(&lengths) {
                prop_assert_eq!(read.get(index), Some(*length));
            }
            prop_assert_eq!(read.get(lengths.len() as u32), None);
        }
    }
}
