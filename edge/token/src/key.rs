//! One key: what it may sign or verify, and when.

use crate::refusal::Reason;
use hmac::{Hmac, KeyInit, Mac};
use p256::ecdsa::{
    Signature, SigningKey, VerifyingKey,
    signature::{Signer, Verifier},
};
use sha2::Sha256;
use std::fmt;
use thiserror::Error;

/// Longest key id, in bytes.
pub const MAX_KID_BYTES: usize = 64;
/// Shortest and longest HMAC secret, in bytes; the shortest is that of RFC 7518 §3.2.
pub const SECRET_BYTES: std::ops::RangeInclusive<usize> = 32..=128;

/// How a token is authenticated. Each goes with one COSE structure, so that the two cannot be exchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// HMAC 256/256 (COSE 5, JOSE HS256) in COSE_Mac0.
    Hs256,
    /// ECDSA on P-256 with SHA-256 (COSE −7, JOSE ES256) in COSE_Sign1.
    Es256,
}

impl Algorithm {
    /// The name in a JWK (RFC 7518 §3.1).
    pub fn name(self) -> &'static str {
        match self {
            Algorithm::Hs256 => "HS256",
            Algorithm::Es256 => "ES256",
        }
    }

    /// The identifier in a COSE header (RFC 9053 §3.1 and §2.1).
    pub(crate) fn cose(self) -> i64 {
        match self {
            Algorithm::Hs256 => 5,
            Algorithm::Es256 => -7,
        }
    }

    pub(crate) fn from_cose(id: i64) -> Option<Algorithm> {
        [Algorithm::Hs256, Algorithm::Es256].into_iter().find(|a| a.cose() == id)
    }
}

/// A key that cannot be used, and why. Never holds key material.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KeyError {
    /// The text is not a JWK Set of the expected form.
    #[error("key set, line {line} column {column}: {what}")]
    Json {
        /// 1-based.
        line: usize,
        /// 1-based, in bytes.
        column: usize,
        /// What is wrong there; names members, never values.
        what: String,
    },
    /// The text is longer than the limit.
    #[error("key set: longer than {0} bytes")]
    TooLong(usize),
    /// No keys, or more than the limit.
    #[error("key set: {found} keys, expected 1 to {max}")]
    Count {
        /// How many there are.
        found: usize,
        /// How many there may be.
        max: usize,
    },
    /// The key id is empty, too long, or holds other than visible ASCII.
    #[error("key {index}: kid must be 1 to {MAX_KID_BYTES} visible ASCII characters")]
    Kid {
        /// Position in the set, from 0.
        index: usize,
    },
    /// Two keys of one id.
    #[error("key {kid}: the kid appears twice")]
    Duplicate {
        /// The id.
        kid: String,
    },
    /// Two keys of one material: a client that chooses the id would choose the window.
    #[error("keys {kid} and {other}: the same secret or point under two ids")]
    Twin {
        /// The id of the one.
        kid: String,
        /// The id of the other.
        other: String,
    },
    /// Anything else about one key.
    #[error("key {kid}: {what}")]
    Key {
        /// The id.
        kid: String,
        /// What is wrong with it.
        what: &'static str,
    },
}

#[derive(Clone)]
pub(crate) enum Material {
    /// The secret, and the HMAC already keyed with it.
    Hmac { secret: Vec<u8>, keyed: Hmac<Sha256> },
    /// The public half, and the private one where it is known.
    Ec { public: VerifyingKey, private: Option<SigningKey> },
}

/// A key with its id and its window. Its material never shows in `Debug`.
#[derive(Clone)]
pub struct Key {
    kid: String,
    pub(crate) material: Material,
    nbf: Option<i64>,
    exp: Option<i64>,
}

impl Key {
    /// A new key from 32 random bytes, which the caller draws from its system.
    ///
    /// # Errors
    /// A bad `kid`; for ES256 also bytes that are no scalar of P-256 (less than one in 2³²: draw again).
    pub fn generate(algorithm: Algorithm, kid: &str, random: [u8; 32]) -> Result<Key, KeyError> {
        match algorithm {
            Algorithm::Hs256 => Key::hmac(kid, &random),
            Algorithm::Es256 => Key::ec_private(kid, &random),
        }
    }

    /// An HS256 key from a secret of [`SECRET_BYTES`].
    ///
    /// # Errors
    /// A bad `kid` or a secret of another length.
    pub fn hmac(kid: &str, secret: &[u8]) -> Result<Key, KeyError> {
        let bad = |what| KeyError::Key { kid: kid.to_owned(), what };
        if !SECRET_BYTES.contains(&secret.len()) {
            return Err(bad("the secret must have 32 to 128 bytes (RFC 7518 §3.2)"));
        }
        let keyed = Hmac::new_from_slice(secret).map_err(|_| bad("the secret is unusable"))?;
        Key::with(kid, Material::Hmac { secret: secret.to_owned(), keyed })
    }

    /// An ES256 key that can sign, from its private scalar (32 bytes, big-endian).
    ///
    /// # Errors
    /// A bad `kid` or a scalar that is zero or not below the order of P-256.
    pub fn ec_private(kid: &str, scalar: &[u8]) -> Result<Key, KeyError> {
        let bad = || KeyError::Key { kid: kid.to_owned(), what: "d is not a private key of P-256" };
        // from_slice alone would pad a shorter one (RFC 7518 §6.2.2.1: always the full size)
        if scalar.len() != 32 {
            return Err(bad());
        }
        let private = SigningKey::from_slice(scalar).map_err(|_| bad())?;
        Key::with(kid, Material::Ec { public: *private.verifying_key(), private: Some(private) })
    }

    /// An ES256 key that can only verify, from its coordinates (32 bytes each, big-endian).
    ///
    /// # Errors
    /// A bad `kid` or a point that is not on P-256.
    pub fn ec_public(kid: &str, x: &[u8], y: &[u8]) -> Result<Key, KeyError> {
        let bad = || KeyError::Key { kid: kid.to_owned(), what: "x and y are not a point of P-256" };
        if x.len() != 32 || y.len() != 32 {
            return Err(bad());
        }
        let sec1 = [&[4], x, y].concat();
        let public = VerifyingKey::from_sec1_bytes(&sec1).map_err(|_| bad())?;
        Key::with(kid, Material::Ec { public, private: None })
    }

    fn with(kid: &str, material: Material) -> Result<Key, KeyError> {
        let visible = kid.bytes().all(|b| b.is_ascii_graphic());
        if kid.is_empty() || kid.len() > MAX_KID_BYTES || !visible {
            return Err(KeyError::Kid { index: 0 });
        }
        Ok(Key { kid: kid.to_owned(), material, nbf: None, exp: None })
    }

    /// The same key, live from `nbf` (inclusive) to `exp` (exclusive), in seconds since 1970.
    ///
    /// # Errors
    /// A window that is empty or outside 0 to 2⁵³.
    pub fn with_window(mut self, nbf: Option<i64>, exp: Option<i64>) -> Result<Key, KeyError> {
        let times = crate::claims::TIMES;
        let in_range = [nbf, exp].into_iter().flatten().all(|t| times.contains(&t));
        let empty = matches!((nbf, exp), (Some(nbf), Some(exp)) if exp <= nbf);
        if !in_range || empty {
            return Err(KeyError::Key {
                kid: self.kid,
                what: "nbf and exp must be seconds from 0 to 2^53, nbf before exp",
            });
        }
        (self.nbf, self.exp) = (nbf, exp);
        Ok(self)
    }

    /// The half that an edge needs: of an ES256 key the public one. An HS256 key has only one half.
    pub fn verifying_half(&self) -> Key {
        let mut key = self.clone();
        if let Material::Ec { private, .. } = &mut key.material {
            *private = None;
        }
        key
    }

    /// The key id, visible ASCII.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The one algorithm this key is for (RFC 8725 §3.1).
    pub fn algorithm(&self) -> Algorithm {
        match self.material {
            Material::Hmac { .. } => Algorithm::Hs256,
            Material::Ec { .. } => Algorithm::Es256,
        }
    }

    /// From when on the key is live, in seconds since 1970; `None`: always was.
    pub fn nbf(&self) -> Option<i64> {
        self.nbf
    }

    /// From when on the key is no longer live, in seconds since 1970; `None`: never.
    pub fn exp(&self) -> Option<i64> {
        self.exp
    }

    /// Whether `now` is in the key's window.
    pub fn is_live(&self, now: i64) -> bool {
        self.nbf.is_none_or(|nbf| nbf <= now) && self.exp.is_none_or(|exp| now < exp)
    }

    /// Whether the key holds what signing takes.
    pub fn can_sign(&self) -> bool {
        !matches!(self.material, Material::Ec { private: None, .. })
    }

    /// Whether both are one key under, perhaps, two ids. A token's id may stand outside of what is authenticated,
    /// so such a key would have two windows.
    pub(crate) fn is_twin_of(&self, other: &Key) -> bool {
        match (&self.material, &other.material) {
            // as HMAC sees them: zeros that follow a secret change nothing, nor does hashing a long one (RFC 2104 §2)
            (Material::Hmac { keyed, .. }, Material::Hmac { keyed: theirs, .. }) => {
                keyed.clone().finalize() == theirs.clone().finalize()
            }
            (Material::Ec { public, .. }, Material::Ec { public: theirs, .. }) => public == theirs,
            _ => false,
        }
    }

    /// The MAC or signature of `message`; `None` if this key can only verify.
    pub(crate) fn prove(&self, message: &[u8]) -> Option<Vec<u8>> {
        match &self.material {
            Material::Hmac { keyed, .. } => {
                Some(keyed.clone().chain_update(message).finalize().into_bytes().to_vec())
            }
            Material::Ec { private, .. } => {
                let signature: Signature = private.as_ref()?.sign(message);
                Some(signature.to_bytes().to_vec())
            }
        }
    }

    /// Compares in constant time; a proof of any other length than the algorithm's is refused.
    pub(crate) fn check(&self, message: &[u8], proof: &[u8]) -> Result<(), Reason> {
        let matches = match &self.material {
            Material::Hmac { keyed, .. } => keyed.clone().chain_update(message).verify_slice(proof).is_ok(),
            Material::Ec { public, .. } => {
                Signature::from_slice(proof).and_then(|signature| public.verify(message, &signature)).is_ok()
            }
        };
        if matches { Ok(()) } else { Err(Reason::Signature) }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("kid", &self.kid)
            .field("algorithm", &self.algorithm())
            .field("nbf", &self.nbf)
            .field("exp", &self.exp)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_do_not_show() {
        let key = Key::hmac("a", &[0x5a; 32]).unwrap();
        let shown = format!("{key:?}");
        assert_eq!(shown, r#"Key { kid: "a", algorithm: Hs256, nbf: None, exp: None, .. }"#);
    }

    /// What a clock sees of 32 compared bytes (some ten nanoseconds) drowns in what it sees of a machine, so this
    /// looks at the text: a MAC is compared by the primitive that promises constant time, and by nothing else.
    #[test]
    fn threat_25_a_mac_is_compared_by_its_primitive_alone() {
        let source = include_str!("key.rs");
        let (_, after) = source.split_once("pub(crate) fn check(").unwrap();
        let (check, _) = after.split_once("\n    }\n").unwrap();
        assert_eq!(check.matches("verify_slice(proof)").count(), 1, "{check}");
        assert_eq!(check.matches("proof").count(), 3, "its argument, and once for each algorithm: {check}");
        for other in ["==", "!=", ".eq(", ".iter(", "finalize", "starts_with", "for ", "while "] {
            assert!(!check.contains(other), "{other} in {check}");
        }
        // and what verify_slice compares is all 32 bytes, whichever of them is wrong
        let key = Key::hmac("a", &[1; 32]).unwrap();
        let mac = key.prove(b"message").unwrap();
        assert_eq!(key.check(b"message", &mac), Ok(()));
        for at in 0..mac.len() {
            let mut wrong = mac.clone();
            wrong[at] ^= 1;
            assert_eq!(key.check(b"message", &wrong), Err(Reason::Signature), "byte {at}");
        }
    }

    #[test]
    fn threat_4_key_ids_are_bounded_and_visible() {
        for kid in ["", "a b", "a\n", "ключ", &"k".repeat(65)] {
            assert_eq!(Key::hmac(kid, &[1; 32]).unwrap_err(), KeyError::Kid { index: 0 }, "{kid:?}");
        }
        assert!(Key::hmac(&"k".repeat(64), &[1; 32]).is_ok());
    }

    #[test]
    fn weak_secrets_are_refused() {
        assert!(Key::hmac("a", &[1; 31]).is_err());
        assert!(Key::hmac("a", &[1; 129]).is_err());
        assert!(Key::ec_private("a", &[0; 32]).is_err());
        assert!(Key::ec_private("a", &[0xff; 32]).is_err());
        assert!(Key::ec_private("a", &[7; 31]).is_err() && Key::ec_private("a", &[7; 33]).is_err());
        assert!(Key::ec_public("a", &[1; 32], &[1; 32]).is_err());
    }

    #[test]
    fn windows() {
        let key = Key::hmac("a", &[1; 32]).unwrap();
        assert!(key.is_live(i64::MIN) && key.is_live(i64::MAX));
        let key = key.with_window(Some(10), Some(20)).unwrap();
        assert_eq!([9, 10, 19, 20].map(|t| key.is_live(t)), [false, true, true, false]);
        assert!(key.clone().with_window(Some(20), Some(20)).is_err());
        assert!(key.with_window(Some(-1), None).is_err());
    }

    #[test]
    fn the_verifying_half_cannot_sign() {
        let key = Key::generate(Algorithm::Es256, "a", [7; 32]).unwrap();
        let public = key.verifying_half();
        let proof = key.prove(b"message").unwrap();
        assert!(key.can_sign() && !public.can_sign());
        assert_eq!(public.prove(b"message"), None);
        assert_eq!(public.check(b"message", &proof), Ok(()));
        assert_eq!(public.check(b"massage", &proof), Err(Reason::Signature));
    }
}
