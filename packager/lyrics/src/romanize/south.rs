//! Telugu and Kannada, and the vowels of all four Dravidian languages.

use super::{
    script::Reading,
    spell::{plain, short_vowel},
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
        _ => plain(iso),
    }
}

/// Long vowels are doubled where they are heard most: in the first syllable, and before the last.
pub(super) fn vowel(word: &Word<'_>, at: usize, iso: &str) -> &'static str {
    let first = word.is_first_vowel(at);
    match iso {
        "ā" if first => "aa",
        "ī" if first || !word.is_final(at) => "ee",
        "ū" if first => "oo",
        _ => short_vowel(iso),
    }
}
