use serde::Serialize;

use super::{Phrase, Word, phrase::check_span};
use crate::Error;

/// One line of the song. One without text is a pause: it ends the line before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    #[serde(skip_serializing_if = "Option::is_none")]
    start_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_ms: Option<i64>,
    #[serde(flatten)]
    phrase: Phrase,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    background: Option<Phrase>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    section: Option<String>,
}

impl Line {
    /// A line sung from `start_ms` to `end_ms`; no end means until the next line. A last word that is stated to
    /// end with its line says nothing more than a word without an end, and is held as one.
    ///
    /// # Errors
    /// If the end lies before the start, if there is an end or a timed word but no start, or if a time is
    /// beyond [`limit::TIME_MS`](crate::limit::TIME_MS).
    pub fn new(start_ms: Option<i64>, end_ms: Option<i64>, mut phrase: Phrase) -> Result<Line, Error> {
        phrase.end_with(end_ms);
        check_span(start_ms.unwrap_or(0), end_ms)?;
        if start_ms.is_none() && (end_ms.is_some() || !phrase.words().is_empty()) {
            return Err(Error::Model("a line with an end or with timed words needs a start"));
        }
        Ok(Line { start_ms, end_ms, phrase, agent: None, background: None, key: None, section: None })
    }

    /// Sung by the agent of this id.
    pub fn sung_by(mut self, agent: impl Into<String>) -> Line {
        self.agent = Some(agent.into());
        self
    }

    /// With what is sung behind the line at the same time; without text, that is nothing.
    ///
    /// # Errors
    /// If its words are timed and the line is not.
    pub fn with_background(mut self, mut background: Phrase) -> Result<Line, Error> {
        if self.start_ms.is_none() && !background.words().is_empty() {
            return Err(Error::Model("a line with an end or with timed words needs a start"));
        }
        background.end_with(self.end_ms);
        self.background = Some(background).filter(|phrase| !phrase.text().is_empty());
        Ok(self)
    }

    /// With the name by which other layers know it; see [`Layer::key`](crate::Layer::key).
    pub fn with_key(mut self, key: impl Into<String>) -> Line {
        self.key = Some(key.into());
        self
    }

    /// As the first of a section of the song, such as `Verse` or `Chorus`, which lasts until a line opens the
    /// next; an empty name is a part without one, which at the beginning of a layer goes without saying.
    pub fn opening(mut self, section: impl Into<String>) -> Line {
        self.section = Some(section.into());
        self
    }

    /// When the line starts, in ms of source time; `None` in an unsynced layer.
    pub fn start_ms(&self) -> Option<i64> {
        self.start_ms
    }

    /// When the line ends, in ms of source time; `None` if it is over when the next one starts.
    pub fn end_ms(&self) -> Option<i64> {
        self.end_ms
    }

    /// The text of the lead vocals.
    pub fn text(&self) -> &str {
        self.phrase.text()
    }

    /// The timed words or syllables of the lead vocals.
    pub fn words(&self) -> &[Word] {
        self.phrase.words()
    }

    /// The lead vocals.
    pub fn phrase(&self) -> &Phrase {
        &self.phrase
    }

    /// The id of the agent who sings, one of [`Layer::agents`](crate::Layer::agents).
    pub fn agent(&self) -> Option<&str> {
        self.agent.as_deref()
    }

    /// The background vocals.
    pub fn background(&self) -> Option<&Phrase> {
        self.background.as_ref()
    }

    /// The name of the section that begins with this line.
    pub fn section(&self) -> Option<&str> {
        self.section.as_deref()
    }

    pub(super) fn stated_key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    pub(super) fn key_is_its_place(&mut self) {
        self.key = None;
    }

    /// The same line at that start, if it had none.
    pub(crate) fn starting_at(mut self, ms: i64) -> Line {
        self.start_ms.get_or_insert(ms);
        self
    }

    /// The same line, so many ms later.
    pub(crate) fn shifted(mut self, by_ms: i64) -> Result<Line, Error> {
        let later = |ms: Option<i64>| ms.map(|ms| ms + by_ms);
        (self.start_ms, self.end_ms) = (later(self.start_ms), later(self.end_ms));
        check_span(self.start_ms.unwrap_or(0), self.end_ms)?;
        self.phrase = self.phrase.shifted(by_ms)?;
        self.background = self.background.map(|phrase| phrase.shifted(by_ms)).transpose()?;
        Ok(self)
    }

    pub(super) fn opens_nothing(&mut self) {
        self.section = None;
    }

    /// Ends with the next line of its voice, if it would last longer than until then and its words do not.
    pub(super) fn cut_at(&mut self, next: Option<i64>) {
        if next.is_some() && self.end_ms > next && self.words_end() <= next {
            self.end_ms = None;
        }
    }

    /// The last of what is stated of its words, background included.
    pub(crate) fn words_end(&self) -> Option<i64> {
        let phrases = [Some(&self.phrase), self.background.as_ref()];
        let last = phrases.into_iter().flatten().filter_map(|phrase| phrase.words().last());
        last.map(|word| word.end_ms.unwrap_or(word.start_ms)).max()
    }

    /// Forgets ends that say nothing more than that a later line starts then.
    pub(super) fn ends_before(&mut self, later: Option<i64>) {
        if later.is_none() {
            return;
        }
        if self.end_ms == later {
            self.end_ms = None;
        } else if self.end_ms.is_none() {
            self.phrase.end_with(later);
            self.background.iter_mut().for_each(|phrase| phrase.end_with(later));
        }
    }

    pub(crate) fn word_count(&self) -> usize {
        self.phrase.words().len() + self.background.as_ref().map_or(0, |phrase| phrase.words().len())
    }

    /// Bytes of its texts and names.
    pub(super) fn text_bytes(&self) -> usize {
        let names = [&self.section, &self.key, &self.agent].into_iter().flatten().map(String::len);
        let texts =
            [Some(self.text()), self.background().map(Phrase::text)].into_iter().flatten().map(str::len);
        names.chain(texts).sum()
    }

    /// The same line in other letters.
    pub(super) fn respelt(
        &self,
        spell: &mut impl FnMut(&Phrase) -> Result<Phrase, Error>,
    ) -> Result<Line, Error> {
        let background = self.background.as_ref().map(&mut *spell).transpose()?;
        Ok(Line { phrase: spell(&self.phrase)?, background, ..self.clone() })
    }
}
