//! The words of a line, and the line's own text, in which they stand.

use core::ops::Range;
use std::borrow::Cow;

use crate::{
    position::FilePosition,
    spanned_text::SpannedTextBuilder,
    warning::{WarningKind, Warnings},
};

/// A word as stated.
pub(super) struct Word<'a> {
    pub text: Cow<'a, str>,
    pub start: i64,
    pub end: Option<i64>,
    pub place: FilePosition,
}

/// The text of a line and its words: as the line states it, if its words stand in it in their order, with whatever
/// is between them; else that of the words, one after the other.
pub(super) fn builder(
    words: &[Word<'_>],
    whole: Option<(&str, FilePosition)>,
    warnings: &mut Warnings,
) -> SpannedTextBuilder {
    let mut builder = SpannedTextBuilder::default();
    let (text, place) = whole.filter(|(text, _)| !text.trim().is_empty()).unwrap_or_default();
    let found = if text.is_empty() { None } else { find(words, text) };
    if let Some(found) = found {
        let mut written = 0;
        for (word, bytes) in words.iter().zip(found) {
            builder.push_str(text.get(written..bytes.start).unwrap_or_default(), place, warnings);
            let from = builder.len();
            builder.push_str(text.get(bytes.clone()).unwrap_or_default(), word.place, warnings);
            builder.time_since(from, word.start, word.end, word.place);
            written = bytes.end;
        }
        builder.push_str(text.get(written..).unwrap_or_default(), place, warnings);
        return builder;
    }
    if !text.is_empty() {
        warnings.push(place, WarningKind::LeftOut, || {
            "`text` left out: the words of the line are not in it".into()
        });
    }
    for word in words {
        let from = builder.len();
        builder.push_str(&word.text, word.place, warnings);
        builder.time_since(from, word.start, word.end, word.place);
    }
    builder
}

/// Where the words stand in a text, each behind the one before it.
fn find(words: &[Word<'_>], text: &str) -> Option<Vec<Range<usize>>> {
    let mut end = 0;
    let one = |word: &Word<'_>| {
        let word = word.text.trim();
        let start = end + text.get(end..)?.find(word)?;
        end = start + word.len();
        Some(start..end)
    };
    words.iter().map(one).collect()
}
