//! Bytes of a lyrics file to text.

use std::borrow::Cow;

use crate::{
    Error, LanguageTag,
    position::FilePosition,
    quote::quote,
    warning::{WarningKind, Warnings},
    western,
};

/// The text of a file in UTF-8, with or without a byte order mark, in UTF-16 with one, or, with a warning, in
/// UTF-16 without one or in windows-1252 (what Latin-1 is taken for), where detection or the language of the
/// lyrics says so. Any other encoding is refused where it stops being UTF-8.
pub(crate) fn decode<'a>(
    bytes: &'a [u8],
    limit: usize,
    lang: &LanguageTag,
    warnings: &mut Warnings,
) -> Result<Cow<'a, str>, Error> {
    let start = FilePosition { line: 1, column: 1 };
    at_most(bytes.len(), limit)?;
    let text = match bytes {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => {
            return Err(encoding("", "the byte order mark of UTF-32"));
        }
        [0xff, 0xfe, rest @ ..] => Cow::Owned(utf16(rest, u16::from_le_bytes)?),
        [0xfe, 0xff, rest @ ..] => Cow::Owned(utf16(rest, u16::from_be_bytes)?),
        [a, 0, b, 0, ..] if *a > 0 && *b > 0 => {
            warnings.push(start, WarningKind::Encoding, || {
                "no byte order mark: read as UTF-16, little-endian".into()
            });
            Cow::Owned(utf16(bytes, u16::from_le_bytes)?)
        }
        [0, a, 0, b, ..] if *a > 0 && *b > 0 => {
            warnings.push(start, WarningKind::Encoding, || {
                "no byte order mark: read as UTF-16, big-endian".into()
            });
            Cow::Owned(utf16(bytes, u16::from_be_bytes)?)
        }
        _ => match utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)) {
            Ok(text) => Cow::Borrowed(text),
            Err(error) => {
                let text = western::read(bytes, lang).ok_or(error)?;
                warnings.push(start, WarningKind::Encoding, || {
                    "not UTF-8: read as windows-1252 (Latin-1), as it seems to be; save the file as UTF-8"
                        .into()
                });
                Cow::Owned(text)
            }
        },
    };
    at_most(text.len(), limit)?;
    match text.find('\0') {
        Some(at) => Err(encoding(text.get(..at).unwrap_or_default(), "a zero byte")),
        None => Ok(text),
    }
}

/// The lines of a text, without their ends: LF, CR LF or CR alone.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'))
}

fn utf8(bytes: &[u8]) -> Result<&str, Error> {
    str::from_utf8(bytes).map_err(|e| {
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

fn at_most(bytes: usize, limit: usize) -> Result<(), Error> {
    if bytes > limit { Err(Error::TooLarge { bytes, limit }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::{lines, *};
    use crate::limit;

    fn decode(bytes: &[u8]) -> Result<(String, usize), Error> {
        let mut warnings = Warnings::default();
        let text = super::decode(bytes, limit::FILE_BYTES, &"hi".parse()?, &mut warnings)?;
        Ok((text.into_owned(), warnings.into_list().len()))
    }

    fn units(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn unicode_with_and_without_byte_order_marks() {
        assert_eq!(decode("\u{feff}हि".as_bytes()).unwrap(), ("हि".into(), 0));
        assert_eq!(decode(b"").unwrap(), (String::new(), 0));
        for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            assert_eq!(decode(&units("\u{feff}हि 👍", bytes)).unwrap(), ("हि 👍".into(), 0));
            assert_eq!(decode(&units("[00:01.00]हि", bytes)).unwrap(), ("[00:01.00]हि".into(), 1));
        }
    }

    #[test]
    fn latin_1_is_told_from_other_encodings() {
        let (text, warnings) =
            decode(b"[00:01.00]Quelqu'un m'a dit que tu m'aimais encore, d\xe9j\xe0 \x85").unwrap();
        assert_eq!(
            (text.as_str(), warnings),
            ("[00:01.00]Quelqu'un m'a dit que tu m'aimais encore, déjà …", 1)
        );
        assert_eq!(decode(b"[00:01.00]caf\xe9").unwrap().0, "[00:01.00]café");
    }

    #[test]
    fn other_encodings_are_refused_where_they_show() {
        let at = |bytes: &[u8]| match decode(bytes) {
            Err(Error::Syntax { line, column, found, .. }) => (line, column, found),
            other => panic!("{other:?}"),
        };
        let shift_jis = b"[00:01.00]a\r\n[00:02.00]\x83\x89\x83\x75\x82\xcc\x89\xcc\x82\xf0\x89\xcc\x82\xa4";
        assert_eq!(at(shift_jis), (2, 11, "\"byte 0x83\"".into()));
        assert_eq!(at(b"\xff\xfea\0\n\0\0\xd8b\0"), (2, 1, "\"surrogate 0xd800\"".into()));
        assert_eq!(at(b"\xff\xfea\0b"), (1, 2, "\"half a UTF-16 unit\"".into()));
        assert_eq!(at(b"\xff\xfe\0\0a\0\0\0").0, 1, "UTF-32");
        assert_eq!(at(b"ab\0"), (1, 3, "\"a zero byte\"".into()));
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
