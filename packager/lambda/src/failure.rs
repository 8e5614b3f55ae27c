//! Why a message was not done, and what is to be expected of another delivery.

use nada_publish::{ErrorClass, inbox::InboxError};

use crate::{backoff::Prospect, event::EventError};

/// Why a message was not done.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The message is no S3 event.
    #[error(transparent)]
    Event(#[from] EventError),
    /// The release was not published.
    #[error(transparent)]
    Inbox(#[from] InboxError),
    /// The invocation's time is over.
    #[error(
        "the function's time was over; what is stored by now is not packaged again. A song that takes longer than \
         one invocation never ends: give the function more memory, which brings more processors"
    )]
    OutOfTime,
    /// No folder to work in.
    #[error("no temporary folder: {0}")]
    Folder(#[from] std::io::Error),
}

impl JobError {
    /// The party that must act.
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Event(_) => ErrorClass::Input,
            Self::Inbox(error) => error.class(),
            Self::OutOfTime => ErrorClass::Unavailable,
            Self::Folder(_) => ErrorClass::Output,
        }
    }

    /// What is to be expected of another delivery.
    pub fn prospect(&self) -> Prospect {
        match self {
            Self::OutOfTime => Prospect::GoesOn,
            Self::Folder(_) => Prospect::MaySucceed,
            Self::Inbox(error) if error.is_retryable() => Prospect::MaySucceed,
            Self::Inbox(_) | Self::Event(_) => Prospect::Fails,
        }
    }
}

/// An error in the words of the submitter: files are called as `release.toml` calls them.
#[derive(Debug)]
pub(crate) struct Failed {
    pub error: JobError,
    pub error_text: String,
    /// The release's folder in the inbox, where the message named one.
    pub folder: Option<String>,
}

impl Failed {
    /// The error of the release in that folder of the inbox.
    pub fn of(folder: &str, error: impl Into<JobError>) -> Self {
        let error = error.into();
        Self { error_text: error.to_string(), error, folder: Some(folder.to_owned()) }
    }
}

impl From<EventError> for Failed {
    fn from(error: EventError) -> Self {
        Self { error_text: error.to_string(), error: error.into(), folder: None }
    }
}
