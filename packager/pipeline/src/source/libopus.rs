//! libopus 1.3.1, as Rust: its multistream decoder, which covers mono and stereo too.
#![allow(unsafe_code)]

use unsafe_libopus::{
    OPUS_INVALID_PACKET, OpusMSDecoder, opus_multistream_decode_float, opus_multistream_decoder_create,
    opus_multistream_decoder_destroy,
};

/// The rate that Opus decodes to, in hertz.
pub const RATE: u32 = 48_000;

/// Samples per channel in the longest packet, 120 ms (RFC 6716 §3.2.5).
const LONGEST: usize = 5760;

/// A decoder of Opus packets into interleaved samples.
pub struct Decoder {
    handle: *mut OpusMSDecoder,
    channels: usize,
    output: Vec<f32>,
}

// SAFETY: the handle is owned and used through `&mut self` alone; libopus keeps no state per thread.
unsafe impl Send for Decoder {}

impl Decoder {
    /// A decoder of `streams` streams, of which the first `coupled` are stereo; `mapping` says which decoded
    /// channel each output channel is (RFC 7845 §5.1.1). `None` where these do not fit together.
    pub fn new(streams: u8, coupled: u8, mapping: &[u8]) -> Option<Self> {
        let channels = i32::try_from(mapping.len()).ok()?;
        let mut error = 0;
        // SAFETY: the call reads one byte of `mapping` for each channel and checks all numbers itself.
        let handle = unsafe {
            opus_multistream_decoder_create(
                RATE as i32,
                channels,
                streams.into(),
                coupled.into(),
                mapping.as_ptr(),
                &mut error,
            )
        };
        let output = vec![0.0; LONGEST * mapping.len()];
        (!handle.is_null()).then_some(Self { handle, channels: mapping.len(), output })
    }

    /// Decodes a packet; an error is libopus' code. An empty packet counts as damaged, not as lost.
    pub fn decode(&mut self, packet: &[u8]) -> Result<&mut [f32], i32> {
        let length = i32::try_from(packet.len()).ok().filter(|&length| length > 0);
        let length = length.ok_or(OPUS_INVALID_PACKET)?;
        // SAFETY: the packet is live with its true length and only read; the output holds LONGEST samples of each
        // channel, which is what the call is told.
        let samples = unsafe {
            opus_multistream_decode_float(
                self.handle,
                packet.as_ptr(),
                length,
                self.output.as_mut_ptr(),
                LONGEST as i32,
                0,
            )
        };
        let samples = usize::try_from(samples).map_err(|_| samples)?;
        Ok(self.output.get_mut(..samples * self.channels).unwrap_or_default())
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: the handle is open, and not used afterwards.
        unsafe { opus_multistream_decoder_destroy(self.handle) };
    }
}
