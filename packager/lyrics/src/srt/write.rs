use core::fmt::Write;

use super::read::{after_break, markup};
use crate::{Layer, Line, LyricsTimeline, Phrase, clock, cues::is_timing, entity, schedule::spans, vtt};

/// A layer as a SubRip file on the given timeline: a block for each line that has text and lasts within the
/// track.
///
/// Background vocals follow their line's text. SubRip has no escape: a bracket that would begin markup becomes its
/// full-width form (`＜`, `｛`), and so does what would begin a line break of ASS or a
/// character reference (`＼`, `＆`); `-->` within a text becomes `→`. An unsynced layer has no blocks.
pub fn write(layer: &Layer, timeline: &LyricsTimeline) -> String {
    let mut srt = String::new();
    let shown = spans(layer, timeline).into_iter().map(|span| (span.start, span.end, whole_text(span.line)));
    let shown = shown.filter(|(start, end, text)| start < end && !text.is_empty());
    for ((start, end, text), number) in shown.zip(1..) {
        // Writing to a String cannot fail.
        let _ = write!(
            srt,
            "{number}\n{} --> {}\n{}\n\n",
            clock::format(start, ','),
            clock::format(end, ','),
            defused(&text)
        );
    }
    srt
}

fn whole_text(line: &Line) -> String {
    let parts = [Some(line.text()), line.background().map(Phrase::text)];
    parts.into_iter().flatten().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The text with everything replaced that would be read as markup or as times.
pub(crate) fn defused(text: &str) -> String {
    let text = &*entity::defused(text);
    if !text.contains(['<', '{', '\\']) && !text.contains("-->") && !is_timing(text) {
        return text.to_owned();
    }
    let mut safe = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let is_markup = || {
            let rest = text.get(at..).unwrap_or_default();
            markup(rest).is_some() || vtt::is_own_tag(rest)
        };
        safe.push(match c {
            '<' if is_markup() => '＜',
            '{' if is_markup() => '｛',
            '\\' if after_break(text.get(at..).unwrap_or_default()).is_some() => '＼',
            c => c,
        });
    }
    let safe = safe.replace("-->", "→");
    // Two times would be read as such, whatever arrow is between them.
    if is_timing(&safe) { safe.replace(':', "∶") } else { safe }
}
