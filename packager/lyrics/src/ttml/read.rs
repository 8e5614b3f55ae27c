use super::{
    agents::Agents,
    layers::{Entry, PendingLayers},
    span::SpanAttributes,
    text::{Text, Voices},
    xml::{Document, Element, Item},
};
use crate::{
    Error, Hint, Kind, Layer, Limits, Line, Metadata, Parsed, Phrase, limit,
    position::FilePosition,
    quote::quote,
    text::plain,
    warning::{WarningKind, Warnings},
};

/// Reads a decoded TTML file.
pub(crate) fn read(text: &str, hint: &Hint, limits: &Limits) -> Result<Parsed, Error> {
    let whole = super::without_junk(text);
    let mut document = Document::new(whole.as_deref().unwrap_or(text));
    let mut file = TtmlReader { limits: limits.clone(), ..TtmlReader::default() };
    if whole.is_some() {
        let start = FilePosition { line: 1, column: 1 };
        let junk = text.split("<tt").next().unwrap_or_default().split("<?xml").next().unwrap_or_default();
        file.warnings.push(start, WarningKind::LeftOut, || {
            format!("{} before the document left out", quote(junk.trim()))
        });
    }
    while let Some(item) = document.read()? {
        match item {
            Item::Start(element) => {
                let place = document.place();
                file.open(&element, place)?;
            }
            Item::End => file.close()?,
            Item::Text(text) if file.wants_text() => {
                let place = document.place();
                file.push(&text, place)?;
            }
            Item::Text(_) => {}
        }
    }
    file.finish(hint)
}

/// What was read so far.
#[derive(Default)]
struct TtmlReader {
    limits: Limits,
    metadata: Metadata,
    warnings: Warnings,
    open: Vec<Open>,
    agents: Agents,
    tracks: PendingLayers,
    lines: Vec<Line>,
    /// The key of each line, where any has one.
    keys: Vec<Option<String>>,
    word_count: usize,
    latest_start: Option<i64>,
    /// The section that begins with the next line.
    section: Option<String>,
    /// What is being read.
    text: Option<Text>,
    /// A title, a name or the like.
    value: String,
}

/// An element that is open.
enum Open {
    Title,
    AgentName,
    Songwriter,
    /// A translation or transliteration of the head.
    Track,
    /// Its text for the line of this key.
    TrackText {
        key: String,
        place: FilePosition,
    },
    Body {
        agent: Option<String>,
    },
    Division {
        begin: Option<(i64, Option<i64>)>,
        agent: Option<String>,
        place: FilePosition,
    },
    Line(LineAttributes, FilePosition),
    Span,
    /// Metadata within a line.
    Hidden,
    Other,
}

struct LineAttributes {
    time: Option<(i64, Option<i64>)>,
    agent: Option<String>,
    key: Option<String>,
}

impl TtmlReader {
    fn wants_text(&self) -> bool {
        match self.open.last() {
            Some(Open::Title | Open::AgentName | Open::Songwriter) => true,
            Some(Open::Hidden) => false,
            _ => self.text.is_some(),
        }
    }

    fn push(&mut self, text: &str, place: FilePosition) -> Result<(), Error> {
        match (&mut self.text, self.open.last()) {
            (_, Some(Open::Title | Open::AgentName | Open::Songwriter)) => {
                self.value.push_str(text);
                if self.value.len() > limit::TEXT_BYTES {
                    return Err(place.more_than(limit::TEXT_BYTES, "bytes of text in a name or title"));
                }
            }
            (Some(reading), _) => reading.push(text, place, &mut self.warnings),
            _ => {}
        }
        Ok(())
    }

    fn open(&mut self, element: &Element<'_>, place: FilePosition) -> Result<(), Error> {
        let open = match (element.name(), self.text.is_some()) {
            _ if matches!(self.open.last(), Some(Open::Hidden)) => Open::Hidden,
            ("metadata" | "title" | "desc" | "copyright" | "agent" | "name", true) => Open::Hidden,
            ("br", true) => {
                self.push(" ", place)?;
                Open::Other
            }
            ("span" | "p", true) => {
                self.check_agent(element, place);
                let span = SpanAttributes::of(element, place, &mut self.warnings)?;
                if let Some(text) = &mut self.text {
                    text.open(span, place);
                }
                Open::Span
            }
            (_, true) => Open::Other,
            ("tt", _) => {
                self.metadata.language = element.attribute("lang").map(str::to_owned);
                Open::Other
            }
            ("body", _) => Open::Body { agent: self.agent_of(element, place) },
            ("title", _) => Open::Title,
            ("name", _) => Open::AgentName,
            ("songwriter", _) => Open::Songwriter,
            ("agent", _) => {
                self.agents.define(element, place, &mut self.warnings);
                Open::Other
            }
            ("meta", _) => {
                self.read_meta(element);
                Open::Other
            }
            (name @ ("translation" | "transliteration"), _) => {
                let kind = if name == "translation" { Kind::Translation } else { Kind::Pronunciation };
                self.tracks.begin(kind, element.attribute("lang").map(str::to_owned), place);
                Open::Track
            }
            ("text", _) if self.open.iter().any(|open| matches!(open, Open::Track)) => {
                self.text = Some(Text::new(preserved(element)));
                Open::TrackText { key: element.attribute("for").unwrap_or_default().to_owned(), place }
            }
            ("div", _) => {
                let name = element.attribute("song-part").or_else(|| element.attribute("songPart"));
                let name = plain(name.unwrap_or_default());
                // The first part goes without saying, if it has no name.
                self.section = Some(name).filter(|name| !name.is_empty() || !self.lines.is_empty());
                let begin = SpanAttributes::of(element, place, &mut self.warnings)?.time;
                Open::Division { begin, agent: self.agent_of(element, place), place }
            }
            ("p", _) => {
                let time = SpanAttributes::of(element, place, &mut self.warnings)?.time;
                let agent = self.agent_of(element, place);
                let key = element.attribute("key").map(str::to_owned);
                let line = LineAttributes { time, agent, key };
                self.text = Some(Text::new(preserved(element)));
                Open::Line(line, place)
            }
            _ => Open::Other,
        };
        self.open.push(open);
        Ok(())
    }

    fn close(&mut self) -> Result<(), Error> {
        match self.open.pop() {
            Some(Open::Title) => self.metadata.title = Some(plain(&core::mem::take(&mut self.value))),
            Some(Open::AgentName) => {
                let name = plain(&core::mem::take(&mut self.value));
                if let Some(agent) = self.agents.list.last_mut() {
                    agent.name = Some(name);
                }
            }
            Some(Open::Songwriter) => {
                let name = plain(&core::mem::take(&mut self.value));
                self.metadata.author = Some(match self.metadata.author.take() {
                    Some(authors) => format!("{authors}, {name}"),
                    None => name,
                });
            }
            Some(Open::Span) => {
                if let Some(text) = &mut self.text {
                    text.close();
                }
            }
            Some(Open::TrackText { key, place }) => {
                let voices = self.text.take().unwrap_or_default().voices;
                let entry = self.entry(voices, place)?;
                self.tracks.add_for_key(key, entry);
            }
            Some(Open::Division { begin: Some((start, end)), agent, place }) => {
                // A named part without a line is an instrumental break.
                if self.section.as_deref().is_some_and(|name| !name.is_empty()) {
                    let line = LineAttributes { time: Some((start, end)), agent, key: None };
                    self.add_line(line, Text::default(), place)?;
                }
                self.section = None;
            }
            Some(Open::Division { .. }) => self.section = None,
            Some(Open::Line(line, begun)) => {
                let text = self.text.take().unwrap_or_default();
                self.add_line(line, text, begun)?;
            }
            Some(Open::Body { .. } | Open::Track | Open::Hidden | Open::Other) | None => {}
        }
        Ok(())
    }

    fn add_line(&mut self, line: LineAttributes, text: Text, place: FilePosition) -> Result<(), Error> {
        if self.lines.len() == self.limits.lines {
            return Err(place.more_than(self.limits.lines, "lines"));
        }
        let first_word =
            text.voices.lead.start_ms().into_iter().chain(text.voices.background.start_ms()).min();
        let (mut start, mut end) = line.time.map_or((first_word, None), |(start, end)| (Some(start), end));
        if start.is_none() && self.latest_start.is_some() {
            self.warnings
                .push(place, WarningKind::Untimed, || "no time; takes that of the line before it".into());
            start = self.latest_start;
        }
        if end < start && end.is_some() {
            self.warnings
                .push(place, WarningKind::Times, || "ends before it starts; its end left out".into());
            end = None;
        }
        self.latest_start = start;
        for inline in text.inline {
            let entry = self.entry(inline.voices, place)?;
            self.tracks.add_inline(inline.kind, inline.lang, self.lines.len(), entry);
        }
        let Entry { lead, background, .. } = self.entry(text.voices, place)?;
        let mut read = Line::new(start, end, lead).map_err(|e| place.refused(e))?;
        if let Some(background) = background {
            read = read.with_background(background).map_err(|e| place.refused(e))?;
        }
        if let Some(agent) = line.agent {
            read = read.sung_by(agent);
        }
        if let Some(section) = self.section.take() {
            read = read.opening(section);
        }
        self.warnings.of_times(&read, self.lines.last(), place, false);
        self.word_count += read.word_count();
        if self.word_count > self.limits.words {
            return Err(place.more_than(self.limits.words, "words in a layer"));
        }
        if line.key.is_some() || !self.keys.is_empty() {
            self.keys.resize(self.lines.len(), None);
            self.keys.push(line.key);
        }
        self.lines.push(read);
        Ok(())
    }

    fn entry(&mut self, voices: Voices, place: FilePosition) -> Result<Entry, Error> {
        let mut finish = |builder: crate::spanned_text::SpannedTextBuilder| {
            builder.finish(&mut self.warnings).map_err(|e| place.refused(e))
        };
        let background = (!voices.background.is_empty()).then(|| finish(voices.background)).transpose()?;
        let background = background.filter(|phrase: &Phrase| !phrase.text().is_empty());
        Ok(Entry { lead: finish(voices.lead)?, background, place })
    }

    /// The agent of an element: the one it names, else that of the element around it.
    fn agent_of(&mut self, element: &Element<'_>, place: FilePosition) -> Option<String> {
        match element.attribute("agent") {
            Some(ids) => self.agents.of(ids, place, &mut self.warnings),
            None => self.open.iter().rev().find_map(|open| match open {
                Open::Body { agent } | Open::Division { agent, .. } => agent.clone(),
                _ => None,
            }),
        }
    }

    /// Warns of an agent of a part of a line that is not the line's.
    fn check_agent(&mut self, element: &Element<'_>, place: FilePosition) {
        let Some(id) = element.attribute("agent") else { return };
        let line = self.open.iter().rev().find_map(|open| match open {
            Open::Line(line, _) => Some(line.agent.as_deref()),
            _ => None,
        });
        if line.is_some_and(|agent| agent != Some(id)) {
            self.warnings.push(place, WarningKind::Voices, || {
                format!("agent {} of a part of a line left out", quote(id))
            });
        }
    }

    /// `<amll:meta key="musicName" value="…"/>`.
    fn read_meta(&mut self, element: &Element<'_>) {
        let (Some(key), Some(value)) = (element.attribute("key"), element.attribute("value")) else {
            return;
        };
        let value = Some(plain(value));
        match key {
            "musicName" => self.metadata.title = self.metadata.title.take().or(value),
            "artists" => self.metadata.artist = self.metadata.artist.take().or(value),
            "album" => self.metadata.album = self.metadata.album.take().or(value),
            _ => {}
        }
    }

    fn finish(mut self, hint: &Hint) -> Result<Parsed, Error> {
        if self.lines.is_empty() {
            return Err(Error::NoLyrics);
        }
        let synced = self.latest_start.is_some();
        self.keys.resize(self.lines.len(), None);
        let mut order: Vec<usize> = (0..self.lines.len()).collect();
        if synced && self.lines.iter().any(|line| line.start_ms().is_none()) {
            self.warnings.push(FilePosition { line: 1, column: 1 }, WarningKind::Untimed, || {
                "lines without a time before the first that has one; they start at 0".into()
            });
            self.lines = self.lines.into_iter().map(|line| line.starting_at(0)).collect();
        }
        order.sort_by_key(|i| self.lines.get(*i).and_then(Line::start_ms));
        let keyed = |lines: &[Line]| {
            let lines = lines.iter().cloned().zip(&self.keys);
            lines.map(|(line, key)| if let Some(key) = key { line.with_key(key) } else { line }).collect()
        };
        let build = |lines| Layer::new(hint.lang.clone(), hint.kind, self.agents.list.clone(), lines);
        let layer = if self.keys.iter().all(Option::is_none) {
            build(self.lines)?
        } else {
            match build(keyed(&self.lines)) {
                Ok(layer) => layer,
                Err(error) => {
                    let layer = build(self.lines)?;
                    self.warnings.push(FilePosition { line: 1, column: 1 }, WarningKind::LeftOut, || {
                        format!("{error}; keys left out")
                    });
                    layer
                }
            }
        };
        let others = self.tracks.layers(&layer, &order, &self.keys, &mut self.warnings)?;
        Ok(Parsed { layer, others, metadata: self.metadata, warnings: self.warnings.into_list() })
    }
}

/// `xml:space`.
fn preserved(element: &Element<'_>) -> bool {
    element.attribute("space") == Some("preserve")
}
