//! Names of languages in themselves: the languages of India and Indonesia, and English.

/// By primary language subtag. Every name is different, so that display names are.
const LANGUAGES: &[(&str, &str)] = &[
    ("ace", "Basa Acèh"),
    ("as", "অসমীয়া"),
    ("awa", "अवधी"),
    ("ban", "Basa Bali"),
    ("bbc", "Hata Batak Toba"),
    ("bho", "भोजपुरी"),
    ("bjn", "Bahasa Banjar"),
    ("bn", "বাংলা"),
    ("bra", "ब्रज भाषा"),
    ("brx", "बड़ो"),
    ("bug", "Basa Ugi"),
    ("doi", "डोगरी"),
    ("en", "English"),
    ("gu", "ગુજરાતી"),
    ("hi", "हिन्दी"),
    ("hne", "छत्तीसगढ़ी"),
    ("id", "Bahasa Indonesia"),
    ("jv", "Basa Jawa"),
    ("kn", "ಕನ್ನಡ"),
    ("kok", "कोंकणी"),
    ("ks", "کٲشُر"),
    ("mad", "Bhâsa Madhurâ"),
    ("mai", "मैथिली"),
    ("min", "Baso Minangkabau"),
    ("ml", "മലയാളം"),
    ("mni", "ꯃꯩꯇꯩꯂꯣꯟ"),
    ("mr", "मराठी"),
    ("ms", "Bahasa Melayu"),
    ("ne", "नेपाली"),
    ("or", "ଓଡ଼ିଆ"),
    ("pa", "ਪੰਜਾਬੀ"),
    ("raj", "राजस्थानी"),
    ("sa", "संस्कृतम्"),
    ("sas", "Basa Sasak"),
    ("sat", "ᱥᱟᱱᱛᱟᱲᱤ"),
    ("sd", "سنڌي"),
    ("su", "Basa Sunda"),
    ("ta", "தமிழ்"),
    ("tcy", "ತುಳು"),
    ("te", "తెలుగు"),
    ("ur", "اردو"),
];

/// Scripts (ISO 15924) these languages are written in.
const SCRIPTS: &[(&str, &str)] = &[
    ("Arab", "Arabic"),
    ("Bali", "Balinese"),
    ("Beng", "Bengali"),
    ("Deva", "Devanagari"),
    ("Gujr", "Gujarati"),
    ("Guru", "Gurmukhi"),
    ("Java", "Javanese"),
    ("Knda", "Kannada"),
    ("Latn", "Latin"),
    ("Mlym", "Malayalam"),
    ("Mtei", "Meetei Mayek"),
    ("Olck", "Ol Chiki"),
    ("Orya", "Odia"),
    ("Sund", "Sundanese"),
    ("Taml", "Tamil"),
    ("Telu", "Telugu"),
];

/// The name of a canonical tag: the language in itself, what else the tag says in brackets.
pub(crate) fn display_name(tag: &str) -> String {
    // What `romanize` makes by ISO 15919, which is the only transliteration of these scripts by ISO.
    if let Some((main, source)) = tag.split_once("-Latn-t-")
        && source.strip_prefix(main).and_then(|s| s.strip_suffix("-m0-iso")).is_some_and(|s| s.len() == 5)
        && let Some(language) = find(LANGUAGES, main)
    {
        return format!("{language} (ISO 15919)");
    }
    let mut subtags = tag.split('-');
    let Some(language) = subtags.next().and_then(|subtag| find(LANGUAGES, subtag)) else {
        return tag.to_owned();
    };
    let rest: Vec<&str> = subtags.map(|subtag| find(SCRIPTS, subtag).unwrap_or(subtag)).collect();
    match rest.is_empty() {
        true => language.to_owned(),
        false => format!("{language} ({})", rest.join(", ")),
    }
}

fn find(table: &[(&'static str, &'static str)], subtag: &str) -> Option<&'static str> {
    table.iter().find(|(key, _)| *key == subtag).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use unicode_normalization::is_nfc;

    use super::*;

    #[test]
    fn names() {
        for (tag, name) in [
            ("hi", "हिन्दी"),
            ("hi-Latn", "हिन्दी (Latin)"),
            ("hi-Latn-t-hi-deva-m0-iso", "हिन्दी (ISO 15919)"),
            ("id", "Bahasa Indonesia"),
            ("en", "English"),
            ("en-IN", "English (IN)"),
            ("pa-Arab-PK", "ਪੰਜਾਬੀ (Arabic, PK)"),
            ("ko-Latn", "ko-Latn"),
            ("x-nada", "x-nada"),
            ("und", "und"),
        ] {
            assert_eq!(display_name(tag), name);
        }
    }

    #[test]
    fn the_tables_are_tags_and_their_names_differ() {
        for table in [LANGUAGES, SCRIPTS] {
            let names: HashSet<_> = table.iter().map(|(_, name)| name).collect();
            assert_eq!(names.len(), table.len());
            assert!(table.windows(2).all(|w| w[0].0 < w[1].0), "sorted");
        }
        for (tag, name) in LANGUAGES {
            assert_eq!(tag.parse::<crate::LanguageTag>().unwrap().as_str(), *tag);
            // An attribute of an HLS playlist holds no quote and no line feed.
            assert!(!name.contains(['"', '\n', '\r']));
            assert!(is_nfc(name), "{name}");
        }
        for (tag, _) in SCRIPTS {
            assert!(format!("und-{tag}").parse::<crate::LanguageTag>().is_ok());
        }
    }
}
