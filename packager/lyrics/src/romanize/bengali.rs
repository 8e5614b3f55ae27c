//! Bengali: the inherent vowel is o, and clusters are simplified.

use super::{
    letters::{plain, short_vowel},
    sound::Sound,
    word::Word,
};

pub(super) fn consonant(word: &Word<'_>, at: usize, iso: &str) -> &'static str {
    let (before, after) = (word.previous_consonant(at), word.next_consonant(at));
    let initial = word.previous(at).is_none();
    match iso {
        // অ্যা is æ
        "y" if is_halted(word, at) => "",
        // য is j, but as a second part of a cluster y
        "y" => match before {
            None | Some("r") => "j",
            Some(_) => "y",
        },
        // ব as a second part: *bishwas*, *shopno*
        "b" => match before {
            Some("ś" | "s") if word.previous(at).is_some_and(|s| word.previous(s).is_some()) => "w",
            Some("ś" | "s" | "j" | "t" | "d" | "dh") => "",
            _ => "b",
        },
        // ক্ষ: *khoma*, *okkhor*
        "k" if after == Some("ṣ") => {
            if initial {
                ""
            } else {
                "k"
            }
        }
        "ṣ" if before == Some("k") => "kh",
        // জ্ঞ: *gyan*
        "j" if after == Some("ñ") => "g",
        "ñ" if before == Some("j") => "y",
        "ṅ" if matches!(after, Some("g" | "gh")) => "n",
        "ṅ" => "ng",
        "c" if after == Some("c") => "c",
        "c" if after == Some("ch") => "",
        // *bhalobashi*, *shopno*
        "s" if word.after_vowel(at) && word.before_vowel(at) => "sh",
        "s" if initial && after == Some("b") => "sh",
        "ṛ" => "r",
        "ṛh" => "rh",
        _ => plain(iso),
    }
}

pub(super) fn vowel(word: &Word<'_>, at: usize, iso: &str) -> &'static str {
    match iso {
        "a" if word.sound(at + 1) == Some(&Sound::Halt) => "a",
        "ā" if at.checked_sub(1).is_some_and(|y| is_halted(word, y)) => "e",
        "a" => "o",
        "ai" => "oi",
        "au" => "ou",
        _ => short_vowel(iso),
    }
}

/// Whether a virama without a consonant stands right before.
fn is_halted(word: &Word<'_>, at: usize) -> bool {
    at.checked_sub(1).is_some_and(|before| word.sound(before) == Some(&Sound::Halt))
}
