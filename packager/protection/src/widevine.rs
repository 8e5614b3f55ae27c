//! What Widevine has in its `pssh`: `WidevinePsshData`, a message of protocol buffers.

use crate::{key_id::KeyId, scheme::Scheme};

/// Field 2, a string of bytes: the key id.
const KEY_ID: [u8; 2] = [2 << 3 | 2, 16];
/// Field 9, a number: the four letters of the scheme, the first the most significant.
const PROTECTION_SCHEME: u8 = 9 << 3;

/// The data for a key: its id and the scheme.
pub fn data(key: &KeyId) -> Vec<u8> {
    let mut data = [&KEY_ID, key.as_bytes().as_slice(), &[PROTECTION_SCHEME]].concat();
    let mut number = u32::from_be_bytes(Scheme::Cbcs.four_letters());
    while number > 0x7f {
        data.push(number as u8 | 0x80);
        number >>= 7;
    }
    data.push(number as u8);
    data
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_is_that_of_other_packagers() {
        let key = KeyId::from_bytes(std::array::from_fn(|i| i as u8));
        assert_eq!(crate::hex::encode(&data(&key)), "1210000102030405060708090a0b0c0d0e0f48f3c6899b06");
    }
}
