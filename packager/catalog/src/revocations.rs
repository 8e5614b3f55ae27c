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

/// One thing to revoke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revocation {
    /// The token of this id (`cti`): see [`Revocation::id`].
    Id(String),
    /// This subject's tokens (`sub`): see [`Revocation::subject`].
    Subject(String),
    /// Every token issued before this instant.
    IssuedBefore(Timestamp),
}

/// What no token can have, and so nobody can revoke.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RevocationError {
    /// Not the id of a token.
    #[error(
        "a token id is 1 to 64 bytes in hexadecimal, as `nada token inspect` shows them (0b71 or h'0b71')"
    )]
    Id,
    /// Not the subject of a token.
    #[error("a subject is 1 to 256 bytes of text without control characters")]
    Subject,
}

impl Revocation {
    /// A token's id in hexadecimal, also as `h'…'`.
    ///
    /// # Errors
    /// [`RevocationError::Id`]
    pub fn id(text: &str) -> Result<Self, RevocationError> {
        let hex = text.strip_prefix("h'").and_then(|rest| rest.strip_suffix('\'')).unwrap_or(text);
        let whole = (2..=128).contains(&hex.len()) && hex.len().is_multiple_of(2);
        if !whole || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(RevocationError::Id);
        }
        Ok(Self::Id(hex.to_ascii_lowercase()))
    }

    /// A subject, letter by letter.
    ///
    /// # Errors
    /// [`RevocationError::Subject`]
    pub fn subject(text: &str) -> Result<Self, RevocationError> {
        if text.is_empty() || text.len() > 256 || text.chars().any(char::is_control) {
            return Err(RevocationError::Subject);
        }
        Ok(Self::Subject(text.to_owned()))
    }
}

impl Default for Revocations {
    fn default() -> Self {
        Self { format: FORMAT, ids: BTreeMap::new(), subjects: BTreeMap::new(), issued_before: None }
    }
}

impl Revocations {
    /// The same with more revoked `at` that instant. What is revoked already is never less so: of two times the
    /// later counts.
    #[must_use]
    pub fn with(mut self, more: &[Revocation], at: Timestamp) -> Self {
        let latest = |map: &mut BTreeMap<String, Timestamp>, name: &str| {
            map.entry(name.to_owned()).and_modify(|known| *known = at.max(*known)).or_insert(at);
        };
        for one in more {
            match one {
                Revocation::Id(id) => latest(&mut self.ids, id),
                Revocation::Subject(subject) => latest(&mut self.subjects, subject),
                Revocation::IssuedBefore(instant) => {
                    self.issued_before = self.issued_before.max(Some(*instant));
                }
            }
        }
        self
    }

    /// The same without what was revoked `before` that instant: every token it can name has expired if none
    /// lives longer than from there until now.
    #[must_use]
    pub fn without_older(mut self, before: Timestamp) -> Self {
        self.ids.retain(|_, at| *at >= before);
        self.subjects.retain(|_, at| *at >= before);
        self.issued_before = self.issued_before.filter(|at| *at >= before);
        self
    }

    /// Whether a token with this id (bytes), subject and issue time (seconds) is revoked. A token that does
    /// not say when it was issued counts as older than any instant.
    pub fn covers(&self, id: Option<&[u8]>, subject: Option<&str>, issued_at: Option<i64>) -> bool {
        let issued = issued_at.and_then(|at| Timestamp::from_second(at).ok());
        let older = |than: &Timestamp| issued.is_none_or(|at| at < *than);
        let hex = |id: &[u8]| id.iter().map(|b| format!("{b:02x}")).collect::<String>();
        self.issued_before.as_ref().is_some_and(older)
            || id.is_some_and(|id| !self.ids.is_empty() && self.ids.contains_key(&hex(id)))
            || subject.and_then(|subject| self.subjects.get(subject)).is_some_and(older)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn an_instant_within_a_second_covers_what_was_issued_in_that_second() {
        let half = "2027-01-15T08:00:00.5Z".parse().unwrap();
        let all = Revocations { issued_before: Some(half), ..Revocations::default() };
        assert!(all.covers(None, None, Some(1_800_000_000)), "issued up to half a second before");
        assert!(!all.covers(None, None, Some(1_800_000_001)));
        assert!(all.covers(None, None, Some(i64::MAX)), "no instant at all");
    }

    #[test]
    fn more_is_revoked_never_less() {
        let [id, subject] = [Revocation::id("h'0B71'").unwrap(), Revocation::subject("mallory").unwrap()];
        let first = Revocations::default().with(&[id.clone(), subject.clone()], at(1000));
        assert!(first.covers(Some(&[0x0b, 0x71]), None, None));
        let again = first.clone().with(&[subject.clone(), Revocation::IssuedBefore(at(700))], at(900));
        assert_eq!((again.subjects["mallory"], again.issued_before), (at(1000), Some(at(700))));
        let later = again.with(&[id, subject, Revocation::IssuedBefore(at(600))], at(1100));
        assert_eq!((later.ids["0b71"], later.subjects["mallory"]), (at(1100), at(1100)));
        assert_eq!(later.issued_before, Some(at(700)));
    }

    #[test]
    fn entries_end_with_the_tokens_they_name() {
        let of = |text| Revocation::id(text).unwrap();
        let old = Revocations::default().with(&[of("01"), Revocation::IssuedBefore(at(99))], at(99));
        let both = old.with(&[of("02"), Revocation::subject("s").unwrap()], at(100));
        let left = both.clone().without_older(at(100));
        assert_eq!((left.ids.len(), left.subjects.len(), left.issued_before), (1, 1, None));
        assert!(left.ids.contains_key("02"));
        assert_eq!(both.clone().without_older(at(99)), both);
    }

    #[test]
    fn what_no_token_has_is_not_revoked() {
        for bad in ["", "0", "0g", "h'0b71", "0b 71", "ab ", &"00".repeat(65), "é"] {
            assert_eq!(Revocation::id(bad), Err(RevocationError::Id), "{bad}");
        }
        for bad in ["", "a\nb", &"s".repeat(257)] {
            assert_eq!(Revocation::subject(bad), Err(RevocationError::Subject), "{bad}");
        }
        assert!(Revocation::id(&"00".repeat(64)).is_ok() && Revocation::subject(&"s".repeat(256)).is_ok());
    }

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
