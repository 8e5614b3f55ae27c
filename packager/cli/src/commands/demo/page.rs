//! The player page: files compiled in, and the list of songs it shows.

use include_dir::{Dir, include_dir};
use nada_catalog::TrackId;
use serde::Serialize;

/// Its script is built of `demo/page` and `edge/player`.
static PLAYER: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/demo/player");

/// Nothing from elsewhere; media through blobs, which is how Media Source Extensions attach.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; media-src 'self' blob:; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

/// One entry of `tracks.json`.
#[derive(Debug, Clone, Serialize)]
pub struct ListedTrack {
    /// The track.
    pub track: TrackId,
    /// The track's title.
    pub title: String,
    /// Its artists.
    pub artists: Vec<String>,
    /// The release's title.
    pub album: String,
    /// Seconds.
    pub duration_seconds: f64,
    /// The signed path of the multivariant playlist.
    pub url: String,
    /// Seconds that its token lives.
    pub expires_in: i64,
}

/// The file under `/player/`, with its media type.
pub fn file(path: &str) -> Option<(&'static str, &'static [u8])> {
    let name = match path {
        "" => "index.html",
        name => name,
    };
    let media_type = match name.rsplit_once('.')?.1 {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        _ => return None,
    };
    Some((media_type, PLAYER.get_file(name)?.contents()))
}

/// The header fields of a page's file.
pub fn headers(media_type: &str) -> Vec<(&'static str, String)> {
    let field = |name, value: &str| (name, value.to_owned());
    vec![
        field("content-type", media_type),
        field("content-security-policy", CONTENT_SECURITY_POLICY),
        field("cache-control", "no-cache"),
        field("referrer-policy", "no-referrer"),
        field("x-content-type-options", "nosniff"),
    ]
}

#[cfg(test)]
mod tests {
    use super::file;

    #[test]
    fn the_page_comes_with_its_player_and_nothing_else() {
        for (name, media_type) in
            [("", "text/html"), ("page.js", "text/javascript"), ("player.css", "text/css")]
        {
            assert!(file(name).is_some_and(|(found, _)| found.starts_with(media_type)), "{name}");
        }
        for name in ["README.md", "../page/player.js", "player.js"] {
            assert!(file(name).is_none(), "{name}");
        }
    }
}
