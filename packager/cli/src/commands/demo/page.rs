//! The player page: files compiled in, and the list of songs it shows.

use include_dir::{Dir, include_dir};
use nada_catalog::TrackId;
use nada_edge_server::PageBody;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// Its script is built of `demo/page` and `edge/player`.
static PLAYER: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/demo/player");

/// Nothing from elsewhere; media through blobs, which is how Media Source Extensions attach. The script in `index.html` is
/// named by its hash.
fn content_security_policy() -> String {
    let digest = Sha256::digest(inline_script().unwrap_or_default());
    let hash = base64_simd::STANDARD.encode_to_string(digest);
    format!(
        "default-src 'none'; script-src 'self' 'sha256-{hash}'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self'; font-src 'self'; media-src 'self' blob:; worker-src 'self' blob:; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'"
    )
}

/// What stands between the tags, to the byte.
fn inline_script() -> Option<&'static str> {
    let (_, rest) = PLAYER.get_file("index.html")?.contents_utf8()?.split_once("<script>")?;
    Some(rest.split_once("</script>")?.0)
}

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
    /// Whether a player has to ask for a licence.
    pub protected: bool,
    /// Seconds that its token lives.
    pub expires_in: i64,
}

/// The file under `/player/`, with its media type.
pub fn file(path: &str) -> Option<(&'static str, PageBody)> {
    let name = match path {
        "" => "index.html",
        name => name,
    };
    let media_type = match name.rsplit_once('.')?.1 {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "woff2" => return Some(("font/woff2", PageBody::File(PLAYER.get_file(name)?.contents()))),
        "txt" => "text/plain; charset=utf-8",
        _ => return None,
    };
    Some((media_type, PLAYER.get_file(name)?.contents_utf8()?.into()))
}

/// The header fields of a page's file.
pub fn headers() -> Vec<(&'static str, String)> {
    let field = |name, value: &str| (name, value.to_owned());
    vec![
        ("content-security-policy", content_security_policy()),
        field("cache-control", "no-cache"),
        field("referrer-policy", "no-referrer"),
        field("x-content-type-options", "nosniff"),
    ]
}

#[cfg(test)]
mod tests {
    use super::{file, headers, inline_script};

    #[test]
    fn the_policy_names_the_script_in_the_page() {
        assert!(inline_script().is_some_and(|script| script.contains("fetch(")));
        let (_, policy) = &headers()[0];
        assert!(policy.contains("script-src 'self' 'sha256-"), "{policy}");
    }

    #[test]
    fn the_page_comes_with_its_player_and_nothing_else() {
        for (name, media_type) in [
            ("", "text/html"),
            ("page.js", "text/javascript"),
            ("native.js", "text/javascript"),
            ("protection.js", "text/javascript"),
            ("player.css", "text/css"),
            ("fonts/devanagari.woff2", "font/woff2"),
            ("fonts/OFL.txt", "text/plain"),
        ] {
            assert!(file(name).is_some_and(|(found, _)| found.starts_with(media_type)), "{name}");
        }
        for name in ["README.md", "../page/player.js", "player.js"] {
            assert!(file(name).is_none(), "{name}");
        }
    }
}
