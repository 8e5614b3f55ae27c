//! The background vocals of a line: one text of all that the file has behind the line and below it.

use super::{
    body::Body,
    source::SourceText,
    stamp::Style,
    voice::{self, Marker, Part},
};
use crate::{
    error::Error,
    position::FilePosition,
    timed_text::TimedTextBuilder,
    warning::{WarningKind, Warnings},
};

/// The background vocals of the line that was read last, and where they begin.
#[derive(Default)]
pub(super) struct Background(Option<(TimedTextBuilder, FilePosition)>);

impl Background {
    /// Gives the text that follows a time.
    pub(super) fn push_stamp(&mut self, ms: i64, place: FilePosition, warnings: &mut Warnings) {
        let (text, _) = self.0.get_or_insert_with(|| (TimedTextBuilder::default(), place));
        if !text.is_blank() {
            text.push_str(" ", place, warnings);
        }
        text.push_stamp(ms, place);
    }

    /// Adds a part of a line to what was read before.
    pub(super) fn add(
        &mut self,
        source: SourceText<'_>,
        part: Part<'_>,
        text: &str,
        style: Style,
        warnings: &mut Warnings,
    ) -> Result<(), Error> {
        let source = source.up_to(text);
        let place = source.place(text);
        if matches!(part, Part::Open(_)) {
            warnings.push(place, WarningKind::Voices, || {
                "no bracket closes the background; it lasts until the end of the line".into()
            });
        }
        let (mut before, first) = self.0.take().unwrap_or((TimedTextBuilder::default(), place));
        if !before.is_blank() && !before.ends_with_space() {
            before.push_str(" ", place, warnings);
        }
        // A line has one voice: it is the background's as well.
        let text = match voice::prefix(text.trim_start()) {
            Some((Marker::Voice(_) | Marker::From(_), rest)) => rest,
            _ => text,
        };
        let mut body = Body::after(before);
        body.take(source, text, style, warnings)?;
        self.0 = Some((body.text, first));
        Ok(())
    }

    /// Ends it; `None` where there was none.
    pub(super) fn take(&mut self) -> Option<(TimedTextBuilder, FilePosition)> {
        self.0.take()
    }
}
