//! What WebVTT and SubRip share: blocks of lines, of which one says from when to when.

mod arrow;
mod block;
mod blocks;
mod timing;

pub(crate) use block::Block;
pub(crate) use blocks::{Between, Blocks};
pub(crate) use timing::{Timing, is_time, is_timing, recognises, time_within_limit};

use crate::{
    Agent, AgentKind, Error, Hint, Layer, Limits, Line, Metadata, Parsed, Phrase, limit,
    position::FilePosition,
    simultaneous,
    timed_text::TimedTextBuilder,
    warning::{WarningKind, Warnings},
};

/// The lines read so far.
pub(crate) struct Cues<'a> {
    limits: &'a Limits,
    pub warnings: Warnings,
    agents: Vec<Agent>,
    lines: Vec<Line>,
    /// The place of each.
    places: Vec<FilePosition>,
    words: usize,
    /// Whether lines without an agent may overlap.
    beside: bool,
}

impl<'a> Cues<'a> {
    pub(crate) fn new(limits: &'a Limits, beside: bool) -> Cues<'a> {
        Cues {
            limits,
            warnings: Warnings::default(),
            agents: Vec::new(),
            lines: Vec::new(),
            places: Vec::new(),
            words: 0,
            beside,
        }
    }

    /// The id of the voice of this name.
    pub(crate) fn agent(&mut self, name: &str, place: FilePosition) -> Option<String> {
        let name = crate::text::plain(name);
        if name.is_empty() {
            return None;
        }
        if let Some(agent) = self.agents.iter().find(|agent| agent.name.as_ref() == Some(&name)) {
            return Some(agent.id.clone());
        }
        if self.agents.len() == limit::AGENTS {
            self.warnings.push(place, WarningKind::Voices, || {
                format!("more than {} voices; the others left out", limit::AGENTS)
            });
            return None;
        }
        let id = format!("v{}", self.agents.len() + 1);
        self.agents.push(Agent { id: id.clone(), kind: AgentKind::Voice, name: Some(name) });
        Some(id)
    }

    /// Adds a block's text as a line.
    pub(crate) fn add(
        &mut self,
        timing: &Timing,
        text: TimedTextBuilder,
        agent: Option<String>,
    ) -> Result<(), Error> {
        let place = timing.place;
        let of_text = FilePosition { line: place.line + 1, column: 1 };
        let mut end = Some(timing.end);
        if timing.end < timing.start {
            self.warnings
                .push(place, WarningKind::Times, || "ends before it starts; its end left out".into());
            end = None;
        }
        if self.lines.len() == self.limits.lines {
            return Err(place.more_than(self.limits.lines, "lines"));
        }
        let (text, words) = text.words(timing.start, &mut self.warnings);
        self.words += words.len();
        if self.words > self.limits.words {
            return Err(of_text.more_than(self.limits.words, "words in a layer"));
        }
        let phrase = Phrase::of_normal(text, words).map_err(|e| of_text.refused(e))?;
        let line = Line::new(Some(timing.start), end, phrase).map_err(|e| place.refused(e))?;
        let line = match agent {
            Some(agent) => line.sung_by(agent),
            None => line,
        };
        self.warnings.of_times(&line, self.lines.last(), place, self.beside);
        self.lines.push(line);
        self.places.push(place);
        Ok(())
    }

    pub(crate) fn finish(mut self, hint: &Hint) -> Result<Parsed, Error> {
        if self.lines.is_empty() {
            return Err(Error::NoLyrics);
        }
        if self.beside {
            self.lines = simultaneous::part(self.lines, &self.places, &mut self.agents, &mut self.warnings);
        }
        let layer = Layer::new(hint.lang.clone(), hint.kind, self.agents, self.lines)?;
        let warnings = self.warnings.into_list();
        Ok(Parsed { layer, others: Vec::new(), metadata: Metadata::default(), warnings })
    }
}
