//! Identifiers: what may stand in an object key and in a URL path.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize};

/// An identifier that does not follow its grammar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} {found:?} is not {expected}")]
pub struct IdError {
    /// What was being read: `track`, `release`, `version` …
    pub what: &'static str,
    /// The text found, cut to 80 characters.
    pub found: String,
    /// The grammar it should have followed.
    pub expected: &'static str,
}

impl IdError {
    pub(crate) fn new(what: &'static str, found: &str, expected: &'static str) -> Self {
        Self { what, found: found.chars().take(80).collect(), expected }
    }
}

/// Whether `text` is `[A-Za-z0-9][A-Za-z0-9_-]{0,63}`: an ISRC, a UPC or a readable slug.
fn is_name(text: &str) -> bool {
    text.len() <= 64
        && text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// Whether `text` has the shape of a BCP 47 tag: a language of two or three letters, then subtags of one to
/// eight letters or digits, 35 characters in all (RFC 5646 §4.4.1).
fn is_tag(text: &str) -> bool {
    let mut subtags = text.split('-');
    text.len() <= 35
        && subtags
            .next()
            .is_some_and(|s| matches!(s.len(), 2 | 3) && s.bytes().all(|b| b.is_ascii_lowercase()))
        && subtags.all(|s| matches!(s.len(), 1..=8) && s.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// Whether `text` is the first 128 bits of a SHA-256 as 32 lowercase hexadecimal digits.
fn is_hash(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $what:literal, $test:path, $expected:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                if $test(text) { Ok(Self(text.to_owned())) } else { Err(IdError::new($what, text, $expected)) }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

identifier!(
    /// A track, unique over the catalogue: `[A-Za-z0-9][A-Za-z0-9_-]{0,63}` (an ISRC fits).
    TrackId, "track", is_name, "1 to 64 letters, digits, '_' or '-', beginning with a letter or digit"
);
identifier!(
    /// A release, unique over the catalogue: `[A-Za-z0-9][A-Za-z0-9_-]{0,63}` (a UPC fits).
    ReleaseId, "release", is_name, "1 to 64 letters, digits, '_' or '-', beginning with a letter or digit"
);
identifier!(
    /// The language of a lyrics layer: a BCP 47 tag with a two- or three-letter language, which is also the
    /// stem of the layer's files.
    LayerTag, "language tag", is_tag, "a BCP 47 tag such as hi, hi-Latn or id"
);
identifier!(
    /// One packaging of a track, addressed by its input: source bytes, settings, formats and pipeline.
    Version, "version", is_hash, "32 lowercase hexadecimal digits"
);
identifier!(
    /// One state of a track's lyrics, addressed by the model and the timeline it is served on.
    LyricsDigest, "lyrics digest", is_hash, "32 lowercase hexadecimal digits"
);
identifier!(
    /// One state of a track's artwork, addressed by the source picture and how it is made.
    ArtworkDigest, "artwork digest", is_hash, "32 lowercase hexadecimal digits"
);
identifier!(
    /// A clip, addressed by what it shows and how.
    ClipId, "clip", is_hash, "32 lowercase hexadecimal digits"
);

/// The first 128 bits of the SHA-256 over `parts`, each preceded by its length, as 32 hexadecimal digits.
fn hash(parts: &[&[u8]]) -> String {
    use sha2::Digest as _;
    let mut hasher = sha2::Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

impl Version {
    /// The version addressed by `parts` (source hash, settings, formats …), order and lengths included.
    pub fn from_input(parts: &[&[u8]]) -> Self {
        Self(hash(parts))
    }
}

impl LyricsDigest {
    /// The digest addressed by `parts` (model, timeline, formats), order and lengths included.
    pub fn from_input(parts: &[&[u8]]) -> Self {
        Self(hash(parts))
    }
}

impl ArtworkDigest {
    /// The digest addressed by `parts` (source picture, settings, formats), order and lengths included.
    pub fn from_input(parts: &[&[u8]]) -> Self {
        Self(hash(parts))
    }
}

impl ClipId {
    /// The identifier addressed by `parts` (content, settings), order and lengths included.
    pub fn from_input(parts: &[&[u8]]) -> Self {
        Self(hash(parts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_grammar() {
        for good in ["INNDA2600001", "a", "kabir-dohe", "0_1", &"x".repeat(64)] {
            assert_eq!(good.parse::<TrackId>().unwrap().as_str(), good);
        }
        for bad in ["", "-a", "_a", ".", "..", "a/b", "a.b", "a%2f", "कबीर", "a b", "a\n", &"x".repeat(65)]
        {
            assert!(bad.parse::<TrackId>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn hashes_are_addressed_by_parts_and_their_lengths() {
        let one = Version::from_input(&[b"ab", b"c"]);
        assert_eq!(one.as_str().parse::<Version>().unwrap(), one);
        assert_ne!(one, Version::from_input(&[b"a", b"bc"]));
        assert!("0123456789ABCDEF0123456789abcdef".parse::<Version>().is_err());
    }
}
