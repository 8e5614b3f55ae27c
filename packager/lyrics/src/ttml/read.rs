use super::{
    layers::{Entry, Tracks},
    text::{Role, SpanAttributes, Text, Voices},
    time,
    xml::{Document, Element, Item},
};
use crate::{
    Agent, AgentKind, Error, Hint, Kind, Layer, Limits, Line, Metadata, Parsed, Phrase,
    error::quote,
    limit,
    model::is_identifier,
    parse::{Place, Warnings},
    text::plain,
};

/// Reads a decoded TTML file.
pub(crate) fn read(text: &str, hint: &Hint, limits: &Limits) -> Result<Parsed, Error> {
    let mut document = Document::new(text);
    let mut file = File { limits: limits.clone(), ..File::default() };
    while let Some(item) = document.read()? {
        match item {
            Item::Start(element) => {
                let place = document.place();
                file.open(&element, place)?;
            }
            Item::End => file.close()?,
            Item::Text(text) if file.wants_text() => {
                let place = document.place();
                file.push(&text, place);
            }
            Item::Text(_) => {}
        }
    }
    file.finish(hint)
}

/// What was read so far.
#[derive(Default)]
struct File {
    limits: Limits,
    metadata: Metadata,
    warnings: Warnings,
    open: Vec<Open>,
    agents: Vec<Agent>,
    tracks: Tracks,
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
        place: Place,
    },
    Division {
        begin: Option<(i64, Option<i64>)>,
        place: Place,
    },
    Line(LineAttributes, Place),
    Span,
    Other,
}

#[derive(Default)]
struct LineAttributes {
    time: Option<(i64, Option<i64>)>,
    agent: Option<String>,
    key: Option<String>,
}

impl File {
    fn wants_text(&self) -> bool {
        self.text.is_some()
            || matches!(self.open.last(), Some(Open::Title | Open::AgentName | Open::Songwriter))
    }

    fn push(&mut self, text: &str, place: Place) {
        match (&mut self.text, self.open.last()) {
            (_, Some(Open::Title | Open::AgentName | Open::Songwriter))
                if self.value.len() < limit::TEXT_BYTES =>
            {
                self.value.push_str(text);
            }
            (Some(reading), _) => reading.push(text, place, &mut self.warnings),
            _ => {}
        }
    }

    fn open(&mut self, element: &Element<'_>, place: Place) -> Result<(), Error> {
        let open = match (element.name(), self.text.is_some()) {
            ("br", true) => {
                self.push(" ", place);
                Open::Other
            }
            ("span" | "p", true) => {
                let span = self.span(element, place)?;
                if let Some(text) = &mut self.text {
                    text.open(span, place);
                }
                Open::Span
            }
            (_, true) => Open::Other,
            ("tt", _) => {
                self.metadata.language = attribute(element, "lang");
                Open::Other
            }
            ("body", _) => Open::Other,
            ("title", _) => Open::Title,
            ("name", _) => Open::AgentName,
            ("songwriter", _) => Open::Songwriter,
            ("agent", _) => {
                self.read_agent(element, place);
                Open::Other
            }
            ("meta", _) => {
                self.read_meta(element);
                Open::Other
            }
            (name @ ("translation" | "transliteration"), _) => {
                let kind = if name == "translation" { Kind::Translation } else { Kind::Pronunciation };
                self.tracks.begin(kind, attribute(element, "lang"), place);
                Open::Track
            }
            ("text", _) if self.open.iter().any(|open| matches!(open, Open::Track)) => {
                self.text = Some(Text::new(preserved(element).unwrap_or(false)));
                Open::TrackText { key: attribute(element, "for").unwrap_or_default(), place }
            }
            ("div", _) => {
                let name = attribute(element, "song-part").or_else(|| attribute(element, "songPart"));
                let name = plain(&name.unwrap_or_default());
                // The first part goes without saying, if it has no name.
                self.section = Some(name).filter(|name| !name.is_empty() || !self.lines.is_empty());
                Open::Division { begin: self.span(element, place)?.time, place }
            }
            ("p", _) => {
                let mut line = LineAttributes { time: self.span(element, place)?.time, ..Default::default() };
                for (name, value) in element.attributes() {
                    match name {
                        "agent" => line.agent = self.agent_of(&value, place),
                        "key" => line.key = Some(value.into_owned()),
                        _ => {}
                    }
                }
                self.text = Some(Text::new(preserved(element).unwrap_or(false)));
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
                if let Some(agent) = self.agents.last_mut() {
                    agent.name = Some(name);
                }
            }
            Some(Open::Songwriter) => {
                let name = plain(&core::mem::take(&mut self.value));
                self.metadata.author = match self.metadata.author.take() {
                    Some(authors) if authors.len() < limit::TEXT_BYTES => Some(format!("{authors}, {name}")),
                    Some(authors) => Some(authors),
                    None => Some(name),
                };
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
            Some(Open::Division { begin: Some((start, end)), place }) => {
                // A named part without a line is an instrumental break.
                if self.section.as_deref().is_some_and(|name| !name.is_empty()) {
                    let line = LineAttributes { time: Some((start, end)), ..Default::default() };
                    self.add_line(line, Text::default(), place)?;
                }
                self.section = None;
            }
            Some(Open::Division { .. }) => self.section = None,
            Some(Open::Line(line, begun)) => {
                let text = self.text.take().unwrap_or_default();
                self.add_line(line, text, begun)?;
            }
            Some(Open::Track | Open::Other) | None => {}
        }
        Ok(())
    }

    fn add_line(&mut self, line: LineAttributes, text: Text, place: Place) -> Result<(), Error> {
        if self.lines.len() == self.limits.lines {
            return Err(place.refused(Error::Limit { what: "lines", limit: self.limits.lines }));
        }
        let first_word =
            text.voices.lead.start_ms().into_iter().chain(text.voices.background.start_ms()).min();
        let (mut start, mut end) = line.time.map_or((first_word, None), |(start, end)| (Some(start), end));
        if start.is_none() && self.latest_start.is_some() {
            self.warnings.push(place, || "no time; takes that of the line before it".into());
            start = self.latest_start;
        }
        if end < start && end.is_some() {
            self.warnings.push(place, || "ends before it starts; its end left out".into());
            end = None;
        }
        if start < self.latest_start {
            self.warnings.push(place, || "starts before the line above it; sorted by start".into());
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
        self.word_count += read.word_count();
        if self.word_count > self.limits.words {
            return Err(place.refused(Error::Limit { what: "words in a layer", limit: self.limits.words }));
        }
        if line.key.is_some() || !self.keys.is_empty() {
            self.keys.resize(self.lines.len(), None);
            self.keys.push(line.key);
        }
        self.lines.push(read);
        Ok(())
    }

    fn entry(&mut self, voices: Voices, place: Place) -> Result<Entry, Error> {
        let mut finish =
            |draft: crate::draft::Draft| draft.finish(&mut self.warnings).map_err(|e| place.refused(e));
        let background = (!voices.background.is_empty()).then(|| finish(voices.background)).transpose()?;
        let background = background.filter(|phrase: &Phrase| !phrase.text().is_empty());
        Ok(Entry { lead: finish(voices.lead)?, background, place })
    }

    fn span(&mut self, element: &Element<'_>, place: Place) -> Result<SpanAttributes, Error> {
        let (mut begin, mut end, mut duration) = (None, None, None);
        let mut span = SpanAttributes::default();
        for (name, value) in element.attributes() {
            let ms = || time::read(&value).ok_or_else(|| place.error(time::EXPECTED, &value)).map(Some);
            match name {
                "begin" => begin = ms()?,
                "end" => end = ms()?,
                "dur" => duration = ms()?,
                "role" => {
                    span.role = match &*value {
                        "x-bg" => Some(Role::Background),
                        "x-translation" => Some(Role::Translation),
                        "x-roman" => Some(Role::Roman),
                        _ => None,
                    }
                }
                "lang" => span.lang = Some(value.into_owned()),
                "ruby" => span.ruby_text = matches!(&*value, "text" | "textContainer" | "delimiter"),
                "space" => span.preserve = Some(value == "preserve"),
                _ => {}
            }
        }
        span.time = match (begin, end.or(begin.zip(duration).map(|(begin, duration)| begin + duration))) {
            (Some(begin), Some(end)) if end < begin => {
                self.warnings.push(place, || "ends before it starts; its end left out".into());
                Some((begin, None))
            }
            (Some(begin), end) => Some((begin, end)),
            (None, _) => None,
        };
        if span.ruby_text {
            self.warnings.push_once_a_line(place, || "ruby left out: the base text is kept".into());
        }
        Ok(span)
    }

    fn read_agent(&mut self, element: &Element<'_>, place: Place) {
        let id = attribute(element, "id").unwrap_or_default();
        let kind = match attribute(element, "type").as_deref() {
            None | Some("person" | "character") => AgentKind::Voice,
            Some("group" | "organization") => AgentKind::Group,
            Some(_) => AgentKind::Other,
        };
        if !is_identifier(&id) || self.agents.iter().any(|agent| agent.id == id) {
            self.warnings.push(place, || format!("agent {} left out: no identifier of its own", quote(&id)));
        } else if self.agents.len() < limit::AGENTS {
            self.agents.push(Agent { id, kind, name: None });
        } else {
            self.warnings.push(place, || format!("more than {} agents; the others left out", limit::AGENTS));
        }
    }

    /// The agent of a line, which the head should have defined.
    fn agent_of(&mut self, ids: &str, place: Place) -> Option<String> {
        let mut all = ids.split_ascii_whitespace();
        let id = all.next()?;
        if all.next().is_some() {
            self.warnings.push(place, || format!("several agents; {} is kept", quote(id)));
        }
        if !self.agents.iter().any(|agent| agent.id == id) {
            if !is_identifier(id) || self.agents.len() >= limit::AGENTS {
                self.warnings.push(place, || format!("agent {} left out", quote(id)));
                return None;
            }
            self.warnings
                .push(place, || format!("agent {} is not defined in the head; taken for a voice", quote(id)));
            self.agents.push(Agent { id: id.to_owned(), kind: AgentKind::Voice, name: None });
        }
        Some(id.to_owned())
    }

    /// `<amll:meta key="musicName" value="…"/>`.
    fn read_meta(&mut self, element: &Element<'_>) {
        let (Some(key), Some(value)) = (attribute(element, "key"), attribute(element, "value")) else {
            return;
        };
        let value = Some(plain(&value));
        match key.as_str() {
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
            self.warnings.push(Place { line: 1, column: 1 }, || {
                "lines without a time before the first that has one; they start at 0".into()
            });
            self.lines = self.lines.into_iter().map(|line| line.starting_at(0)).collect();
        }
        order.sort_by_key(|i| self.lines.get(*i).and_then(Line::start_ms));
        let keyed = |lines: &[Line]| {
            let lines = lines.iter().cloned().zip(&self.keys);
            lines.map(|(line, key)| if let Some(key) = key { line.with_key(key) } else { line }).collect()
        };
        let build = |lines| Layer::new(hint.lang.clone(), hint.kind, self.agents.clone(), lines);
        let layer = if self.keys.iter().all(Option::is_none) {
            build(self.lines)?
        } else {
            match build(keyed(&self.lines)) {
                Ok(layer) => layer,
                Err(error) => {
                    let layer = build(self.lines)?;
                    self.warnings.push(Place { line: 1, column: 1 }, || format!("{error}; keys left out"));
                    layer
                }
            }
        };
        let others = self.tracks.layers(&layer, &order, &self.keys, &mut self.warnings)?;
        Ok(Parsed { layer, others, metadata: self.metadata, warnings: self.warnings.into_list() })
    }
}

fn attribute(element: &Element<'_>, wanted: &str) -> Option<String> {
    element.attributes().find(|(name, _)| *name == wanted).map(|(_, value)| value.into_owned())
}

/// `xml:space`.
fn preserved(element: &Element<'_>) -> Option<bool> {
    attribute(element, "space").map(|value| value == "preserve")
}
