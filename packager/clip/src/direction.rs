//! What is read from right to left: languages by the rule of the player page, texts by their first letter.

use nada_lyrics::LanguageTag;
use unicode_script::{Script, UnicodeScript as _};

const SCRIPTS: [&str; 6] = ["arab", "hebr", "thaa", "syrc", "nkoo", "adlm"];
const LANGUAGES: [&str; 11] = ["ar", "fa", "he", "ur", "ps", "ug", "yi", "dv", "ckb", "sd", "ks"];

/// Whether a language is read from right to left: by the script that its tag states, else by the one it is written in.
pub fn is_right_to_left(lang: &LanguageTag) -> bool {
    match lang.script() {
        Some(script) => SCRIPTS.iter().any(|rtl| script.eq_ignore_ascii_case(rtl)),
        None => LANGUAGES.contains(&lang.language()),
    }
}

/// Whether the first letter that has a direction is read from right to left (UAX #9, P2).
pub fn first_direction(text: &str) -> Option<bool> {
    text.chars().find_map(|c| match c.script() {
        Script::Common | Script::Inherited | Script::Unknown => None,
        Script::Arabic | Script::Hebrew | Script::Thaana | Script::Syriac | Script::Nko | Script::Adlam => {
            Some(true)
        }
        _ => Some(false),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_decides_before_the_language() {
        for (tag, rtl) in
            [("ur", true), ("ur-Latn", false), ("hi", false), ("pa-Arab", true), ("ks-Deva", false)]
        {
            assert_eq!(is_right_to_left(&tag.parse().unwrap()), rtl, "{tag}");
        }
    }
}
