//! व is one letter, typed v or w.

use super::{iso15919, script::Reading, word::Word};

/// *hawa*, *ishwar*, *wafa*; but *jeevan*, *vastu*, *sarv*, *dev*.
pub(super) fn consonant(reading: Reading, word: &Word<'_>, at: usize) -> &'static str {
    let vowel = word.next(at).and_then(|next| word.vowel(next));
    if let Some(before) = word.previous_consonant(at) {
        // *tasveer*, *tapasvi*; but *sweekar*
        let inside = at > 1 && before == "s" && matches!(vowel, Some("i" | "ī" | "ē"));
        return if inside { "v" } else { after(before) };
    }
    if !matches!(reading, Reading::Hindi | Reading::Punjabi) {
        return "v";
    }
    let initial = word.previous(at).is_none();
    let between_vowels = word.after_vowel(at);
    let after_e = word.previous(at).is_some_and(|before| word.vowel(before) == Some("ē"));
    let is_w = match vowel {
        // *samvad*
        _ if at.checked_sub(1).is_some_and(|nasal| word.is_prefix_sam(nasal)) => false,
        // *wazir*, *bewafa*
        Some("a" | "ā" | "ō" | "u") if reading == Reading::Hindi && has_letter_of_urdu(word) => true,
        _ if reading == Reading::Hindi && initial => is_from_urdu(word),
        // *seva*
        Some("ā" | "ō") => !after_e || reading == Reading::Punjabi,
        Some("a") => !between_vowels,
        _ => false,
    };
    if is_w { "w" } else { "v" }
}

/// In a cluster: *swami*, *ishwar*, *dwar*, *jwala*, *khwab*; but *sarv*, *jihva*, *tatva*.
pub(super) fn after(consonant: &str) -> &'static str {
    if matches!(consonant, "s" | "ś" | "d" | "dh" | "j" | "k͟h" | "kh") { "w" } else { "v" }
}

/// Letters that only words of Persian and Arabic have: क़ ख़ ग़ ज़ फ़.
fn has_letter_of_urdu(word: &Word<'_>) -> bool {
    (0..word.len()).any(|at| matches!(word.consonant(at), Some("q" | "k͟h" | "ġ" | "z" | "f")))
}

/// Words typed with w whose letters do not tell: the pronouns and adverbs of *woh*, *wala*, and the Urdu words that
/// songs have, here in ISO 15919.
fn is_from_urdu(word: &Word<'_>) -> bool {
    const WORDS: [&str; 20] = [
        "vō",
        "vōha",
        "vaha",
        "vahāṁ",
        "vahām̐",
        "vahīṁ",
        "vahī",
        "vaisā",
        "vaisē",
        "vaisī",
        "vālā",
        "vālē",
        "vālī",
        "vālōṁ",
        "vakta",
        "vāha",
        "vādā",
        "vādē",
        "vādōṁ",
        "varanā",
    ];
    const STEMS: [&str; 8] = ["vatan", "vaphā", "vajah", "vāpas", "vāris", "vālid", "vāstē", "vallāh"];
    let iso = iso15919::spell(word.sounds()).concat();
    WORDS.contains(&iso.as_str()) || STEMS.iter().any(|stem| iso.starts_with(stem))
}
