//! What the attributes of a `span`, a `p` or a `div` say.

use super::{role::Role, time, xml::Element};
use crate::{
    Error,
    position::FilePosition,
    warning::{WarningKind, Warnings},
};

/// The attributes that count.
#[derive(Debug, Default)]
pub(super) struct SpanAttributes {
    pub time: Option<(i64, Option<i64>)>,
    pub role: Option<Role>,
    pub lang: Option<String>,
    /// Whether it is a ruby annotation, not its base.
    pub ruby_text: bool,
    pub preserve: Option<bool>,
}

impl SpanAttributes {
    pub(super) fn of(
        element: &Element<'_>,
        place: FilePosition,
        warnings: &mut Warnings,
    ) -> Result<SpanAttributes, Error> {
        let (mut begin, mut end, mut duration) = (None, None, None);
        let mut span = SpanAttributes::default();
        for (name, value) in element.attributes() {
            let ms = || time::read(value).ok_or_else(|| place.error(time::EXPECTED, value)).map(Some);
            match name {
                "begin" => begin = ms()?,
                "end" => end = ms()?,
                "dur" => duration = ms()?,
                "role" => span.role = value.split_ascii_whitespace().find_map(Role::of),
                "lang" => span.lang = Some(value.to_owned()),
                "ruby" => span.ruby_text = matches!(value, "text" | "textContainer" | "delimiter"),
                "space" => span.preserve = Some(value == "preserve"),
                _ => {}
            }
        }
        span.time = match (begin, end.or(begin.zip(duration).map(|(begin, duration)| begin + duration))) {
            (Some(begin), Some(end)) if end < begin => {
                warnings.push(place, WarningKind::Times, || "ends before it starts; its end left out".into());
                Some((begin, None))
            }
            (Some(begin), end) => Some((begin, end)),
            (None, _) => None,
        };
        if span.ruby_text {
            warnings
                .push_once_a_line(place, WarningKind::Ruby, || "ruby left out: the base text is kept".into());
        }
        Ok(span)
    }
}
