//! The job: a batch in, the messages to be delivered again out.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;
use nada_packager::{
    Visible,
    inbox::{Download, Ending, Failure, Inbox, InboxError, Outcome, Uploaded},
    publish::{PublishSettings, Report, publish_from},
    store::Store,
};
use tokio::time::{Instant, timeout_at};

use crate::{
    backoff::{Prospect, pause},
    dead_letters::{DeadLetters, Reason},
    deadline::Deadline,
    event::{Announcement, Batch, BatchItemFailure, BatchResponse, Message, announcements},
    failure::{Failed, JobError},
    metrics,
    notes::Notes,
    queue::Queue,
};

/// What a batch is worked on with.
#[derive(Debug, Clone)]
pub struct Job {
    /// Where masters lie, in whichever bucket an event names.
    pub masters: Store,
    /// Where releases are published.
    pub releases: Store,
    /// How.
    pub settings: PublishSettings,
    /// Where messages come from; `None` leaves those that failed to the queue's own timeout.
    pub queue: Option<Queue>,
    /// Where messages go that are given up; `None` leaves it to the queue to move them, without a reason.
    pub dead_letters: Option<DeadLetters>,
    /// Deliveries after which a message is given up, where that is known.
    pub deliveries: Option<u32>,
    /// The pause before the first retry.
    pub first_pause: Duration,
    /// The folder for masters.
    pub scratch: PathBuf,
    /// The function's name, for metrics.
    pub function: String,
}

impl Job {
    /// Works on the messages one after another until the deadline: each song uses all cores by itself. A message that
    /// fails does not touch its neighbours.
    pub async fn batch(&self, batch: Batch, deadline: Deadline) -> BatchResponse {
        let mut response = BatchResponse::default();
        for message in batch.messages {
            let Err(failed) = self.message(&message, deadline).await else { continue };
            let Failed { error, said, .. } = &failed;
            let (class, prospect, receives) = (error.class(), error.prospect(), message.receives());
            let last = self.is_last(receives);
            if last && self.gave_up(&message, &failed, deadline).await {
                continue;
            }
            // of what was to be given up, nothing is expected any more: the queue moves it at its next delivery
            let prospect = if last { Prospect::Fails } else { prospect };
            let pause = pause(prospect, receives, self.first_pause, fastrand::f64());
            tracing::error!(
                message_id = message.id,
                receives,
                class = ?class,
                prospect = ?prospect,
                pause_s = pause.as_secs(),
                error = said,
                "message failed"
            );
            if let Some(queue) = &self.queue {
                let changed = timeout_at(deadline.queues, queue.deliver_after(&message, pause)).await;
                if changed.is_err() {
                    tracing::warn!(message_id = message.id, "its visibility cannot be changed in time");
                }
            }
            response.failures.push(BatchItemFailure { id: message.id });
        }
        response
    }

    /// Whether a message that was delivered so often is not delivered again.
    fn is_last(&self, receives: u32) -> bool {
        self.deliveries.is_some_and(|most| receives >= most)
    }

    /// Sends a message to the dead letters, with the reason; whether that was done. Where it was not, it still is to
    /// be reported as failed, so that the queue moves it by itself. One that was taken without an answer lies there twice.
    async fn gave_up(&self, message: &Message, failed: &Failed, deadline: Deadline) -> bool {
        let Some(dead) = &self.dead_letters else { return false };
        let (class, folder) = (failed.error.class(), failed.folder.as_deref());
        let sent = dead.send(message, Reason { text: &failed.said, class, folder });
        let trouble = match timeout_at(deadline.queues, sent).await {
            Ok(Ok(())) => {
                let (message_id, receives) = (&message.id, message.receives());
                tracing::error!(message_id, receives, class = ?class, folder, error = failed.said, "message given up");
                return true;
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => "not in time".to_owned(),
        };
        tracing::warn!(message_id = message.id, error = trouble, "the dead letters do not take it");
        false
    }

    /// Works on all that a message announces; the first error, if there is one.
    async fn message(&self, message: &Message, deadline: Deadline) -> Result<(), Failed> {
        let mut first = Ok(());
        for announcement in announcements(message.body.as_deref().unwrap_or_default())? {
            let done = self.release(message, &announcement, deadline).await;
            first = first.and(done.map_err(|failed| Failed { folder: Some(announcement.folder), ..failed }));
        }
        first
    }

    async fn release(
        &self,
        message: &Message,
        announcement: &Announcement,
        deadline: Deadline,
    ) -> Result<(), Failed> {
        let Announcement { bucket, folder, etag, .. } = announcement;
        let inbox = Inbox::new(self.masters.beside(bucket), folder);
        let started = Instant::now();
        let uploaded =
            timeout_at(deadline.work, inbox.release_file()).await.map_err(|_| JobError::OutOfTime)??;
        let Some(uploaded) = uploaded else {
            tracing::info!(
                message_id = message.id,
                folder,
                "nothing to do: the release file is gone or empty"
            );
            return Ok(());
        };
        if etag.as_ref().is_some_and(|etag| *etag != uploaded.etag) {
            tracing::info!(
                message_id = message.id,
                folder,
                "nothing to do: a newer release file has its own event"
            );
            return Ok(());
        }
        let notes = Arc::new(Notes::default());
        let (done, warnings) = self.publish(&inbox, &uploaded, deadline.work, &notes).await;
        let ending = match &done {
            Ok(report) => Ending::Published { report: report.clone(), warnings },
            Err(failed) => self.ending_of(failed, message.receives()),
        };
        let outcome = Outcome::new(&uploaded.etag, uploaded.at, Timestamp::now(), message.receives(), ending);
        let line = metrics::line(&self.function, folder, &outcome, notes.work(), started.elapsed());
        println!("{}", Visible::new(&line.to_string()).json());
        // an attempt that stopped at the deadline has none of its time left, but the store may be what it waited for
        let recorded = timeout_at(deadline.results, inbox.record(&outcome)).await;
        let recorded = recorded.map_err(|_| JobError::OutOfTime).and_then(|done| Ok(done?));
        match (done, recorded) {
            (Ok(report), Ok(_)) => {
                tracing::info!(
                    message_id = message.id,
                    folder,
                    release = %report.release,
                    tracks = report.tracks.len(),
                    uploaded = report.uploaded,
                    uploaded_bytes = report.uploaded_bytes,
                    "release published"
                );
                Ok(())
            }
            (Ok(_), Err(error)) => Err(error.into()),
            (Err(failed), recorded) => {
                if let Err(unrecorded) = recorded {
                    tracing::warn!(message_id = message.id, folder, error = %unrecorded, "no result was written");
                }
                Err(failed)
            }
        }
    }

    /// How an attempt that failed is told to whoever submitted.
    fn ending_of(&self, Failed { error, said, .. }: &Failed, receives: u32) -> Ending {
        let failure = |message| Failure { class: error.class(), message };
        match error.prospect() {
            Prospect::Fails => Ending::Failed { error: failure(said.clone()) },
            _ if self.is_last(receives) => {
                Ending::Failed { error: failure(format!("{said}; given up after {receives} attempts")) }
            }
            _ => Ending::Retrying { error: failure(said.clone()) },
        }
    }

    /// Publishes, and says what was noted on the way.
    async fn publish(
        &self,
        inbox: &Inbox,
        uploaded: &Uploaded,
        stop: Instant,
        notes: &Arc<Notes>,
    ) -> (Result<Report, Failed>, Vec<String>) {
        let folder = match tempfile::Builder::new().prefix("release-").tempdir_in(&self.scratch) {
            Ok(folder) => folder,
            Err(error) => return (Err(error.into()), Vec::new()),
        };
        let here = folder.path();
        // dropped between two writes: manifests are switched by compare-and-swap, and a rerun goes on from there
        let published =
            timeout_at(stop, Box::pin(self.publish_in(here, inbox, uploaded, Arc::clone(notes)))).await;
        let plain =
            |text: String| Visible::new(&text).to_string().replace(&format!("{}/", here.display()), "");
        let done = match published {
            Ok(Ok(report)) => Ok(report),
            Ok(Err(error)) => Err(Failed { said: plain(error.to_string()), ..error.into() }),
            Err(_) => Err(JobError::OutOfTime.into()),
        };
        (done, notes.warnings().into_iter().map(plain).collect())
    }

    async fn publish_in(
        &self,
        here: &Path,
        inbox: &Inbox,
        uploaded: &Uploaded,
        notes: Arc<Notes>,
    ) -> Result<Report, InboxError> {
        let release = inbox.release(uploaded, here).await?;
        let masters = Download::new(inbox.clone(), here);
        masters.lyrics(&release).await?;
        let now = &Timestamp::now;
        Ok(publish_from(&masters, &release, &self.releases, &self.settings, now, notes).await?)
    }
}
