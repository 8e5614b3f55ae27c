//! Faults of Nada itself that end a publish, each with its cause.

use std::path::PathBuf;

use nada_catalog::{IdError, StoredError};
use tokio::{sync::AcquireError, task::JoinError};

/// A fault of Nada itself.
#[derive(Debug, thiserror::Error)]
pub enum Defect {
    /// The thread that hashed a master panicked.
    #[error("hashing ended: {0}")]
    Hashing(#[source] JoinError),
    /// The thread that packaged a master panicked.
    #[error("packaging ended: {0}")]
    Packaging(#[source] JoinError),
    /// The thread that made artwork panicked.
    #[error("making artwork ended: {0}")]
    Artwork(#[source] JoinError),
    /// An encoder refused artwork of our own; why.
    #[error("making artwork: {0}")]
    Picture(String),
    /// The thread that asked for keys panicked.
    #[error("asking for keys ended: {0}")]
    Keys(#[source] JoinError),
    /// The limit of uploads was taken away under a run.
    #[error("waiting for an upload: {0}")]
    Permits(#[source] AcquireError),
    /// An object's JSON cannot be stored.
    #[error("writing JSON: {0}")]
    Json(#[source] StoredError),
    /// A presentation has a sample rate of zero.
    #[error("rendering lyrics: a rate of zero")]
    NoRate,
    /// A language that lyrics have is none that the catalog takes.
    #[error("rendering lyrics: {0}")]
    Language(#[source] IdError),
    /// A playlist of lyrics that `hls_m3u8` refused.
    #[error("rendering lyrics: {0}")]
    Playlist(#[source] hls_m3u8::Error),
    /// A path of a release in the inbox does not lie below the release's folder.
    #[error("{} is none of the inbox", .0.display())]
    OutsideInbox(PathBuf),
}
