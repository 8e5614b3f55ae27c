//! A playlist as text: lines, tags, attributes, variables. Reads on over whatever is wrong.

use std::collections::BTreeMap;

use super::{
    attributes::{Attributes, short},
    finding::Findings,
    line::{Item, Line},
    media::{self, Media},
    multivariant::{self, Multivariant},
    rule,
    tags::{PlaylistKind, Tag, is_open, tag},
};

/// A larger playlist is not read.
pub(super) const PLAYLIST_BYTES: u64 = 4 << 20;
/// Lines beyond are not read.
const LINES: usize = 200_000;
/// Bytes that variables may add to a playlist, all in all.
const EXPANDED: usize = 1 << 20;

/// The variables of a playlist (bis §4.3).
pub(super) type Variables = BTreeMap<String, String>;

/// A playlist that was read.
#[derive(Debug, Clone)]
pub(super) struct Playlist {
    pub kind: PlaylistContent,
    pub variables: Variables,
}

#[derive(Debug, Clone)]
pub(super) enum PlaylistContent {
    Multivariant(Multivariant),
    Media(Media),
    /// Nothing in it says what it is.
    Unclear,
}

/// Reads the playlist called `name`; `imports` are the variables of the multivariant playlist that names it.
pub(super) fn read(name: &str, bytes: &[u8], imports: &Variables, findings: &mut Findings) -> Playlist {
    let text = decode(name, bytes, findings);
    let mut reader = LineReader { name, findings, imports, variables: Variables::new(), room: EXPANDED };
    let lines = reader.lines(&text);
    let variables = reader.variables;
    once(name, &lines, findings);
    let version = version(name, &lines, findings);
    let kind = match kind(name, &lines, findings) {
        Some(PlaylistKind::Multivariant) => {
            PlaylistContent::Multivariant(multivariant::read(name, &lines, version, findings))
        }
        Some(_) => PlaylistContent::Media(media::read(name, &lines, version, findings)),
        None => PlaylistContent::Unclear,
    };
    Playlist { kind, variables }
}

fn decode(name: &str, bytes: &[u8], findings: &mut Findings) -> String {
    let bytes = match bytes.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => {
            findings.add(&rule::UTF8, name, 1, "it begins with a byte order mark");
            rest
        }
        None => bytes,
    };
    if let Err(error) = str::from_utf8(bytes) {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = before.iter().filter(|b| **b == b'\n').count() + 1;
        findings.add(&rule::UTF8, name, line as u32, "this is not UTF-8");
    }
    String::from_utf8_lossy(bytes).into_owned()
}

struct LineReader<'a> {
    name: &'a str,
    findings: &'a mut Findings,
    imports: &'a Variables,
    variables: Variables,
    /// Bytes that variables may still add.
    room: usize,
}

impl LineReader<'_> {
    fn lines(&mut self, text: &str) -> Vec<Line> {
        let mut lines = Vec::new();
        if text.lines().next() != Some("#EXTM3U") {
            let first = short(text.lines().next().unwrap_or_default());
            self.findings.add(&rule::FIRST_LINE, self.name, 1, format!("the first line is \"{first}\""));
        }
        for (number, raw) in (1..).zip(text.split('\n')) {
            let line = raw.strip_suffix('\r').unwrap_or(raw);
            if number as usize > LINES {
                self.findings.add(
                    &rule::LIMIT,
                    self.name,
                    number,
                    format!("lines after {LINES} are not read"),
                );
                break;
            }
            if let Some(c) = line.chars().find(|c| c.is_control()) {
                self.findings.add(&rule::CONTROL, self.name, number, format!("U+{:04X}", u32::from(c)));
            }
            let trimmed = line.trim();
            let (is_tag, is_comment) = (trimmed.starts_with("#EXT"), trimmed.starts_with('#'));
            if trimmed.len() != line.len() && !trimmed.is_empty() && (is_tag || !is_comment) {
                self.findings.add(&rule::WHITE_SPACE, self.name, number, format!("\"{}\"", short(line)));
            }
            if trimmed.is_empty() || is_comment && !is_tag {
                continue;
            }
            let item = if is_tag {
                self.tag(number, trimmed)
            } else {
                Some(Item::Uri(self.expand(number, trimmed)))
            };
            lines.extend(item.map(|item| Line { number, item }));
        }
        lines
    }

    fn tag(&mut self, number: u32, line: &str) -> Option<Item> {
        let line = line.strip_prefix('#').unwrap_or(line);
        let (tag_name, value) = line.split_once(':').unwrap_or((line, ""));
        let Some(tag) = tag(tag_name) else {
            self.findings.add(
                &rule::UNKNOWN,
                self.name,
                number,
                format!("#{} is not known", short(tag_name)),
            );
            return None;
        };
        let attributes = match tag.attributes {
            Some(known) => self.attributes(number, tag, known, value),
            None => Attributes::default(),
        };
        if tag.name == "EXT-X-DEFINE" {
            self.define(number, &attributes);
        }
        Some(Item::Tag { tag, value: value.to_owned(), attributes })
    }

    fn attributes(
        &mut self,
        number: u32,
        tag: &Tag,
        known: &[(&'static str, super::attributes::Type, bool)],
        value: &str,
    ) -> Attributes {
        let name = self.name;
        let (mut attributes, problem) = Attributes::parse(value);
        if let Some(problem) = problem {
            self.findings.add(&rule::ATTRIBUTE_LIST, name, number, format!("{}: {problem}", tag.name));
        }
        for index in 0..attributes.0.len() {
            let Some((attribute, value)) = attributes.0.get(index) else { break };
            let twice = attributes.0.iter().take(index).any(|(n, _)| n == attribute);
            if twice {
                let message = format!("{} states {} twice", tag.name, short(attribute));
                self.findings.add(&rule::ATTRIBUTE_TWICE, name, number, message);
            }
            let expanded = if value.quoted && value.text.contains("{$") {
                Some(self.expand(number, &value.text.clone()))
            } else {
                None
            };
            let Some((attribute, value)) = attributes.0.get_mut(index) else { break };
            value.text = expanded.unwrap_or(std::mem::take(&mut value.text));
            match known.iter().find(|(n, ..)| n == attribute) {
                Some((_, kind, _)) => {
                    if let Some(expected) = kind.refuses(value) {
                        let message = format!("{attribute} of {} is not {expected}", tag.name);
                        self.findings.add(&rule::ATTRIBUTE_TYPE, name, number, message);
                    }
                }
                None if is_open(tag) || attribute.starts_with("X-") || attribute.starts_with("REQ-") => {}
                None => {
                    let message = format!("{} of {} is not known", short(attribute), tag.name);
                    self.findings.add(&rule::UNKNOWN, name, number, message);
                }
            }
        }
        for (attribute, ..) in known.iter().filter(|(n, _, required)| *required && !attributes.has(n)) {
            let message = format!("{} has no {attribute}", tag.name);
            self.findings.add(&rule::ATTRIBUTE_ABSENT, name, number, message);
        }
        attributes
    }

    /// EXT-X-DEFINE (bis §4.4.2.3).
    fn define(&mut self, number: u32, attributes: &Attributes) {
        let name = self.name;
        let (variable, value) =
            match (attributes.get("NAME"), attributes.get("IMPORT"), attributes.get("QUERYPARAM")) {
                (Some(variable), None, None) => (variable, attributes.get("VALUE").map(str::to_owned)),
                (None, Some(variable), None) => (variable, self.imports.get(variable).cloned()),
                (None, None, Some(variable)) => (variable, query(name, variable)),
                _ => {
                    let message = "EXT-X-DEFINE has exactly one of NAME, IMPORT and QUERYPARAM";
                    self.findings.add(&rule::VARIABLE, name, number, message);
                    return;
                }
            };
        if value.is_none() {
            let message = format!("\"{}\" gets no value", short(variable));
            self.findings.add(&rule::VARIABLE, name, number, message);
        }
        if self.variables.insert(variable.to_owned(), value.unwrap_or_default()).is_some() {
            let message = format!("\"{}\" is defined twice", short(variable));
            self.findings.add(&rule::VARIABLE, name, number, message);
        }
    }

    /// The text with its variables replaced, once (bis §4.3).
    fn expand(&mut self, number: u32, text: &str) -> String {
        let (mut expanded, mut rest) = (String::new(), text);
        while let Some((before, after)) = rest.split_once("{$") {
            expanded.push_str(before);
            let Some((variable, after)) = after.split_once('}') else {
                rest = after;
                break;
            };
            match self.variables.get(variable) {
                Some(value) if value.len() <= self.room => {
                    self.room -= value.len();
                    expanded.push_str(value);
                }
                Some(_) => {
                    let message = format!("variables of more than {EXPANDED} bytes are not replaced");
                    self.findings.add(&rule::LIMIT, self.name, number, message);
                }
                None => {
                    let message = format!("\"{}\" is not defined", short(variable));
                    self.findings.add(&rule::VARIABLE, self.name, number, message);
                }
            }
            rest = after;
        }
        expanded.push_str(rest);
        expanded
    }
}

/// The value of a parameter in the query of the playlist's own URL.
fn query(name: &str, parameter: &str) -> Option<String> {
    let (_, query) = name.split_once('?')?;
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.into_iter().find(|(key, _)| *key == parameter).map(|(_, value)| value.to_owned())
}

fn once(name: &str, lines: &[Line], findings: &mut Findings) {
    let mut seen = Vec::new();
    for line in lines {
        let Item::Tag { tag, .. } = &line.item else { continue };
        if tag.once && seen.contains(&tag.name) {
            findings.add(&rule::TAG_TWICE, name, line.number, format!("{} stands twice", tag.name));
        } else if tag.once {
            seen.push(tag.name);
        }
    }
}

/// The version stated, 1 where none is.
fn version(name: &str, lines: &[Line], findings: &mut Findings) -> u64 {
    let mut stated = None;
    for (line, value) in lines.iter().filter_map(|line| Some((line, line.of("EXT-X-VERSION")?.0))) {
        let parsed = value.parse::<u64>().ok().filter(|version| *version > 0);
        if stated.is_some() || parsed.is_none() {
            let message = format!("EXT-X-VERSION:{}", short(value));
            findings.add(&rule::VERSION_ONCE, name, line.number, message);
        }
        stated = stated.or(parsed);
    }
    stated.unwrap_or(1)
}

/// Which of the two it is.
fn kind(name: &str, lines: &[Line], findings: &mut Findings) -> Option<PlaylistKind> {
    let first =
        |place| lines.iter().find(|line| matches!(&line.item, Item::Tag { tag, .. } if tag.place == place));
    let segments = lines.iter().any(|line| line.of("EXTINF").is_some());
    match (first(PlaylistKind::Multivariant), first(PlaylistKind::Media)) {
        (Some(a), Some(b)) => {
            let place = if segments { PlaylistKind::Media } else { PlaylistKind::Multivariant };
            let line = if segments { a.number } else { b.number };
            let message = "tags of a multivariant playlist and of a media playlist";
            findings.add(&rule::MIXED, name, line, message);
            Some(place)
        }
        (Some(_), None) => Some(PlaylistKind::Multivariant),
        (None, Some(_)) => Some(PlaylistKind::Media),
        (None, None) => {
            findings.add(&rule::UNCLEAR, name, None, "neither EXT-X-STREAM-INF nor EXTINF, nor any other");
            None
        }
    }
}
