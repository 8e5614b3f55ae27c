//! Where in a file something stands, and errors that say so.

use crate::{error::Error, quote::quote};

/// A place in a file, for messages; both numbers count from 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct FilePosition {
    pub line: usize,
    /// Character of the line.
    pub column: usize,
}

impl FilePosition {
    /// What does not follow the format here.
    pub(crate) fn error(self, expected: &'static str, found: &str) -> Error {
        Error::Syntax { line: self.line, column: self.column, expected, found: quote(found) }
    }

    /// What breaks a rule of the model here.
    pub(crate) fn refused(self, source: Error) -> Error {
        Error::Line { line: self.line, column: self.column, source: Box::new(source) }
    }

    /// What is more than `limit` of something here.
    pub(crate) fn more_than(self, limit: usize, what: &'static str) -> Error {
        self.refused(Error::Limit { what, limit })
    }
}
