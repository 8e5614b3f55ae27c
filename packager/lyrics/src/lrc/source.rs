//! A line of the file: as it is written, for messages, and as it was read.

use crate::{Agent, Error, Line, Phrase, Word, position::FilePosition};

/// A line of the file, for messages.
#[derive(Clone, Copy)]
pub(super) struct SourceText<'a> {
    pub line: &'a str,
    pub number: usize,
}

impl<'a> SourceText<'a> {
    /// The line up to the end of a part of it.
    pub(super) fn up_to(self, part: &str) -> SourceText<'a> {
        let end = (part.as_ptr().addr() + part.len()).saturating_sub(self.line.as_ptr().addr());
        SourceText { line: self.line.get(..end).unwrap_or(self.line), ..self }
    }

    /// Where a rest of the line begins.
    pub(super) fn place(&self, rest: &str) -> FilePosition {
        let before = self.line.len().saturating_sub(rest.len());
        let column = self.line.get(..before).map_or(0, |before| before.chars().count()) + 1;
        FilePosition { line: self.number, column }
    }

    pub(super) fn error(&self, rest: &str, expected: &'static str) -> Error {
        self.place(rest).error(expected, rest)
    }
}

/// A line that has a time, its times as written.
pub(super) struct SourceLine {
    pub place: FilePosition,
    /// The stamp that its words go with.
    pub base: i64,
    /// The other stamps.
    pub repeats: Vec<i64>,
    /// When it ends, where a stamp behind its text says so.
    pub end: Option<i64>,
    pub text: String,
    pub words: Vec<Word>,
    /// The singer, by index among the agents.
    pub agent: Option<usize>,
    pub background: Option<Box<(String, Vec<Word>)>>,
    /// The section that begins with it.
    pub section: Option<String>,
}

impl SourceLine {
    /// Adds the line once for each of its stamps.
    pub(super) fn expand_repeats(
        self,
        offset_ms: i64,
        agents: &[Agent],
        lines: &mut Vec<Line>,
    ) -> Result<(), Error> {
        let place = self.place;
        let agent = self.agent.and_then(|agent| agents.get(agent));
        let (end, section) = (self.end, self.section);
        let repeat = |start: i64, text: String, words: Vec<Word>, background| -> Result<Line, Error> {
            let shift = start - self.base - offset_ms;
            let phrase = |text, words| Phrase::of_normal(text, shifted(words, shift));
            let mut line =
                Line::new(Some(start - offset_ms), end.map(|end| end + shift), phrase(text, words)?)?;
            if let Some(section) = &section {
                line = line.opening(section.clone());
            }
            if let Some((text, words)) = background {
                line = line.with_background(phrase(text, words)?)?;
            }
            Ok(match agent {
                Some(agent) => line.sung_by(agent.id.clone()),
                None => line,
            })
        };
        for start in self.repeats {
            let background = self.background.as_deref().cloned();
            let line = repeat(start, self.text.clone(), self.words.clone(), background);
            lines.push(line.map_err(|e| place.refused(e))?);
        }
        let line = repeat(self.base, self.text, self.words, self.background.map(|both| *both));
        lines.push(line.map_err(|e| place.refused(e))?);
        Ok(())
    }
}

fn shifted(mut words: Vec<Word>, by_ms: i64) -> Vec<Word> {
    for word in &mut words {
        word.start_ms += by_ms;
        word.end_ms = word.end_ms.map(|end| end + by_ms);
    }
    words
}
