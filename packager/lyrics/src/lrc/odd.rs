//! Stamps in other brackets, digits or marks than those of LRC: `［00：10．50］`, `【00:10.50】`, `(00:10.50)`, `[ 00:10.50 ]`.

use super::stamp;
use crate::{decode, digits, unseen::is_unseen};

/// Brackets in which a time is always a stamp.
const SURE: [(char, char); 5] = [('［', '］'), ('【', '】'), ('〔', '〕'), ('〖', '〗'), ('[', ']')];
/// Those in which a text may have one. With a fraction, it is a stamp.
const OTHER: [(char, char); 8] = [
    ('(', ')'),
    ('（', '）'),
    ('{', '}'),
    ('｛', '｝'),
    ('「', '」'),
    ('『', '』'),
    ('〈', '〉'),
    ('《', '》'),
];

/// Characters of a stamp that are looked at.
const LONGEST: usize = 28;

/// A line with the stamps at its start as LRC has them, if there are others: as many characters as before.
pub(super) fn canonical(line: &str, whole_seconds: bool) -> Option<String> {
    let trimmed = line.trim_start();
    // Nearly all lines begin with a stamp as LRC has it, or with a letter.
    if matches!(stamp::scan(trimmed, stamp::Style::Point), stamp::Scan::Stamp { .. }) {
        return None;
    }
    one(trimmed, whole_seconds)?;
    let (mut rest, mut odd) = (trimmed, false);
    let mut fixed = line.get(..line.len() - trimmed.len())?.to_owned();
    loop {
        let after = if let Some((stamp, after)) = one(rest, whole_seconds) {
            odd = true;
            fixed.push_str(&stamp);
            after
        } else if odd && let stamp::Scan::Stamp { len, .. } = stamp::scan(rest, stamp::Style::Point) {
            let (stamp, after) = rest.split_at_checked(len)?;
            fixed.push_str(stamp);
            after
        } else {
            break;
        };
        let next = after.trim_start();
        fixed.push_str(after.get(..after.len() - next.len())?);
        rest = next;
    }
    odd.then(|| fixed + rest)
}

/// The stamp that a text begins with, as LRC has it, and what follows; `None` if it is LRC's already.
fn one(text: &str, whole_seconds: bool) -> Option<(String, &str)> {
    let open = text.chars().next()?;
    let pair = |list: &[(char, char)]| list.iter().find(|(first, _)| *first == open).map(|(_, close)| *close);
    let (close, sure) = match pair(&SURE) {
        Some(close) => (close, true),
        None => (pair(&OTHER)?, false),
    };
    let inner = text.get(open.len_utf8()..)?;
    let (mut stamp, mut passed) = (String::new(), String::new());
    let mut end = None;
    for (at, c) in inner.char_indices().take(LONGEST) {
        if let Some(value) = digits::value(c) {
            stamp.push(char::from_digit(value, 10)?);
        } else if let Some(mark) = digits::mark(c) {
            stamp.push(mark);
        } else if c == ' ' || is_unseen(c) {
            passed.push(' ');
        } else {
            end = (c == close).then_some(at);
            break;
        }
    }
    let end = end?;
    let as_it_is = open == '[' && inner.get(..end) == Some(&stamp);
    let good = match sure {
        true => stamp::has_form_of_stamp(&stamp),
        false => stamp::time(&stamp).is_ok() && (whole_seconds || stamp.contains(['.', ','])),
    };
    let after = inner.get(end + close.len_utf8()..)?;
    (good && !as_it_is).then(|| (format!("{passed}[{stamp}]"), after))
}

/// A line with the stamps of words as LRC has them, if some are in full-width or escaped brackets, or have other digits:
/// `＜00:10.50＞`, `&lt;00:10.50&gt;`, `<00：10.50>`.
pub(super) fn canonical_words(line: &str) -> Option<String> {
    let brackets = ['＜', '&', '<'];
    line.match_indices(brackets).find(|(at, _)| line.get(*at..).is_some_and(|rest| word(rest).is_some()))?;
    let mut fixed = String::new();
    let mut rest = line;
    while let Some(at) = rest.find(brackets) {
        let (before, from) = rest.split_at_checked(at)?;
        fixed.push_str(before);
        if let Some((stamp, after)) = word(from) {
            fixed.push_str(&stamp);
            rest = after;
        } else {
            let len = from.chars().next().map_or(1, char::len_utf8);
            fixed.push_str(from.get(..len)?);
            rest = from.get(len..)?;
        }
    }
    fixed.push_str(rest);
    (fixed != line).then_some(fixed)
}

/// The stamp of a word that a text begins with, as LRC has it, and what follows; `None` if it is LRC's already.
pub(super) fn word(text: &str) -> Option<(String, &str)> {
    let (open, close) = match text.chars().next()? {
        '＜' => ("＜", "＞"),
        '<' => ("<", ">"),
        _ => ("&lt;", "&gt;"),
    };
    let inner = text.strip_prefix(open)?;
    let is_other = |c: char| digits::value(c).is_none() && digits::mark(c).is_none();
    let (end, _) = inner.char_indices().take(LONGEST).find(|(_, c)| is_other(*c))?;
    let (time, after) = inner.split_at_checked(end)?;
    let after = after.strip_prefix(close)?;
    if open == "<" && time.is_ascii() && !time.contains(';') {
        return None;
    }
    let stamp = digits::plain(time);
    stamp::time(&stamp).is_ok().then(|| (format!("<{stamp}>"), after))
}

/// Whether the lines of a file begin with times of whole seconds in parentheses or the like: half of them do.
pub(super) fn whole_seconds(text: &str) -> bool {
    let (mut all, mut odd) = (0, 0);
    for line in
        decode::lines(text).map(str::trim_start).filter(|line| !line.is_empty() && !line.starts_with('['))
    {
        all += 1;
        odd += usize::from(one(line, true).is_some());
    }
    odd > 1 && odd * 2 >= all
}

/// The text with the first closing bracket replaced by another, if it would be read as a stamp.
pub(super) fn defused(text: &str) -> Option<String> {
    let (_, after) = one(text.trim_start(), true)?;
    let stamp = text.get(..text.len() - after.len())?;
    let close = stamp.chars().next_back()?;
    let other = match close {
        ')' => '）',
        '）' => ')',
        ']' => '］',
        _ => ']',
    };
    Some(format!("{}{other}{after}", stamp.strip_suffix(close)?))
}
