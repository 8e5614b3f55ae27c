//! Binary files, and others that their first bytes tell.

use super::{EXPORT, NO_LYRICS};
use crate::Error;

/// What a file begins with from a place on, what it is, and what to do with it.
type Signature = (usize, &'static [u8], &'static str, &'static str);

const UNPACK: &str = "unpack it, and give the lyrics files in it";
const SAVE: &str = "save its text as a plain text file in UTF-8";

/// Signatures as the formats' specifications have them; those of KuGou and QQ Music as their files do.
const SIGNATURES: [Signature; 38] = [
    (0, b"krc1", "KRC, the encrypted lyrics of KuGou", EXPORT),
    (0, b"\x98\x25\xb0\xac\xe3\x02\x83\x68", "QRC, the encrypted lyrics of QQ Music", EXPORT),
    (0, b"%PDF-", "PDF", SAVE),
    (0, b"%!PS", "PostScript", SAVE),
    (0, b"{\\rtf", "RTF", SAVE),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a document of Microsoft Office", SAVE),
    (0, b"PK\x03\x04", "a ZIP archive, or a document that is one, such as DOCX", UNPACK),
    (0, b"PK\x05\x06", "a ZIP archive", UNPACK),
    (0, b"\x1f\x8b", "a gzip archive", UNPACK),
    (0, b"BZh", "a bzip2 archive", UNPACK),
    (0, b"\xfd7zXZ\0", "an xz archive", UNPACK),
    (0, b"\x28\xb5\x2f\xfd", "a Zstandard archive", UNPACK),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive", UNPACK),
    (0, b"Rar!\x1a\x07", "a RAR archive", UNPACK),
    (257, b"ustar", "a tar archive", UNPACK),
    (0, b"\x89PNG", "a PNG image", NO_LYRICS),
    (0, b"\xff\xd8\xff", "a JPEG image", NO_LYRICS),
    (0, b"GIF87a", "a GIF image", NO_LYRICS),
    (0, b"GIF89a", "a GIF image", NO_LYRICS),
    (0, b"II*\0", "a TIFF image", NO_LYRICS),
    (0, b"MM\0*", "a TIFF image", NO_LYRICS),
    (8, b"WEBP", "a WebP image", NO_LYRICS),
    (6, b"\0\0\0\0", "a BMP image", NO_LYRICS),
    (0, b"MThd", "MIDI, perhaps with karaoke", EXPORT),
    (0, b"ID3", "audio (MP3)", NO_LYRICS),
    (0, b"\xff\xfb", "audio (MP3)", NO_LYRICS),
    (0, b"fLaC", "audio (FLAC)", NO_LYRICS),
    (0, b"OggS", "audio (Ogg)", NO_LYRICS),
    (0, b"FORM", "audio (AIFF)", NO_LYRICS),
    (8, b"WAVE", "audio (WAV)", NO_LYRICS),
    (4, b"ftyp", "audio, video or an image (MP4)", NO_LYRICS),
    (0, b"\x1a\x45\xdf\xa3", "video (Matroska, WebM)", NO_LYRICS),
    (3, b"STL25.01", "EBU STL subtitles", super::SUBTITLES),
    (3, b"STL30.01", "EBU STL subtitles", super::SUBTITLES),
    (3, b"STL24.01", "EBU STL subtitles", super::SUBTITLES),
    (0, b"SQLite format 3\0", "an SQLite database", NO_LYRICS),
    (0, b"bplist00", "a binary property list", NO_LYRICS),
    (0, b"\0\0\x01\xba", "DVD subtitles or video (MPEG)", NO_LYRICS),
];

/// Refuses a file whose first bytes are those of a format that is not read.
pub(crate) fn refuse(bytes: &[u8]) -> Result<(), Error> {
    let found = SIGNATURES.iter().find(|(at, signature, ..)| {
        bytes.get(*at..).is_some_and(|rest| rest.starts_with(signature)) && is_complete(bytes, *at, signature)
    });
    match found {
        Some((_, _, format, advice)) => Err(Error::Foreign { line: 1, format, advice }),
        None => Ok(()),
    }
}

/// Whether what else belongs to a signature is there, where it could be the beginning of a text.
fn is_complete(bytes: &[u8], at: usize, signature: &[u8]) -> bool {
    let begins = |other: &[u8]| bytes.starts_with(other);
    let binary = || bytes.iter().take(64).any(|b| *b < 9);
    match signature {
        b"WEBP" | b"WAVE" => begins(b"RIFF"),
        b"\0\0\0\0" => begins(b"BM"),
        b"BZh" | b"ID3" | b"FORM" | b"PK\x03\x04" | b"PK\x05\x06" => binary(),
        _ if at == 4 => binary(),
        _ => true,
    }
}
