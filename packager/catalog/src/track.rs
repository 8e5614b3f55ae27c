//! `track.json`: what a player wants to know of a track, rendered from its manifest.

use serde::{Deserialize, Serialize};

use crate::{
    id::{TrackId, Version},
    lyrics::LyricsIndex,
    manifest::Manifest,
    multivariant::PresentationKind,
    picture::Artwork,
    presentation::{Loudness, Timeline},
    rendition::{Codec, RenditionName},
};

/// One rendition, as a player may want to choose or trim it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TrackRendition {
    /// Its name.
    pub name: RenditionName,
    /// The `CODECS` value.
    pub codecs: String,
    /// Hertz.
    pub rate: u32,
    /// Samples before the source's first one, at `rate`.
    pub priming: u64,
    /// Samples of the source, at `rate`.
    pub samples: u64,
    /// BANDWIDTH: the peak segment bit rate in bit/s (RFC 8216 §4.3.4.2).
    pub bandwidth: u64,
    /// AVERAGE-BANDWIDTH in bit/s.
    pub average_bandwidth: u64,
    /// Bytes of the track file's header, which is `init.mp4`.
    pub header_bytes: u32,
    /// Bytes of the segment index after it. The first segment follows.
    pub index_bytes: u32,
    /// Bytes of each media segment.
    pub segment_bytes: Vec<u32>,
}

/// `/t/{track}/track.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TrackInfo {
    /// The track.
    pub id: TrackId,
    /// Its title.
    pub title: String,
    /// Its artists, in the order they are billed.
    pub artists: Vec<String>,
    /// The release's title.
    pub album: String,
    /// The label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The length of the media in milliseconds, priming included.
    pub duration_ms: u64,
    /// The numbers to trim by for gapless playback.
    pub timeline: Timeline,
    /// Samples of each media segment at the timeline's rate, the same in every rendition.
    pub segment_samples: Vec<u64>,
    /// The track's loudness; absent for silence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loudness: Option<Loudness>,
    /// The release's loudness.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub album_loudness: Option<Loudness>,
    /// The renditions, lowest first.
    pub renditions: Vec<TrackRendition>,
    /// The multivariant playlists there are, relative to this file.
    pub playlists: Vec<String>,
    /// The lyrics, `null` where there are none.
    pub lyrics: Option<LyricsIndex>,
    /// The artwork, each file at `artwork/{size}.{format}` beside this one. Absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artwork: Option<Artwork>,
    /// The versions that are served, the current one first.
    pub versions: Vec<Version>,
}

impl From<&Manifest> for TrackInfo {
    fn from(manifest: &Manifest) -> Self {
        let presentation = &manifest.presentation;
        let timeline = presentation.timeline;
        let has =
            |lossless| presentation.renditions.iter().any(|r| (r.name.codec() == Codec::Flac) == lossless);
        let kinds = [(PresentationKind::Aac, has(false)), (PresentationKind::Lossless, has(true))];
        let renditions = presentation.renditions.iter().map(|r| TrackRendition {
            name: r.name,
            codecs: r.name.codec().codecs().to_owned(),
            rate: r.rate,
            priming: u64::from(timeline.priming) * u64::from(r.rate) / u64::from(timeline.rate.max(1)),
            samples: r.samples,
            bandwidth: r.bandwidth,
            average_bandwidth: r.average_bandwidth,
            header_bytes: r.file.header,
            index_bytes: r.file.index,
            segment_bytes: r.file.segments.iter().collect(),
        });
        Self {
            id: manifest.track.clone(),
            title: manifest.title.clone(),
            artists: manifest.artists.clone(),
            album: manifest.album.clone(),
            label: manifest.label.clone(),
            duration_ms: timeline.duration_ms(),
            timeline,
            segment_samples: presentation.segment_lengths().collect(),
            loudness: presentation.loudness,
            album_loudness: manifest.album_loudness,
            renditions: renditions.collect(),
            playlists: kinds.iter().filter(|(_, is)| *is).map(|(kind, _)| kind.file().to_owned()).collect(),
            lyrics: manifest.lyrics.clone(),
            artwork: manifest.artwork.clone(),
            versions: manifest.versions.iter().map(|kept| kept.version.clone()).collect(),
        }
    }
}
