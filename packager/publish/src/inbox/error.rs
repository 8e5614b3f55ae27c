//! What can go wrong between the inbox and the store.

use crate::{ErrorClass, publish::PublishError, release_toml::ReleaseTomlError, store::StoreError};

use super::MAX_FILES;

/// Why a release did not get into the inbox, or out of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InboxError {
    /// The release file is wrong.
    #[error("{0}")]
    Release(ReleaseTomlError),
    /// A file cannot be submitted, or what was submitted cannot be used.
    #[error("{name}: {message}")]
    Master {
        /// The file's name.
        name: String,
        /// What is wrong, and what to do.
        message: String,
    },
    /// More objects than a folder may have.
    #[error("{inbox}: more than {MAX_FILES} objects; a release has a folder of its own")]
    TooMany {
        /// The folder.
        inbox: String,
    },
    /// The masters bucket.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The release was not published.
    #[error(transparent)]
    Publish(#[from] PublishError),
}

impl InboxError {
    /// The party that must act.
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Release(_) | Self::Master { .. } | Self::TooMany { .. } => ErrorClass::Input,
            Self::Store(error) => error.class(),
            Self::Publish(error) => error.class(),
        }
    }

    /// Whether the same may succeed later without anybody changing anything.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Release(_) | Self::Master { .. } | Self::TooMany { .. } => false,
            Self::Store(error) => error.is_retryable(),
            Self::Publish(error) => error.is_retryable(),
        }
    }
}
