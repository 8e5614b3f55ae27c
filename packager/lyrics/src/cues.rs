//! What WebVTT and SubRip share: blocks of lines, of which one says from when to when.

use crate::{
    Agent, AgentKind, Error, Hint, Layer, Limits, Line, Metadata, Parsed, Phrase, clock, decode,
    karaoke::Karaoke,
    limit,
    parse::{Place, Warnings},
};

/// Whether the text has a timing line before its first text: `00:00:01,000 --> …`.
pub(crate) fn recognises(text: &str) -> bool {
    let mut lines = decode::lines(text).filter(|line| !line.trim().is_empty()).take(2);
    lines.any(|line| line.split_once("-->").is_some_and(|(start, _)| start.trim().parse_time().is_some()))
}

/// A block of lines between blank ones, with the number of the first.
pub(crate) struct Block<'a> {
    pub lines: Vec<&'a str>,
    pub first: usize,
}

/// The blocks of a text, the next at each call.
pub(crate) struct Blocks<I> {
    lines: I,
    number: usize,
}

impl<'a, I: Iterator<Item = &'a str>> Blocks<I> {
    pub(crate) fn new(lines: I) -> Blocks<I> {
        Blocks { lines, number: 0 }
    }

    /// Puts the next block into `block`; `false` at the end.
    pub(crate) fn read(&mut self, block: &mut Block<'a>) -> bool {
        block.lines.clear();
        for line in self.lines.by_ref() {
            self.number += 1;
            match (line.trim().is_empty(), block.lines.is_empty()) {
                (true, false) => return true,
                (true, true) => {}
                (false, true) => {
                    block.first = self.number;
                    block.lines.push(line);
                }
                (false, false) => block.lines.push(line),
            }
        }
        !block.lines.is_empty()
    }
}

/// Times of both formats.
pub(crate) trait ParseTime {
    /// The ms of `hh:mm:ss,mmm` or `mm:ss.mmm`, with a point or a comma; three decimals or none.
    fn parse_time(&self) -> Option<i64>;
}

impl ParseTime for str {
    fn parse_time(&self) -> Option<i64> {
        if let Some(ms) = clock::read(self) {
            return Some(ms);
        }
        let (clock, ms) = match self.split_once(['.', ',']) {
            None => (self, 0),
            Some((clock, ms)) if ms.len() == 3 => (clock, number(ms)?),
            Some(_) => return None,
        };
        let mut fields = clock.split(':');
        let (a, b, c) = (number(fields.next()?)?, number(fields.next()?)?, fields.next());
        let (hours, minutes, seconds) = match c {
            Some(c) => (a, b, number(c)?),
            None => (0, a, b),
        };
        let good = fields.next().is_none() && minutes < 60 && seconds < 60;
        let all = ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms;
        (good && all <= limit::TIME_MS).then_some(all)
    }
}

fn number(digits: &str) -> Option<i64> {
    let good = (1..=4).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    good.then(|| digits.bytes().fold(0, |n, digit| n * 10 + i64::from(digit - b'0')))
}

/// From when to when a block is shown, and the place of that in it.
pub(crate) struct Timing {
    pub start: i64,
    pub end: i64,
    /// Lines of the block before the text.
    pub head: usize,
}

impl Timing {
    /// The timing of a block: its first line, or its second after an identifier.
    pub(crate) fn of(block: &Block<'_>) -> Result<Option<Timing>, Error> {
        let Some(at) = block.lines.iter().take(2).position(|line| line.contains("-->")) else {
            return Ok(None);
        };
        let line = block.lines.get(at).copied().unwrap_or_default();
        let expected = "two times such as `00:00:01.000 --> 00:00:02.000`";
        let place = Place { line: block.first + at, column: 1 };
        let wrong = || place.error(expected, line);
        let (start, rest) = line.split_once("-->").ok_or_else(wrong)?;
        let start = start.trim().parse_time().ok_or_else(wrong)?;
        let end = rest.split_whitespace().next().and_then(str::parse_time).ok_or_else(wrong)?;
        Ok(Some(Timing { start, end, head: at + 1 }))
    }
}

/// The lines read so far.
pub(crate) struct Cues<'a> {
    limits: &'a Limits,
    pub warnings: Warnings,
    agents: Vec<Agent>,
    lines: Vec<Line>,
    words: usize,
}

impl<'a> Cues<'a> {
    pub(crate) fn new(limits: &'a Limits) -> Cues<'a> {
        Cues { limits, warnings: Warnings::default(), agents: Vec::new(), lines: Vec::new(), words: 0 }
    }

    /// The id of the voice of this name.
    pub(crate) fn agent(&mut self, name: &str, place: Place) -> Option<String> {
        let name = crate::text::plain(name);
        if name.is_empty() {
            return None;
        }
        if let Some(agent) = self.agents.iter().find(|agent| agent.name.as_ref() == Some(&name)) {
            return Some(agent.id.clone());
        }
        if self.agents.len() == limit::AGENTS {
            self.warnings.push(place, || format!("more than {} voices; the others left out", limit::AGENTS));
            return None;
        }
        let id = format!("v{}", self.agents.len() + 1);
        self.agents.push(Agent { id: id.clone(), kind: AgentKind::Voice, name: Some(name) });
        Some(id)
    }

    /// Adds a block's text as a line.
    pub(crate) fn add(
        &mut self,
        timing: &Timing,
        text: Karaoke,
        agent: Option<String>,
        place: Place,
    ) -> Result<(), Error> {
        let refused = |e| place.refused(e);
        let mut end = Some(timing.end);
        if timing.end < timing.start {
            self.warnings.push(place, || "ends before it starts; its end left out".into());
            end = None;
        }
        if self.lines.last().and_then(Line::start_ms) > Some(timing.start) {
            self.warnings.push(place, || "starts before the line above it; sorted by start".into());
        }
        if self.lines.len() == self.limits.lines {
            return Err(refused(Error::Limit { what: "lines", limit: self.limits.lines }));
        }
        let (text, words) = text.words(timing.start, &mut self.warnings);
        self.words += words.len();
        if self.words > self.limits.words {
            return Err(refused(Error::Limit { what: "words in a layer", limit: self.limits.words }));
        }
        let phrase = Phrase::of_normal(text, words).map_err(refused)?;
        let line = Line::new(Some(timing.start), end, phrase).map_err(refused)?;
        self.lines.push(match agent {
            Some(agent) => line.sung_by(agent),
            None => line,
        });
        Ok(())
    }

    pub(crate) fn finish(self, hint: &Hint) -> Result<Parsed, Error> {
        if self.lines.is_empty() {
            return Err(Error::NoLyrics);
        }
        let layer = Layer::new(hint.lang.clone(), hint.kind, self.agents, self.lines)?;
        let warnings = self.warnings.into_list();
        Ok(Parsed { layer, others: Vec::new(), metadata: Metadata::default(), warnings })
    }
}
