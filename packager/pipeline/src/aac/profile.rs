//! What each AAC rendition asks of its encoder.

/// Output channels of every AAC rendition.
pub const CHANNELS: u8 = 2;

/// The audio object type, numbered as in ISO/IEC 14496-3 table 1.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectType {
    /// AAC-LC.
    Lc = 2,
    /// HE-AAC: AAC-LC with SBR.
    He = 5,
    /// HE-AAC v2: with SBR and parametric stereo.
    HeV2 = 29,
}

/// What the encoder is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// How the samples are coded.
    pub object_type: ObjectType,
    /// Nominal bit rate in bit/s.
    pub bitrate: u32,
    /// Output sampling rate in hertz.
    pub rate: u32,
    /// The highest frequency coded in hertz; `None` leaves it to the encoder, as SBR needs.
    pub bandwidth: Option<u32>,
    /// Whether the encoder looks for scale factors of less noise, which takes twice the time.
    pub afterburner: bool,
}

/// Bit/s from which on LC does without the afterburner: there, what noise it takes away is below hearing already.
/// Measured at 256 kbit/s on three recordings, against a masking threshold 18 dB below each half-Bark band's own sound:
/// 0.7 to 1.2 % of all bands are above it without the afterburner and 0.3 to 1.0 % with it; at 128 kbit/s, with
/// it, 21 to 37 %.
const AMPLE: u32 = 192_000;

impl Profile {
    /// The profile for `bits_per_second` at `rate` hertz; the encoder refuses a bit rate out of its range.
    ///
    /// LC is band-limited to 17 kHz by the encoder's own table whatever the bit rate; at 96 kbit/s and above
    /// there are bits for 18 kHz, at 160 and above for 20 kHz.
    pub fn new(object_type: ObjectType, bits_per_second: u64, rate: u32) -> Self {
        let bitrate = u32::try_from(bits_per_second).unwrap_or(u32::MAX);
        let is_lc = object_type == ObjectType::Lc;
        let bandwidth = match bitrate {
            160_000.. if is_lc => Some(20_000),
            96_000.. if is_lc => Some(18_000),
            _ => None,
        };
        let afterburner = !is_lc || bitrate < AMPLE;
        Self { object_type, bitrate, rate, bandwidth, afterburner }
    }
}
