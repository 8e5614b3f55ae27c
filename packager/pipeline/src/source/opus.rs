//! Opus: its header (RFC 7845 §5.1) and its packets.

use super::{downmix::Layout, libopus::Decoder, vorbis};

/// A decoder of Opus packets into interleaved samples.
pub struct Opus {
    decoder: Decoder,
    layout: Layout,
    gain: f32,
    pre_skip: u64,
}

impl Opus {
    /// A decoder for the stream with this identification header.
    pub fn new(header: &[u8]) -> Result<Self, String> {
        let damaged = || "the Opus header is damaged".to_owned();
        let body = header.strip_prefix(b"OpusHead").ok_or_else(damaged)?;
        let (&[version, channels, skip_0, skip_1, _, _, _, _, gain_0, gain_1, family], rest) =
            body.split_first_chunk::<11>().ok_or_else(damaged)?;
        // dOps in MP4 is the same with version 0 and numbers in big-endian (Opus in ISOBMFF §4.3.2)
        let number = if version == 0 { u16::from_be_bytes } else { u16::from_le_bytes };
        let (pre_skip, gain) = (number([skip_0, skip_1]), number([gain_0, gain_1]).cast_signed());
        let count = usize::from(channels);
        let (streams, coupled, mapping) = match (family, channels) {
            (0, 1) => (1, 0, vec![0]),
            (0, 2) => (1, 1, vec![0, 1]),
            (1, 1..=8) => {
                let (&[streams, coupled], rest) = rest.split_first_chunk::<2>().ok_or_else(damaged)?;
                (streams, coupled, rest.get(..count).ok_or_else(damaged)?.to_vec())
            }
            (0 | 1, _) => return Err(damaged()),
            _ => return Err(format!("Opus with channel mapping family {family}; 0 and 1 are supported")),
        };
        let decoder = Decoder::new(streams, coupled, &mapping).ok_or_else(damaged)?;
        Ok(Self {
            decoder,
            layout: vorbis::order(count).ok_or_else(damaged)?,
            gain: 10_f32.powf(f32::from(gain) / 256.0 / 20.0),
            pre_skip: pre_skip.into(),
        })
    }

    /// Samples per channel to be dropped at the start.
    pub fn pre_skip(&self) -> u64 {
        self.pre_skip
    }

    /// The channels, in the order of Vorbis (RFC 7845 §5.1.1.2).
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Decodes a packet.
    pub fn decode(&mut self, packet: &[u8]) -> Result<&[f32], String> {
        let output = self
            .decoder
            .decode(packet)
            .map_err(|code| format!("an Opus packet is damaged (libopus code {code})"))?;
        if self.gain != 1.0 {
            output.iter_mut().for_each(|sample| *sample *= self.gain);
        }
        Ok(output)
    }
}
