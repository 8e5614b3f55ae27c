use std::borrow::Cow;

use super::{
    keys::SeenKeys,
    words::{self, Word},
    yaml::{Item, Yaml},
};
use crate::{
    Error, Hint, Layer, Limits, Line, Metadata, Parsed, decode, limit, plain,
    position::FilePosition,
    quote::quote,
    simultaneous,
    spanned_text::SpannedTextBuilder,
    text,
    warning::{WarningKind, Warnings},
};

/// Reads a decoded Lyricsfile.
pub(crate) fn read(source: &str, hint: &Hint, limits: &Limits) -> Result<Parsed, Error> {
    let mut file = LyricsfileReader::new(Yaml::new(source), limits);
    file.read()?;
    if let Some(place) = file.document.another()? {
        file.warnings.push(place, WarningKind::LeftOut, || "another document left out".into());
    }
    file.finish(source, hint)
}

const START: FilePosition = FilePosition { line: 1, column: 1 };

/// A text and its place.
type Scalar<'a> = (Cow<'a, str>, FilePosition);

struct LyricsfileReader<'a, 'l> {
    document: Yaml<'a>,
    limits: &'l Limits,
    metadata: Metadata,
    instrumental: bool,
    plain: Option<Scalar<'a>>,
    /// The place of that key.
    plain_key: FilePosition,
    lines: Vec<Line>,
    /// The place of each.
    places: Vec<FilePosition>,
    words: usize,
    warnings: Warnings,
}

impl<'a, 'l> LyricsfileReader<'a, 'l> {
    fn new(document: Yaml<'a>, limits: &'l Limits) -> LyricsfileReader<'a, 'l> {
        LyricsfileReader {
            document,
            limits,
            metadata: Metadata::default(),
            instrumental: false,
            plain: None,
            plain_key: START,
            lines: Vec::new(),
            places: Vec::new(),
            words: 0,
            warnings: Warnings::default(),
        }
    }

    fn read(&mut self) -> Result<(), Error> {
        match self.document.read()? {
            Some((Item::Mapping, _)) => {}
            other => {
                return Err(other.map_or(START, |(_, at)| at).error("a mapping of `lines`", "another value"));
            }
        }
        let mut seen = SeenKeys::default();
        while let Some((key, at)) = self.key(&mut seen)? {
            match &*key {
                "lines" => self.sequence(at, LyricsfileReader::line)?,
                "metadata" => self.read_metadata()?,
                "plain" => (self.plain, self.plain_key) = (self.scalar("a text")?, at),
                "version" | "lyricsfile" => {
                    let version = self.text("a version")?.unwrap_or_default();
                    if !version.starts_with("1.") {
                        return Err(at.error("version 1.0 of Lyricsfile", &version));
                    }
                }
                _ => self.unknown(&key, at)?,
            }
        }
        Ok(())
    }

    /// The next key of the mapping that is open; `None` at its end.
    fn key(&mut self, seen: &mut SeenKeys) -> Result<Option<Scalar<'a>>, Error> {
        match self.document.read()? {
            Some((Item::Scalar(key, _), at)) => {
                seen.add(&key, at)?;
                Ok(Some((key, at)))
            }
            Some((Item::End, _)) | None => Ok(None),
            Some((_, at)) => Err(at.error("a key", "a list or a mapping")),
        }
    }

    /// A scalar; `None` for a plain `null` or nothing.
    fn text(&mut self, expected: &'static str) -> Result<Option<Cow<'a, str>>, Error> {
        Ok(self.scalar(expected)?.map(|(text, _)| text))
    }

    /// And its place.
    fn scalar(&mut self, expected: &'static str) -> Result<Option<Scalar<'a>>, Error> {
        match self.document.read()? {
            Some((Item::Scalar(text, quoted), at)) => {
                let null = !quoted && matches!(&*text, "" | "~" | "null");
                Ok(Some((text, at)).filter(|_| !null))
            }
            Some((_, at)) => Err(at.error(expected, "a list or a mapping")),
            None => Err(START.error(expected, "the end of the file")),
        }
    }

    /// A whole number of ms.
    fn ms(&mut self, at: FilePosition) -> Result<Option<i64>, Error> {
        let expected = "a whole number of milliseconds, at most 100 hours";
        let Some(text) = self.text(expected)? else { return Ok(None) };
        let ms: Option<i64> = text.parse().ok();
        let ms = ms.filter(|ms| ms.unsigned_abs() <= limit::TIME_MS.unsigned_abs());
        ms.map(Some).ok_or_else(|| at.error(expected, &text))
    }

    /// Reads a sequence of mappings, each by `one`; nothing counts as an empty one.
    fn sequence(
        &mut self,
        at: FilePosition,
        one: fn(&mut Self, FilePosition) -> Result<(), Error>,
    ) -> Result<(), Error> {
        match self.document.read()? {
            Some((Item::Sequence, _)) => {}
            Some((Item::Scalar(text, false), _)) if matches!(&*text, "" | "~" | "null") => return Ok(()),
            _ => return Err(at.error("a list", "another value")),
        }
        loop {
            match self.document.read()? {
                Some((Item::Mapping, at)) => one(self, at)?,
                Some((Item::End, _)) | None => return Ok(()),
                Some((_, at)) => {
                    return Err(at.error("a mapping with `text` and `start_ms`", "another value"));
                }
            }
        }
    }

    /// Passes over the value of a key.
    fn unknown(&mut self, key: &str, at: FilePosition) -> Result<(), Error> {
        self.warnings.push(at, WarningKind::Metadata, || format!("unknown key {} left out", quote(key)));
        let mut open = 0usize;
        loop {
            match self.document.read()? {
                Some((Item::Sequence | Item::Mapping, _)) => open += 1,
                Some((Item::End, _)) => open = open.saturating_sub(1),
                Some((Item::Scalar(..), _)) => {}
                None => return Ok(()),
            }
            if open == 0 {
                return Ok(());
            }
        }
    }

    fn read_metadata(&mut self) -> Result<(), Error> {
        match self.document.read()? {
            Some((Item::Mapping, _)) => {}
            Some((Item::Scalar(..), _)) => return Ok(()),
            other => {
                return Err(other.map_or(START, |(_, at)| at).error("a mapping", "a list"));
            }
        }
        let mut seen = SeenKeys::default();
        while let Some((key, at)) = self.key(&mut seen)? {
            match &*key {
                "title" => self.metadata.title = self.text("a title")?.map(|text| text::plain(&text)),
                "artist" => self.metadata.artist = self.text("an artist")?.map(|text| text::plain(&text)),
                "album" => self.metadata.album = self.text("an album")?.map(|text| text::plain(&text)),
                "language" => self.metadata.language = self.text("a language")?.map(Cow::into_owned),
                "duration_ms" => self.metadata.length_ms = self.ms(at)?,
                "instrumental" => self.instrumental = self.text("true or false")?.as_deref() == Some("true"),
                "offset_ms" => {
                    let offset = self.ms(at)?.unwrap_or(0);
                    if offset.unsigned_abs() > limit::OFFSET_MS.unsigned_abs() {
                        return Err(at.error("an offset of at most an hour", &offset.to_string()));
                    }
                    self.metadata.offset_ms = offset;
                }
                _ => self.unknown(&key, at)?,
            }
        }
        Ok(())
    }

    fn line(&mut self, place: FilePosition) -> Result<(), Error> {
        let (mut start, mut end, mut whole) = (None, None, None);
        let mut words: Vec<Word<'a>> = Vec::new();
        let mut seen = SeenKeys::default();
        while let Some((key, at)) = self.key(&mut seen)? {
            match &*key {
                "text" => whole = self.scalar("a text")?,
                "start_ms" => start = self.ms(at)?,
                "end_ms" => end = self.ms(at)?,
                "words" => words = self.words(at)?,
                _ => self.unknown(&key, at)?,
            }
        }
        let Some(start) = start else {
            return Err(place.error("`start_ms` in every line", "a line without"));
        };
        if self.lines.len() == self.limits.lines {
            return Err(place.more_than(self.limits.lines, "lines"));
        }
        self.words += words.len();
        if self.words > self.limits.words {
            return Err(place.more_than(self.limits.words, "words in a layer"));
        }
        let whole = whole.as_ref().map(|(text, at)| (&**text, *at));
        let builder = if words.is_empty() {
            let mut builder = SpannedTextBuilder::default();
            let (text, at) = whole.unwrap_or(("", place));
            builder.push_str(text, at, &mut self.warnings);
            builder
        } else {
            words::builder(&words, whole, &mut self.warnings)
        };
        let phrase = builder.finish(&mut self.warnings).map_err(|e| place.refused(e))?;
        if end.is_some_and(|end| end < start) {
            self.warnings
                .push(place, WarningKind::Times, || "ends before it starts; its end left out".into());
            end = None;
        }
        let line = Line::new(Some(start), end, phrase).map_err(|e| place.refused(e))?;
        self.warnings.of_times(&line, self.lines.last(), place, true);
        self.lines.push(line);
        self.places.push(place);
        Ok(())
    }

    fn words(&mut self, at: FilePosition) -> Result<Vec<Word<'a>>, Error> {
        let mut words = Vec::new();
        match self.document.read()? {
            Some((Item::Sequence, _)) => {}
            Some((Item::Scalar(text, false), _)) if matches!(&*text, "" | "~" | "null") => return Ok(words),
            _ => return Err(at.error("a list of words", "another value")),
        }
        loop {
            let place = match self.document.read()? {
                Some((Item::Mapping, place)) => place,
                Some((Item::End, _)) | None => return Ok(words),
                Some((_, at)) => {
                    return Err(at.error("a mapping with `text` and `start_ms`", "another value"));
                }
            };
            let (mut text, mut start, mut end) = (Cow::Borrowed(""), None, None);
            let mut seen = SeenKeys::default();
            while let Some((key, at)) = self.key(&mut seen)? {
                match &*key {
                    "text" => text = self.text("a text")?.unwrap_or_default(),
                    "start_ms" => start = self.ms(at)?,
                    "end_ms" => end = self.ms(at)?,
                    _ => self.unknown(&key, at)?,
                }
            }
            let Some(start) = start else {
                return Err(place.error("`start_ms` in every word", "a word without"));
            };
            if words.len() == limit::WORDS_PER_LINE {
                return Err(place.more_than(limit::WORDS_PER_LINE, "words in a line"));
            }
            words.push(Word { text, start, end, place });
        }
    }

    fn finish(self, source: &str, hint: &Hint) -> Result<Parsed, Error> {
        if self.instrumental && self.lines.is_empty() {
            return Err(Error::Instrumental);
        }
        let offset = self.metadata.offset_ms;
        let mut warnings = self.warnings;
        if self.lines.is_empty() {
            let (plain, at) = self.plain.unwrap_or((Cow::Borrowed(""), START));
            let literal = is_literal(source, self.plain_key);
            // Its place is that of its first line that is not blank.
            let blank = plain.bytes().take_while(|b| *b == b'\n').count() + 1;
            let place_of = |line: usize, column: usize| match literal {
                true => FilePosition {
                    line: (at.line + line).saturating_sub(blank),
                    column: at.column + column - 1,
                },
                false => at,
            };
            let mut parsed = plain::read_within(&plain, hint, self.limits, place_of)?;
            parsed.metadata = self.metadata;
            parsed.warnings.splice(0..0, warnings.into_list());
            return Ok(parsed);
        }
        if offset != 0 {
            let place = FilePosition { line: 1, column: 1 };
            warnings.push(place, WarningKind::ReadAs, || {
                format!("offset_ms {offset}: taken as in LRC, positive for earlier")
            });
        }
        let shifted =
            |(line, place): (Line, FilePosition)| line.shifted(-offset).map_err(|e| place.refused(e));
        let mut agents = Vec::new();
        let lines = simultaneous::part(self.lines, &self.places, &mut agents, &mut warnings);
        let lines = lines.into_iter().zip(self.places).map(shifted).collect::<Result<Vec<_>, _>>()?;
        let layer = Layer::new(hint.lang.clone(), hint.kind, agents, lines)?;
        Ok(Parsed { layer, others: Vec::new(), metadata: self.metadata, warnings: warnings.into_list() })
    }
}

/// Whether the key there has literal text (`|`), whose lines are those of the file.
fn is_literal(source: &str, key: FilePosition) -> bool {
    let line = decode::lines(source).nth(key.line - 1).unwrap_or_default();
    let value = line.split_once("plain").map_or("", |(_, rest)| rest);
    value.trim_start_matches(['"', '\'', ' ', ':']).starts_with('|')
}
