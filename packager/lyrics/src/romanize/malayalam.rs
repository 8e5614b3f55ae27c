//! Malayalam: dental stops are typed with h, nasals soften what follows, a last virama is a half-u.

use super::{letters::plain, va, word::Word};

pub(super) fn consonant(word: &Word<'_>, at: usize, iso: &str) -> &'static str {
    let (before, after) = (word.previous_consonant(at), word.next_consonant(at));
    let between_vowels = word.after_vowel(at) && after.is_none();
    match iso {
        // *chechi*, *kochi*
        "c" if after == Some("c") => "ch",
        "c" if before == Some("c") => "",
        "c" if after == Some("ch") => "",
        "ch" if before == Some("c") => "ch",
        // *veedu*, *randu*
        "ṭ" if between_vowels || before == Some("ṇ") => "d",
        "p" if before == Some("m") => "b",
        // *enthu*, *sangeetham*; ത്ത: *pathu*; ത്ഥ: *artham*
        "t" if matches!(after, Some("t" | "th")) => "",
        "t" if matches!(after, Some("s" | "m" | "n" | "p" | "k")) => "t",
        "t" => "th",
        // റ്റ: *kaattu*; ന്റ: *ente*
        "ṟ" if matches!(after, Some("ṟ")) => "t",
        "ṟ" if matches!(before, Some("ṟ" | "n")) => "t",
        // ങ്ങ: *ningal*; ഞ: *njan*; ജ്ഞ
        "ṅ" if after == Some("ṅ") => "n",
        "ṅ" if before == Some("ṅ") => "g",
        "ṅ" => "n",
        "ñ" if matches!(after, Some("c" | "j" | "ñ")) => "n",
        "ñ" if before == Some("j") => "n",
        "ñ" if before == Some("ñ") => "j",
        "ñ" => "nj",
        // *sreerama*; *swapnam*
        "ś" if after == Some("r") => "s",
        "v" => before.map_or("v", va::after),
        _ => plain(iso),
    }
}

/// A virama at the end of a word: *kannu*, *veedu*; but *kay*.
pub(super) fn half_u(word: &Word<'_>, at: usize) -> &'static str {
    let after_consonant =
        at.checked_sub(1).is_some_and(|before| !matches!(word.consonant(before), None | Some("y")));
    if after_consonant && at + 1 == word.len() { "u" } else { "" }
}
