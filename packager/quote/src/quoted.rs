//! Outside text in messages.

use core::fmt::{self, Write};

use unicode_normalization::char::canonical_combining_class;
use unicode_segmentation::UnicodeSegmentation;

/// Grapheme clusters of a text that are shown at most.
const SHOWN: usize = 40;
/// Characters of one cluster that are shown at most: no word of any language has more.
const OF_ONE: usize = 32;

/// Outside text between quotation marks, for messages: safe in a terminal and in a log, and legible in every script.
///
/// Escaped is what is not seen and what changes how its neighbours are seen: control characters, controls of direction
/// and characters without a width, each as in Rust (`\u{200b}`), and `"` and `\`. A joiner stays where a script or
/// an emoji needs it; a vowel sign stays with its consonant. A longer text is cut between grapheme clusters (UAX #29)
/// after 40 of them and ends in `…`.
///
/// ```
/// # use nada_quote::Quoted;
/// assert_eq!(Quoted::new("पहला शब्द").to_string(), "\"पहला शब्द\"");
/// assert_eq!(Quoted::new("a\u{1b}[31m\u{202e}b\u{200b}").to_string(), r#""a\u{1b}[31m\u{202e}b\u{200b}""#);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Quoted<'a> {
    text: &'a str,
    clusters: usize,
}

impl<'a> Quoted<'a> {
    /// The beginning of a text: at most 40 grapheme clusters.
    pub fn new(text: &'a str) -> Quoted<'a> {
        Quoted { text, clusters: SHOWN }
    }

    /// All of a text, such as a path.
    pub fn whole(text: &'a str) -> Quoted<'a> {
        Quoted { text, clusters: usize::MAX }
    }
}

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for (n, (start, cluster)) in self.text.grapheme_indices(true).enumerate() {
            if n == self.clusters {
                f.write_char('…')?;
                break;
            }
            // Without a base it would change the quotation mark.
            let bare = n == 0 && ["\"", cluster].concat().graphemes(true).count() == 1;
            let mut before = None;
            for (shown, (at, c)) in cluster.char_indices().enumerate() {
                if shown == OF_ONE && self.clusters == SHOWN {
                    return f.write_str("…\"");
                }
                let end = at + c.len_utf8();
                let after = self.text.get(start + end..).and_then(|rest| rest.chars().next());
                match c {
                    '\u{200c}' | '\u{200d}' if joins(before, after, end < cluster.len()) => {
                        f.write_char(c)?
                    }
                    '"' | '\\' => write!(f, "\\{c}")?,
                    '\n' => f.write_str("\\n")?,
                    '\r' => f.write_str("\\r")?,
                    '\t' => f.write_str("\\t")?,
                    c if is_unseen(c) || (bare && at == 0) => write!(f, "\\u{{{:x}}}", u32::from(c))?,
                    c => f.write_char(c)?,
                }
                before = Some(c);
            }
        }
        f.write_char('"')
    }
}

/// Whether a joiner is needed where it stands: beside a virama (RFC 5892, appendix A.1 and A.2), between Arabic letters,
/// or within a cluster that goes on, as an emoji of several people does.
pub(crate) fn joins(before: Option<char>, after: Option<char>, goes_on: bool) -> bool {
    let is = |c: Option<char>, what: fn(char) -> bool| c.is_some_and(what);
    let is_virama = |c| canonical_combining_class(c) == 9;
    let is_emoji = |c| matches!(c, '\u{2190}'..='\u{2bff}' | '\u{fe0f}' | '\u{1f000}'..='\u{1faff}');
    is(before, is_virama)
        || is(after, is_virama)
        || is(before, is_arabic) && is(after, is_arabic)
        || goes_on && is(before, is_emoji) && is(after, is_emoji)
}

fn is_arabic(c: char) -> bool {
    c.is_alphabetic() && matches!(c, '\u{600}'..='\u{77f}' | '\u{860}'..='\u{8ff}' | '\u{fb50}'..='\u{feff}')
}

/// Control characters, separators of lines, controls of direction, and what has no width.
pub(crate) fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' |
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' |
            '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' |
            '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quoted(text: &str) -> String {
        Quoted::new(text).to_string()
    }

    #[test]
    fn what_is_seen_stays() {
        for text in [
            "पहला शब्द",
            "क्षत्रिय ज़िंदगी दुःख",
            "ক্ষমা র‍্যাপ",
            "க்ஷ ஸ்ரீ",
            "ಕ್ರೌರ್ಯ ರ‍್ಯಾಂಕ್",
            "മഞ്ഞു",
            "می‌خواهم",
            "क्‍ष क्‌ष",
            "cafe\u{301}",
            "👩‍🎤 ❤\u{fe0f} 🇮🇩 ❤\u{fe0f}‍🔥",
            "it’s – “so”",
            "\u{a0}",
        ] {
            assert_eq!(quoted(text), format!("\"{text}\""));
        }
    }

    #[test]
    fn what_is_not_seen_is_escaped() {
        for (text, shown) in [
            ("a\0\u{7}\u{1b}[31m\u{7f}\u{85}", r"a\u{0}\u{7}\u{1b}[31m\u{7f}\u{85}"),
            ("a\n\r\tb", r"a\n\r\tb"),
            ("a\"\\", "a\\\"\\\\"),
            (
                "\u{202a}\u{202e}\u{2066}\u{2069}\u{61c}\u{200e}\u{200f}",
                r"\u{202a}\u{202e}\u{2066}\u{2069}\u{61c}\u{200e}\u{200f}",
            ),
            ("\u{feff}a\u{200b}b\u{2060}c\u{ad}", r"\u{feff}a\u{200b}b\u{2060}c\u{ad}"),
            ("a\u{200d}b\u{200c}", r"a\u{200d}b\u{200c}"),
            ("क\u{200d}", r"क\u{200d}"),
            ("👩\u{200d}", r"👩\u{200d}"),
            ("\u{2028}\u{2029}", r"\u{2028}\u{2029}"),
            ("\u{e0041}", r"\u{e0041}"),
            ("\u{301}a", r"\u{301}a"),
            ("\u{93f}क", r"\u{93f}क"),
        ] {
            assert_eq!(quoted(text), format!("\"{shown}\""));
        }
    }

    #[test]
    fn a_long_text_is_cut_between_clusters() {
        assert_eq!(quoted(&"क्षि".repeat(40)), format!("\"{}\"", "क्षि".repeat(40)));
        assert_eq!(quoted(&"क्षि".repeat(41)), format!("\"{}…\"", "क्षि".repeat(40)));
        assert_eq!(Quoted::whole(&"a".repeat(99)).to_string().len(), 101);
        let heap = format!("a{}", "\u{301}".repeat(5_000));
        assert_eq!(quoted(&heap), format!("\"a{}…\"", "\u{301}".repeat(31)));
    }
}
