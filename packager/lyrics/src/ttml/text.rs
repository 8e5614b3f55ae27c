//! The text of a line in progress: lead, background, and what stands within the line for other layers.

use super::{role::Role, span::SpanAttributes};
use crate::{Kind, limit, position::FilePosition, spanned_text::SpannedTextBuilder, warning::Warnings};

/// Lead and background of one text.
#[derive(Debug, Default)]
pub(super) struct Voices {
    pub lead: SpannedTextBuilder,
    pub background: SpannedTextBuilder,
}

/// A translation or transliteration within a line.
#[derive(Debug)]
pub(super) struct Inline {
    pub kind: Kind,
    /// As stated.
    pub lang: Option<String>,
    pub voices: Voices,
}

/// What text goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SpanTarget {
    Lead,
    Background,
    Inline {
        index: usize,
        background: bool,
    },
    /// Ruby annotations.
    Nowhere,
}

/// A `span` that is open.
#[derive(Debug)]
struct Span {
    target: SpanTarget,
    /// Bytes and words of its target when it began.
    from: usize,
    words: usize,
    time: Option<(i64, Option<i64>)>,
    place: FilePosition,
    preserve: bool,
}

/// The text of a `p`, or of a `text` of the head, as far as it was read.
#[derive(Debug, Default)]
pub(super) struct Text {
    pub voices: Voices,
    pub inline: Vec<Inline>,
    spans: Vec<Span>,
    preserve: bool,
}

impl Text {
    pub(super) fn new(preserve: bool) -> Text {
        Text { preserve, ..Text::default() }
    }

    pub(super) fn open(&mut self, span: SpanAttributes, place: FilePosition) {
        let around = self.spans.last().map_or(SpanTarget::Lead, |span| span.target);
        let target = match (span.role, around) {
            _ if span.ruby_text => SpanTarget::Nowhere,
            (_, SpanTarget::Nowhere) => SpanTarget::Nowhere,
            (Some(Role::Background), SpanTarget::Inline { index, .. }) => {
                SpanTarget::Inline { index, background: true }
            }
            (Some(Role::Background), _) => SpanTarget::Background,
            (Some(role @ (Role::Translation | Role::Roman)), _) => {
                let kind = if role == Role::Roman { Kind::Pronunciation } else { Kind::Translation };
                let same = |inline: &Inline| inline.kind == kind && inline.lang == span.lang;
                // Whatever is beyond the limit goes to the last one, which is then too many.
                let last = (self.inline.len() > limit::LAYERS).then_some(limit::LAYERS);
                let index = self.inline.iter().position(same).or(last).unwrap_or_else(|| {
                    self.inline.push(Inline { kind, lang: span.lang.clone(), voices: Voices::default() });
                    self.inline.len() - 1
                });
                let background =
                    matches!(around, SpanTarget::Background | SpanTarget::Inline { background: true, .. });
                SpanTarget::Inline { index, background }
            }
            (None, around) => around,
        };
        if target != around && self.builder(target).is_some_and(|builder| !builder.is_empty()) {
            // A second background or translation of the line.
            if let Some(builder) = self.builder(target) {
                builder.push_space();
            }
        }
        let (from, words) =
            self.builder(target).map_or((0, 0), |builder| (builder.len(), builder.word_count()));
        let preserve =
            span.preserve.unwrap_or_else(|| self.spans.last().map_or(self.preserve, |s| s.preserve));
        self.spans.push(Span { target, from, words, time: span.time, place, preserve });
    }

    /// Ends the span opened last.
    pub(super) fn close(&mut self) {
        let Some(span) = self.spans.pop() else { return };
        if span.target == SpanTarget::Nowhere {
            // A timed annotation times its base.
            if let (Some((start, end)), Some(around)) = (span.time, self.spans.last_mut()) {
                let first = around.time.map_or(start, |(first, _)| first.min(start));
                around.time = Some((first, end.max(around.time.and_then(|(_, end)| end))));
            }
            return;
        }
        if let (Some((start, end)), Some(builder)) = (span.time, self.builder(span.target))
            && builder.word_count() == span.words
        {
            builder.time_since(span.from, start, end, span.place);
        }
    }

    pub(super) fn push(&mut self, text: &str, place: FilePosition, warnings: &mut Warnings) {
        let (target, preserve) =
            self.spans.last().map_or((SpanTarget::Lead, self.preserve), |span| (span.target, span.preserve));
        match self.builder(target) {
            Some(builder) if preserve => builder.push_str(text, place, warnings),
            Some(builder) => builder.push_collapsed(text, place, warnings),
            None => {}
        }
    }

    fn builder(&mut self, target: SpanTarget) -> Option<&mut SpannedTextBuilder> {
        match target {
            SpanTarget::Lead => Some(&mut self.voices.lead),
            SpanTarget::Background => Some(&mut self.voices.background),
            SpanTarget::Inline { index, background } => {
                let voices = &mut self.inline.get_mut(index)?.voices;
                Some(if background { &mut voices.background } else { &mut voices.lead })
            }
            SpanTarget::Nowhere => None,
        }
    }
}
