//! What a playlist names, for a client that fetches it all.

use super::{
    finding::Findings,
    playlist::{self, PlaylistContent, Variables},
};

/// What a playlist names: URIs as they are written, relative to the playlist.
#[derive(Debug, Clone, PartialEq)]
pub enum References {
    /// A multivariant playlist.
    Multivariant {
        /// The media playlists of all variants, in their order.
        variants: Vec<String>,
        /// The media playlists of all renditions that have one of their own: subtitles, other audio.
        renditions: Vec<String>,
    },
    /// A media playlist.
    Media {
        /// The initialization sections.
        maps: Vec<String>,
        /// The segments, in their order.
        segments: Vec<String>,
        /// The sum of all EXTINF in seconds.
        duration: f64,
    },
}

/// Reads what a playlist names; `None` where nothing in it says which kind of playlist it is. It reads on over whatever
/// is wrong: [`run`](crate::run) is what judges.
///
/// ```
/// use nada_check::{References, references};
///
/// let playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n1.m4s\n#EXTINF:2.5,\n2.m4s\n#EXT-X-ENDLIST\n";
/// let Some(References::Media { segments, duration, .. }) = references("media.m3u8", playlist.as_bytes()) else {
///     panic!("not a media playlist");
/// };
/// assert_eq!((segments, duration), (vec!["1.m4s".to_owned(), "2.m4s".to_owned()], 6.5));
/// assert_eq!(references("index.html", b"<html>"), None);
/// ```
pub fn references(name: &str, bytes: &[u8]) -> Option<References> {
    let read = playlist::read(name, bytes, &Variables::new(), &mut Findings::default());
    match read.kind {
        PlaylistContent::Multivariant(playlist) => {
            let uri_of =
                |attributes: &super::attributes::Attributes| attributes.get("URI").map(str::to_owned);
            Some(References::Multivariant {
                renditions: playlist.renditions.iter().filter_map(|r| uri_of(&r.attributes)).collect(),
                variants: playlist.variants.into_iter().filter_map(|variant| variant.uri).collect(),
            })
        }
        PlaylistContent::Media(playlist) => Some(References::Media {
            duration: playlist.duration(),
            maps: playlist.maps.into_iter().map(|map| map.uri).collect(),
            segments: playlist.segments.into_iter().map(|segment| segment.uri).collect(),
        }),
        PlaylistContent::Unclear => None,
    }
}
