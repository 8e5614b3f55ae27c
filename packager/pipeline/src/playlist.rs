//! Media playlists and the attribute lists of EXT-X-STREAM-INF, made with `hls_m3u8`.

use std::time::Duration;

use hls_m3u8::{
    MediaPlaylist, MediaSegment,
    tags::{ExtInf, ExtXMap},
    types::{Codecs, PlaylistType, StreamData},
};
use nada_catalog::{RenditionFile, RenditionName};

/// A media segment as a playlist sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Its length in samples.
    pub length: u64,
    /// Its size in bytes.
    pub bytes: u64,
}

/// The media playlist of one rendition (RFC 8216 §4.3.3) at `rate` hertz.
///
/// Durations are rounded to microseconds on the running sum, so that they add up to the whole whatever the
/// number of segments.
///
/// # Errors
/// Where `hls_m3u8` refuses: no segments, or one above the target duration (in seconds).
pub fn media(entries: &[Entry], rate: u32, target_duration: u64) -> Result<String, hls_m3u8::Error> {
    let mut segments = Vec::with_capacity(entries.len());
    let mut end = 0;
    for (number, entry) in (1..).zip(entries) {
        let start = micros(end, rate);
        end += entry.length;
        let mut segment = MediaSegment::builder();
        segment
            .duration(ExtInf::new(Duration::from_micros(micros(end, rate) - start)))
            .uri(RenditionFile::Segment(number).to_string());
        if number == 1 {
            segment.map(ExtXMap::new(RenditionFile::Init.to_string()));
        }
        segments.push(segment.build()?);
    }
    let playlist = MediaPlaylist::builder()
        .target_duration(Duration::from_secs(target_duration))
        .playlist_type(PlaylistType::Vod)
        .has_independent_segments(true)
        .has_end_list(true)
        .segments(segments)
        .build()?;
    Ok(playlist.to_string().lines().map(tidy).collect())
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
            bytes += entry.bytes;
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
        entries.iter().fold((0, 0), |(length, bytes), e| (length + e.length, bytes + e.bytes));
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

    fn entries(lengths: &[u64]) -> Vec<Entry> {
        lengths.iter().map(|&length| Entry { length, bytes: length / 10 }).collect()
    }

    #[test]
    fn a_playlist_reads_as_it_should() {
        let text = media(&entries(&[131_072, 262_144, 1000]), 44_100, 6).unwrap();
        assert_eq!(
            text,
            "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:6\n#EXT-X-PLAYLIST-TYPE:VOD\n\
             #EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-MAP:URI=\"init.mp4\"\n#EXTINF:2.972154,\n00001.m4s\n\
             #EXTINF:5.944309,\n00002.m4s\n#EXTINF:0.022675,\n00003.m4s\n#EXT-X-ENDLIST\n"
        );
    }

    #[test]
    fn durations_add_up_over_many_segments() {
        let long = entries(&[262_144; 1000]);
        let text = media(&long, 44_100, 6).unwrap();
        let sum: u64 = text
            .lines()
            .filter_map(|line| line.strip_prefix("#EXTINF:"))
            .map(|seconds| (seconds.trim_end_matches(',').parse::<f64>().unwrap() * 1e6).round() as u64)
            .sum();
        assert_eq!(sum, micros(262_144_000, 44_100));
    }

    #[test]
    fn a_segment_above_the_target_is_refused() {
        assert!(media(&entries(&[44_100 * 7]), 44_100, 6).is_err());
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
