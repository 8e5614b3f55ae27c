//! Plain text in: lyrics without times.
//!
//! Every line is a line of an unsynced layer; blank ones, and those of control characters alone, are left out.
//! Character references (`&amp;`) are read.
//! `[ti:…]` and the like are what LRC makes of them, and any other text in brackets on a line of its own, such as
//! `[Chorus]` or `[Chorus: Lata]`, names the section that begins with the next line.

use crate::{
    Error, Hint, Layer, Limits, Line, Metadata, Parsed, Phrase, decode, entity, limit,
    lrc::tags::{self, Tag},
    position::FilePosition,
    section::heading,
    text,
    timed_text::push_printable,
    warning::Warnings,
};

/// Reads a decoded file of plain text.
pub(crate) fn read(source: &str, hint: &Hint, limits: &Limits) -> Result<Parsed, Error> {
    read_within(source, hint, limits, |line, column| FilePosition { line, column })
}

/// Reads plain text that stands somewhere in a file: `place_of` a line and a column of it, for messages.
pub(crate) fn read_within(
    source: &str,
    hint: &Hint,
    limits: &Limits,
    place_of: impl Fn(usize, usize) -> FilePosition,
) -> Result<Parsed, Error> {
    let (mut metadata, mut warnings) = (Metadata::default(), Warnings::default());
    let mut lines: Vec<Line> = Vec::new();
    let mut section: Option<String> = None;
    for (line, number) in decode::lines(source).zip(1..) {
        let spaces = line.get(..line.len() - line.trim_start().len()).unwrap_or_default();
        let place = place_of(number, 1 + spaces.chars().count());
        let line = line.trim();
        if line.is_empty() || tags::read(line, place, &mut metadata, &mut warnings)? == Tag::Read {
            continue;
        }
        if let Some(name) = heading(line) {
            section = Some(text::plain(name));
            continue;
        }
        if line.len() > limit::TEXT_BYTES {
            return Err(place.more_than(limit::TEXT_BYTES, "bytes of text in a line"));
        }
        if lines.len() == limits.lines {
            return Err(place.more_than(limits.lines, "lines"));
        }
        let mut raw = String::with_capacity(line.len());
        push_printable(&mut raw, &entity::decoded(line), place, &mut warnings);
        let (normal, _) = text::normalise(&raw, core::iter::empty());
        if normal.is_empty() {
            continue;
        }
        let line =
            Line::new(None, None, Phrase::of_normal(normal, Vec::new()).map_err(|e| place.refused(e))?)?;
        lines.push(match section.take() {
            Some(section) => line.opening(section),
            None => line,
        });
    }
    if lines.is_empty() {
        return Err(Error::NoLyrics);
    }
    let layer = Layer::new(hint.lang.clone(), hint.kind, Vec::new(), lines)?;
    Ok(Parsed { layer, others: Vec::new(), metadata, warnings: warnings.into_list() })
}
