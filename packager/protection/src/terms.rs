//! How something is to be protected, as release files and command lines say it.

use std::{fmt, str::FromStr};

use crate::{
    key_source::{KeyRequest, KeySource},
    protection::Protection,
    scheme::{ClearLead, Scheme, SchemeError},
};

/// How something is to be protected: `cbcs`, or with more than the defaults, `cbcs,lead=1,keys=2,clearkey`.
///
/// ```
/// let terms: nada_protection::ProtectionTerms = "cbcs,lead=0,clearkey".parse()?;
/// assert_eq!((terms.lead.segments(), terms.key_version, terms.clear_key), (0, 1, true));
/// # Ok::<(), nada_protection::TermsError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProtectionTerms {
    /// The scheme.
    pub scheme: Scheme,
    /// `lead`: how many segments are in the clear first.
    pub lead: ClearLead,
    /// `keys`: which generation of a track's keys, counted from 1.
    pub key_version: u32,
    /// `clearkey`: whether ClearKey is signalled too.
    pub clear_key: bool,
}

/// Terms that nobody can keep.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TermsError {
    /// Another scheme.
    #[error(transparent)]
    Scheme(#[from] SchemeError),
    /// Another lead.
    #[error(transparent)]
    Lead(#[from] crate::ClearLeadError),
    /// Another key version.
    #[error("keys={0}: expected a number from 1 on, which counts the generations of a track's keys")]
    KeyVersion(String),
    /// Another word, or one that stands twice.
    #[error(
        "{0:?} is none of lead=0, lead=1, lead=2, keys=1 and so on, and clearkey, each once, behind the scheme"
    )]
    Word(String),
}

impl ProtectionTerms {
    /// The terms of a scheme, and defaults: a clear lead of two segments, the first keys, no ClearKey.
    pub fn of(scheme: Scheme) -> Self {
        Self { scheme, lead: ClearLead::default(), key_version: 1, clear_key: false }
    }

    /// What a key source is asked for.
    pub fn request(&self, content: &str) -> KeyRequest {
        let &Self { key_version, clear_key, .. } = self;
        KeyRequest { content: content.to_owned(), key_version, clear_key }
    }

    /// The protection of a content, by the names that the source has for its keys.
    pub fn protection(&self, content: &str, source: &dyn KeySource) -> Protection {
        Protection { terms: *self, key_ids: source.key_ids(&self.request(content)) }
    }
}

/// With every default said.
impl fmt::Display for ProtectionTerms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scheme, lead, key_version, clear_key } = self;
        write!(f, "{scheme},lead={lead},keys={key_version}{}", if *clear_key { ",clearkey" } else { "" })
    }
}

impl FromStr for ProtectionTerms {
    type Err = TermsError;

    fn from_str(text: &str) -> Result<Self, TermsError> {
        let mut words = text.split(',').map(str::trim);
        let mut terms = Self::of(words.next().unwrap_or_default().parse()?);
        let mut seen = Vec::new();
        for word in words {
            let short = |text: &str| text.chars().take(40).collect();
            let (name, value) =
                word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
            if seen.contains(&name) {
                return Err(TermsError::Word(short(word)));
            }
            match (name, value) {
                ("lead", Some(value)) => terms.lead = value.parse()?,
                ("keys", Some(value)) => {
                    let number = value.parse().ok().filter(|number| *number > 0);
                    terms.key_version = number.ok_or_else(|| TermsError::KeyVersion(short(value)))?;
                }
                ("clearkey", None) => terms.clear_key = true,
                _ => return Err(TermsError::Word(short(word))),
            }
            seen.push(name);
        }
        Ok(terms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_read_as_they_are_written() {
        for text in ["cbcs,lead=2,keys=1", "cbcs,lead=0,keys=7,clearkey"] {
            assert_eq!(text.parse::<ProtectionTerms>().unwrap().to_string(), text);
        }
        assert_eq!("cbcs".parse(), Ok(ProtectionTerms::of(Scheme::Cbcs)));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for (text, part) in [
            ("cenc", "cbcs"),
            ("", "cbcs"),
            ("cbcs,lead=3", "0, 1 or 2"),
            ("cbcs,keys=0", "keys=0"),
            ("cbcs,keys=", "from 1 on"),
            ("cbcs,clearkey=yes", "clearkey"),
            ("cbcs,clearkey,clearkey", "each once"),
            ("cbcs,", "lead=0"),
            ("cbcs,seed=abc", "seed"),
        ] {
            let message = text.parse::<ProtectionTerms>().unwrap_err().to_string();
            assert!(message.contains(part), "{text}: {message}");
        }
    }
}
