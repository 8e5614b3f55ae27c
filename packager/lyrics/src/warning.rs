//! What was set right or left out while a file was read.

use crate::{limit, model::Line, position::FilePosition};

/// Something that was set right or left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Line of the file, from 1.
    pub line: usize,
    /// Character of the line, from 1.
    pub column: usize,
    /// What was found and what was made of it.
    pub message: String,
}

/// Warnings up to the limit.
#[derive(Debug, Default)]
pub(crate) struct Warnings {
    list: Vec<Warning>,
}

impl Warnings {
    pub(crate) fn push(&mut self, place: FilePosition, message: impl FnOnce() -> String) {
        let FilePosition { line, column } = place;
        match self.list.len() {
            n if n < limit::WARNINGS => self.list.push(Warning { line, column, message: message() }),
            n if n == limit::WARNINGS => {
                let message = "further warnings are left out from here on".into();
                self.list.push(Warning { line, column, message });
            }
            _ => {}
        }
    }

    /// Unless the last warning is of the same kind of the same line: its message begins with the same word.
    pub(crate) fn push_once_a_line(&mut self, place: FilePosition, message: impl FnOnce() -> String) {
        let message = message();
        let word = |text: &str| text.split(' ').next().map(str::to_owned);
        let same = |last: &Warning| last.line == place.line && word(&last.message) == word(&message);
        if !self.list.last().is_some_and(same) {
            self.push(place, || message);
        }
    }

    /// Times of a line that do not go with those of its words, or of the line above it.
    /// Lines of nobody go on beside each other where those of a format get [voices](crate::simultaneous).
    pub(crate) fn of_times(&mut self, line: &Line, above: Option<&Line>, place: FilePosition, beside: bool) {
        if line.words().first().map(|word| word.start_ms) < line.start_ms() && !line.words().is_empty() {
            self.push(place, || "a word of it starts before it".into());
        }
        if line.end_ms().is_some() && line.words_end() > line.end_ms() {
            self.push(place, || "ends before its words; it lasts until they end".into());
        }
        let Some(above) = above else { return };
        if above.start_ms() > line.start_ms() {
            self.push(place, || "starts before the line above it; sorted by start".into());
        } else if above.agent() == line.agent()
            && above.end_ms() > line.start_ms()
            && above.start_ms() < line.start_ms()
            && (!beside || line.agent().is_some() || above.words_end() > line.start_ms())
        {
            self.push(place, || match above.words_end() > line.start_ms() {
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
