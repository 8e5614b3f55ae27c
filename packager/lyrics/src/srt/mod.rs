//! SubRip (SRT), in and out: lines with a start and an end, nothing more.
//!
//! ```text
//! 1
//! 00:00:12,000 --> 00:00:14,000
//! बुरा जो देखन
//! ```
//!
//! There is no standard; this is what is read. A block is a line of the song, whatever lines its text has in the
//! file. The number may be missing, and so, with a warning, may the blank line before it; the comma may be a point,
//! and decimals one to three or none. Markup in the manner of HTML (`<i>`,
//! `<font color="…">`) and of ASS (`{\an8}`) is passed over, `\N` is a space, and character references (`&amp;`) are
//! read. What follows a blank line without times of its own belongs to the block above it.

mod read;
mod write;

pub(crate) use read::read;
pub(crate) use write::defused;
pub use write::write;
