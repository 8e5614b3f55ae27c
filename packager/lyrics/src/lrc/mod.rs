//! LRC and enhanced (A2) LRC, in and out.
//!
//! ```text
//! [ti:बुरा जो देखन मैं चला]
//! [offset:+250]
//! [00:12.00][01:12.00]<00:12.00>बुरा <00:12.50>जो <00:13.00>देखन<00:13.80>
//! [00:14.00]मैं चला
//! [00:16.00]
//! ```
//!
//! There is no standard; this is what is read.
//!
//! - A stamp is `mm:ss`, with 1 to 3 decimals or none, or `h:mm:ss.x`; minutes may exceed 59, the point may be a
//!   comma, and 60 seconds are the next minute. `mm:ss:xx` may mean either and is refused, unless a stamp of the file,
//!   such as `[00:14:75]`, can be nothing else. Several stamps before a line repeat it; word times
//!   are those of the last stamp at or before the first word, and move with the others. A line without text
//!   is a pause. Lines are sorted. A line that begins with `<stamp>` starts with its first word.
//! - `<stamp>`, and `[stamp]` with decimals, within a line times the text that follows; where no text follows
//!   before the next stamp or the end of the line, it ends the word before. Text before the first such
//!   stamp is a word that starts with the line. If such a stamp stands behind all of the text, it ends the line, which
//!   then has no timed words. White space around words belongs to none, and that on
//!   both sides of a stamp is that on one.
//! - `v1:` before a line's text says who sings it, and so do `[v1]` and `{agent:v1}`; `F:`, `M:` and `D:` (a woman, a man, both;
//!   Walaoke) and `[F]` say it of the lines after it as well, and `[F]` on a line of its own of those alone.
//! - `[bg: …]` in a line, behind it or on the next one is what is sung behind it; so is a line with `{bg}` or `bg:` before its text.
//! - A stamp inside a grapheme cluster (before a vowel sign, within a conjunct) moves behind the cluster.
//! - `[offset:±ms]`, positive for lyrics that appear earlier: it is subtracted from every time, and may make
//!   times negative. The last one counts, wherever it stands.
//! - A file without any stamp at the start of a line is plain text ([`crate::parse`]).
//! - `[key:value]` is metadata, and several may share a line. `[Chorus]` and `[Verse 1: Lata]`, names that begin with a
//!   capital or with a word for a part of a song, open a section; with a stamp before them they are a pause, too. Any other line
//!   without a stamp at its start is left out with a warning. Control characters become spaces,
//!   and character references (`&amp;`) what they stand for.
//! - Lines that share a start with the line above them and its voice, or are in another script, are named: it seems that
//!   two languages share the file.
//! - A stamp at the start of a line in other brackets, digits or marks (`［00：10．50］`, `【00:10.50】`, `(00:10.50)`,
//!   `[ 00:10.50 ]`) is read as one, with a warning.
//! - What has the form of a stamp but is none is an error at the start of a line (`[12:`, `<12:`), and within a line
//!   that has a time in angle brackets (`<12:`); in square ones (`[12:`) it is text there.

mod background;
mod body;
mod odd;
mod pairs;
mod read;
mod source;
mod stamp;
mod stamped;
pub(crate) mod tags;
mod voice;
mod write;

pub(crate) use read::{begins_with_stamp, read, recognises};
pub(crate) use voice::agent;
pub use write::{Flavour, write, write_titled};
pub(crate) use write::{defused_line, defused_untimed};
