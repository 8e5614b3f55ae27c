//! The multivariant playlist, rendered at the edge since a lyrics fix or a token's ceiling changes it.

use std::fmt::Write as _;

use crate::{
    key::{LyricsFile, LyricsForm},
    lyrics::{LayerKind, LyricsIndex, SyncUnit},
    presentation::Presentation,
    rendition::Codec,
};

/// Which of a track's two multivariant playlists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PresentationKind {
    /// `multivariant.m3u8`: the AAC renditions.
    Aac,
    /// `lossless.m3u8`: FLAC alone, since beside AAC it breaks native HLS players.
    Lossless,
}

impl PresentationKind {
    /// The file name.
    pub fn file(self) -> &'static str {
        match self {
            Self::Aac => "multivariant.m3u8",
            Self::Lossless => "lossless.m3u8",
        }
    }
}

/// The group that the lyrics renditions belong to.
const GROUP: &str = "lyrics";

/// Renders the multivariant playlist (RFC 8216 §4.3.4) of `kind`, lowest rendition first.
///
/// `ceiling` is the highest nominal bit rate in bit/s that may be listed. URIs of renditions begin with
/// `base` (`{version}/` at the edge, empty for local files), those of lyrics with `lyrics/`.
/// `None` where no rendition is left to list.
pub fn multivariant(
    presentation: &Presentation,
    lyrics: Option<&LyricsIndex>,
    ceiling: Option<u64>,
    kind: PresentationKind,
    base: &str,
) -> Option<String> {
    let lossless = kind == PresentationKind::Lossless;
    let listed: Vec<_> = (presentation.renditions.iter())
        .filter(|r| (r.name.codec() == Codec::Flac) == lossless)
        .filter(|r| ceiling.is_none_or(|most| r.name.nominal_bits_per_second() <= most))
        .collect();
    if listed.is_empty() {
        return None;
    }
    let mut text = "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n".to_owned();
    if let Some(keys) = listed.first().and_then(|first| first.session_keys.as_deref()) {
        text.push_str(keys);
    }
    let mut subtitles = "";
    if let Some(index) = lyrics {
        text.push_str("#EXT-X-SESSION-DATA:DATA-ID=\"com.nada.lyrics\",URI=\"lyrics.json\"\n");
        for layer in index.layers.iter().filter(|layer| layer.sync != SyncUnit::None) {
            let file = LyricsFile::Layer(layer.lang.clone(), LyricsForm::Playlist);
            let default = if layer.kind == LayerKind::Main { "YES" } else { "NO" };
            subtitles = ",SUBTITLES=\"lyrics\"";
            let _ = writeln!(
                text,
                "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"{GROUP}\",NAME=\"{}\",LANGUAGE=\"{}\",DEFAULT={default},\
                 AUTOSELECT={default},FORCED=NO,CHARACTERISTICS=\"{}\",URI=\"lyrics/{}/{file}\"",
                quotable(&layer.name),
                layer.lang,
                characteristics(layer.kind),
                index.digest,
            );
        }
    }
    for rendition in listed {
        let _ = writeln!(text, "#EXT-X-STREAM-INF:{}{subtitles}", rendition.stream_inf);
        let _ = writeln!(text, "{base}{}/media.m3u8", rendition.name);
    }
    Some(text)
}

/// What a layer is, in uniform type identifiers (RFC 8216 §4.3.4.1). Apple's for a transcript is what the main layer is,
/// word for word; for the others there is none but our own.
fn characteristics(kind: LayerKind) -> &'static str {
    match kind {
        LayerKind::Main => "public.accessibility.transcribes-spoken-dialog",
        LayerKind::Translation => "com.nada.lyrics.translation",
        LayerKind::Pronunciation => "com.nada.lyrics.pronunciation",
    }
}

/// What may stand in a quoted string: no line feed, carriage return or double quote (RFC 8216 §4.2).
fn quotable(text: &str) -> String {
    text.chars().map(|c| if c == '"' { '\'' } else { c }).filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LyricsLayer, Rendition, Timeline};

    fn presentation(names: &[&str]) -> Presentation {
        let rendition = |name: &&str| {
            let name: crate::RenditionName = name.parse().unwrap();
            Rendition {
                name,
                rate: 44_100,
                samples: 44_100,
                channels: 2,
                file: crate::track_file::tests::layout(1000, &[10]),
                bandwidth: 1000,
                average_bandwidth: 900,
                stream_inf: format!(
                    "BANDWIDTH=1000,AVERAGE-BANDWIDTH=900,CODECS=\"{}\"",
                    name.codec().codecs()
                ),
                session_keys: None,
            }
        };
        Presentation {
            format: crate::FORMAT,
            track: "a".parse().unwrap(),
            version: crate::Version::from_input(&[b"x"]),
            timeline: Timeline { rate: 44_100, priming: 2048, samples: 44_100 },
            segment_samples: [131_072, 262_144],
            loudness: None,
            renditions: names.iter().map(rendition).collect(),
        }
    }

    #[test]
    fn a_ceiling_lists_only_what_is_allowed() {
        let all = presentation(&["heaac2-32", "heaac-64", "aac-128", "flac"]);
        let text = |ceiling| multivariant(&all, None, ceiling, PresentationKind::Aac, "v/");
        assert_eq!(text(None).unwrap().matches("/media.m3u8").count(), 3);
        assert_eq!(text(Some(64_000)).unwrap().matches("/media.m3u8").count(), 2);
        assert_eq!(text(Some(31_999)), None);
        assert_eq!(multivariant(&all, None, Some(128_000), PresentationKind::Lossless, ""), None);
        assert!(
            multivariant(&all, None, None, PresentationKind::Lossless, "")
                .unwrap()
                .ends_with("\nflac/media.m3u8\n")
        );
    }

    #[test]
    fn each_playlist_names_the_keys_of_its_own_renditions() {
        let line = |name: &str| format!("#EXT-X-SESSION-KEY:METHOD=SAMPLE-AES,URI=\"skd://{name}\"\n");
        let mut all = presentation(&["aac-64", "aac-128", "flac"]);
        all.renditions[0].session_keys = Some(line("lossy"));
        all.renditions[2].session_keys = Some(line("lossless"));
        let text = |kind| multivariant(&all, None, None, kind, "").unwrap();
        for (kind, own, other) in
            [(PresentationKind::Aac, "lossy", "lossless"), (PresentationKind::Lossless, "lossless", "lossy")]
        {
            let text = text(kind);
            assert!(text.contains(&line(own)) && !text.contains(&line(other)), "{text}");
        }
        let json = serde_json::to_string(&presentation(&["flac"])).unwrap();
        assert!(!json.contains("session_keys"), "{json}");
    }

    #[test]
    fn a_layer_name_cannot_break_out_of_its_quotes() {
        let layer = LyricsLayer {
            lang: "hi".parse().unwrap(),
            kind: LayerKind::Main,
            name: "a\"\n#EXT-X-EVIL:,b".into(),
            sync: SyncUnit::Word,
        };
        let index = LyricsIndex { digest: crate::LyricsDigest::from_input(&[b"l"]), layers: vec![layer] };
        let text =
            multivariant(&presentation(&["aac-128"]), Some(&index), None, PresentationKind::Aac, "").unwrap();
        assert!(text.contains("NAME=\"a'#EXT-X-EVIL:,b\""), "{text}");
        assert!(text.contains(",SUBTITLES=\"lyrics\"\naac-128/media.m3u8\n"), "{text}");
        assert_eq!(text.lines().filter(|l| l.starts_with("#EXT-X-EVIL")).count(), 0);
    }
}
