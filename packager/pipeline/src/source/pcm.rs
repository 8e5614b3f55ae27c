//! Samples that lie in a file one behind the other, as WAVE and AIFF files have them, and how each lies in its bytes.

use std::{fs::File, io, ops::Range};

use symphonia::core::{
    codecs::audio::AudioCodecParameters,
    packet::Packet,
    units::{Duration, Timestamp},
};

use super::container::at;

/// Samples per channel in a packet.
const PACKET: u64 = 4096;

/// Bytes that are looked at in one piece.
const LOOKED: u64 = 1 << 18;

/// The samples of a file.
pub struct Pcm {
    input: File,
    parameters: AudioCodecParameters,
    /// Bytes of one sample of all channels.
    block: u64,
    position: u64,
    end: u64,
    stated: Option<u64>,
    done: u64,
    /// Where samples have more bytes than they fill: how many they have, and which of them are kept.
    strip: Option<(usize, Range<usize>)>,
}

/// Where the samples of a file lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PcmRange {
    /// Bytes of one sample of all channels.
    pub block: u64,
    pub from: u64,
    /// Where they end by the header, or with the file.
    pub to: u64,
    /// Samples per channel that the header states.
    pub stated: Option<u64>,
}

impl Pcm {
    /// The samples at `place`, whose format is `parameters`.
    pub fn new(
        input: File,
        parameters: AudioCodecParameters,
        place: PcmRange,
        strip: Option<(usize, Range<usize>)>,
    ) -> Self {
        let PcmRange { block, from, to, stated } = place;
        Self { input, parameters, block, position: from, end: to, stated, done: 0, strip }
    }

    /// The format of the samples.
    pub fn parameters(&self) -> &AudioCodecParameters {
        &self.parameters
    }

    /// Samples per channel, as the header states; `None` where its writer did not know (ffmpeg into a pipe).
    pub fn stated(&self) -> Option<u64> {
        self.stated
    }

    /// The byte where the audio ends.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// The byte where reading goes on.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The next whole samples.
    pub fn next_packet(&mut self) -> io::Result<Option<Packet>> {
        let samples = ((self.end.saturating_sub(self.position)) / self.block).min(PACKET);
        let size = samples * self.block;
        let mut data = at(&mut self.input, self.position, size as usize)?;
        if size == 0 || (data.len() as u64) < size {
            return Ok(None);
        }
        if let Some((container, keep)) = &self.strip {
            let kept =
                data.chunks_exact(*container).flat_map(|bytes| bytes.get(keep.clone()).unwrap_or_default());
            data = kept.copied().collect();
        }
        self.position += size;
        let time = Timestamp::from(self.done.cast_signed());
        self.done += samples;
        Ok(Some(Packet::new(0, time, Duration::from(samples), data)))
    }
}

/// Where samples lie in larger containers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Justified {
    /// At their top: all bytes below are 0.
    Left,
    /// At their bottom: all bytes above repeat the sign.
    Right,
    /// The samples do not say.
    Unknown,
}

/// Where little-endian samples of `bytes` bytes lie in containers of `container`, by all of them from `from` to `to`.
pub fn justified(
    input: &mut File,
    (from, to): (u64, u64),
    container: usize,
    bytes: usize,
) -> io::Result<Justified> {
    let (mut left, mut right, mut silent) = (true, true, true);
    let mut place = from;
    let step = LOOKED / container as u64 * container as u64;
    while place < to && (left || right) {
        let data = at(input, place, step.min(to - place) as usize)?;
        if data.is_empty() {
            break;
        }
        for sample in data.chunks_exact(container) {
            silent &= sample.iter().all(|&byte| byte == 0);
            left &= sample.iter().take(container - bytes).all(|&byte| byte == 0);
            let sign = match sample.get(bytes - 1) {
                Some(&byte) if byte & 0x80 != 0 => 0xff,
                _ => 0,
            };
            right &= sample.iter().skip(bytes).all(|&byte| byte == sign);
        }
        place += data.len() as u64;
    }
    Ok(match (left, right) {
        (true, false) => Justified::Left,
        (false, true) => Justified::Right,
        (true, true) if silent => Justified::Left,
        _ => Justified::Unknown,
    })
}
