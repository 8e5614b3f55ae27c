//! One file a command.

pub mod at;
pub mod check;
#[cfg(feature = "pictures")]
pub mod clip;
pub mod completions;
pub mod decode;
pub mod demo;
pub mod gc;
pub mod lyrics;
#[cfg(not(feature = "pictures"))]
pub mod no_clip;
pub mod package;
pub mod publish;
pub mod revoke;
pub mod rights;
pub mod rollback;
pub mod serve;
pub mod sign;
pub mod status;
pub mod submit;
pub mod token;
pub mod withdraw;
