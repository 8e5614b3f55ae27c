//! A layer's lines and words as a writer lays them out: on the media clock, with every end known, and only what of them
//! lies within the track.

use crate::{Layer, Line, LyricsTimeline, Phrase, Word};

/// How long the last line lasts where nothing says it: neither the file nor the length of the track.
const LAST_LINE_MS: i64 = 5_000;

/// What of a line lies within the track, on the media clock.
pub(crate) struct Span<'a> {
    pub line: &'a Line,
    /// The place of the line in its layer, from 0.
    pub index: usize,
    /// In ms of media time.
    pub start: u64,
    /// In ms of media time, not before `start`: as stated; else when a later line starts; else when its words
    /// end, if stated; else when the track ends; else [`LAST_LINE_MS`] after the last word starts. Never
    /// before a word of the line ends.
    pub end: u64,
    /// From when to when its background vocals are shown: from their first word on, if that comes later than the line.
    pub background: Option<(u64, u64)>,
}

/// The lines of a synced layer of which something lies within the track ([`LyricsTimeline::part`]), by start; none of an
/// unsynced one.
pub(crate) fn spans<'a>(layer: &'a Layer, timeline: &LyricsTimeline) -> Vec<Span<'a>> {
    let mut spans: Vec<Span<'a>> = Vec::with_capacity(layer.lines().len());
    // From the last line to the first, carrying the start of the next line that starts later. All of this is in
    // source time: clamped starts would make lines of several times look like lines of one.
    let mut next: Option<(i64, Option<i64>)> = None;
    for (index, line) in layer.lines().iter().enumerate().rev() {
        let Some(start) = line.start_ms() else { continue };
        let later = match next {
            Some((at, later)) if at == start => later,
            Some((at, _)) => Some(at),
            None => None,
        };
        next = Some((start, later));
        let end = end(line, start, later, timeline);
        let Some((from, to)) = timeline.part(start, end) else { continue };
        let background = line.background().and_then(|phrase| {
            let first = phrase.words().first().map_or(start, |word| word.start_ms.max(start));
            timeline.part(first, end)
        });
        spans.push(Span { line, index, start: from, end: to, background });
    }
    spans.reverse();
    spans
}

/// When a line is over, in ms of source time.
fn end(line: &Line, start: i64, later: Option<i64>, timeline: &LyricsTimeline) -> i64 {
    let phrases = [Some(line.phrase()), line.background()];
    let words = || phrases.iter().flatten().flat_map(|phrase| phrase.words());
    let last_start = words().map(|word| word.start_ms).fold(start, i64::max);
    let stated_end = words().filter_map(|word| word.end_ms).filter(|end| *end > start).max();
    line.end_ms()
        .or(later)
        .or(stated_end)
        .or(timeline.source_end_ms())
        .unwrap_or(last_start.saturating_add(LAST_LINE_MS))
        .max(last_start)
        .max(stated_end.unwrap_or(last_start))
}

/// A word on the media clock.
pub(crate) struct Cue<'a> {
    pub word: &'a Word,
    pub text: &'a str,
    pub start: u64,
    /// Stated; not after the next word's start.
    pub end: Option<u64>,
}

/// The words of a phrase, in order, each moved to the edge of the track where it lies outside.
pub(crate) fn cues<'a>(phrase: &'a Phrase, timeline: &LyricsTimeline) -> Vec<Cue<'a>> {
    let cue = |word: &'a Word| Cue {
        word,
        text: phrase.word_text(word),
        start: timeline.at(word.start_ms),
        end: word.end_ms.map(|ms| timeline.at(ms)),
    };
    phrase.words().iter().map(cue).collect()
}
