//! WebVTT, in and out (W3C WebVTT §4), with karaoke time tags and with the header of RFC 8216 §3.5 for HLS.
//!
//! ```text
//! WEBVTT
//! X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0
//!
//! 00:00:12.000 --> 00:00:14.000
//! <c>बुरा </c><00:00:12.500><c>जो </c><00:00:13.000><c>देखन</c>
//! ```
//!
//! A cue is a line of the song, whatever lines its text has in the file; only an empty line ends it. A time tag times the text that follows it;
//! text before the first one, if there is any, starts with the cue. `<v Lata>` says who sings; other tags
//! are passed over, notes, styles, regions and positions too, and ruby keeps its base. Cues of nobody
//! that are shown at once get voices of their own, with a warning. An end before its start
//! is left out with a warning; cues out of order are sorted, with one.

mod read;
mod write;

pub(crate) use read::{is_meant, is_own_tag, read, recognises};
pub use write::write;
