use core::ops::Range;

use serde::Serialize;
use unicode_normalization::is_nfc;

use super::at_most;
use crate::{Error, limit, text::Boundaries};

/// A text and the times of its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Phrase {
    text: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    words: Vec<Word>,
}

/// A timed word or syllable: a part of a [`Phrase`]'s text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Word {
    /// Where it stands: UTF-8 bytes of the text, the end excluded; both on boundaries of grapheme clusters.
    pub bytes: Range<usize>,
    /// When it starts, in ms of source time.
    pub start_ms: i64,
    /// When it ends; `None` if it is over when the next word starts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_ms: Option<i64>,
}

impl Phrase {
    /// A text with timed words in it; what no word covers is untimed. An end at the start of the next word
    /// says nothing more than that start, and is held as none.
    ///
    /// # Errors
    /// If the text is not in Unicode Normalization Form C (UAX #15), has control characters or white space
    /// around it, or if it or its words are too many ([`limit`]); if words are empty, overlap, leave the text or
    /// cut a grapheme cluster (UAX #29); if they are out of order, overlap in time, end before they start, or lie
    /// beyond [`limit::TIME_MS`].
    pub fn new(text: impl Into<String>, words: Vec<Word>) -> Result<Phrase, Error> {
        let text = text.into();
        if text.trim() != text || text.chars().any(char::is_control) {
            return Err(Error::Model("a text has no control characters, and no white space around it"));
        }
        if !text.is_ascii() && !is_nfc(&text) {
            return Err(Error::Model("a text is in Unicode Normalization Form C"));
        }
        check_bounds(&text, &words)?;
        Phrase::of_normal(text, words)
    }

    /// Of a text that was just normalised and trimmed, and of words whose bounds were just put between clusters.
    pub(crate) fn of_normal(text: String, mut words: Vec<Word>) -> Result<Phrase, Error> {
        debug_assert!(
            text.trim() == text && is_nfc(&text) && check_bounds(&text, &words).is_ok(),
            "{text:?}"
        );
        at_most("bytes of text in a line", text.len(), limit::TEXT_BYTES)?;
        at_most("words in a line", words.len(), limit::WORDS_PER_LINE)?;
        check_words(&words)?;
        let mut next = None;
        for word in words.iter_mut().rev() {
            word.end_ms = word.end_ms.filter(|end| Some(*end) != next);
            next = Some(word.start_ms);
        }
        Ok(Phrase { text, words })
    }

    pub(super) fn shifted(mut self, by_ms: i64) -> Result<Phrase, Error> {
        for word in &mut self.words {
            word.start_ms += by_ms;
            word.end_ms = word.end_ms.map(|end| end + by_ms);
            check_span(word.start_ms, word.end_ms)?;
        }
        Ok(self)
    }

    /// Forgets an end of the last word that is that of the line.
    pub(super) fn end_with(&mut self, line_end: Option<i64>) {
        if let Some(last) = self.words.last_mut().filter(|last| last.end_ms == line_end) {
            last.end_ms = None;
        }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The timed words or syllables, in order of text and of start.
    pub fn words(&self) -> &[Word] {
        &self.words
    }

    /// The text of one of its words; empty for a word of another phrase.
    pub fn word_text(&self, word: &Word) -> &str {
        self.text.get(word.bytes.clone()).unwrap_or_default()
    }
}

/// Whether words begin and end between clusters, one after the other.
fn check_bounds(text: &str, words: &[Word]) -> Result<(), Error> {
    let mut boundaries = Boundaries::of(text);
    let mut reach = |offset: usize| {
        if text.is_char_boundary(offset) && boundaries.at_or_after(offset) == offset {
            Ok(())
        } else {
            Err(Error::Model("words begin and end between grapheme clusters of their text"))
        }
    };
    let mut end = 0;
    for word in words {
        if word.bytes.is_empty() || word.bytes.start < end {
            return Err(Error::Model("words are not empty and follow each other in their text"));
        }
        reach(word.bytes.start)?;
        reach(word.bytes.end)?;
        end = word.bytes.end;
    }
    Ok(())
}

fn check_words(words: &[Word]) -> Result<(), Error> {
    let mut previous: Option<&Word> = None;
    for word in words {
        check_span(word.start_ms, word.end_ms)?;
        if previous.is_some_and(|p| word.start_ms < p.start_ms) {
            return Err(Error::Model("words are in order of their start"));
        }
        if previous.is_some_and(|p| p.end_ms > Some(word.start_ms)) {
            return Err(Error::Model("a word is over when the next one starts"));
        }
        previous = Some(word);
    }
    Ok(())
}

/// Whether both times are in reach and in order.
pub(super) fn check_span(start_ms: i64, end_ms: Option<i64>) -> Result<(), Error> {
    let in_reach = |ms: i64| ms.unsigned_abs() <= limit::TIME_MS.unsigned_abs();
    if !in_reach(start_ms) || !end_ms.is_none_or(in_reach) {
        return Err(Error::Model("times are at most 100 hours"));
    }
    match end_ms {
        Some(end) if end < start_ms => Err(Error::Model("nothing ends before it starts")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(from: usize, to: usize, start_ms: i64) -> Word {
        Word { bytes: from..to, start_ms, end_ms: None }
    }

    #[test]
    fn words_never_cut_a_grapheme_cluster() {
        // क + virama + ष + vowel sign: one conjunct of four code points (UAX #29 GB9c), then लि.
        let text = "क्षालि";
        assert_eq!(text.len(), 18);
        for bytes in [[(0, 12), (12, 18)].as_slice(), &[(0, 18)], &[(12, 18)], &[]] {
            let words = bytes.iter().map(|&(from, to)| word(from, to, 0)).collect();
            assert!(Phrase::new(text, words).is_ok(), "{bytes:?}");
        }
        for (from, to) in
            [(0, 3), (0, 6), (0, 9), (6, 12), (9, 12), (12, 15), (15, 18), (1, 12), (0, 19), (18, 19)]
        {
            assert!(
                matches!(Phrase::new(text, vec![word(from, to, 0)]), Err(Error::Model(_))),
                "{from}..{to}"
            );
        }
        // An emoji of several code points, a flag, e with a combining accent that has no composed form.
        for (text, inside) in [("👩‍🎤!", 4), ("🇮🇩!", 4), ("x\u{301}!", 1)] {
            assert!(Phrase::new(text, vec![word(0, text.len() - 1, 0)]).is_ok());
            assert!(Phrase::new(text, vec![word(0, inside, 0)]).is_err(), "{text}");
        }
    }

    #[test]
    fn words_follow_each_other() {
        assert!(Phrase::new("ab cd", vec![word(0, 2, 5), word(3, 5, 5)]).is_ok());
        for words in [
            vec![word(0, 2, 5), word(1, 3, 6)],
            vec![word(3, 5, 5), word(0, 2, 6)],
            vec![word(0, 2, 6), word(3, 5, 5)],
            vec![word(2, 2, 0)],
            vec![Word { bytes: 0..2, start_ms: 5, end_ms: Some(4) }],
            vec![word(0, 2, limit::TIME_MS + 1)],
            vec![word(0, 2, i64::MIN)],
        ] {
            assert!(matches!(Phrase::new("ab cd", words.clone()), Err(Error::Model(_))), "{words:?}");
        }
        let reversed = Word { bytes: Range { start: 2, end: 0 }, start_ms: 0, end_ms: None };
        assert!(Phrase::new("ab cd", vec![reversed]).is_err());
    }

    #[test]
    fn text_is_normalised_bare_and_bounded() {
        for bad in [" a", "a ", "a\nb", "a\0b", "e\u{301}", "क\u{958}"] {
            assert!(Phrase::new(bad, vec![]).is_err(), "{bad:?}");
        }
        assert!(Phrase::new("x".repeat(limit::TEXT_BYTES), vec![]).is_ok());
        assert!(matches!(Phrase::new("x".repeat(limit::TEXT_BYTES + 1), vec![]), Err(Error::Limit { .. })));
        let words = |n| (0..n).map(|i| word(i, i + 1, 0)).collect();
        let text = "x".repeat(2000);
        assert!(Phrase::new(text.as_str(), words(limit::WORDS_PER_LINE)).is_ok());
        assert!(matches!(Phrase::new(text, words(limit::WORDS_PER_LINE + 1)), Err(Error::Limit { .. })));
    }
}
