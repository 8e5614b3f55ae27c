//! From sounds to letters as people type them: what is common to the languages, and which of them differ.

use super::{
    bengali,
    letters::{is_labial, plain, short_vowel},
    malayalam, north, schwa,
    script::Reading,
    sound::Sound,
    south, tamil,
    word::Word,
};

/// Spells a word: for each of its sounds a piece of ASCII, empty for what is silent.
pub(super) fn spell(reading: Reading, sounds: &[Sound]) -> Vec<String> {
    let mut word = Word::new(sounds);
    schwa::silence(reading, &mut word);
    let piece = |at: usize| match &sounds[at] {
        Sound::Text(readable, _) => (*readable).to_owned(),
        Sound::Halt if reading == Reading::Malayalam => malayalam::half_u(&word, at).to_owned(),
        _ if word.is_silent(at) => String::new(),
        // In a cluster a long consonant is typed once, by its second letter: *marthya*, *kartik*, *unnikrishnan*.
        Sound::Consonant(_) if is_crowded(&word, at) => match word.consonant(at + 1) {
            Some(second) => consonant(reading, &word, at + 1, second).to_owned(),
            None => String::new(),
        },
        Sound::Consonant(_) if at.checked_sub(1).is_some_and(|first| is_crowded(&word, first)) => {
            String::new()
        }
        Sound::Consonant(iso) => consonant(reading, &word, at, iso).to_owned(),
        Sound::Vowel(iso) => vowel(reading, &word, at, iso),
        Sound::Inherent => vowel(reading, &word, at, "a"),
        Sound::Anusvara => anusvara(reading, &word, at).to_owned(),
        Sound::Candrabindu => candrabindu(reading, &word, at).to_owned(),
        Sound::Visarga => visarga(reading, &word, at).to_owned(),
        Sound::Addak => north::doubled(&word, at).to_owned(),
        Sound::Halt => String::new(),
    };
    (0..sounds.len()).map(piece).collect()
}

/// Whether a long consonant begins here that has another consonant before it, or r behind it.
fn is_crowded(word: &Word<'_>, at: usize) -> bool {
    let (Some(first), Some(second)) = (word.consonant(at), word.next_consonant(at)) else { return false };
    let long = first == second || second.strip_suffix('h') == Some(first);
    let before = word.previous_consonant(at).is_some_and(|before| before != first);
    let behind = word.next_consonant(at + 1) == Some("r") || word.vowel(at + 2) == Some("r̥");
    long && (before || behind)
}

fn consonant(reading: Reading, word: &Word<'_>, at: usize, iso: &str) -> &'static str {
    match reading {
        // A long aspirate is typed with one h: *vitthal*.
        _ if iso.ends_with('h') && word.next_consonant(at) == Some(iso) => {
            plain(iso).get(..1).unwrap_or_default()
        }
        Reading::Tamil => tamil::consonant(word, at, iso),
        Reading::Malayalam => malayalam::consonant(word, at, iso),
        Reading::Bengali => bengali::consonant(word, at, iso),
        Reading::Telugu | Reading::Kannada => south::consonant(reading, word, at, iso),
        _ => north::consonant(reading, word, at, iso),
    }
}

fn vowel(reading: Reading, word: &Word<'_>, at: usize, iso: &str) -> String {
    match reading {
        Reading::Tamil | Reading::Telugu | Reading::Kannada | Reading::Malayalam => {
            south::vowel(reading, word, at, iso).to_owned()
        }
        Reading::Bengali => bengali::vowel(word, at, iso).to_owned(),
        Reading::Odia => odia_vowel(word, at, iso).to_owned(),
        _ => north::vowel(reading, word, at, iso),
    }
}

/// Odia writes the lengths of vowels and does not type them, but in words of one syllable.
fn odia_vowel(word: &Word<'_>, at: usize, iso: &str) -> &'static str {
    match iso {
        "ā" if word.is_first_vowel(at) && word.is_final(at) => "aa",
        "r̥" | "r̥̄" => "ru",
        _ => short_vowel(iso),
    }
}

fn anusvara(reading: Reading, word: &Word<'_>, at: usize) -> &'static str {
    use Reading::*;
    let (before, next) = (word.previous(at), word.next_consonant(at));
    let is_last_after = |vowels: &[&str]| {
        let vowel = before.and_then(|before| word.vowel(before));
        word.is_final(at) && vowel.is_some_and(|vowel| vowels.contains(&vowel))
    };
    match reading {
        Bengali => "ng",
        _ if next.is_some_and(is_labial) => "m",
        // *hun*, *maru*: the nasal of an ending is not typed.
        Gujarati if is_last_after(&["u", "ū"]) => "",
        // *karta*, *brahmandma*; but *kyan*
        Gujarati if is_last_after(&["ā"]) && !before.is_some_and(|v| word.is_first_vowel(v)) => "",
        // *mainu*, *tusi*
        Punjabi if is_last_after(&["ī", "ū"]) => "",
        // *deve*, *amha*
        Marathi if next.is_none() && word.is_final(at) => "",
        // *maine*, *unhone*
        Hindi if next == Some("n") => "",
        // *samvad*, but *gaanv*, *kunwar*
        Hindi | Marathi | Gujarati if next == Some("v") && word.is_prefix_sam(at) => "m",
        Hindi | Marathi | Gujarati | Punjabi => "n",
        _ => match next {
            None | Some("y" | "r" | "l" | "v" | "h") => "m",
            Some("s" | "ś" | "ṣ") if reading != Odia => "m",
            _ => "n",
        },
    }
}

fn candrabindu(reading: Reading, word: &Word<'_>, at: usize) -> &'static str {
    let next = word.next_consonant(at);
    match reading {
        Reading::Bengali if next.is_none() => "",
        _ if next.is_some_and(is_labial) => "m",
        // *maa*
        Reading::Hindi | Reading::Punjabi if north::is_maa(word) => "",
        _ => "n",
    }
}

fn visarga(reading: Reading, word: &Word<'_>, at: usize) -> &'static str {
    let Some(next) = word.next_consonant(at) else { return "h" };
    match reading {
        // *dukkho*
        Reading::Bengali => plain(next).get(..1).unwrap_or_default(),
        Reading::Sanskrit => "h",
        // *nishabd*
        _ if matches!(next, "s" | "ś" | "ṣ") => "",
        // *dukh*
        Reading::Hindi | Reading::Marathi | Reading::Gujarati | Reading::Punjabi if next == "kh" => "",
        Reading::Tamil | Reading::Odia => "",
        _ => "h",
    }
}
