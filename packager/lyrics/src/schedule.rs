//! A layer's lines and words as a writer lays them out: on the media clock, with every end known.

use crate::{Layer, Line, Phrase, Timeline, Word};

/// How long the last line lasts where nothing says it: neither the file nor the length of the track.
const LAST_LINE_MS: u64 = 5_000;

/// A line on the media clock.
pub(crate) struct Span<'a> {
    pub line: &'a Line,
    /// In ms of media time.
    pub start: u64,
    /// In ms of media time, not before `start`: as stated; else when a later line starts; else when its words
    /// end, if stated; else when the track ends; else [`LAST_LINE_MS`] after the last word starts. Never
    /// before a word of the line ends.
    pub end: u64,
}

/// The lines of a synced layer, by start; none of an unsynced one.
pub(crate) fn spans<'a>(layer: &'a Layer, timeline: &Timeline) -> Vec<Span<'a>> {
    let mut spans: Vec<Span<'a>> = Vec::with_capacity(layer.lines().len());
    // From the last line to the first, carrying the start of the next line that starts later.
    let mut next: Option<(u64, Option<u64>)> = None;
    for line in layer.lines().iter().rev() {
        let Some(start) = line.start_ms().map(|ms| timeline.at(ms)) else { continue };
        let later = match next {
            Some((at, later)) if at == start => later,
            Some((at, _)) => Some(at),
            None => None,
        };
        next = Some((start, later));
        let phrases = [Some(line.phrase()), line.background()];
        let words = || phrases.iter().flatten().flat_map(|phrase| phrase.words());
        let last_start = words().map(|word| timeline.at(word.start_ms)).fold(start, u64::max);
        let word_ends = words().filter_map(|word| word.end_ms).map(|ms| timeline.at(ms));
        let stated_end = word_ends.filter(|end| *end > start).max();
        let end = line
            .end_ms()
            .map(|ms| timeline.at(ms))
            .or(later)
            .or(stated_end)
            .or(timeline.end_ms())
            .unwrap_or(last_start.saturating_add(LAST_LINE_MS));
        spans.push(Span { line, start, end: end.max(last_start).max(stated_end.unwrap_or(0)) });
    }
    spans.reverse();
    spans
}

/// A word on the media clock.
pub(crate) struct Cue<'a> {
    pub word: &'a Word,
    pub text: &'a str,
    pub start: u64,
    /// Stated; not after the next word's start.
    pub end: Option<u64>,
}

/// The words of a phrase, in order.
pub(crate) fn cues<'a>(phrase: &'a Phrase, timeline: &Timeline) -> Vec<Cue<'a>> {
    let cue = |word: &'a Word| Cue {
        word,
        text: phrase.word_text(word),
        start: timeline.at(word.start_ms),
        end: word.end_ms.map(|ms| timeline.at(ms)),
    };
    phrase.words().iter().map(cue).collect()
}
