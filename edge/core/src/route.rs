//! Routes: from the raw path to what it names. Nothing is decoded, so a path has one spelling or none.

use nada_catalog::{
    ClipId, LyricsDigest, LyricsFile, PictureFormat, PresentationKind, RenditionFile, TrackId, Version,
    key::{artwork_file, clip_file},
    rendition::RenditionName,
};

/// Longest path that is read, in bytes: the longest token with the longest route fits twice.
pub const MAX_PATH: usize = 8192;

/// What a path names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// `/healthz`
    Health,
    /// `/version`
    Version,
    /// `/t/{track}/…`
    Track(TrackId, TrackFile),
}

/// What a path names of one track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrackFile {
    /// `multivariant.m3u8` or `lossless.m3u8`
    Multivariant(PresentationKind),
    /// `{version}/{rendition}/{file}`
    Media(Version, RenditionName, RenditionFile),
    /// `{version}/{rendition}.mp4`, and without a version that of the current one: the whole track file.
    Whole(Option<Version>, RenditionName),
    /// `{version}/start/{rendition}.mp4`, and without a version that of the current one: header, index and first segment.
    Start(Option<Version>, RenditionName),
    /// `track.json`
    Info,
    /// `lyrics.json`: the current lyrics.
    Lyrics,
    /// `lyrics/{digest}/{file}`
    LyricsFile(LyricsDigest, LyricsFile),
    /// `artwork/{size}.{format}`: the current artwork, by its side in pixels.
    Artwork(u32, PictureFormat),
    /// `share.json`
    Share,
    /// `clips/{id}.{format}`
    Clip(ClipId, PictureFormat),
}

/// A path taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target<'a> {
    /// What it names.
    pub route: Route,
    /// The token that rode in it, unchecked.
    pub token: Option<&'a str>,
    /// The path without the token: what tokens are matched on and logs may hold.
    pub path: &'a str,
}

impl<'a> Target<'a> {
    /// Takes a raw path apart. `None` for whatever is not exactly one of the routes: percent signs,
    /// backslashes, empty or dot segments, parameters and everything beyond ASCII included.
    pub fn parse(raw: &'a str) -> Option<Self> {
        match raw {
            "/healthz" => return Some(Self { route: Route::Health, token: None, path: raw }),
            "/version" => return Some(Self { route: Route::Version, token: None, path: raw }),
            _ => {}
        }
        let (token, path) = token_and_path(raw)?;
        let (track, file) = path.strip_prefix("/t/")?.split_once('/')?;
        let route = Route::Track(track.parse().ok()?, TrackFile::parse(file)?);
        Some(Self { route, token, path })
    }
}

impl TrackFile {
    fn parse(path: &str) -> Option<Self> {
        let track_file = |file: &str| file.strip_suffix(".mp4")?.parse().ok();
        // one more than the longest route has, so that a longer path is seen to be longer
        let mut parts = path.splitn(4, '/');
        Some(match (parts.next()?, parts.next(), parts.next(), parts.next()) {
            ("multivariant.m3u8", None, None, None) => Self::Multivariant(PresentationKind::Aac),
            ("lossless.m3u8", None, None, None) => Self::Multivariant(PresentationKind::Lossless),
            ("track.json", None, None, None) => Self::Info,
            ("lyrics.json", None, None, None) => Self::Lyrics,
            ("share.json", None, None, None) => Self::Share,
            ("artwork", Some(file), None, None) => {
                let (size, format) = artwork_file(file)?;
                Self::Artwork(size, format)
            }
            ("clips", Some(file), None, None) => {
                let (clip, format) = clip_file(file)?;
                Self::Clip(clip, format)
            }
            ("lyrics", Some(digest), Some(file), None) => {
                Self::LyricsFile(digest.parse().ok()?, file.parse().ok()?)
            }
            ("start", Some(file), None, None) => Self::Start(None, track_file(file)?),
            (version, Some("start"), Some(file), None) => {
                Self::Start(Some(version.parse().ok()?), track_file(file)?)
            }
            (file, None, None, None) => Self::Whole(None, track_file(file)?),
            (version, Some(file), None, None) => Self::Whole(Some(version.parse().ok()?), track_file(file)?),
            (version, Some(rendition), Some(file), None) => {
                Self::Media(version.parse().ok()?, rendition.parse().ok()?, file.parse().ok()?)
            }
            _ => return None,
        })
    }
}

/// Takes the token off a raw path that has nothing but plain characters.
pub(crate) fn token_and_path(raw: &str) -> Option<(Option<&str>, &str)> {
    if raw.len() > MAX_PATH || !raw.bytes().all(is_plain) {
        return None;
    }
    match raw.strip_prefix("/~") {
        None => Some((None, raw)),
        Some(rest) => {
            let (token, path) = rest.split_at_checked(rest.find('/')?)?;
            Some((Some(token), path))
        }
    }
}

/// Letters, digits and `/ - . _ ~`, and `+ =` so that tokens in another alphabet are refused as tokens.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'.' | b'_' | b'~' | b'+' | b'=')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HASH: &str = "0123456789abcdef0123456789abcdef";

    /// The path a target was made of, spelled anew from its parts.
    fn spell(target: &Target<'_>) -> String {
        let token = target.token.map(|token| format!("/~{token}")).unwrap_or_default();
        let rest = match &target.route {
            Route::Health => "/healthz".to_owned(),
            Route::Version => "/version".to_owned(),
            Route::Track(track, file) => {
                let file = match file {
                    TrackFile::Multivariant(kind) => kind.file().to_owned(),
                    TrackFile::Media(version, rendition, file) => format!("{version}/{rendition}/{file}"),
                    TrackFile::Whole(None, rendition) => format!("{rendition}.mp4"),
                    TrackFile::Whole(Some(version), rendition) => format!("{version}/{rendition}.mp4"),
                    TrackFile::Start(None, rendition) => format!("start/{rendition}.mp4"),
                    TrackFile::Start(Some(version), rendition) => format!("{version}/start/{rendition}.mp4"),
                    TrackFile::Info => "track.json".to_owned(),
                    TrackFile::Lyrics => "lyrics.json".to_owned(),
                    TrackFile::LyricsFile(digest, file) => format!("lyrics/{digest}/{file}"),
                    TrackFile::Artwork(size, format) => format!("artwork/{size}.{format}"),
                    TrackFile::Share => "share.json".to_owned(),
                    TrackFile::Clip(clip, format) => format!("clips/{clip}.{format}"),
                };
                format!("/t/{track}/{file}")
            }
        };
        format!("{token}{rest}")
    }

    #[test]
    fn every_route() {
        for path in [
            "/healthz".to_owned(),
            "/version".to_owned(),
            "/t/a/multivariant.m3u8".to_owned(),
            "/t/a/lossless.m3u8".to_owned(),
            "/t/a/track.json".to_owned(),
            "/t/a/lyrics.json".to_owned(),
            format!("/t/lyrics/{HASH}/aac-128/init.mp4"),
            format!("/t/a/{HASH}/flac/media.m3u8"),
            format!("/t/INNDA2600001/{HASH}/heaac2-32/00042.m4s"),
            "/t/a/aac-128.mp4".to_owned(),
            "/t/start/flac.mp4".to_owned(),
            "/t/a/start/heaac2-32.mp4".to_owned(),
            "/t/start/start/flac.mp4".to_owned(),
            format!("/t/a/{HASH}/heaac-64.mp4"),
            format!("/t/a/{HASH}/start/aac-256.mp4"),
            format!("/t/a/lyrics/{HASH}/lyrics.json"),
            format!("/t/a/lyrics/{HASH}/hi-Latn.vtt"),
            "/t/a/artwork/96.avif".to_owned(),
            "/t/artwork/artwork/1280.jpg".to_owned(),
            "/t/a/share.json".to_owned(),
            format!("/t/a/clips/{HASH}.mp4"),
            format!("/t/clips/clips/{HASH}.apng"),
        ] {
            let target = Target::parse(&path).unwrap();
            assert_eq!((spell(&target), target.path, target.token), (path.clone(), path.as_str(), None));
            let signed = format!("/~2D3RhEOh_-x{path}");
            match Target::parse(&signed) {
                Some(target) => {
                    assert_eq!((target.path, target.token), (path.as_str(), Some("2D3RhEOh_-x")));
                }
                None => assert!(["/healthz", "/version"].contains(&path.as_str()), "{path}"),
            }
        }
    }

    #[test]
    fn threats_29_to_37_paths_with_another_reading() {
        let long = format!("/t/{}/track.json", "a".repeat(16_384));
        let deep = format!("/t/a{}", "/b".repeat(2_000));
        for path in [
            // 29, 30: traversal and encodings
            "/t/../t/a/track.json",
            "/t/a/../track.json",
            "/t/a/..%2ftrack.json",
            "/t/%61/track.json",
            "/t/a/%2e%2e/track.json",
            "/t/a/%252e%252e%252ftrack.json",
            "/t/a/..\\track.json",
            "/t/a%5ctrack.json",
            "/t/a/%c0%ae/track.json",
            "/t/a/track.json%00",
            "/t/a/track.json%0d%0aset-cookie:x",
            "/t/a/track.json\r\n",
            "/t/a/track.json\0",
            // 31: empty and dot segments, parameters, encoded delimiters
            "//t/a/track.json",
            "/t//a/track.json",
            "/t/a//track.json",
            "/t/a/./track.json",
            "/./t/a/track.json",
            "/t/a/track.json/",
            "/t/a/track.json;jsessionid=1",
            "/t/a;x/track.json",
            "/t/a/track.json%3fx",
            "/t/a/track.json%23x",
            "/t/a/track.json?x",
            "/t/a/track.json#x",
            // 32, 33: Unicode and case
            "/t/a/．．／track.json",
            "/t/कबीर/track.json",
            "/t/\u{202e}a/track.json",
            "/T/a/track.json",
            "/t/a/TRACK.JSON",
            "/Healthz",
            // 34: length
            long.as_str(),
            deep.as_str(),
            // 35, 36: other places
            "http://169.254.169.254/latest/meta-data",
            "s3://other-bucket/x",
            "/t/a/http://169.254.169.254/",
            "/.git/config",
            "/_staging/a",
            "/t/a/manifest.json",
            "/tracks/a/manifest.json",
            "/t/a/0123456789abcdef0123456789abcdef/presentation.json",
            "/changes.json",
            "/revocations.json",
            "/releases/a.json",
            "/t/a/0123456789abcdef0123456789abcdef/aac-128/00001.m4s.tmp",
            "/t/a/0123456789abcdef0123456789abcdef/aac-128/1.m4s",
            "/t/a/0123456789abcdef0123456789abcdef/aac-128/00000.m4s",
            "/t/a/0123456789abcdef0123456789abcdef/aac-128",
            // a part is no file of its own, and a track file has one name
            "/t/a/0123456789abcdef0123456789abcdef/aac-128/1.mp4",
            "/t/a/0123456789abcdef0123456789abcdef/aac-128/00001.mp4",
            "/t/a/0123456789abcdef0123456789abcdef/aac-128.mp4/",
            "/t/a/0123456789abcdef0123456789abcdef/aac-128.MP4",
            "/t/a/0123456789abcdef0123456789abcdef/aac-0128.mp4",
            "/t/a/0123456789abcdef0123456789abcdef/aac-128.mp4.mp4",
            "/t/a/0123456789abcdef0123456789abcdef/aac-128.m4a",
            "/t/a/0123456789ABCDEF0123456789abcdef/aac-128.mp4",
            "/t/a/0123456789abcdef0123456789abcdef/start/aac-128/00001.m4s",
            "/t/a/start/0123456789abcdef0123456789abcdef/aac-128.mp4",
            "/t/a/start/init.mp4",
            "/t/a/start/aac-128",
            "/t/a/start/",
            "/t/a/start",
            "/t/a/start/../aac-128.mp4",
            "/t/a/start/%61ac-128.mp4",
            "/t/a/start//aac-128.mp4",
            "/t/a/aac-128.mp4;x",
            "/t/a/aac-128.mp4/aac-128.mp4",
            "/t/a/lyrics/aac-128.mp4",
            "/t/a/init.mp4",
            "/t/a/1.mp4",
            "/t/a/.mp4",
            "/t/a/artwork/096.jpg",
            "/t/a/artwork/640.jpeg",
            "/t/a/artwork/640.png",
            "/t/a/artwork/640.jpg.jpg",
            "/t/a/artwork/0.jpg",
            "/t/a/artwork/+96.jpg",
            "/t/a/artwork/99999999999.jpg",
            "/t/a/artwork/640.jpg/",
            "/t/a/artwork/0123456789abcdef0123456789abcdef/640.jpg",
            "/t/a/artwork/../share.json",
            "/t/a/clips/0123456789abcdef0123456789abcdef.jpg",
            "/t/a/clips/0123456789ABCDEF0123456789abcdef.mp4",
            "/t/a/clips/0123456789abcdef0123456789abcdef",
            "/t/a/clips/0123456789abcdef0123456789abcdef.mp4/",
            "/t/a/clips/share.json",
            "/t/a/clips/",
            "/t/a/share.json/",
            // 37: deception
            "/v1/me/x.m3u8",
            "/api/sign/a.js",
            "/t/a/track.json/x.m3u8",
            "/t/a/track.json.css",
            // tokens in the wrong place
            "/~tok",
            "/~tok/",
            "/~tok/healthz",
            "/~one/~two/t/a/track.json",
            "/t/~tok/a/track.json",
            "~tok/t/a/track.json",
            "",
            "/",
            "*",
            "/t",
            "/t/",
            "/t/a",
            "/t/a/",
        ] {
            assert_eq!(Target::parse(path), None, "{path:?}");
        }
    }

    #[test]
    fn a_token_of_another_alphabet_is_still_a_token() {
        assert_eq!(Target::parse("/~a+b==/t/a/track.json").unwrap().token, Some("a+b=="));
        assert_eq!(Target::parse("/~/t/a/track.json").unwrap().token, Some(""));
    }

    proptest! {
        #[test]
        fn a_path_has_one_spelling(path in "(/~[A-Za-z0-9_=-]{0,8})?/t/[a-z._-]{0,4}/(lyrics/)?[0-9a-f/.]{0,40}(track|share|lyrics|start/flac|aac-64|artwork/96|clips/0123456789abcdef0123456789abcdef)?[.]?(json|m3u8|mp4|jpg)?|\\PC{0,60}") {
            if let Some(target) = Target::parse(&path) {
                prop_assert_eq!(spell(&target), path);
            }
        }
    }
}
