//! How large the parts of a track file are.

use std::{fmt, str::FromStr};

use nada_catalog::track_file::PART_BYTES;

/// The most bytes of media segments in a part of more than one segment.
///
/// ```
/// use nada_pipeline::PartSize;
///
/// assert_eq!("4MiB".parse::<PartSize>()?, PartSize::default());
/// assert_eq!("512KiB".parse::<PartSize>()?.to_string(), "512KiB");
/// assert!("1GiB".parse::<PartSize>().is_err());
/// # Ok::<(), nada_pipeline::PartSizeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartSize(u32);

/// The unit, in bytes.
const KIB: u32 = 1024;
/// The largest: one part of each rendition is in memory at once, and another waits for the end.
const MOST_KIB: u32 = 4096;

/// A size that parts cannot have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no size of parts from 1KiB to 4MiB, such as 512KiB")]
pub struct PartSizeError(String);

impl PartSize {
    /// So many KiB.
    ///
    /// # Errors
    /// Where that is none, or more than 4096.
    pub fn from_kib(kib: u32) -> Result<Self, PartSizeError> {
        match kib {
            1..=MOST_KIB => Ok(Self(kib * KIB)),
            _ => Err(PartSizeError(format!("{kib}KiB"))),
        }
    }

    /// In bytes.
    pub fn bytes(self) -> u32 {
        self.0
    }
}

impl Default for PartSize {
    /// 4 MiB.
    fn default() -> Self {
        Self(PART_BYTES)
    }
}

impl fmt::Display for PartSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 / KIB {
            kib if kib.is_multiple_of(1024) => write!(f, "{}MiB", kib / 1024),
            kib => write!(f, "{kib}KiB"),
        }
    }
}

impl FromStr for PartSize {
    type Err = PartSizeError;

    fn from_str(text: &str) -> Result<Self, PartSizeError> {
        let wrong = || PartSizeError(text.chars().take(40).collect());
        let (number, unit) = match (text.strip_suffix("MiB"), text.strip_suffix("KiB")) {
            (Some(number), _) => (number, 1024),
            (None, Some(number)) => (number, 1),
            (None, None) => return Err(wrong()),
        };
        let number: u32 = number.parse().map_err(|_| wrong())?;
        number.checked_mul(unit).and_then(|kib| Self::from_kib(kib).ok()).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_as_they_are_written() {
        for text in ["1KiB", "512KiB", "1MiB", "4MiB", "1500KiB"] {
            assert_eq!(text.parse::<PartSize>().unwrap().to_string(), text);
        }
        for bad in ["", "4", "4MB", "0KiB", "5MiB", "-1KiB", "1.5MiB", "99999999MiB", "MiB"] {
            assert!(bad.parse::<PartSize>().is_err(), "{bad}");
        }
    }
}
