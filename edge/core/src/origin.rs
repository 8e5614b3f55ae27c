//! Origins: S3-compatible endpoints, their order, their URLs, and what their answers mean.

use jiff::{SignedDuration, Timestamp};
use nada_release::{Country, ObjectKey};

use crate::known::Source;

/// An origin that has sent no first byte after this many milliseconds has not answered: ask the next one.
pub const FIRST_BYTE_MS: u64 = 1500;

/// One S3-compatible endpoint with one bucket. The first origin of a list is the primary, the others are its
/// replicas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    endpoint: Endpoint,
    bucket: String,
    region: String,
    path_style: bool,
    near: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Endpoint {
    scheme: &'static str,
    authority: String,
}

/// An origin that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// Not `https://host`, `http://host` or either with a port.
    #[error("endpoint {0:?} is not https://host or http://host, with a port if need be and nothing after it")]
    Endpoint(String),
    /// Not a bucket name.
    #[error("bucket {0:?} is not 3 to 63 lowercase letters, digits, '.' or '-'")]
    Bucket(String),
    /// Not a region name.
    #[error("region {0:?} is not 1 to 32 lowercase letters, digits or '-'")]
    Region(String),
}

/// Where to send a request for one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The whole URL.
    pub url: String,
    /// The `Host` header field, which is signed.
    pub host: String,
    /// The URL's path, which is signed. It needs no escaping: a key is made of letters, digits and `_-./`.
    pub path: String,
    /// The URL's query, which is signed: `name=value` in letters and digits.
    pub query: Option<String>,
}
