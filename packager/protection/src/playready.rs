//! What PlayReady has in its `pssh`: a PlayReady object with a PlayReady header (Microsoft's "PlayReady Header
//! Specification" §2 and §3.4).

use base64_simd::STANDARD;

use crate::key_id::KeyId;

/// The type of a record that is a header.
const HEADER: u16 = 1;

/// The object for a key, with one header of version 4.3.0.0: the first that knows AES-CBC.
pub fn object(key: &KeyId) -> Vec<u8> {
    let header: Vec<u8> = header(key).encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut object = Vec::with_capacity(header.len() + 10);
    object.extend((header.len() as u32 + 10).to_le_bytes());
    object.extend(1_u16.to_le_bytes());
    object.extend(HEADER.to_le_bytes());
    object.extend((header.len() as u16).to_le_bytes());
    object.extend(header);
    object
}

/// Every element closed by a tag of its own, attributes by the alphabet: PlayReady takes nothing else.
fn header(key: &KeyId) -> String {
    let value = STANDARD.encode_to_string(guid(key));
    format!(
        "<WRMHEADER xmlns=\"http://schemas.microsoft.com/DRM/2007/03/PlayReadyHeader\" version=\"4.3.0.0\"><DATA>\
         <PROTECTINFO><KIDS><KID ALGID=\"AESCBC\" VALUE=\"{value}\"></KID></KIDS></PROTECTINFO></DATA></WRMHEADER>"
    )
}

/// The id as a GUID of Windows: its first three numbers least significant byte first.
fn guid(key: &KeyId) -> [u8; 16] {
    let [a, b, c, d, e, f, g, h, rest @ ..] = *key.as_bytes();
    let [i, j, k, l, m, n, o, p] = rest;
    [d, c, b, a, f, e, h, g, i, j, k, l, m, n, o, p]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_object_says_how_long_it_is_and_which_key_it_names() {
        // the example of the specification's §3.4: a key id and what stands for it
        let key: KeyId = "10000000-1000-1000-1000-100000000001".parse().unwrap();
        assert_eq!(STANDARD.encode_to_string(guid(&key)), "AAAAEAAQABAQABAAAAAAAQ==");
        let object = object(&key);
        assert_eq!(u32::from_le_bytes(*object.first_chunk().unwrap()) as usize, object.len());
        assert_eq!(object[4..8], [1, 0, 1, 0]);
        assert_eq!(usize::from(u16::from_le_bytes([object[8], object[9]])), object.len() - 10);
        let units: Vec<u16> =
            object[10..].as_chunks().0.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
        assert_eq!(String::from_utf16(&units).unwrap(), header(&key));
    }
}
