//! The header of a FLAC frame (RFC 9639 §9.1).

use crc::{CRC_8_SMBUS, Crc};

use super::boxes::big;

/// Its check sum (RFC 9639 §9.1.8).
static SUM: Crc<u8> = Crc::<u8>::new(&CRC_8_SMBUS);

/// What a frame's header states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Its bytes, the check sum included.
    pub length: usize,
    /// Whether frames may differ in length, and are numbered by their first sample.
    pub variable: bool,
    /// Of the frame, or of its first sample.
    pub number: u64,
    /// Samples per channel.
    pub samples: u64,
    /// In hertz, where the header states it.
    pub rate: Option<u32>,
    /// How many channels there are.
    pub channels: u8,
}

impl Header {
    /// Bytes of the longest one.
    pub const LONGEST: usize = 16;

    /// Reads a header whose check sum holds.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let &[0xff, sync @ (0xf8 | 0xf9), sizes, kinds, coded] = bytes.first_chunk()? else { return None };
        let channels = match kinds >> 4 {
            coded @ 0..=7 => coded + 1,
            8..=10 => 2,
            _ => return None,
        };
        if kinds & 1 != 0 || kinds >> 1 & 7 == 3 {
            return None;
        }
        // the number is coded like a character of UTF-8, continued to 36 bits
        let more = match coded.leading_ones() as usize {
            0 => 0,
            ones @ 2..=7 => ones - 1,
            _ => return None,
        };
        let first = u64::from(coded) & (0x7f_u64 >> if more == 0 { 0 } else { more + 1 });
        let mut number = first;
        for &byte in bytes.get(5..5 + more)? {
            if byte & 0xc0 != 0x80 {
                return None;
            }
            number = number << 6 | u64::from(byte & 0x3f);
        }
        let mut at = 5 + more;
        let mut field = |size: usize| {
            at += size;
            big(bytes, at - size, size)
        };
        let samples = match sizes >> 4 {
            0 => return None,
            1 => 192,
            coded @ 2..=5 => 144 << coded,
            6 => field(1)? + 1,
            7 => field(2)? + 1,
            coded => 1 << coded,
        };
        let rate = match sizes & 0xf {
            0 => None,
            coded @ 1..=11 => {
                const RATES: [u32; 11] =
                    [88_200, 176_400, 192_000, 8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000];
                Some(*RATES.get(usize::from(coded) - 1)?)
            }
            12 => Some(field(1)? as u32 * 1000),
            13 => Some(field(2)? as u32),
            14 => Some(field(2)? as u32 * 10),
            _ => return None,
        };
        let sum = SUM.checksum(bytes.get(..at)?);
        (bytes.get(at) == Some(&sum)).then_some(Self {
            length: at + 1,
            variable: sync & 1 != 0,
            number,
            samples,
            rate,
            channels,
        })
    }
}
