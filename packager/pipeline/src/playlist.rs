//! Media playlists and the attribute lists of EXT-X-STREAM-INF, made with `hls_m3u8`.

use std::{ops::Range, time::Duration};

use hls_m3u8::{
    MediaSegment,
    tags::{ExtInf, ExtXMap},
    types::{Codecs, PlaylistType, StreamData},
};
use nada_catalog::{RenditionFile, RenditionName};
use nada_protection::NO_KEY;

use crate::error::PackageError;

/// A media segment as a playlist sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Its length in samples.
    pub length: u64,
    /// Its size in bytes.
    pub bytes: u32,
}

/// The media playlist of one rendition (RFC 8216 §4.3.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaPlaylist {
    /// Its segments in order.
    pub(crate) entries: Vec<Entry>,
    /// Samples in a second.
    pub(crate) rate: u32,
    /// The target duration in seconds.
    pub(crate) target: u64,
    /// Bytes of the header that its track file begins with, and of the index behind that.
    pub(crate) start: [u32; 2],
    /// What it says of keys, where the rendition is protected.
    pub(crate) keys: Option<Keys>,
}

/// What a playlist says of keys (RFC 8216 §4.3.2.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    /// How many segments are in the clear first.
    pub lead: u32,
    /// The lines of EXT-X-KEY, one for each key system, without their ends.
    pub tags: Vec<String>,
}

impl Keys {
    /// What stands before the segment of this number, counted from 0: no key before the lead, the key before what follows it.
    ///
    /// A discontinuity parts the two. The media's clock runs on over it, and the header stays; but without it hls.js 1.7.4 asks for
    /// no licence, and stalls where the lead ends.
    fn before(&self, segment: u32) -> String {
        match segment {
            segment if segment == self.lead => {
                let parted = (segment > 0).then_some("#EXT-X-DISCONTINUITY");
                let lines = parted.into_iter().chain(self.tags.iter().map(String::as_str));
                lines.flat_map(|line| [line, "\n"]).collect()
            }
            0 => format!("{NO_KEY}\n"),
            _ => String::new(),
        }
    }
}

impl MediaPlaylist {
    /// Its text where header and segments are files of their own beside it, as they are to players.
    ///
    /// # Errors
    /// Where `hls_m3u8` refuses: no segments, or one above the target duration.
    pub fn of_files(&self) -> Result<String, PackageError> {
        let map = ExtXMap::new(RenditionFile::Init.to_string());
        self.text(map, |number, _| (RenditionFile::Segment(number).to_string(), None))
    }

    /// Its text where they are byte ranges of the track file at `uri`.
    ///
    /// # Errors
    /// As [`Self::of_files`].
    pub fn of_ranges(&self, uri: &str) -> Result<String, PackageError> {
        let [header, index] = self.start;
        let mut end = u64::from(header) + u64::from(index);
        self.text(ExtXMap::with_range(uri, 0..header), |_, entry| {
            let start = end;
            end += u64::from(entry.bytes);
            (uri.to_owned(), Some(start..end))
        })
    }

    /// The text, where each segment has the URI and the byte range that `place` gives it.
    ///
    /// Durations are rounded to microseconds on the running sum, so that they add up to the whole whatever the
    /// number of segments.
    fn text(
        &self,
        map: ExtXMap<'_>,
        mut place: impl FnMut(u32, &Entry) -> (String, Option<Range<u64>>),
    ) -> Result<String, PackageError> {
        let mut map = Some(map);
        let mut segments = Vec::with_capacity(self.entries.len());
        let mut end = 0;
        for (number, entry) in (1..).zip(&self.entries) {
            let start = micros(end, self.rate);
            end += entry.length;
            let mut segment = MediaSegment::builder();
            let (uri, range) = place(number, entry);
            segment.duration(ExtInf::new(Duration::from_micros(micros(end, self.rate) - start))).uri(uri);
            if let Some(range) = range {
                segment.byte_range(range);
            }
            if let Some(map) = map.take() {
                segment.map(map);
            }
            segments.push(segment.build().map_err(PackageError::playlist)?);
        }
        let playlist = hls_m3u8::MediaPlaylist::builder()
            .target_duration(Duration::from_secs(self.target))
            .playlist_type(PlaylistType::Vod)
            .has_independent_segments(true)
            .has_end_list(true)
            .segments(segments)
            .build()
            .map_err(PackageError::playlist)?;
        Ok(self.with_keys(&playlist.to_string()))
    }

    /// The lines of the playlist, and before those of a segment what is to be said of keys there.
    fn with_keys(&self, text: &str) -> String {
        let (mut tidied, mut segment, mut began) = (String::with_capacity(text.len()), 0, false);
        for line in text.lines() {
            if !began && of_segment(line) {
                began = true;
                tidied.extend(self.keys.as_ref().map(|keys| keys.before(segment)));
            }
            if !line.starts_with('#') {
                (segment, began) = (segment + 1, false);
            }
            tidied.push_str(&tidy(line));
        }
        tidied
    }
}

/// Whether a line is of one of the tags that come before a segment's URI.
fn of_segment(line: &str) -> bool {
    ["#EXT-X-MAP:", "#EXT-X-BYTERANGE:", "#EXTINF:"].iter().any(|tag| line.starts_with(tag))
}

/// The line, its end, and the microseconds in EXTINF instead of the binary digits behind them: `hls_m3u8`
/// prints 2.972154 as 2.9721539999999997.
fn tidy(line: &str) -> String {
    let duration = line.strip_prefix("#EXTINF:").and_then(|rest| rest.strip_suffix(',')?.parse::<f64>().ok());
    duration.map_or_else(|| format!("{line}\n"), |seconds| format!("#EXTINF:{seconds:.6},\n"))
}

fn micros(samples: u64, rate: u32) -> u64 {
    let (samples, rate) = (u128::from(samples), u128::from(rate.max(1)));
    u64::try_from((samples * 1_000_000 + rate / 2) / rate).unwrap_or(u64::MAX)
}

/// BANDWIDTH in bit/s: the largest bit rate of any contiguous set of segments that lasts 0.5 to 1.5 times the
/// target duration (RFC 8216 §4.1), or the average where none does.
pub fn peak(entries: &[Entry], rate: u32, target_duration: u64) -> u64 {
    let target = target_duration * u64::from(rate);
    let mut peak = 0;
    for first in 0..entries.len() {
        let (mut length, mut bytes) = (0, 0);
        for entry in entries.iter().skip(first) {
            length += entry.length;
            bytes += u64::from(entry.bytes);
            if 2 * length > 3 * target {
                break;
            }
            if 2 * length >= target {
                peak = peak.max(bit_rate(bytes, length, rate));
            }
        }
    }
    if peak == 0 { average(entries, rate) } else { peak }
}

/// AVERAGE-BANDWIDTH in bit/s, over all segments.
pub fn average(entries: &[Entry], rate: u32) -> u64 {
    let (length, bytes) =
        entries.iter().fold((0, 0), |(length, bytes), e| (length + e.length, bytes + u64::from(e.bytes)));
    bit_rate(bytes, length, rate)
}

/// Rounded up: a stated bandwidth is a bound.
fn bit_rate(bytes: u64, samples: u64, rate: u32) -> u64 {
    let bits = u128::from(bytes) * 8 * u128::from(rate);
    u64::try_from(bits.div_ceil(u128::from(samples.max(1)))).unwrap_or(u64::MAX)
}

/// The attribute list of EXT-X-STREAM-INF (RFC 8216 §4.3.4.2), all that depends on audio alone.
pub fn stream_inf(name: RenditionName, bandwidth: u64, average_bandwidth: u64) -> String {
    let mut codecs = Codecs::new();
    codecs.push(name.codec().codecs().into());
    let mut data = StreamData::new(bandwidth);
    data.set_average_bandwidth(Some(average_bandwidth)).set_codecs(Some(codecs));
    data.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn playlist(lengths: &[u64]) -> MediaPlaylist {
        let entries = lengths.iter().map(|&length| Entry { length, bytes: (length / 10) as u32 }).collect();
        MediaPlaylist { entries, rate: 44_100, target: 6, start: [700, 68], keys: None }
    }

    #[test]
    fn a_playlist_reads_as_it_should() {
        let playlist = playlist(&[131_072, 262_144, 1000]);
        let text = playlist.of_files().unwrap();
        assert_eq!(
            text,
            "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:6\n#EXT-X-PLAYLIST-TYPE:VOD\n\
             #EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-MAP:URI=\"init.mp4\"\n#EXTINF:2.972154,\n00001.m4s\n\
             #EXTINF:5.944309,\n00002.m4s\n#EXTINF:0.022675,\n00003.m4s\n#EXT-X-ENDLIST\n"
        );
        assert_eq!(
            playlist.of_ranges("../a.mp4").unwrap(),
            "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:6\n#EXT-X-PLAYLIST-TYPE:VOD\n\
             #EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-MAP:URI=\"../a.mp4\",BYTERANGE=\"700@0\"\n\
             #EXT-X-BYTERANGE:13107@768\n#EXTINF:2.972154,\n../a.mp4\n\
             #EXT-X-BYTERANGE:26214@13875\n#EXTINF:5.944309,\n../a.mp4\n\
             #EXT-X-BYTERANGE:100@40089\n#EXTINF:0.022675,\n../a.mp4\n#EXT-X-ENDLIST\n"
        );
    }

    #[test]
    fn keys_come_after_the_clear_lead() {
        let text = |lead: u32, lengths: &[u64]| {
            let keys = Keys { lead, tags: vec!["#EXT-X-KEY:METHOD=A".into(), "#EXT-X-KEY:METHOD=B".into()] };
            let playlist = MediaPlaylist { keys: Some(keys), ..playlist(lengths) };
            let text = playlist.of_ranges("a.mp4").unwrap();
            let names = text.lines().filter(|line| !line.starts_with("#EXT-X-BYTERANGE"));
            let names = names.skip_while(|line| !line.starts_with("#EXT-X-INDEP")).skip(1);
            names.map(|line| line.split(['.', ',']).next().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
        };
        let (none, keys) = ("#EXT-X-KEY:METHOD=NONE", "#EXT-X-KEY:METHOD=A #EXT-X-KEY:METHOD=B");
        let parted = format!("#EXT-X-DISCONTINUITY {keys}");
        let (map, first) = ("#EXT-X-MAP:URI=\"a", "#EXTINF:2 a");
        let lengths = [131_072, 88_200, 88_200];
        assert_eq!(text(0, &lengths), format!("{keys} {map} {first} {first} {first} #EXT-X-ENDLIST"));
        assert_eq!(
            text(1, &lengths),
            format!("{none} {map} {first} {parted} {first} {first} #EXT-X-ENDLIST")
        );
        assert_eq!(
            text(2, &lengths),
            format!("{none} {map} {first} {first} {parted} {first} #EXT-X-ENDLIST")
        );
        // a song that is all lead has no key
        assert_eq!(text(2, &lengths[..2]), format!("{none} {map} {first} {first} #EXT-X-ENDLIST"));
    }

    #[test]
    fn durations_add_up_over_many_segments() {
        let text = playlist(&[262_144; 1000]).of_files().unwrap();
        let sum: u64 = text
            .lines()
            .filter_map(|line| line.strip_prefix("#EXTINF:"))
            .map(|seconds| (seconds.trim_end_matches(',').parse::<f64>().unwrap() * 1e6).round() as u64)
            .sum();
        assert_eq!(sum, micros(262_144_000, 44_100));
    }

    #[test]
    fn a_segment_above_the_target_is_refused() {
        assert!(playlist(&[44_100 * 7]).of_files().is_err());
    }

    #[test]
    fn the_peak_looks_at_runs_near_the_target_duration() {
        let second = |bytes| Entry { length: 1000, bytes };
        // a burst of one second counts only as part of a run of three seconds or more
        let burst = [second(10), second(10), second(1000), second(10), second(10), second(10)];
        assert_eq!(peak(&burst, 1000, 6), (1020 * 8u64).div_ceil(3));
        assert_eq!(average(&burst, 1000), (1050 * 8u64).div_ceil(6));
        // shorter than half a target duration in all: the average
        assert_eq!(peak(&burst[..2], 1000, 6), 80);
    }

    #[test]
    fn attribute_lists_name_codec_and_bandwidths() {
        let name = "heaac2-32".parse().unwrap();
        assert_eq!(
            stream_inf(name, 34_567, 33_000),
            "BANDWIDTH=34567,AVERAGE-BANDWIDTH=33000,CODECS=\"mp4a.40.29\""
        );
    }
}
