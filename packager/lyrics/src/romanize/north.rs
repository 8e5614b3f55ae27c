//! Hindi, Marathi, Gujarati and Punjabi (and the consonants of Odia and Sanskrit).

use super::{
    letters::{plain, short_vowel},
    script::Reading,
    sound::Sound,
    va,
    word::Word,
};

pub(super) fn consonant(reading: Reading, word: &Word<'_>, at: usize, iso: &str) -> &'static str {
    let (before, after) = (word.previous_consonant(at), word.next_consonant(at));
    match iso {
        // *achha*, *bachcha*
        "c" if after == Some("ch") => "",
        "c" if after == Some("c") => "c",
        // *kuchh* is typed *kuch*; but *swachh*
        "ch" if word.is_final(at) && before.is_none() => "ch",
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
        // ਲ੍ਹ is a tone: *bulleya*
        "h" if reading == Reading::Punjabi && before == Some("l") => "",
        "v" if reading == Reading::Odia && before.is_some() => "w",
        "v" => va::consonant(reading, word, at),
        // Odia: *srihari*, *chinha*
        "ś" if reading == Reading::Odia && after == Some("r") => "s",
        "h" if reading == Reading::Odia && after == Some("n") => "n",
        "n" if reading == Reading::Odia && before == Some("h") => "h",
        "b" if reading == Reading::Odia && before == Some("s") => "w",
        "y" if reading == Reading::Odia && before.is_none() => "j",
        "y" if reading == Reading::Odia && after == Some("ẏ") => "",
        _ => plain(iso),
    }
}

pub(super) fn vowel(reading: Reading, word: &Word<'_>, at: usize, iso: &str) -> String {
    let text = match iso {
        "ā" if is_double_a(reading, word, at) => "aa",
        "i" | "ī" if reading == Reading::Punjabi && word.sound(at + 1) == Some(&Sound::Vowel("ā".into())) => {
            glide(word, at, iso)
        }
        "ī" if is_double_e(reading, word, at) => "ee",
        "ū" if is_double_o(reading, word, at) => "oo",
        // ਫ਼ਿਰਔਨ: *firaun*
        "a" if word.next(at).is_some_and(|next| matches!(word.vowel(next), Some("ai" | "au"))) => "",
        // *woh*; *yeh*, *keh*
        "a" if reading == Reading::Hindi && is_before_last_h(word, at) => {
            if word.previous_consonant(at) == Some("v") { "o" } else { "e" }
        }
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

/// What Punjabi's i becomes before ā: *likheya*, *nachaya*, *pyar*, *akhiyan*.
fn glide(word: &Word<'_>, at: usize, iso: &str) -> &'static str {
    match iso {
        "ī" => "iy",
        _ if word.after_vowel(at) || !word.is_final(at + 1) => "y",
        _ => "ey",
    }
}

/// *raat*, *aaj*, *maa*, *yaadein*; but *mera*, *hamara*, *kitab*, *dhyan*.
fn is_double_a(reading: Reading, word: &Word<'_>, at: usize) -> bool {
    let first = word.is_first_vowel(at);
    let after_cluster_of_y = word.previous_consonant(at) == Some("y")
        && at.checked_sub(1).and_then(|y| word.previous_consonant(y)).is_some();
    if word.is_final(at) {
        return first && word.next(at).is_some() && !after_cluster_of_y;
    }
    let closing = first && word.is_last_vowel(at) && !after_cluster_of_y;
    let initial = word.previous(at).is_none()
        && match reading {
            // *amhi*, *anandi*; but *aai*
            Reading::Marathi => word.before_vowel(at),
            // *aunda*
            Reading::Punjabi => !matches!(word.sound(at + 1), Some(Sound::Vowel(u)) if u == "u"),
            _ => true,
        };
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

/// *neend*, *jeevan*, *zameen*; but *diya*, *ki*, *shriman*. Marathi and Gujarati have it in words of one syllable:
/// *geet*, but *jagdish*, *karine*.
fn is_double_e(reading: Reading, word: &Word<'_>, at: usize) -> bool {
    if matches!(reading, Reading::Marathi | Reading::Gujarati)
        && !(word.is_first_vowel(at) && word.is_last_vowel(at))
    {
        return false;
    }
    // *tabiba*
    if reading == Reading::Punjabi && !word.is_first_vowel(at) && !word.is_last_vowel(at) {
        return false;
    }
    if at == 2 && word.consonant(0) == Some("ś") && word.consonant(1) == Some("r") {
        return false;
    }
    let open = word.before_vowel(at) || word.next_consonant(at) == Some("y");
    word.previous(at).is_some() && !word.is_final(at) && !open
}

/// *phool*, *door*, *zaroor*; but *tu*, *suraj*, in Marathi *jhuluk*.
fn is_double_o(reading: Reading, word: &Word<'_>, at: usize) -> bool {
    (reading != Reading::Marathi || word.is_first_vowel(at))
        && word.is_last_vowel(at)
        && !word.is_final(at)
        && !word.after_vowel(at)
}

/// Whether `h` and another consonant close the syllable.
fn is_before_closing_h(word: &Word<'_>, at: usize) -> bool {
    let mut consonants = word.consonants_after(at);
    consonants.next().is_some_and(|h| word.consonant(h) == Some("h")) && consonants.next().is_some()
}

/// Whether the vowel is the only one and `h` ends the word.
fn is_before_last_h(word: &Word<'_>, at: usize) -> bool {
    let alone = word.is_first_vowel(at) && word.is_last_vowel(at);
    alone && word.next(at).is_some_and(|h| word.consonant(h) == Some("h") && word.is_final(h))
}

/// The addak: the first letter of the consonant that is doubled, but for an aspirate, as in *akhan*, *dudh*.
pub(super) fn doubled(word: &Word<'_>, at: usize) -> &'static str {
    let Some(next) = word.next(at) else { return "" };
    match word.consonant(next) {
        Some("c") if word.is_final(next) => "",
        None => "",
        Some(iso) if iso.ends_with('h') => "",
        Some(iso) => plain(iso).get(..1).unwrap_or_default(),
    }
}

/// *maa*, the one word whose nasal nobody types.
pub(super) fn is_maa(word: &Word<'_>) -> bool {
    word.len() == 3 && word.consonant(0) == Some("m") && word.vowel(1) == Some("ā")
}
