//! The lines of a file that are looked at.

use crate::decode;

/// So many lines of a file, blank ones not counted, show what it is.
const LINES: usize = 400;
/// And so many bytes of each.
const BYTES: usize = 2048;

/// A text by its lines.
pub(super) struct Text<'a> {
    pub whole: &'a str,
    /// Those that are not blank, without white space around, each with its number.
    pub lines: Vec<(usize, &'a str)>,
}

impl<'a> Text<'a> {
    pub(super) fn new(whole: &'a str) -> Text<'a> {
        let cut = |line: &'a str| line.get(..line.floor_char_boundary(BYTES)).unwrap_or(line);
        let lines = (1..).zip(decode::lines(whole).map(str::trim)).filter(|(_, line)| !line.is_empty());
        Text { whole, lines: lines.map(|(number, line)| (number, cut(line))).take(LINES).collect() }
    }

    /// The first line, if it has that mark.
    pub(super) fn head(&self, mark: impl Fn(&str) -> bool) -> Option<usize> {
        self.lines.first().filter(|(_, line)| mark(line)).map(|(number, _)| *number)
    }

    /// The first line that has that mark, which no text has.
    pub(super) fn any(&self, mark: impl Fn(&str) -> bool) -> Option<usize> {
        self.at_least(1, mark)
    }

    /// The first of at least so many lines that have that mark.
    pub(super) fn at_least(&self, count: usize, mark: impl Fn(&str) -> bool) -> Option<usize> {
        let mut marked = self.lines.iter().filter(|(_, line)| mark(line)).map(|(number, _)| *number);
        let first = marked.next()?;
        (count == 1 || marked.nth(count.saturating_sub(2)).is_some()).then_some(first)
    }

    /// The first line that has that mark, if half of all lines have it, and two or all of them; tags (`[ti:…]`) are
    /// not counted.
    pub(super) fn most(&self, mark: impl Fn(&str) -> bool) -> Option<usize> {
        let lines = || self.lines.iter().filter(|(_, line)| !is_tag(line));
        let all = lines().count();
        let mut marked = lines().filter(|(_, line)| mark(line)).map(|(number, _)| *number);
        let first = marked.next()?;
        let count = 1 + marked.count();
        (count * 2 >= all && (count > 1 || all == 1)).then_some(first)
    }
}

/// Whether a line is a tag such as `[ti:title]`.
fn is_tag(line: &str) -> bool {
    let key = line.strip_prefix('[').and_then(|rest| rest.split_once(':')).map(|(key, _)| key);
    key.is_some_and(|key| !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_'))
}
