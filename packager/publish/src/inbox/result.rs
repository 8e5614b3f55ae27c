//! `result.json`: what became of a submitted release.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Inbox, InboxError, RESULT, Submission, object::too_large};
use crate::{ErrorClass, publish::Report, store::StoreError};

/// The format that is written.
const RESULT_FORMAT: u32 = 1;
/// The largest result that is read, in bytes.
const MAX_BYTES: u64 = 4 << 20;
/// How often a result is begun anew after somebody else wrote one.
const WRITE_ATTEMPTS: u32 = 16;

/// What became of one `release.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseResult {
    /// Of this file; 1.
    pub format: u32,
    /// The entity tag of the `release.toml` it is about, without quotes.
    pub etag: String,
    /// When that was uploaded, by the store's clock, to the second.
    pub uploaded: Timestamp,
    /// When this was written.
    pub at: Timestamp,
    /// The delivery that it tells of, from 1.
    pub attempt: u32,
    /// How it ended.
    #[serde(flatten)]
    pub ending: Ending,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Ending {
    /// The release is live.
    Published {
        /// What was done.
        report: Report,
        /// What was set right or left out in its files.
        warnings: Vec<String>,
    },
    /// It failed, and is tried again.
    Retrying {
        /// What failed.
        error: Failure,
    },
    /// It failed, and will unless somebody changes something.
    Failed {
        /// What failed.
        error: Failure,
    },
}

/// Why an attempt failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The party that must act.
    pub class: ErrorClass,
    /// What is wrong, and what to do.
    pub message: String,
}

impl ReleaseResult {
    /// How an attempt at the `release.toml` with that tag, uploaded then, ended.
    pub fn new(etag: &str, uploaded: Timestamp, at: Timestamp, attempt: u32, ending: Ending) -> Self {
        Self { format: RESULT_FORMAT, etag: etag.to_owned(), uploaded, at, attempt, ending }
    }

    /// Whether it tells of that upload, not of an earlier one, even of the same bytes.
    pub fn answers(&self, submission: &Submission) -> bool {
        self.etag == submission.etag && self.uploaded >= submission.at
    }

    /// Whether it is to stand where `other` stands: never over a later upload, and of two about the same one a
    /// success is not undone by the failure of a duplicate.
    fn replaces(&self, other: &Self) -> bool {
        let published = |outcome: &Self| matches!(outcome.ending, Ending::Published { .. });
        match self.uploaded.cmp(&other.uploaded) {
            std::cmp::Ordering::Less => false,
            std::cmp::Ordering::Greater => true,
            std::cmp::Ordering::Equal => self.etag != other.etag || published(self) || !published(other),
        }
    }
}

impl Inbox {
    /// What became of the release, as far as that is known.
    ///
    /// # Errors
    /// A result that cannot be read, and whatever the store says.
    pub async fn outcome(&self) -> Result<Option<ReleaseResult>, InboxError> {
        Ok(self.found().await?.and_then(|(outcome, _)| outcome))
    }

    /// Writes what became of the release, unless what is there says more; whether it was written.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn record(&self, outcome: &ReleaseResult) -> Result<bool, InboxError> {
        let json = serde_json::to_vec(outcome).map_err(|e| self.interrupted(RESULT, e))?;
        for _ in 0..WRITE_ATTEMPTS {
            let (found, etag) = self.found().await?.unzip();
            if found.flatten().is_some_and(|found| !outcome.replaces(&found)) {
                return Ok(false);
            }
            if self.swap(RESULT, etag.as_deref(), json.clone()).await? {
                return Ok(true);
            }
        }
        Err(StoreError::Unavailable { status: format!("{self}/{RESULT} changes again and again") }.into())
    }

    /// The result and its tag; one of another format counts as none.
    async fn found(&self) -> Result<Option<(Option<ReleaseResult>, String)>, InboxError> {
        let Some(object) = self.get(RESULT, MAX_BYTES).await? else { return Ok(None) };
        let bytes = object.bytes.map_err(|bytes| too_large(RESULT, bytes, MAX_BYTES))?;
        let outcome: Option<ReleaseResult> = serde_json::from_slice(&bytes).ok();
        Ok(Some((outcome.filter(|outcome| outcome.format == RESULT_FORMAT), object.etag)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(etag: &str, uploaded: i64, published: bool) -> ReleaseResult {
        let ending = if published {
            let report = Report {
                release: "r".parse().unwrap(),
                tracks: Vec::new(),
                uploaded: 0,
                uploaded_bytes: 0,
                present: 0,
            };
            Ending::Published { report, warnings: Vec::new() }
        } else {
            let error = Failure { class: ErrorClass::Input, message: "m".to_owned() };
            Ending::Failed { error }
        };
        let at = Timestamp::from_second(uploaded).unwrap();
        ReleaseResult::new(etag, at, at, 1, ending)
    }

    #[test]
    fn the_newest_upload_counts_and_a_success_stays() {
        for (new, old, replaces) in [
            (outcome("b", 2, false), outcome("a", 1, true), true),
            (outcome("a", 1, true), outcome("b", 2, false), false),
            (outcome("a", 1, false), outcome("a", 1, true), false),
            (outcome("a", 1, true), outcome("a", 1, false), true),
            (outcome("a", 1, false), outcome("a", 1, false), true),
            (outcome("a", 2, false), outcome("a", 1, true), true),
        ] {
            assert_eq!(new.replaces(&old), replaces, "{new:?} over {old:?}");
        }
    }

    #[test]
    fn a_result_reads_back() {
        for published in [true, false] {
            let written = outcome("a", 1, published);
            let json = serde_json::to_string(&written).unwrap();
            assert_eq!(serde_json::from_str::<ReleaseResult>(&json).unwrap(), written, "{json}");
        }
    }
}
