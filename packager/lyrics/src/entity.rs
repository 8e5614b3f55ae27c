//! Character references of HTML, which programs leave in texts that they took from web pages.

use core::num::NonZeroUsize;
use std::borrow::Cow;

/// The character of the reference that a text begins with, and its length there: `&amp;`, one of the usual names, or a
/// number, each with its semicolon. Anything else that begins with `&` is a text.
pub(crate) fn reference(text: &str) -> Option<(char, NonZeroUsize)> {
    let name = text.strip_prefix('&')?;
    let end = name.bytes().take(12).position(|b| b == b';')?;
    let name = name.get(..end)?;
    let character = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "lrm" => '\u{200e}',
        "rlm" => '\u{200f}',
        "hellip" => '…',
        "ndash" => '–',
        "mdash" => '—',
        "lsquo" => '‘',
        "rsquo" => '’',
        "ldquo" => '“',
        "rdquo" => '”',
        _ => {
            let number = name.strip_prefix('#')?;
            let digits = number.strip_prefix(['x', 'X']);
            let all = |digits: &str, good: fn(&u8) -> bool| {
                !digits.is_empty() && digits.as_bytes().iter().all(good)
            };
            let code = match digits {
                Some(hex) => u32::from_str_radix(hex, 16).ok().filter(|_| all(hex, u8::is_ascii_hexdigit)),
                None => number.parse().ok().filter(|_| all(number, u8::is_ascii_digit)),
            };
            char::from_u32(code?)?
        }
    };
    Some((character, NonZeroUsize::new(name.len() + 2)?))
}

/// A text with its character references read, once: what they make is no reference again.
pub(crate) fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let (mut whole, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, from)) = rest.find('&').and_then(|at| rest.split_at_checked(at)) {
        let (character, len) = reference(from).unwrap_or(('&', NonZeroUsize::MIN));
        whole.push_str(before);
        whole.push(character);
        rest = from.get(len.get()..).unwrap_or_default();
    }
    Cow::Owned(whole + rest)
}

/// A text in which no reference is left to be read: its `&` is full-width.
pub(crate) fn defused(text: &str) -> Cow<'_, str> {
    if !has_any(text) {
        return Cow::Borrowed(text);
    }
    let is_one = |at: usize| text.get(at..).is_some_and(|rest| reference(rest).is_some());
    let safe = text.char_indices().map(|(at, c)| if c == '&' && is_one(at) { '＆' } else { c });
    Cow::Owned(safe.collect())
}

/// Whether a text has a reference.
fn has_any(text: &str) -> bool {
    text.match_indices('&').any(|(at, _)| text.get(at..).is_some_and(|rest| reference(rest).is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complete_references_alone() {
        for (text, read) in [
            ("Rock &amp; Roll", "Rock & Roll"),
            ("don&#39;t don&apos;t don&#x27;t", "don't don't don't"),
            ("&lt;3 &quot;a&quot;&nbsp;&gt;", "<3 \"a\"\u{a0}>"),
            ("&amp;amp; &amp;#39;", "&amp; &#39;"),
            ("&#2325;&#x915;", "कक"),
        ] {
            assert_eq!(decoded(text), read);
        }
        for text in [
            "R&B",
            "a & b",
            "&amp",
            "&;",
            "&#;",
            "&#x;",
            "&#+39;",
            "&foo;",
            "&AMP;",
            "&#xd800;",
            "&#99999999;",
            "&a b;",
        ] {
            assert_eq!((&*decoded(text), &*defused(text)), (text, text));
        }
        assert_eq!(defused("&amp;#39; & &lt;"), "＆amp;#39; & ＆lt;");
    }
}
