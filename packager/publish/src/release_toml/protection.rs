//! What a release, a track or a command line says of protection.

use std::str::FromStr;

use nada_protection::{ProtectionTerms, TermsError};
use serde::{Deserialize, Deserializer, de::Error};

/// What is said of protection: `"none"`, or the terms of it, such as `"cbcs"` and `"cbcs,lead=0,clearkey"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProtectionChoice {
    /// None, whatever others say that this goes before.
    None,
    /// By these terms.
    Terms(ProtectionTerms),
}

impl ProtectionChoice {
    /// The terms, if there are any.
    pub fn terms(self) -> Option<ProtectionTerms> {
        match self {
            Self::None => None,
            Self::Terms(terms) => Some(terms),
        }
    }
}

impl FromStr for ProtectionChoice {
    type Err = TermsError;

    fn from_str(text: &str) -> Result<Self, TermsError> {
        if text == "none" { Ok(Self::None) } else { text.parse().map(Self::Terms) }
    }
}

impl<'de> Deserialize<'de> for ProtectionChoice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}
