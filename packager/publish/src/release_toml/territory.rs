//! Territories as people write them, held against ISO 3166-1: a code that no edge ever reports would leave a track dark
//! where its label meant it to be heard.

use nada_catalog::TerritoryCode;
use rust_iso3166::{ALL, from_alpha2, from_alpha3, iso3166_3};

/// Codes that are not of ISO 3166-1 and mean one of its countries: its own reservations, and what the European Union
/// writes.
const OTHER_CODES: [(&str, &str); 2] = [("UK", "GB"), ("EL", "GR")];

/// Kosovo, by the one user-assigned code that networks report a country by.
const KOSOVO: &str = "XK";

/// A territory that is not a country's code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("territory {found:?}: expected a country's two capital letters (ISO 3166-1 alpha-2), or \"*\" for all{}",
    suggestion.as_ref().map(|code| format!("; did you mean {code:?}?")).unwrap_or_default())]
pub struct TerritoryError {
    /// The text found, cut to 80 characters.
    pub found: String,
    /// The code that may be meant.
    pub suggestion: Option<String>,
}

/// Reads a territory: `*`, or the code of a country of ISO 3166-1.
///
/// # Errors
/// For any other text, with the code that may be meant: of another case or alphabet of the standard (`IND`), of a
/// country that has another code now (`BU`), of another standard (`UK`), or of a country's name.
///
/// ```
/// use nada_publish::release_toml::territory;
///
/// assert_eq!(territory("IN").unwrap().to_string(), "IN");
/// assert!(territory("UK").unwrap_err().to_string().ends_with("did you mean \"GB\"?"));
/// ```
pub fn territory(text: &str) -> Result<TerritoryCode, TerritoryError> {
    let is_country = from_alpha2(text).is_some() || text == KOSOVO;
    let code = if is_country || text == "*" { text.parse().ok() } else { None };
    code.ok_or_else(|| TerritoryError {
        found: text.chars().take(80).collect(),
        suggestion: suggestion(text.trim()).map(str::to_owned),
    })
}

fn suggestion(text: &str) -> Option<&'static str> {
    let upper = text.to_uppercase();
    let other = OTHER_CODES.iter().find(|(code, _)| *code == upper).map(|(_, meant)| *meant);
    let code = from_alpha2(&upper).or_else(|| from_alpha3(&upper)).map(|country| country.alpha2);
    let former = iso3166_3::ALL.iter().find(|old| [old.former.alpha2, old.former.alpha3].contains(&&*upper));
    let successor = former.and_then(|old| match old.new_countries {
        [only] => Some(only.alpha2),
        _ => None,
    });
    let kosovo = ["XK", "XKX", "KOSOVO"].contains(&&*upper).then_some(KOSOVO);
    other.or(code).or(successor).or(kosovo).or_else(|| named(&upper))
}

/// The one country whose English short name is `name`, or begins with it (`TANZANIA`), in capitals.
fn named(name: &str) -> Option<&'static str> {
    if name.chars().count() < 4 {
        return None;
    }
    let upper = |country: &rust_iso3166::CountryCode| country.name.to_uppercase();
    let mut begins = ALL.iter().filter(|country| upper(country).starts_with(name));
    let exact = ALL.iter().find(|country| upper(country) == name);
    let only = begins.next().filter(|_| begins.next().is_none());
    exact.or(only).map(|country| country.alpha2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_of_the_standard_is_one() {
        for country in ALL {
            assert_eq!(territory(country.alpha2).unwrap().to_string(), country.alpha2);
        }
        assert_eq!(ALL.len(), 249);
        assert_eq!(territory("*").unwrap(), TerritoryCode::World);
        assert!(territory("XK").is_ok());
    }

    #[test]
    fn what_may_be_meant_is_said() {
        for (text, meant) in [
            ("UK", Some("GB")),
            ("EL", Some("GR")),
            ("uk", Some("GB")),
            ("in", Some("IN")),
            (" ID", Some("ID")),
            ("IND", Some("IN")),
            ("IDN", Some("ID")),
            ("India", Some("IN")),
            ("INDONESIA", Some("ID")),
            ("united kingdom", Some("GB")),
            ("BU", Some("MM")),
            ("TP", Some("TL")),
            ("ZR", Some("CD")),
            ("SU", None), // fifteen countries
            ("EU", None),
            ("AP", None),
            ("QQ", None),
            ("XX", None),
            ("ZZ", None),
            ("T1", None),
            ("Unit", None),
            ("", None),
            ("**", None),
            ("IN,ID", None),
        ] {
            let error = territory(text).unwrap_err();
            assert_eq!(error.suggestion.as_deref(), meant, "{text}");
        }
    }
}
