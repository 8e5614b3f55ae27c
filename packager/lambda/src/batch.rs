//! The shell around publishing: a batch in, the messages to be delivered again out; metrics, results and the log.

use tokio::time::timeout_at;

use crate::{
    attempt::Attempt,
    backoff::{Prospect, pause},
    dead_letters::Reason,
    deadline::Deadline,
    event::{Batch, BatchItemFailure, BatchResponse, Message, announcements},
    failure::{Failed, JobError},
    job::Job,
    metrics,
};

impl Job {
    /// Works on the messages one after another until the deadline: each master uses all cores by itself. A message that
    /// fails does not touch its neighbours.
    pub async fn batch(&self, batch: Batch, deadline: Deadline) -> BatchResponse {
        let mut response = BatchResponse::default();
        for message in batch.messages {
            let Err(failed) = self.message(&message, deadline).await else { continue };
            let Failed { error, error_text, .. } = &failed;
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
                error = error_text,
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

    /// Sends a message to the dead letters, with the reason; whether that was done. Where it was not, it still is to
    /// be reported as failed, so that the queue moves it by itself. One that was taken without an answer lies there twice.
    async fn gave_up(&self, message: &Message, failed: &Failed, deadline: Deadline) -> bool {
        let Some(dead) = &self.dead_letters else { return false };
        let (class, folder) = (failed.error.class(), failed.folder.as_deref());
        let sent = dead.send(message, Reason { text: &failed.error_text, class, folder });
        let trouble = match timeout_at(deadline.queues, sent).await {
            Ok(Ok(())) => {
                let (message_id, receives) = (&message.id, message.receives());
                tracing::error!(message_id, receives, class = ?class, folder, error = failed.error_text, "message given up");
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
            let folder = &announcement.folder;
            let done = match self.attempt(message, &announcement, deadline).await {
                Ok(Some(attempt)) => {
                    metrics::print(&self.function, folder, &attempt);
                    self.record(message, folder, attempt, deadline).await
                }
                Ok(None) => Ok(()),
                Err(failed) => Err(failed),
            };
            first = first.and(done);
        }
        first
    }

    /// Writes the result of an attempt, and logs it.
    async fn record(
        &self,
        message: &Message,
        folder: &str,
        attempt: Attempt,
        deadline: Deadline,
    ) -> Result<(), Failed> {
        let Attempt { inbox, done, outcome, .. } = attempt;
        // an attempt that stopped at the deadline has none of its time left, but the store may be what it waited for
        let recorded = timeout_at(deadline.results, inbox.record(&outcome)).await;
        let recorded = recorded.map_err(|_| JobError::OutOfTime).and_then(|written| Ok(written?));
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
            (Ok(_), Err(error)) => Err(Failed::of(folder, error)),
            (Err(failed), recorded) => {
                if let Err(unrecorded) = recorded {
                    tracing::warn!(message_id = message.id, folder, error = %unrecorded, "no result was written");
                }
                Err(failed)
            }
        }
    }
}
