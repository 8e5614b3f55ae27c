//! ISO 15919: every letter, reversibly.

use unicode_normalization::UnicodeNormalization;

use super::sound::Sound;

/// Writes a word's sounds: for each a piece in Normalization Form C.
pub(super) fn spell(sounds: &[Sound]) -> Vec<String> {
    let before = |at: usize| at.checked_sub(1).and_then(|before| sounds.get(before));
    let piece = |at: usize| match &sounds[at] {
        // §8: a colon keeps apart what would read as one letter, as in `k:ha` and `a:i`.
        Sound::Consonant(iso) => match before(at) {
            Some(Sound::Consonant(stop)) if iso == "h" && has_aspirate(stop) => ":h".to_owned(),
            _ => iso.nfc().collect(),
        },
        Sound::Vowel(iso) => {
            let open = match before(at) {
                Some(Sound::Inherent) => true,
                Some(Sound::Vowel(vowel)) => vowel == "a",
                _ => false,
            };
            let colon = if open && matches!(iso.as_str(), "i" | "u") { ":" } else { "" };
            colon.chars().chain(iso.nfc()).collect()
        }
        Sound::Inherent => "a".to_owned(),
        Sound::Anusvara => "ṁ".to_owned(),
        Sound::Candrabindu => "m̐".to_owned(),
        Sound::Visarga => "ḥ".to_owned(),
        Sound::Addak => match sounds.get(at + 1) {
            Some(Sound::Consonant(iso)) => iso.chars().take(1).collect(),
            _ => String::new(),
        },
        Sound::Halt => String::new(),
        Sound::Text(_, iso) => (*iso).to_owned(),
    };
    (0..sounds.len()).map(piece).collect()
}

fn has_aspirate(stop: &str) -> bool {
    matches!(stop, "k" | "g" | "c" | "j" | "ṭ" | "ḍ" | "t" | "d" | "p" | "b" | "ṛ")
}
