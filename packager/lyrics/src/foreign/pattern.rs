//! Numbers and times as formats have them.

/// What follows the ASCII digits that a text begins with.
pub(super) fn after_digits(text: &str) -> Option<&str> {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    (rest.len() < text.len()).then_some(rest)
}

/// What follows `open`, so many whole numbers with commas between them, and `close`.
pub(super) fn after_numbers(text: &str, open: char, count: usize, close: char) -> Option<&str> {
    let mut rest = text.strip_prefix(open)?;
    for i in 0..count {
        if i > 0 {
            rest = rest.strip_prefix(',')?.trim_start_matches(' ');
        }
        rest = after_digits(rest.strip_prefix('-').unwrap_or(rest))?;
    }
    rest.strip_prefix(close)
}

/// A time of `marks` or more marks, `1:02:03.5` or `1:02.5`, and what follows it.
pub(super) fn after_time(text: &str, marks: usize) -> Option<&str> {
    let is_mark = |b: u8| matches!(b, b':' | b'.' | b',' | b';');
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let (mut end, mut found) = (0, 0);
    while let Some(b) = bytes.get(end).filter(|_| end < 24) {
        match b {
            b if b.is_ascii_digit() => {}
            // A comma or a point behind which no digit stands is punctuation; the first mark is a colon.
            b if is_mark(*b) && end > 0 && digit(end + 1) && (found > 0 || *b == b':') => found += 1,
            _ => break,
        }
        end += 1;
    }
    (found >= marks).then(|| text.get(end..)).flatten()
}

/// Whether a text is a decimal number with a point: `1.25`.
pub(super) fn is_decimal(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    after_digits(text)
        .and_then(|rest| rest.strip_prefix('.'))
        .and_then(after_digits)
        .is_some_and(str::is_empty)
}

/// Whether a text is a time and nothing else.
pub(super) fn is_time(text: &str) -> bool {
    after_time(text, 1).is_some_and(str::is_empty)
}

/// How often `(number,number)` stands in a text.
pub(super) fn pairs(text: &str) -> usize {
    text.match_indices('(')
        .filter(|(at, _)| text.get(*at..).is_some_and(|rest| after_numbers(rest, '(', 2, ')').is_some()))
        .count()
}
