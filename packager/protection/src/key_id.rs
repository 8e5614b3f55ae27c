//! Key ids: the public names of content keys.

use std::{fmt, str::FromStr};

use crate::hex;

/// The name of a content key: `KID` of ISO/IEC 23001-7 §8.2, 16 bytes. Public: it stands in headers and playlists.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId([u8; 16]);

/// A text that is no key id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no key id: 32 hexadecimal digits, or a UUID")]
pub struct KeyIdError(String);

impl KeyId {
    /// The id of these bytes, as they are.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The UUID of version 8 (RFC 9562 §5.8) that has these bytes but for six bits: some key servers take nothing else.
    pub(crate) fn from_hash(mut bytes: [u8; 16]) -> Self {
        let [_, _, _, _, _, _, version, _, variant, ..] = &mut bytes;
        *version = *version & 0x0f | 0x80;
        *variant = *variant & 0x3f | 0x80;
        Self(bytes)
    }

    /// Its bytes, in the order of `tenc` and of a UUID's text.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// 32 lowercase hexadecimal digits.
    pub fn hex(&self) -> String {
        hex::encode(&self.0)
    }
}

/// As a UUID: `98ee5596-cd3e-820d-963a-e382420c6eff`.
impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            let dash = if matches!(index, 4 | 6 | 8 | 10) { "-" } else { "" };
            write!(f, "{dash}{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

impl FromStr for KeyId {
    type Err = KeyIdError;

    fn from_str(text: &str) -> Result<Self, KeyIdError> {
        let parts: Vec<usize> = text.split('-').map(str::len).collect();
        let whole = matches!(parts.as_slice(), [32] | [8, 4, 4, 4, 12]);
        let bytes = whole.then(|| hex::decode(&text.replace('-', ""))).flatten();
        bytes.map(Self).ok_or_else(|| KeyIdError(text.chars().take(40).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_as_it_is_written() {
        let id: KeyId = "98EE5596-cd3e-a20d-163a-e382420c6eff".parse().unwrap();
        assert_eq!(id.to_string(), "98ee5596-cd3e-a20d-163a-e382420c6eff");
        assert_eq!(id.hex().parse(), Ok(id));
        for wrong in
            ["", "98ee5596", "98ee5596cd3e-a20d-163a-e382420c6eff", "98ee5596-cd3e-a20d-163a-e382420c6efg"]
        {
            assert!(wrong.parse::<KeyId>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn of_a_hash_it_is_a_uuid_of_version_8() {
        assert_eq!(KeyId::from_hash([0xff; 16]).to_string(), "ffffffff-ffff-8fff-bfff-ffffffffffff");
        assert_eq!(KeyId::from_hash([0; 16]).to_string(), "00000000-0000-8000-8000-000000000000");
    }
}
