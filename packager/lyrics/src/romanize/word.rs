//! The sounds of one orthographic word, and questions that rules of spelling ask about them.

use super::sound::Sound;

/// A word whose vowels were judged: some of them are silent.
pub(super) struct Word<'a> {
    sounds: &'a [Sound],
    silent: Vec<bool>,
}

impl<'a> Word<'a> {
    /// A word in which every sound is spoken.
    pub fn new(sounds: &'a [Sound]) -> Word<'a> {
        Word { sounds, silent: sounds.iter().map(|sound| *sound == Sound::Halt).collect() }
    }

    pub fn sounds(&self) -> &'a [Sound] {
        self.sounds
    }

    pub fn len(&self) -> usize {
        self.sounds.len()
    }

    pub fn sound(&self, at: usize) -> Option<&'a Sound> {
        self.sounds.get(at)
    }

    /// Makes a vowel silent.
    pub fn silence(&mut self, at: usize) {
        if let Some(silent) = self.silent.get_mut(at) {
            *silent = true;
        }
    }

    pub fn is_silent(&self, at: usize) -> bool {
        self.silent.get(at).copied().unwrap_or(true)
    }

    /// The spoken sound after this one.
    pub fn next(&self, at: usize) -> Option<usize> {
        (at + 1..self.len()).find(|i| !self.is_silent(*i))
    }

    /// The spoken sound before this one.
    pub fn previous(&self, at: usize) -> Option<usize> {
        (0..at).rev().find(|i| !self.is_silent(*i))
    }

    /// The consonant right after this sound, with no vowel between, not even a silent one.
    pub fn next_consonant(&self, at: usize) -> Option<&'a str> {
        self.consonant(at + 1)
    }

    /// The consonant right before this sound, with no vowel between, not even a silent one.
    pub fn previous_consonant(&self, at: usize) -> Option<&'a str> {
        self.consonant(at.checked_sub(1)?)
    }

    /// The letter of a consonant, in ISO 15919.
    pub fn consonant(&self, at: usize) -> Option<&'a str> {
        match self.sound(at)? {
            Sound::Consonant(iso) => Some(iso),
            _ => None,
        }
    }

    /// The letter of a spoken vowel, in ISO 15919.
    pub fn vowel(&self, at: usize) -> Option<&'a str> {
        match self.sound(at)? {
            Sound::Vowel(iso) if !self.is_silent(at) => Some(iso),
            Sound::Inherent if !self.is_silent(at) => Some("a"),
            _ => None,
        }
    }

    /// Whether a spoken vowel (nasal or not) precedes.
    pub fn after_vowel(&self, at: usize) -> bool {
        self.previous(at).is_some_and(|previous| self.vowel(previous).is_some())
    }

    /// Whether a spoken vowel follows.
    pub fn before_vowel(&self, at: usize) -> bool {
        self.next(at).is_some_and(|next| self.vowel(next).is_some())
    }

    /// Whether no spoken vowel stands before this sound.
    pub fn is_first_vowel(&self, at: usize) -> bool {
        !(0..at).any(|i| self.vowel(i).is_some())
    }

    /// Whether no spoken vowel stands after this sound.
    pub fn is_last_vowel(&self, at: usize) -> bool {
        !(at + 1..self.len()).any(|i| self.vowel(i).is_some())
    }

    /// Whether no consonant or vowel is spoken after this sound.
    pub fn is_final(&self, at: usize) -> bool {
        !(at + 1..self.len()).any(|i| self.consonant(i).is_some() || self.vowel(i).is_some())
    }

    /// The spoken consonants right after this sound and its nasal, if any.
    pub fn consonants_after(&self, at: usize) -> impl Iterator<Item = usize> + '_ {
        (at + 1..self.len())
            .filter(|i| !self.is_silent(*i))
            .skip_while(|i| self.is_nasal(*i))
            .take_while(|i| self.consonant(*i).is_some())
    }

    /// Whether this nasal is that of the prefix sam-.
    pub fn is_prefix_sam(&self, nasal: usize) -> bool {
        nasal == 2 && self.consonant(0) == Some("s") && self.vowel(1) == Some("a") && self.is_nasal(nasal)
    }

    /// Whether this sound is a vowel that is long by itself.
    pub fn is_long(&self, at: usize) -> bool {
        matches!(self.vowel(at), Some("ā" | "ī" | "ū" | "ē" | "ō"))
    }

    pub fn is_nasal(&self, at: usize) -> bool {
        matches!(self.sound(at), Some(Sound::Anusvara | Sound::Candrabindu))
    }
}
