//! The party that must act after an error. The exit codes of `nada` and the retries of the Lambda follow from it; each error
//! says its class itself, without a wildcard, so that a new variant has to be thought about.

use serde::{Deserialize, Serialize};

/// The party that must act after an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorClass {
    /// The input has to be changed: a master, lyrics, a release file, the name of a bucket.
    Input,
    /// Storage or the network cannot be reached, or the machine lacks memory for now.
    Unavailable,
    /// Files cannot be written on this machine.
    Output,
    /// Someone else changed the same: look, then run again.
    Conflict,
    /// Storage refuses access.
    Access,
    /// Nada has to be changed.
    Defect,
}
