use std::{borrow::Cow, collections::HashSet};

use serde::Serialize;

use super::{Kind, Line, Phrase, at_most};
use crate::{Error, LanguageTag, limit, quote::quote};

/// One text of the song from beginning to end, in one language and script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Layer {
    lang: LanguageTag,
    kind: Kind,
    synced: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    agents: Vec<Agent>,
    lines: Vec<Line>,
}

impl Layer {
    /// A layer of lines that all have a start (synced; they are sorted by it, equal starts in the given
    /// order) or that all have none (unsynced). A line, or the last word of a line without an end,
    /// that is stated to end when the next line starts says nothing more than one without an end, and is held so. A
    /// voice sings one line at a time: one that is stated to end after the next of the same agent starts, or of
    /// nobody's, ends there, unless its words go on.
    ///
    /// # Errors
    /// If there is no line, if some lines have a start and others do not, if agents are not well-formed and
    /// unique, if a line names none of them, or if keys of lines are not well-formed and unique. How many lines
    /// there may be is checked where they are read, and by [`Lyrics::new`](crate::Lyrics::new).
    pub fn new(
        lang: LanguageTag,
        kind: Kind,
        agents: Vec<Agent>,
        mut lines: Vec<Line>,
    ) -> Result<Layer, Error> {
        let synced =
            lines.first().ok_or(Error::Model("a layer needs at least one line"))?.start_ms().is_some();
        if lines.iter().any(|line| line.start_ms().is_some() != synced) {
            return Err(Error::Model("either all lines of a layer have a start or none has"));
        }
        check_agents(&agents)?;
        let unknown =
            lines.iter().filter_map(Line::agent).find(|id| !agents.iter().any(|agent| agent.id == **id));
        if let Some(id) = unknown {
            return Err(Error::UnknownAgent(quote(id)));
        }
        lines.sort_by_key(Line::start_ms);
        check_keys(&mut lines)?;
        lines
            .first_mut()
            .filter(|first| first.section() == Some(""))
            .into_iter()
            .for_each(Line::opens_nothing);
        let mut next = Next::default();
        // Lines that name nobody are of one voice, too.
        let mut of_voice = vec![Next::default(); agents.len() + 1];
        for line in lines.iter_mut().rev() {
            let voice = line.agent().and_then(|id| agents.iter().position(|agent| agent.id == id));
            let next_of_voice = of_voice.get_mut(voice.map_or(0, |at| at + 1));
            line.cut_at(next_of_voice.and_then(|next| next.after(line.start_ms())));
            line.ends_before(next.after(line.start_ms()));
        }
        Ok(Layer { lang, kind, synced, agents, lines })
    }

    /// The same layer in other letters: every line, word, time and agent stays. Each text keeps its words.
    pub(crate) fn respelt(
        &self,
        lang: LanguageTag,
        kind: Kind,
        mut spell: impl FnMut(&Phrase) -> Result<Phrase, Error>,
    ) -> Result<Layer, Error> {
        let lines = self.lines.iter().map(|line| line.respelt(&mut spell)).collect::<Result<_, _>>()?;
        Ok(Layer { lang, kind, lines, ..self.clone() })
    }

    /// The language tag: the layer's name.
    pub fn lang(&self) -> &LanguageTag {
        &self.lang
    }

    /// The same layer under another tag.
    pub fn tagged(mut self, lang: LanguageTag) -> Layer {
        self.lang = lang;
        self
    }

    /// The name of the line at `index` (from 0), unique in the layer: as stated, else `L1` for the first, `L2`
    /// for the second and so on. Lines of other layers that have the same name say or spell the same line.
    pub fn key(&self, index: usize) -> Cow<'_, str> {
        match self.lines.get(index).and_then(Line::stated_key) {
            Some(key) => Cow::Borrowed(key),
            None => Cow::Owned(key_of_place(index)),
        }
    }

    /// When the line at `index` is over, in ms of source time: as stated, else when a later one starts.
    pub(crate) fn end_of(&self, index: usize) -> Option<i64> {
        let line = self.lines.get(index)?;
        let later = || {
            let after = self.lines.get(index..)?;
            let same = after.partition_point(|other| other.start_ms() <= line.start_ms());
            after.get(same).and_then(Line::start_ms)
        };
        line.end_ms().or_else(later)
    }

    /// Whether a line has a name that is not that of its place.
    pub(crate) fn keys_stated(&self) -> bool {
        self.lines.iter().any(|line| line.stated_key().is_some())
    }

    /// What the layer is to the song.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether the lines have times.
    pub fn synced(&self) -> bool {
        self.synced
    }

    /// Timed words, those of background vocals among them.
    pub(super) fn word_count(&self) -> usize {
        self.lines.iter().map(Line::word_count).sum()
    }

    /// Bytes of all texts and names.
    pub(super) fn text_bytes(&self) -> usize {
        let agents =
            self.agents.iter().map(|agent| agent.id.len() + agent.name.as_ref().map_or(0, String::len));
        agents.chain(self.lines.iter().map(Line::text_bytes)).sum()
    }

    /// Whether any word has a time.
    pub fn words_timed(&self) -> bool {
        self.lines.iter().any(|line| line.word_count() > 0)
    }

    /// Its singers.
    pub fn agents(&self) -> &[Agent] {
        &self.agents
    }

    /// The lines, at least one, by start.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }
}

/// The start of the line behind, seen from the end of a layer.
#[derive(Debug, Clone, Copy, Default)]
struct Next {
    at: Option<i64>,
    /// The start behind it that is another.
    later: Option<i64>,
}

impl Next {
    /// The next start after that of a line, which becomes the next itself.
    fn after(&mut self, start: Option<i64>) -> Option<i64> {
        if self.at != start {
            (self.at, self.later) = (start, self.at);
        }
        self.later
    }
}

/// A singer: a voice of a layer, such as one of a duet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Agent {
    /// Unique in its layer; 1 to 64 characters, none of them white space, control or `/`.
    pub id: String,
    /// One voice or many.
    pub kind: AgentKind,
    /// The name to display.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Whether an [`Agent`] is one voice or many (TTML2 §12.2.1, `ttm:agent/@type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AgentKind {
    /// One singer.
    Voice,
    /// A choir, or all together.
    Group,
    /// Neither: an audience, a speaking voice.
    Other,
}

fn key_of_place(index: usize) -> String {
    format!("L{}", index + 1)
}

/// Checks stated keys, and forgets those that say nothing more than the place.
fn check_keys(lines: &mut [Line]) -> Result<(), Error> {
    if lines.iter().all(|line| line.stated_key().is_none()) {
        return Ok(());
    }
    let mut seen = HashSet::with_capacity(lines.len());
    for (i, line) in lines.iter().enumerate() {
        let key = line.stated_key().map_or_else(|| key_of_place(i), str::to_owned);
        if !is_identifier(&key) {
            return Err(Error::Model("a line's key has 1 to 64 characters, no white space, control or `/`"));
        }
        if !seen.insert(key) {
            return Err(Error::Model("two lines of a layer have one key"));
        }
    }
    for (i, line) in lines.iter_mut().enumerate() {
        if line.stated_key().is_some_and(|key| key == key_of_place(i)) {
            line.key_is_its_place();
        }
    }
    Ok(())
}

/// Whether a text can name an agent or a line.
pub(crate) fn is_identifier(id: &str) -> bool {
    (1..=64).contains(&id.chars().count())
        && !id.contains(|c: char| c.is_whitespace() || c.is_control() || c == '/')
}

fn check_agents(agents: &[Agent]) -> Result<(), Error> {
    at_most("agents", agents.len(), limit::AGENTS)?;
    for (i, agent) in agents.iter().enumerate() {
        if !is_identifier(&agent.id) {
            return Err(Error::Model("an agent's id has 1 to 64 characters, no white space, control or `/`"));
        }
        if agents.iter().take(i).any(|earlier| earlier.id == agent.id) {
            return Err(Error::Model("two agents of a layer have one id"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(start_ms: Option<i64>, text: &str) -> Line {
        Line::new(start_ms, None, Phrase::new(text, vec![]).unwrap()).unwrap()
    }

    fn layer(agents: Vec<Agent>, lines: Vec<Line>) -> Result<Layer, Error> {
        Layer::new("hi".parse().unwrap(), Kind::Main, agents, lines)
    }

    fn agent(id: &str) -> Agent {
        Agent { id: id.into(), kind: AgentKind::Voice, name: None }
    }

    #[test]
    fn lines_are_sorted_and_all_timed_or_none() {
        let sorted =
            layer(vec![], vec![line(Some(5), "b"), line(Some(-5), "a"), line(Some(5), "c")]).unwrap();
        assert_eq!(sorted.lines().iter().map(Line::text).collect::<String>(), "abc");
        assert!(sorted.synced());
        let unsynced = layer(vec![], vec![line(None, "b"), line(None, "a")]).unwrap();
        assert_eq!(unsynced.lines().iter().map(Line::text).collect::<String>(), "ba");
        assert!(!unsynced.synced() && !unsynced.words_timed());
        assert!(layer(vec![], vec![line(Some(0), "a"), line(None, "b")]).is_err());
        assert!(layer(vec![], vec![]).is_err());
    }

    #[test]
    fn an_end_at_the_next_start_is_none() {
        let ending = |start: i64, end: i64| {
            Line::new(Some(start), Some(end), Phrase::new("a", vec![]).unwrap()).unwrap()
        };
        let duet = vec![ending(0, 5), ending(0, 9).sung_by("v1"), ending(5, 7), ending(9, 12)];
        let held = layer(vec![agent("v1")], duet).unwrap();
        assert_eq!(
            held.lines().iter().map(Line::end_ms).collect::<Vec<_>>(),
            [None, Some(9), Some(7), Some(12)]
        );
    }

    #[test]
    fn a_voice_sings_one_line_at_a_time() {
        let sung = |start: i64, end: i64, by: &str| {
            Line::new(Some(start), Some(end), Phrase::new("a", vec![]).unwrap()).unwrap().sung_by(by)
        };
        let lines =
            vec![sung(0, 9, "v1"), sung(2, 9, "v2"), sung(4, 9, "v1"), sung(4, 5, "v1"), sung(8, 12, "v2")];
        let held = layer(vec![agent("v1"), agent("v2")], lines).unwrap();
        let ends: Vec<_> = held.lines().iter().map(Line::end_ms).collect();
        assert_eq!(
            ends,
            [None, None, Some(9), Some(5), Some(12)],
            "until the next line, which is not after 4 and 8"
        );
    }

    #[test]
    fn keys_are_unique_and_those_of_their_place_go_without_saying() {
        let keyed = |key: &str| line(None, "a").with_key(key);
        let held = layer(vec![], vec![keyed("L1"), keyed("chorus"), line(None, "a")]).unwrap();
        assert_eq!([held.key(0), held.key(1), held.key(2)], ["L1", "chorus", "L3"]);
        assert_eq!(
            layer(vec![], vec![keyed("L1"), line(None, "a")]),
            layer(vec![], vec![line(None, "a"), keyed("L2")])
        );
        for bad in [
            vec![keyed("a"), keyed("a")],
            vec![keyed("L2"), line(None, "a")],
            vec![keyed("a b")],
            vec![keyed("")],
        ] {
            assert!(layer(vec![], bad).is_err());
        }
    }

    #[test]
    fn lines_name_agents_of_their_layer() {
        let duet = vec![agent("v1"), agent("v2")];
        assert!(layer(duet.clone(), vec![line(None, "a").sung_by("v2")]).is_ok());
        assert_eq!(
            layer(duet, vec![line(None, "a").sung_by("v3")]),
            Err(Error::UnknownAgent("\"v3\"".into()))
        );
        for bad in [vec![agent("v1"), agent("v1")], vec![agent("")], vec![agent("v1/bg")], vec![agent("v 1")]]
        {
            assert!(layer(bad, vec![line(None, "a")]).is_err());
        }
    }
}
