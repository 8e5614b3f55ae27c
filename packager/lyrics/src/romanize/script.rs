//! The scripts, and whose rules of reading apply to a text in one of them.

use vidyut_lipi::Scheme;

/// A script whose letters carry an inherent vowel: nine of India's, each a block of 128 code points that has
/// the same letter at the same place (The Unicode Standard, chapter 12).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Script {
    Devanagari,
    Bengali,
    Gurmukhi,
    Gujarati,
    Odia,
    Tamil,
    Telugu,
    Kannada,
    Malayalam,
}

use Script::*;

/// By block, from U+0900 on: ISO 15924, and the transliterator's name of it.
const BLOCKS: [(Script, &str, Scheme); 9] = [
    (Devanagari, "Deva", Scheme::Devanagari),
    (Bengali, "Beng", Scheme::Bengali),
    (Gurmukhi, "Guru", Scheme::Gurmukhi),
    (Gujarati, "Gujr", Scheme::Gujarati),
    (Odia, "Orya", Scheme::Odia),
    (Tamil, "Taml", Scheme::Tamil),
    (Telugu, "Telu", Scheme::Telugu),
    (Kannada, "Knda", Scheme::Kannada),
    (Malayalam, "Mlym", Scheme::Malayalam),
];

impl Script {
    /// The script of a character and its place in the block, 0 to 127.
    pub fn of(c: char) -> Option<(Script, u8)> {
        let from_first = u32::from(c).checked_sub(0x900)?;
        let (script, _, _) = BLOCKS.get(usize::try_from(from_first / 0x80).ok()?)?;
        Some((*script, u8::try_from(from_first % 0x80).ok()?))
    }

    /// Four letters of ISO 15924.
    pub fn code(self) -> &'static str {
        BLOCKS[self as usize].1
    }

    /// What the transliterator calls it.
    pub fn scheme(self) -> Scheme {
        BLOCKS[self as usize].2
    }
}

/// How a text is read aloud, and how that is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    Hindi,
    Marathi,
    Gujarati,
    Punjabi,
    /// Every inherent vowel is spoken.
    Sanskrit,
    Bengali,
    Odia,
    Tamil,
    Telugu,
    Kannada,
    Malayalam,
}

impl Reading {
    /// The reading of a script in a layer of this primary language. A language that has no rules of its own
    /// is read like the one that is most written in its script.
    pub fn of(script: Script, language: &str) -> Reading {
        match (script, language) {
            (Tamil, _) => Reading::Tamil,
            (Malayalam, _) => Reading::Malayalam,
            (Bengali, _) => Reading::Bengali,
            (_, "sa" | "pi") => Reading::Sanskrit,
            (Devanagari, "mr" | "kok") => Reading::Marathi,
            (Devanagari, _) => Reading::Hindi,
            (Gurmukhi, _) => Reading::Punjabi,
            (Gujarati, _) => Reading::Gujarati,
            (Odia, _) => Reading::Odia,
            (Telugu, _) => Reading::Telugu,
            (Kannada, _) => Reading::Kannada,
        }
    }
}
