//! From letters to sounds: what is written in one grapheme cluster, in the letters of ISO 15919.

use vidyut_lipi::{Mapping, Scheme, transliterate};

use super::script::Script;

/// A part of a written syllable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sound {
    /// A consonant without a vowel, in ISO 15919: `kh`, `ṭ`.
    Consonant(String),
    /// A vowel that is written, in ISO 15919: `ā`, `ai`.
    Vowel(String),
    /// The vowel a consonant has by itself.
    Inherent,
    /// A nasal at the place of what follows (`ṁ`).
    Anusvara,
    /// A nasal vowel (`m̐`).
    Candrabindu,
    /// A breath (`ḥ`).
    Visarga,
    /// Gurmukhi's sign that the next consonant is long.
    Addak,
    /// A virama that joins no two consonants: silence, Malayalam's half-u, Bengali's vowel and ya-phala.
    Halt,
    /// No sound: a digit, a sign, a full stop; readable, and in ISO 15919.
    Text(&'static str, &'static str),
}

use Sound::*;

/// Reads the letters of one script.
pub(super) struct Letters {
    script: Script,
    mapping: Mapping,
}

impl Letters {
    pub fn new(script: Script) -> Letters {
        Letters { script, mapping: Mapping::new(script.scheme(), Scheme::Iso15919) }
    }

    pub fn script(&self) -> Script {
        self.script
    }

    /// The sounds of a grapheme cluster, none for a sign that stands alone. What is of another script is
    /// left out here, since clusters mix scripts by mistake only.
    pub fn sounds(&self, cluster: &str) -> Vec<Sound> {
        let mut sounds: Vec<Sound> = Vec::new();
        let mut chars = cluster.chars().peekable();
        while let Some(c) = chars.next() {
            // Virama and joiner are how chillus were written before they had code points.
            if c == '\u{200d}' && self.script == Script::Malayalam {
                sounds.pop_if(|last| *last == Halt);
            }
            let Some((script, place)) = Script::of(c).filter(|(script, _)| *script == self.script) else {
                continue;
            };
            let nukta = chars.next_if(|next| matches!(Script::of(*next), Some((_, NUKTA))));
            match class(script, place) {
                Class::Consonant | Class::Dead => {
                    let Some(iso) = self.consonant(c, nukta) else { continue };
                    join(&mut sounds);
                    sounds.push(Consonant(iso));
                    if matches!(class(script, place), Class::Consonant) {
                        sounds.push(Inherent);
                    }
                }
                Class::Vowel => sounds.extend(self.vowel(c).map(Vowel)),
                Class::Sign => {
                    let vowel = self.vowel(c);
                    if vowel.is_some() && sounds.last() == Some(&Inherent) {
                        sounds.pop();
                    }
                    sounds.extend(vowel.map(Vowel));
                }
                Class::Virama => {
                    sounds.pop_if(|last| *last == Inherent);
                    if let Some(Consonant(iso)) = sounds.last_mut()
                        && c == '्'
                        && iso == "ṟ"
                    {
                        *iso = "r̆".to_owned(); // Marathi's half ऱ
                    }
                    if matches!(sounds.last(), Some(Consonant(_) | Vowel(_))) {
                        sounds.push(Halt);
                    }
                }
                Class::Sound(sound) => sounds.push(sound),
                Class::None => {}
            }
        }
        sounds
    }

    fn consonant(&self, c: char, nukta: Option<char>) -> Option<String> {
        let bare = |written: &str| {
            let iso = known(transliterate(written, &self.mapping))?;
            Some(iso.strip_suffix('a').map_or(iso.clone(), str::to_owned))
        };
        nukta
            .and_then(|nukta| bare(&String::from_iter([c, nukta])))
            .or_else(|| unknown_consonant(c).map(str::to_owned))
            .or_else(|| bare(c.encode_utf8(&mut [0; 4])))
    }

    fn vowel(&self, c: char) -> Option<String> {
        let iso = match c {
            'ॅ' | 'ॲ' | 'ઍ' | 'ૅ' | 'ऍ' => "ê",
            'ॉ' | 'ऑ' | 'ઑ' | 'ૉ' => "ô",
            'ऄ' => "e",
            'ऺ' | 'ॳ' => "u",
            'ऻ' | 'ॴ' => "ô",
            'ॏ' | 'ॵ' | 'ൗ' => "au",
            'ॖ' | 'ॶ' => "u",
            'ॗ' | 'ॷ' => "ū",
            'ॕ' => "ê",
            _ => return known(transliterate(c.encode_utf8(&mut [0; 4]), &self.mapping)),
        };
        Some(iso.to_owned())
    }
}

/// Before another consonant: the virama of the one before has done its work.
pub(super) fn join(sounds: &mut Vec<Sound>) {
    if let [.., Consonant(_), Halt] = sounds.as_slice() {
        sounds.pop();
    }
}

/// What the transliterator does not know comes back as it was.
fn known(iso: String) -> Option<String> {
    (!iso.is_empty() && !iso.chars().any(|c| Script::of(c).is_some())).then_some(iso)
}

/// Consonants the transliterator does not know: those of Assamese, Odia's wa, Telugu's affricates, Sindhi's
/// implosives, rare ones of Malayalam.
fn unknown_consonant(c: char) -> Option<&'static str> {
    Some(match c {
        'ৰ' | 'ൎ' | 'ౚ' => "r",
        'ৱ' | 'ୱ' => "w",
        'ౘ' => "ts",
        'ౙ' => "z",
        'ೝ' | 'ౝ' | 'ഩ' => "n",
        'ഺ' => "ṯ",
        'ൔ' => "m",
        'ൕ' | 'ੵ' | 'ॺ' => "y",
        'ൖ' => "ḻ",
        'ॹ' | 'ૹ' => "ž",
        'ॻ' => "g",
        'ॼ' => "j",
        'ॾ' => "ḍ",
        'ॿ' => "b",
        _ => return None,
    })
}

const NUKTA: u8 = 0x3c;

enum Class {
    Consonant,
    /// A consonant that never has a vowel.
    Dead,
    Vowel,
    Sign,
    Virama,
    Sound(Sound),
    None,
}

/// What stands at a place of a script's block.
fn class(script: Script, place: u8) -> Class {
    use Script::*;
    match (script, place) {
        (Tamil, 0x03) => Class::Dead,
        (Bengali, 0x4e) | (Malayalam, 0x4e | 0x54..=0x56 | 0x7a..=0x7f) | (Telugu | Kannada, 0x5d) => {
            Class::Dead
        }
        (Bengali, 0x70 | 0x71) | (Odia, 0x71) | (Gujarati, 0x79) | (Gurmukhi, 0x75) => Class::Consonant,
        (Devanagari, 0x78..=0x7c | 0x7e | 0x7f) | (Malayalam, 0x3a) => Class::Consonant,
        (Devanagari, 0x3a | 0x3b | 0x4f | 0x55..=0x57) | (Malayalam, 0x57) => Class::Sign,
        (Devanagari, 0x72..=0x77) => Class::Vowel,
        (Gurmukhi, 0x70) => Class::Sound(Anusvara),
        (Gurmukhi, 0x71) => Class::Sound(Addak),
        (Gurmukhi, 0x74) => Class::Sound(Text("ik onkar", "ikka ōaṁkāra")),
        (Kannada, 0x71 | 0x72) => Class::Sound(Visarga),
        (Bengali, 0x72 | 0x73) => Class::Sound(Text("Tk", "Tk")),
        (Gujarati, 0x71) | (Tamil, 0x79) => Class::Sound(Text("Rs", "Rs")),
        (Tamil, 0x70) => Class::Sound(Text("10", "10")),
        (Tamil, 0x71) => Class::Sound(Text("100", "100")),
        (Tamil, 0x72) => Class::Sound(Text("1000", "1000")),
        (Devanagari | Gujarati, 0x70) => Class::Sound(Text(".", ".")),
        (_, 0x00 | 0x01) => Class::Sound(Candrabindu),
        (_, 0x02) => Class::Sound(Anusvara),
        (_, 0x03) => Class::Sound(Visarga),
        (_, 0x04..=0x14 | 0x60 | 0x61) => Class::Vowel,
        (_, 0x15..=0x39 | 0x58..=0x5f) => Class::Consonant,
        (_, 0x3d) => Class::Sound(Text("'", "’")),
        (_, 0x3e..=0x4c | 0x62 | 0x63) => Class::Sign,
        (_, 0x4d) => Class::Virama,
        (_, 0x50) => Class::Sound(Text("om", "ōṁ")),
        (_, 0x64 | 0x65) => Class::Sound(Text(".", ".")),
        (_, 0x66..=0x6f) => {
            const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
            let digit = DIGITS[usize::from(place - 0x66)];
            Class::Sound(Text(digit, digit))
        }
        _ => Class::None,
    }
}
