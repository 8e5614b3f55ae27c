//! Exit codes, stable, in the tradition of `sysexits.h`.

use std::{fmt, io, path::Path};

use nada_publish::{
    ErrorClass, inbox::InboxError, publish::PublishError, release_toml::ReleaseTomlError, store::StoreError,
};
use nada_quote::Visible;

/// The table `--help` ends with.
pub const TABLE: &str = "\
Exit codes:
  0    done
  1    a fault of Nada's own: please report it
  2    the command line is wrong
  65   the input is wrong: a song, lyrics, a release file, keys, a presentation
  69   storage or the network cannot be reached, or memory ran out; try again
  73   output cannot be written
  75   someone else was first: look with 'nada status', then run again
  77   storage or a key refuses access
  130  interrupted; running the same command again goes on from there (143 after SIGTERM)";

/// Why a command ends without success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// The input is wrong.
    Input = 65,
    /// Storage or the network cannot be reached.
    Unavailable = 69,
    /// Output cannot be written.
    Output = 73,
    /// Someone else was first.
    Conflict = 75,
    /// Access is refused.
    Access = 77,
    /// Interrupted from the keyboard.
    Interrupted = 130,
    /// Told to end, by SIGTERM.
    Terminated = 143,
}

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
    let advice = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            ": make room there, or name a folder on another disk"
        }
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
            ": name a folder that you may write to"
        }
        _ => "",
    };
    failure(Code::Output, format!("cannot write {}: {error}{advice}", path.display()))
}

/// An error and its causes in one line, each said once: most say what their cause is themselves. What others wrote in it
/// is made visible, for whoever passes it on.
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
    let class = match code {
        65 => "input",
        69 => "unavailable",
        73 => "output",
        75 => "conflict",
        77 => "access",
        130 | 143 => "interrupted",
        _ => "defect",
    };
    serde_json::json!({ "error": { "class": class, "message": message(error), "exit_code": code } })
}

/// The exit code of an error: that of the first cause that has one.
pub fn code(error: &anyhow::Error) -> u8 {
    error.chain().find_map(code_of).unwrap_or(1)
}

fn code_of(cause: &(dyn std::error::Error + 'static)) -> Option<u8> {
    if let Some(failure) = cause.downcast_ref::<Failure>() {
        return Some(failure.code as u8);
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
    Code::of(class).map(|code| code as u8)
}

impl Code {
    /// The code of errors of that class; a fault of Nada's own has none.
    pub fn of(class: ErrorClass) -> Option<Self> {
        match class {
            ErrorClass::Input => Some(Self::Input),
            ErrorClass::Unavailable => Some(Self::Unavailable),
            ErrorClass::Output => Some(Self::Output),
            ErrorClass::Conflict => Some(Self::Conflict),
            ErrorClass::Access => Some(Self::Access),
            ErrorClass::Defect => None,
        }
    }
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
        for (kind, said) in [
            (io::ErrorKind::StorageFull, "make room there, or name a folder on another disk"),
            (io::ErrorKind::QuotaExceeded, "make room there"),
            (io::ErrorKind::ReadOnlyFilesystem, "name a folder that you may write to"),
        ] {
            let error = cannot_write(Path::new("out/aac-128/00001.m4s"), &kind.into());
            let message = error.to_string();
            assert!(message.starts_with("cannot write out/aac-128/00001.m4s: "), "{message}");
            assert!(message.ends_with(said) || message.contains(said), "{message}");
            assert_eq!(code(&error), 73);
        }
    }

    #[test]
    fn whoever_may_just_try_again_is_told_so_by_the_code() {
        for (error, expected) in [
            (StoreError::SlowDown("503 SlowDown".to_owned()), 69),
            (StoreError::Unavailable { status: "500".to_owned() }, 69),
            (StoreError::Unreachable("refused".to_owned()), 69),
            (StoreError::Contended(nada_catalog::ObjectKey::Changes), 75),
            (StoreError::ExpiredCredentials, 77),
            (StoreError::NoCredentials("none".to_owned()), 77),
            (StoreError::NoRegion, 65),
        ] {
            let text = error.to_string();
            assert_eq!(code(&PublishError::from(error).into()), expected, "{text}");
        }
        let swept = PublishError::Swept(nada_catalog::ObjectKey::Changes);
        assert_eq!(code(&swept.into()), 69);
    }
}
