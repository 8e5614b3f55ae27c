//! Lyricsfile 1.0, in: lyrics in YAML, as LRCLIB and LRCGET have them.
//!
//! ```yaml
//! version: '1.0'
//! metadata: { title: बुरा जो देखन, artist: Kabir, language: hi, offset_ms: 0 }
//! lines:
//!   - text: बुरा जो
//!     start_ms: 12000
//!     words:
//!       - { text: 'बुरा ', start_ms: 12000, end_ms: 12400 }
//!       - { text: जो, start_ms: 12500 }
//! plain: |
//!   बुरा जो
//! ```
//!
//! Where a line has words, they stand in its `text`, which may have more between them; where they do not, they are
//! the text, with a warning. Lines that go on while the next begin get voices of their own, with a
//! warning: the format has none. `plain` counts where there are no lines. The format does not say what
//! sign `offset_ms` has; it is taken for that of LRC, positive for lyrics that appear earlier. A file that says
//! `instrumental: true` has no lyrics. Unknown keys, and any document but the first, are left out with a warning; keys that are
//! repeated, anchors and aliases are refused,
//! and so are more than eight levels.

mod keys;
mod read;
mod recognise;
mod words;
mod yaml;

pub(crate) use keys::is_key;
pub(crate) use read::read;
pub(crate) use recognise::recognises;
