//! XML as TTML needs it: elements by local name, attributes, text, and where in the file they stand.

use std::{borrow::Cow, collections::HashSet};

use quick_xml::{
    Reader,
    escape::{resolve_predefined_entity, unescape},
    events::{
        Event,
        attributes::{AttrError, Attributes},
    },
};

use crate::{Error, limit, position::FilePosition};

/// What stands in a document, in order.
pub(super) enum Item<'a> {
    Start(Element<'a>),
    End,
    Text(Cow<'a, str>),
}

/// The start of an element.
pub(super) struct Element<'a> {
    name: &'a str,
    /// With their prefixes.
    attributes: Vec<(&'a str, Cow<'a, str>)>,
}

impl Element<'_> {
    /// Its name without a prefix.
    pub(super) fn name(&self) -> &str {
        local(self.name)
    }

    /// Each attribute's name without a prefix, and its value.
    pub(super) fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.attributes.iter().map(|(name, value)| (local(name), &**value))
    }

    /// The value of the first attribute of that name.
    pub(super) fn attribute(&self, wanted: &str) -> Option<&str> {
        self.attributes().find(|(name, _)| *name == wanted).map(|(_, value)| value)
    }
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
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

/// So many attributes are compared with each other.
const FEW: usize = 16;

/// Where in a tag its attributes are wrong, and how.
fn malformed(error: &AttrError) -> (usize, &'static str) {
    match *error {
        AttrError::ExpectedEq(at) => (at, "an attribute without `=`"),
        AttrError::ExpectedValue(at) => (at, "an attribute without a value"),
        AttrError::UnquotedValue(at) => (at, "a value without quotes"),
        AttrError::ExpectedQuote(at, _) => (at, "a value without its closing quote"),
        AttrError::Duplicated(at, _) => (at, "an attribute twice"),
    }
}

/// How far places were counted.
struct Cursor {
    at: usize,
    place: FilePosition,
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
            cursor: Cursor { at: 0, place: FilePosition { line: 1, column: 1 } },
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
                        return Err(self.place().more_than(limit::XML_DEPTH, "levels of XML elements"));
                    }
                    Item::Start(self.element(start.len(), start.name().into_inner().len())?)
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

    /// The element that begins here: its tag has so many bytes, and its name.
    fn element(&mut self, tag: usize, name: usize) -> Result<Element<'a>, Error> {
        let from = self.at + 1;
        let tag = self.text.get(from..from + tag).unwrap_or_default();
        let mut wrong = |at: usize, found: &str| {
            self.at = from + at;
            self.place().error("well-formed XML", found)
        };
        let mut element = Element { name: tag.get(..name).unwrap_or_default(), attributes: Vec::new() };
        // Unchecked: the check for repeated names takes quadratic time.
        for attribute in Attributes::new(tag, name).with_checks(false) {
            let attribute = attribute.map_err(|error| {
                let (at, what) = malformed(&error);
                wrong(at, what)
            })?;
            let name = attribute.key.into_inner();
            let at = || name.as_ptr().addr().saturating_sub(tag.as_ptr().addr());
            let value = match attribute.value {
                Cow::Borrowed(value) if value.contains('&') => {
                    Cow::Owned(unescape(value).map_err(|error| wrong(at(), &error.to_string()))?.into_owned())
                }
                value => value,
            };
            if element.attributes.len() < FEW && element.attributes.iter().any(|(before, _)| *before == name)
            {
                return Err(wrong(at(), &format!("attribute {name} twice")));
            }
            element.attributes.push((name, value));
        }
        if element.attributes.len() > FEW {
            let mut seen = HashSet::with_capacity(element.attributes.len());
            if let Some((name, _)) = element.attributes.iter().find(|(name, _)| !seen.insert(*name)) {
                return Err(wrong(0, &format!("attribute {name} twice")));
            }
        }
        Ok(element)
    }

    /// Where the item read last begins. Places are counted on from each other.
    pub(super) fn place(&mut self) -> FilePosition {
        let at = self.at.min(self.text.len());
        if at < self.cursor.at {
            self.cursor = Cursor { at: 0, place: FilePosition { line: 1, column: 1 } };
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
