//! Signing and verifying: the whole path from text to claims and back.

use crate::claims::Claims;
use crate::cose::{Envelope, seal_cwt};
use crate::key::Key;
use crate::keyset::KeySet;
use crate::refusal::{Reason, Refusal};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use thiserror::Error;

/// Longest token, in characters, so that a URL with it in its path stays below what players and servers bear.
pub const MAX_TOKEN_CHARS: usize = 4096;

/// Why claims cannot be signed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SignError {
    /// [`verify`] would refuse these claims.
    #[error("claims cannot be signed: {0}")]
    Claims(Reason),
    /// The key holds no private half.
    #[error("key {0} can only verify")]
    Key(String),
    /// The token would be longer than [`MAX_TOKEN_CHARS`].
    #[error("the token would have {0} characters, of {MAX_TOKEN_CHARS} allowed")]
    TooLong(usize),
}

/// Signs `claims` under `key`. The token is base64url without padding, fit for a URL's path.
///
/// ```
/// use nada_token::{Algorithm, Claims, Key, sign};
///
/// let key = Key::generate(Algorithm::Hs256, "2026-11", [7; 32])?; // 32 bytes from the system's random source
/// let token = sign(&Claims::for_track("INNDA2600001", 1_800_003_600), &key)?;
/// let url = format!("https://music.example/~{token}/t/INNDA2600001/multivariant.m3u8");
/// # assert!(!url.contains(['+', '=']));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Claims that [`verify`] would refuse, a key that can only verify, or a token that would be too long.
pub fn sign(claims: &Claims, key: &Key) -> Result<String, SignError> {
    let payload = claims.encode();
    Claims::decode(&payload).map_err(SignError::Claims)?;
    let token = seal_cwt(&payload, key).ok_or_else(|| SignError::Key(key.kid().to_owned()))?;
    let token = BASE64_URL_SAFE_NO_PAD.encode(&token);
    if token.len() > MAX_TOKEN_CHARS {
        return Err(SignError::TooLong(token.len()));
    }
    Ok(token)
}

/// Authenticates a token and reads its claims. The answer depends on token and keys alone, so it may be kept;
/// [`Claims::judge`] then decides each request.
///
/// ```
/// use nada_token::{Algorithm, Claims, Key, KeySet, sign, verify};
///
/// let key = |secret| Key::generate(Algorithm::Hs256, "2026-11", [secret; 32]);
/// let token = sign(&Claims::for_track("INNDA2600001", 1_800_003_600), &key(7)?)?;
/// assert_eq!(verify(&token, &KeySet::new(vec![key(7)?])?)?.exp, 1_800_003_600);
/// assert!(verify(&token, &KeySet::new(vec![key(8)?])?).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A token lives within the window of its key: the claims returned end no later, and start no earlier, than the
/// key does.
///
/// # Errors
/// [`Refusal::Invalid`], whose reason is for logs.
pub fn verify(token: &str, keys: &KeySet) -> Result<Claims, Refusal> {
    let bytes = decode_text(token)?;
    let envelope = Envelope::read_cwt(&bytes)?;
    let key = keys.find(envelope.kid, envelope.algorithm)?;
    envelope.check(key)?;
    let mut claims = Claims::decode(envelope.payload)?;
    claims.exp = key.exp().map_or(claims.exp, |exp| exp.min(claims.exp));
    // `None` is less than any time
    claims.nbf = claims.nbf.max(key.nbf());
    Ok(claims)
}

/// Canonical base64url: one text per sequence of bytes.
pub(crate) fn decode_text(token: &str) -> Result<Vec<u8>, Reason> {
    if token.len() > MAX_TOKEN_CHARS {
        return Err(Reason::TooLong);
    }
    BASE64_URL_SAFE_NO_PAD.decode(token).map_err(|_| Reason::Base64)
}

#[cfg(test)]
mod tests;
