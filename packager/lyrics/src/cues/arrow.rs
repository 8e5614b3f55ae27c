//! A line of times, `00:00:01,000 --> 00:00:02,000`, and what is meant to be one.

use crate::{digits, unseen::is_unseen};

/// The two sides of an arrow.
pub(super) struct Sides<'a> {
    /// The time as it is written.
    pub start: &'a str,
    pub end: &'a str,
    /// How many bytes of the line are before the end.
    pub end_at: usize,
    /// In ASCII, without spaces, if it is written otherwise.
    pub repaired: Option<(String, String)>,
}

/// Reads a line with an arrow of any form between two times, or whatever may be meant as such: ASCII dashes and brackets
/// with and without spaces, longer dashes, arrows of Unicode, `--&gt;`.
pub(super) fn sides(line: &str) -> Option<Sides<'_>> {
    let skipped = |c: char| c.is_whitespace() || is_unseen(c);
    let begun = line.trim_start_matches(skipped);
    let start = times(begun)?;
    let after = begun.get(start.len()..)?;
    let (arrow, rest) = arrow(after)?;
    let end = times(rest)?;
    let tail = rest.get(end.len()..)?;
    if !tail.is_empty() && !tail.starts_with(skipped) {
        return None;
    }
    let exact =
        arrow == "-->" && [start, end].into_iter().all(|time| time.is_ascii() && !time.contains([' ', ';']));
    let (left, right) = (plain(start), plain(end));
    let repaired = (!exact || left != start || right != end).then_some((left, right));
    Some(Sides { start, end, end_at: line.len() - rest.len(), repaired })
}

/// The time that a text begins with, as far as it may be one: digits, and marks between them with or without spaces.
fn times(text: &str) -> Option<&str> {
    let mut end = 0;
    let mut spaces = false;
    let mut last = ' ';
    for (at, c) in text.char_indices().take(40) {
        let kept = match c {
            c if digits::value(c).is_some() => !spaces || digits::mark(last).is_some(),
            c if digits::mark(c).is_some() => last != ' ' || end > 0,
            ' ' => {
                spaces = true;
                continue;
            }
            _ => false,
        };
        if !kept {
            break;
        }
        (end, last, spaces) = (at + c.len_utf8(), c, false);
    }
    let time = text.get(..end)?;
    let time = time.trim_end_matches(|c| digits::mark(c).is_some());
    (time.contains(|c| digits::mark(c).is_some())).then_some(time)
}

/// A time in ASCII, without spaces; three digits behind a third colon are a fraction.
fn plain(time: &str) -> String {
    let time = digits::plain(time);
    match time.rsplit_once(':') {
        Some((clock, ms)) if clock.matches(':').count() == 2 && ms.len() == 3 => format!("{clock}.{ms}"),
        _ => time,
    }
}

/// The arrow that a text begins with, and what follows it.
fn arrow(text: &str) -> Option<(&str, &str)> {
    let mut rest = text;
    let mut any = false;
    loop {
        let c = rest.chars().next()?;
        if let Some(after) = rest.strip_prefix("&gt;") {
            (rest, any) = (after, true);
        } else if is_dash(c) || is_point(c) {
            (rest, any) = (rest.get(c.len_utf8()..)?, true);
        } else if c.is_whitespace() || is_unseen(c) {
            rest = rest.get(c.len_utf8()..)?;
        } else {
            break;
        }
    }
    let arrow = text.get(..text.len() - rest.len())?;
    any.then(|| (arrow.trim(), rest))
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | '‐'..='―' | '−' | '﹣' | '－' | '─' | '━' | '~' | '〜' | '～')
        || c.is_whitespace()
        || is_unseen(c)
}

fn is_point(c: char) -> bool {
    matches!(
        c,
        '>' | '＞'
            | '›'
            | '»'
            | '→'
            | '⇒'
            | '⟶'
            | '⟹'
            | '➔'
            | '➜'
            | '➡'
            | '='
            | '\u{fe0f}'
            | '►'
            | '▶'
    )
}
