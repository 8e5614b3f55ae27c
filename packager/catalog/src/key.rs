//! Object keys: the one type that decides an object's path, content type and cache policies.

use std::{fmt, str::FromStr};

use crate::{
    id::{ArtworkDigest, ClipId, IdError, LayerTag, LyricsDigest, ReleaseId, TrackId, Version},
    picture::PictureFormat,
    rendition::RenditionName,
};

/// A file of one rendition, as players name it. All but the playlist are ranges of the track file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RenditionFile {
    /// `init.mp4`: the media initialization section (RFC 8216 §3.3).
    Init,
    /// `00001.m4s` …: one media segment, counted from 1 to 65,535.
    Segment(u32),
    /// `media.m3u8`: the media playlist.
    Playlist,
}

/// The highest segment number: what the 16 bits hold by which a segment index counts (ISO/IEC 14496-12 §8.16.3.2).
pub const LAST_SEGMENT: u32 = 65_535;

/// The highest number of a part: no more than there are segments.
const LAST_PART: u32 = LAST_SEGMENT;

impl fmt::Display for RenditionFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Init => f.write_str("init.mp4"),
            Self::Segment(number) => write!(f, "{number:05}.m4s"),
            Self::Playlist => f.write_str("media.m3u8"),
        }
    }
}

impl FromStr for RenditionFile {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let segment = || {
            let digits = text
                .strip_suffix(".m4s")
                .filter(|d| d.len() == 5 && d.bytes().all(|b| b.is_ascii_digit()))?;
            digits.parse().ok().filter(|n| (1..=LAST_SEGMENT).contains(n))
        };
        match text {
            "init.mp4" => Ok(Self::Init),
            "media.m3u8" => Ok(Self::Playlist),
            _ => segment()
                .map(Self::Segment)
                .ok_or_else(|| IdError::new("file", text, "media.m3u8, init.mp4 or 00001.m4s to 65535.m4s")),
        }
    }
}

/// The form a lyrics layer is stored in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LyricsForm {
    /// The layer alone as synced lyric JSON.
    Json,
    /// WebVTT.
    Vtt,
    /// The media playlist of the WebVTT rendition.
    Playlist,
    /// LRC, enhanced where words are timed.
    Lrc,
    /// TTML.
    Ttml,
}

impl LyricsForm {
    const ALL: [Self; 5] = [Self::Json, Self::Vtt, Self::Playlist, Self::Lrc, Self::Ttml];

    /// The file name extension.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Vtt => "vtt",
            Self::Playlist => "m3u8",
            Self::Lrc => "lrc",
            Self::Ttml => "ttml",
        }
    }
}

/// A file of one lyrics digest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LyricsFile {
    /// `lyrics.json`: every layer.
    All,
    /// `{tag}.{extension}`: one layer in one form.
    Layer(LayerTag, LyricsForm),
}

impl fmt::Display for LyricsFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("lyrics.json"),
            Self::Layer(tag, form) => write!(f, "{tag}.{}", form.extension()),
        }
    }
}

impl FromStr for LyricsFile {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        if text == "lyrics.json" {
            return Ok(Self::All);
        }
        let wrong = || {
            IdError::new("file", text, "lyrics.json or a language tag with .json, .vtt, .m3u8, .lrc or .ttml")
        };
        let (tag, extension) = text.rsplit_once('.').ok_or_else(wrong)?;
        let form = LyricsForm::ALL.into_iter().find(|f| f.extension() == extension).ok_or_else(wrong)?;
        Ok(Self::Layer(tag.parse().map_err(|_| wrong())?, form))
    }
}

/// Everything Nada stores, by where it lies.
///
/// ```
/// use nada_catalog::ObjectKey;
///
/// let key: ObjectKey = "tracks/INNDA2600001/0123456789abcdef0123456789abcdef/aac-128/1.mp4".parse()?;
/// assert!(matches!(key, ObjectKey::Part(.., 1)));
/// assert!(key.is_immutable());
/// assert!("tracks/../changes.json".parse::<ObjectKey>().is_err());
/// # Ok::<(), nada_catalog::IdError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectKey {
    /// `tracks/{track}/manifest.json`: mutable.
    Manifest(TrackId),
    /// `tracks/{track}/{version}/presentation.json`: immutable.
    Presentation(TrackId, Version),
    /// `tracks/{track}/{version}/loudness.json`: immutable.
    Loudness(TrackId, Version),
    /// `tracks/{track}/{version}/{rendition}/{part}.mp4`: a part of a track file, counted from 1. Immutable.
    Part(TrackId, Version, RenditionName, u32),
    /// `tracks/{track}/{version}/{rendition}/media.m3u8`: a media playlist. Immutable.
    Playlist(TrackId, Version, RenditionName),
    /// `tracks/{track}/lyrics/{digest}/…`: immutable.
    Lyrics(TrackId, LyricsDigest, LyricsFile),
    /// `tracks/{track}/artwork/{digest}/{size}.{format}`: square artwork by its side in pixels. Immutable.
    Artwork(TrackId, ArtworkDigest, u32, PictureFormat),
    /// `tracks/{track}/clips/{id}.{format}`: immutable.
    Clip(TrackId, ClipId, PictureFormat),
    /// `releases/{release}.json`: mutable.
    Release(ReleaseId),
    /// `changes.json`: mutable, one for the catalogue.
    Changes,
    /// `revocations.json`: mutable, one for the catalogue.
    Revocations,
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Manifest(track) => write!(f, "tracks/{track}/manifest.json"),
            Self::Presentation(track, version) => write!(f, "tracks/{track}/{version}/presentation.json"),
            Self::Loudness(track, version) => write!(f, "tracks/{track}/{version}/loudness.json"),
            Self::Part(track, version, rendition, part) => {
                write!(f, "tracks/{track}/{version}/{rendition}/{part}.mp4")
            }
            Self::Playlist(track, version, rendition) => {
                write!(f, "tracks/{track}/{version}/{rendition}/media.m3u8")
            }
            Self::Lyrics(track, digest, file) => write!(f, "tracks/{track}/lyrics/{digest}/{file}"),
            Self::Artwork(track, digest, size, format) => {
                write!(f, "tracks/{track}/artwork/{digest}/{size}.{format}")
            }
            Self::Clip(track, clip, format) => write!(f, "tracks/{track}/clips/{clip}.{format}"),
            Self::Release(release) => write!(f, "releases/{release}.json"),
            Self::Changes => f.write_str("changes.json"),
            Self::Revocations => f.write_str("revocations.json"),
        }
    }
}

impl FromStr for ObjectKey {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let unknown = || IdError::new("object key", text, "a key of the storage layout");
        let parts: Vec<&str> = text.splitn(6, '/').collect();
        Ok(match *parts.as_slice() {
            ["changes.json"] => Self::Changes,
            ["revocations.json"] => Self::Revocations,
            ["releases", file] => Self::Release(file.strip_suffix(".json").ok_or_else(unknown)?.parse()?),
            ["tracks", track, "manifest.json"] => Self::Manifest(track.parse()?),
            ["tracks", track, version, "presentation.json"] => {
                Self::Presentation(track.parse()?, version.parse()?)
            }
            ["tracks", track, version, "loudness.json"] => Self::Loudness(track.parse()?, version.parse()?),
            ["tracks", track, "lyrics", digest, file] => {
                Self::Lyrics(track.parse()?, digest.parse()?, file.parse()?)
            }
            ["tracks", track, "artwork", digest, file] => {
                let (size, format) = artwork_file(file).ok_or_else(unknown)?;
                Self::Artwork(track.parse()?, digest.parse()?, size, format)
            }
            ["tracks", track, "clips", file] => {
                let (clip, format) = clip_file(file).ok_or_else(unknown)?;
                Self::Clip(track.parse()?, clip, format)
            }
            ["tracks", track, version, rendition, "media.m3u8"] => {
                Self::Playlist(track.parse()?, version.parse()?, rendition.parse()?)
            }
            ["tracks", track, version, rendition, file] => {
                let part = part_number(file).ok_or_else(unknown)?;
                Self::Part(track.parse()?, version.parse()?, rendition.parse()?, part)
            }
            _ => return Err(unknown()),
        })
    }
}

/// How an object may be kept by the device that was served it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CachePolicy {
    /// Never changes: kept as long as the access lasts.
    Immutable,
    /// May change: asked again before each use.
    Revalidate,
    /// Never kept.
    NoStore,
}

impl CachePolicy {
    /// The `Cache-Control` value served while access lasts `seconds_left` more seconds (clamped to one day).
    /// No shared cache may keep any of it (RFC 9111 §5.2.2.7), and a reply that needs a fresh answer is not
    /// reused at all.
    pub fn served(self, seconds_left: i64) -> String {
        match self {
            Self::Immutable => format!("private, max-age={}, immutable", seconds_left.clamp(0, 86_400)),
            Self::Revalidate => "private, no-cache".to_owned(),
            Self::NoStore => "no-store".to_owned(),
        }
    }
}

impl ObjectKey {
    /// Whether the object is written once and never changed.
    pub fn is_immutable(&self) -> bool {
        !matches!(self, Self::Manifest(_) | Self::Release(_) | Self::Changes | Self::Revocations)
    }

    /// The media type: RFC 8216 §4 for playlists, RFC 8216bis §3.1 for fMP4 audio, W3C WebVTT §7.
    pub fn content_type(&self) -> &'static str {
        const PLAYLIST: &str = "application/vnd.apple.mpegurl";
        const JSON: &str = "application/json";
        match self {
            Self::Playlist(..) => PLAYLIST,
            Self::Part(..) => AUDIO,
            Self::Artwork(.., format) | Self::Clip(.., format) => format.media_type(),
            Self::Lyrics(_, _, LyricsFile::Layer(_, form)) => match form {
                LyricsForm::Json => JSON,
                LyricsForm::Vtt => "text/vtt; charset=utf-8",
                LyricsForm::Playlist => PLAYLIST,
                LyricsForm::Lrc => "text/plain; charset=utf-8",
                LyricsForm::Ttml => "application/ttml+xml",
            },
            Self::Lyrics(_, _, LyricsFile::All)
            | Self::Manifest(_)
            | Self::Presentation(..)
            | Self::Loudness(..)
            | Self::Release(_)
            | Self::Changes
            | Self::Revocations => JSON,
        }
    }

    /// Whether it is text, which compresses on the way. Pictures and sound are compressed in themselves.
    pub fn is_text(&self) -> bool {
        !matches!(self, Self::Part(..) | Self::Artwork(..) | Self::Clip(..))
    }

    /// The `Cache-Control` stored with the object, which the edge platform's own cache obeys.
    pub fn stored_cache_control(&self) -> &'static str {
        if self.is_immutable() { "public, max-age=31536000, immutable" } else { "public, max-age=15" }
    }

    /// How a device may keep the object.
    pub fn served_policy(&self) -> CachePolicy {
        if self.is_immutable() { CachePolicy::Immutable } else { CachePolicy::Revalidate }
    }

    /// The strong entity tag of an immutable object (RFC 9110 §8.8.3), derived from the key alone: the key
    /// addresses the content. `None` for mutable objects.
    pub fn etag(&self) -> Option<String> {
        self.is_immutable().then(|| etag_of(&self.to_string()))
    }
}

/// The media type of a track file and of each range of it (RFC 8216bis §3.1 for fMP4 audio).
pub const AUDIO: &str = "audio/mp4";

/// The strong entity tag of what never changes under `path` (RFC 9110 §8.8.3).
pub fn etag_of(path: &str) -> String {
    use sha2::Digest as _;
    let sum = sha2::Sha256::digest(path);
    format!("\"{}\"", sum.iter().take(12).map(|byte| format!("{byte:02x}")).collect::<String>())
}

/// The number in `{part}.mp4`.
fn part_number(file: &str) -> Option<u32> {
    number(file.strip_suffix(".mp4")?).filter(|part| *part <= LAST_PART)
}

/// A number from 1, which has one spelling.
fn number(digits: &str) -> Option<u32> {
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    digits.parse().ok().filter(|_| plain)
}

/// Side and format of `{size}.{format}`, where artwork has such files.
pub fn artwork_file(name: &str) -> Option<(u32, PictureFormat)> {
    let (size, format) = name.split_once('.')?;
    let format = format.parse().ok().filter(|format| PictureFormat::ARTWORK.contains(format))?;
    Some((number(size)?, format))
}

/// Identifier and format of `{id}.{format}`, where clips have such files.
pub fn clip_file(name: &str) -> Option<(ClipId, PictureFormat)> {
    let (id, format) = name.split_once('.')?;
    let format = format.parse().ok().filter(|format| PictureFormat::CLIP.contains(format))?;
    Some((id.parse().ok()?, format))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [&str; 15] = [
        "changes.json",
        "revocations.json",
        "releases/kabir-dohe.json",
        "tracks/INNDA2600001/manifest.json",
        "tracks/INNDA2600001/0123456789abcdef0123456789abcdef/presentation.json",
        "tracks/INNDA2600001/0123456789abcdef0123456789abcdef/loudness.json",
        "tracks/INNDA2600001/0123456789abcdef0123456789abcdef/heaac2-32/media.m3u8",
        "tracks/INNDA2600001/0123456789abcdef0123456789abcdef/flac/1.mp4",
        "tracks/INNDA2600001/0123456789abcdef0123456789abcdef/aac-128/42.mp4",
        "tracks/INNDA2600001/lyrics/0123456789abcdef0123456789abcdef/lyrics.json",
        "tracks/INNDA2600001/lyrics/0123456789abcdef0123456789abcdef/hi-Latn.vtt",
        "tracks/INNDA2600001/artwork/0123456789abcdef0123456789abcdef/1280.avif",
        "tracks/INNDA2600001/artwork/0123456789abcdef0123456789abcdef/96.jpg",
        "tracks/INNDA2600001/clips/0123456789abcdef0123456789abcdef.mp4",
        "tracks/INNDA2600001/clips/0123456789abcdef0123456789abcdef.apng",
    ];

    #[test]
    fn keys_read_as_they_are_written() {
        for key in KEYS {
            assert_eq!(key.parse::<ObjectKey>().unwrap().to_string(), key);
        }
    }

    #[test]
    fn files_of_a_rendition_have_one_spelling() {
        for name in ["init.mp4", "media.m3u8", "00001.m4s", "65535.m4s"] {
            assert_eq!(name.parse::<RenditionFile>().unwrap().to_string(), name);
        }
        for bad in ["00000.m4s", "1.m4s", "+0001.m4s", "000001.m4s", "65536.m4s", "1.mp4", "init.m4s", ""] {
            assert!(bad.parse::<RenditionFile>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn nothing_else_is_a_key() {
        for bad in [
            "",
            "/changes.json",
            "tracks//manifest.json",
            "tracks/../manifest.json",
            "tracks/a/manifest.json/",
            "tracks/a/b/presentation.json",
            "tracks/a/0123456789abcdef0123456789abcdef/aac-128/00001.m4s",
            "tracks/a/0123456789abcdef0123456789abcdef/aac-128/init.mp4",
            "tracks/a/0123456789abcdef0123456789abcdef/aac-128/0.mp4",
            "tracks/a/0123456789abcdef0123456789abcdef/aac-128/01.mp4",
            "tracks/a/0123456789abcdef0123456789abcdef/aac-128/+1.mp4",
            "tracks/a/0123456789abcdef0123456789abcdef/aac-128/65536.mp4",
            "tracks/a/0123456789abcdef0123456789abcdef/aac-128/.mp4",
            "tracks/a/lyrics/0123456789abcdef0123456789abcdef/hi.html",
            "tracks/a/lyrics/0123456789abcdef0123456789abcdef/../../x.json",
            "tracks/a/artwork/0123456789abcdef0123456789abcdef/096.jpg",
            "tracks/a/artwork/0123456789abcdef0123456789abcdef/0.jpg",
            "tracks/a/artwork/0123456789abcdef0123456789abcdef/+96.jpg",
            "tracks/a/artwork/0123456789abcdef0123456789abcdef/.jpg",
            "tracks/a/artwork/0123456789abcdef0123456789abcdef/96.jpeg",
            "tracks/a/artwork/0123456789abcdef0123456789abcdef/96.mp4",
            "tracks/a/artwork/96.jpg",
            "tracks/a/clips/0123456789abcdef0123456789abcdef.avif",
            "tracks/a/clips/0123456789abcdef0123456789abcdef.MP4",
            "tracks/a/clips/0123456789abcdef0123456789abcde.mp4",
            "tracks/a/clips/0123456789abcdef0123456789abcdef",
            "releases/.json",
        ] {
            assert!(bad.parse::<ObjectKey>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn only_what_addresses_its_content_has_an_etag() {
        let keys: Vec<ObjectKey> = KEYS.iter().map(|k| k.parse().unwrap()).collect();
        let tags: std::collections::BTreeSet<String> = keys.iter().filter_map(ObjectKey::etag).collect();
        assert_eq!(tags.len(), keys.iter().filter(|k| k.is_immutable()).count());
    }

    #[test]
    fn a_device_keeps_media_no_longer_than_its_access() {
        assert_eq!(CachePolicy::Immutable.served(3600), "private, max-age=3600, immutable");
        assert_eq!(CachePolicy::Immutable.served(-5), "private, max-age=0, immutable");
        assert_eq!(CachePolicy::Immutable.served(i64::MAX), "private, max-age=86400, immutable");
    }
}
