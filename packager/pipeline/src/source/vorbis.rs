//! Vorbis with more than two channels, by lewton: symphonia 0.6.1 exchanges channels where some are silent.

use lewton::{
    audio::{PreviousWindowRight, read_audio_packet_generic},
    header::{IdentHeader, SetupHeader, read_header_ident, read_header_setup},
    samples::InterleavedSamples,
};
use symphonia::core::audio::Position;

use super::downmix::Layout;

/// Bytes of the identification header (Vorbis I §4.2.2); the setup header follows it.
const IDENTIFICATION: usize = 30;

/// A decoder of Vorbis packets into interleaved samples.
pub struct Vorbis {
    identification: IdentHeader,
    setup: SetupHeader,
    window: PreviousWindowRight,
    layout: Layout,
}

impl Vorbis {
    /// A decoder for the stream with these headers, one after the other.
    pub fn new(headers: &[u8]) -> Result<Self, String> {
        let damaged = |error: &dyn ToString| format!("a Vorbis header is damaged: {}", error.to_string());
        let (identification, setup) =
            headers.split_at_checked(IDENTIFICATION).ok_or_else(|| damaged(&"it is cut short"))?;
        let identification = read_header_ident(identification).map_err(|error| damaged(&error))?;
        let channels = identification.audio_channels;
        let blocks = (identification.blocksize_0, identification.blocksize_1);
        let setup = read_header_setup(setup, channels, blocks).map_err(|error| damaged(&error))?;
        let layout = order(channels.into()).ok_or("Vorbis with more than eight channels")?;
        Ok(Self { identification, setup, window: PreviousWindowRight::new(), layout })
    }

    /// Sampling rate in hertz.
    pub fn rate(&self) -> u32 {
        self.identification.audio_sample_rate
    }

    /// The channels, in their order.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Decodes a packet; the first of all gives no samples.
    pub fn decode(&mut self, packet: &[u8]) -> Result<Vec<f32>, String> {
        let samples: InterleavedSamples<f32> =
            read_audio_packet_generic(&self.identification, &self.setup, packet, &mut self.window)
                .map_err(|error| format!("a Vorbis packet is damaged: {error}"))?;
        Ok(samples.samples)
    }
}

/// The order of one to eight channels (Vorbis I §4.3.9), which Opus shares (RFC 7845 §5.1.1.2).
pub fn order(channels: usize) -> Option<Layout> {
    const L: Position = Position::FRONT_LEFT;
    const R: Position = Position::FRONT_RIGHT;
    const C: Position = Position::FRONT_CENTER;
    const SL: Position = Position::SIDE_LEFT;
    const SR: Position = Position::SIDE_RIGHT;
    const BL: Position = Position::REAR_LEFT;
    const BR: Position = Position::REAR_RIGHT;
    const BC: Position = Position::REAR_CENTER;
    const LFE: Position = Position::LFE1;
    let order: &[Position] = match channels {
        1 => &[C],
        2 => &[L, R],
        3 => &[L, C, R],
        4 => &[L, R, BL, BR],
        5 => &[L, C, R, BL, BR],
        6 => &[L, C, R, BL, BR, LFE],
        7 => &[L, C, R, SL, SR, BC, LFE],
        8 => &[L, C, R, SL, SR, BL, BR, LFE],
        _ => return None,
    };
    Some(Layout::new(order.to_vec()))
}
