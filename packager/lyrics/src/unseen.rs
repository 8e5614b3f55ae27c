//! Characters that are not seen, where a format wants something to begin: a second byte order mark, a zero-width space, a
//! mark of direction, as programs and web pages leave them there.

use std::borrow::Cow;

use crate::{cues, lrc, lyricsfile, section};

/// Whether a character is a format character (general category Cf) without a shape of its own. Arabic and Syriac signs
/// that go around digits are of that category, too, and seen.
pub(crate) fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' |
        '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' |
        '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0001}' | '\u{e0020}'..='\u{e007f}'
    )
}

/// The text without white space and unseen characters before it.
pub(crate) fn trim_start(text: &str) -> &str {
    text.trim_start_matches(|c: char| c.is_whitespace() || is_unseen(c))
}

/// The text without those around it.
pub(crate) fn trim(text: &str) -> &str {
    trim_start(text).trim_end_matches(|c: char| c.is_whitespace() || is_unseen(c))
}

/// A file's text without unseen characters before a stamp, a number of a block, a line of times, a tag, a key or the
/// header, and between blocks. Those before and within other text stay: they belong to it.
pub(crate) fn passed_over(text: Cow<'_, str>) -> Cow<'_, str> {
    // Nearly all files have none, and most texts have none of the bytes that they begin with.
    let may = |b: u8| matches!(b, 0xc2 | 0xd8 | 0xe1 | 0xe2 | 0xef | 0xf0 | 0xf3);
    if !text.bytes().any(may) || !text.contains(is_unseen) {
        return text;
    }
    let mut whole = String::with_capacity(text.len());
    // At the very beginning it is a byte order mark, and another one behind it.
    let begun_at = text.trim_start_matches('\u{feff}');
    let mut lines = begun_at.split_inclusive(['\n', '\r']).peekable();
    let mut begun = false;
    while let Some(line) = lines.next() {
        let rest = trim_start(line);
        let lead = line.get(..line.len() - rest.len()).unwrap_or_default();
        let found = if !lead.contains(is_unseen) {
            LineStart::Text
        } else {
            let next = lines.peek().copied().unwrap_or_default();
            found(rest, next, begun)
        };
        begun |= !rest.is_empty();
        match found {
            LineStart::Text => whole.push_str(lead),
            // As many characters as there were, so that columns stay.
            LineStart::Begins => whole.extend(lead.chars().map(|c| if is_unseen(c) { ' ' } else { c })),
            LineStart::Key => whole.extend(lead.chars().filter(|c| !is_unseen(*c))),
        }
        push_stamps(&mut whole, rest);
    }
    Cow::Owned(whole)
}

/// What follows unseen characters at the start of a line.
enum LineStart {
    /// What may have spaces before it.
    Begins,
    /// What stands at the very start of a line.
    Key,
    Text,
}

fn found(rest: &str, next: &str, begun: bool) -> LineStart {
    let line = trim(rest);
    let is_number = |line: &str| !line.is_empty() && line.bytes().all(|b| b.is_ascii_digit());
    if line.is_empty() {
        // A blank line between blocks, unless it may be all that a block says.
        return if is_number(trim(next)) || cues::is_timing(trim(next)) {
            LineStart::Key
        } else {
            LineStart::Text
        };
    }
    let number = is_number(line);
    if lrc::begins_with_stamp(rest) || cues::is_timing(line) || number && cues::is_timing(trim(next)) {
        return LineStart::Begins;
    }
    let tag = rest.strip_prefix('[').and_then(|tag| tag.split_once(':')).is_some_and(|(key, _)| {
        key == "#" || !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_')
    });
    let is_section = section::heading(line).is_some_and(section::is_known);
    let header = line.get(..6).is_some_and(|head| head.eq_ignore_ascii_case("WEBVTT"));
    let first = !begun && line.starts_with(['<', '{', '"', '\'', '#', '%', '-', '[']);
    match tag || is_section || header || first || lyricsfile::is_key(line) {
        true => LineStart::Key,
        false => LineStart::Text,
    }
}

/// A line from its first stamp on, without unseen characters between its stamps.
fn push_stamps(whole: &mut String, mut rest: &str) {
    while lrc::begins_with_stamp(rest) {
        let Some((stamp, after)) = rest.find([']', '>']).and_then(|at| rest.split_at_checked(at + 1)) else {
            break;
        };
        let next = trim_start(after);
        let between = after.get(..after.len() - next.len()).unwrap_or_default();
        whole.push_str(stamp);
        // Before the stamp of a word they are a part of the text.
        match !next.starts_with('<') && lrc::begins_with_stamp(next) {
            true => whole.extend(between.chars().map(|c| if is_unseen(c) { ' ' } else { c })),
            false => whole.push_str(between),
        }
        rest = next;
    }
    whole.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_where_something_begins() {
        for (text, expected) in [
            ("\u{feff}[00:01.00]a", "[00:01.00]a"),
            ("a\n\u{200b} [00:01.00]\u{200e}[00:02.00]\u{200f}b", "a\n  [00:01.00] [00:02.00]\u{200f}b"),
            ("\u{2066}1\n\u{202a}00:00:01,000 --> 00:00:02,000\na", " 1\n 00:00:01,000 --> 00:00:02,000\na"),
            ("\u{200e}[ti:a]\n\u{ad}WEBVTT\n", "[ti:a]\nWEBVTT\n"),
            ("\u{2060}<?xml?>", "<?xml?>"),
            ("\u{feff}lines:\n\u{200b}- text: a\n", "lines:\n- text: a\n"),
            ("a\n\u{200f}\n2\n", "a\n\n2\n"),
            ("\u{feff}\u{feff}la\n", "la\n"),
        ] {
            assert_eq!(passed_over(text.into()), expected, "{text:?}");
        }
        for text in [
            "\u{200f}שלום",
            "a\u{200d}b",
            "\u{200e}1984\nla",
            "la \u{200e}[00:01.00]",
            "\u{200b}<i>a",
            "a\n\u{200b}<i>",
        ] {
            let stays = if text.starts_with("\u{200b}<") { "<i>a" } else { text };
            assert_eq!(passed_over(text.into()), stays, "{text:?}");
        }
    }
}
