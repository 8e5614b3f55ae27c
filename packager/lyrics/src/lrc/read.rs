use unicode_normalization::UnicodeNormalization;

use super::{
    body::Body,
    stamp::{self, Scan},
};
use crate::{
    Error, Hint, Layer, Line, Metadata, Parsed, Phrase, Word, decode, error::quote, limit, parse::Warnings,
};

/// Reads a decoded LRC or enhanced LRC file.
pub(crate) fn read(text: &str, hint: &Hint) -> Result<Parsed, Error> {
    let mut file = File::default();
    for (line, number) in decode::lines(text).zip(1..) {
        file.read_line(line, number)?;
    }
    let offset_ms = file.metadata.offset_ms;
    let mut lines = Vec::new();
    for source in &file.lines {
        let place = |e| Error::Line { line: source.number, source: Box::new(e) };
        lines.extend(source.sung(offset_ms).collect::<Result<Vec<_>, _>>().map_err(place)?);
    }
    if lines.is_empty() {
        return Err(Error::NoLyrics);
    }
    let layer = Layer::new(hint.lang.clone(), hint.kind, Vec::new(), lines)?;
    Ok(Parsed { layer, metadata: file.metadata, warnings: file.warnings.into_list() })
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
    stamps: Vec<i64>,
    text: String,
    words: Vec<Word>,
}

impl SourceLine {
    /// The line as often as it is sung.
    fn sung(&self, offset_ms: i64) -> impl Iterator<Item = Result<Line, Error>> {
        let first = self.stamps.first().copied().unwrap_or_default();
        self.stamps.iter().map(move |start| {
            let shift = start - first - offset_ms;
            let words = self.words.iter().map(|word| Word {
                bytes: word.bytes.clone(),
                start_ms: word.start_ms + shift,
                end_ms: word.end_ms.map(|end| end + shift),
            });
            Line::new(Some(start - offset_ms), None, Phrase::new(self.text.as_str(), words.collect())?)
        })
    }
}

/// A place in the file, for messages.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    line: &'a str,
    pub(super) number: usize,
}

impl Place<'_> {
    /// The column, from 1, of a rest of the line.
    pub(super) fn column(&self, rest: &str) -> usize {
        let before = self.line.len().saturating_sub(rest.len());
        self.line.get(..before).map_or(0, |before| before.chars().count()) + 1
    }

    pub(super) fn error(&self, rest: &str, expected: &'static str) -> Error {
        Error::Syntax { line: self.number, column: self.column(rest), expected, found: quote(rest) }
    }

    fn limit(&self, what: &'static str, limit: usize) -> Error {
        Error::Line { line: self.number, source: Box::new(Error::Limit { what, limit }) }
    }
}

impl File {
    fn read_line(&mut self, line: &str, number: usize) -> Result<(), Error> {
        let place = Place { line, number };
        if line.len() > limit::SOURCE_LINE_BYTES {
            return Err(place.limit("bytes in a line of a file", limit::SOURCE_LINE_BYTES));
        }
        let mut stamps = Vec::new();
        let mut rest = line.trim();
        loop {
            match scan_at(rest, '[') {
                Scan::Stamp { ms, len, .. } => {
                    stamps.push(ms);
                    rest = rest.get(len..).unwrap_or_default().trim_start();
                }
                Scan::Malformed(expected) => return Err(place.error(rest, expected)),
                Scan::Other => break,
            }
        }
        match stamps.first().copied() {
            None if rest.is_empty() => Ok(()),
            None => self.read_untimed(place, rest),
            Some(first) => self.read_timed(place, stamps, first, rest),
        }
    }

    fn read_timed(
        &mut self,
        place: Place<'_>,
        stamps: Vec<i64>,
        first: i64,
        body: &str,
    ) -> Result<(), Error> {
        let earliest = stamps.iter().copied().min().unwrap_or(first);
        if earliest < self.latest_start {
            self.warnings.push(place.number, 1, "starts before the line above it; sorted by start");
        }
        self.latest_start = earliest;
        let (text, words) =
            Body::read(place, body, &mut self.warnings)?.words(place, first, &mut self.warnings);
        if text.len() > limit::TEXT_BYTES {
            return Err(place.limit("bytes of text in a line", limit::TEXT_BYTES));
        }
        self.line_count += stamps.len();
        self.word_count += stamps.len().saturating_mul(words.len());
        if self.line_count > limit::LINES {
            return Err(place.limit("lines", limit::LINES));
        }
        if self.word_count > limit::WORDS {
            return Err(place.limit("words in a layer", limit::WORDS));
        }
        self.lines.push(SourceLine { number: place.number, stamps, text, words });
        Ok(())
    }

    /// Metadata, or text that nothing times.
    fn read_untimed(&mut self, place: Place<'_>, rest: &str) -> Result<(), Error> {
        let tag = rest
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .and_then(|tag| tag.split_once(':'));
        let Some((key, value)) = tag.filter(|(key, _)| is_key(key)) else {
            self.warnings.push(
                place.number,
                place.column(rest),
                format!("no time stamp: {} left out", quote(rest)),
            );
            return Ok(());
        };
        let mut value: String = value.trim().nfc().map(|c| if c.is_control() { ' ' } else { c }).collect();
        value.truncate(value.trim_end().len());
        if value.len() > limit::TEXT_BYTES {
            return Err(place.limit("bytes of text in a line", limit::TEXT_BYTES));
        }
        let known = &mut self.metadata;
        match key.to_ascii_lowercase().as_str() {
            "ti" => known.title = Some(value),
            "ar" => known.artist = Some(value),
            "al" => known.album = Some(value),
            "au" => known.author = Some(value),
            "by" => known.creator = Some(value),
            "la" => known.language = Some(value),
            "length" => match stamp::time(&value) {
                Ok(ms) => known.length_ms = Some(ms),
                Err(_) => self.warnings.push(place.number, place.column(rest), "not a length; left out"),
            },
            "offset" => {
                known.offset_ms = offset(&value).ok_or_else(|| {
                    place.error(rest, "an offset in whole milliseconds, at most an hour: `[offset:+250]`")
                })?
            }
            // Programs that wrote the file, their versions, comments.
            "re" | "tool" | "ve" | "#" => {}
            _ => {
                let message = format!("unknown tag {} left out", quote(key));
                self.warnings.push(place.number, place.column(rest), message);
            }
        }
        Ok(())
    }
}

fn is_key(key: &str) -> bool {
    key == "#" || (!key.is_empty() && key.bytes().all(|b| b.is_ascii_alphabetic()))
}

fn offset(value: &str) -> Option<i64> {
    value.parse().ok().filter(|ms: &i64| ms.unsigned_abs() <= limit::OFFSET_MS.unsigned_abs())
}

fn scan_at(text: &str, bracket: char) -> Scan {
    if text.starts_with(bracket) { stamp::scan(text) } else { Scan::Other }
}
