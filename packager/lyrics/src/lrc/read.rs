use super::{
    body::Body,
    source::{SourceLine, SourceText},
    stamp::{self, Scan},
    tags, voice,
};
use crate::{
    Agent, Error, Hint, Layer, Limits, Metadata, Parsed, decode,
    error::quote,
    karaoke::Karaoke,
    limit,
    parse::{Place, Warnings},
};

/// Whether any line of a file begins with a time stamp.
pub(crate) fn recognises(text: &str) -> bool {
    decode::lines(text).map(str::trim_start).any(|line| match line.as_bytes().first() {
        Some(b'[') => line.get(1..).is_some_and(stamp::has_form_of_stamp),
        Some(b'<') => matches!(stamp::scan(line), Scan::Stamp { .. }),
        _ => false,
    })
}

/// Reads a decoded LRC or enhanced LRC file.
pub(crate) fn read(text: &str, hint: &Hint, limits: &Limits) -> Result<Parsed, Error> {
    let mut file = File::new(limits);
    for (line, number) in decode::lines(text).zip(1..) {
        file.read_line(line, number)?;
    }
    file.end_background()?;
    let offset_ms = file.metadata.offset_ms;
    let mut lines = Vec::with_capacity(file.line_count);
    for source in file.lines {
        source.sing(offset_ms, &file.agents, &mut lines)?;
    }
    let layer = Layer::new(hint.lang.clone(), hint.kind, file.agents, lines)?;
    Ok(Parsed { layer, others: Vec::new(), metadata: file.metadata, warnings: file.warnings.into_list() })
}

/// What was read so far.
struct File<'l> {
    limits: &'l Limits,
    metadata: Metadata,
    agents: Vec<Agent>,
    lines: Vec<SourceLine>,
    /// Background vocals of the last line.
    background: Option<(Karaoke, Place)>,
    warnings: Warnings,
    /// Lines and words of the layer to come, repeats counted.
    line_count: usize,
    word_count: usize,
    latest_start: i64,
}

impl<'l> File<'l> {
    fn new(limits: &'l Limits) -> File<'l> {
        File {
            limits,
            metadata: Metadata::default(),
            agents: Vec::new(),
            lines: Vec::new(),
            background: None,
            warnings: Warnings::default(),
            line_count: 0,
            word_count: 0,
            latest_start: 0,
        }
    }

    fn read_line(&mut self, line: &str, number: usize) -> Result<(), Error> {
        let source = SourceText { line, number };
        if line.len() > limit::SOURCE_LINE_BYTES {
            return Err(source.place(line).more_than(limit::SOURCE_LINE_BYTES, "bytes in a line of a file"));
        }
        let (mut first, mut repeats) = (None, Vec::new());
        let mut rest = line.trim();
        let place = source.place(rest);
        while rest.starts_with('[') {
            match stamp::scan(rest) {
                Scan::Stamp { ms, len, .. } => {
                    match first {
                        None => first = Some(ms),
                        Some(_) => repeats.push(ms),
                    }
                    rest = rest.get(len..).unwrap_or_default().trim_start();
                }
                Scan::Malformed(expected) => return Err(source.error(rest, expected)),
                Scan::Other => break,
            }
        }
        if let Some(first) = first {
            return self.read_timed(source, place, Some(first), repeats, rest);
        }
        match stamp::scan(rest) {
            Scan::Stamp { .. } => return self.read_timed(source, place, None, repeats, rest),
            Scan::Malformed(expected) => return Err(place.error(expected, rest)),
            Scan::Other => {}
        }
        if let Some(text) = voice::background(rest).filter(|_| !self.lines.is_empty()) {
            return self.read_background(source, text);
        }
        if !rest.is_empty() && !tags::read(rest, place, &mut self.metadata, &mut self.warnings)? {
            self.warnings.push(place, || format!("no time stamp: {} left out", quote(rest)));
        }
        Ok(())
    }

    /// Reads a line after its stamps; one without starts with its first word.
    fn read_timed(
        &mut self,
        source: SourceText<'_>,
        place: Place,
        first: Option<i64>,
        mut repeats: Vec<i64>,
        body: &str,
    ) -> Result<(), Error> {
        self.end_background()?;
        let read = Body::read(source, body, &mut self.warnings)?;
        let word = read.text.first_stamp();
        let mut base = first.or(word).unwrap_or_default();
        if let Some(word) = word.filter(|_| !repeats.is_empty()) {
            own_stamp(word, &mut base, &mut repeats);
        }
        let (text, words) = read.text.words(base, &mut self.warnings);
        if first.is_none() {
            base = words.first().map_or(base, |word| word.start_ms);
        }
        if words.first().is_some_and(|word| word.start_ms < base) {
            self.warnings.push(place, || "a word of it starts before it".into());
        }
        let earliest = repeats.iter().copied().min().unwrap_or(base).min(base);
        if earliest < self.latest_start {
            self.warnings.push(place, || "starts before the line above it; sorted by start".into());
        }
        self.latest_start = earliest;
        self.line_count += repeats.len() + 1;
        if self.line_count > self.limits.lines {
            return Err(place.more_than(self.limits.lines, "lines"));
        }
        self.count(|| source.place(body), &text, words.len(), repeats.len() + 1)?;
        let agent = read.voice.and_then(|id| self.agent(id, source.place(body)));
        self.lines.push(SourceLine { place, base, repeats, text, words, agent, background: None });
        Ok(())
    }

    /// Checks the limits of a text that is sung so often.
    fn count(
        &mut self,
        place: impl Fn() -> Place,
        text: &str,
        words: usize,
        times: usize,
    ) -> Result<(), Error> {
        if text.len() > limit::TEXT_BYTES {
            return Err(place().more_than(limit::TEXT_BYTES, "bytes of text in a line"));
        }
        self.word_count += times.saturating_mul(words);
        if self.word_count > self.limits.words {
            return Err(place().more_than(self.limits.words, "words in a layer"));
        }
        Ok(())
    }

    /// The place of that agent among all.
    fn agent(&mut self, id: &str, place: Place) -> Option<usize> {
        let known = self.agents.iter().position(|agent| agent.id == id);
        if known.is_none() && self.agents.len() == limit::AGENTS {
            self.warnings.push(place, || format!("more than {} voices; the others left out", limit::AGENTS));
            return None;
        }
        known.or_else(|| {
            self.agents.push(voice::agent(id));
            Some(self.agents.len() - 1)
        })
    }

    /// Reads background vocals: one text with those that were read before of the same line.
    fn read_background(&mut self, source: SourceText<'_>, text: &str) -> Result<(), Error> {
        // The bracket that closes it is no part of the text, and is not in the way of its place.
        let open =
            SourceText { line: source.line.trim_end().strip_suffix(']').unwrap_or(source.line), ..source };
        let place = open.place(text);
        let (mut before, first) = self.background.take().unwrap_or((Karaoke::default(), place));
        if !before.is_blank() {
            before.push_str(" ", place, &mut self.warnings);
        }
        Body::read_into(&mut before, open, text, &mut self.warnings)?;
        self.background = Some((before, first));
        Ok(())
    }

    /// Gives the last line the background vocals that were read after it.
    fn end_background(&mut self) -> Result<(), Error> {
        let Some((karaoke, place)) = self.background.take() else { return Ok(()) };
        let Some((base, times)) = self.lines.last().map(|line| (line.base, line.repeats.len() + 1)) else {
            return Ok(());
        };
        let (text, words) = karaoke.words(base, &mut self.warnings);
        self.count(|| place, &text, words.len(), times)?;
        if let Some(line) = self.lines.last_mut() {
            line.background = Some(Box::new((text, words)));
        }
        Ok(())
    }
}

/// Makes the stamp that a line's words go with its base: the last one at or before the first word, else the first of all.
fn own_stamp(word: i64, base: &mut i64, repeats: &mut [i64]) {
    let fits = |stamp: i64| (stamp <= word, if stamp <= word { stamp } else { -stamp });
    for stamp in repeats {
        if fits(*stamp) > fits(*base) {
            core::mem::swap(base, stamp);
        }
    }
}
