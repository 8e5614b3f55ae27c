//! `revocations.json`: tokens that no longer count although their signature and times do.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::FORMAT;

/// Revoked tokens. An entry may be dropped once the last token it can name has expired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Revocations {
    /// [`crate::FORMAT`].
    pub format: u32,
    /// Token ids (`cti`, in lowercase hexadecimal) and when each was revoked.
    #[serde(default, deserialize_with = "crate::rfc3339::map")]
    pub ids: BTreeMap<String, Timestamp>,
    /// Subjects (`sub`) and when each was revoked: tokens issued before that instant are refused.
    #[serde(default, deserialize_with = "crate::rfc3339::map")]
    pub subjects: BTreeMap<String, Timestamp>,
    /// Every token issued before this instant is refused.
    #[serde(default, deserialize_with = "crate::rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub issued_before: Option<Timestamp>,
}

impl Default for Revocations {
    fn default() -> Self {
        Self { format: FORMAT, ids: BTreeMap::new(), subjects: BTreeMap::new(), issued_before: None }
    }
}

impl Revocations {
    /// Whether a token with this id (bytes), subject and issue time (seconds) is revoked. A token that does
    /// not say when it was issued counts as older than any instant.
    pub fn covers(&self, id: Option<&[u8]>, subject: Option<&str>, issued_at: Option<i64>) -> bool {
        let older = |than: &Timestamp| issued_at.is_none_or(|at| at < than.as_second());
        let hex = |id: &[u8]| id.iter().map(|b| format!("{b:02x}")).collect::<String>();
        self.issued_before.as_ref().is_some_and(older)
            || id.is_some_and(|id| !self.ids.is_empty() && self.ids.contains_key(&hex(id)))
            || subject.and_then(|subject| self.subjects.get(subject)).is_some_and(older)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_without_an_issue_time_counts_as_older() {
        let at = Timestamp::from_second(1000).unwrap();
        let all = Revocations { issued_before: Some(at), ..Revocations::default() };
        assert!(all.covers(None, None, None) && all.covers(None, None, Some(999)));
        assert!(!all.covers(None, None, Some(1000)));
        let some = Revocations {
            ids: [("0aff".to_owned(), at)].into(),
            subjects: [("mallory".to_owned(), at)].into(),
            ..Revocations::default()
        };
        assert!(some.covers(Some(&[0x0a, 0xff]), None, Some(5000)));
        assert!(
            some.covers(None, Some("mallory"), Some(999)) && !some.covers(None, Some("mallory"), Some(1001))
        );
        assert!(!some.covers(Some(&[0x0a]), Some("alice"), None));
    }
}
