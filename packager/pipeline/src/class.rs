//! Whose turn it is after an error, and whether the same may succeed later by itself. Decided here and nowhere else:
//! the exit codes of `nada` and the retries of the Lambda follow from it.

use serde::{Deserialize, Serialize};

use crate::{PackageError, Refusal, inbox::InboxError, publish::PublishError, store::StoreError};

/// Whose turn it is after an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorClass {
    /// The input has to be changed: a song, lyrics, a release file, the name of a bucket.
    Input,
    /// Storage or the network cannot be reached, or the machine lacks memory for now.
    Unavailable,
    /// Files cannot be written on this machine.
    Output,
    /// Someone else changed the same: look, then run again.
    Conflict,
    /// Storage refuses access.
    Access,
    /// Nada has to be changed.
    Defect,
}

impl StoreError {
    /// Whose turn it is.
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::AccessDenied { .. }
            | Self::BadCredentials(_)
            | Self::ExpiredCredentials
            | Self::NoCredentials(_) => ErrorClass::Access,
            Self::Different { .. } | Self::Contended(_) => ErrorClass::Conflict,
            Self::NoSuchBucket(_) | Self::NoRegion | Self::WrongRegion { .. } => ErrorClass::Input,
            _ => ErrorClass::Unavailable,
        }
    }

    /// Whether the same may succeed later without anybody changing anything.
    pub fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::Unreachable(_)
                | Self::Unavailable { .. }
                | Self::SlowDown(_)
                | Self::Interrupted { .. }
                | Self::Contended(_)
        )
    }
}

impl PackageError {
    /// Whether the system ended the work, which says nothing of the song.
    fn was_killed(&self) -> bool {
        matches!(self, Self::Source(error) if error.refusal == Refusal::Killed)
    }
}

impl PublishError {
    /// Whose turn it is.
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Audio { source, .. } if source.was_killed() => ErrorClass::Unavailable,
            Self::Audio { source: PackageError::Worker, .. } | Self::Invalid { .. } | Self::Defect(_) => {
                ErrorClass::Defect
            }
            Self::File { .. }
            | Self::Changed(_)
            | Self::Audio { .. }
            | Self::Lyrics { .. }
            | Self::Warned(_)
            | Self::NoSuchVersion { .. }
            | Self::NoSuchTrack(_) => ErrorClass::Input,
            Self::Rights { .. } | Self::Revision { .. } | Self::Conflict(_) | Self::Superseded(_) => {
                ErrorClass::Conflict
            }
            Self::Swept(_) => ErrorClass::Unavailable,
            Self::NoRoom { .. } | Self::Disk { .. } => ErrorClass::Output,
            Self::Store(error) => error.class(),
        }
    }

    /// Whether the same may succeed later without anybody changing anything. A publisher that lost a race
    /// finds at its next try what the other has published.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Changed(_)
            | Self::Swept(_)
            | Self::Conflict(_)
            | Self::Superseded(_)
            | Self::Disk { .. } => true,
            Self::Audio { source, .. } => source.was_killed(),
            Self::NoRoom { needed, total, .. } => needed <= total,
            Self::Store(error) => error.is_retryable(),
            _ => false,
        }
    }
}

impl InboxError {
    /// Whose turn it is.
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

#[cfg(test)]
mod tests {
    use std::{io, path::PathBuf};

    use nada_release::ObjectKey;

    use super::*;
    use crate::SourceError;

    #[test]
    fn whose_turn_it_is_and_whether_waiting_helps() {
        let refused = |refusal| PackageError::Source(SourceError { file: PathBuf::from("01.flac"), refusal });
        let crashed = Refusal::Decoder("crashed (SIGSEGV)".to_owned());
        let audio = |source| PublishError::Audio { path: PathBuf::from("01.flac"), source };
        let key = ObjectKey::Changes;
        for (error, class, retryable) in [
            (audio(refused(Refusal::NoAudio)), ErrorClass::Input, false),
            (audio(refused(crashed)), ErrorClass::Input, false),
            (audio(refused(Refusal::Killed)), ErrorClass::Unavailable, true),
            (audio(PackageError::Worker), ErrorClass::Defect, false),
            (PublishError::Changed(PathBuf::from("01.flac")), ErrorClass::Input, true),
            (PublishError::Superseded("r".parse().unwrap()), ErrorClass::Conflict, true),
            (PublishError::Swept(key.clone()), ErrorClass::Unavailable, true),
            (
                PublishError::Disk { path: PathBuf::new(), source: io::ErrorKind::StorageFull.into() },
                ErrorClass::Output,
                true,
            ),
            (StoreError::SlowDown("503".to_owned()).into(), ErrorClass::Unavailable, true),
            (StoreError::Contended(key).into(), ErrorClass::Conflict, true),
            (StoreError::NoSuchBucket("b".to_owned()).into(), ErrorClass::Input, false),
            (StoreError::ExpiredCredentials.into(), ErrorClass::Access, false),
        ] {
            assert_eq!((error.class(), error.is_retryable()), (class, retryable), "{error}");
            let error = InboxError::from(error);
            assert_eq!((error.class(), error.is_retryable()), (class, retryable), "{error}");
        }
    }
}
