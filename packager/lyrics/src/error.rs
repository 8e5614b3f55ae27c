use crate::language::{LanguageError, LanguageTag};

/// What is read, for messages.
const READ: &str = "read are LRC, enhanced LRC, TTML, WebVTT, SubRip, Lyricsfile and plain text";

/// Why a file was not read or a model was not built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file is larger than [`limit::FILE_BYTES`](crate::limit::FILE_BYTES).
    #[error("{bytes} bytes of lyrics; at most {limit} are read")]
    TooLarge {
        /// Bytes given.
        bytes: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// The file does not follow its format.
    #[error("line {line}, column {column}: expected {expected}, found {found}")]
    Syntax {
        /// Line of the file, from 1.
        line: usize,
        /// Character of the line, from 1.
        column: usize,
        /// What the format asks for here.
        expected: &'static str,
        /// What stands there: quoted, escaped and shortened.
        found: String,
    },
    /// The file is of a format that is not read.
    #[error("line {line}: this is {format}, which is not read: {advice} ({READ})")]
    Foreign {
        /// Line of the file in which that shows first, from 1.
        line: usize,
        /// The format.
        format: &'static str,
        /// What to do with the file.
        advice: &'static str,
    },
    /// The file holds no line of lyrics.
    #[error("no lyrics: expected a line of text, such as `[00:12.34]text`")]
    NoLyrics,
    /// The file says that the track has none.
    #[error("no lyrics: the file says that the track is instrumental; leave it out")]
    Instrumental,
    /// There is more of something than is accepted.
    #[error("more than {limit} {what}")]
    Limit {
        /// What is counted, with its unit.
        what: &'static str,
        /// The most accepted, a value of [`limit`](crate::limit).
        limit: usize,
    },
    /// What a line of a file says breaks a rule of the model.
    #[error("line {line}, column {column}: {source}")]
    Line {
        /// Line of the file, from 1.
        line: usize,
        /// Character of the line, from 1.
        column: usize,
        /// The rule.
        source: Box<Error>,
    },
    /// Not a language tag that can name a layer.
    #[error(transparent)]
    Language(#[from] LanguageError),
    /// Two layers have the same language tag, which is their file name and their `?lang=`.
    #[error("two layers are tagged `{0}`: give each its own tag, such as `hi` and `hi-Latn`")]
    DuplicateLanguage(LanguageTag),
    /// A part of the model breaks a rule.
    #[error("{0}")]
    Model(&'static str),
    /// A line names an agent that its layer does not define.
    #[error("the layer defines no agent {0}")]
    UnknownAgent(String),
}
