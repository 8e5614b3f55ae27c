//! What a store may say, and what to do about it.

use std::{error::Error, fmt};

use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use nada_release::{ObjectKey, StoredError};
use sha2::{Digest as _, Sha256};

/// A SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sha256Sum(pub [u8; 32]);

impl Sha256Sum {
    /// The sum of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// As `x-amz-checksum-sha256` has it.
    pub(super) fn to_base64(self) -> String {
        base64_simd::STANDARD.encode_to_string(self.0)
    }

    /// `None` for anything but one plain sum: S3 marks the sum of a multipart upload's sums with `-N`.
    pub(super) fn from_base64(text: &str) -> Option<Self> {
        base64_simd::STANDARD.decode_to_vec(text).ok()?.try_into().ok().map(Self)
    }
}

impl fmt::Display for Sha256Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

type Source = Box<dyn Error + Send + Sync>;

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The bucket does not exist.
    #[error("bucket {0} does not exist at this endpoint: create it, or check its name and --endpoint-url")]
    NoSuchBucket(String),
    /// The credentials may not do this.
    #[error(
        "not allowed to {what} {key} in bucket {bucket}: the credentials need s3:GetObject, s3:PutObject and \
         s3:ListBucket (without which S3 denies what is only absent)"
    )]
    AccessDenied {
        /// What was tried.
        what: &'static str,
        /// On which object.
        key: ObjectKey,
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
    #[error("the store refuses this machine's time: set its clock right and run this again")]
    WrongClock,
    /// The store could not be reached, or did not answer in time.
    #[error("the store cannot be reached: {0}")]
    Unreachable(String),
    /// The store answered, again and again, that it cannot now.
    #[error("the store is unavailable ({status}): run this again later")]
    Unavailable {
        /// The HTTP status, and the code where there is one.
        status: String,
    },
    /// Reading an object broke off.
    #[error("reading {key} broke off")]
    Interrupted {
        /// The object.
        key: ObjectKey,
        /// Why.
        source: Source,
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
        /// Why.
        source: StoredError,
    },
    /// Others kept changing the object.
    #[error("{0} was changed by others again and again: run this again later")]
    Contended(ObjectKey),
    /// Anything else.
    #[error("cannot {what} {key} in bucket {bucket}: {message}")]
    Other {
        /// What was tried.
        what: &'static str,
        /// On which object.
        key: ObjectKey,
        /// In which bucket.
        bucket: String,
        /// What the store or the SDK said.
        message: String,
    },
}

fn at(region: Option<&str>) -> String {
    region.map(|region| format!(", but in {region}")).unwrap_or_default()
}

impl StoreError {
    /// Whether the same may succeed later without anybody changing anything.
    pub fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::Unreachable(_) | Self::Unavailable { .. } | Self::Interrupted { .. } | Self::Contended(_)
        )
    }

    pub(super) fn of<E>(what: &'static str, bucket: &str, key: &ObjectKey, error: SdkError<E>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let response = error.raw_response();
        let status = response.map(|r| r.status().as_u16());
        let region = response.and_then(|r| r.headers().get("x-amz-bucket-region")).map(str::to_owned);
        let bucket = bucket.to_owned();
        let code = error.code().unwrap_or_default().to_owned();
        match (code.as_str(), status) {
            ("NoSuchBucket", _) => Self::NoSuchBucket(bucket),
            ("ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired", _) => {
                Self::ExpiredCredentials
            }
            ("InvalidAccessKeyId" | "SignatureDoesNotMatch" | "NotSignedUp" | "InvalidToken", _) => {
                Self::BadCredentials(code)
            }
            ("RequestTimeTooSkewed", _) => Self::WrongClock,
            (
                "PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException",
                _,
            )
            | (_, Some(301 | 307)) => Self::WrongRegion { bucket, region },
            (_, Some(401 | 403)) => Self::AccessDenied { what, key: key.clone(), bucket },
            (_, Some(status @ (429 | 500..=599))) => {
                Self::Unavailable { status: format!("{status} {code}").trim_end().to_owned() }
            }
            (_, None) => Self::unsent(what, bucket, key, &error),
            _ => Self::Other { what, key: key.clone(), bucket, message: chain(&error) },
        }
    }

    /// No answer came: there were no credentials, no connection, or no time.
    fn unsent<E>(what: &'static str, bucket: String, key: &ObjectKey, error: &SdkError<E>) -> Self
    where
        E: Error + Send + Sync + 'static,
    {
        let message = chain(error);
        match error {
            SdkError::TimeoutError(_) => Self::Unreachable("no answer in time".to_owned()),
            SdkError::DispatchFailure(failure) if failure.is_io() || failure.is_timeout() => {
                Self::Unreachable(innermost(error))
            }
            _ if message.to_ascii_lowercase().contains("expired") => Self::ExpiredCredentials,
            _ if message.to_ascii_lowercase().contains("credential") => Self::NoCredentials(innermost(error)),
            SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => Self::Unreachable(innermost(error)),
            _ => Self::Other { what, key: key.clone(), bucket, message },
        }
    }
}

fn chain<E: Error>(error: &E) -> String {
    DisplayErrorContext(error).to_string()
}

/// The last cause: what says the most in the fewest words.
fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut last = error;
    while let Some(cause) = last.source() {
        last = cause;
    }
    last.to_string()
}
