//! Rights: in which territories a track may be heard, and when.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{id::IdError, share::Share};

/// A country as an edge knows it: ISO 3166-1 alpha-2, or unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Country {
    /// Two capital letters.
    Known([u8; 2]),
    /// The platform could not tell, or told a code that is no country (`XX`, `T1` for Tor).
    Unknown,
}

impl Country {
    /// Reads a country code as a platform reports it. Whatever is not two letters is unknown, and so are
    /// `XX` and `T1`.
    pub fn from_code(code: &str) -> Self {
        match *code.to_ascii_uppercase().as_bytes() {
            [b'X', b'X'] => Self::Unknown,
            [a, b] if a.is_ascii_uppercase() && b.is_ascii_uppercase() => Self::Known([a, b]),
            _ => Self::Unknown,
        }
    }

    /// The alpha-2 code, `XX` where the country is unknown.
    pub fn code(&self) -> &str {
        match self {
            Self::Known(code) => std::str::from_utf8(code).unwrap_or("XX"),
            Self::Unknown => "XX",
        }
    }
}

/// Where a right holds: one country, or everywhere (`*`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TerritoryCode {
    /// Everywhere, unknown countries included: `*`.
    World,
    /// One country by ISO 3166-1 alpha-2.
    Country([u8; 2]),
}

impl TerritoryCode {
    fn covers(self, country: Country) -> bool {
        match (self, country) {
            (Self::World, _) => true,
            (Self::Country(mine), Country::Known(theirs)) => mine == theirs,
            (Self::Country(_), Country::Unknown) => false,
        }
    }
}

impl fmt::Display for TerritoryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::World => f.write_str("*"),
            Self::Country(code) => f.write_str(Country::Known(*code).code()),
        }
    }
}

impl FromStr for TerritoryCode {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        match *text.as_bytes() {
            [b'*'] => Ok(Self::World),
            [a, b] if a.is_ascii_uppercase() && b.is_ascii_uppercase() && text != "XX" => {
                Ok(Self::Country([a, b]))
            }
            _ => Err(IdError::new("territory", text, "two capital letters (ISO 3166-1 alpha-2) or *")),
        }
    }
}

impl Serialize for TerritoryCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TerritoryCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for TerritoryCode {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "TerritoryCode".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^([A-Z]{2}|[*])$" })
    }
}

/// One territory and its window `[from, until)`, each bound open where it is absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Territory {
    /// Where.
    pub code: TerritoryCode,
    /// From this instant on, inclusive (RFC 3339).
    #[serde(default, deserialize_with = "crate::rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Until this instant, exclusive (RFC 3339).
    #[serde(default, deserialize_with = "crate::rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// How much of the track may be shared there, while the window is open.
    #[serde(default, skip_serializing_if = "Share::is_nothing")]
    pub share: Share,
}

/// The rights of one track: the territories it is licensed for. None at all means nobody may hear it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Rights {
    /// The territories. One that names the country counts before `*`.
    pub territories: Vec<Territory>,
}

/// What the rights say to one request. Of several windows, the first of these counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// It may be served.
    Allowed,
    /// The window has not opened.
    NotYet,
    /// The window is over.
    Ended,
    /// The country is not licensed, or unknown where one is asked for.
    WrongTerritory,
}

impl Rights {
    /// Decides for a request from `country` at `now`. Territories that name the country are asked first;
    /// `*` only where none does. With several windows, one that is open wins, then one still to come.
    pub fn decide(&self, country: Country, now: Timestamp) -> Access {
        // in the order in which they win
        self.of(country).map(|territory| territory.access(now)).min().unwrap_or(Access::WrongTerritory)
    }

    /// How much may be shared in `country` at `now`: by the same territories, of those whose window is open. Where several
    /// are, the more of each counts.
    pub fn share(&self, country: Country, now: Timestamp) -> Share {
        let open = self.of(country).filter(|territory| territory.access(now) == Access::Allowed);
        open.fold(Share::default(), |share, territory| share.or(territory.share))
    }

    /// How much may be shared in the territory that allows the most of each, whenever that is: what is more may be shown
    /// nowhere, ever.
    pub fn most_shared(&self) -> Share {
        self.territories.iter().fold(Share::default(), |share, territory| share.or(territory.share))
    }

    /// The territories that count for a country.
    fn of(&self, country: Country) -> impl Iterator<Item = &Territory> {
        let names = move |t: &&Territory| t.code != TerritoryCode::World && t.code.covers(country);
        let named = self.territories.iter().any(|territory| names(&territory));
        self.territories.iter().filter(move |t| if named { names(t) } else { t.code.covers(country) })
    }
}

impl Territory {
    fn access(&self, now: Timestamp) -> Access {
        match self {
            Self { from: Some(from), .. } if now < *from => Access::NotYet,
            Self { until: Some(until), .. } if now >= *until => Access::Ended,
            _ => Access::Allowed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn rights(json: &str) -> Rights {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn windows_are_half_open_to_the_second() {
        let rights = rights(
            r#"{"territories":[{"code":"IN","from":"2026-01-01T00:00:00+05:30","until":"2027-01-01T00:00:00+05:30"},{"code":"ID"}]}"#,
        );
        let india = Country::from_code("IN");
        assert_eq!(rights.decide(india, at("2025-12-31T18:29:59Z")), Access::NotYet);
        assert_eq!(rights.decide(india, at("2025-12-31T18:30:00Z")), Access::Allowed);
        assert_eq!(rights.decide(india, at("2026-12-31T18:29:59Z")), Access::Allowed);
        assert_eq!(rights.decide(india, at("2026-12-31T18:30:00Z")), Access::Ended);
        assert_eq!(rights.decide(Country::from_code("id"), at("2020-01-01T00:00:00Z")), Access::Allowed);
        assert_eq!(
            rights.decide(Country::from_code("US"), at("2026-06-01T00:00:00Z")),
            Access::WrongTerritory
        );
    }

    #[test]
    fn unknown_passes_only_the_world() {
        let now = at("2026-06-01T00:00:00Z");
        for code in ["XX", "T1", "", "I", "IND", "1N", "xx"] {
            assert_eq!(Country::from_code(code), Country::Unknown, "{code:?}");
        }
        assert_eq!(
            rights(r#"{"territories":[{"code":"IN"}]}"#).decide(Country::Unknown, now),
            Access::WrongTerritory
        );
        assert_eq!(
            rights(r#"{"territories":[{"code":"*"}]}"#).decide(Country::Unknown, now),
            Access::Allowed
        );
        assert_eq!(
            rights(r#"{"territories":[]}"#).decide(Country::from_code("IN"), now),
            Access::WrongTerritory
        );
    }

    #[test]
    fn a_named_country_counts_before_the_world() {
        let rights = rights(r#"{"territories":[{"code":"*"},{"code":"IN","from":"2027-01-01T00:00:00Z"}]}"#);
        let now = at("2026-06-01T00:00:00Z");
        assert_eq!(rights.decide(Country::from_code("IN"), now), Access::NotYet);
        assert_eq!(rights.decide(Country::from_code("ID"), now), Access::Allowed);
    }

    #[test]
    fn what_is_shared_follows_the_territory_and_its_window() {
        let rights = rights(
            r#"{"territories":[{"code":"*","share":{"lines":2,"seconds":10}},{"code":"IN","until":"2027-01-01T00:00:00Z","share":{"lines":5}},{"code":"IN","share":{"seconds":30}},{"code":"ID"}]}"#,
        );
        let share = |country, time| {
            let Share { lines, seconds } = rights.share(Country::from_code(country), at(time));
            (lines, seconds)
        };
        assert_eq!(share("IN", "2026-06-01T00:00:00Z"), (5, 30));
        assert_eq!(share("IN", "2027-06-01T00:00:00Z"), (0, 30));
        assert_eq!(share("ID", "2026-06-01T00:00:00Z"), (0, 0));
        assert_eq!(share("US", "2026-06-01T00:00:00Z"), (2, 10));
        assert_eq!(share("XX", "2026-06-01T00:00:00Z"), (2, 10));
        assert_eq!(rights.most_shared(), Share { lines: 5, seconds: 30 });
        assert_eq!(
            Rights::default().share(Country::from_code("IN"), at("2026-06-01T00:00:00Z")),
            Share::default()
        );
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for bad in [
            r#"{"territories":[{"code":"in"}]}"#,
            r#"{"territories":[{"code":"XX"}]}"#,
            r#"{"territories":[{"code":"IN","untill":"2027-01-01T00:00:00Z"}]}"#,
            r#"{"territories":[{"code":"IN","from":"tomorrow"}]}"#,
            r#"{"territories":[{"code":"IN","share":{"lines":5,"minutes":1}}]}"#,
            r#"{"territories":[{"code":"IN","share":{"lines":-1}}]}"#,
        ] {
            assert!(serde_json::from_str::<Rights>(bad).is_err(), "{bad}");
        }
    }
}
