//! Tables with times.

use super::{
    ForeignKind,
    pattern::{after_digits, is_decimal, is_time},
};

const CONVERT: &str = "write each row as `[mm:ss.xx]text`, as LRC has it, or export SubRip";

pub(super) const KINDS: [ForeignKind; 2] = [
    ForeignKind {
        name: "a table with tabs, such as labels of Audacity",
        mark: |text| {
            text.most(|line| is_row(line, '\t')).or_else(|| text.head(|line| is_heading(line, '\t')))
        },
        advice: CONVERT,
    },
    ForeignKind {
        name: "a table (CSV)",
        mark: |text| {
            let row = |line: &str| is_row(line, ',') || is_row(line, ';');
            text.most(row).or_else(|| text.head(|line| is_heading(line, ',') || is_heading(line, ';')))
        },
        advice: CONVERT,
    },
];

/// Whether a line begins with a time, or with the number of a row and a time.
fn is_row(line: &str, separator: char) -> bool {
    let mut fields = line.split(separator).map(|field| field.trim_matches('"'));
    let (Some(first), Some(second)) = (fields.next(), fields.next()) else { return false };
    // A text has a space behind a comma; a table none.
    if separator != '\t' && second.starts_with(' ') {
        return false;
    }
    let whole = |field: &str| after_digits(field) == Some("");
    let long = |field: &str| whole(field) && field.len() > 2;
    let time = |field: &str| is_decimal(field) || is_time(field);
    match separator {
        '\t' => time(first) || (whole(first) && (whole(second) || time(second))),
        _ => time(first) || (whole(first) && time(second)) || (long(first) && long(second)),
    }
}

/// Whether a line names columns.
fn is_heading(line: &str, separator: char) -> bool {
    let fields: Vec<String> =
        line.split(separator).map(|field| field.trim().trim_matches('"').to_ascii_lowercase()).collect();
    let is = |names: &[&str]| fields.iter().any(|field| names.contains(&&**field));
    fields.len() > 1
        && is(&["start", "start_ms", "begin", "time", "timestamp", "start time", "start_time", "from"])
        && is(&["text", "lyric", "lyrics", "line", "content", "end", "stop", "end_ms", "end time", "word"])
        && !line.contains(". ")
        && !line.contains(", ")
}
