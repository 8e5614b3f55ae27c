//! The letters that people type for a sound, where nothing around it matters.

/// A vowel without its length.
pub(super) fn short_vowel(iso: &str) -> &'static str {
    match iso {
        "i" | "ī" => "i",
        "u" | "ū" => "u",
        "e" | "ē" | "ê" => "e",
        "o" | "ō" | "ô" => "o",
        "ai" => "ai",
        "au" => "au",
        "r̥" | "r̥̄" => "ri",
        "l̥" | "l̥̄" => "li",
        _ => "a",
    }
}

/// A consonant where nothing around it matters.
pub(super) fn plain(iso: &str) -> &'static str {
    match iso {
        "k" => "k",
        "q" => "q",
        "kh" | "k͟h" => "kh",
        "g" => "g",
        "gh" | "ġ" => "gh",
        "c" => "ch",
        "ch" => "chh",
        "j" => "j",
        "jh" => "jh",
        "ṭ" | "t" | "ṯ" | "t̤" => "t",
        "ṭh" | "th" => "th",
        "ḍ" | "d" | "ṛ" => "d",
        "ḍh" | "dh" | "ṛh" => "dh",
        "ṅ" | "ñ" | "ṇ" | "n" | "ṉ" => "n",
        "p" => "p",
        "ph" => "ph",
        "f" => "f",
        "b" => "b",
        "bh" => "bh",
        "m" => "m",
        "y" | "ẏ" => "y",
        "r" | "ṟ" | "r̆" => "r",
        "l" | "ḷ" => "l",
        "ḻ" => "zh",
        "v" => "v",
        "w" | "ẉ" => "w",
        "ś" | "ṣ" => "sh",
        "s" | "s̱" | "s̤" => "s",
        "z" | "ẕ" | "ż" | "ẓ" => "z",
        "ž" => "zh",
        "ts" | "ʦ" => "ts",
        "ʦh" => "tsh",
        _ => "h",
    }
}

pub(super) fn is_labial(iso: &str) -> bool {
    matches!(iso, "p" | "ph" | "b" | "bh" | "m")
}
