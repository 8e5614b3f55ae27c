//! Hindi, Marathi, Gujarati and Punjabi (and the consonants of Odia and Sanskrit).

use super::{
    script::Reading,
    spell::{plain, short_vowel},
    word::Word,
};

pub(super) fn consonant(reading: Reading, word: &Word<'_>, at: usize, iso: &str) -> &'static str {
    let (before, after) = (word.previous_consonant(at), word.next_consonant(at));
    match iso {
        // *achha*, *bachcha*
        "c" if after == Some("ch") => "",
        "c" if after == Some("c") => "c",
        // *kuchh* is typed *kuch*
        "ch" if word.is_final(at) => "ch",
        // *gyan*, in Marathi *dnyan*
        "j" if after == Some("ñ") => {
            if reading == Reading::Marathi {
                "d"
            } else {
                "g"
            }
        }
        "ñ" if before == Some("j") => {
            if reading == Reading::Marathi {
                "ny"
            } else {
                "y"
            }
        }
        // *kuri*, *bhangra*
        "ṛ" if reading == Reading::Punjabi => "r",
        "v" if matches!(reading, Reading::Hindi | Reading::Punjabi) => w_or_v(word, at),
        "v" if matches!(reading, Reading::Marathi | Reading::Odia) && before.is_some() => "w",
        // Odia
        "b" if reading == Reading::Odia && before == Some("s") => "w",
        "y" if reading == Reading::Odia && before.is_none() => "j",
        "y" if reading == Reading::Odia && after == Some("ẏ") => "",
        _ => plain(iso),
    }
}

/// *hawa*, *ishwar*, *wafa*; but *jeevan*, *veer*, *dev*.
fn w_or_v(word: &Word<'_>, at: usize) -> &'static str {
    let vowel = word.next(at).and_then(|next| word.vowel(next));
    let between_vowels = word.after_vowel(at);
    match vowel {
        Some("ā" | "ō") => "w",
        Some("a") if !between_vowels => "w",
        _ => "v",
    }
}

pub(super) fn vowel(reading: Reading, word: &Word<'_>, at: usize, iso: &str) -> String {
    let text = match iso {
        "ā" if is_double_a(reading, word, at) => "aa",
        "ī" if is_double_e(word, at) => "ee",
        "ū" if is_double_o(word, at) => "oo",
        // *kehna*, *pehla*, *behen*
        "a" if reading == Reading::Hindi && is_before_closing_h(word, at) => "e",
        // *mein*, *yaadein*
        "ē" if reading == Reading::Hindi && word.is_final(at) && word.next(at).is_some() => "ei",
        // *gaye*
        "ē" if word.after_vowel(at) && word.is_final(at) => "ye",
        "r̥" if reading == Reading::Marathi => "ru",
        _ => short_vowel(iso),
    };
    text.to_owned()
}

/// *raat*, *aaj*, *maa*, *yaadein*, in Hindi and Punjabi *kitaab*; but *mera*, *hamara*.
fn is_double_a(reading: Reading, word: &Word<'_>, at: usize) -> bool {
    let first = word.is_first_vowel(at);
    if word.is_final(at) {
        return first && word.next(at).is_some();
    }
    let initial = word.previous(at).is_none();
    let closing =
        word.is_last_vowel(at) && (first || !matches!(reading, Reading::Gujarati | Reading::Marathi));
    initial || closing || first && is_before_plural(word, at)
}

/// Whether one consonant and the ending `ēṁ` or `ōṁ` follow.
fn is_before_plural(word: &Word<'_>, at: usize) -> bool {
    let mut consonants = word.consonants_after(at);
    let (Some(consonant), None) = (consonants.next(), consonants.next()) else { return false };
    word.next(consonant).is_some_and(|vowel| {
        matches!(word.vowel(vowel), Some("ē" | "ō")) && word.is_final(vowel) && word.next(vowel).is_some()
    })
}

/// *neend*, *jeevan*, *zameen*; but *diya*, *ki*.
fn is_double_e(word: &Word<'_>, at: usize) -> bool {
    let open = word.before_vowel(at) || word.next_consonant(at) == Some("y");
    word.previous(at).is_some() && !word.is_final(at) && !open
}

/// *phool*, *door*, *zaroor*; but *tu*, *suraj*.
fn is_double_o(word: &Word<'_>, at: usize) -> bool {
    word.is_last_vowel(at) && !word.is_final(at) && !word.after_vowel(at)
}

/// Whether `h` and another consonant close the syllable.
fn is_before_closing_h(word: &Word<'_>, at: usize) -> bool {
    let mut consonants = word.consonants_after(at);
    consonants.next().is_some_and(|h| word.consonant(h) == Some("h")) && consonants.next().is_some()
}

/// The addak: the first letter of the consonant that is doubled.
pub(super) fn doubled(word: &Word<'_>, at: usize) -> &'static str {
    let Some(next) = word.next(at) else { return "" };
    match word.consonant(next) {
        Some("c") if word.is_final(next) => "",
        Some("ch") | None => "",
        Some(iso) => plain(iso).get(..1).unwrap_or_default(),
    }
}

/// *maa*, the one word whose nasal nobody types.
pub(super) fn is_maa(word: &Word<'_>) -> bool {
    word.len() == 3 && word.consonant(0) == Some("m") && word.vowel(1) == Some("ā")
}
