//! One file a command.

pub mod completions;
pub mod sign;
pub mod token;
