//! AIFF and AIFF-C files (Apple's specifications of 1989 and 1991): the common chunk, the sound chunk, and what follows.

use std::{
    fs::File,
    io::{Seek, SeekFrom},
};

use symphonia::core::{
    audio::{Channels, layouts},
    codecs::audio::{
        AudioCodecId, AudioCodecParameters,
        well_known::{
            CODEC_ID_PCM_ALAW, CODEC_ID_PCM_F32BE, CODEC_ID_PCM_F64BE, CODEC_ID_PCM_MULAW, CODEC_ID_PCM_S8,
            CODEC_ID_PCM_S16BE, CODEC_ID_PCM_S16LE, CODEC_ID_PCM_S24BE, CODEC_ID_PCM_S24LE,
            CODEC_ID_PCM_S32BE, CODEC_ID_PCM_S32LE, CODEC_ID_PCM_U8, CODEC_ID_PCM_U16BE,
        },
    },
};

use super::{
    boxes::big,
    codecs::{by_letters, letters, refused},
    container::at,
    error::Refusal,
    iff,
    lengths::Stated,
    pcm::{Pcm, PcmRange},
};

/// Chunks, at most.
const CHUNKS: usize = 10_000;

/// Bytes of a common chunk that count, up to the compression's four letters.
const COMMON: usize = 22;

/// What a size holds whose writer could not know it: nothing, SoX' 0x7F000000 and a little more, or the largest there is.
const UNKNOWN: [std::ops::RangeInclusive<u64>; 3] =
    [0x7f00_0000..=0x7f00_ffff, 0x7fff_f000..=0x8000_0000, 0xffff_f000..=0xffff_ffff];

/// An AIFF file.
pub struct Aiff {
    pub pcm: Pcm,
    /// What the common chunk states of its length.
    pub lengths: Vec<Stated>,
    pub notices: Vec<String>,
}

impl Aiff {
    /// Walks the chunks of the file that begins at `offset`.
    ///
    /// # Errors
    /// For a codec that is no PCM, by its name, and for what follows the audio: see [`iff::behind`].
    pub fn open(mut input: File, offset: u64) -> Result<Self, Refusal> {
        let length = input.seek(SeekFrom::End(0))?;
        let compressed = at(&mut input, offset + 8, 4)? == b"AIFC";
        let (mut place, mut common, mut sound) = (offset + 12, None, None);
        for _ in 0..CHUNKS {
            let head = at(&mut input, place, 8 + COMMON)?;
            let (Some(name), Some(size)) = (head.get(..4), big(&head, 4, 4)) else { break };
            match name {
                b"COMM" => common = head.get(8..).map(<[u8]>::to_vec),
                // where the samples begin, in the chunk, and how much of the chunk they are
                b"SSND" => sound = Some((place + 16 + big(&head, 8, 4).unwrap_or(0), place + 8, size)),
                _ => (),
            }
            place = place + 8 + size + (size & 1);
            // what follows a sound chunk whose size nobody knew is no chunk
            if common.is_some() && sound.is_some() {
                break;
            }
        }
        let Some(common) = common.filter(|common| common.len() >= if compressed { COMMON } else { 18 })
        else {
            return Err(Refusal::Unsupported("the file ends before any audio begins".to_owned()));
        };
        let (block, parameters) = format(&common, compressed).map_err(Refusal::Unsupported)?;
        let Some((from, body, size)) = sound else { return Err(Refusal::NoAudio) };
        let counted = big(&common, 2, 4).unwrap_or(0);
        let unknown = is_unknown(&mut input, (from, body, size), length)?;
        let (to, stated, mut notices) = if unknown {
            let notice = "its header was never completed: all that follows it is taken for audio";
            (length, None, vec![notice.to_owned()])
        } else {
            let to = body.saturating_add(size);
            let notices = if to < length { iff::behind(&mut input, to, length, false)? } else { Vec::new() };
            (to.min(length), Some(to.saturating_sub(from) / block), notices)
        };
        let by = "its common chunk (COMM)";
        let count = Stated { by, samples: counted, slack: 0 };
        let lengths = if unknown { Vec::new() } else { vec![count] };
        if unknown && counted > 0 && counted * block == to.saturating_sub(from) {
            notices.clear(); // the other count is right
        }
        let pcm = Pcm::new(input, parameters, PcmRange { block, from, to, stated }, None);
        Ok(Self { pcm, lengths, notices })
    }
}

/// Whether the writer of a sound chunk did not know its size: it is empty though samples follow that are no chunks, or
/// says more than there is, by one of the numbers that stand for that.
fn is_unknown(input: &mut File, (from, body, size): (u64, u64, u64), length: u64) -> Result<bool, Refusal> {
    let beyond = body.saturating_add(size) > length;
    if beyond {
        return Ok(UNKNOWN.iter().any(|sizes| sizes.contains(&size)));
    }
    Ok(size <= 8 && from < length && !iff::is_chunk(input, body + size, length, false)?)
}

/// Bytes of a sample of all channels, and what the decoder has to know, of a common chunk.
fn format(common: &[u8], compressed: bool) -> Result<(u64, AudioCodecParameters), String> {
    let field = |at, count| big(common, at, count).unwrap_or(0);
    let (channels, bits) = (field(0, 2) as u16, field(6, 2) as u32);
    let letters_of = if compressed { common.get(18..COMMON).unwrap_or_default() } else { b"NONE" };
    let (codec, width) = codec(letters_of, bits).ok_or_else(|| match by_letters(letters_of) {
        Some(name) => refused("AIFF-C", &format!("{name} ({})", letters(letters_of))),
        None if is_pcm(letters_of) => format!("aiff: samples of {bits} bits as {}", letters(letters_of)),
        None => refused("AIFF-C", &format!("a format that is not known ({})", letters(letters_of))),
    })?;
    let positions = match channels {
        0 => return Err("aiff: it states no channels".to_owned()),
        1 => layouts::CHANNEL_LAYOUT_MONO,
        2 => layouts::CHANNEL_LAYOUT_STEREO,
        3 => layouts::CHANNEL_LAYOUT_3P0,
        // the order of more of them is poorly defined
        _ => Channels::Discrete(channels),
    };
    let mut parameters = AudioCodecParameters::new();
    parameters.for_codec(codec).with_channels(positions).with_sample_rate(rate(common));
    if (CODEC_ID_PCM_S32LE..CODEC_ID_PCM_ALAW).contains(&codec) {
        parameters.with_bits_per_sample(8 * width).with_bits_per_coded_sample(8 * width);
    }
    Ok((u64::from(channels) * u64::from(width), parameters))
}

/// Whether these letters call PCM.
fn is_pcm(letters: &[u8]) -> bool {
    [b"none", b"twos", b"sowt", b"raw "].iter().any(|pcm| letters.eq_ignore_ascii_case(*pcm))
}

/// The codec that four letters call, and how many bytes a sample has. Bits that fill no bytes lie at their top.
fn codec(letters: &[u8], bits: u32) -> Option<(AudioCodecId, u32)> {
    let width = bits.div_ceil(8);
    Some(match (&*letters.to_ascii_lowercase(), width) {
        (b"none" | b"twos" | b"sowt", 1) => (CODEC_ID_PCM_S8, 1),
        (b"none" | b"twos", 2) => (CODEC_ID_PCM_S16BE, 2),
        (b"none" | b"twos", 3) | (b"in24", _) => (CODEC_ID_PCM_S24BE, 3),
        (b"none" | b"twos", 4) | (b"in32", _) => (CODEC_ID_PCM_S32BE, 4),
        (b"sowt", 2) => (CODEC_ID_PCM_S16LE, 2),
        (b"sowt", 3) | (b"42ni", _) => (CODEC_ID_PCM_S24LE, 3),
        (b"sowt", 4) | (b"23ni", _) => (CODEC_ID_PCM_S32LE, 4),
        (b"raw ", 1) => (CODEC_ID_PCM_U8, 1),
        (b"raw ", 2) => (CODEC_ID_PCM_U16BE, 2),
        (b"fl32", _) => (CODEC_ID_PCM_F32BE, 4),
        (b"fl64", _) => (CODEC_ID_PCM_F64BE, 8),
        (b"alaw", _) => (CODEC_ID_PCM_ALAW, 1),
        (b"ulaw", _) => (CODEC_ID_PCM_MULAW, 1),
        _ => return None,
    })
}

/// The sampling rate in hertz, a number in 80 bits of floating point: sign and exponent, then a mantissa whose highest
/// bit is its whole part.
fn rate(common: &[u8]) -> u32 {
    let (exponent, mantissa) = (big(common, 8, 2).unwrap_or(0), big(common, 10, 8).unwrap_or(0));
    let shift = (exponent as i32) - 16_383 - 63;
    let rate = mantissa as f64 * f64::from(shift).exp2();
    if exponent & 0x8000 == 0 { rate.round() as u32 } else { 0 }
}
