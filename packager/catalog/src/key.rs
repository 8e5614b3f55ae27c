//! Object keys: the one type that decides an object's path, content type and cache policies.

use std::{fmt, str::FromStr};

use crate::{
    id::{IdError, LayerTag, LyricsDigest, ReleaseId, TrackId, Version},
    rendition::RenditionName,
};

/// A file of one rendition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RenditionFile {
    /// `init.mp4`: the media initialization section (RFC 8216 §3.3).
    Init,
    /// `00001.m4s` …: one media segment, counted from 1 to 99,999.
    Segment(u32),
    /// `media.m3u8`: the media playlist.
    Playlist,
}

/// The highest segment number that five digits hold.
pub const LAST_SEGMENT: u32 = 99_999;

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
                .ok_or_else(|| IdError::new("file", text, "media.m3u8, init.mp4 or 00001.m4s to 99999.m4s")),
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
/// use nada_catalog::{ObjectKey, RenditionFile};
///
/// let key: ObjectKey = "tracks/INNDA2600001/0123456789abcdef0123456789abcdef/aac-128/00001.m4s".parse()?;
/// assert!(matches!(key, ObjectKey::Rendition(.., RenditionFile::Segment(1))));
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
    /// `tracks/{track}/{version}/{rendition}/…`: immutable.
    Rendition(TrackId, Version, RenditionName, RenditionFile),
    /// `tracks/{track}/lyrics/{digest}/…`: immutable.
    Lyrics(TrackId, LyricsDigest, LyricsFile),
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
            Self::Rendition(track, version, rendition, file) => {
                write!(f, "tracks/{track}/{version}/{rendition}/{file}")
            }
            Self::Lyrics(track, digest, file) => write!(f, "tracks/{track}/lyrics/{digest}/{file}"),
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
            ["tracks", track, version, rendition, file] => {
                Self::Rendition(track.parse()?, version.parse()?, rendition.parse()?, file.parse()?)
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
            Self::Rendition(.., RenditionFile::Playlist) => PLAYLIST,
            Self::Rendition(.., RenditionFile::Init | RenditionFile::Segment(_)) => "audio/mp4",
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
        use sha2::Digest as _;
        self.is_immutable().then(|| {
            let sum = sha2::Sha256::digest(self.to_string());
            format!("\"{}\"", sum.iter().take(12).map(|byte| format!("{byte:02x}")).collect::<String>())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [&str; 11] = [
        "changes.json",
        "revocations.json",
        "releases/kabir-dohe.json",
        "tracks/INNDA2600001/manifest.json",
        "tracks/INNDA2600001/0123456789abcdef0123456789abcdef/presentation.json",
        "tracks/INNDA2600001/0123456789abcdef0123456789abcdef/loudness.json",
        "tracks/INNDA2600001/0123456789abcdef0123456789abcdef/heaac2-32/media.m3u8",
        "tracks/INNDA2600001/0123456789abcdef0123456789abcdef/flac/init.mp4",
        "tracks/INNDA2600001/0123456789abcdef0123456789abcdef/aac-128/00042.m4s",
        "tracks/INNDA2600001/lyrics/0123456789abcdef0123456789abcdef/lyrics.json",
        "tracks/INNDA2600001/lyrics/0123456789abcdef0123456789abcdef/hi-Latn.vtt",
    ];

    #[test]
    fn keys_read_as_they_are_written() {
        for key in KEYS {
            assert_eq!(key.parse::<ObjectKey>().unwrap().to_string(), key);
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
            "tracks/a/0123456789abcdef0123456789abcdef/aac-128/00000.m4s",
            "tracks/a/0123456789abcdef0123456789abcdef/aac-128/1.m4s",
            "tracks/a/0123456789abcdef0123456789abcdef/aac-128/+0001.m4s",
            "tracks/a/lyrics/0123456789abcdef0123456789abcdef/hi.html",
            "tracks/a/lyrics/0123456789abcdef0123456789abcdef/../../x.json",
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
