//! One line of a playlist, and what its tag asks of the version.

use super::{attributes::Attributes, finding::Findings, rule, tags::Tag};

/// One line that is neither empty nor a comment.
#[derive(Debug)]
pub(super) struct Line {
    pub number: u32,
    pub item: Item,
}

#[derive(Debug)]
pub(super) enum Item {
    Uri(String),
    Tag { tag: &'static Tag, value: String, attributes: Attributes },
}

impl Line {
    /// Its value and attributes, if it is this tag.
    pub fn of(&self, name: &str) -> Option<(&str, &Attributes)> {
        match &self.item {
            Item::Tag { tag, value, attributes } if tag.name == name => Some((value, attributes)),
            Item::Uri(_) | Item::Tag { .. } => None,
        }
    }
}

/// Says where a feature asks for a higher version than is stated.
pub(super) fn needs(name: &str, line: u32, stated: u64, needed: u64, feature: &str, findings: &mut Findings) {
    if stated < needed {
        let message = format!("{feature} asks for version {needed}, {stated} is what holds");
        findings.add(&rule::VERSION_HIGH, name, line, message);
    }
}
