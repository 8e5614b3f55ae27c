//! Which inherent vowels are silent: the last one of a word, and those between two open neighbours, as in
//! `dekhanā`, said *dekhnā* (M. Ohala, Aspects of Hindi Phonology, 1983, on schwa deletion).

use super::{script::Reading, sound::Sound, word::Word};

/// Makes silent what is not spoken.
pub(super) fn silence(reading: Reading, word: &mut Word<'_>) {
    match reading {
        Reading::Hindi | Reading::Marathi | Reading::Gujarati | Reading::Punjabi => {
            last(word, |before, consonant| sonority(before) < sonority(consonant));
            between(word, prefix(word), reading != Reading::Punjabi);
        }
        Reading::Bengali => {
            if !is_participle(word) {
                last(word, |_, _| true);
            }
            between(word, 0, false);
        }
        _ => {}
    }
}

/// The last inherent vowel, unless it is the only vowel or has to carry a cluster: in Hindi one that rises in
/// sonority (*mitra*, *satya*; but *dost*, *dharm*), in Bengali any (*anondo*, *dukkho*).
fn last(word: &mut Word<'_>, is_carried: impl Fn(&str, &str) -> bool) {
    let Some(at) = word.len().checked_sub(1) else { return };
    if !is_inherent(word, at) || word.is_first_vowel(at) {
        return;
    }
    let Some(consonant) = word.previous(at) else { return };
    let Some(before) = word.previous(consonant) else { return };
    let carried = match word.sound(before) {
        Some(Sound::Visarga) => is_carried("h", ""),
        _ => word
            .consonant(before)
            .zip(word.consonant(consonant))
            .is_some_and(|(before, last)| is_carried(before, last)),
    };
    if !carried {
        word.silence(at);
    }
}

/// A Bengali participle or quantity in -ta keeps its vowel: *koto*, *jibito*.
fn is_participle(word: &Word<'_>) -> bool {
    let last = word.len().saturating_sub(1);
    let Some(consonant) = word.previous(last).filter(|at| word.consonant(*at) == Some("t")) else {
        return false;
    };
    is_inherent(word, last)
        && word.previous(consonant).is_some_and(|vowel| matches!(word.vowel(vowel), Some("a" | "i" | "r̥")))
}

/// How many sounds of a word are the prefix *be-*, without: what follows it is a word of its own, as in *bewafa*.
/// A verb such as *bechna* has its ending instead.
fn prefix(word: &Word<'_>) -> usize {
    let (b, e) = (word.consonant(0), word.vowel(1));
    let verb = matches!(word.consonant(word.len().saturating_sub(2)), Some("n" | "t"));
    if b == Some("b") && e == Some("ē") && !verb { 4 } else { 0 }
}

/// From the end: an inherent vowel between vowel + consonant and consonant + vowel. What is `learned` ends in a
/// short vowel and keeps them, as in *pragati*.
fn between(word: &mut Word<'_>, from: usize, learned: bool) {
    for at in (from..word.len()).rev() {
        if !is_inherent(word, at) || word.is_first_vowel(at) || word.is_last_vowel(at) {
            continue;
        }
        let right = word.next(at).filter(|next| word.consonant(*next).is_some());
        let open_right =
            right.and_then(|right| word.next(right)).is_some_and(|next| match word.vowel(next) {
                Some("i" | "u") => !learned || !word.is_final(next) || word.next(next).is_some(),
                vowel => vowel.is_some(),
            });
        let left = word.previous(at).filter(|previous| word.consonant(*previous).is_some());
        let open_left = left.is_some_and(|left| {
            let sonorant = right.and_then(|right| word.consonant(right)).is_some_and(|c| sonority(c) > 0);
            word.after_vowel(left)
                || sonorant && word.previous(left).is_some_and(|nasal| word.is_nasal(nasal))
        });
        if open_left && open_right {
            word.silence(at);
        }
    }
}

fn is_inherent(word: &Word<'_>, at: usize) -> bool {
    matches!(word.sound(at), Some(Sound::Inherent)) && !word.is_silent(at)
}

/// 0 for obstruents, then nasals, v, liquids, y.
fn sonority(consonant: &str) -> u8 {
    match consonant {
        "y" | "ẏ" => 4,
        "r" | "l" | "ḷ" | "ṛ" | "ṛh" | "ṟ" | "ḻ" => 3,
        "v" | "w" => 2,
        "m" | "n" | "ṇ" | "ñ" | "ṅ" | "ṉ" => 1,
        _ => 0,
    }
}
