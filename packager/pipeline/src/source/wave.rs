//! WAVE files: RIFF, and its 64-bit forms RF64 and BW64 (ITU-R BS.2088), which symphonia does not read.

use std::{
    fs::File,
    io::{self, Cursor, Seek, SeekFrom},
};

use symphonia::{
    core::{
        codecs::{CodecParameters, audio::AudioCodecParameters},
        formats::{FormatOptions, FormatReader as _},
        io::{MediaSourceStream, MediaSourceStreamOptions},
        packet::Packet,
        units::{Duration, Timestamp},
    },
    default::formats::WavReader,
};

use super::{container::at, demux::said, wave_format};

/// Chunks before the audio, at most.
const CHUNKS: usize = 1000;

/// Bytes of a `fmt ` chunk at most; the extensible one has 40.
const FORMAT: usize = 256;

/// What a size field holds where the size is stated elsewhere (`ds64`), or where its writer could not know it, writing
/// into a pipe: SoX 0x7FFFF000, arecord 0x7FFFFFFF or 0x80000000 without the header, ffmpeg and LAME 0xFFFFFFFF or a
/// little less.
const UNKNOWN: [std::ops::RangeInclusive<u64>; 2] = [0x7fff_f000..=0x8000_0000, 0xffff_f000..=0xffff_ffff];

/// Samples per channel in a packet.
const PACKET: u64 = 4096;

/// The samples of a WAVE file.
pub struct Wave {
    input: File,
    parameters: AudioCodecParameters,
    block: u64,
    position: u64,
    end: u64,
    stated: Option<u64>,
    done: u64,
}

impl Wave {
    /// Walks the chunks from `offset` up to the audio.
    ///
    /// # Errors
    /// The outer one where reading fails, the inner one where the chunks do not hold together.
    pub fn open(mut input: File, offset: u64) -> io::Result<Result<Self, String>> {
        let length = input.seek(SeekFrom::End(0))?;
        let (mut format, mut wide, mut offset) = (None, None, offset + 12);
        for _ in 0..CHUNKS {
            let head = at(&mut input, offset, 8 + FORMAT)?;
            let (Some(kind), Some(size)) = (head.get(..4), little(&head, 4, 4)) else {
                return Ok(Err("the file ends before any audio begins".to_owned()));
            };
            match kind {
                b"fmt " => format = head.get(..8 + (size as usize).min(FORMAT)).map(<[u8]>::to_vec),
                b"ds64" => wide = little(&head, 8 + 8, 8),
                b"data" => {
                    let Some(mut format) = format else { return Ok(Err("wav: no format chunk".to_owned())) };
                    if let Err(reason) = wave_format::normalise(&mut format) {
                        return Ok(Err(reason));
                    }
                    let block = little(&format, 8 + 12, 2).filter(|&block| block > 0);
                    let (block, parameters) = match (block, parameters(&format)) {
                        (Some(block), Ok(parameters)) => (block, parameters),
                        (None, Ok(_)) => return Ok(Err("wav: the size of a sample is 0".to_owned())),
                        (_, Err(reason)) => return Ok(Err(reason)),
                    };
                    let position = offset + 8;
                    let size = match (size, wide.filter(|&wide| wide > 0)) {
                        (0xffff_ffff, Some(wide)) => Some(wide),
                        (size, _) if is_unknown(size, length - position.min(length)) => None,
                        // a crashed recorder never wrote the size; chunks that follow say that it is meant
                        (0, _) if chunks_end(&mut input, position)? != Ok(length) => None,
                        (size, _) => Some(size),
                    };
                    let stated = size.map(|size| size / block);
                    let end = size.map_or(length, |size| position.saturating_add(size).min(length));
                    return Ok(Ok(Self { input, parameters, block, position, end, stated, done: 0 }));
                }
                _ => (),
            }
            let Some(next) = offset.checked_add(8 + size + (size & 1)).filter(|&next| next < length) else {
                return Ok(Err("wav: no audio chunk".to_owned()));
            };
            offset = next;
        }
        Ok(Err("wav: too many chunks".to_owned()))
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
        let data = at(&mut self.input, self.position, size as usize)?;
        if size == 0 || (data.len() as u64) < size {
            return Ok(None);
        }
        self.position += size;
        let time = Timestamp::from(self.done.cast_signed());
        self.done += samples;
        Ok(Some(Packet::new(0, time, Duration::from(samples), data)))
    }
}

/// Whether a writer that did not know the size wrote `size`, where `there` bytes follow.
fn is_unknown(size: u64, there: u64) -> bool {
    size > there && UNKNOWN.iter().any(|sizes| sizes.contains(&size))
}

/// Where the chunks from `offset` on end: the end of the file, or the byte that begins none.
fn chunks_end(input: &mut File, mut offset: u64) -> io::Result<Result<u64, u64>> {
    let length = input.seek(SeekFrom::End(0))?;
    for _ in 0..CHUNKS {
        // a chunk of odd size has a byte of padding, which the last one may lack
        if offset >= length {
            return Ok(Ok(length));
        }
        let head = at(input, offset, 8)?;
        let named = head.get(..4).is_some_and(|name| name.iter().all(|byte| (0x20..0x7f).contains(byte)));
        let (true, Some(size)) = (named, little(&head, 4, 4)) else { return Ok(Err(offset)) };
        if head.starts_with(b"RIFF") || head.starts_with(b"RF64") || offset + 8 + size > length {
            return Ok(Err(offset));
        }
        offset += 8 + size + (size & 1);
    }
    Ok(Err(offset))
}

/// What symphonia makes of a `fmt ` chunk, head included.
fn parameters(format: &[u8]) -> Result<AudioCodecParameters, String> {
    let size = (format.len().saturating_sub(8) as u32).to_le_bytes();
    let body = format.get(8..).unwrap_or_default();
    let parts: [&[u8]; 5] = [b"RIFF\xff\xff\xff\xffWAVEfmt ", &size, body, b"data", b"\xff\xff\xff\xff"];
    let file = Cursor::new(parts.concat());
    let stream = MediaSourceStream::new(Box::new(file), MediaSourceStreamOptions::default());
    let reader = WavReader::try_new(stream, FormatOptions::default()).map_err(|error| said(&error))?;
    match reader.tracks().first().and_then(|track| track.codec_params.clone()) {
        Some(CodecParameters::Audio(parameters)) => Ok(parameters),
        _ => Err("wav: no format is stated".to_owned()),
    }
}

/// A little-endian number of `count` bytes at `from`.
pub fn little(bytes: &[u8], from: usize, count: usize) -> Option<u64> {
    let bytes = bytes.get(from..from + count)?;
    Some(bytes.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte)))
}
