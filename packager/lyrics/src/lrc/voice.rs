//! Who sings, as files made of Apple's lyrics say it: `v1:` before a line's text, `[bg: …]` after the line.

use crate::{Agent, AgentKind};

/// The agent that a text names before it begins, and the text.
pub(super) fn prefix(text: &str) -> Option<(&str, &str)> {
    let digits = text.strip_prefix('v')?.bytes().take(5).take_while(u8::is_ascii_digit).count();
    let (id, rest) = text.split_at_checked(1 + digits).filter(|_| (1..5).contains(&digits))?;
    let rest = rest.strip_prefix(':')?;
    (!rest.starts_with(|c: char| c.is_ascii_digit())).then_some((id, rest))
}

/// The text of a line of background vocals.
pub(super) fn background(line: &str) -> Option<&str> {
    let (tag, rest) = line.split_at_checked(4)?;
    tag.eq_ignore_ascii_case("[bg:").then(|| rest.strip_suffix(']')).flatten()
}

/// The agent of that name; `v1000` are all together, as Apple has it.
pub(super) fn agent(id: &str) -> Agent {
    let kind = if id == "v1000" { AgentKind::Group } else { AgentKind::Voice };
    Agent { id: id.to_owned(), kind, name: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn voices_and_text() {
        assert_eq!(prefix("v1: a"), Some(("v1", " a")));
        assert_eq!(prefix("v1000:"), Some(("v1000", "")));
        for text in ["v: a", "v1 a", "v12345: a", "V1: a", "v1:30", "av1: a", ""] {
            assert_eq!(prefix(text), None, "{text}");
        }
        assert_eq!(background("[bg: <00:01.00>a]"), Some(" <00:01.00>a"));
        assert_eq!(background("[BG:]"), Some(""));
        for line in ["[bg: a", "[by:a]", "[b", "[ब:a]"] {
            assert_eq!(background(line), None, "{line}");
        }
    }
}
