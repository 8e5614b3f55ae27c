use serde::Serialize;

use super::{Kind, Line, Phrase, at_most};
use crate::{Error, LanguageTag, error::quote, limit};

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
    /// order) or that all have none (unsynced).
    ///
    /// # Errors
    /// If there is no line or there are too many lines or words ([`limit`]), if some lines have a start and
    /// others do not, if agents are not well-formed and unique, or if a line names none of them.
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
        at_most("lines", lines.len(), limit::LINES)?;
        at_most("words in a layer", lines.iter().map(Line::word_count).sum(), limit::WORDS)?;
        check_agents(&agents)?;
        let unknown =
            lines.iter().filter_map(Line::agent).find(|id| !agents.iter().any(|agent| agent.id == **id));
        if let Some(id) = unknown {
            return Err(Error::UnknownAgent(quote(id)));
        }
        lines.sort_by_key(Line::start_ms);
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

    /// What the layer is to the song.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether the lines have times.
    pub fn synced(&self) -> bool {
        self.synced
    }

    /// Whether any word has a time.
    pub fn words_timed(&self) -> bool {
        self.lines.iter().any(|line| line.word_count() > 0)
    }

    /// Who sings.
    pub fn agents(&self) -> &[Agent] {
        &self.agents
    }

    /// The lines, at least one, by start.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }
}

/// Who sings: a voice of a layer, such as one of a duet.
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
}

fn check_agents(agents: &[Agent]) -> Result<(), Error> {
    at_most("agents", agents.len(), limit::AGENTS)?;
    for (i, agent) in agents.iter().enumerate() {
        let well_formed = (1..=64).contains(&agent.id.chars().count())
            && !agent.id.contains(|c: char| c.is_whitespace() || c.is_control() || c == '/');
        if !well_formed {
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
