//! The party that must act after an error, and whether waiting helps.
#![allow(clippy::unwrap_used)]

use std::{io, path::PathBuf};

use nada_catalog::{Manifest, ObjectKey, RenditionName, stored};
use nada_pipeline::{PackageError, Refusal, SourceError};
use nada_publish::{ErrorClass, inbox::InboxError, publish::PublishError, store::StoreError};

#[test]
fn an_error_says_who_acts_and_whether_waiting_helps() {
    let refused = |refusal| PackageError::Source(SourceError { file: PathBuf::from("01.flac"), refusal });
    let crashed = Refusal::Decoder("crashed (SIGSEGV)".to_owned());
    let audio = |source| PublishError::Audio { path: PathBuf::from("01.flac"), source };
    let panicked = PackageError::Panicked { task: "decoding".to_owned(), message: String::new() };
    let incomplete = PackageError::Incomplete { rendition: RenditionName::FLAC, made: 1, total: 2 };
    let key = ObjectKey::Changes;
    let other = stored::from_json::<Manifest>(br#"{"format":999}"#).unwrap_err();
    let unreadable = StoreError::Unreadable { key: key.clone(), source: other };
    for (error, class, retryable) in [
        (audio(refused(Refusal::NoAudio)), ErrorClass::Input, false),
        (audio(refused(crashed)), ErrorClass::Input, false),
        (audio(refused(Refusal::Killed)), ErrorClass::Unavailable, true),
        (audio(panicked), ErrorClass::Defect, false),
        (audio(incomplete), ErrorClass::Defect, false),
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
        // what another version of Nada wrote is not read by trying again
        (unreadable.into(), ErrorClass::Input, false),
        (StoreError::WrongClock(None).into(), ErrorClass::Unavailable, false),
    ] {
        assert_eq!((error.class(), error.is_retryable()), (class, retryable), "{error}");
        let error = InboxError::from(error);
        assert_eq!((error.class(), error.is_retryable()), (class, retryable), "{error}");
    }
}
