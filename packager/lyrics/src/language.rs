use core::{fmt, str::FromStr};

use oxilangtag::LanguageTag as Bcp47;
use serde::{Deserialize, Serialize};

use crate::{Error, autonym, error::quote};

/// A well-formed BCP 47 language tag (RFC 5646 §2.1) in canonical case, such as `hi`, `hi-Latn` or `en-IN`.
///
/// It names a layer: the stem of its files (`hi-Latn.vtt`), the value of `?lang=` and HLS's LANGUAGE. It is
/// ASCII letters, digits and hyphens, at most 35 characters, and begins with a language of two or three letters, since
/// no longer one is registered. An unknown language is `und`.
///
/// ```
/// # use nada_lyrics::LanguageTag;
/// let tag: LanguageTag = "HI-latn".parse()?;
/// assert_eq!(tag.as_str(), "hi-Latn");
/// assert_eq!(tag.display_name(), "हिन्दी (Latin)");
/// assert!("../etc/passwd".parse::<LanguageTag>().is_err());
/// # Ok::<(), nada_lyrics::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LanguageTag(String);

/// RFC 5646 §4.4.1: no tag in practice needs more.
const MAX_BYTES: usize = 35;

impl LanguageTag {
    /// The tag in canonical case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The language's name in itself, for people to choose from (HLS's NAME): `हिन्दी`, `Bahasa Indonesia`,
    /// `हिन्दी (Latin)`; the tag itself where the name is not known. Different tags have different names.
    pub fn display_name(&self) -> String {
        autonym::display_name(&self.0)
    }

    /// The primary language subtag: `hi` of `hi-Latn`.
    pub fn language(&self) -> &str {
        self.0.split('-').next().unwrap_or(&self.0)
    }

    /// The script subtag (ISO 15924), where the tag states one: `Latn` of `hi-Latn`.
    pub fn script(&self) -> Option<&str> {
        // RFC 5646 §2.2.3: before any extension or private use, only a script has four letters.
        let subtags = self.0.split('-').take_while(|subtag| subtag.len() > 1).skip(1);
        subtags
            .into_iter()
            .find(|subtag| subtag.len() == 4 && subtag.bytes().all(|b| b.is_ascii_alphabetic()))
    }
}

impl FromStr for LanguageTag {
    type Err = Error;

    fn from_str(tag: &str) -> Result<Self, Error> {
        let refuse = |reason: String| Error::Language { tag: quote(tag), reason };
        if tag.len() > MAX_BYTES {
            return Err(refuse(format!("longer than {MAX_BYTES} characters")));
        }
        let canonical = Bcp47::parse_and_normalize(tag)
            .map_err(|e| refuse(format!("not a BCP 47 tag such as `hi` or `hi-Latn`: {e}")))?
            .into_inner();
        // The grammar has no other characters; the file name depends on it, so it is not left to a grammar.
        if !canonical.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return Err(refuse("has a character other than letters, digits and hyphens".into()));
        }
        let language = canonical.split('-').next().unwrap_or_default();
        if !matches!(language.len(), 2 | 3) {
            return Err(refuse("a language has two or three letters, such as `hi`".into()));
        }
        Ok(LanguageTag(canonical))
    }
}

impl TryFrom<String> for LanguageTag {
    type Error = Error;

    fn try_from(tag: String) -> Result<Self, Error> {
        tag.parse()
    }
}

impl From<LanguageTag> for String {
    fn from(tag: LanguageTag) -> String {
        tag.0
    }
}

impl AsRef<str> for LanguageTag {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LanguageTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for LanguageTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LanguageTag({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(s: &str) -> Result<LanguageTag, Error> {
        s.parse()
    }

    #[test]
    fn case_is_canonical() {
        for (given, canonical) in
            [("HI", "hi"), ("hi-LATN", "hi-Latn"), ("EN-in", "en-IN"), ("zh-hant-tw", "zh-Hant-TW")]
        {
            assert_eq!(tag(given).unwrap().as_str(), canonical);
        }
    }

    #[test]
    fn parts() {
        let t = tag("hi-Latn-IN").unwrap();
        assert_eq!((t.language(), t.script()), ("hi", Some("Latn")));
        assert_eq!(tag("en-1994").map(|t| t.script().map(str::to_owned)), Ok(None));
        assert_eq!(tag("id").unwrap().script(), None);
        assert_eq!(tag("hi-x-nada").unwrap().script(), None);
    }

    #[test]
    fn what_could_leave_its_folder_is_refused() {
        for bad in [
            "",
            "english",
            "x-nada",
            "lyrics",
            "-",
            "hi-",
            "-hi",
            "..",
            "../hi",
            "hi/Latn",
            "hi\\Latn",
            "hi.vtt",
            "hi_IN",
            "hi\0",
            "hi\n",
            "hi Latn",
            "ｈｉ",
            "हि",
            "%2e%2e",
            "lyrics",
            "LYRICS",
            "h",
            "a-123456789",
        ] {
            assert!(matches!(tag(bad), Err(Error::Language { .. })), "{bad:?}");
        }
        assert!(tag(&"a".repeat(36)).is_err());
        assert!(tag("en-a-bbbbbbbb-cccccccc-dddddddd-eeeeeeee").is_err(), "longer than 35");
    }

    #[test]
    fn an_error_quotes_what_it_got() {
        let message = tag("hi\u{1b}[31m").unwrap_err().to_string();
        assert!(message.contains(r"\u{1b}"), "{message}");
    }

    #[test]
    fn json_is_a_checked_string() {
        assert_eq!(serde_json::to_string(&tag("HI").unwrap()).unwrap(), "\"hi\"");
        assert_eq!(serde_json::from_str::<LanguageTag>("\"hi-latn\"").unwrap().as_str(), "hi-Latn");
        assert!(serde_json::from_str::<LanguageTag>("\"../x\"").is_err());
    }
}
