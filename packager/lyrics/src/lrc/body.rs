use super::{
    source::SourceText,
    stamp::{self, Scan, Style},
    voice::{self, Marker},
};
use crate::{
    Error, entity,
    position::FilePosition,
    text::without_spaces,
    timed_text::TimedTextBuilder,
    warning::{WarningKind, Warnings},
};

/// The text of a line after its stamps.
#[derive(Default)]
pub(super) struct Body<'a> {
    /// The text, and the stamps within it.
    pub text: TimedTextBuilder,
    /// The singer that the line names before its text.
    pub marker: Option<Marker<'a>>,
    /// Whether its text has begun.
    begun: bool,
}

impl<'a> Body<'a> {
    /// More text behind this one; it says no more who sings.
    pub(super) fn after(text: TimedTextBuilder) -> Body<'a> {
        Body { text, marker: None, begun: true }
    }

    /// Reads a part of a line, which ends where the part does.
    pub(super) fn take(
        &mut self,
        line: SourceText<'_>,
        body: &'a str,
        style: Style,
        warnings: &mut Warnings,
    ) -> Result<(), Error> {
        let mut place = line.place(body);
        // From here on nothing was taken yet; brackets that are text are passed over.
        let (mut rest, mut from) = (body, 0);
        while let Some(found) = rest.bytes().skip(from).position(|b| b == b'<' || b == b'[') {
            let at = from + found;
            let (text, bracket) = rest.split_at_checked(at).unwrap_or((rest, ""));
            match (bracket.as_bytes().first(), stamp::scan(bracket, style)) {
                (Some(b'<'), Scan::Malformed(expected)) => return Err(line.error(bracket, expected)),
                // `[3:16]` within a line is a verse, `[03:16.00]` a time.
                (Some(b'<'), Scan::Stamp { ms, len, carried, .. })
                | (_, Scan::Stamp { ms, len, carried, fraction: true }) => {
                    self.push(text, place, warnings);
                    place.column += text.chars().count();
                    if carried {
                        warnings.push(place, WarningKind::ReadAs, || stamp::CARRIED.into());
                    }
                    self.text.push_stamp(ms, place);
                    place.column += len; // digits and punctuation: a byte is a character
                    rest = bracket.get(len..).unwrap_or_default();
                    from = 0;
                }
                _ => from = at + 1,
            }
        }
        self.push(rest, place, warnings);
        Ok(())
    }

    /// The text up to a stamp or to the end.
    fn push(&mut self, text: &'a str, mut place: FilePosition, warnings: &mut Warnings) {
        let mut kept = text;
        if !self.begun {
            let solid = text.trim_start();
            self.begun = !solid.is_empty();
            if let Some((marker, rest)) = voice::prefix(solid) {
                self.marker = Some(marker);
                self.begun = !rest.trim_start().is_empty();
                kept = rest.trim_start();
            }
        }
        if kept.starts_with(char::is_whitespace) && self.text.ends_with_space() {
            // A stamp with a space on either side stands between words as one space does.
            let solid = without_spaces(kept, 0, kept.len());
            kept = kept.get(solid.start..).filter(|_| !solid.is_empty()).unwrap_or_default();
        }
        if kept.len() < text.len() {
            let passed = text.get(..text.len() - kept.len()).unwrap_or_default();
            place.column += passed.chars().count();
        }
        self.text.push_str(&entity::decoded(kept), place, warnings);
    }
}
