//! The job: a batch in, the messages to be delivered again out.

use std::sync::Arc;

use aws_sdk_s3::Client;
use jiff::Timestamp;
use nada_packager::{
    publish::{PublishError, PublishSettings, Report, publish},
    release_toml::{Release, ReleaseTomlError},
    store::Store,
};

use crate::{
    event::{Batch, BatchItemFailure, BatchResponse, EventError, Inbox, Message, inboxes},
    masters::{MastersError, bring},
};

/// Why a message was not done.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The message is no S3 event.
    #[error(transparent)]
    Event(#[from] EventError),
    /// The release's files could not be brought here.
    #[error(transparent)]
    Masters(#[from] MastersError),
    /// The release file is wrong.
    #[error("{0}")]
    Release(#[from] ReleaseTomlError),
    /// The release was not published.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// No folder to work in.
    #[error("no temporary folder: {0}")]
    Folder(#[from] std::io::Error),
}

/// What a batch is worked on with.
#[derive(Debug, Clone)]
pub struct Job {
    /// Reads the masters.
    pub masters: Client,
    /// Where releases are published.
    pub releases: Store,
    /// How.
    pub settings: PublishSettings,
}

impl Job {
    /// Works on the messages one after another: each song uses all cores by itself. A message that fails does
    /// not touch its neighbours; it is delivered again, and ends in the dead-letter queue where it keeps
    /// failing.
    pub async fn batch(&self, batch: Batch) -> BatchResponse {
        let mut response = BatchResponse::default();
        for message in batch.messages {
            if let Err(error) = self.message(&message).await {
                tracing::error!(message = message.id, error = %error, "message failed");
                response.failures.push(BatchItemFailure { id: message.id });
            }
        }
        response
    }

    async fn message(&self, message: &Message) -> Result<(), JobError> {
        for inbox in inboxes(&message.body)? {
            let report = self.release(&inbox).await?;
            tracing::info!(
                release = %report.release,
                tracks = report.tracks.len(),
                uploaded = report.uploaded,
                uploaded_bytes = report.uploaded_bytes,
                "release published"
            );
        }
        Ok(())
    }

    async fn release(&self, inbox: &Inbox) -> Result<Report, JobError> {
        let folder = tempfile::Builder::new().prefix("nada-").tempdir()?;
        bring(&self.masters, inbox, folder.path()).await?;
        let release = Release::read(&folder.path().join("release.toml"))?;
        Ok(publish(&release, &self.releases, &self.settings, &Timestamp::now, Arc::new(())).await?)
    }
}
