//! Telugu and Kannada, and the vowels of all four Dravidian languages.

use super::{
    letters::{plain, short_vowel},
    script::Reading,
    va,
    word::Word,
};

pub(super) fn consonant(reading: Reading, word: &Word<'_>, at: usize, iso: &str) -> &'static str {
    let (before, after) = (word.previous_consonant(at), word.next_consonant(at));
    match iso {
        "c" if after == Some("c") => "c",
        "c" if after == Some("ch") => "",
        // జ్ఞ: *gnanam*; ಜ್ಞ: *jnana*
        "j" if after == Some("ñ") && reading == Reading::Telugu => "g",
        "ñ" if before == Some("j") => "n",
        "ś" if after == Some("r") && reading == Reading::Telugu => "s",
        "v" => before.map_or("v", va::after),
        _ => plain(iso),
    }
}

/// Long vowels are doubled where they are heard most: in the first syllable, and before the last. Kannada and
/// Malayalam double a in words of one syllable, Malayalam at the beginning too.
pub(super) fn vowel(reading: Reading, word: &Word<'_>, at: usize, iso: &str) -> &'static str {
    let first = word.is_first_vowel(at);
    let double_a = match reading {
        Reading::Kannada => first && word.is_last_vowel(at),
        Reading::Malayalam => first && word.is_last_vowel(at) || at == 0,
        _ => first,
    };
    match iso {
        "ā" if double_a => "aa",
        "ū" if reading == Reading::Malayalam && !word.is_final(at) => "oo",
        // *hrudaya*, but *krishna*
        "r̥" if reading == Reading::Kannada && word.previous_consonant(at) != Some("k") => "ru",
        "ī" if first || !word.is_final(at) => "ee",
        "ū" if first => "oo",
        _ => short_vowel(iso),
    }
}
