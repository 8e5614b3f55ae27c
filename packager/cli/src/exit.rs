//! Exit codes, stable, in the tradition of `sysexits.h`.

use std::fmt;

use nada_packager::{
    publish::{ErrorClass, PublishError},
    release_toml::ReleaseTomlError,
    store::StoreError,
};

/// The table `--help` ends with.
pub const TABLE: &str = "\
Exit codes:
  0    done
  1    a fault of Nada's own: please report it
  2    the command line is wrong
  65   the input is wrong: a song, lyrics, a release file, keys, a presentation
  69   storage or the network cannot be reached; try again
  73   output cannot be written
  75   someone else was first: look with 'nada status', then run again
  77   storage or a key refuses access
  130  interrupted; running the same command again goes on from there";

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

/// The exit code of an error: that of the first cause that has one.
pub fn code(error: &anyhow::Error) -> u8 {
    error.chain().find_map(code_of).unwrap_or(1)
}

fn code_of(cause: &(dyn std::error::Error + 'static)) -> Option<u8> {
    let code = if let Some(failure) = cause.downcast_ref::<Failure>() {
        failure.code
    } else if cause.is::<ReleaseTomlError>() {
        Code::Input
    } else if let Some(error) = cause.downcast_ref::<PublishError>() {
        return match error {
            PublishError::Store(error) => Some(of_store(error) as u8),
            error => match error.class() {
                ErrorClass::Input => Some(Code::Input as u8),
                ErrorClass::Conflict => Some(Code::Conflict as u8),
                ErrorClass::Storage { .. } => Some(Code::Unavailable as u8),
                ErrorClass::Defect => None,
            },
        };
    } else {
        of_store(cause.downcast_ref::<StoreError>()?)
    };
    Some(code as u8)
}

fn of_store(error: &StoreError) -> Code {
    match error {
        StoreError::AccessDenied { .. }
        | StoreError::BadCredentials(_)
        | StoreError::ExpiredCredentials
        | StoreError::NoCredentials(_) => Code::Access,
        StoreError::Different { .. } | StoreError::Contended(_) => Code::Conflict,
        StoreError::NoSuchBucket(_) | StoreError::NoRegion | StoreError::WrongRegion { .. } => Code::Input,
        _ => Code::Unavailable,
    }
}
