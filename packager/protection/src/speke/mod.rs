//! Keys of a key server, by SPEKE version 2 (AWS Secure Packager and Encoder Key Exchange API, a profile of CPIX 2.4).

mod answer;
mod document;
mod request;
#[cfg(test)]
mod tests;

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::{
    key_id::KeyId,
    key_source::{KeyError, KeyRequest, KeySource},
    tier::Tier,
    track_keys::{KeyIds, TrackKeys},
};

/// `X-Speke-Version`: the version whose documents are CPIX 2.4.
pub const SPEKE_VERSION: &str = "2.1";
/// A longer answer is not read, in bytes.
pub const MOST_ANSWER: usize = 1 << 20;

/// What a key server answered.
pub struct SpekeAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The body. It holds keys.
    pub body: zeroize::Zeroizing<Vec<u8>>,
}

/// How a request reaches a key server. The request has a `content-type` of `application/xml` and an `x-speke-version` of
/// [`SPEKE_VERSION`], and whatever authenticates it.
pub trait SpekeTransport: fmt::Debug + Send + Sync {
    /// Posts a document and waits for the answer, of [`MOST_ANSWER`] bytes at most, and not for ever.
    ///
    /// # Errors
    /// [`KeyError::Unreachable`] where there is none.
    fn post(&self, document: &str) -> Result<SpekeAnswer, KeyError>;
}

/// Keys of a key server. Their names are chosen here, so that they are known without asking.
#[derive(Debug)]
pub struct SpekeKeys<T> {
    transport: T,
}

impl<T: SpekeTransport> SpekeKeys<T> {
    /// Asks by this transport.
    pub fn new(transport: T) -> Self {
        Self { transport }
    }
}

impl<T: SpekeTransport> KeySource for SpekeKeys<T> {
    fn key_ids(&self, request: &KeyRequest) -> KeyIds {
        let of = |tier| key_id(request, tier);
        KeyIds { lossy: of(Tier::Lossy), lossless: of(Tier::Lossless) }
    }

    fn keys(&self, request: &KeyRequest) -> Result<TrackKeys, KeyError> {
        let ids = self.key_ids(request);
        let SpekeAnswer { status, body } = self.transport.post(&request::document(request, &ids))?;
        match status {
            200 => answer::read(&body, request, &ids),
            401 | 403 => Err(KeyError::Refused(status)),
            408 | 429 | 500..=599 => Err(KeyError::Unavailable(status)),
            _ => Err(KeyError::Status(status)),
        }
    }
}

/// The name of a key: of a hash over track, tier and key version.
fn key_id(request: &KeyRequest, tier: Tier) -> KeyId {
    let KeyRequest { content, key_version, .. } = request;
    let hash = Sha256::digest(format!("nada protection v1|speke key id|{content}|{tier}|{key_version}"));
    let mut id = [0; 16];
    id.iter_mut().zip(hash.iter()).for_each(|(to, from)| *to = *from);
    KeyId::from_hash(id)
}
