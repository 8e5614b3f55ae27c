//! The singer of a line, and background vocals: `v1:` before a line's text and `[bg: …]` in or after it, as files made of
//! Apple's lyrics have them; Walaoke's `F:`, `M:` and `D:`; `[F]` and `[v1]`; `{agent:v1}` and `{bg}`.

use crate::{Agent, AgentKind, model::is_identifier};

/// What stands before a line's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Marker<'a> {
    /// The one of that name sings this line.
    Voice(&'a str),
    /// The singer from here on: a woman, a man, both (Walaoke).
    From(&'a str),
    /// The line is sung behind the one before it.
    Background,
}

/// The marker before a text, and the text.
pub(super) fn prefix(text: &str) -> Option<(Marker<'_>, &str)> {
    if let Some(inner) = text.strip_prefix('{') {
        let (inner, rest) = inner.split_once('}')?;
        let marker = match inner.strip_prefix("agent:") {
            Some(id) if is_identifier(id) => Marker::Voice(id),
            None if inner == "bg" => Marker::Background,
            _ => return None,
        };
        return Some((marker, rest));
    }
    if let Some(inner) = text.strip_prefix('[') {
        let (inner, rest) = inner.split_once(']')?;
        return Some((singer(inner)?, rest.strip_prefix(':').unwrap_or(rest)));
    }
    // No longer one is there; a colon far behind is not looked for.
    let colon = text.bytes().take(6).position(|b| b == b':')?;
    let (id, rest) = text.split_at_checked(colon)?;
    let rest = rest.strip_prefix(':')?;
    let marker = if id == "bg" { Marker::Background } else { singer(id)? };
    (!rest.starts_with(|c: char| c.is_ascii_digit())).then_some((marker, rest))
}

fn singer(id: &str) -> Option<Marker<'_>> {
    let numbered =
        |digits: &str| (1..5).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    match id {
        "F" | "M" | "D" => Some(Marker::From(id)),
        _ => id.strip_prefix('v').is_some_and(numbered).then_some(Marker::Voice(id)),
    }
}

/// A part of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part<'a> {
    Lead(&'a str),
    Background(&'a str),
    /// A background that nothing closes.
    Open(&'a str),
}

/// The parts of a text: what is in `[bg: …]`, and what is not.
pub(super) fn parts(mut text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    while let Some(at) = background(text) {
        let (lead, tag) = text.split_at_checked(at).unwrap_or((text, ""));
        if !lead.trim().is_empty() {
            parts.push(Part::Lead(lead));
        }
        let inner = tag.get(4..).unwrap_or_default();
        let Some(close) = closing(inner) else {
            parts.push(Part::Open(inner));
            return parts;
        };
        let (inner, rest) = inner.split_at_checked(close).unwrap_or((inner, ""));
        parts.push(Part::Background(inner));
        text = rest.get(1..).unwrap_or_default();
    }
    if !text.trim().is_empty() || parts.is_empty() {
        parts.push(Part::Lead(text));
    }
    parts
}

/// Where `[bg:` stands in a text.
fn background(text: &str) -> Option<usize> {
    let brackets = text.bytes().enumerate().filter(|(_, b)| *b == b'[').map(|(at, _)| at);
    brackets.into_iter().find(|at| text.get(*at..).is_some_and(is_background))
}

/// Whether a text begins with `[bg:`.
pub(super) fn is_background(text: &str) -> bool {
    text.get(..4).is_some_and(|tag| tag.eq_ignore_ascii_case("[bg:"))
}

/// The bracket that closes a text; those within it come in pairs.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0;
    text.bytes().position(|b| {
        match b {
            b'[' => depth += 1,
            b']' if depth == 0 => return true,
            b']' => depth -= 1,
            _ => {}
        }
        false
    })
}

/// The agent of that name: `v1000` are all together, as Apple has it, and `D` is a duet.
pub(crate) fn agent(id: &str) -> Agent {
    let kind = if matches!(id, "v1000" | "D") { AgentKind::Group } else { AgentKind::Voice };
    Agent { id: id.to_owned(), kind, name: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_and_text() {
        use Marker::{Background, From, Voice};
        for (text, marker, rest) in [
            ("v1: a", Voice("v1"), " a"),
            ("v1000:", Voice("v1000"), ""),
            ("F: a", From("F"), " a"),
            ("D:a", From("D"), "a"),
            ("[M] a", From("M"), " a"),
            ("[F]: a", From("F"), " a"),
            ("[v2]a", Voice("v2"), "a"),
            ("{agent:v1}a", Voice("v1"), "a"),
            ("{bg}a", Background, "a"),
            ("bg: a", Background, " a"),
        ] {
            assert_eq!(prefix(text), Some((marker, rest)), "{text}");
        }
        for text in [
            "v: a",
            "v1 a",
            "v12345: a",
            "V1: a",
            "v1:30",
            "av1: a",
            "",
            "F a",
            "f: a",
            "FM: a",
            "[Chorus] a",
            "[F",
            "{a}",
            "{agent:}a",
            "{agent:a b}a",
            "M:16",
        ] {
            assert_eq!(prefix(text), None, "{text}");
        }
    }

    #[test]
    fn backgrounds_in_a_text() {
        use Part::{Background, Lead, Open};
        for (text, expected) in [
            ("a", vec![Lead("a")]),
            ("", vec![Lead("")]),
            ("a [bg: <00:01.00>(b)]", vec![Lead("a "), Background(" <00:01.00>(b)")]),
            ("[BG:b] c", vec![Background("b"), Lead(" c")]),
            (
                "a [bg: b [c] d] e [bg:f]",
                vec![Lead("a "), Background(" b [c] d"), Lead(" e "), Background("f")],
            ),
            ("a [bg: b", vec![Lead("a "), Open(" b")]),
            ("[by:a] [bg a]", vec![Lead("[by:a] [bg a]")]),
            ("[ब:a]", vec![Lead("[ब:a]")]),
        ] {
            assert_eq!(parts(text), expected, "{text}");
        }
    }
}
