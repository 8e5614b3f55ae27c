//! Agents, as the head defines them and as lines name them.

use super::xml::Element;
use crate::{
    Agent, AgentKind, limit, lrc,
    model::is_identifier,
    position::FilePosition,
    quote::quote,
    warning::{WarningKind, Warnings},
};

/// The agents of a document.
#[derive(Default)]
pub(super) struct Agents {
    pub list: Vec<Agent>,
}

impl Agents {
    /// Reads the definition of an agent.
    pub(super) fn define(&mut self, element: &Element<'_>, place: FilePosition, warnings: &mut Warnings) {
        let id = element.attribute("id").unwrap_or_default();
        let kind = match element.attribute("type") {
            None | Some("person" | "character") => AgentKind::Voice,
            Some("group" | "organization") => AgentKind::Group,
            Some(_) => AgentKind::Other,
        };
        if !is_identifier(id) || self.list.iter().any(|agent| agent.id == id) {
            warnings.push(place, WarningKind::Voices, || {
                format!("agent {} left out: no identifier of its own", quote(id))
            });
        } else if self.list.len() < limit::AGENTS {
            self.list.push(Agent { id: id.to_owned(), kind, name: None });
        } else {
            warnings.push(place, WarningKind::Voices, || {
                format!("more than {} agents; the others left out", limit::AGENTS)
            });
        }
    }

    /// The agent of a line, which the head should have defined.
    pub(super) fn of(&mut self, ids: &str, place: FilePosition, warnings: &mut Warnings) -> Option<String> {
        let mut all = ids.split_ascii_whitespace();
        let id = all.next()?;
        if all.next().is_some() {
            warnings.push(place, WarningKind::Voices, || format!("several agents; {} is kept", quote(id)));
        }
        if !self.list.iter().any(|agent| agent.id == id) {
            if !is_identifier(id) || self.list.len() >= limit::AGENTS {
                warnings.push(place, WarningKind::Voices, || format!("agent {} left out", quote(id)));
                return None;
            }
            warnings.push(place, WarningKind::Voices, || {
                format!("agent {} is not defined in the head; taken for a voice", quote(id))
            });
            self.list.push(lrc::agent(id));
        }
        Some(id.to_owned())
    }
}
