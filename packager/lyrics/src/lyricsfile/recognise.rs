//! Lyricsfile told from plain text, which may look like YAML: `Chorus: la la`.

use crate::decode;

/// The keys of the document.
const KEYS: [&str; 5] = ["version", "metadata", "lines", "plain", "lyricsfile"];

/// Whether a text is a Lyricsfile: the first key of its document is one of the format's, or any key is and one of
/// the format's follows with a value as the format has it.
pub(crate) fn recognises(text: &str) -> bool {
    let mut lines = decode::lines(text).map(str::trim_end);
    let is_content = |line: &&str| !line.is_empty() && *line != "---" && !line.starts_with(['#', '%']);
    let Some(first) = lines.find(is_content) else { return false };
    let first = first.strip_prefix("--- ").map_or(first, str::trim_start);
    if let Some(inner) = first.strip_prefix('{') {
        let inner = core::iter::once(inner).chain(lines).find(|line| !line.trim().is_empty());
        return inner.is_some_and(|inner| flow_key(inner).is_some()) && has_flow_key(text);
    }
    match key(first) {
        Some((name, _)) if KEYS.contains(&name) => true,
        Some(_) => lines.any(|line| key(line).is_some_and(|(name, value)| is_ours(name, value))),
        None => false,
    }
}

/// The key that a line begins with, quoted or not, and what follows its colon.
fn key(line: &str) -> Option<(&str, &str)> {
    let (name, rest) = match line.as_bytes().first()? {
        b'"' => line.get(1..)?.split_once('"')?,
        b'\'' => line.get(1..)?.split_once('\'')?,
        _ => line.split_at_checked(line.bytes().position(|b| !b.is_ascii_alphanumeric() && b != b'_')?)?,
    };
    let value = rest.strip_prefix(':')?;
    (!name.is_empty() && (value.is_empty() || value.starts_with(' '))).then(|| (name, value.trim()))
}

/// Whether a key further down is one of the format's, with the beginning of its value. Words alone are not enough:
/// lyrics may say `lines: so many`.
fn is_ours(name: &str, value: &str) -> bool {
    match name {
        "lines" => value.is_empty() || value.starts_with(['[', '#']),
        "metadata" => value.is_empty() || value.starts_with(['{', '#']),
        "plain" => value.starts_with(['|', '>']),
        "version" | "lyricsfile" => value.trim_start_matches(['"', '\'']).starts_with("1."),
        _ => false,
    }
}

/// The key at the start of a text within braces.
fn flow_key(text: &str) -> Option<&str> {
    let spaces = [' ', '\t'];
    let text = text.trim_start_matches(spaces);
    let (quoted, text) = text.strip_prefix(['"', '\'']).map_or((false, text), |text| (true, text));
    let len = text.bytes().position(|b| !b.is_ascii_alphanumeric() && b != b'_')?;
    let (name, rest) = text.split_at_checked(len).filter(|(name, _)| !name.is_empty())?;
    let rest = if quoted { rest.strip_prefix(['"', '\''])? } else { rest };
    rest.trim_start_matches(spaces).starts_with(':').then_some(name)
}

/// Whether one of the format's keys stands anywhere within braces.
fn has_flow_key(text: &str) -> bool {
    // What a key may follow; a line, too, begins after white space or a brace.
    let is_key = |rest: &str| flow_key(rest).is_some_and(|name| KEYS.contains(&name));
    text.char_indices()
        .filter(|(_, c)| matches!(c, '{' | ',' | '\n' | '\r'))
        .any(|(at, _)| text.get(at + 1..).is_some_and(is_key))
}

#[cfg(test)]
mod tests {
    use super::recognises;

    #[test]
    fn however_it_is_written() {
        for text in [
            "version: '1.0'\n",
            "# a comment\n---\nlines: []\n",
            "{version: \"1.0\", lines: []}",
            "{\n  \"title\": \"x\",\n  \"lines\": []\n}",
            "--- {lines: []}",
            "\"version\": '1.0'\n",
            "'lines':\n- a\n",
            "title: x\nlines:\n- text: a\n",
            "title: x\r\nplain: |\r\n  a\r\n",
        ] {
            assert!(recognises(text), "{text}");
        }
    }

    #[test]
    fn lyrics_are_none() {
        for text in [
            "Chorus: la la\nVerse: la\n",
            "he said: no\nlines: so many\nversion: acoustic\n",
            "{Chorus}\nlines: a\n",
            "{Chorus: la}\n",
            "\"la la\"\nlines:\n",
            "12:30\n",
            "",
        ] {
            assert!(!recognises(text), "{text}");
        }
    }
}
