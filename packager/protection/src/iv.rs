//! The constant IV of a key.

use sha2::{Digest as _, Sha256};

use crate::key_id::KeyId;

/// The IV that every sample under one key begins with (ISO/IEC 23001-7 §9.1 and §10.4): 16 bytes, public, in `tenc`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConstantIv([u8; 16]);

impl ConstantIv {
    /// The IV of the key with this id: the beginning of a SHA-256 over the id, so that the same key always has the same one.
    pub fn of(key: &KeyId) -> Self {
        let hash =
            Sha256::new().chain_update(b"nada protection v1|iv|").chain_update(key.as_bytes()).finalize();
        let mut iv = [0; 16];
        iv.iter_mut().zip(hash.iter()).for_each(|(to, from)| *to = *from);
        Self(iv)
    }

    /// The IV of these bytes, as a key server or a test says it.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}
