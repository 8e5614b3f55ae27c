//! Rendition names: `heaac2-32`, `heaac-64`, `aac-128`, `flac`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::id::IdError;

/// How a rendition is coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Codec {
    /// HE-AAC version 2: AAC-LC with SBR and parametric stereo (ISO/IEC 14496-3, object type 29).
    HeAacV2,
    /// HE-AAC: AAC-LC with SBR (object type 5).
    HeAac,
    /// AAC-LC (object type 2).
    AacLc,
    /// FLAC in fMP4.
    Flac,
}

impl Codec {
    /// The `CODECS` value (RFC 6381; `fLaC` as registered for ISO BMFF).
    pub fn codecs(self) -> &'static str {
        match self {
            Self::HeAacV2 => "mp4a.40.29",
            Self::HeAac => "mp4a.40.5",
            Self::AacLc => "mp4a.40.2",
            Self::Flac => "fLaC",
        }
    }

    /// Samples per channel that one access unit decodes to, in the output's rate. FLAC has no fixed frame.
    pub fn frame(self) -> Option<u32> {
        match self {
            Self::HeAacV2 | Self::HeAac => Some(2048),
            Self::AacLc => Some(1024),
            Self::Flac => None,
        }
    }
}

/// A rendition's name, which is also its folder: codec and nominal bit rate in kbit/s, or `flac`.
///
/// ```
/// use nada_catalog::{Codec, RenditionName};
///
/// let name: RenditionName = "heaac-64".parse()?;
/// assert_eq!((name.codec(), name.nominal_bits_per_second()), (Codec::HeAac, 64_000));
/// assert!(name < RenditionName::FLAC);
/// # Ok::<(), nada_catalog::IdError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RenditionName {
    codec: Codec,
    kbit: u32,
}

const EXPECTED: &str = "heaac2-K, heaac-K, aac-K (K from 8 to 512 kbit/s) or flac";

impl RenditionName {
    /// The lossless rendition.
    pub const FLAC: Self = Self { codec: Codec::Flac, kbit: 0 };

    /// A rendition coded as `codec` at `kbit` nominal kbit/s.
    ///
    /// # Errors
    /// Where the bit rate is outside 8 to 512 kbit/s, or the codec is FLAC (see [`RenditionName::FLAC`]).
    pub fn new(codec: Codec, kbit: u32) -> Result<Self, IdError> {
        let name = Self { codec, kbit };
        match codec {
            Codec::Flac => Err(IdError::new("rendition", "flac with a bit rate", EXPECTED)),
            Codec::HeAacV2 | Codec::HeAac | Codec::AacLc if (8..=512).contains(&kbit) => Ok(name),
            Codec::HeAacV2 | Codec::HeAac | Codec::AacLc => {
                Err(IdError::new("rendition", &name.to_string(), EXPECTED))
            }
        }
    }

    /// How it is coded.
    pub fn codec(self) -> Codec {
        self.codec
    }

    /// The nominal bit rate in bit/s that a token's ceiling is compared with; FLAC counts as 2³¹.
    pub fn nominal_bits_per_second(self) -> u64 {
        match self.codec {
            Codec::Flac => 1 << 31,
            Codec::HeAacV2 | Codec::HeAac | Codec::AacLc => u64::from(self.kbit) * 1000,
        }
    }
}

/// By nominal bit rate, so that the lowest rendition sorts first.
impl Ord for RenditionName {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.nominal_bits_per_second(), self.codec).cmp(&(other.nominal_bits_per_second(), other.codec))
    }
}

impl PartialOrd for RenditionName {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for RenditionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.codec {
            Codec::HeAacV2 => write!(f, "heaac2-{}", self.kbit),
            Codec::HeAac => write!(f, "heaac-{}", self.kbit),
            Codec::AacLc => write!(f, "aac-{}", self.kbit),
            Codec::Flac => f.write_str("flac"),
        }
    }
}

impl FromStr for RenditionName {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        if text == "flac" {
            return Ok(Self::FLAC);
        }
        let wrong = || IdError::new("rendition", text, EXPECTED);
        let (codec, kbit) = text.split_once('-').ok_or_else(wrong)?;
        let codec = match codec {
            "heaac2" => Codec::HeAacV2,
            "heaac" => Codec::HeAac,
            "aac" => Codec::AacLc,
            _ => return Err(wrong()),
        };
        let digits = kbit.bytes().all(|b| b.is_ascii_digit()) && !kbit.starts_with('0');
        let kbit = kbit.parse().ok().filter(|_| digits).ok_or_else(wrong)?;
        Self::new(codec, kbit)
    }
}

impl Serialize for RenditionName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RenditionName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for RenditionName {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "RenditionName".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^((heaac2|heaac|aac)-[1-9][0-9]{0,2}|flac)$" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_as_they_are_written() {
        for name in ["heaac2-24", "heaac2-32", "heaac-64", "aac-128", "aac-256", "flac"] {
            assert_eq!(name.parse::<RenditionName>().unwrap().to_string(), name);
        }
        for bad in [
            "", "aac", "aac-", "aac-0", "aac-007", "aac-128k", "aac-+12", "opus-64", "flac-1", "AAC-128",
            "aac-9999",
        ] {
            assert!(bad.parse::<RenditionName>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_lowest_sorts_first_and_flac_last() {
        let mut names: Vec<RenditionName> =
            ["flac", "aac-128", "heaac2-32", "heaac-64"].iter().map(|n| n.parse().unwrap()).collect();
        names.sort();
        assert_eq!(
            names.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["heaac2-32", "heaac-64", "aac-128", "flac"]
        );
    }
}
