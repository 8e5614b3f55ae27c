//! One file a command.

pub mod check;
pub mod completions;
pub mod demo;
pub mod lyrics;
pub mod package;
pub mod publish;
pub mod serve;
pub mod sign;
pub mod token;
pub mod tracks;
