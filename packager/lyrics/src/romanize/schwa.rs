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
            if !is_open_in_bengali(word) {
                last(word, |_, _| true);
            }
            before_endings(word);
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

/// What keeps its last vowel in Bengali: a participle or quantity in -ta (*koto*, *jibito*), a word in -ha (*deho*), a
/// verb that says what you have done or are (*korechho*, *achho*).
fn is_open_in_bengali(word: &Word<'_>) -> bool {
    let last = word.len().saturating_sub(1);
    let Some(consonant) = word.previous(last).filter(|_| is_inherent(word, last)) else { return false };
    let before = word.previous(consonant);
    let vowel = before.and_then(|at| word.vowel(at));
    match word.consonant(consonant) {
        Some("t") => matches!(vowel, Some("a" | "i" | "r̥")),
        Some("h") => vowel.is_some(),
        Some("ch") => vowel == Some("ē") || vowel == Some("ā") && before == Some(0),
        _ => false,
    }
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

/// In Bengali the second vowel of a word, where an ending follows: of a verb (*bolte*, *korlam*, *cholchhe*, *bolbe*), of
/// a pronoun (*amra*), a classifier (*ganta*); and that of *ek-* (*ekdin*). Others are spoken: *jibone*, *hridoye*.
fn before_endings(word: &mut Word<'_>) {
    let mut vowels = (0..word.len()).filter(|at| word.vowel(*at).is_some());
    let (Some(first), Some(second)) = (vowels.next(), vowels.next()) else { return };
    let Some(consonant) = word.next(second).filter(|_| is_inherent(word, second)) else { return };
    let Some(vowel) = word.next(consonant).and_then(|at| word.vowel(at)) else { return };
    let left = word.previous(second).filter(|left| word.after_vowel(*left));
    let one =
        first == 0 && word.vowel(first) == Some("ē") && left.and_then(|k| word.consonant(k)) == Some("k");
    let ending = match word.consonant(consonant) {
        Some("t" | "l" | "ch" | "ṭ") => true,
        Some("b") => matches!(vowel, "ē" | "i") && word.vowel(first) != Some("ī"),
        Some("r") => matches!(vowel, "ā" | "u"),
        consonant => one && consonant.is_some(),
    };
    if ending && left.is_some() {
        word.silence(second);
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
