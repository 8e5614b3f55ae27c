//! What is judged by a picture's header, before a pixel is decoded: so a bomb costs no more than its own bytes.

use crate::error::ArtworkRefusal;

/// The fewest pixels on a side.
pub const FEWEST: u32 = 640;
/// The most pixels on a side.
pub const MOST: u32 = 8_000;
/// The most bytes of a file.
pub const MOST_BYTES: u64 = 32 << 20;

/// The formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Jpeg,
    Png,
    Webp,
    Avif,
}

impl Format {
    /// The format by the first bytes; the file's name plays no part.
    pub fn of(bytes: &[u8]) -> Result<Self, ArtworkRefusal> {
        match bytes {
            [0xff, 0xd8, 0xff, ..] => Ok(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Ok(Self::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Ok(Self::Webp),
            [_, _, _, _, b'f', b't', b'y', b'p', rest @ ..] => {
                // brands, the major one first (ISO/IEC 14496-12 §4.3)
                let brands = rest.get(..64.min(rest.len())).unwrap_or_default().chunks(4);
                let names = |name: &[u8]| brands.clone().any(|brand| brand == name);
                match names(b"avif") || names(b"avis") {
                    true => Ok(Self::Avif),
                    false => Err(ArtworkRefusal::Unsupported("HEIF, or a film".to_owned())),
                }
            }
            [] => Err(ArtworkRefusal::Unsupported("an empty file".to_owned())),
            [b'G', b'I', b'F', ..] => Err(ArtworkRefusal::Unsupported("GIF".to_owned())),
            [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => {
                Err(ArtworkRefusal::Unsupported("TIFF".to_owned()))
            }
            bytes
                if bytes
                    .iter()
                    .take(64)
                    .all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace()) =>
            {
                Err(ArtworkRefusal::Unsupported("text".to_owned()))
            }
            _ => Err(ArtworkRefusal::Unsupported("something else".to_owned())),
        }
    }
}

/// Judges the dimensions that a header states.
pub(crate) fn dimensions(width: u32, height: u32) -> Result<(), ArtworkRefusal> {
    if width > MOST || height > MOST {
        return Err(ArtworkRefusal::Large { width, height });
    }
    if width < FEWEST || height < FEWEST {
        return Err(ArtworkRefusal::Small { width, height });
    }
    Ok(())
}

/// The square in the middle: where it begins, and its side.
pub(crate) fn square(width: u32, height: u32) -> (u32, u32, u32) {
    let side = width.min(height);
    ((width - side) / 2, (height - side) / 2, side)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_by_their_bytes() {
        let avif = b"\0\0\0\x20ftypmif1\0\0\0\0mif1avif";
        assert_eq!(Format::of(avif).unwrap(), Format::Avif);
        for (bytes, what) in [
            (&b""[..], "an empty file"),
            (b"Dear label, here is", "text"),
            (b"GIF89a", "GIF"),
            (b"\0\0\0\x20ftypheic\0\0\0\0mif1heic", "HEIF"),
            (b"\0\x01\x02", "something else"),
        ] {
            let refused = Format::of(bytes).unwrap_err().to_string();
            assert!(refused.ends_with(what) || refused.contains(what), "{refused}");
        }
    }

    #[test]
    fn the_middle_is_kept() {
        assert_eq!(square(1000, 700), (150, 0, 700));
        assert_eq!(square(701, 1000), (0, 149, 701));
    }
}
