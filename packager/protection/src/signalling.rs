//! What playlists say of a key: EXT-X-KEY and EXT-X-SESSION-KEY (RFC 8216 §4.3.2.4 and §4.3.4.5).

use base64_simd::STANDARD;

use crate::{key_id::KeyId, playready, pssh};

/// The tags of one key, a line for each key system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyTags {
    /// EXT-X-KEY, for media playlists: lines without their ends.
    pub media: Vec<String>,
    /// EXT-X-SESSION-KEY, for the multivariant playlist.
    pub session: Vec<String>,
}

/// The line after which nothing is protected.
pub const NO_KEY: &str = "#EXT-X-KEY:METHOD=NONE";

impl KeyTags {
    /// The tags of these attribute lists.
    fn of_attributes(lists: &[String]) -> Self {
        let tags = |tag: &str| lists.iter().map(|list| format!("#{tag}:{list}")).collect();
        Self { media: tags("EXT-X-KEY"), session: tags("EXT-X-SESSION-KEY") }
    }

    /// The tags of a key for FairPlay, Widevine and PlayReady, and for ClearKey where that is asked for.
    pub fn of_key(key: &KeyId, clear_key: bool) -> Self {
        let hex = key.hex();
        let data = |media_type: &str, bytes: &[u8]| {
            format!("data:{media_type};base64,{}", STANDARD.encode_to_string(bytes))
        };
        let list = |uri: &str, key_id: bool, format: &str| {
            let key_id = if key_id { format!("KEYID=0x{hex},") } else { String::new() };
            format!("METHOD=SAMPLE-AES,URI=\"{uri}\",{key_id}KEYFORMAT=\"{format}\",KEYFORMATVERSIONS=\"1\"")
        };
        let lists = [
            list(&format!("skd://{hex}"), false, "com.apple.streamingkeydelivery"),
            list(
                &data("text/plain", &pssh::widevine_box(key)),
                true,
                "urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed",
            ),
            list(
                &data("text/plain;charset=UTF-16", &playready::object(key)),
                false,
                "com.microsoft.playready",
            ),
        ];
        let mut tags = Self::of_attributes(&lists);
        if clear_key {
            let own = Self::of_clear_key(key);
            tags.media.extend(own.media);
            tags.session.extend(own.session);
        }
        tags
    }

    /// The tags of a key for ClearKey alone.
    pub(crate) fn of_clear_key(key: &KeyId) -> Self {
        // hls.js takes the first 16 bytes for the key id
        let uri = STANDARD.encode_to_string(key.as_bytes());
        Self::of_attributes(&[format!(
            "METHOD=SAMPLE-AES,URI=\"data:text/plain;base64,{uri}\",KEYID=0x{},KEYFORMAT=\"org.w3.clearkey\",\
             KEYFORMATVERSIONS=\"1\"",
            key.hex()
        )])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_system_is_told_in_its_own_way() {
        let key = KeyId::from_bytes(std::array::from_fn(|i| i as u8));
        let KeyTags { media, session } = KeyTags::of_key(&key, true);
        assert_eq!(media.len(), 4);
        assert_eq!(
            media[0],
            "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://000102030405060708090a0b0c0d0e0f\",\
             KEYFORMAT=\"com.apple.streamingkeydelivery\",KEYFORMATVERSIONS=\"1\""
        );
        assert_eq!(
            media[1],
            "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"data:text/plain;base64,AAAAOHBzc2gAAAAA7e+LqXnWSs6jyCfc1R0h7QAAABgSEA\
             ABAgMEBQYHCAkKCwwNDg9I88aJmwY=\",KEYID=0x000102030405060708090a0b0c0d0e0f,\
             KEYFORMAT=\"urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed\",KEYFORMATVERSIONS=\"1\""
        );
        assert!(
            media[2].starts_with("#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"data:text/plain;charset=UTF-16;base64,")
        );
        assert!(media[2].ends_with(",KEYFORMAT=\"com.microsoft.playready\",KEYFORMATVERSIONS=\"1\""));
        assert_eq!(
            media[3],
            "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"data:text/plain;base64,AAECAwQFBgcICQoLDA0ODw==\",\
             KEYID=0x000102030405060708090a0b0c0d0e0f,KEYFORMAT=\"org.w3.clearkey\",KEYFORMATVERSIONS=\"1\""
        );
        let renamed: Vec<String> =
            media.iter().map(|line| line.replacen("#EXT-X-KEY:", "#EXT-X-SESSION-KEY:", 1)).collect();
        assert_eq!(session, renamed);
        assert_eq!(KeyTags::of_key(&key, false).media, media[..3]);
    }
}
