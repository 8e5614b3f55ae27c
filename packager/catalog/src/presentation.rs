//! A presentation: the renditions of one version of a track and what a player must know of them.

use serde::{Deserialize, Serialize};

use crate::{
    id::{TrackId, Version},
    rendition::RenditionName,
    track_file::TrackFileLayout,
};

/// The timeline all renditions of a presentation share: source sample 0 sits at media sample `priming`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Timeline {
    /// R: the AAC sampling rate in hertz, 44,100 or 48,000.
    pub rate: u32,
    /// M: samples at `rate` before the source's first one.
    pub priming: u32,
    /// n: samples of the source at `rate`. The media lasts `priming + samples`.
    pub samples: u64,
}

impl Timeline {
    /// The length of the media, priming included, in milliseconds, rounded.
    pub fn duration_ms(&self) -> u64 {
        let (total, rate) = (u64::from(self.priming) + self.samples, u64::from(self.rate.max(1)));
        (total * 1000 + rate / 2) / rate
    }
}

/// Loudness by EBU R 128 and ITU-R BS.1770. Absent for silence, which has none.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Loudness {
    /// Integrated loudness in LUFS.
    pub integrated: f64,
    /// True peak in dBTP.
    pub true_peak: f64,
    /// Loudness range in LU (EBU Tech 3342).
    pub range: f64,
}

/// One rendition of a presentation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Rendition {
    /// Its name and folder.
    pub name: RenditionName,
    /// The sampling rate of its output in hertz.
    pub rate: u32,
    /// Samples of the source at `rate` (differs from the timeline's for FLAC above 48 kHz only).
    pub samples: u64,
    /// Output channels.
    pub channels: u8,
    /// Where the bytes of its track file lie.
    pub file: TrackFileLayout,
    /// BANDWIDTH: the peak segment bit rate in bit/s (RFC 8216 §4.3.4.2).
    pub bandwidth: u64,
    /// AVERAGE-BANDWIDTH in bit/s.
    pub average_bandwidth: u64,
    /// The ready attribute list of its EXT-X-STREAM-INF, all that depends on audio alone.
    pub stream_inf: String,
    /// What the multivariant playlist says of keys, as ready lines: a comment with what licences are decided by, such as
    /// `# cbcs,lead=2,keys=1,lossy=…,lossless=…` (scheme, segments in the clear, key version, key ids), then EXT-X-SESSION-KEY
    /// (RFC 8216 §4.3.4.5) for each key system. Only the first rendition under each key has it, and none in the clear. No key is in
    /// it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_keys: Option<String>,
}

/// `presentation.json`: one version of a track, as packaged. Immutable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Presentation {
    /// [`crate::FORMAT`].
    pub format: u32,
    /// The track.
    pub track: TrackId,
    /// The version, which addresses the input.
    pub version: Version,
    /// The shared timeline.
    pub timeline: Timeline,
    /// Samples at the timeline's rate in the first media segment, and in each of the others. The last one holds what is left.
    pub segment_samples: [u32; 2],
    /// The track's loudness; absent for silence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loudness: Option<Loudness>,
    /// The renditions, lowest nominal bit rate first.
    pub renditions: Vec<Rendition>,
}

impl Presentation {
    /// The rendition of that name.
    pub fn rendition(&self, name: RenditionName) -> Option<&Rendition> {
        self.renditions.iter().find(|r| r.name == name)
    }

    /// The lengths of the media segments in samples at the timeline's rate, the same in every rendition.
    pub fn segment_lengths(&self) -> impl Iterator<Item = u64> {
        let count = self.renditions.first().map_or(0, |rendition| rendition.file.segments.count());
        let total = u64::from(self.timeline.priming) + self.timeline.samples;
        let [first, others] = self.segment_samples.map(u64::from);
        (0..count).scan(total, move |left, index| {
            let scheduled = if index == 0 { first } else { others };
            let length = if index + 1 == count { *left } else { scheduled.min(*left) };
            *left -= length;
            Some(length)
        })
    }
}
