//! The kind of file that is written.

use std::{path::Path, str::FromStr};

use nada_clip::{Form, PictureCodec};

use crate::exit::{Code, failure};

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClipFormat {
    /// A film.
    Mp4,
    /// An animated WebP.
    Webp,
    /// A WebP that stands still.
    StillWebp,
    /// A card.
    Png,
    /// An animated PNG.
    Apng,
}

impl FromStr for ClipFormat {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "mp4" => Ok(Self::Mp4),
            "webp" => Ok(Self::Webp),
            "png" => Ok(Self::Png),
            "apng" => Ok(Self::Apng),
            _ => Err("expected mp4, webp, png or apng"),
        }
    }
}

impl ClipFormat {
    /// What the options say together.
    pub fn chosen(asked: Option<Self>, still: bool, out: Option<&Path>) -> anyhow::Result<Self> {
        let extension = out.and_then(Path::extension).and_then(|extension| extension.to_str());
        let named = extension.and_then(|extension| extension.to_ascii_lowercase().parse().ok());
        let format = match (asked, named, out) {
            (Some(format), ..) | (None, Some(format), _) => format,
            (None, None, None) => Self::Mp4,
            (None, None, Some(out)) => {
                let message =
                    format!("the name {} says no format: add --format mp4, webp, png or apng", out.display());
                return Err(failure(Code::Usage, message));
            }
        };
        match (format, still) {
            (Self::Webp, true) => Ok(Self::StillWebp),
            (Self::Mp4 | Self::Apng, true) => {
                let message =
                    format!("{} does not stand still: with --still, write png or webp", format.name());
                Err(failure(Code::Usage, message))
            }
            (format, _) => Ok(format),
        }
    }

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mp4 => "mp4",
            Self::Webp | Self::StillWebp => "webp",
            Self::Png => "png",
            Self::Apng => "apng",
        }
    }

    /// What the file's name ends with.
    pub fn extension(self) -> &'static str {
        if self == Self::Apng { "png" } else { self.name() }
    }

    /// What is drawn.
    pub fn form(self) -> Form {
        match self {
            Self::Mp4 => Form::Film,
            Self::Webp | Self::Apng => Form::Animation,
            Self::StillWebp | Self::Png => Form::Card,
        }
    }

    /// The kind of picture.
    pub fn picture(self) -> PictureCodec {
        match self {
            Self::Png | Self::Apng | Self::Mp4 => PictureCodec::Png,
            Self::Webp | Self::StillWebp => PictureCodec::Webp,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_said_once() {
        let chosen = |asked: Option<&str>, still, out: Option<&str>| {
            let asked = asked.map(|asked| asked.parse().unwrap());
            ClipFormat::chosen(asked, still, out.map(Path::new)).ok()
        };
        for (asked, still, out, expected) in [
            (None, false, None, Some(ClipFormat::Mp4)),
            (None, false, Some("a.PNG"), Some(ClipFormat::Png)),
            (Some("apng"), false, Some("a.png"), Some(ClipFormat::Apng)),
            (None, true, Some("a.webp"), Some(ClipFormat::StillWebp)),
            (None, true, Some("a.png"), Some(ClipFormat::Png)),
            (None, true, None, None),
            (Some("apng"), true, None, None),
            (None, false, Some("a.gif"), None),
            (Some("png"), false, Some("a"), Some(ClipFormat::Png)),
        ] {
            assert_eq!(chosen(asked, still, out), expected, "{asked:?} {still} {out:?}");
        }
    }
}
