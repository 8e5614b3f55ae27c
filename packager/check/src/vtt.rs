//! A WebVTT segment, as facts: its header and how far its cues reach (RFC 8216 §3.5).

use super::{faults::Faults, rule};

/// What a WebVTT segment says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Vtt {
    pub cues: u32,
}

/// Whether bytes are a WebVTT file (W3C WebVTT §4.1).
pub(super) fn is_vtt(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    bytes
        .strip_prefix(b"WEBVTT")
        .is_some_and(|rest| matches!(rest.first(), None | Some(b' ' | b'\t' | b'\r' | b'\n')))
}

pub(super) fn read(bytes: &[u8], faults: &mut Faults) -> Vtt {
    if str::from_utf8(bytes).is_err() {
        faults.add(&rule::WEBVTT, "it is not UTF-8");
    }
    let text = String::from_utf8_lossy(bytes);
    let header = text.lines().take_while(|line| !line.is_empty());
    match header.into_iter().find_map(|line| line.strip_prefix("X-TIMESTAMP-MAP=")) {
        None => faults.add(&rule::TIMESTAMP_MAP, "its header has none: cue time 0 is then MPEG time 0"),
        Some(map) if !is_map(map) => {
            faults.add(&rule::TIMESTAMP_MAP, format!("\"{}\" is none", super::attributes::short(map)));
        }
        Some(_) => {}
    }
    Vtt { cues: text.lines().filter(|line| line.contains(" --> ")).count() as u32 }
}

/// `LOCAL:hh:mm:ss.ttt,MPEGTS:n`, in either order.
fn is_map(map: &str) -> bool {
    let local = |part: &str| part.strip_prefix("LOCAL:").is_some_and(|time| time.contains(':'));
    let clock = |part: &str| {
        part.strip_prefix("MPEGTS:").is_some_and(|n| n.parse::<u64>().is_ok_and(|n| n < 1 << 33))
    };
    map.split_once(',').is_some_and(|(a, b)| local(a) && clock(b) || clock(a) && local(b))
}
