//! TTML, in and out: Apple's delivery flavour, and the flavour of its streams and of AMLL (`itunes:timing`).
//!
//! ```xml
//! <tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttm="http://www.w3.org/ns/ttml#metadata"
//!     xmlns:itunes="http://music.apple.com/lyric-ttml-internal" itunes:timing="Word" xml:lang="hi">
//! <head><metadata><ttm:agent type="person" xml:id="v1"/></metadata></head>
//! <body><div itunes:song-part="Verse">
//! <p begin="00:12.000" end="00:14.000" ttm:agent="v1" itunes:key="L1"
//! ><span begin="00:12.000" end="00:12.500">बुरा</span> <span begin="00:12.500" end="00:13.000">जो</span
//! ><span ttm:role="x-bg"><span begin="00:13.000" end="00:13.800">(देखन)</span></span></p>
//! </div></body>
//! </tt>
//! ```
//!
//! - Elements and attributes go by their local names: files in the wild differ in namespaces and prefixes.
//! - All times are those of the song, as Apple has them, not of the element around (TTML2 §12.4). Frames and ticks
//!   are refused.
//! - A `p` is a line; a `span` with a time, and no span with a time in it, is a word. A `p` without `begin` starts
//!   with its first word, else with the line before it. `ttm:role` has `x-bg` for background vocals,
//!   `x-translation` and `x-roman` for other layers; `itunes:key` is the line's key. `ttm:agent` says who sings, of a
//!   `p`, or of all in a `div` or the `body`. Metadata within a line is none of its text.
//! - `translation` and `transliteration` in the head, and their like within lines, are layers: their lines have
//!   the key, the times and the agent of the line they belong to, and their own words.
//! - A `div` begins a section, named by `itunes:song-part` or `itunes:songPart`; one with a name and a time but
//!   without a line is an instrumental break: a line without text.
//! - White space is collapsed unless `xml:space` preserves it. Ruby keeps its base; its annotation's time is the
//!   base's where that has none.
//! - A document type is refused, and with it every entity but XML's own. Depth and size are limited
//!   ([`limit`](crate::limit)).

mod agents;
mod layers;
mod read;
mod role;
mod span;
mod text;
mod time;
mod write;
mod xml;

pub(crate) use read::read;
pub(crate) use write::is_foreign;
pub use write::{fits, write};

/// Whether a text is XML, or means to be.
pub(crate) fn recognises(text: &str) -> bool {
    let begun = text.trim_start();
    begun.starts_with("<?xml") || begun.starts_with("<tt") || begun.starts_with("<!") || junk(text).is_some()
}

/// How many bytes of something else stand before a document of TTML.
fn junk(text: &str) -> Option<usize> {
    let root = text.match_indices("<tt").take(16).find(|(at, _)| {
        let tag = text.get(at + 3..).and_then(|rest| rest.split_once('>')).map_or("", |(tag, _)| tag);
        (tag.is_empty() || tag.starts_with([' ', '\t', '\n', '\r', ':']))
            && (tag.contains("xmlns") || text.contains("</tt>") && text.contains("<body"))
    });
    let (root, _) = root?;
    let before = text.get(..root)?;
    let begin = before.find("<?xml").unwrap_or(root);
    let junk = text.get(..begin)?;
    (!junk.trim().is_empty() && !junk.trim_start().starts_with('<')).then_some(begin)
}

/// The text with what stands before its document made white space, so that places stay.
fn without_junk(text: &str) -> Option<String> {
    let (junk, document) = text.split_at_checked(junk(text)?)?;
    let blank = junk.chars().map(|c| if matches!(c, '\n' | '\r') { c } else { ' ' });
    Some(blank.chain(document.chars()).collect())
}
