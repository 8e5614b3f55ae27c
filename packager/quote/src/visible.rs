//! Outside text within a line of one's own.

use core::fmt::{self, Write};

use crate::quoted::{is_unseen, joins};

/// A text that may hold what others wrote, for a line of a message or a log: whatever is not seen or changes how its
/// neighbours are seen is escaped as in Rust, line breaks included, so that it begins no line, moves no cursor and turns
/// nothing around. What is seen stays, in every script, with the joiners that a script needs. To make a text visible that
/// is so already changes nothing.
///
/// ```
/// # use nada_quote::Visible;
/// assert_eq!(Visible::new("गीत: a\n::b::\u{1b}[2J\u{202e}").to_string(), r"गीत: a\n::b::\u{1b}[2J\u{202e}");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Visible<'a>(&'a str);

impl<'a> Visible<'a> {
    /// One line.
    pub fn new(text: &'a str) -> Self {
        Self(text)
    }

    /// Whether it can be shown as it is.
    pub fn is_seen(&self) -> bool {
        self.unseen().next().is_none()
    }

    /// JSON with the same meaning, and nothing unseen but the line breaks between its parts.
    pub fn json(self) -> String {
        let mut json = String::with_capacity(self.0.len());
        let mut written = 0;
        for (at, c) in self.unseen().filter(|(_, c)| *c != '\n') {
            json.push_str(self.0.get(written..at).unwrap_or_default());
            for unit in c.encode_utf16(&mut [0; 2]) {
                // writing to a text does not fail
                let _ = write!(json, "\\u{unit:04x}");
            }
            written = at + c.len_utf8();
        }
        json.push_str(self.0.get(written..).unwrap_or_default());
        json
    }

    fn unseen(&self) -> impl Iterator<Item = (usize, char)> + '_ {
        let mut before = None;
        self.0.char_indices().filter(move |(at, c)| {
            let before = before.replace(*c);
            let after = || self.0.get(at + c.len_utf8()..).and_then(|rest| rest.chars().next());
            is_unseen(*c) && !(matches!(c, '\u{200c}' | '\u{200d}') && joins(before, after(), true))
        })
    }
}

impl fmt::Display for Visible<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut written = 0;
        for (at, c) in self.unseen() {
            f.write_str(self.0.get(written..at).unwrap_or_default())?;
            match c {
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                c => write!(f, "\\u{{{:x}}}", u32::from(c))?,
            }
            written = at + c.len_utf8();
        }
        f.write_str(self.0.get(written..).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen_stays() {
        for text in [
            "",
            "a \"b\" \\n",
            "गीत ज़िंदगी क्‍ष",
            "மௌனம்",
            "می‌خواهم",
            "👩‍🎤 ❤\u{fe0f}‍🔥",
            "ꦒꦶꦠ",
            "\u{a0}",
            "e\u{301}",
        ] {
            assert!(Visible::new(text).is_seen(), "{text}");
            assert_eq!(Visible::new(text).to_string(), text);
            assert_eq!(Visible::new(text).json(), text);
        }
    }

    #[test]
    fn what_is_not_seen_is_escaped_once() {
        for (text, shown) in [
            ("a\n::add-mask::b\r\n", r"a\n::add-mask::b\r\n"),
            ("\u{1b}]0;t\u{7}\u{9b}2J\u{7f}\u{85}\0\t", r"\u{1b}]0;t\u{7}\u{9b}2J\u{7f}\u{85}\u{0}\t"),
            (
                "\u{202e}\u{2066}\u{2069}\u{200e}\u{200f}\u{61c}",
                r"\u{202e}\u{2066}\u{2069}\u{200e}\u{200f}\u{61c}",
            ),
            ("\u{2028}\u{2029}\u{feff}\u{200b}\u{e0041}", r"\u{2028}\u{2029}\u{feff}\u{200b}\u{e0041}"),
            ("a\u{200d}b\u{200c}", r"a\u{200d}b\u{200c}"),
        ] {
            assert!(!Visible::new(text).is_seen());
            let visible = Visible::new(text).to_string();
            assert_eq!(visible, shown);
            assert_eq!(Visible::new(&visible).to_string(), shown);
        }
    }

    #[test]
    fn json_means_the_same() {
        let json = "{\n  \"a\u{202e}\": \"\u{7f}\u{9b}\u{2028}\u{e0041}गीत\\n\"\n}";
        assert_eq!(
            Visible::new(json).json(),
            "{\n  \"a\\u202e\": \"\\u007f\\u009b\\u2028\\udb40\\udc41गीत\\n\"\n}"
        );
    }
}
