//! FLAC (RFC 9639): the lossless rendition, frames that stand alone.

mod frame;

use std::{
    cell::RefCell,
    io::{self, Write},
};

use flac_codec::encode::{FlacStreamWriter, Options};

/// Samples per channel in one frame, the last of a stream excepted. It divides every segment's length.
pub const FRAME: u32 = 4096;

/// Output channels.
pub const CHANNELS: u8 = 2;

/// The FLAC encoder refused its input.
#[derive(Debug, thiserror::Error)]
#[error("the FLAC encoder failed: {0}")]
pub struct FlacError(String);

/// Where one frame after the other is written, to be taken out in between.
struct Tap<'a>(&'a RefCell<Vec<u8>>);

impl Write for Tap<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Encodes interleaved stereo samples of `depth` bits at `rate` hertz into frames of [`FRAME`] samples, the
/// last of what is left; they are numbered from `first`.
///
/// # Errors
/// For a rate or depth that frames cannot state.
pub fn encode(rate: u32, depth: u8, first: u32, pcm: &[i32]) -> Result<Vec<Vec<u8>>, FlacError> {
    let failed = |reason: &dyn ToString| FlacError(reason.to_string());
    let written = RefCell::new(Vec::new());
    let mut writer = FlacStreamWriter::new(Tap(&written), Options::default().fast_channel_correlation(true));
    let block = FRAME as usize * usize::from(CHANNELS);
    (first..)
        .zip(pcm.chunks(block))
        .map(|(number, pcm)| {
            writer.write(rate, CHANNELS, depth.into(), pcm).map_err(|error| failed(&error))?;
            frame::renumber(&written.take(), number).ok_or_else(|| failed(&"an unknown frame header"))
        })
        .collect()
}
