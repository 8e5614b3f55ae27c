//! Why a token is refused: a stable code for the answer, a reason for the log. Neither holds token bytes.

use crate::cbor::CborFault;
use thiserror::Error;

/// The decision against a token; [`Refusal::code`] is what a client is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refusal {
    /// Not authentic, not understood, or not valid yet.
    #[error("token invalid: {0}")]
    Invalid(#[from] Reason),
    /// Past its `exp`, or past that of its key.
    #[error("token expired")]
    Expired,
    /// Authentic and live, but not for this request.
    #[error("token out of scope: {0}")]
    Scope(Scope),
}

impl Refusal {
    /// The stable error code of the HTTP interface.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::Invalid(_) => "token_invalid",
            Refusal::Expired => "token_expired",
            Refusal::Scope(_) => "token_scope",
        }
    }
}

impl From<CborFault> for Refusal {
    fn from(fault: CborFault) -> Self {
        Refusal::Invalid(Reason::Cbor(fault))
    }
}

/// Why a token is invalid, for logs and `inspect`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Reason {
    /// Longer than [`crate::MAX_TOKEN_CHARS`].
    #[error("too long")]
    TooLong,
    /// Padding, another alphabet, white space or non-zero trailing bits.
    #[error("not canonical base64url without padding")]
    Base64,
    /// Not the CBOR that was expected.
    #[error("CBOR: {0}")]
    Cbor(#[from] CborFault),
    /// Neither CWT in COSE_Mac0 nor CWT in COSE_Sign1.
    #[error("not a CWT (tag 61) in COSE_Mac0 (tag 17) or COSE_Sign1 (tag 18)")]
    Envelope,
    /// A header parameter other than alg and kid, in the wrong place, or twice.
    #[error("a COSE header parameter that is unknown or out of place")]
    Header,
    /// The protected header names no algorithm, an unknown one, one that does not go with the COSE tag, or not
    /// the key's.
    #[error("algorithm missing, unknown, or not that of envelope and key")]
    Algorithm,
    /// No key of that id, or no id and not exactly one key of that algorithm.
    #[error("no such key")]
    Key,
    /// The MAC or signature is not that of these bytes under that key.
    #[error("MAC or signature does not match")]
    Signature,
    /// A mandatory claim is missing.
    #[error("claim {0} is missing")]
    Missing(&'static str),
    /// A claim's value is not one that can be enforced.
    #[error("claim {0} has a value that is not allowed")]
    Claim(&'static str),
    /// A claim that is not enforced here.
    #[error("a claim that is not enforced here")]
    Unknown,
    /// Before `nbf`, or `iat` in the future.
    #[error("not valid yet")]
    NotYet,
}

/// Which limit of a token a request is outside of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Scope {
    /// `iss` is not the expected one.
    #[error("issuer")]
    Issuer,
    /// `aud` does not name this audience.
    #[error("audience")]
    Audience,
    /// `catu` does not match the URL.
    #[error("URL")]
    Uri,
    /// `catm` does not list the method.
    #[error("method")]
    Method,
    /// `catgeoiso3166` does not list the country, or the country is unknown.
    #[error("country")]
    Country,
    /// `catnip` does not hold the client's address, or the address is unknown.
    #[error("network")]
    Network,
}
