//! `nada token revoke`.

use std::time::Duration;

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use nada_catalog::Revocation;
use nada_publish::publish::revoke;
use serde_json::json;

use super::at::At;
use crate::{
    clock,
    exit::{Code, failure},
    terminal::{self, print_line},
};

/// Revoke tokens everywhere, within a minute.
#[derive(Args)]
#[command(after_help = "Examples:
  nada token revoke --id 0b71c5 --at s3://releases
  nada token revoke --subject listener-17 --longest-lived 24h --at s3://releases
  nada token revoke --issued-before 2027-01-15T08:00:00Z --at s3://releases")]
pub struct Revoke {
    #[command(flatten)]
    what: What,
    /// The longest that any token lives (12h, 30days): entries older than that are dropped
    #[arg(long, value_parser = humantime::parse_duration, value_name = "TIME")]
    longest_lived: Option<Duration>,
    #[command(flatten)]
    at: At,
    /// Print the outcome as JSON
    #[arg(long)]
    pub json: bool,
}

/// Which tokens: any of these, and any number.
#[derive(Args)]
#[group(required = true, multiple = true)]
struct What {
    /// The token of this id (cti), in hexadecimal; may be given again
    #[arg(long = "id", value_name = "HEX", value_parser = Revocation::id)]
    ids: Vec<Revocation>,
    /// All tokens of this subject issued until now; may be given again
    #[arg(long = "subject", value_name = "ID", value_parser = Revocation::subject)]
    subjects: Vec<Revocation>,
    /// All tokens issued before this instant, and all that do not say when they were
    #[arg(long, value_name = "INSTANT")]
    issued_before: Option<Timestamp>,
}

impl Revoke {
    /// Returns once every edge is bound to notice.
    pub async fn run(self) -> anyhow::Result<()> {
        let What { ids, subjects, issued_before } = self.what;
        if issued_before.is_some_and(|instant| instant > clock::now()) {
            let what = "--issued-before lies ahead: until then every new token would be refused, too";
            return Err(failure(Code::Input, what));
        }
        let instant = issued_before.map(Revocation::IssuedBefore);
        let more: Vec<Revocation> = ids.into_iter().chain(subjects).chain(instant).collect();
        let longest = self.longest_lived.map(SignedDuration::try_from).transpose()?;
        let store = self.at.open().await?;
        let standing = revoke(&store, &more, longest, &clock::now).await?;
        let (ids, subjects) = (standing.ids.len(), standing.subjects.len());
        if self.json {
            let before = standing.issued_before;
            terminal::json(json!({ "ids": ids, "subjects": subjects, "issued_before": before }));
        } else {
            print_line!(
                "revoked; every edge knows within 60 seconds ({ids} ids and {subjects} subjects stand)"
            );
        }
        Ok(())
    }
}
