use crate::{
    Error, Kind, LanguageTag, Layer, Line, cues, decode::decode, error::quote, foreign,
    language::contradiction, limit, lrc, lyricsfile, plain, srt, ttml, unseen, vtt,
};

/// What the file does not say itself: the language and kind of its layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The language the lines are in.
    pub lang: LanguageTag,
    /// What the layer is to the song.
    pub kind: Kind,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Parsed {
    /// Its lines, offset applied, tagged as the [`Hint`] says.
    pub layer: Layer,
    /// Further layers in the same file, each tagged and named as the file says.
    pub others: Vec<Layer>,
    /// What else it says.
    pub metadata: Metadata,
    /// What was set right or left out; at most [`limit::WARNINGS`] and one that says so.
    pub warnings: Vec<Warning>,
}

/// What a file says of itself and of its song.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metadata {
    /// Title of the song (`ti`).
    pub title: Option<String>,
    /// Its artist (`ar`).
    pub artist: Option<String>,
    /// Its album (`al`).
    pub album: Option<String>,
    /// Who wrote the song (`au`).
    pub author: Option<String>,
    /// Who wrote its words (`lr`).
    pub lyricist: Option<String>,
    /// Who made the file (`by`).
    pub creator: Option<String>,
    /// The language as the file states it, unchecked (`la`).
    pub language: Option<String>,
    /// Length of the song in ms (`length`).
    pub length_ms: Option<i64>,
    /// The offset that was applied, in ms; positive means that the lyrics came earlier (`offset`).
    pub offset_ms: i64,
}

/// Something that was set right or left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Line of the file, from 1.
    pub line: usize,
    /// Character of the line, from 1.
    pub column: usize,
    /// What was found and what was made of it.
    pub message: String,
}

/// A place in a file, for messages; both numbers count from 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub line: usize,
    /// Character of the line.
    pub column: usize,
}

impl Place {
    /// What does not follow the format here.
    pub(crate) fn error(self, expected: &'static str, found: &str) -> Error {
        Error::Syntax { line: self.line, column: self.column, expected, found: quote(found) }
    }

    /// What breaks a rule of the model here.
    pub(crate) fn refused(self, source: Error) -> Error {
        Error::Line { line: self.line, column: self.column, source: Box::new(source) }
    }

    /// What is more than `limit` of something here.
    pub(crate) fn more_than(self, limit: usize, what: &'static str) -> Error {
        self.refused(Error::Limit { what, limit })
    }
}

/// Warnings up to the limit.
#[derive(Debug, Default)]
pub(crate) struct Warnings {
    list: Vec<Warning>,
}

impl Warnings {
    pub(crate) fn push(&mut self, place: Place, message: impl FnOnce() -> String) {
        let Place { line, column } = place;
        match self.list.len() {
            n if n < limit::WARNINGS => self.list.push(Warning { line, column, message: message() }),
            n if n == limit::WARNINGS => {
                let message = "further warnings are left out from here on".into();
                self.list.push(Warning { line, column, message });
            }
            _ => {}
        }
    }

    /// Unless the last warning is of the same kind of the same line: its message begins with the same word.
    pub(crate) fn push_once_a_line(&mut self, place: Place, message: impl FnOnce() -> String) {
        let message = message();
        let word = |text: &str| text.split(' ').next().map(str::to_owned);
        let same = |last: &Warning| last.line == place.line && word(&last.message) == word(&message);
        if !self.list.last().is_some_and(same) {
            self.push(place, || message);
        }
    }

    /// Times of a line that do not go with those of its words, or of the line above it.
    /// Lines of nobody go on beside each other where those of a format get [voices](crate::simultaneous).
    pub(crate) fn of_times(&mut self, line: &Line, above: Option<&Line>, place: Place, beside: bool) {
        if line.words().first().map(|word| word.start_ms) < line.start_ms() && !line.words().is_empty() {
            self.push(place, || "a word of it starts before it".into());
        }
        if line.end_ms().is_some() && line.words_end() > line.end_ms() {
            self.push(place, || "ends before its words; it lasts until they end".into());
        }
        let Some(above) = above else { return };
        if above.start_ms() > line.start_ms() {
            self.push(place, || "starts before the line above it; sorted by start".into());
        } else if above.agent() == line.agent()
            && above.end_ms() > line.start_ms()
            && above.start_ms() < line.start_ms()
            && (!beside || line.agent().is_some() || above.words_end() > line.start_ms())
        {
            self.push(place, || match above.words_end() > line.start_ms() {
                true => "starts before the words of the line above it, of the same voice, are over".into(),
                false => {
                    "starts before the end of the line above it, of the same voice; that ends here".into()
                }
            });
        }
    }

    pub(crate) fn into_list(self) -> Vec<Warning> {
        self.list
    }
}

/// How much of a lyrics file is read. The default is the [`limit`] of a song.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file, before and after decoding to UTF-8.
    pub file_bytes: usize,
    /// Lines of one layer, repeated ones counted as often as they are sung.
    pub lines: usize,
    /// Timed words or syllables of one layer.
    pub words: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { file_bytes: limit::FILE_BYTES, lines: limit::LINES, words: limit::WORDS }
    }
}

/// What a lyrics file is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// LRC or enhanced (A2) LRC: a line begins with a time stamp in brackets, or before its first word.
    Lrc,
    /// TTML: a document in XML.
    Ttml,
    /// WebVTT: it begins with `WEBVTT`, or has its tags in the blocks of SubRip.
    Vtt,
    /// SubRip: a line says from when to when.
    Srt,
    /// Lyricsfile: YAML, or JSON, with the format's keys.
    Lyricsfile,
    /// Text without times.
    Plain,
}

impl Format {
    /// Recognises the format of a text by what stands in it.
    pub(crate) fn of(text: &str) -> Format {
        if ttml::recognises(text) {
            Format::Ttml
        } else if vtt::recognises(text) {
            Format::Vtt
        } else if lyricsfile::recognises(text) {
            Format::Lyricsfile
        } else if cues::recognises(text) {
            if vtt::is_meant(text) { Format::Vtt } else { Format::Srt }
        } else if lrc::recognises(text) {
            Format::Lrc
        } else {
            Format::Plain
        }
    }
}

/// Reads a lyrics file within the limits of a song; see [`parse_within`].
///
/// # Errors
/// See [`parse_within`].
pub fn parse(bytes: &[u8], hint: &Hint) -> Result<Parsed, Error> {
    parse_within(bytes, hint, &Limits::default())
}

/// Reads a lyrics file in any [`Format`], recognised by its content, in UTF-8, in UTF-16, or, with a warning, in
/// windows-1252 (Latin-1). The text comes out in Unicode Normalization Form C. Time and memory are linear
/// in the size of the file.
///
/// # Errors
/// If the file exceeds a limit, is in another encoding, is of a format that is not read ([`Error::Foreign`]), does not follow its format, or holds no lyrics.
/// Errors of the file name line and column and what was expected there.
pub fn parse_within(bytes: &[u8], hint: &Hint, limits: &Limits) -> Result<Parsed, Error> {
    let mut warnings = Warnings::default();
    foreign::refuse_bytes(bytes)?;
    let text = decode(bytes, limits.file_bytes, &hint.lang, &mut warnings)?;
    let text = unseen::passed_over(text);
    let format = Format::of(&text);
    foreign::refuse(&text, format)?;
    let mut parsed = match format {
        Format::Lrc => lrc::read(&text, hint, limits),
        Format::Ttml => ttml::read(&text, hint, limits),
        Format::Vtt => vtt::read(&text, hint, limits),
        Format::Srt => srt::read(&text, hint, limits),
        Format::Lyricsfile => lyricsfile::read(&text, hint, limits),
        Format::Plain => plain::read(&text, hint, limits),
    }?;
    of_language(&parsed, &mut warnings);
    parsed.warnings.splice(0..0, warnings.into_list());
    Ok(parsed)
}

/// Layers that are written in another script than their language, or than that which the file states for the first.
fn of_language(parsed: &Parsed, warnings: &mut Warnings) {
    let start = Place { line: 1, column: 1 };
    for layer in [&parsed.layer].into_iter().chain(&parsed.others) {
        if let Some(what) = contradiction(layer, layer.lang()) {
            warnings.push(start, || what);
        }
    }
    let said = parsed.metadata.language.as_deref().and_then(|said| said.parse().ok());
    if let Some(said) = said.filter(|said: &LanguageTag| said != parsed.layer.lang())
        && let Some(what) = contradiction(&parsed.layer, &said)
    {
        warnings.push(start, || format!("the file states another language than its own: {what}"));
    }
}
