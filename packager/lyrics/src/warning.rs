//! What was set right or left out while a file was read.

use crate::{limit, model::Line, position::FilePosition};

/// What a warning is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum WarningKind {
    /// The bytes were read in an encoding that the file does not name.
    Encoding,
    /// The layer does not seem to be in the language stated.
    Language,
    /// A control character was made a space.
    ControlCharacter,
    /// A bound of a word lies within a character.
    InsideCharacter,
    /// Something that the format does not have was read as what it means.
    ReadAs,
    /// Text without a time was left out, or took that of its neighbour.
    Untimed,
    /// Times contradict each other.
    Times,
    /// Lines overlap where the format has no voices.
    Simultaneous,
    /// It seems that two languages share the file.
    TwoLanguages,
    /// An agent or voice was left out or completed.
    Voices,
    /// One cue has several voices.
    SeveralVoices,
    /// Ruby annotations were left out.
    Ruby,
    /// A tag or key was left out.
    Metadata,
    /// Another part of the file was left out.
    LeftOut,
    /// Further warnings are not listed.
    Further,
}

/// Something that was set right or left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Line of the file, from 1.
    pub line: usize,
    /// Character of the line, from 1.
    pub column: usize,
    /// What it is about.
    pub kind: WarningKind,
    /// What was found and what was made of it.
    pub message: String,
}

/// Warnings up to the limit.
#[derive(Debug, Default)]
pub(crate) struct Warnings {
    list: Vec<Warning>,
}

impl Warnings {
    pub(crate) fn push(&mut self, place: FilePosition, kind: WarningKind, message: impl FnOnce() -> String) {
        let FilePosition { line, column } = place;
        match self.list.len() {
            n if n < limit::WARNINGS => self.list.push(Warning { line, column, kind, message: message() }),
            n if n == limit::WARNINGS => {
                let message = "further warnings are left out from here on".into();
                self.list.push(Warning { line, column, kind: WarningKind::Further, message });
            }
            _ => {}
        }
    }

    /// Unless the last warning is of the same kind and line.
    pub(crate) fn push_once_a_line(
        &mut self,
        place: FilePosition,
        kind: WarningKind,
        message: impl FnOnce() -> String,
    ) {
        if self.list.last().is_none_or(|last| (last.line, last.kind) != (place.line, kind)) {
            self.push(place, kind, message);
        }
    }

    /// Times of a line that do not go with those of its words, or of the line above it.
    /// Lines without an agent may overlap (`beside`) where those of a format get [voices](crate::simultaneous).
    pub(crate) fn of_times(&mut self, line: &Line, above: Option<&Line>, place: FilePosition, beside: bool) {
        if line.words().first().map(|word| word.start_ms) < line.start_ms() && !line.words().is_empty() {
            self.push(place, WarningKind::Times, || "a word of it starts before it".into());
        }
        if line.end_ms().is_some() && line.words_end() > line.end_ms() {
            self.push(place, WarningKind::Times, || "ends before its words; it lasts until they end".into());
        }
        let Some(above) = above else { return };
        if above.start_ms() > line.start_ms() {
            self.push(place, WarningKind::Times, || {
                "starts before the line above it; sorted by start".into()
            });
        } else if above.agent() == line.agent()
            && above.end_ms() > line.start_ms()
            && above.start_ms() < line.start_ms()
            && (!beside || line.agent().is_some() || above.words_end() > line.start_ms())
        {
            self.push(place, WarningKind::Times, || match above.words_end() > line.start_ms() {
                true => "starts before the words of the line above it, of the same voice, are over".into(),
                false => {
                    "starts before the end of the line above it, of the same voice; that ends here".into()
                }
            });
        }
    }

    pub(crate) fn into_list(self) -> Vec<Warning> {
        self.list
    }
}
