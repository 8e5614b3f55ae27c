//! Exit codes, stable, in the tradition of `sysexits.h`.

mod code;

use std::{fmt, io, path::Path};

use nada_publish::{
    ErrorClass, inbox::InboxError, publish::PublishError, release_toml::ReleaseTomlError, store::StoreError,
};
use nada_quote::Visible;

pub use code::{Code, help};

/// An error with the exit code it ends in.
#[derive(Debug)]
pub struct Failure {
    code: Code,
    message: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// An error that ends in `code`.
pub fn failure(code: Code, message: impl Into<String>) -> anyhow::Error {
    Failure { code, message: message.into() }.into()
}

/// The error that says why a file cannot be written, and what to do.
pub fn cannot_write(path: &Path, error: &io::Error) -> anyhow::Error {
    let (full, refused) = (
        [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded],
        [io::ErrorKind::ReadOnlyFilesystem, io::ErrorKind::PermissionDenied],
    );
    let advice = match error.kind() {
        kind if full.contains(&kind) => ": make room there, or name a folder on another disk",
        kind if refused.contains(&kind) => ": name a folder that you may write to",
        _ => "",
    };
    failure(Code::Output, format!("cannot write {}: {error}{advice}", path.display()))
}

/// An error and its causes in one line, each said once: most say what their cause is themselves. What others wrote in it
/// is made visible.
pub fn message(error: &anyhow::Error) -> String {
    let mut message = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !message.contains(&cause) {
            message += ": ";
            message += &cause;
        }
    }
    Visible::new(&message).to_string()
}

/// An error as a machine may read it.
pub fn json(error: &anyhow::Error) -> serde_json::Value {
    let code = code(error);
    let (class, number) = (code.name(), code as u8);
    let mut json = serde_json::json!({ "class": class, "message": message(error), "exit_code": number });
    let shares = |cause: &(dyn std::error::Error + 'static)| {
        matches!(cause.downcast_ref(), Some(PublishError::NotShared { .. }))
    };
    // what an edge would refuse is refused by the name that the edge has for it
    if error.chain().any(shares)
        && let Some(json) = json.as_object_mut()
    {
        json.insert("code".to_owned(), nada_edge::Code::ShareNotAllowed.name().into());
    }
    serde_json::json!({ "error": json })
}

/// The exit code of an error: that of the first cause that has one.
pub fn code(error: &anyhow::Error) -> Code {
    error.chain().find_map(code_of).unwrap_or(Code::Defect)
}

fn code_of(cause: &(dyn std::error::Error + 'static)) -> Option<Code> {
    if let Some(failure) = cause.downcast_ref::<Failure>() {
        return Some(failure.code);
    }
    let class = if cause.is::<ReleaseTomlError>() {
        ErrorClass::Input
    } else if let Some(error) = cause.downcast_ref::<PublishError>() {
        error.class()
    } else if let Some(error) = cause.downcast_ref::<InboxError>() {
        error.class()
    } else {
        cause.downcast_ref::<StoreError>()?.class()
    };
    Some(Code::of(class))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_is_said_once() {
        let source = nada_lyrics::Error::Limit { what: "lines", limit: 1 };
        let source = nada_lyrics::Error::Line { line: 2, column: 1, source: Box::new(source) };
        let error = anyhow::Error::from(PublishError::Lyrics { path: "a.lrc".into(), source });
        assert_eq!(message(&error), "a.lrc: line 2, column 1: more than 1 lines");
        assert_eq!(message(&error.context("track 1")), "track 1: a.lrc: line 2, column 1: more than 1 lines");
    }

    #[test]
    fn a_full_disk_is_named_with_what_to_do() {
        for (kind, expected) in [
            (io::ErrorKind::StorageFull, "make room there, or name a folder on another disk"),
            (io::ErrorKind::QuotaExceeded, "make room there"),
            (io::ErrorKind::ReadOnlyFilesystem, "name a folder that you may write to"),
        ] {
            let error = cannot_write(Path::new("out/aac-128.mp4"), &kind.into());
            let message = error.to_string();
            assert!(message.starts_with("cannot write out/aac-128.mp4: "), "{message}");
            assert!(message.ends_with(expected) || message.contains(expected), "{message}");
            assert_eq!(code(&error), Code::Output);
        }
    }

    #[test]
    fn the_code_says_whether_trying_again_may_help() {
        for (error, expected) in [
            (StoreError::SlowDown("503 SlowDown".to_owned()), Code::Unavailable),
            (StoreError::Unavailable { status: "500".to_owned() }, Code::Unavailable),
            (StoreError::Unreachable("refused".to_owned()), Code::Unavailable),
            (StoreError::Contended(nada_catalog::ObjectKey::Changes), Code::Conflict),
            (StoreError::ExpiredCredentials, Code::Access),
            (StoreError::NoCredentials("none".to_owned()), Code::Access),
            (StoreError::NoRegion, Code::Input),
        ] {
            let text = error.to_string();
            assert_eq!(code(&PublishError::from(error).into()), expected, "{text}");
        }
        let swept = PublishError::Swept(nada_catalog::ObjectKey::Changes);
        assert_eq!(code(&swept.into()), Code::Unavailable);
    }
}
