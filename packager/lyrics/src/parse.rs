use crate::{Error, Kind, LanguageTag, Layer, decode::decode, limit, lrc};

/// What the file does not say itself: the language and kind of its layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The language the lines are in.
    pub lang: LanguageTag,
    /// What the layer is to the song.
    pub kind: Kind,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Parsed {
    /// Its lines, offset applied, tagged as the [`Hint`] says.
    pub layer: Layer,
    /// What else it says.
    pub metadata: Metadata,
    /// What was set right or left out, in order of lines; at most [`limit::WARNINGS`] and one that says so.
    pub warnings: Vec<Warning>,
}

/// What a file says of itself and of its song.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metadata {
    /// Title of the song (`ti`).
    pub title: Option<String>,
    /// Its artist (`ar`).
    pub artist: Option<String>,
    /// Its album (`al`).
    pub album: Option<String>,
    /// Who wrote the song (`au`).
    pub author: Option<String>,
    /// Who made the file (`by`).
    pub creator: Option<String>,
    /// The language as the file states it, unchecked (`la`).
    pub language: Option<String>,
    /// Length of the song in ms (`length`).
    pub length_ms: Option<i64>,
    /// The offset that was applied, in ms; positive means that the lyrics came earlier (`offset`).
    pub offset_ms: i64,
}

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
    pub(crate) fn push(&mut self, line: usize, column: usize, message: impl Into<String>) {
        match self.list.len() {
            n if n < limit::WARNINGS => self.list.push(Warning { line, column, message: message.into() }),
            n if n == limit::WARNINGS => self.list.push(Warning {
                line,
                column,
                message: "further warnings are left out from here on".into(),
            }),
            _ => {}
        }
    }

    pub(crate) fn into_list(self) -> Vec<Warning> {
        self.list
    }
}

/// Reads a lyrics file: LRC or enhanced (A2) LRC, as [`lrc`] describes them, in UTF-8 or in UTF-16
/// with a byte order mark. The text comes out in Unicode Normalization Form C.
///
/// # Errors
/// If the file exceeds a [`limit`], is in another encoding, has a malformed time stamp or offset, or holds no
/// timed line. Errors of the file name line and column and what was expected there.
pub fn parse(bytes: &[u8], hint: &Hint) -> Result<Parsed, Error> {
    lrc::read(&decode(bytes)?, hint)
}
