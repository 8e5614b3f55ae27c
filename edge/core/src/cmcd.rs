//! What a player says of itself (CTA-5004, Common Media Client Data): read for the log, and part of no decision
//! and no key. Whatever is not of its grammar is left out, never an error.

use std::borrow::Cow;

use crate::request::RequestHeaders;

/// The longest value that is looked into, in bytes: every key of version 1 fits several times.
const MAX_VALUE: usize = 2048;
/// The most keys of one value that are looked at.
const MAX_KEYS: usize = 64;

/// The keys of a request that say how playback fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cmcd {
    /// `bl`: what is buffered, in milliseconds.
    pub buffer_ms: Option<u32>,
    /// `mtp`: the throughput that the player measures, in kbit/s.
    pub throughput_kbps: Option<u32>,
    /// `bs`: the buffer ran empty since the last request.
    pub starved: bool,
    /// `su`: the request is urgent, since playback starts, seeks, or ran empty.
    pub startup: bool,
}

impl Cmcd {
    /// Reads a raw query (`CMCD=…`, percent-encoded) and the header fields `CMCD-Request` and `CMCD-Status`.
    pub fn of(query: Option<&str>, headers: &RequestHeaders<'_>) -> Self {
        let mut cmcd = Self::default();
        let in_query = query.unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("CMCD="));
        if let Some(value) = in_query.filter(|value| value.len() <= MAX_VALUE) {
            cmcd.add(&decoded(value));
        }
        for value in [headers.cmcd_request, headers.cmcd_status].into_iter().flatten() {
            if value.len() <= MAX_VALUE {
                cmcd.add(value);
            }
        }
        cmcd
    }

    /// Commas within a quoted string split it into pieces that are none of the keys read here, or that only the
    /// player itself is misled by.
    fn add(&mut self, value: &str) {
        for pair in value.split(',').take(MAX_KEYS) {
            let (name, value) =
                pair.trim().split_once('=').map_or((pair.trim(), None), |(n, v)| (n, Some(v)));
            match (name, value) {
                ("bl", Some(value)) => self.buffer_ms = number(value).or(self.buffer_ms),
                ("mtp", Some(value)) => self.throughput_kbps = number(value).or(self.throughput_kbps),
                ("bs", None) => self.starved = true,
                ("su", None) => self.startup = true,
                _ => {}
            }
        }
    }
}

/// A whole number, or the first of an inner list with or without parameters, as version 2 writes it:
/// `(21300;v 900;a)`.
fn number(value: &str) -> Option<u32> {
    let value = value.strip_prefix('(').unwrap_or(value);
    let end = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
    let (digits, rest) = value.split_at(end);
    if !rest.is_empty() && !rest.starts_with([';', ' ', ')']) {
        return None;
    }
    digits.parse().ok()
}

/// Percent-decoded; a sign that no two digits follow stays as it is, and a byte that is not ASCII becomes `?`.
fn decoded(value: &str) -> Cow<'_, str> {
    if !value.contains('%') {
        return Cow::Borrowed(value);
    }
    let mut text = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('%') {
        text.push_str(before);
        let byte = after.get(..2).filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        match byte.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                text.push(if byte.is_ascii_graphic() || byte == b' ' { char::from(byte) } else { '?' });
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                text.push('%');
                rest = after;
            }
        }
    }
    text.push_str(rest);
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Cmcd {
        Cmcd::of(Some(text), &RequestHeaders::default())
    }

    /// The first example of CTA-5004 §4 that has these keys, encoded as hls.js encodes it.
    #[test]
    fn in_a_query() {
        let cmcd = query("CAT=x&CMCD=bl%3D21300%2Cbr%3D128%2Cbs%2Cmtp%3D25400%2Csid%3D%226e2fb550%22%2Csu");
        let all =
            Cmcd { buffer_ms: Some(21_300), throughput_kbps: Some(25_400), starved: true, startup: true };
        assert_eq!(cmcd, all);
    }

    #[test]
    fn in_header_fields() {
        let headers = RequestHeaders {
            cmcd_request: Some("bl=21300,mtp=48100"),
            cmcd_status: Some("rtp=15000, bs"),
            ..RequestHeaders::default()
        };
        let cmcd = Cmcd::of(None, &headers);
        assert_eq!((cmcd.buffer_ms, cmcd.throughput_kbps, cmcd.starved), (Some(21_300), Some(48_100), true));
    }

    #[test]
    fn version_2_writes_lists() {
        assert_eq!(query("CMCD=mtp%3D(900%3Bv%20128%3Ba)%2Cbl%3D(400)").throughput_kbps, Some(900));
        assert_eq!(query("CMCD=bl%3D(400)").buffer_ms, Some(400));
    }

    #[test]
    fn what_is_no_cmcd_is_left_out() {
        for bad in [
            "CMCD=bl%3D-1",
            "CMCD=bl%3D99999999999",
            "CMCD=bl%3D",
            "CMCD=bl",
            "CMCD=bl%3D1e3",
            "CMCD=%",
            "CMCD=%%%2",
            "CMCD=%c3%28bl",
            "cmcd=bl%3D1",
            "bl=1",
            "CMCD=bs%3Dtrue",
        ] {
            assert_eq!(query(bad), Cmcd::default(), "{bad}");
        }
        let long = format!("CMCD={}bl%3D1", "x%2C".repeat(1000));
        assert_eq!(query(&long), Cmcd::default());
        let many = format!("CMCD={}bl=1", ",".repeat(MAX_KEYS));
        assert_eq!(query(&many), Cmcd::default());
    }
}
