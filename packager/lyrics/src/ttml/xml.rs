//! XML as TTML needs it: elements by local name, attributes, text, and where in the file they stand.

use std::borrow::Cow;

use quick_xml::{
    Reader,
    escape::{resolve_predefined_entity, unescape},
    events::{BytesStart, Event},
};

use crate::{Error, limit, parse::Place};

/// What stands in a document, in order.
pub(super) enum Item<'a> {
    Start(Element<'a>),
    End,
    Text(Cow<'a, str>),
}

/// The start of an element.
pub(super) struct Element<'a> {
    start: BytesStart<'a>,
}

impl Element<'_> {
    /// Its name without a prefix.
    pub(super) fn name(&self) -> &str {
        self.start.local_name().into_inner()
    }

    /// Each attribute's name without a prefix, and its value.
    pub(super) fn attributes(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        // Unchecked: the check for repeated names takes quadratic time.
        let mut attributes = self.start.attributes();
        attributes.with_checks(false);
        attributes.flatten().map(|attribute| {
            let name = attribute.key.into_inner();
            let name = name.rsplit_once(':').map_or(name, |(_, local)| local);
            (name, unescaped(attribute.value))
        })
    }
}

fn unescaped(value: Cow<'_, str>) -> Cow<'_, str> {
    if !value.contains('&') {
        return value;
    }
    match unescape(&value) {
        Ok(text) => Cow::Owned(text.into_owned()),
        Err(_) => value,
    }
}

/// Reads a document from its beginning. Document types are refused, and with them every entity that is
/// not XML's own; nothing is ever fetched.
pub(super) struct Document<'a> {
    text: &'a str,
    reader: Reader<&'a [u8]>,
    depth: usize,
    /// Where the item read last begins.
    at: usize,
    cursor: Cursor,
}

/// How far places were counted.
struct Cursor {
    at: usize,
    place: Place,
}

impl<'a> Document<'a> {
    pub(super) fn new(text: &'a str) -> Document<'a> {
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        Document {
            text,
            reader,
            depth: 0,
            at: 0,
            cursor: Cursor { at: 0, place: Place { line: 1, column: 1 } },
        }
    }

    /// The next item; `None` at the end.
    pub(super) fn read(&mut self) -> Result<Option<Item<'a>>, Error> {
        loop {
            self.at = usize::try_from(self.reader.buffer_position()).unwrap_or(self.text.len());
            let event = match self.reader.read_event() {
                Ok(event) => event,
                Err(error) => {
                    self.at = usize::try_from(self.reader.error_position()).unwrap_or(self.text.len());
                    return Err(self.place().error("well-formed XML", &error.to_string()));
                }
            };
            return Ok(Some(match event {
                Event::Start(start) | Event::Empty(start) => {
                    self.depth += 1;
                    if self.depth > limit::XML_DEPTH {
                        let what = "levels of XML elements";
                        return Err(self.place().refused(Error::Limit { what, limit: limit::XML_DEPTH }));
                    }
                    Item::Start(Element { start })
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    Item::End
                }
                Event::Text(text) => Item::Text(text.into_inner()),
                Event::CData(text) => Item::Text(text.into_inner()),
                Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                    Ok(Some(c)) => Item::Text(Cow::Owned(c.to_string())),
                    Ok(None) if resolve_predefined_entity(&reference).is_some() => {
                        Item::Text(Cow::Borrowed(resolve_predefined_entity(&reference).unwrap_or_default()))
                    }
                    _ => {
                        let expected = "a character reference, or one of &amp; &lt; &gt; &quot; &apos;";
                        return Err(self.place().error(expected, &reference));
                    }
                },
                Event::DocType(_) => {
                    return Err(self.place().error("no document type: entities are not read", "<!DOCTYPE"));
                }
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => continue,
                Event::Eof if self.depth > 0 => {
                    return Err(self.place().error("the end of every element", "the end of the file"));
                }
                Event::Eof => return Ok(None),
            }));
        }
    }

    /// Where the item read last begins. Places are counted on from each other.
    pub(super) fn place(&mut self) -> Place {
        let at = self.at.min(self.text.len());
        if at < self.cursor.at {
            self.cursor = Cursor { at: 0, place: Place { line: 1, column: 1 } };
        }
        let passed = self.text.get(self.cursor.at..at).unwrap_or_default();
        let place = &mut self.cursor.place;
        match passed.rfind('\n') {
            Some(last) => {
                place.line += passed.bytes().filter(|b| *b == b'\n').count();
                place.column = passed.get(last..).map_or(1, |rest| rest.chars().count());
            }
            None => place.column += passed.chars().count(),
        }
        self.cursor.at = at;
        *place
    }
}
