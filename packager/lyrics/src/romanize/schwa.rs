//! Which inherent vowels are silent: the last one of a word, and those between two open neighbours, as in
//! `dekhanā`, said *dekhnā* (M. Ohala, Aspects of Hindi Phonology, 1983, on schwa deletion).

use super::{script::Reading, sound::Sound, word::Word};

/// Makes silent what is not spoken.
pub(super) fn silence(reading: Reading, word: &mut Word<'_>) {
    match reading {
        Reading::Hindi | Reading::Marathi | Reading::Gujarati | Reading::Punjabi => {
            if reading == Reading::Punjabi {
                mark_of_case(word);
            }
            // *dharma*, *dirgha*
            let full = |before: &str, last: &str| reading == Reading::Marathi && before == "r" && last != "v";
            last(word, |before, last| sonority(before) < sonority(last) || full(before, last));
            between(reading, word, prefix(word));
            if reading == Reading::Punjabi {
                unwritten_cluster(word);
            }
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

/// Gurmukhi's last i or u after a consonant: in old texts a mark of case that nobody speaks, as in *naal*, *hukam*.
fn mark_of_case(word: &mut Word<'_>) {
    let Some(at) = word.len().checked_sub(1) else { return };
    if matches!(word.vowel(at), Some("i" | "u")) && !word.after_vowel(at) && !word.is_first_vowel(at) {
        word.silence(at);
    }
}

/// Gurmukhi writes no virama for the clusters that end Persian words: *ishk*, *dost*.
fn unwritten_cluster(word: &mut Word<'_>) {
    let Some(at) = (0..word.len()).rev().find(|at| word.vowel(*at).is_some()) else { return };
    let (Some(before), Some(last)) = (word.previous(at), word.next(at)) else { return };
    let sibilant = matches!(word.consonant(before), Some("s" | "ś"));
    let stop = matches!(word.consonant(last), Some("k" | "t" | "ṭ" | "p"));
    if is_inherent(word, at) && sibilant && stop && word.after_vowel(before) && word.is_final(last) {
        word.silence(at);
    }
}

/// From the end: an inherent vowel between vowel + consonant and consonant + vowel.
fn between(reading: Reading, word: &mut Word<'_>, from: usize) {
    for at in (from..word.len()).rev() {
        if !is_inherent(word, at) || word.is_first_vowel(at) || word.is_last_vowel(at) {
            continue;
        }
        let (Some(left), Some(right)) = (word.previous(at), word.next(at)) else { continue };
        let (Some(left_of), Some(right_of)) = (word.consonant(left), word.consonant(right)) else { continue };
        let Some(vowel) = word.next(right).filter(|next| word.vowel(*next).is_some()) else { continue };
        // *parhna*
        let aspirated =
            reading == Reading::Punjabi && left_of == "h" && word.previous_consonant(left).is_some();
        let open_left = word.after_vowel(left)
            || aspirated
            || word.previous(left).is_some_and(|sign| match word.sound(sign) {
                // *bhullna*
                Some(Sound::Addak) => true,
                _ => word.is_nasal(sign) && after_nasal(reading, word, sign, right_of, vowel),
            });
        let kept = match reading {
            Reading::Punjabi => false,
            _ => is_learned(word, left, vowel) || is_diminutive(reading, word, vowel),
        };
        let kept = kept
            || match reading {
                Reading::Marathi => left_of == right_of || marathi(word, left, right, vowel),
                Reading::Gujarati => left_of == right_of,
                _ => false,
            };
        if open_left && !kept {
            word.silence(at);
        }
    }
}

/// After a nasal and its stop: *pinjra*, *chandni*, but *zindagi*. A short vowel before them leaves a cluster, and what
/// ends in i, in Marathi in e, carries it: *manjari*, *anjali*, *kundale*.
fn after_nasal(reading: Reading, word: &Word<'_>, nasal: usize, right: &str, vowel: usize) -> bool {
    let flap = right == "ḍ" && matches!(reading, Reading::Gujarati | Reading::Marathi);
    let long = word.previous(nasal).is_some_and(|before| word.is_long(before));
    let nasal_vowel = long || word.sound(nasal) == Some(&Sound::Candrabindu);
    let carried = match word.vowel(vowel) {
        Some("i" | "ī") => true,
        Some("ē") => reading == Reading::Marathi,
        _ => false,
    };
    (sonority(right) > 0 || flap) && (nasal_vowel || !carried)
}

/// Learned words keep their vowels: what ends in a short i or u (*pragati*), a word behind another one's cluster
/// (*indradhanush*, *satyavati*; but *vaishnavjan*).
fn is_learned(word: &Word<'_>, left: usize, vowel: usize) -> bool {
    let short =
        matches!(word.vowel(vowel), Some("i" | "u")) && word.is_final(vowel) && word.next(vowel).is_none();
    let behind_cluster = word.sound(vowel) != Some(&Sound::Inherent)
        && word.previous(left).is_some_and(|before| {
            is_inherent(word, before)
                && before.checked_sub(1).is_some_and(|second| word.previous_consonant(second).is_some())
                && !word.is_first_vowel(before)
        });
    short || behind_cluster
}

/// *-iya* of a small or dear thing: *chadariya*, *sanwariya*; but a plural has a nasal: *ladkiyan*.
fn is_diminutive(reading: Reading, word: &Word<'_>, vowel: usize) -> bool {
    reading == Reading::Hindi
        && word.vowel(vowel) == Some("i")
        && word.next_consonant(vowel) == Some("y")
        && word.vowel(vowel + 2) == Some("ā")
        && vowel + 3 == word.len()
}

/// What Marathi speaks and Hindi does not: before n and y (*gagane*, *hridayi*), in a locative of ṇ (*shravani*; but
/// *karne*), in *-vari* after a long vowel (*vitevari*), and in learned words in *-ti*, which it writes long (*ganpati*).
fn marathi(word: &Word<'_>, left: usize, right: usize, vowel: usize) -> bool {
    let (left_of, long_i) = (word.consonant(left), word.vowel(vowel) == Some("ī"));
    let after_long = word.previous(left).is_some_and(|before| word.is_long(before));
    let v_after_long = left_of == Some("v") && after_long;
    match word.consonant(right) {
        Some("n" | "y") => true,
        Some("ṇ") => long_i && word.is_final(vowel),
        Some("t") => {
            long_i && word.is_final(vowel) && (matches!(left_of, Some("g" | "m" | "p")) || v_after_long)
        }
        Some("r") => long_i && v_after_long,
        _ => false,
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
