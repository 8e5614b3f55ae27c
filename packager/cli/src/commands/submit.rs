//! `nada submit RELEASE --to s3://masters`.

use std::{path::PathBuf, time::Duration};

use clap::Args;
use nada_publish::inbox::{Ending, ReleaseResult, Step, Submission, submit};
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::{
    bucket::{BucketUrl, EndpointArgs},
    commands::publish::{as_json, as_text},
    exit::{Code, failure},
    signal,
    terminal::{self, print_line, print_notice},
};

/// Submit a release: upload its masters, let the Lambda package and publish them, and wait for the result.
#[derive(Args)]
#[command(after_help = "Examples:\n  nada submit release.toml --to s3://masters\n  \
    nada submit release.toml --to s3://masters --no-wait --json\n\n\
    What is in the inbox already is not sent again. The release goes on when this command is interrupted:\n\
    the same command again waits for its result.")]
pub struct Submit {
    /// The release file
    #[arg(value_name = "RELEASE.TOML")]
    release: PathBuf,
    /// The bucket of masters, as s3://name
    #[arg(long, value_name = "BUCKET")]
    to: BucketUrl,
    #[command(flatten)]
    endpoint: EndpointArgs,
    /// Upload, and do not wait for the result
    #[arg(long)]
    no_wait: bool,
    /// Wait so long for the result
    #[arg(long, default_value = "1h", value_name = "TIME", value_parser = humantime::parse_duration)]
    timeout: Duration,
    /// Print the outcome as JSON
    #[arg(long)]
    pub json: bool,
}

impl Submit {
    /// Uploads and waits.
    pub async fn run(self) -> anyhow::Result<()> {
        let masters = self.endpoint.open(&self.to).await?;
        let tell = |step: Step<'_>| match step {
            Step::Sending(name, bytes) => print_notice!("nada: sending {name}, {:.1} MB", bytes as f64 / 1e6),
            Step::Present(name) => print_notice!("nada: {name} is there already"),
        };
        let submission = tokio::select! {
            submission = submit(&masters, &self.release, &tell) => submission?,
            code = signal::stopped_by() => {
                return Err(failure(code, "interrupted: nothing was started, and the same command goes on from here"));
            }
        };
        if self.no_wait {
            self.say_submitted(&submission);
            return Ok(());
        }
        print_notice!("nada: {} is submitted; waiting for its result", submission.inbox);
        tokio::select! {
            outcome = self.wait(&submission) => self.say(outcome?),
            code = signal::stopped_by() => Err(failure(
                code,
                format!("interrupted: {} goes on, and the same command waits for it", submission.inbox),
            )),
        }
    }

    /// Asks until a result tells of this submission and is final.
    async fn wait(&self, submission: &Submission) -> anyhow::Result<ReleaseResult> {
        let (started, mut reported) = (Instant::now(), 0);
        loop {
            match submission.inbox.outcome().await {
                Ok(Some(outcome)) if outcome.answers(submission) => match &outcome.ending {
                    Ending::Retrying { error } if reported < outcome.attempt => {
                        reported = outcome.attempt;
                        print_notice!("nada: attempt {reported} failed and is repeated: {}", error.message);
                    }
                    Ending::Retrying { .. } => {}
                    Ending::Published { .. } | Ending::Failed { .. } => return Ok(outcome),
                },
                Err(error) if !error.is_retryable() => return Err(error.into()),
                _ => {}
            }
            let waited = started.elapsed();
            let left = self.timeout.saturating_sub(waited);
            if left.is_zero() {
                let message = format!(
                    "no result of {} within {}: the same command goes on waiting; if nothing comes, look at the \
                     queue's dead letters and at the function's log",
                    submission.inbox,
                    humantime::format_duration(self.timeout)
                );
                return Err(failure(Code::Unavailable, message));
            }
            sleep(left.min(interval(waited))).await;
        }
    }

    fn say_submitted(&self, submission: &Submission) {
        let Submission { inbox, etag, at, sent, sent_bytes, present } = submission;
        if self.json {
            let json = json!({ "inbox": inbox.to_string(), "state": "submitted", "etag": etag, "at": at,
                "sent": sent, "sent_bytes": sent_bytes, "present": present });
            terminal::json(json);
        } else {
            print_line!("{inbox} is submitted: {sent} files sent, {present} there already");
        }
    }

    fn say(&self, outcome: ReleaseResult) -> anyhow::Result<()> {
        match outcome.ending {
            Ending::Published { report, warnings } => {
                for warning in &warnings {
                    print_notice!("nada: warning: {warning}");
                }
                match self.json {
                    true => terminal::json(as_json(&report, &warnings)),
                    false => terminal::lines(&as_text(&report)),
                }
                Ok(())
            }
            Ending::Retrying { error } | Ending::Failed { error } => {
                Err(failure(Code::of(error.class), error.message))
            }
        }
    }
}

/// The time between two looks: a small release is done in seconds, an album takes minutes.
fn interval(waited: Duration) -> Duration {
    (waited / 10).clamp(Duration::from_secs(1), Duration::from_secs(10))
}
