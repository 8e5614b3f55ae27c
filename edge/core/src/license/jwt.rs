//! JSON Web Tokens for licence servers: JWS compact serialisation (RFC 7515 §3.1) with HMAC (RFC 7518 §3.2).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::Hmac;
use serde_json::Value;
use sha2::{Sha256, Sha512};

/// How a token is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JwtAlgorithm {
    /// `HS256`
    Hs256,
    /// `HS512`
    Hs512,
}

impl JwtAlgorithm {
    /// By its name (RFC 7518 §3.1).
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Hs256, Self::Hs512].into_iter().find(|algorithm| algorithm.name() == name)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Hs512 => "HS512",
        }
    }
}

/// The token of a payload.
pub fn sign(algorithm: JwtAlgorithm, key: &[u8], payload: &Value) -> String {
    let head = format!(r#"{{"alg":"{}","typ":"JWT"}}"#, algorithm.name());
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(head), URL_SAFE_NO_PAD.encode(payload.to_string()));
    let mac = match algorithm {
        JwtAlgorithm::Hs256 => mac::<Hmac<Sha256>>(key, signed.as_bytes()),
        JwtAlgorithm::Hs512 => mac::<Hmac<Sha512>>(key, signed.as_bytes()),
    };
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac))
}

fn mac<M: hmac::Mac + hmac::KeyInit>(key: &[u8], text: &[u8]) -> Vec<u8> {
    // HMAC takes a key of any length
    M::new_from_slice(key)
        .map(|mac| mac.chain_update(text).finalize().into_bytes().to_vec())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By Python's `hmac`, over the same text.
    #[test]
    fn tokens_are_signed() {
        let payload = serde_json::json!({ "iat": 1_800_000_000 });
        assert_eq!(sign(JwtAlgorithm::Hs256, b"key", &payload), HS256);
        assert_eq!(sign(JwtAlgorithm::Hs512, b"key", &payload), HS512);
        assert_eq!(JwtAlgorithm::from_name("none"), None);
    }

    const HS256: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE4MDAwMDAwMDB9.njUVr_KpD3HrSPuCapH6NBwE69bWG5z7GgVu2WfjYvg";
    const HS512: &str = "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE4MDAwMDAwMDB9.iOTPi0uNnDAp-o7NEwuVy2QE_7iRW_9HeHcN3f3syWsxm22WbiFuByTrM4rdCi0pNqtvGQz8xJacYwGYF1DcaQ";
}
