//! Tamil: one letter for a stop, voiced or not by what stands around it.

use super::{letters::plain, word::Word};

pub(super) fn consonant(word: &Word<'_>, at: usize, iso: &str) -> &'static str {
    let (before, after) = (word.previous_consonant(at), word.next_consonant(at));
    let initial = word.previous(at).is_none();
    let after_nasal = matches!(before, Some("ṅ" | "ñ" | "ṇ" | "n" | "m" | "ṉ"));
    let after_sonorant = matches!(before, Some("y" | "r" | "l" | "ḷ" | "ḻ"));
    // Alone between vowels, or after a nasal.
    let weak = !initial && after != Some(iso) && (word.after_vowel(at) || after_nasal);
    match iso {
        // ங்க: *singam*
        "k" if before == Some("ṅ") => "g",
        "k" if (weak || after_sonorant) && word.before_vowel(at) => "g",
        // ச்ச: *pachai*
        "c" if after == Some("c") => "ch",
        "c" if before == Some("c") => "",
        "c" if before == Some("ñ") => "j",
        "c" if matches!(before, Some("ṭ" | "ṟ")) => "ch",
        "c" => "s",
        "ṭ" if weak && word.before_vowel(at) => "d",
        // *kadhal*, *vaazhthu*; த்த: *patthu*
        "t" if after == Some("t") => "t",
        "t" if (weak || before == Some("y")) && word.before_vowel(at) => "dh",
        "t" => "th",
        "p" if weak && word.before_vowel(at) => "b",
        // ற்ற: *kaatru*, ன்ற: *nandri*
        "ṟ" if after == Some("ṟ") => "t",
        "ṟ" if before == Some("ṉ") => "dr",
        "ñ" if matches!(after, Some("c" | "j")) => "n",
        "ñ" if initial => "gn",
        "ñ" => "nj",
        "ṅ" if after.is_none() => "ng",
        "ṅ" => "n",
        // ஃப: *fon*
        "ḳ" if after == Some("p") => "f",
        "p" if before == Some("ḳ") => "",
        _ => plain(iso),
    }
}
