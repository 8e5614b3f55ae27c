//! EXT-X-KEY and EXT-X-SESSION-KEY, as the key formats that DRM systems defined ask for them.

use super::attributes::{Attributes, short};

/// What a key format is, by the name that KEYFORMAT has for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum KeyFormat {
    FairPlay,
    /// The UUID of a DRM system, whose `pssh` is the URI.
    Uuid,
    PlayReady,
    Other,
}

/// The attributes by which two keys are the same (RFC 8216 §4.3.4.5).
pub(super) fn same(attributes: &Attributes) -> [Option<&str>; 5] {
    ["METHOD", "URI", "IV", "KEYFORMAT", "KEYFORMATVERSIONS"].map(|name| attributes.get(name))
}

/// Why the URI is none that the key's format has.
pub(super) fn wrong_uri(attributes: &Attributes) -> Option<String> {
    let (name, uri) = (attributes.get("KEYFORMAT")?, attributes.get("URI")?);
    let format = match name {
        "com.apple.streamingkeydelivery" => KeyFormat::FairPlay,
        "com.microsoft.playready" => KeyFormat::PlayReady,
        name if name.to_ascii_lowercase().starts_with("urn:uuid:") => KeyFormat::Uuid,
        _ => KeyFormat::Other,
    };
    let is_pssh = |bytes: &[u8]| {
        let system = uuid(name.get(9..)?)?;
        let size = u32::from_be_bytes(*bytes.first_chunk()?) as usize;
        (size <= bytes.len() && bytes.get(4..8)? == b"pssh" && bytes.get(12..28)? == system).then_some(())
    };
    // its own length, least significant byte first
    let is_object =
        |bytes: &[u8]| (u32::from_le_bytes(*bytes.first_chunk()?) as usize == bytes.len()).then_some(());
    match format {
        KeyFormat::FairPlay if !uri.starts_with("skd://") => Some(format!("{} is no skd URI", short(uri))),
        KeyFormat::Uuid if data(uri).as_deref().and_then(is_pssh).is_none() => {
            Some(format!("{} is no data URI with a pssh of {}", short(uri), short(name)))
        }
        KeyFormat::PlayReady if data(uri).as_deref().and_then(is_object).is_none() => {
            Some(format!("{} is no data URI with a PlayReady object", short(uri)))
        }
        KeyFormat::FairPlay | KeyFormat::Uuid | KeyFormat::PlayReady | KeyFormat::Other => None,
    }
}

/// KEYID, the key id of samples (Widevine DRM for HTTP Live Streaming): 128 bits; `Err` where it is none.
pub(super) fn key_id(attributes: &Attributes) -> Option<Result<[u8; 16], String>> {
    let text = attributes.get("KEYID")?;
    let digits = text.strip_prefix("0x").or(text.strip_prefix("0X"));
    let id = digits.and_then(uuid).map(|id| id.try_into().unwrap_or_default());
    Some(id.ok_or_else(|| format!("KEYID={} is no hexadecimal sequence of 128 bits", short(text))))
}

/// The bytes of 32 hexadecimal digits, dashes left out.
fn uuid(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u32> =
        text.chars().filter(|c| *c != '-').map(|c| c.to_digit(16)).collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks();
    (digits.len() == 32 && rest.is_empty()).then(|| pairs.iter().map(|[a, b]| (a * 16 + b) as u8).collect())
}

/// The bytes of a data URI in base64 (RFC 2397).
fn data(uri: &str) -> Option<Vec<u8>> {
    let (_, coded) = uri.strip_prefix("data:")?.split_once(";base64,")?;
    let coded = coded.trim_end_matches('=');
    let (mut bytes, mut held, mut bits) = (Vec::with_capacity(coded.len()), 0_u32, 0);
    for c in coded.bytes() {
        let value = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        held = held << 6 | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(list: &str) -> bool {
        wrong_uri(&Attributes::parse(list).0).is_some()
    }

    #[test]
    fn each_format_has_its_own_uri() {
        assert_eq!(data("data:text/plain;base64,AAECAw==").unwrap(), [0, 1, 2, 3]);
        let widevine = "KEYFORMAT=\"urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed\"";
        let pssh = "AAAAIHBzc2gAAAAA7e+LqXnWSs6jyCfc1R0h7QAAAAA=";
        for (list, is_wrong) in [
            (format!("URI=\"data:text/plain;base64,{pssh}\",{widevine}"), false),
            (
                format!(
                    "URI=\"data:;base64,{pssh}\",KEYFORMAT=\"urn:uuid:9a04f079-9840-4286-ab92-e65be0885f95\""
                ),
                true,
            ),
            (format!("URI=\"https://a/{pssh}\",{widevine}"), true),
            (format!("URI=\"data:text/plain;base64,%41\",{widevine}"), true),
            ("URI=\"skd://1\",KEYFORMAT=\"com.apple.streamingkeydelivery\"".to_owned(), false),
            ("URI=\"https://a\",KEYFORMAT=\"com.apple.streamingkeydelivery\"".to_owned(), true),
            ("URI=\"data:;base64,CgAAAAEAAQAAAA==\",KEYFORMAT=\"com.microsoft.playready\"".to_owned(), false),
            ("URI=\"data:;base64,CwAAAAEAAQAAAA==\",KEYFORMAT=\"com.microsoft.playready\"".to_owned(), true),
            ("URI=\"anything\",KEYFORMAT=\"identity\"".to_owned(), false),
            ("URI=\"anything\"".to_owned(), false),
        ] {
            assert_eq!(wrong(&list), is_wrong, "{list}");
        }
    }

    #[test]
    fn key_ids_have_128_bits() {
        let id = |list: &str| key_id(&Attributes::parse(list).0);
        assert_eq!(
            id("KEYID=0x000102030405060708090A0b0c0d0e0f"),
            Some(Ok(std::array::from_fn(|i| i as u8)))
        );
        assert!(matches!(id("KEYID=0x0001"), Some(Err(_))));
        assert_eq!(id("URI=\"a\""), None);
    }
}
