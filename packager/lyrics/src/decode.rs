//! Bytes of a lyrics file to text.

use crate::{Error, error::quote, limit};

/// The text of a file in UTF-8, with or without a byte order mark, or in UTF-16 with one. Nothing is guessed:
/// any other encoding is refused where it stops being UTF-8.
pub(crate) fn decode(bytes: &[u8]) -> Result<String, Error> {
    at_most_file_bytes(bytes.len())?;
    let text = match bytes {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => {
            return Err(encoding("", "the byte order mark of UTF-32"));
        }
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes)?,
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes)?,
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest)?,
        _ => utf8(bytes)?,
    };
    at_most_file_bytes(text.len())?;
    Ok(text)
}

/// The lines of a text, without their ends: LF, CR LF or CR alone.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'))
}

fn utf8(bytes: &[u8]) -> Result<String, Error> {
    str::from_utf8(bytes).map(str::to_owned).map_err(|e| {
        let (valid, rest) = bytes.split_at_checked(e.valid_up_to()).unwrap_or_default();
        let byte = rest.first().copied().unwrap_or_default();
        encoding(str::from_utf8(valid).unwrap_or_default(), &format!("byte 0x{byte:02x}"))
    })
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, Error> {
    let (pairs, odd) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len());
    for decoded in char::decode_utf16(pairs.iter().copied().map(unit)) {
        text.push(
            decoded.map_err(|e| encoding(&text, &format!("surrogate 0x{:04x}", e.unpaired_surrogate())))?,
        );
    }
    if odd.is_empty() { Ok(text) } else { Err(encoding(&text, "half a UTF-16 unit")) }
}

/// The error for what stands after `valid`.
fn encoding(valid: &str, found: &str) -> Error {
    let last = lines(valid).last().unwrap_or_default();
    Error::Syntax {
        line: lines(valid).count(),
        column: last.chars().count() + 1,
        expected: "UTF-8, or UTF-16 with a byte order mark",
        found: quote(found),
    }
}

fn at_most_file_bytes(bytes: usize) -> Result<(), Error> {
    let limit = limit::FILE_BYTES;
    if bytes > limit { Err(Error::TooLarge { bytes, limit }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn byte_order_marks() {
        assert_eq!(decode("\u{feff}हि".as_bytes()).unwrap(), "हि");
        assert_eq!(decode(b"").unwrap(), "");
        let units: Vec<u16> = "\u{feff}हि 👍".encode_utf16().collect();
        let le: Vec<u8> = units.iter().flat_map(|u| u.to_le_bytes()).collect();
        let be: Vec<u8> = units.iter().flat_map(|u| u.to_be_bytes()).collect();
        assert_eq!(decode(&le).unwrap(), "हि 👍");
        assert_eq!(decode(&be).unwrap(), "हि 👍");
    }

    #[test]
    fn other_encodings_are_refused_where_they_show() {
        let at = |bytes: &[u8]| match decode(bytes) {
            Err(Error::Syntax { line, column, found, .. }) => (line, column, found),
            other => panic!("{other:?}"),
        };
        assert_eq!(at(b"[00:01.00]a\r\n[00:02.00]caf\xe9"), (2, 14, "\"byte 0xe9\"".into()), "Latin-1");
        assert_eq!(at(b"\x83\x89"), (1, 1, "\"byte 0x83\"".into()), "Shift JIS");
        assert_eq!(at(b"\xff\xfea\0\n\0\0\xd8b\0"), (2, 1, "\"surrogate 0xd800\"".into()));
        assert_eq!(at(b"\xff\xfea\0b"), (1, 2, "\"half a UTF-16 unit\"".into()));
        assert_eq!(at(b"\xff\xfe\0\0a\0\0\0").0, 1, "UTF-32");
    }

    #[test]
    fn size_is_limited_before_and_after() {
        assert!(matches!(decode(&vec![b' '; limit::FILE_BYTES + 1]), Err(Error::TooLarge { .. })));
        let mut utf16 = vec![0xff, 0xfe];
        utf16.extend([0x15, 0x09].repeat(limit::FILE_BYTES / 2 - 1));
        assert!(
            matches!(decode(&utf16), Err(Error::TooLarge { .. })),
            "three bytes of UTF-8 for two of UTF-16"
        );
    }

    #[test]
    fn all_line_ends() {
        assert_eq!(lines("a\nb\r\nc\rd\n").collect::<Vec<_>>(), ["a", "b", "c", "d", ""]);
    }
}
