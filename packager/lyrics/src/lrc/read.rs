use super::{
    body,
    stamp::{self, Scan},
    tags,
};
use crate::{
    Error, Hint, Layer, Limits, Line, Metadata, Parsed, Phrase, Word, decode,
    error::quote,
    limit,
    parse::{Place, Warnings},
};

/// Whether any line of a file begins with a time stamp.
pub(crate) fn recognises(text: &str) -> bool {
    decode::lines(text).any(|line| line.trim_start().strip_prefix('[').is_some_and(stamp::has_form_of_stamp))
}

/// Reads a decoded LRC or enhanced LRC file.
pub(crate) fn read(text: &str, hint: &Hint, limits: &Limits) -> Result<Parsed, Error> {
    let mut file = File::default();
    for (line, number) in decode::lines(text).zip(1..) {
        file.read_line(line, number, limits)?;
    }
    let offset_ms = file.metadata.offset_ms;
    let mut lines = Vec::with_capacity(file.line_count);
    for source in file.lines {
        let number = source.number;
        source.sing(offset_ms, &mut lines).map_err(|e| Error::Line { line: number, source: Box::new(e) })?;
    }
    let layer = Layer::new(hint.lang.clone(), hint.kind, Vec::new(), lines)?;
    Ok(Parsed { layer, others: Vec::new(), metadata: file.metadata, warnings: file.warnings.into_list() })
}

/// What was read so far.
#[derive(Default)]
struct File {
    metadata: Metadata,
    lines: Vec<SourceLine>,
    warnings: Warnings,
    /// Lines and words of the layer to come, repeats counted.
    line_count: usize,
    word_count: usize,
    latest_start: i64,
}

/// A line of the file that has stamps, its times as written.
struct SourceLine {
    number: usize,
    first: i64,
    /// The other stamps.
    repeats: Vec<i64>,
    text: String,
    words: Vec<Word>,
}

impl SourceLine {
    /// Adds the line as often as it is sung.
    fn sing(self, offset_ms: i64, lines: &mut Vec<Line>) -> Result<(), Error> {
        let first = self.first;
        for start in self.repeats {
            let words = shifted(self.words.clone(), start - first - offset_ms);
            lines.push(Line::new(
                Some(start - offset_ms),
                None,
                Phrase::of_normal(self.text.clone(), words)?,
            )?);
        }
        let phrase = Phrase::of_normal(self.text, shifted(self.words, -offset_ms))?;
        lines.push(Line::new(Some(first - offset_ms), None, phrase)?);
        Ok(())
    }
}

fn shifted(mut words: Vec<Word>, by_ms: i64) -> Vec<Word> {
    for word in &mut words {
        word.start_ms += by_ms;
        word.end_ms = word.end_ms.map(|end| end + by_ms);
    }
    words
}

/// A line of the file, for messages.
#[derive(Clone, Copy)]
pub(super) struct SourceText<'a> {
    line: &'a str,
    number: usize,
}

impl SourceText<'_> {
    /// Where a rest of the line begins.
    pub(super) fn place(&self, rest: &str) -> Place {
        let before = self.line.len().saturating_sub(rest.len());
        let column = self.line.get(..before).map_or(0, |before| before.chars().count()) + 1;
        Place { line: self.number, column }
    }

    pub(super) fn error(&self, rest: &str, expected: &'static str) -> Error {
        self.place(rest).error(expected, rest)
    }

    fn limit(&self, what: &'static str, limit: usize) -> Error {
        Error::Line { line: self.number, source: Box::new(Error::Limit { what, limit }) }
    }
}

impl File {
    fn read_line(&mut self, line: &str, number: usize, limits: &Limits) -> Result<(), Error> {
        let source = SourceText { line, number };
        if line.len() > limit::SOURCE_LINE_BYTES {
            return Err(source.limit("bytes in a line of a file", limit::SOURCE_LINE_BYTES));
        }
        let (mut first, mut repeats) = (None, Vec::new());
        let mut rest = line.trim();
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
        match first {
            None if rest.is_empty() => Ok(()),
            None if tags::read(rest, source.place(rest), &mut self.metadata, &mut self.warnings)? => Ok(()),
            None => {
                let message = || format!("no time stamp: {} left out", quote(rest));
                self.warnings.push(source.place(rest), message);
                Ok(())
            }
            Some(first) => self.read_timed(source, first, repeats, rest, limits),
        }
    }

    fn read_timed(
        &mut self,
        source: SourceText<'_>,
        first: i64,
        repeats: Vec<i64>,
        body: &str,
        limits: &Limits,
    ) -> Result<(), Error> {
        let earliest = repeats.iter().copied().min().unwrap_or(first).min(first);
        if earliest < self.latest_start {
            let place = Place { line: source.number, column: 1 };
            self.warnings.push(place, || "starts before the line above it; sorted by start".into());
        }
        self.latest_start = earliest;
        let (text, words) = body::read(source, body, &mut self.warnings)?.words(first, &mut self.warnings);
        if text.len() > limit::TEXT_BYTES {
            return Err(source.limit("bytes of text in a line", limit::TEXT_BYTES));
        }
        self.line_count += repeats.len() + 1;
        self.word_count += (repeats.len() + 1).saturating_mul(words.len());
        if self.line_count > limits.lines {
            return Err(source.limit("lines", limits.lines));
        }
        if self.word_count > limits.words {
            return Err(source.limit("words in a layer", limits.words));
        }
        self.lines.push(SourceLine { number: source.number, first, repeats, text, words });
        Ok(())
    }
}
