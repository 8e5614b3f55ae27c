//! Where a source is decoded: in this process, or in a child that can die alone.

use std::{ffi::OsString, path::PathBuf, time::Duration};

/// Where sources are decoded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Isolation {
    /// In the calling process. A panic of a decoder becomes an error; a crash or a runaway allocation ends the
    /// process.
    #[default]
    InProcess,
    /// In a child process for each source: `program` is started with `arguments` and the path of the source,
    /// and has to call [`decode_child`](super::decode_child). Whatever it dies of becomes an error.
    Child {
        /// The program, as a rule the caller's own.
        program: PathBuf,
        /// Its first arguments; the source's absolute path is the last.
        arguments: Vec<OsString>,
        /// How long the parent waits for the next bytes. The child limits its memory and processor time itself.
        stall: Duration,
    },
}

/// Long enough for a loaded machine, short enough for a job that is billed by the second.
const STALL: Duration = Duration::from_secs(60);

impl Isolation {
    /// A child process of `program` for each source, with the usual patience.
    pub fn child(program: PathBuf, arguments: Vec<OsString>) -> Self {
        Self::Child { program, arguments, stall: STALL }
    }
}
