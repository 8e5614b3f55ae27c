//! YAML as writers of Lyricsfile write it, read line by line: a few times faster than a parser of all YAML, which a
//! file of many words is worth. It knows block mappings and sequences, mappings in braces on one line, plain
//! and quoted scalars on one line, and literal text (`|`). Of anything else it is [outside](Lines::outside), and
//! whoever asked reads the file again as YAML ([`super::yaml`]), which also says what is wrong with it.

use std::{borrow::Cow, collections::VecDeque, iter::Peekable};

use super::yaml::Item;
use crate::{limit, parse::Place};

/// A collection that is open: where its keys or entries begin, in bytes from the start of the line.
struct Open {
    indent: usize,
    sequence: bool,
}

/// Reads a text line by line.
pub(super) struct Lines<'a> {
    lines: Peekable<core::str::Split<'a, char>>,
    /// Of the line last read, from 1.
    number: usize,
    /// The last place asked for in it: bytes and characters before.
    passed: (usize, usize),
    open: Vec<Open>,
    /// Whether the last key has no value yet.
    pending: bool,
    ready: VecDeque<(Item<'a>, Place)>,
    outside: bool,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Lines<'a> {
        Lines {
            lines: text.split('\n').peekable(),
            number: 0,
            passed: (0, 0),
            open: Vec::new(),
            pending: false,
            ready: VecDeque::new(),
            outside: false,
        }
    }

    /// Whether something was met that is not read here; nothing follows it.
    pub(super) fn outside(&self) -> bool {
        self.outside
    }

    /// The next item and its place; `None` at the end of the document, or outside.
    pub(super) fn read(&mut self) -> Option<(Item<'a>, Place)> {
        while self.ready.is_empty() && !self.outside {
            let Some(line) = self.next_line() else {
                self.outside |= self.pending;
                self.open.pop()?;
                return (!self.outside).then_some((Item::End, Place::default()));
            };
            self.outside = self.line(line).is_none();
        }
        self.ready.pop_front().filter(|_| !self.outside)
    }

    fn next_line(&mut self) -> Option<&'a str> {
        let line = self.lines.next()?;
        self.number += 1;
        self.passed = (0, 0);
        Some(line.strip_suffix('\r').unwrap_or(line))
    }

    /// The place of a rest of a line, no longer than the one asked for before.
    fn place(&mut self, line: &str, rest: &str) -> Place {
        let (bytes, chars) = self.passed;
        let before = line.len() - rest.len();
        self.passed = (before, chars + line.get(bytes..before).unwrap_or_default().chars().count());
        Place { line: self.number, column: self.passed.1 + 1 }
    }

    fn begin(&mut self, sequence: bool, indent: usize) -> Option<()> {
        let item = if sequence { Item::Sequence } else { Item::Mapping };
        self.ready.push_back((item, Place { line: self.number, column: indent + 1 }));
        self.open.push(Open { indent, sequence });
        (self.open.len() <= limit::YAML_DEPTH).then_some(())
    }

    fn end(&mut self) -> Option<()> {
        self.ready.push_back((Item::End, Place::default()));
        self.open.pop().map(|_| ())
    }

    /// Reads a line; `None` outside.
    fn line(&mut self, line: &'a str) -> Option<()> {
        let mut rest = line.trim_start_matches(' ');
        if rest.is_empty() || rest.starts_with('#') {
            return is_printable(rest).then_some(());
        }
        let mut indent = line.len() - rest.len();
        let entry = rest.starts_with("- ");
        self.place_in_collections(indent, entry)?;
        if entry {
            rest = rest.get(2..)?.trim_start_matches(' ');
            if rest.starts_with('{') {
                return self.braces(line, rest);
            }
            indent = line.len() - rest.len();
            self.begin(false, indent)?;
        }
        let value = self.key(line, rest)?;
        match value.as_bytes().first() {
            None | Some(b'#') => self.pending = true,
            Some(b'{') => self.braces(line, value)?,
            Some(b'|') => self.literal(indent, value)?,
            Some(b'"' | b'\'') => {
                let rest = self.quoted(line, value)?;
                ends(rest)?;
            }
            Some(_) => {
                let text = value.trim_end_matches(' ');
                let first = text.strip_prefix('-').unwrap_or(text).bytes().next()?;
                let plain = (first.is_ascii_alphanumeric() || first >= 0x80)
                    && !text.contains(": ")
                    && !text.contains(" #")
                    && !text.ends_with(':')
                    && is_printable(text);
                plain.then_some(())?;
                let place = self.place(line, value);
                self.ready.push_back((scalar(text, false), place));
            }
        }
        Some(())
    }

    /// Ends the collections that a line of that indentation is not in, and begins the one that it opens.
    fn place_in_collections(&mut self, indent: usize, entry: bool) -> Option<()> {
        if core::mem::take(&mut self.pending) {
            let of_key = self.open.last()?.indent;
            let within = indent > of_key || entry && indent == of_key;
            return within.then(|| self.begin(entry, indent)).flatten();
        }
        if self.open.is_empty() {
            // the document's own
            return self.begin(entry, indent);
        }
        while self.open.last()?.indent > indent {
            self.end()?;
        }
        if self.open.last()?.sequence && !entry {
            // its entries stand where the keys of its mapping do
            self.end()?;
        }
        let last = self.open.last()?;
        (last.indent == indent && last.sequence == entry).then_some(())
    }

    /// Reads a key and its colon; what follows, without spaces before it.
    fn key(&mut self, line: &'a str, rest: &'a str) -> Option<&'a str> {
        let len = rest.bytes().position(|b| !b.is_ascii_alphanumeric() && b != b'_')?;
        let (key, after) = rest.split_at_checked(len).filter(|(key, _)| !key.is_empty())?;
        let place = self.place(line, rest);
        self.ready.push_back((scalar(key, false), place));
        let value = after.strip_prefix(':')?;
        (value.is_empty() || value.starts_with(' ')).then(|| value.trim_start_matches(' '))
    }

    /// Reads a quoted scalar, without escapes other than `''`; what follows.
    fn quoted(&mut self, line: &'a str, rest: &'a str) -> Option<&'a str> {
        let place = self.place(line, rest);
        let quote = rest.get(..1)?;
        let (mut text, mut after) = rest.get(1..)?.split_once(quote)?;
        let mut whole = Cow::Borrowed(text);
        while quote == "'" && after.starts_with(quote) {
            (text, after) = after.get(1..)?.split_once(quote)?;
            whole.to_mut().extend([quote, text]);
        }
        let escaped = quote == "\"" && whole.contains('\\');
        (!escaped && is_printable(&whole))
            .then(|| self.ready.push_back((Item::Scalar(whole, true), place)))?;
        Some(after)
    }

    /// Reads a mapping in braces, to the end of the line.
    fn braces(&mut self, line: &'a str, rest: &'a str) -> Option<()> {
        let place = self.place(line, rest);
        self.ready.push_back((Item::Mapping, place));
        let mut rest = rest.get(1..)?.trim_start_matches(' ');
        loop {
            let value = self.key(line, rest)?;
            let after = if value.starts_with(['"', '\'']) {
                self.quoted(line, value)?
            } else {
                let plain = |b: u8| b.is_ascii_alphanumeric() || b >= 0x80 || b == b'_' || b == b'-';
                let len = value.bytes().position(|b| !plain(b))?;
                let (text, after) = value.split_at_checked(len)?;
                let first = text.strip_prefix('-').unwrap_or(text).bytes().next()?;
                ((first.is_ascii_alphanumeric() || first >= 0x80) && is_printable(text)).then_some(())?;
                let place = self.place(line, value);
                self.ready.push_back((scalar(text, false), place));
                after
            };
            let after = after.trim_start_matches(' ');
            match after.strip_prefix(", ") {
                Some(next) => rest = next.trim_start_matches(' '),
                None => {
                    self.ready.push_back((Item::End, Place::default()));
                    return ends(after.strip_prefix('}')?);
                }
            }
        }
    }

    /// Reads literal text, to the line that is indented no more than its key.
    fn literal(&mut self, indent: usize, header: &'a str) -> Option<()> {
        let first = self.number + 1;
        let strip = match header {
            "|" => false,
            "|-" => true,
            _ => return None,
        };
        let mut text = String::new();
        let mut within = None;
        while let Some(line) = self.lines.peek() {
            let line = line.strip_suffix('\r').unwrap_or(line);
            let solid = line.trim_start_matches(' ');
            // spaces alone may be text
            (solid.is_empty() == line.is_empty() && is_printable(solid)).then_some(())?;
            let spaces = line.len() - solid.len();
            let least = *within.get_or_insert(spaces);
            if !line.is_empty() && spaces < least || least <= indent {
                break;
            }
            text.push_str(line.get(least..).unwrap_or_default());
            text.push('\n');
            self.next_line();
        }
        let whole = text.trim_end_matches('\n').len();
        (whole > 0).then_some(())?;
        text.truncate(if strip { whole } else { whole + 1 });
        let place = Place { line: first, column: within? + 1 };
        self.ready.push_back((Item::Scalar(Cow::Owned(text), true), place));
        Some(())
    }
}

fn scalar(text: &str, quoted: bool) -> Item<'_> {
    Item::Scalar(Cow::Borrowed(text), quoted)
}

/// Whether nothing but a comment follows.
fn ends(rest: &str) -> Option<()> {
    let solid = rest.trim_start_matches(' ');
    (solid.is_empty() || solid.len() < rest.len() && solid.starts_with('#') && is_printable(solid))
        .then_some(())
}

/// Whether a text is free of characters that YAML forbids or breaks lines at.
fn is_printable(text: &str) -> bool {
    let special = |c: char| matches!(c, '\u{80}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}'..);
    let unlikely = |b: u8| matches!(b, 0xc2 | 0xe2 | 0xef..);
    let control = |b: u8| b < 0x20 || b == 0x7f;
    !text.bytes().any(control) && (!text.bytes().any(unlikely) || !text.contains(special))
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::{super::yaml::Yaml, *};

    type Read<'a> = Vec<(Item<'a>, Place)>;

    /// What is read line by line, and as YAML; `None` where it is outside, or no YAML.
    fn both(text: &str) -> (Option<Read<'_>>, Option<Read<'_>>) {
        let mut lines = Lines::new(text);
        let quick: Read<'_> = core::iter::from_fn(|| lines.read()).collect();
        let mut yaml = Yaml::new(text);
        let whole = core::iter::from_fn(|| yaml.read().transpose()).collect::<Result<_, _>>().ok();
        ((!lines.outside()).then_some(quick), whole)
    }

    /// The places of ends, and of sequences that are indented like their key, are nobody's concern.
    fn alike((a, at): &(Item<'_>, Place), (b, place): &(Item<'_>, Place)) -> bool {
        a == b && (at == place || matches!(a, Item::End | Item::Sequence))
    }

    fn check(text: &str) -> Result<bool, TestCaseError> {
        let (quick, whole) = both(text);
        let Some(quick) = quick.filter(|quick| !quick.is_empty()) else { return Ok(false) };
        prop_assert!(whole.is_some(), "no YAML: {text:?}");
        let whole = whole.unwrap_or_default();
        let same = quick.len() == whole.len() && quick.iter().zip(&whole).all(|(a, b)| alike(a, b));
        prop_assert!(same, "{text:?}:\n{quick:?}\n{whole:?}");
        Ok(true)
    }

    #[test]
    fn files_as_they_are_written_are_inside() {
        for text in [
            "version: '1.0'\nlines:\n  - text: \"a: b\"\n    start_ms: -5\n    words:\n      - text: 'a '\n        start_ms: 1\n",
            "lines:\n- text: 'don''t'\n",
            "lines:\n- text: don't # stop\n",
            "# by hand\nlines:\n- {text: 'बुरा ', start_ms: 5, end_ms: 6} # first\n\n- {text: जो, start_ms: 7}\r\nplain: |\n  a\n\n    b\n",
            "metadata:\n  title: बुरा जो\n  x: -1\nplain: |-\n  # a\n  b\nlines:\n  - start_ms: 1\n",
        ] {
            let inside = check(text).unwrap();
            assert_eq!(inside, !text.contains("stop"), "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_inside_reads_as_yaml_does(pieces in vec(split(PIECES), 1..24)) {
            check(&pieces.concat())?;
        }

        #[test]
        fn whole_lines_too(lines in vec((split(INDENTS), split(LINES)), 1..8)) {
            let text: String = lines.iter().map(|(indent, line)| format!("{indent}{line}\n")).collect();
            check(&text)?;
            check(&format!("lines:\n{}", text.trim_end()))?;
        }
    }

    /// What texts are put together of.
    fn split(pieces: &'static str) -> impl Strategy<Value = &'static str> {
        select(pieces.split('·').collect::<Vec<_>>())
    }

    const PIECES: &str = "a·b:·c: ·lines:\n·\n·\n·\n  ·\n    · ·- ·- a: ·{·}·{a: 1, b: 'x'}·, ·'·\"·'x'·''·\"y\"·#· # c·\
        :·|\n·|-\n·-·-5·क·\r\n·\t·\u{85}·\u{2028}·\u{feff}·&a·*a·!t ·~·null·>\n·\u{a0}·---\n";
    const INDENTS: &str = "··  ·    ·      ";
    const LINES: &str = "·a: 1·b: x y·c:·c: |·c: |-·- a: 1·- b:·- {a: 1}·- {a: 'x', b: -2} # c·text·text: 'a '·# c·x: \"y\"·\
        x: 'don''t'·- - a: 1·d: {a: 1}·e: क ख·f: a#b·g: a:b·h: -·-·i: ''·j: \"\" # c";
}
