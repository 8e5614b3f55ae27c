//! One attempt at a release: from its folder in the inbox to its manifests, and how that ended.

use std::{path::Path, sync::Arc, time::Duration};

use jiff::Timestamp;
use nada_publish::{
    inbox::{Download, Ending, Failure, Inbox, InboxError, ReleaseResult, Uploaded},
    publish::{Report, publish_from},
};
use nada_quote::Visible;
use tokio::time::{Instant, timeout_at};

use crate::{
    backoff::Prospect,
    deadline::Deadline,
    event::{Announcement, Message},
    failure::{Failed, JobError},
    job::Job,
    reporter::{AttemptReporter, Work},
};

/// An attempt that came to its end.
pub(crate) struct Attempt {
    pub inbox: Inbox,
    pub done: Result<Report, Failed>,
    pub outcome: ReleaseResult,
    /// What was done until then.
    pub work: Work,
    /// How long it took.
    pub took: Duration,
}

impl Job {
    /// Publishes what an announcement names; `None` where there is nothing to do.
    pub(crate) async fn attempt(
        &self,
        message: &Message,
        announcement: &Announcement,
        deadline: Deadline,
    ) -> Result<Option<Attempt>, Failed> {
        let Announcement { bucket, folder, etag, .. } = announcement;
        let inbox = Inbox::new(self.masters.beside(bucket), folder);
        let started = Instant::now();
        let found = timeout_at(deadline.work, inbox.release_file()).await;
        let found = found.map_err(|_| JobError::OutOfTime).and_then(|found| Ok(found?));
        let skip = |why| tracing::info!(message_id = message.id, folder, "nothing to do: {why}");
        let Some(uploaded) = found.map_err(|error| Failed::of(folder, error))? else {
            skip("the release file is gone or empty");
            return Ok(None);
        };
        if etag.as_ref().is_some_and(|etag| *etag != uploaded.etag) {
            skip("a newer release file has its own event");
            return Ok(None);
        }
        let reporter = Arc::new(AttemptReporter::default());
        let (done, warnings) = self.publish(&inbox, &uploaded, deadline.work, &reporter).await;
        let ending = match &done {
            Ok(report) => Ending::Published { report: report.clone(), warnings },
            Err(failed) => self.ending_of(failed, message.receives()),
        };
        let outcome =
            ReleaseResult::new(&uploaded.etag, uploaded.at, Timestamp::now(), message.receives(), ending);
        Ok(Some(Attempt { inbox, done, outcome, work: reporter.work(), took: started.elapsed() }))
    }

    /// How an attempt that failed is stated in the result, for the submitter.
    fn ending_of(&self, Failed { error, error_text, .. }: &Failed, receives: u32) -> Ending {
        let failure = |message| Failure { class: error.class(), message };
        match error.prospect() {
            Prospect::Fails => Ending::Failed { error: failure(error_text.clone()) },
            Prospect::GoesOn | Prospect::MaySucceed if self.is_last(receives) => {
                Ending::Failed { error: failure(format!("{error_text}; given up after {receives} attempts")) }
            }
            Prospect::GoesOn | Prospect::MaySucceed => {
                Ending::Retrying { error: failure(error_text.clone()) }
            }
        }
    }

    /// Publishes until `stop`: the report, and the warnings on the way.
    async fn publish(
        &self,
        inbox: &Inbox,
        uploaded: &Uploaded,
        stop: Instant,
        reporter: &Arc<AttemptReporter>,
    ) -> (Result<Report, Failed>, Vec<String>) {
        let folder = match tempfile::Builder::new().prefix("release-").tempdir_in(&self.scratch) {
            Ok(folder) => folder,
            Err(error) => return (Err(Failed::of(inbox.folder(), error)), Vec::new()),
        };
        let here = folder.path();
        // dropped between two writes: manifests are switched by compare-and-swap, and a rerun goes on from there
        let published =
            timeout_at(stop, Box::pin(self.publish_in(here, inbox, uploaded, Arc::clone(reporter)))).await;
        let plain =
            |text: String| Visible::new(&text).to_string().replace(&format!("{}/", here.display()), "");
        let done = match published {
            Ok(Ok(report)) => Ok(report),
            Ok(Err(error)) => {
                let error_text = plain(error.to_string());
                Err(Failed { error_text, ..Failed::of(inbox.folder(), error) })
            }
            Err(_) => Err(Failed::of(inbox.folder(), JobError::OutOfTime)),
        };
        (done, reporter.warnings().into_iter().map(plain).collect())
    }

    async fn publish_in(
        &self,
        here: &Path,
        inbox: &Inbox,
        uploaded: &Uploaded,
        reporter: Arc<AttemptReporter>,
    ) -> Result<Report, InboxError> {
        let release = inbox.release(uploaded, here).await?;
        let masters = Download::new(inbox.clone(), here);
        masters.lyrics(&release).await?;
        let now = &Timestamp::now;
        Ok(publish_from(&masters, &release, &self.releases, &self.settings, now, reporter).await?)
    }
}
