//! Language tags, their canonical form, and what they say of a text.

mod canonical;
mod error;
mod file_name;
mod registry;
mod written;

use core::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{autonym, quote::quote};
pub use error::LanguageError;
pub(crate) use written::{contradiction, letters_of};

/// A valid BCP 47 language tag (RFC 5646 §2.2.9) in canonical form (§4.5), such as `hi`, `hi-Latn` or `en-IN`: each of
/// its subtags is registered, and what was replaced or has a shorter code is that (`in` is `id`, `hin` is `hi`,
/// `en-BU` is `en-MM`, `zh-yue` is `yue`, `i-klingon` is `tlh`).
///
/// It names a layer: the stem of its files (`hi-Latn.vtt`), the value of `?lang=` and HLS's LANGUAGE. It is
/// ASCII letters, digits and hyphens, at most 35 characters, and begins with a language of two or three letters, since
/// no longer one is registered. An unknown language is `und`.
///
/// ```
/// # use nada_lyrics::LanguageTag;
/// let tag: LanguageTag = "HIN-latn".parse()?;
/// assert_eq!(tag.as_str(), "hi-Latn");
/// assert_eq!(tag.display_name(), "हिन्दी (Latin)");
/// assert!("../etc/passwd".parse::<LanguageTag>().is_err());
/// # Ok::<(), nada_lyrics::LanguageError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LanguageTag(String);

/// RFC 5646 §4.4.1: no tag in practice needs more.
const MAX_BYTES: usize = 35;

impl LanguageTag {
    /// The tag in canonical form.
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

    /// The wider language of a narrower code, which the same people read: `ne` of `npi`, `or` of `ory`.
    pub(crate) fn common(&self) -> &str {
        let language = self.language();
        canonical::pair(registry::WITHIN, language).unwrap_or(language)
    }

    /// The script subtag, else the script that goes without saying.
    pub(crate) fn script_meant(&self) -> Option<&str> {
        self.script().or_else(|| canonical::pair(registry::WRITTEN, self.language()))
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
    type Err = LanguageError;

    fn from_str(tag: &str) -> Result<Self, LanguageError> {
        let refuse = |reason: String| LanguageError { tag: quote(tag), reason };
        if tag.len() > MAX_BYTES {
            return Err(refuse(format!("longer than {MAX_BYTES} characters")));
        }
        let canonical = canonical::canonical(tag).map_err(refuse)?;
        Ok(LanguageTag(canonical))
    }
}

impl TryFrom<String> for LanguageTag {
    type Error = LanguageError;

    fn try_from(tag: String) -> Result<Self, LanguageError> {
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

    fn tag(s: &str) -> Result<LanguageTag, LanguageError> {
        s.parse()
    }

    #[test]
    fn the_form_is_canonical() {
        for (given, canonical) in [
            ("HI", "hi"),
            ("hi-LATN", "hi-Latn"),
            ("EN-in", "en-IN"),
            ("zh-hant-tw", "zh-Hant-TW"),
            // replaced codes
            ("in", "id"),
            ("IW", "he"),
            ("ji", "yi"),
            ("jw", "jv"),
            ("mo", "ro"),
            ("in-Latn-ID", "id-Latn-ID"),
            // ISO 639-2 and 639-3, terminologic and bibliographic
            ("hin", "hi"),
            ("ben", "bn"),
            ("ind", "id"),
            ("deu", "de"),
            ("ger", "de"),
            ("mol", "ro"),
            ("may", "ms"),
            ("msa", "ms"),
            ("tam-Latn", "ta-Latn"),
            ("bho", "bho"),
            ("ory", "ory"),
            // extended languages, grandfathered and redundant tags (RFC 5646 §4.5)
            ("zh-yue", "yue"),
            ("zh-yue-Hant-HK", "yue-Hant-HK"),
            ("zh-cmn-Hans-CN", "cmn-Hans-CN"),
            ("ZH-CMN-HANS", "cmn-Hans"),
            ("chi-yue", "yue"),
            ("ms-zsm", "zsm"),
            ("i-klingon", "tlh"),
            ("zh-min-nan", "nan"),
            ("art-lojban", "jbo"),
            ("i-lux", "lb"),
            ("sgn-US", "ase"),
            ("sgn-ase", "ase"),
            ("en-GB-oed", "en-GB-oxendict"),
            // regions and variants
            ("en-BU", "en-MM"),
            ("de-dd", "de-DE"),
            ("ja-Latn-hepburn-heploc", "ja-Latn-hepburn-alalc97"),
            ("de-1996", "de-1996"),
            ("es-419", "es-419"),
            // extensions by their letter, what is private last
            ("en-b-ccc-bbb-a-aaa-X-xyz", "en-a-aaa-b-ccc-bbb-x-xyz"),
            ("hi-x-u-nada", "hi-x-u-nada"),
            ("hin-Latn-t-hi-deva-m0-iso", "hi-Latn-t-hi-deva-m0-iso"),
            // for private use
            ("qaa-Qaaa-XA", "qaa-Qaaa-XA"),
        ] {
            assert_eq!(tag(given).as_ref().map(LanguageTag::as_str), Ok(canonical), "{given}");
            assert_eq!(tag(canonical).unwrap().as_str(), canonical, "{given}");
        }
    }

    #[test]
    fn what_is_not_registered_is_named() {
        for (given, named) in [
            ("xq", "`xq` is not a registered language"),
            ("zzx-Latn", "`zzx` is not a registered language"),
            ("en-live", "`Live` is not a registered script"),
            ("hi-remix", "`remix` is not a registered variant"),
            ("hi-QB", "`QB` is not a registered region"),
            ("en-uk", "did you mean `GB`"),
            ("en-yue", "`yue` is not registered as a language behind `en`"),
            ("i-default", "two or three letters"),
            ("hindi", "two or three letters"),
        ] {
            let message = tag(given).unwrap_err().to_string();
            assert!(message.contains(named) && message.contains(&format!("\"{given}\"")), "{message}");
        }
    }

    #[test]
    fn parts() {
        let t = tag("hi-Latn-IN").unwrap();
        assert_eq!((t.language(), t.script()), ("hi", Some("Latn")));
        assert_eq!(tag("sl-1994").map(|t| t.script().map(str::to_owned)), Ok(None));
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
            assert!(matches!(tag(bad), Err(LanguageError { .. })), "{bad:?}");
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
