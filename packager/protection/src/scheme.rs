//! Which scheme protects, and how much of a song is in the clear before it does.

use std::{fmt, str::FromStr};

/// A scheme of Common Encryption (ISO/IEC 23001-7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scheme {
    /// AES-CBC with a constant IV (ISO/IEC 23001-7 §10.4). The one that Widevine, PlayReady and FairPlay share.
    Cbcs,
}

/// A scheme that nobody writes here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no scheme of protection: \"cbcs\" is the one that Widevine, PlayReady and FairPlay share")]
pub struct SchemeError(String);

impl Scheme {
    /// The four letters of `schm` (ISO/IEC 14496-12 §8.12.5).
    pub fn four_letters(self) -> [u8; 4] {
        match self {
            Self::Cbcs => *b"cbcs",
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cbcs => f.write_str("cbcs"),
        }
    }
}

impl FromStr for Scheme {
    type Err = SchemeError;

    fn from_str(text: &str) -> Result<Self, SchemeError> {
        match text {
            "cbcs" => Ok(Self::Cbcs),
            other => Err(SchemeError(other.chars().take(40).collect())),
        }
    }
}

/// How many media segments at the beginning are in the clear, so that sound does not wait for a licence: 0, 1 or 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClearLead(u32);

/// A lead of another length.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a clear lead is of 0, 1 or 2 segments, not of {0}")]
pub struct ClearLeadError(String);

impl ClearLead {
    /// The longest, in segments.
    pub const MOST: u32 = 2;

    /// A lead of so many segments.
    ///
    /// # Errors
    /// Above [`Self::MOST`].
    pub fn new(segments: u32) -> Result<Self, ClearLeadError> {
        if segments <= Self::MOST { Ok(Self(segments)) } else { Err(ClearLeadError(segments.to_string())) }
    }

    /// Its length in segments.
    pub fn segments(self) -> u32 {
        self.0
    }
}

impl Default for ClearLead {
    fn default() -> Self {
        Self(Self::MOST)
    }
}

impl fmt::Display for ClearLead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ClearLead {
    type Err = ClearLeadError;

    fn from_str(text: &str) -> Result<Self, ClearLeadError> {
        let other = || ClearLeadError(text.chars().take(40).collect());
        Self::new(text.parse().map_err(|_| other())?).map_err(|_| other())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_refused() {
        assert_eq!("cbcs".parse(), Ok(Scheme::Cbcs));
        for other in ["", "CBCS", "cenc", "none"] {
            assert!(other.parse::<Scheme>().unwrap_err().to_string().contains("cbcs"), "{other}");
        }
        assert_eq!("1".parse::<ClearLead>().map(ClearLead::segments), Ok(1));
        for other in ["3", "-1", "", "two"] {
            let message = other.parse::<ClearLead>().unwrap_err().to_string();
            assert_eq!(message, format!("a clear lead is of 0, 1 or 2 segments, not of {other}"));
        }
    }
}
