//! SHA-256 sums as S3 writes them.

use std::fmt;

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
    pub(crate) fn to_base64(self) -> String {
        base64_simd::STANDARD.encode_to_string(self.0)
    }

    /// `None` for anything but one plain sum: S3 marks the sum of a multipart upload's sums with `-N`.
    pub(crate) fn from_base64(text: &str) -> Option<Self> {
        base64_simd::STANDARD.decode_to_vec(text).ok()?.try_into().ok().map(Self)
    }
}

impl fmt::Display for Sha256Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
