//! Encryption of samples by `cbcs`.

use std::fmt;

use aes::{
    Aes128,
    cipher::{Array, BlockModeEncrypt as _, InnerIvInit as _, KeyInit as _},
};
use cbc::Encryptor;

use crate::{content_key::ContentKey, iv::ConstantIv};

/// Bytes of a block of AES.
const BLOCK: usize = 16;

/// Encrypts the samples of one key, which it does not show.
///
/// Sound is encrypted whole: no pattern, no subsamples, each sample anew from the constant IV, and the last bytes that fill
/// no block stay as they are (ISO/IEC 23001-7 §9.7 and §10.4.1).
#[derive(Clone)]
pub struct SampleCipher {
    cipher: Aes128,
    iv: ConstantIv,
}

impl SampleCipher {
    /// The cipher of a key.
    pub fn new(key: &ContentKey, iv: ConstantIv) -> Self {
        Self { cipher: Aes128::new(&Array(*key.expose())), iv }
    }

    /// Encrypts one sample in its place.
    pub fn encrypt(&self, sample: &mut [u8]) {
        let whole = sample.len() / BLOCK * BLOCK;
        let (blocks, _) = Array::slice_as_chunks_mut(sample.get_mut(..whole).unwrap_or_default());
        Encryptor::inner_iv_init(self.cipher.clone(), &Array(*self.iv.as_bytes())).encrypt_blocks(blocks);
    }
}

impl fmt::Debug for SampleCipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SampleCipher(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{hex, key_id::KeyId};

    #[test]
    fn blocks_are_chained_from_the_iv_and_the_rest_stays() {
        // NIST SP 800-38A F.2.1: CBC-AES128.Encrypt
        let key = ContentKey::from_bytes(hex::decode("2b7e151628aed2a6abf7158809cf4f3c").unwrap());
        let mut sample =
            hex::decode::<37>("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51deadbeef00")
                .unwrap();
        let iv: [u8; 16] = std::array::from_fn(|i| i as u8);
        let cipher = SampleCipher::new(&key, ConstantIv::from_bytes(iv));
        cipher.encrypt(&mut sample);
        assert_eq!(
            hex::encode(&sample),
            "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2deadbeef00"
        );
    }

    #[test]
    fn every_sample_begins_anew() {
        let key = ContentKey::from_bytes([9; 16]);
        let cipher = SampleCipher::new(&key, ConstantIv::of(&KeyId::from_bytes([1; 16])));
        let encrypted = |length: usize| {
            let mut sample = vec![5; length];
            cipher.encrypt(&mut sample);
            sample
        };
        assert_eq!(encrypted(64)[..32], encrypted(32));
        assert_eq!(encrypted(15), [5; 15]);
        assert_eq!(encrypted(0), []);
        assert_ne!(encrypted(32)[..16], encrypted(32)[16..]);
    }
}
