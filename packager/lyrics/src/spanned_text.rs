//! A text and its words as a file states them, word by word.

use crate::{
    Error, Phrase, Word,
    position::FilePosition,
    quote::quote,
    text::{Cut, normalise, without_spaces},
    timed_text::push_printable,
    warning::{WarningKind, Warnings},
};

/// A text as written, and the parts of it that have times.
#[derive(Debug, Default)]
pub(crate) struct SpannedTextBuilder {
    raw: String,
    words: Vec<Timed>,
}

/// A word as stated: bytes of the text as written.
#[derive(Debug)]
struct Timed {
    from: usize,
    to: usize,
    start_ms: i64,
    end_ms: Option<i64>,
    place: FilePosition,
}

impl SpannedTextBuilder {
    /// Bytes of text so far.
    pub(crate) fn len(&self) -> usize {
        self.raw.len()
    }

    /// Timed words so far.
    pub(crate) fn word_count(&self) -> usize {
        self.words.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.words.is_empty() && self.raw.trim().is_empty()
    }

    /// The start of its first word.
    pub(crate) fn start_ms(&self) -> Option<i64> {
        self.words.iter().map(|word| word.start_ms).min()
    }

    /// Text as it is written, control characters made spaces.
    pub(crate) fn push_str(&mut self, text: &str, place: FilePosition, warnings: &mut Warnings) {
        push_printable(&mut self.raw, text, place, warnings);
    }

    /// Text with each run of XML's white space made one space, as TTML has it (`xml:space="default"`).
    pub(crate) fn push_collapsed(&mut self, text: &str, place: FilePosition, warnings: &mut Warnings) {
        let is_space = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r');
        if text.starts_with(is_space) {
            self.push_space();
        }
        for (i, run) in text.split(is_space).filter(|run| !run.is_empty()).enumerate() {
            if i > 0 {
                self.raw.push(' ');
            }
            push_printable(&mut self.raw, run, place, warnings);
        }
        if text.ends_with(is_space) {
            self.push_space();
        }
    }

    /// A space, unless there is one already.
    pub(crate) fn push_space(&mut self) {
        if !self.raw.ends_with(' ') {
            self.raw.push(' ');
        }
    }

    /// The text since `from` is a word of these times.
    pub(crate) fn time_since(
        &mut self,
        from: usize,
        start_ms: i64,
        end_ms: Option<i64>,
        place: FilePosition,
    ) {
        self.words.push(Timed { from, to: self.raw.len(), start_ms, end_ms, place });
    }

    /// The phrase, in Normalization Form C. What is out of order is moved, with a warning: a bound inside a
    /// grapheme cluster, behind the cluster, so that parts of one are a word from the start of the first to the end
    /// of the last; a start before that of the word before it, there; an end after the
    /// start of the next word, there; an end before its own start is left out.
    pub(crate) fn finish(self, warnings: &mut Warnings) -> Result<Phrase, Error> {
        let bounds = self.words.iter().flat_map(|word| [word.from, word.to]);
        let (text, cuts) = normalise(&self.raw, bounds);
        let mut words: Vec<Word> = Vec::with_capacity(self.words.len());
        let mut cuts = cuts.chunks_exact(2);
        for word in &self.words {
            let (from, to) = match cuts.next() {
                Some([from, to]) => (*from, *to),
                _ => (Cut { at: text.len(), moved: false }, Cut { at: text.len(), moved: false }),
            };
            let bytes = without_spaces(&text, from.at, to.at);
            if from.moved || (to.moved && to.at > from.at) {
                warnings.push(word.place, WarningKind::InsideCharacter, || {
                    "a part of a character; its bound was moved behind it".into()
                });
            }
            if bytes.is_empty() {
                // Its text went to the word before it, which lasts as long.
                if let Some(before) = words.last_mut().filter(|_| from.moved) {
                    before.end_ms = before.end_ms.and_then(|end| word.end_ms.map(|own| own.max(end)));
                }
                continue;
            }
            let start_ms = words.last().map_or(word.start_ms, |before| word.start_ms.max(before.start_ms));
            if start_ms > word.start_ms {
                warnings.push(word.place, WarningKind::Times, || {
                    "before the start of the word before it; moved there".into()
                });
            }
            let end_ms = word.end_ms.filter(|end| *end >= start_ms);
            if end_ms != word.end_ms {
                let text = text.get(bytes.clone()).unwrap_or_default();
                warnings.push(word.place, WarningKind::Times, || {
                    format!("{} ends before it starts; its end left out", quote(text))
                });
            }
            if let Some(before) = words.last_mut().filter(|before| before.end_ms > Some(start_ms)) {
                warnings.push(word.place, WarningKind::Times, || {
                    "before the end of the word before it; that ends here".into()
                });
                before.end_ms = None;
            }
            words.push(Word { bytes, start_ms, end_ms });
        }
        Phrase::of_normal(text, words)
    }
}
