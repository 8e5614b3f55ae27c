use core::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use super::{
    read::Place,
    stamp::{self, Scan},
};
use crate::{Error, Word, error::quote, parse::Warnings};

/// The text of a line as written, and the stamps within it.
#[derive(Default)]
pub(super) struct Body {
    raw: String,
    marks: Vec<Mark>,
}

/// A stamp within a line.
struct Mark {
    /// Bytes of text before it.
    at: usize,
    ms: i64,
    column: usize,
}

impl Body {
    pub(super) fn read(place: Place<'_>, body: &str, warnings: &mut Warnings) -> Result<Body, Error> {
        let mut read = Body::default();
        let mut control = None;
        let mut rest = body;
        let mut column = place.column(body);
        while let Some(c) = rest.chars().next() {
            let stamp = match (c, if matches!(c, '<' | '[') { stamp::scan(rest) } else { Scan::Other }) {
                ('<', Scan::Malformed(expected)) => return Err(place.error(rest, expected)),
                // `[3:16]` within a line is a verse, `[03:16.00]` a time.
                ('[', Scan::Stamp { fraction: false, .. }) => None,
                (_, Scan::Stamp { ms, len, .. }) => Some((ms, len)),
                _ => None,
            };
            let consumed = match stamp {
                Some((ms, len)) => {
                    read.marks.push(Mark { at: read.raw.len(), ms, column });
                    column += len; // digits and punctuation: a byte is a character
                    len
                }
                None => {
                    if c.is_control() && c != '\t' {
                        control.get_or_insert((column, c));
                    }
                    read.raw.push(if c.is_control() { ' ' } else { c });
                    column += 1;
                    c.len_utf8()
                }
            };
            rest = rest.get(consumed..).unwrap_or_default();
        }
        if let Some((column, c)) = control {
            let message = format!("control character U+{:04X} made a space", u32::from(c));
            warnings.push(place.number, column, message);
        }
        Ok(read)
    }

    /// The text in Normalization Form C, and what its stamps time.
    pub(super) fn words(
        mut self,
        place: Place<'_>,
        line_start: i64,
        warnings: &mut Warnings,
    ) -> (String, Vec<Word>) {
        let untimed = self.marks.first().map_or("", |mark| self.raw.get(..mark.at).unwrap_or_default());
        if !untimed.trim().is_empty() {
            self.marks.insert(0, Mark { at: 0, ms: line_start, column: 1 });
        }
        let (text, cuts) = self.normalised(place, warnings);
        let mut words: Vec<Word> = Vec::new();
        for (i, mark) in self.marks.iter().enumerate() {
            let cut = |i: usize| cuts.get(i).copied().unwrap_or(Cut { at: text.len(), moved: false });
            let bytes = without_spaces(&text, cut(i).at, cut(i + 1).at);
            if bytes.is_empty() && (cut(i).moved || words.last().is_none_or(|before| before.end_ms.is_some()))
            {
                // Its text went to the word before it, or there is no word that it could end.
                continue;
            }
            let ms = words.last().map_or(mark.ms, |before| mark.ms.max(before.start_ms));
            if ms > mark.ms {
                warnings.push(
                    place.number,
                    mark.column,
                    "before the start of the word before it; moved there",
                );
            }
            if bytes.is_empty() {
                words.last_mut().into_iter().for_each(|before| before.end_ms = Some(ms));
                continue;
            }
            // An end at the start of the next word says nothing more than that start.
            if let Some(before) = words.last_mut().filter(|before| before.end_ms >= Some(ms)) {
                if before.end_ms > Some(ms) {
                    warnings.push(
                        place.number,
                        mark.column,
                        "before the end of the word before it; that ends here",
                    );
                }
                before.end_ms = None;
            }
            words.push(Word { bytes, start_ms: ms, end_ms: None });
        }
        (text, words)
    }

    /// The trimmed text in Normalization Form C and the place in it of each stamp. Normalization neither
    /// joins nor splits grapheme clusters, so it is done one cluster at a time.
    fn normalised(&self, place: Place<'_>, warnings: &mut Warnings) -> (String, Vec<Cut>) {
        let lead = self.raw.len() - self.raw.trim_start().len();
        let raw = self.raw.trim();
        let mut text = String::with_capacity(raw.len());
        let mut cuts = Vec::with_capacity(self.marks.len());
        let mut marks = self.marks.iter().map(|mark| (mark.at.saturating_sub(lead), mark)).peekable();
        for (start, cluster) in raw.grapheme_indices(true) {
            while marks.next_if(|(at, _)| *at <= start).is_some() {
                cuts.push(Cut { at: text.len(), moved: false });
            }
            text.extend(cluster.nfc());
            while let Some((_, mark)) = marks.next_if(|(at, _)| *at < start + cluster.len()) {
                let message = format!("inside the character {}; moved behind it", quote(cluster));
                warnings.push(place.number, mark.column, message);
                cuts.push(Cut { at: text.len(), moved: true });
            }
        }
        cuts.extend(marks.map(|_| Cut { at: text.len(), moved: false }));
        (text, cuts)
    }
}

/// Where in the normalised text a stamp stands; whether that is behind a cluster it cut.
#[derive(Clone, Copy)]
struct Cut {
    at: usize,
    moved: bool,
}

/// The part of the text from `from` to `to` without the clusters of white space at both ends.
fn without_spaces(text: &str, from: usize, to: usize) -> Range<usize> {
    let part = text.get(from..to).unwrap_or_default();
    let solid = part.grapheme_indices(true).filter(|(_, cluster)| !cluster.trim().is_empty());
    // Forwards only: going back over clusters can take a look at all of the text for each.
    solid.fold(from..from, |range, (at, cluster)| {
        let start = if range.is_empty() { from + at } else { range.start };
        start..from + at + cluster.len()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normalization_joins_only_within_a_cluster() {
        for c in '\0'..=char::MAX {
            let parts: String = c.nfd().collect();
            if parts.chars().count() > 1 && parts.nfc().eq([c]) {
                assert_eq!(parts.graphemes(true).count(), 1, "U+{:04X}", u32::from(c));
            }
        }
    }
}
