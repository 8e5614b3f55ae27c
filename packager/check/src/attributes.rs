//! Attribute lists (RFC 8216 §4.2).

/// Attributes of one list beyond are not read.
const ATTRIBUTES: usize = 128;

/// A value, as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value {
    pub text: String,
    pub quoted: bool,
}

/// An attribute list; of an attribute that stands twice, both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Attributes(pub Vec<(String, Value)>);

impl Attributes {
    /// Reads as much as there is, and says where the grammar was left.
    pub fn parse(text: &str) -> (Self, Option<String>) {
        let mut list = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let Some((name, after)) = rest.split_once('=') else {
                return (Self(list), Some(format!("\"{}\" has no value", short(rest))));
            };
            if name.is_empty() || !name.bytes().all(|b| matches!(b, b'A'..=b'Z' | b'0'..=b'9' | b'-')) {
                return (Self(list), Some(format!("\"{}\" is no attribute name", short(name))));
            }
            let (value, after) = match after.strip_prefix('"') {
                Some(quoted) => match quoted.split_once('"') {
                    Some((text, after)) => (Value { text: text.to_owned(), quoted: true }, after),
                    None => return (Self(list), Some(format!("the quotes of {name} do not end"))),
                },
                None => {
                    let end = after.find(',').unwrap_or(after.len());
                    let (text, after) = after.split_at(end);
                    (Value { text: text.to_owned(), quoted: false }, after)
                }
            };
            if !value.quoted && (value.text.is_empty() || value.text.contains(['"', ' ', '\t'])) {
                return (Self(list), Some(format!("{name}={} is no value", short(&value.text))));
            }
            if list.len() == ATTRIBUTES {
                return (Self(list), Some(format!("attributes after {ATTRIBUTES} are not read")));
            }
            list.push((name.to_owned(), value));
            rest = match after.strip_prefix(',') {
                Some("") => return (Self(list), Some("the list ends with a comma".to_owned())),
                Some(rest) => rest,
                None if after.is_empty() => after,
                None => return (Self(list), Some(format!("\"{}\" follows a value", short(after)))),
            };
        }
        (Self(list), None)
    }

    pub fn value(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value)
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.value(name).map(|value| value.text.as_str())
    }

    pub fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    pub fn number(&self, name: &str) -> Option<u64> {
        self.get(name)?.parse().ok()
    }

    pub fn is_yes(&self, name: &str) -> bool {
        self.get(name) == Some("YES")
    }
}

/// As much of `text` as a message holds.
pub(super) fn short(text: &str) -> String {
    let mut cut: String = text.chars().take(48).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    cut
}

/// What a value must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Integer,
    Hexadecimal,
    /// Decimal floating point, not negative.
    Float,
    SignedFloat,
    Quoted,
    Resolution,
    Enumerated(&'static [&'static str]),
    /// An enumerated string of any value.
    AnyEnumerated,
    /// A quoted string or NONE.
    QuotedOrNone,
    Any,
}

impl Type {
    /// Why the value is not of this type.
    pub fn refuses(self, value: &Value) -> Option<&'static str> {
        let text = value.text.as_str();
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let float = |text: &str| match text.split_once('.') {
            Some((whole, part)) => digits(whole) && digits(part),
            None => digits(text),
        };
        let hex = |text: &str| {
            let rest = text.strip_prefix("0x").or(text.strip_prefix("0X"));
            rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_hexdigit()))
        };
        let (fits, expected) = match self {
            Self::Integer => (digits(text) && text.parse::<u64>().is_ok(), "a decimal integer below 2^64"),
            Self::Hexadecimal => (hex(text), "a hexadecimal sequence"),
            Self::Float => (float(text), "a decimal number"),
            Self::SignedFloat => (float(text.strip_prefix('-').unwrap_or(text)), "a signed decimal number"),
            Self::Resolution => {
                let halves = text.split_once('x');
                (halves.is_some_and(|(w, h)| digits(w) && digits(h)), "a resolution as 640x360")
            }
            Self::Quoted => return (!value.quoted).then_some("a quoted string"),
            Self::QuotedOrNone => {
                return (value.quoted == (text == "NONE")).then_some("a quoted string or NONE");
            }
            Self::Enumerated(of) => (of.contains(&text), "one of the values it is defined with"),
            Self::AnyEnumerated => (true, "an enumerated string"),
            Self::Any => return None,
        };
        (!fits || value.quoted).then_some(expected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_as_far_as_they_go() {
        let (list, problem) = Attributes::parse("BANDWIDTH=1,CODECS=\"a,b\",X-Y=\"\"");
        assert_eq!(problem, None);
        assert_eq!(
            (list.number("BANDWIDTH"), list.get("CODECS"), list.get("X-Y")),
            (Some(1), Some("a,b"), Some(""))
        );
        for (text, read) in [
            ("A", 0),
            ("A=1,", 1),
            ("A=1,,B=2", 1),
            ("A=\"x", 0),
            ("A=\"x\"y", 1),
            ("a=1", 0),
            ("A=1, B=2", 1),
        ] {
            let (list, problem) = Attributes::parse(text);
            assert!(problem.is_some(), "{text}");
            assert_eq!(list.0.len(), read, "{text}");
        }
    }

    #[test]
    fn values_have_types() {
        let bare = |text: &str| Value { text: text.to_owned(), quoted: false };
        let quoted = |text: &str| Value { text: text.to_owned(), quoted: true };
        for (kind, value, fits) in [
            (Type::Integer, bare("12"), true),
            (Type::Integer, bare("1.5"), false),
            (Type::Integer, bare("99999999999999999999"), false),
            (Type::Integer, quoted("12"), false),
            (Type::Float, bare("29.97"), true),
            (Type::Float, bare("-1.0"), false),
            (Type::SignedFloat, bare("-1.0"), true),
            (Type::Hexadecimal, bare("0x0F"), true),
            (Type::Hexadecimal, bare("0F"), false),
            (Type::Quoted, bare("a"), false),
            (Type::Resolution, bare("640x360"), true),
            (Type::Enumerated(&["YES", "NO"]), bare("yes"), false),
            (Type::QuotedOrNone, bare("NONE"), true),
            (Type::QuotedOrNone, bare("cc"), false),
            (Type::QuotedOrNone, quoted("cc"), true),
        ] {
            assert_eq!(kind.refuses(&value).is_none(), fits, "{kind:?} {value:?}");
        }
    }
}
