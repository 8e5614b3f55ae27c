//! Text with time stamps in it, each for what follows it: the words of enhanced LRC and of WebVTT.

use crate::{
    Word,
    position::FilePosition,
    quote::quote,
    text::{Boundaries, Cut, normalise, without_spaces},
    warning::{WarningKind, Warnings},
};

/// Builds a text with timed words from a line as written and the stamps within it.
#[derive(Default)]
pub(crate) struct TimedTextBuilder {
    raw: String,
    marks: Vec<Mark>,
}

/// A stamp within a line.
struct Mark {
    /// Bytes of text before it.
    at: usize,
    ms: i64,
    place: FilePosition,
}

impl TimedTextBuilder {
    /// Text as it is written, control characters made spaces; the first that is none of white space is named.
    pub(crate) fn push_str(&mut self, text: &str, place: FilePosition, warnings: &mut Warnings) {
        push_printable(&mut self.raw, text, place, warnings);
    }

    /// A time for the text that follows.
    pub(crate) fn push_stamp(&mut self, ms: i64, place: FilePosition) {
        self.marks.push(Mark { at: self.raw.len(), ms, place });
    }

    /// The first stamp as written.
    pub(crate) fn first_stamp(&self) -> Option<i64> {
        self.marks.first().map(|mark| mark.ms)
    }

    /// The stamp that follows all of the text, if none stands before a part of it: it times no word and ends the line.
    pub(crate) fn take_end(&mut self) -> Option<(i64, FilePosition)> {
        let first = self.marks.first()?;
        let (before, after) = self.raw.split_at_checked(first.at)?;
        if before.trim().is_empty() || !after.trim().is_empty() {
            return None;
        }
        let end = (first.ms, first.place);
        self.marks.clear();
        Some(end)
    }

    /// The text so far ends with white space that is a character of its own.
    pub(crate) fn ends_with_space(&self) -> bool {
        let last = self.raw.char_indices().next_back().filter(|(_, c)| c.is_whitespace());
        last.is_some_and(|(at, _)| Boundaries::of(&self.raw).at_or_after(at) == at)
    }

    /// The text so far is blank.
    pub(crate) fn is_blank(&self) -> bool {
        self.raw.trim().is_empty()
    }

    /// The text in Normalization Form C, and what its stamps time.
    ///
    /// A stamp that no text follows, before the next stamp or the end of the line, ends the word before it.
    /// Text before the first stamp is a word that starts with the line. What is out of order is moved, with a
    /// warning: a stamp inside a grapheme cluster, behind the cluster; a start before that of the word before
    /// it, there; an end after the start of the next word, there.
    pub(crate) fn words(mut self, line_start: i64, warnings: &mut Warnings) -> (String, Vec<Word>) {
        let untimed = self.marks.first().map_or("", |mark| self.raw.get(..mark.at).unwrap_or_default());
        if !untimed.trim().is_empty() {
            self.marks.insert(0, Mark { at: 0, ms: line_start, place: FilePosition::default() });
        }
        let (text, cuts) = normalise(&self.raw, self.marks.iter().map(|mark| mark.at));
        let mut words: Vec<Word> = Vec::with_capacity(self.marks.len());
        for (i, mark) in self.marks.iter().enumerate() {
            let cut = |i: usize| cuts.get(i).copied().unwrap_or(Cut { at: text.len(), moved: false });
            if cut(i).moved {
                warnings.push(mark.place, WarningKind::InsideCharacter, || {
                    let cluster = text.get(..cut(i).at).and_then(last_cluster).unwrap_or_default();
                    format!("inside the character {}; moved behind it", quote(cluster))
                });
            }
            let bytes = without_spaces(&text, cut(i).at, cut(i + 1).at);
            if bytes.is_empty() && (cut(i).moved || words.last().is_none_or(|before| before.end_ms.is_some()))
            {
                // Its text went to the word before it, or there is no word that it could end.
                continue;
            }
            let ms = words.last().map_or(mark.ms, |before| mark.ms.max(before.start_ms));
            if ms > mark.ms {
                warnings.push(mark.place, WarningKind::Times, || {
                    "before the start of the word before it; moved there".into()
                });
            }
            if bytes.is_empty() {
                words.last_mut().into_iter().for_each(|before| before.end_ms = Some(ms));
                continue;
            }
            // An end at the start of the next word says nothing more than that start.
            if let Some(before) = words.last_mut().filter(|before| before.end_ms >= Some(ms)) {
                if before.end_ms > Some(ms) {
                    warnings.push(mark.place, WarningKind::Times, || {
                        "before the end of the word before it; that ends here".into()
                    });
                }
                before.end_ms = None;
            }
            words.push(Word { bytes, start_ms: ms, end_ms: None });
        }
        (text, words)
    }
}

/// The last grapheme cluster of a text. It looks at all of it, which warnings may.
fn last_cluster(text: &str) -> Option<&str> {
    use unicode_segmentation::UnicodeSegmentation;
    text.graphemes(true).next_back()
}

/// Adds text with its control characters made spaces; the first of them that is no white space is named.
pub(crate) fn push_printable(raw: &mut String, text: &str, place: FilePosition, warnings: &mut Warnings) {
    let (mut rest, mut named) = (text, false);
    // Control characters are single bytes, or begin with 0xC2.
    while let Some(at) = rest.bytes().position(|b| b < 0x20 || b == 0x7f || b == 0xc2) {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        raw.push_str(before);
        let mut chars = from.chars();
        let Some(c) = chars.next() else { return };
        if c.is_control() {
            raw.push(' ');
            if !named && !matches!(c, '\t' | '\n' | '\r') {
                named = true;
                let column = place.column + text.len().saturating_sub(from.len());
                let column =
                    text.get(..column - place.column).map_or(column, |t| place.column + t.chars().count());
                warnings.push_once_a_line(
                    FilePosition { column, ..place },
                    WarningKind::ControlCharacter,
                    || format!("control character U+{:04X} made a space", u32::from(c)),
                );
            }
        } else {
            raw.push(c);
        }
        rest = chars.as_str();
    }
    raw.push_str(rest);
}
