//! Files of formats that are not read: recognised, so that none of them is taken for plain text, and named, with what to
//! do instead.
//!
//! Plain text is what has no mark of anything else. A mark is a signature (of binary files), a first line, a line that no
//! text has, or, where a single line may be a text's, a form that half of all lines have.

mod json;
mod karaoke;
mod markup;
mod pattern;
mod sheets;
mod signature;
mod subtitles;
mod tables;
mod text;

pub(crate) use signature::refuse as refuse_bytes;

use std::borrow::Cow;

use crate::{Error, input::InputFormat};
use text::Text;

/// A format that is not read.
struct ForeignKind {
    /// As it goes behind "this is".
    name: &'static str,
    /// The line of its first mark.
    mark: fn(&Text<'_>) -> Option<usize>,
    /// What to do with such a file.
    advice: &'static str,
}

const EXPORT: &str = "export it as enhanced LRC or TTML";
const SUBTITLES: &str = "convert it to SubRip or WebVTT";
const NO_LYRICS: &str = "give the lyrics in a file of their own";

/// The text as it is read: with its control characters made spaces, lines apart.
fn without_controls(text: &str) -> Cow<'_, str> {
    let is_control = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
    match text.contains(is_control) {
        true => Cow::Owned(text.chars().map(|c| if is_control(c) { ' ' } else { c }).collect()),
        false => Cow::Borrowed(text),
    }
}

/// Refuses a text in a format that is not read. `read_as` is what it is taken for otherwise: what is recognised by what
/// must stand in it may still be something else that has the same.
pub(crate) fn refuse(source: &str, read_as: InputFormat) -> Result<(), Error> {
    let seen = without_controls(source);
    let source = &*seen;
    let text = Text::new(source);
    let of = |kinds: &'static [ForeignKind]| {
        kinds.iter().find_map(|kind| (kind.mark)(&text).map(|line| (line, kind.name, kind.advice)))
    };
    let of_json = || {
        let line = text.lines.first().map_or(1, |(number, _)| *number);
        json::kind(source, read_as == InputFormat::Lyricsfile).map(|(name, advice)| (line, name, advice))
    };
    let found = match read_as {
        InputFormat::Ttml => of(&markup::XML),
        InputFormat::Lyricsfile => of_json(),
        InputFormat::Lrc => of(&karaoke::WITHIN_LRC),
        InputFormat::Vtt | InputFormat::Srt => None,
        InputFormat::Plain => of(&karaoke::KINDS)
            .or_else(of_json)
            .or_else(|| of(&subtitles::KINDS))
            .or_else(|| of(&sheets::KINDS))
            .or_else(|| of(&markup::XML))
            .or_else(|| of(&markup::KINDS))
            .or_else(|| of(&tables::KINDS)),
    };
    match found {
        Some((line, format, advice)) => Err(Error::Foreign { line, format, advice }),
        None => Ok(()),
    }
}
