//! Digits and marks of times as keyboards of other scripts have them.

/// Digit zero of the scripts of which some have such digits in their files (Unicode general category Nd): Arabic, Persian,
/// the scripts of India, and full-width ones.
const ZEROS: [char; 13] = ['0', '٠', '۰', '०', '০', '੦', '૦', '୦', '௦', '౦', '೦', '൦', '０'];

/// The value of a digit.
pub(crate) fn value(c: char) -> Option<u32> {
    if c.is_ascii() {
        return c.to_digit(10);
    }
    ZEROS.into_iter().find_map(|zero| u32::from(c).checked_sub(u32::from(zero)).filter(|value| *value < 10))
}

/// The mark of ASCII that is meant.
pub(crate) fn mark(c: char) -> Option<char> {
    match c {
        ':' | '：' | '﹕' | '︰' | ';' | '；' => Some(':'),
        '.' | '．' | '。' | '｡' | '﹒' => Some('.'),
        ',' | '，' | '､' | '﹐' | '、' => Some(','),
        _ => None,
    }
}

/// A time in ASCII, without anything else.
pub(crate) fn plain(time: &str) -> String {
    let ascii = |c: char| value(c).and_then(|value| char::from_digit(value, 10)).or(mark(c));
    time.chars().filter_map(ascii).collect()
}
