//! How a track is protected: all that its bytes depend on, and no key.

use std::{fmt, str::FromStr};

use crate::{
    key_id::KeyIdError,
    terms::{ProtectionTerms, TermsError},
    track_keys::KeyIds,
};

/// How a track is protected. Everything here is public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protection {
    /// The terms.
    pub terms: ProtectionTerms,
    /// The names of the keys.
    pub key_ids: KeyIds,
}

/// What version ids cover: scheme, lead, key version, systems, and key ids. Two with the same text have the same bytes, since a
/// key id names its key.
impl fmt::Display for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { terms, key_ids } = self;
        write!(f, "{terms},lossy={},lossless={}", key_ids.lossy.hex(), key_ids.lossless.hex())
    }
}

/// A text that does not say how a track is protected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProtectionError {
    /// Its terms are not understood.
    #[error(transparent)]
    Terms(#[from] TermsError),
    /// A key id is none.
    #[error(transparent)]
    KeyId(#[from] KeyIdError),
    /// It does not end with the ids of both keys.
    #[error("{0:?} does not end with the ids of both keys: lossy=…,lossless=…")]
    KeyIds(String),
}

impl FromStr for Protection {
    type Err = ProtectionError;

    fn from_str(text: &str) -> Result<Self, ProtectionError> {
        let split = || {
            let (rest, lossless) = text.rsplit_once(",lossless=")?;
            let (terms, lossy) = rest.rsplit_once(",lossy=")?;
            Some((terms, lossy, lossless))
        };
        let (terms, lossy, lossless) =
            split().ok_or_else(|| ProtectionError::KeyIds(text.chars().take(80).collect()))?;
        let key_ids = KeyIds { lossy: lossy.parse()?, lossless: lossless.parse()? };
        Ok(Self { terms: terms.parse()?, key_ids })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_protection_reads_as_it_is_written() {
        let ids = "lossy=cb380f6c1cae807ea003bdd762abadb5,lossless=98f07413202786cdae6987b77310e7d1";
        for terms in ["cbcs,lead=2,keys=1", "cbcs,lead=0,keys=7,clearkey"] {
            let text = format!("{terms},{ids}");
            assert_eq!(text.parse::<Protection>().unwrap().to_string(), text);
        }
        for wrong in
            ["", "cbcs", "cbcs,lossy=x,lossless=y", &format!("cens,{ids}"), &format!("cbcs,{ids},clearkey")]
        {
            assert!(wrong.parse::<Protection>().is_err(), "{wrong}");
        }
    }
}
