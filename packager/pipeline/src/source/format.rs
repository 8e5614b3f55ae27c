//! What is known of a source: its samples, how far it is decoded, and what of it is accepted.

use std::time::Duration;

/// Sampling rates a source may have, in hertz.
pub const SOURCE_RATES: std::ops::RangeInclusive<u32> = 8_000..=384_000;

/// The longest source: a small file can state, or hold, any length of silence.
pub const LONGEST: Duration = Duration::from_hours(24);

/// What a source's samples are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SampleFormat {
    /// The sampling rate in hertz.
    pub rate: u32,
    /// Bits of a sample where the source is lossless: 16 or 24, the least that holds all of it. Floating point
    /// and 32-bit integers count as 24.
    pub depth: Option<u8>,
}

/// How far decoding has come, in samples per channel of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Samples decoded.
    pub done: u64,
    /// Samples in all, where the file states them; an estimate for some.
    pub total: Option<u64>,
}

/// What became of a source that was decoded to its end.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Decoded {
    /// What its owner should know, one line each: channels mixed down, bytes left out.
    pub notices: Vec<String>,
}
