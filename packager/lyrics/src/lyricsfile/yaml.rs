//! YAML as Lyricsfile needs it: one document of mappings, sequences and scalars, no aliases, no tags.

use std::borrow::Cow;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput};

use crate::{Error, limit, position::FilePosition};

/// What stands in a document, in order.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Item<'a> {
    /// A text; whether it is quoted, and so never a number or the like.
    Scalar(Cow<'a, str>, bool),
    Sequence,
    Mapping,
    /// The end of a sequence or mapping.
    End,
}

/// Reads a document from its beginning.
pub(super) struct Yaml<'a> {
    parser: Parser<'a, StrInput<'a>>,
    depth: usize,
}

impl<'a> Yaml<'a> {
    pub(super) fn new(text: &'a str) -> Yaml<'a> {
        Yaml { parser: Parser::new_from_str(text), depth: 0 }
    }

    /// The next item and its place; `None` at the end of the first document.
    pub(super) fn read(&mut self) -> Result<Option<(Item<'a>, FilePosition)>, Error> {
        while let Some(event) = self.parser.next_event() {
            let (event, span) = event.map_err(|error| malformed(&error))?;
            let at = place(span);
            let aliased = "no anchors and aliases: each value as it is";
            let item = match event {
                Event::Alias(_) => return Err(at.error(aliased, "an alias")),
                Event::Scalar(_, _, anchor, _)
                | Event::SequenceStart(anchor, _)
                | Event::MappingStart(anchor, _)
                    if anchor > 0 =>
                {
                    return Err(at.error(aliased, "an anchor"));
                }
                Event::Scalar(text, style, _, _) => Item::Scalar(text, style != ScalarStyle::Plain),
                Event::SequenceStart(..) => Item::Sequence,
                Event::MappingStart(..) => Item::Mapping,
                Event::SequenceEnd | Event::MappingEnd => Item::End,
                Event::DocumentEnd | Event::StreamEnd => return Ok(None),
                Event::Nothing | Event::StreamStart | Event::DocumentStart(_) => continue,
            };
            match item {
                Item::Sequence | Item::Mapping => self.depth += 1,
                Item::End => self.depth = self.depth.saturating_sub(1),
                Item::Scalar(..) => {}
            }
            if self.depth > limit::YAML_DEPTH {
                return Err(at.more_than(limit::YAML_DEPTH, "levels of YAML"));
            }
            return Ok(Some((item, at)));
        }
        Ok(None)
    }

    /// Where another document begins after the first, which was read as far as it counts.
    pub(super) fn another(&mut self) -> Result<Option<FilePosition>, Error> {
        while let Some(event) = self.parser.next_event() {
            match event.map_err(|error| malformed(&error))? {
                (Event::DocumentStart(_), span) => return Ok(Some(place(span))),
                (Event::StreamEnd, _) => return Ok(None),
                _ => {}
            }
        }
        Ok(None)
    }
}

fn malformed(error: &ScanError) -> Error {
    let marker = error.marker();
    FilePosition { line: marker.line(), column: marker.col() + 1 }.error("well-formed YAML", error.info())
}

fn place(span: Span) -> FilePosition {
    FilePosition { line: span.start.line(), column: span.start.col() + 1 }
}
