//! AAC by the Fraunhofer FDK encoder: which settings each rung gets, and a safe encoder over them.

mod encoder;

pub use encoder::{AacError, Encoder};

use nada_release::{Codec, RenditionName};

/// Output channels of every AAC rendition.
pub const CHANNELS: u8 = 2;

/// What the encoder is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// The audio object type (ISO/IEC 14496-3 table 1.1): 2 LC, 5 HE (SBR), 29 HE v2 (SBR and PS).
    pub object_type: u8,
    /// Bit/s.
    pub bitrate: u32,
    /// Output sampling rate in hertz.
    pub rate: u32,
    /// The highest frequency coded in hertz; `None` leaves it to the encoder, as SBR needs.
    pub bandwidth: Option<u32>,
}

impl Profile {
    /// The profile of an AAC rendition at `rate` hertz; `None` for FLAC.
    ///
    /// LC is band-limited to 17 kHz by the encoder's own table whatever the bit rate; at 96 kbit/s and above
    /// there are bits for 18 kHz, at 160 and above for 20 kHz.
    pub fn of(name: RenditionName, rate: u32) -> Option<Self> {
        let bitrate = u32::try_from(name.nominal_bits_per_second()).ok()?;
        let (object_type, bandwidth) = match name.codec() {
            Codec::HeAacV2 => (29, None),
            Codec::HeAac => (5, None),
            Codec::AacLc => (
                2,
                match bitrate {
                    160_000.. => Some(20_000),
                    96_000.. => Some(18_000),
                    _ => None,
                },
            ),
            Codec::Flac => return None,
        };
        Some(Self { object_type, bitrate, rate, bandwidth })
    }
}
