//! What a store may say, and what to do about it.

use std::{error::Error, fmt};

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use nada_catalog::{ObjectKey, StoredError};

use super::{
    Sha256Sum,
    error_text::{causes, error_text},
};
use crate::ErrorClass;

type Source = Box<dyn Error + Send + Sync>;

/// What a store is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Read an object.
    Read,
    /// Ask whether an object is there, and for its sum.
    LookUp,
    /// Write an object.
    Write,
    /// List what lies below a prefix.
    List,
    /// Delete objects.
    Delete,
}

impl Act {
    /// The permission it needs.
    fn needs(self) -> &'static str {
        match self {
            Self::Read | Self::LookUp => "s3:GetObject and s3:ListBucket",
            Self::Write => "s3:PutObject",
            Self::List => "s3:ListBucket",
            Self::Delete => "s3:DeleteObject",
        }
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::LookUp => "look up",
            Self::Write => "write",
            Self::List => "list",
            Self::Delete => "delete",
        })
    }
}

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The bucket does not exist.
    #[error("bucket {0} does not exist at this endpoint: create it, or check its name and --endpoint-url")]
    NoSuchBucket(String),
    /// The credentials may not do this.
    #[error(
        "not allowed to {what} {object} in bucket {bucket}: give these credentials {} (without s3:ListBucket, S3 \
         denies even what is only absent)", what.needs()
    )]
    AccessDenied {
        /// What was tried.
        what: Act,
        /// On which object, or on all below which prefix.
        object: String,
        /// In which bucket.
        bucket: String,
    },
    /// The credentials are unknown to the store, or their secret is wrong.
    #[error("the store does not accept the credentials ({0}): check the access key and its secret")]
    BadCredentials(String),
    /// The credentials are no longer valid.
    #[error("the credentials have expired: renew them (`aws sso login`, for example) and run this again")]
    ExpiredCredentials,
    /// No credentials were found.
    #[error(
        "no AWS credentials found: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY ({0})"
    )]
    NoCredentials(String),
    /// No region is known.
    #[error("no AWS region is known: give --region, or set AWS_REGION")]
    NoRegion,
    /// The bucket lies elsewhere.
    #[error("bucket {bucket} is not in this region{}: give its own with --region", at(.region.as_deref()))]
    WrongRegion {
        /// The bucket.
        bucket: String,
        /// Where it is, if the store says so.
        region: Option<String>,
    },
    /// This machine's clock is off.
    #[error("the store refuses this machine's time{}: set the clock right and run this again", by(.0.as_deref()))]
    WrongClock(Option<String>),
    /// The store could not be reached, or did not answer in time.
    #[error(
        "the store cannot be reached ({0}): check --endpoint-url, --region and the network, then run this again"
    )]
    Unreachable(String),
    /// The store answered, again and again, that requests come too fast.
    #[error(
        "the store asks to slow down ({0}), and did so again and again: run this again in some minutes, with fewer \
         --jobs; what is stored by then is not sent again"
    )]
    SlowDown(String),
    /// The store answered, again and again, that it cannot now.
    #[error(
        "the store is unavailable ({status}): run this again later; what is stored by then is not sent again"
    )]
    Unavailable {
        /// The HTTP status, and the code where there is one.
        status: String,
    },
    /// The store has no room left.
    #[error("the store is full ({0}): make room in it and run this again")]
    Full(String),
    /// Reading an object broke off.
    #[error("reading {key} broke off")]
    Interrupted {
        /// The object's key.
        key: String,
        /// The cause.
        source: Source,
    },
    /// A write was answered like one that is done, and was not.
    #[error(
        "{object} was not written to bucket {bucket}, although the answer says so: what answers is no S3-compatible store \
         that keeps what it is sent; check --endpoint-url, and what stands between"
    )]
    Unconfirmed {
        /// The object.
        object: String,
        /// The bucket.
        bucket: String,
    },
    /// An immutable object is there with other bytes.
    #[error(
        "{key} is immutable and stored with other bytes: SHA-256 {stored} is stored, {ours} was to be written. \
         Nothing was replaced; a version that packages differently under one name is a defect, or the object \
         was changed by hand"
    )]
    Different {
        /// The object.
        key: ObjectKey,
        /// What was to be written.
        ours: Sha256Sum,
        /// What is there.
        stored: Sha256Sum,
    },
    /// A stored object is not what it should be.
    #[error("{key} cannot be read: {source}")]
    Unreadable {
        /// The object.
        key: ObjectKey,
        /// The cause.
        source: StoredError,
    },
    /// Others kept changing the object.
    #[error("{0} was changed by others again and again: run this again later")]
    Contended(ObjectKey),
    /// Anything else.
    #[error("cannot {what} {object} in bucket {bucket}: {message}")]
    Other {
        /// What was tried.
        what: Act,
        /// On which object, or on all below which prefix.
        object: String,
        /// In which bucket.
        bucket: String,
        /// What the store or the SDK said.
        message: String,
    },
}

fn at(region: Option<&str>) -> String {
    region.map(|region| format!(", but in {region}")).unwrap_or_default()
}

fn by(theirs: Option<&str>) -> String {
    theirs.map(|theirs| format!(" (its own is {theirs})")).unwrap_or_default()
}

impl StoreError {
    /// The party that must act.
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::AccessDenied { .. }
            | Self::BadCredentials(_)
            | Self::ExpiredCredentials
            | Self::NoCredentials(_) => ErrorClass::Access,
            Self::Different { .. } | Self::Contended(_) => ErrorClass::Conflict,
            Self::NoSuchBucket(_)
            | Self::NoRegion
            | Self::WrongRegion { .. }
            | Self::Unconfirmed { .. }
            | Self::Unreadable { .. } => ErrorClass::Input,
            Self::Unreachable(_)
            | Self::SlowDown(_)
            | Self::Unavailable { .. }
            | Self::Full(_)
            | Self::Interrupted { .. }
            | Self::WrongClock(_)
            | Self::Other { .. } => ErrorClass::Unavailable,
        }
    }

    /// Whether the same may succeed later without anybody changing anything.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Unreachable(_)
            | Self::Unavailable { .. }
            | Self::SlowDown(_)
            | Self::Interrupted { .. }
            | Self::Contended(_) => true,
            Self::NoSuchBucket(_)
            | Self::AccessDenied { .. }
            | Self::BadCredentials(_)
            | Self::ExpiredCredentials
            | Self::NoCredentials(_)
            | Self::NoRegion
            | Self::WrongRegion { .. }
            | Self::WrongClock(_)
            | Self::Full(_)
            | Self::Different { .. }
            | Self::Unconfirmed { .. }
            | Self::Unreadable { .. }
            | Self::Other { .. } => false,
        }
    }

    /// What an answer means, or its absence.
    pub(crate) fn of<E>(what: Act, bucket: &str, object: impl fmt::Display, error: SdkError<E>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let response = error.raw_response();
        let status = response.map(|r| r.status().as_u16());
        let header = |name| response.and_then(|r| r.headers().get(name)).map(str::to_owned);
        let (bucket, object) = (bucket.to_owned(), object.to_string());
        let code = error.code().unwrap_or_default().to_owned();
        match (code.as_str(), status) {
            ("NoSuchBucket", _) => Self::NoSuchBucket(bucket),
            ("ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired", _) => {
                Self::ExpiredCredentials
            }
            ("InvalidAccessKeyId" | "SignatureDoesNotMatch" | "NotSignedUp" | "InvalidToken", _) => {
                Self::BadCredentials(code)
            }
            ("RequestTimeTooSkewed" | "RequestInTheFuture", _) => Self::WrongClock(header("date")),
            (
                "PermanentRedirect"
                | "TemporaryRedirect"
                | "AuthorizationHeaderMalformed"
                | "IllegalLocationConstraintException",
                _,
            )
            | (_, Some(301 | 307)) => {
                let body = response.and_then(|r| r.body().bytes()).unwrap_or_default();
                Self::WrongRegion {
                    bucket,
                    region: header("x-amz-bucket-region").or_else(|| region_in(body)),
                }
            }
            (_, Some(401 | 403)) => Self::AccessDenied { what, object, bucket },
            ("SlowDown" | "RequestLimitExceeded" | "Throttling" | "ThrottlingException", Some(status))
            | (_, Some(status @ 429)) => Self::SlowDown(format!("{status} {code}").trim_end().to_owned()),
            (_, Some(status @ 507)) => Self::Full(format!("{status} {code}").trim_end().to_owned()),
            (_, Some(status @ 500..=599)) => {
                Self::Unavailable { status: format!("{status} {code}").trim_end().to_owned() }
            }
            ("", Some(400)) => {
                let message =
                    "the store answers 400 and no reason: expired credentials and a wrong region do that";
                Self::Other { what, object, bucket, message: message.to_owned() }
            }
            (_, None) => Self::unsent(what, bucket, object, &error),
            _ => {
                let message = match (error.message(), status) {
                    (None, Some(status)) => format!("{status} {}", error_text(&error)),
                    _ => error_text(&error),
                };
                Self::Other { what, object, bucket, message }
            }
        }
    }

    /// No answer came: there were no credentials, no connection, or no time.
    fn unsent<E>(what: Act, bucket: String, object: String, error: &SdkError<E>) -> Self
    where
        E: Error + Send + Sync + 'static,
    {
        let message = causes(error);
        let says = |word| message.to_ascii_lowercase().contains(word);
        let broke_off =
            matches!(error, SdkError::DispatchFailure(failure) if failure.is_io() || failure.is_timeout());
        if matches!(error, SdkError::TimeoutError(_)) {
            Self::Unreachable("no answer in time".to_owned())
        } else if broke_off {
            Self::Unreachable(innermost(error))
        } else if says("expired") {
            Self::ExpiredCredentials
        } else if says("credential") {
            Self::NoCredentials(innermost(error))
        } else if matches!(error, SdkError::DispatchFailure(_) | SdkError::ResponseError(_)) {
            Self::Unreachable(innermost(error))
        } else {
            Self::Other { what, object, bucket, message }
        }
    }
}

/// The region that an `AuthorizationHeaderMalformed` names as the right one.
fn region_in(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let (_, rest) = text.split_once("<Region>")?;
    let (region, _) = rest.split_once("</Region>")?;
    Some(region.trim().to_owned()).filter(|region| !region.is_empty())
}

/// The last cause: what says the most in the fewest words.
fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut last = error;
    while let Some(cause) = last.source() {
        last = cause;
    }
    last.to_string()
}
