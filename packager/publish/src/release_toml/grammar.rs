//! The tables of `release.toml` as they are written.

use std::fmt;

use jiff::Timestamp;
use nada_catalog::{ReleaseId, TerritoryCode, TrackId};
use nada_lyrics::{Kind, LanguageTag, romanize::Scheme};
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor, value::MapAccessDeserializer},
};
use toml::{Spanned, value::Datetime};

use super::{ProtectionChoice, Recipe, share::ShareTable, territory};

/// The file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub release: ReleaseTable,
    #[serde(default)]
    pub ladder: Recipe,
    #[serde(default)]
    pub track: Vec<Spanned<TrackTable>>,
}

/// `[release]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReleaseTable {
    pub id: ReleaseId,
    pub title: Spanned<String>,
    pub label: Option<Spanned<String>>,
    pub romanization: Option<Romanization>,
    pub protection: Option<ProtectionChoice>,
    pub territories: Option<Spanned<Vec<Spanned<TerritoryEntry>>>>,
    pub available_from: Option<Spanned<Instant>>,
    pub available_until: Option<Spanned<Instant>>,
    pub share: Option<ShareTable>,
}

/// `[[track]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TrackTable {
    pub id: Spanned<TrackId>,
    pub title: Spanned<String>,
    pub artists: Spanned<Vec<Spanned<String>>>,
    pub audio: Spanned<String>,
    #[serde(default)]
    pub lyrics: Vec<Spanned<LyricsEntry>>,
    pub romanization: Option<Romanization>,
    pub protection: Option<ProtectionChoice>,
    #[serde(default)]
    pub ladder: Recipe,
    pub territories: Option<Spanned<Vec<Spanned<TerritoryEntry>>>>,
    pub available_from: Option<Spanned<Instant>>,
    pub available_until: Option<Spanned<Instant>>,
    pub share: Option<ShareTable>,
}

/// `"readable"`, `"iso15919"` or `"none"`.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Romanization {
    Readable,
    Iso15919,
    None,
}

impl Romanization {
    pub fn scheme(self) -> Option<Scheme> {
        match self {
            Self::Readable => Some(Scheme::Readable),
            Self::Iso15919 => Some(Scheme::Iso15919),
            Self::None => None,
        }
    }
}

/// A TOML datetime with an offset.
#[derive(Clone, Copy)]
pub(super) struct Instant(pub Timestamp);

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const EXPECTED: &str = "a date and time with an offset, such as 2026-01-01T00:00:00+05:30";
        let found = Datetime::deserialize(deserializer)?;
        if found.date.is_none() || found.time.is_none() || found.offset.is_none() {
            return Err(D::Error::custom(format!("expected {EXPECTED}, found {found}")));
        }
        found.to_string().parse().map(Self).map_err(|e| D::Error::custom(format!("expected {EXPECTED}: {e}")))
    }
}

/// `"IN"`, `"*"`, or `{ code = "ID", from = …, until = …, share = … }`.
#[derive(Clone)]
pub(super) struct TerritoryEntry {
    pub code: TerritoryCode,
    pub from: Option<Instant>,
    pub until: Option<Instant>,
    pub share: Option<ShareTable>,
}

impl<'de> Deserialize<'de> for TerritoryEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Table {
            code: String,
            from: Option<Instant>,
            until: Option<Instant>,
            share: Option<ShareTable>,
        }
        struct Entry;
        impl<'de> Visitor<'de> for Entry {
            type Value = TerritoryEntry;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "a country such as \"IN\", \"*\", or { code = \"IN\", from = …, until = …, share = … }",
                )
            }

            fn visit_str<E: Error>(self, code: &str) -> Result<Self::Value, E> {
                let code = territory(code).map_err(E::custom)?;
                Ok(TerritoryEntry { code, from: None, until: None, share: None })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                let Table { code, from, until, share } = Table::deserialize(MapAccessDeserializer::new(map))?;
                let code = territory(&code).map_err(A::Error::custom)?;
                Ok(TerritoryEntry { code, from, until, share })
            }
        }
        deserializer.deserialize_any(Entry)
    }
}

/// `"01.hi.lrc"`, or `{ file = "01.lrc", lang = "hi", kind = "main" }`.
pub(super) struct LyricsEntry {
    pub file: String,
    pub lang: Option<LanguageTag>,
    pub kind: Option<Kind>,
}

impl<'de> Deserialize<'de> for LyricsEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Table {
            file: String,
            lang: Option<LanguageTag>,
            kind: Option<Kind>,
        }
        struct Entry;
        impl<'de> Visitor<'de> for Entry {
            type Value = LyricsEntry;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a file such as \"01.hi.lrc\", or { file = …, lang = …, kind = … }")
            }

            fn visit_str<E: Error>(self, file: &str) -> Result<Self::Value, E> {
                Ok(LyricsEntry { file: file.to_owned(), lang: None, kind: None })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                let Table { file, lang, kind } = Table::deserialize(MapAccessDeserializer::new(map))?;
                Ok(LyricsEntry { file, lang, kind })
            }
        }
        deserializer.deserialize_any(Entry)
    }
}
