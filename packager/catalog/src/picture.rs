//! Pictures of a track: the formats there are, and its artwork.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::id::{ArtworkDigest, IdError};

/// The format of a picture or a film, which is also the extension of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PictureFormat {
    /// AV1 Image File Format.
    Avif,
    /// WebP, still or animated.
    Webp,
    /// JPEG.
    Jpg,
    /// PNG.
    Png,
    /// Animated PNG (PNG, third edition, §4.9).
    Apng,
    /// A film: MP4.
    Mp4,
}

impl PictureFormat {
    /// Those of artwork, the smallest first.
    pub const ARTWORK: [Self; 3] = [Self::Avif, Self::Webp, Self::Jpg];
    /// Those of clips.
    pub const CLIP: [Self; 4] = [Self::Mp4, Self::Webp, Self::Png, Self::Apng];
    const ALL: [Self; 6] = [Self::Avif, Self::Webp, Self::Jpg, Self::Png, Self::Apng, Self::Mp4];

    /// The extension of its files.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Avif => "avif",
            Self::Webp => "webp",
            Self::Jpg => "jpg",
            Self::Png => "png",
            Self::Apng => "apng",
            Self::Mp4 => "mp4",
        }
    }

    /// The media type (IANA).
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Avif => "image/avif",
            Self::Webp => "image/webp",
            Self::Jpg => "image/jpeg",
            Self::Png => "image/png",
            Self::Apng => "image/apng",
            Self::Mp4 => "video/mp4",
        }
    }
}

impl fmt::Display for PictureFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.extension())
    }
}

impl FromStr for PictureFormat {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let known = Self::ALL.into_iter().find(|format| format.extension() == text);
        known.ok_or_else(|| IdError::new("format", text, "avif, webp, jpg, png, apng or mp4"))
    }
}

impl Serialize for PictureFormat {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.extension())
    }
}

impl<'de> Deserialize<'de> for PictureFormat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for PictureFormat {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PictureFormat".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "enum": ["avif", "webp", "jpg", "png", "apng", "mp4"] })
    }
}

/// The sides of artwork in pixels, the smallest first: one that the source does not reach is left out.
pub const ARTWORK_SIZES: [u32; 4] = [96, 320, 640, 1280];

/// The file of artwork that is written last and deleted first: where it is, all of them are.
pub const ARTWORK_SEAL: (u32, PictureFormat) = (96, PictureFormat::Jpg);

/// A track's artwork: square pictures at `tracks/{track}/artwork/{digest}/{size}.{format}`, every size in every format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Artwork {
    /// Where the files lie.
    pub digest: ArtworkDigest,
    /// The sides there are, in pixels, the smallest first.
    pub sizes: Vec<u32>,
    /// The formats there are.
    pub formats: Vec<PictureFormat>,
    /// A colour of the picture to lie behind text, `#rrggbb` in sRGB.
    pub background: String,
    /// A colour for text on it, with a contrast of at least 4.5 to 1 (WCAG 2.2 §1.4.3).
    pub text: String,
    /// The picture at 16 pixels, as a `data:` URI: shown until the picture is there.
    pub placeholder: String,
}

impl Artwork {
    /// Whether there is such a file.
    pub fn has(&self, size: u32, format: PictureFormat) -> bool {
        self.sizes.contains(&size) && self.formats.contains(&format)
    }
}
