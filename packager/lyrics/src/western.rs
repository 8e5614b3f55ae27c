//! What is left of the time before UTF-8: windows-1252, which Latin-1 is taken for.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::WINDOWS_1252;

use crate::LanguageTag;

/// The text of a file that is not UTF-8 in windows-1252, if detection takes it for that, or if it can be nothing
/// else: a file in a language written so, with a few accents and signs among letters of ASCII.
pub(crate) fn read(bytes: &[u8], lang: &LanguageTag) -> Option<String> {
    if bytes.contains(&0) {
        return None;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    if detector.guess(None, Utf8Detection::Deny) != WINDOWS_1252 && !(is_western(lang) && is_sparse(bytes)) {
        return None;
    }
    WINDOWS_1252.decode_without_bom_handling_and_without_replacement(bytes).map(std::borrow::Cow::into_owned)
}

/// Languages whose files were in windows-1252 before they were in UTF-8.
const LANGUAGES: [&str; 38] = [
    "af", "an", "br", "ca", "ceb", "da", "de", "en", "es", "eu", "fi", "fil", "fo", "fr", "fy", "ga", "gd",
    "gl", "id", "is", "it", "jv", "la", "lb", "ms", "nb", "nl", "nn", "no", "oc", "pt", "rm", "sco", "su",
    "sv", "sw", "tl", "wa",
];
/// Languages in Latin letters that had a code page of their own.
const OTHERS: [&str; 18] = [
    "az", "bs", "cs", "et", "hr", "hu", "lt", "lv", "pl", "ro", "sk", "sl", "sq", "sr", "tk", "tr", "uz",
    "vi",
];

fn is_western(lang: &LanguageTag) -> bool {
    match lang.script() {
        None => LANGUAGES.contains(&lang.language()),
        Some(script) => script == "Latn" && !OTHERS.contains(&lang.language()),
    }
}

/// Whether bytes beyond ASCII are few and far between, and letters or punctuation of windows-1252. Words in
/// other scripts are many of them in a row, and their bytes mostly signs in windows-1252.
fn is_sparse(bytes: &[u8]) -> bool {
    let is_letter = |b: u8| {
        b >= 0xc0 && !matches!(b, 0xd7 | 0xf7)
            || matches!(b, 0x8a | 0x8c | 0x8e | 0x9a | 0x9c | 0x9e | 0x9f | 0xaa | 0xba)
    };
    // € … ‘ ’ “ ” • – — ™, no-break space, ¡ £ © « ­soft hyphen ® ° ´ · » ¿
    let is_sign = |b: u8| {
        matches!(
            b,
            0x80 | 0x85 | 0x91
                ..=0x97
                    | 0x99
                    | 0xa0
                    | 0xa1
                    | 0xa3
                    | 0xa9
                    | 0xab
                    | 0xad
                    | 0xae
                    | 0xb0
                    | 0xb4
                    | 0xb7
                    | 0xbb
                    | 0xbf
        )
    };
    let ascii = bytes.iter().filter(|b| b.is_ascii_alphabetic()).count();
    let beyond = bytes.iter().filter(|b| !b.is_ascii()).count();
    beyond.saturating_mul(4) <= ascii
        && bytes.iter().all(|b| b.is_ascii() || is_letter(*b) || is_sign(*b))
        && bytes.split(u8::is_ascii).all(|run| run.len() < 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_as(lang: &str, bytes: &[u8]) -> Option<String> {
        read(bytes, &lang.parse().unwrap())
    }

    #[test]
    fn one_accent_is_enough() {
        for (bytes, text) in [
            (b"[00:01.00]so na\xefve".as_slice(), "[00:01.00]so naïve"),
            (b"gar\xe7on", "garçon"),
            (b"[00:01.00]only \xa35 a day", "[00:01.00]only £5 a day"),
            (b"[00:01.00]sm\xf8rrebr\xf8d", "[00:01.00]smørrebrød"),
            (b"don\x92t say you do \x97 it is na\xefve", "don’t say you do — it is naïve"),
        ] {
            for lang in ["en", "id", "hi-Latn"] {
                assert_eq!(read_as(lang, bytes).as_deref(), Some(text), "{lang}");
            }
        }
    }

    #[test]
    fn other_encodings_are_not_taken_for_it() {
        // Shift_JIS, windows-1251, TIS-620, EUC-KR, each with a title in ASCII.
        for bytes in [
            b"[ti:The name of this song]\n\x83\x89\x83\x75\x82\xcc\x89\xcc\x82\xf0".as_slice(),
            b"[ti:The name of this song]\n\xcf\xf0\xe8\xe2\xe5\xf2 \xec\xe8\xf0",
            b"[ti:The name of this song]\n\xca\xc7\xd1\xca\xb4\xd5",
            b"[ti:The name of this song]\n\xbb\xe7\xb6\xfb\xc7\xd8",
        ] {
            assert_eq!(read_as("en", bytes), None);
        }
        assert_eq!(read_as("pl", b"nie wiem, co to jest mi\xb3o\xb6\xe6"), None);
    }
}
