//! Streams of frames without a container: each begins with a sync word and states its length.

use super::{
    super::sync::ac3_frame,
    Advice::{Film, Lossy},
    Foreign,
};

/// How many frames in a row make a stream believable, unless it ends before.
const CHAIN: usize = 3;

/// Bytes between two frames of free format, at most (ISO/IEC 11172-3 §2.4.2.3: below 320 kbit/s, padding included).
const FREE: std::ops::Range<usize> = 32..4096;

pub fn find(head: &[u8]) -> Option<Foreign> {
    let lossy = |name| Some(Foreign { name, advice: Lossy });
    if let Some((_, name)) = head.first_chunk().copied().and_then(ac3_frame) {
        return lossy(name);
    }
    match head.get(..4)? {
        // ETSI TS 102 114 §5.3: words of 16 and of 14 bits, both orders of bytes; an extension alone
        [0x7f, 0xfe, 0x80, 0x01]
        | [0xfe, 0x7f, 0x01, 0x80]
        | [0x1f, 0xff, 0xe8, 0x00]
        | [0xff, 0x1f, 0x00, 0xe8]
        | [0x64, 0x58, 0x20, 0x25] => return lossy("DTS"),
        [0x0b, 0x77, ..] | [0x77, 0x0b, ..] => return lossy("AC-3"),
        [0xac, 0x40 | 0x41, ..] => return lossy("AC-4"),
        [0xf8, 0x72, 0x4e, 0x1f] | [0x72, 0xf8, 0x1f, 0x4e] => {
            return lossy("coded audio of a digital output (IEC 61937)");
        }
        _ => (),
    }
    if chains(head, loas) {
        return lossy("AAC in LATM (LOAS)");
    }
    if chains(head, |head| layer(head, 3)) {
        return lossy("MPEG layer I (MP1)");
    }
    if chains(head, |head| layer(head, 2)) {
        return lossy("MPEG layer II (MP2)");
    }
    if free_format(head) {
        return lossy("MP3 in free format");
    }
    // ISO/IEC 13818-1 §2.4.3.2: packets of 188 bytes, with a time in front, or with a check sum behind
    let packets = [(0, 188), (4, 192), (0, 204)];
    let is_stream = |(from, step): (usize, usize)| (0..5).all(|n| head.get(from + n * step) == Some(&0x47));
    packets.into_iter().any(is_stream).then_some(Foreign { name: "an MPEG transport stream", advice: Film })
}

/// Whether frames follow each other from the first byte on, each as long as `length` reads.
fn chains(head: &[u8], length: impl Fn(&[u8]) -> Option<usize>) -> bool {
    let mut rest = head;
    for frame in 0..CHAIN {
        let Some(length) = length(rest) else { return false };
        match rest.get(length..).filter(|rest| rest.len() >= 4) {
            Some(next) => rest = next,
            // it ends there
            None => return frame > 0,
        }
    }
    true
}

/// The length of a LOAS frame (ISO/IEC 14496-3 §1.7.2).
fn loas(head: &[u8]) -> Option<usize> {
    match head {
        [0x56, high, low, ..] if high & 0xe0 == 0xe0 => {
            Some(3 + (usize::from(high & 0x1f) << 8 | usize::from(*low))).filter(|&length| length > 3)
        }
        _ => None,
    }
}

/// The length of a frame of layer I (3) or II (2) (ISO/IEC 11172-3 §2.4.2.3).
fn layer(head: &[u8], wanted: u8) -> Option<usize> {
    let &[0xff, version, rate, ..] = head else { return None };
    if version & 0xe0 != 0xe0 || version >> 1 & 3 != wanted {
        return None;
    }
    const LAYER_1: [usize; 14] = [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448];
    const LAYER_2: [usize; 14] = [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384];
    const LOW_1: [usize; 14] = [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256];
    const LOW_2: [usize; 14] = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    let (divisor, rates) = match (version >> 3 & 3, wanted) {
        (3, 3) => (1, LAYER_1),
        (3, _) => (1, LAYER_2),
        (2, 3) => (2, LOW_1),
        (2, _) => (2, LOW_2),
        (0, 3) => (4, LOW_1),
        (0, _) => (4, LOW_2),
        _ => return None,
    };
    let hertz = [44_100, 48_000, 32_000].get(usize::from(rate >> 2 & 3))? / divisor;
    let bits = 1000 * rates.get(usize::from(rate >> 4).checked_sub(1)?)?;
    let padding = usize::from(rate >> 1 & 1);
    Some(if wanted == 3 { (12 * bits / hertz + padding) * 4 } else { 144 * bits / hertz + padding })
}

/// Whether frames of layer III without a stated bit rate follow each other at one distance, but for padding.
fn free_format(head: &[u8]) -> bool {
    let kind = |at: usize| match head.get(at..at + 3) {
        Some(&[0xff, version, rate]) if version & 0xe6 == 0xe2 && rate & 0xf0 == 0 && rate & 0x0c != 0x0c => {
            Some((version & 0xfe, rate & 0x0c))
        }
        _ => None,
    };
    let Some(first) = kind(0) else { return false };
    FREE.clone().any(|step| {
        let mut at = 0;
        (0..CHAIN).all(|_| {
            let next = [at + step, at + step + 1].into_iter().find(|&next| kind(next) == Some(first));
            next.inspect(|&next| at = next).is_some()
        })
    })
}
