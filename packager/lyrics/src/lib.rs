#![doc = include_str!("../README.md")]

mod autonym;
mod clock;
mod cues;
mod decode;
mod digits;
mod entity;
mod error;
mod foreign;
mod input;
pub mod json;
mod language;
mod loss;
pub mod lrc;
mod lyricsfile;
mod model;
mod output;
mod parse;
mod plain;
mod position;
mod quote;
pub mod romanize;
mod schedule;
mod section;
mod simultaneous;
mod spanned_text;
pub mod srt;
mod text;
mod timed_text;
mod timeline;
pub mod ttml;
mod unseen;
pub mod vtt;
mod warning;
mod western;

pub use error::Error;
pub use input::{Hint, InputFormat, Limits, Metadata, Parsed};
pub use language::{LanguageError, LanguageTag};
pub use loss::{Loss, LossKind};
pub use model::{Agent, AgentKind, Kind, Layer, Line, Lyrics, Phrase, Word};
pub use output::{OutputFormat, losses, write};
pub use parse::{parse, parse_within};
pub use timeline::{LyricsTimeline, Outside};
pub use warning::{Warning, WarningKind};

/// The version of everything this crate renders. It goes into the digest of stored lyrics, so that a change
/// of any writer gives new objects instead of other bytes under an old name.
pub const FORMAT_VERSION: u32 = 4;

/// What an input or a model may hold at most. Whatever exceeds a limit is refused with [`Error::Limit`] or
/// [`Error::TooLarge`], never cut.
pub mod limit {
    /// Bytes of one lyrics file, before and after decoding to UTF-8.
    pub const FILE_BYTES: usize = 4 << 20;
    /// Bytes of UTF-8 in the text of one line.
    pub const TEXT_BYTES: usize = 4 << 10;
    /// Bytes of UTF-8 in one line of an LRC, WebVTT or SubRip file, stamps included.
    pub const SOURCE_LINE_BYTES: usize = 64 << 10;
    /// Levels of mappings and lists in a YAML file.
    pub const YAML_DEPTH: usize = 8;
    /// Levels of elements in an XML file.
    pub const XML_DEPTH: usize = 32;
    /// Lines of one layer, repeated ones counted as often as they are sung.
    pub const LINES: usize = 10_000;
    /// Timed words or syllables of one line.
    pub const WORDS_PER_LINE: usize = 1_000;
    /// Timed words or syllables of one layer.
    pub const WORDS: usize = 100_000;
    /// Timed words or syllables of one track, over all its layers.
    pub const TRACK_WORDS: usize = 400_000;
    /// Bytes of UTF-8 in all that one track says, repeated lines counted as often as they are sung.
    pub const TRACK_BYTES: usize = 4 << 20;
    /// Agents of one layer.
    pub const AGENTS: usize = 64;
    /// Layers of one track.
    pub const LAYERS: usize = 64;
    /// The largest time, in ms, of either sign: 100 hours.
    pub const TIME_MS: i64 = 360_000_000;
    /// The largest `[offset:]` of a file, in ms, of either sign: one hour.
    pub const OFFSET_MS: i64 = 3_600_000;
    /// Warnings listed for one file; the last of them says that more were left out.
    pub const WARNINGS: usize = 100;
}
