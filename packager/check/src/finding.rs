//! What was found.

use std::collections::BTreeMap;

use nada_quote::Visible;
use serde::{Serialize, Serializer, ser::SerializeStruct as _};

use super::rule::{Rule, Severity};

/// Findings of one rule about one resource that are kept one by one; of what is beyond, only the number is.
const KEPT: usize = 12;

/// One rule not kept, or not judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// The resource, as it was fetched: a URL, or a path within the folder.
    pub resource: String,
    /// The line of a playlist, counted from 1.
    pub line: Option<u32>,
    /// What is there, and what was expected; what others wrote in it is made visible.
    pub message: String,
}

impl Finding {
    /// Its rule's severity.
    pub fn severity(&self) -> Severity {
        self.rule.severity
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Finding", 5)?;
        object.serialize_field("rule", self.rule.id)?;
        object.serialize_field("severity", &self.rule.severity)?;
        object.serialize_field("resource", &self.resource)?;
        object.serialize_field("line", &self.line)?;
        object.serialize_field("message", &self.message)?;
        object.end()
    }
}

/// Findings on their way, bounded whatever is wrong.
#[derive(Debug, Clone, Default)]
pub(super) struct Findings {
    list: Vec<Finding>,
    counts: BTreeMap<(&'static str, String), usize>,
}

impl Findings {
    pub fn add(
        &mut self,
        rule: &'static Rule,
        resource: &str,
        line: impl Into<Option<u32>>,
        message: impl Into<String>,
    ) {
        let count = self.counts.entry((rule.id, resource.to_owned())).or_default();
        *count += 1;
        if *count <= KEPT {
            let message = Visible::new(&message.into()).to_string();
            let (resource, line) = (resource.to_owned(), line.into());
            self.list.push(Finding { rule, resource, line, message });
        }
    }

    /// Whether a rule is not kept by a resource.
    pub fn has(&self, rule: &'static Rule, resource: &str) -> bool {
        self.counts.contains_key(&(rule.id, resource.to_owned()))
    }

    /// By resource, line and rule; the number of those that were not kept in the last of their kind.
    pub fn into_sorted(mut self) -> Vec<Finding> {
        for ((id, resource), count) in self.counts.iter().filter(|(_, count)| **count > KEPT) {
            let mut same = self.list.iter_mut().filter(|f| f.rule.id == *id && f.resource == *resource);
            if let Some(last) = same.next_back() {
                last.message.push_str(&format!(" (and {} more of these)", count - KEPT));
            }
        }
        self.list.sort_by(|a, b| (&a.resource, a.line, a.rule.id).cmp(&(&b.resource, b.line, b.rule.id)));
        self.list
    }
}

#[cfg(test)]
mod tests {
    use super::{super::rule::ZERO, *};

    #[test]
    fn a_thousand_of_a_kind_are_a_dozen_and_a_number() {
        let mut findings = Findings::default();
        for line in 1..=1000 {
            findings.add(&ZERO, "media.m3u8", line, "zero");
        }
        findings.add(&ZERO, "other.m3u8", None, "zero");
        let list = findings.into_sorted();
        assert_eq!(list.len(), KEPT + 1);
        assert!(list[KEPT - 1].message.ends_with("(and 988 more of these)"), "{list:?}");
    }
}
