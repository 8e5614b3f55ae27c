//! Content keys, which nothing here prints or keeps.

use std::fmt;

use zeroize::Zeroize;

/// The key that samples are encrypted with: AES-128 (ISO/IEC 23001-7 §9.1). It is never shown, and its memory is zeroed
/// when it goes.
#[derive(Clone, PartialEq, Eq)]
pub struct ContentKey([u8; 16]);

impl ContentKey {
    /// The key of these bytes.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its bytes, for what encrypts with them or answers a licence request. They belong in no object, log or message.
    pub fn expose(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for ContentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContentKey(hidden)")
    }
}

impl Drop for ContentKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_does_not_show() {
        let shown =
            format!("{:?} {:#?}", ContentKey::from_bytes([7; 16]), Some(ContentKey::from_bytes([7; 16])));
        assert!(!shown.contains('7') && shown.contains("hidden"), "{shown}");
    }
}
