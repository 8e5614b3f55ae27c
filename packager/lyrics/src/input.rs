//! What a parser is given and what it gives back.

use crate::{
    language::LanguageTag,
    limit,
    model::{Kind, Layer},
    warning::Warning,
};

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
    /// Further layers in the same file, each tagged and named as the file says.
    pub others: Vec<Layer>,
    /// What else it says.
    pub metadata: Metadata,
    /// What was set right or left out; at most [`limit::WARNINGS`] and one that says so.
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
    /// Author of the song (`au`).
    pub author: Option<String>,
    /// Author of its words (`lr`).
    pub lyricist: Option<String>,
    /// Creator of the file (`by`).
    pub creator: Option<String>,
    /// The language as the file states it, unchecked (`la`).
    pub language: Option<String>,
    /// Length of the song in ms (`length`).
    pub length_ms: Option<i64>,
    /// The offset that was applied, in ms; positive means that the lyrics came earlier (`offset`).
    pub offset_ms: i64,
}

/// How much of a lyrics file is read. The default is the [`limit`] of a song.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file, before and after decoding to UTF-8.
    pub file_bytes: usize,
    /// Lines of one layer, repeated ones counted as often as they are sung.
    pub lines: usize,
    /// Timed words or syllables of one layer.
    pub words: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { file_bytes: limit::FILE_BYTES, lines: limit::LINES, words: limit::WORDS }
    }
}

/// What a lyrics file is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputFormat {
    /// LRC or enhanced (A2) LRC: a line begins with a time stamp in brackets, or before its first word.
    Lrc,
    /// TTML: a document in XML.
    Ttml,
    /// WebVTT: it begins with `WEBVTT`, or has its tags in the blocks of SubRip.
    Vtt,
    /// SubRip: a line says from when to when.
    Srt,
    /// Lyricsfile: YAML, or JSON, with the format's keys.
    Lyricsfile,
    /// Text without times.
    Plain,
}
