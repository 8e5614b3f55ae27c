//! What crosses of a request and of an origin's answer, stated once: `platform.js` is given these names and sends a line
//! for each, in their order.

/// Declares the fields of one kind of text and their names.
macro_rules! fields {
    ($(#[$doc:meta])* $kind:ident { $($(#[$of:meta])* $field:ident = $name:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $kind {
            $($(#[$of])* $field,)+
        }

        impl Field for $kind {
            const NAMES: &'static [&'static str] = &[$($name,)+];

            fn place(self) -> usize {
                self as usize
            }
        }
    };
}

/// A field of a text that crosses.
pub trait Field: Copy {
    /// The names, in the order of the lines: a header field's own, or one that `platform.js` knows.
    const NAMES: &'static [&'static str];

    /// The line of this one.
    fn place(self) -> usize;
}

fields! {
    /// What matters of a request.
    RequestField {
        Method = "method",
        Url = "url",
        Range = "range",
        IfRange = "if-range",
        IfNoneMatch = "if-none-match",
        /// What the client sent: the platform replaces the header field.
        AcceptEncoding = "accept-encoding",
        Token = "cta-common-access-token",
        Cookie = "cookie",
        CmcdRequest = "cmcd-request",
        CmcdStatus = "cmcd-status",
        Country = "cf.country",
        Colo = "cf.colo",
        Id = "cf-ray",
        /// Set by the platform, whatever the client sent.
        Client = "cf-connecting-ip",
    }
}

fields! {
    /// What matters of an origin's answer.
    AnswerField {
        Status = "status",
        ContentLength = "content-length",
        /// Absent under status 200: a whole object has no range.
        ContentRange = "content-range",
        ContentEncoding = "content-encoding",
        CacheStatus = "cf-cache-status",
        Age = "age",
        /// Under a status of success alone.
        ContentType = "content-type",
        /// Under any other status alone.
        RetryAfter = "retry-after",
    }
}

/// Texts that came over as one, a line each.
pub struct Lines<'a>(Vec<Option<&'a str>>);

impl<'a> Lines<'a> {
    /// Takes them apart; `None` where they are not as many as the fields of `F`.
    pub fn of<F: Field>(text: &'a str) -> Option<Self> {
        let mut lines = Vec::with_capacity(F::NAMES.len());
        lines.extend(text.split('\n').map(|line| (line != ABSENT).then_some(line)));
        (lines.len() == F::NAMES.len()).then_some(Self(lines))
    }

    /// One of them, if it is there.
    pub fn get(&self, field: impl Field) -> Option<&'a str> {
        self.0.get(field.place()).copied().flatten()
    }
}

/// The line of what is absent: no URL and no header field has it.
const ABSENT: &str = "\0";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_by_its_name_and_a_wrong_count_is_none() {
        let text = RequestField::NAMES.join("\n");
        let lines = Lines::of::<RequestField>(&text).unwrap();
        assert_eq!(lines.get(RequestField::Country), Some("cf.country"));
        assert_eq!(lines.get(RequestField::Client), Some("cf-connecting-ip"));
        assert!(Lines::of::<AnswerField>(&text).is_none());
        let absent = vec![ABSENT; AnswerField::NAMES.len()].join("\n");
        assert_eq!(Lines::of::<AnswerField>(&absent).unwrap().get(AnswerField::Age), None);
    }
}
