//! WAVE files: RIFF, and its 64-bit forms RF64 and BW64 (ITU-R BS.2088), which symphonia does not read.

use std::{
    fs::File,
    io::{self, Cursor, Seek, SeekFrom},
    ops::Range,
};

use symphonia::{
    core::{
        codecs::{CodecParameters, audio::AudioCodecParameters},
        formats::{FormatOptions, FormatReader as _},
        io::{MediaSourceStream, MediaSourceStreamOptions},
    },
    default::formats::WavReader,
};

use super::{
    container::{at, little},
    error::error_text,
    pcm::{Justified, Pcm, PcmRange, justified},
    wave_format::{self, Fit},
};

/// Chunks before the audio, at most.
const CHUNKS: usize = 1000;

/// Bytes of a `fmt ` chunk at most; the extensible one has 40.
const FORMAT: usize = 256;

/// What a size field holds where the size is stated elsewhere (`ds64`), or where its writer could not know it, writing
/// into a pipe: SoX 0x7FFFF000, arecord 0x7FFFFFFF or 0x80000000 without the header, ffmpeg and LAME 0xFFFFFFFF or a
/// little less.
const UNKNOWN: [std::ops::RangeInclusive<u64>; 2] = [0x7fff_f000..=0x8000_0000, 0xffff_f000..=0xffff_ffff];

/// Walks the chunks from `offset` up to the audio.
///
/// # Errors
/// The outer one where reading fails, the inner one where the chunks do not hold together.
pub fn open(mut input: File, offset: u64) -> io::Result<Result<Pcm, String>> {
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
                let Some(format) = format else { return Ok(Err("wav: no format chunk".to_owned())) };
                let from = offset + 8;
                let size = match (size, wide.filter(|&wide| wide > 0)) {
                    (0xffff_ffff | 0, Some(wide)) => Some(wide),
                    (size, _) if is_unknown(size, length - from.min(length)) => None,
                    // a crashed recorder never wrote the size; chunks that follow say that it is meant
                    (0, _) if chunks_end(&mut input, from)? != Ok(length) => None,
                    (size, _) => Some(size),
                };
                return samples(input, format, from, size, length);
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

/// The samples from `from` on, `size` bytes of them where that is known.
fn samples(
    mut input: File,
    mut format: Vec<u8>,
    from: u64,
    size: Option<u64>,
    length: u64,
) -> io::Result<Result<Pcm, String>> {
    let (channels, bits) = (little(&format, 10, 2).unwrap_or(0), little(&format, 22, 2).unwrap_or(0));
    let (block, fit) = match wave_format::normalise(&mut format) {
        Ok(found) => found,
        Err(reason) => return Ok(Err(reason)),
    };
    let to = size.map_or(length, |size| from.saturating_add(size).min(length));
    let strip = match strip(&mut input, &mut format, (from, to), fit)? {
        Some(strip) => strip,
        None => return Ok(Err(wave_format::unfit(channels, bits, block))),
    };
    let place = PcmRange { block, from, to, stated: size.map(|size| size / block) };
    Ok(parameters(&format).map(|parameters| Pcm::new(input, parameters, place, strip)))
}

/// A container's bytes, and which of them are the sample; nothing where they are all of it.
type Strip = Option<(usize, Range<usize>)>;

/// Which bytes of the samples are kept, which the format then says, too; `None` where nothing tells.
fn strip(input: &mut File, format: &mut [u8], range: (u64, u64), fit: Fit) -> io::Result<Option<Strip>> {
    let (container, bytes) = match fit {
        Fit::Whole => return Ok(Some(None)),
        Fit::Loose { container, bytes } | Fit::Valid { container, bytes } => {
            (container as usize, bytes as usize)
        }
    };
    let keep = match (justified(input, range, container, bytes)?, fit) {
        (Justified::Right, _) => 0..bytes,
        // the highest bytes are valid by the rule; whatever is in those below is kept
        (_, Fit::Valid { .. }) => return Ok(Some(None)),
        (Justified::Left, _) => container - bytes..container,
        (Justified::Unknown, _) => return Ok(None),
    };
    wave_format::set_bytes(format, bytes as u64);
    Ok(Some(Some((container, keep))))
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
    let reader = WavReader::try_new(stream, FormatOptions::default()).map_err(|error| error_text(&error))?;
    match reader.tracks().first().and_then(|track| track.codec_params.clone()) {
        Some(CodecParameters::Audio(parameters)) => Ok(parameters),
        _ => Err("wav: no format is stated".to_owned()),
    }
}
