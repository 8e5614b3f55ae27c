//! Sample descriptions of MP4 and QuickTime (ISO/IEC 14496-12 §12.2.3, QuickTime File Format: sound sample
//! descriptions): PCM in all its forms is read here, what is not decoded is refused by its name, and the rest is left to
//! symphonia's reader.

use symphonia::core::{
    audio::{Channels, layouts},
    codecs::audio::{
        AudioCodecId, AudioCodecParameters,
        well_known::{
            CODEC_ID_PCM_ALAW, CODEC_ID_PCM_F32BE, CODEC_ID_PCM_F32LE, CODEC_ID_PCM_F64BE,
            CODEC_ID_PCM_F64LE, CODEC_ID_PCM_MULAW, CODEC_ID_PCM_S8, CODEC_ID_PCM_S16BE, CODEC_ID_PCM_S16LE,
            CODEC_ID_PCM_S24BE, CODEC_ID_PCM_S24LE, CODEC_ID_PCM_S32BE, CODEC_ID_PCM_S32LE, CODEC_ID_PCM_U8,
        },
    },
};

use super::{
    boxes::big,
    codecs::{by_indication, by_letters, by_object_type, letters, refused},
};

/// What symphonia's reader knows, and some decoder here decodes.
const DECODED: [&[u8; 4]; 6] = [b"mp4a", b"alac", b"fLaC", b"Opus", b".mp3", b"ms\0U"];

/// Bytes of a description's fields in versions 0, 1 and 2.
const FIELDS: [usize; 3] = [28, 28 + 16, 28 + 36];

/// PCM: what the decoder has to know, and the bytes of one sample of all channels.
pub struct Pcm {
    pub parameters: AudioCodecParameters,
    pub block: u32,
}

/// Reads the sample description of type `kind` with the body `entry`; `None` where it is symphonia's to read.
///
/// # Errors
/// For a codec that is not decoded, by its name.
pub fn read(kind: &[u8; 4], entry: &[u8]) -> Result<Option<Pcm>, String> {
    let version = big(entry, 8, 2).unwrap_or(0) as usize;
    let boxes = entry.get(FIELDS.get(version).copied().unwrap_or(FIELDS[0])..).unwrap_or_default();
    if let Some(codec) = codec(kind, entry, boxes, version)? {
        return pcm(kind, entry, codec, version).map(Some);
    }
    if kind == b"mp4a" {
        return mpeg(boxes).map(|()| None);
    }
    if DECODED.contains(&kind) {
        return Ok(None);
    }
    if kind == b"enca" || kind == b"drms" {
        let original = part(boxes, b"frma").and_then(|frma| frma.get(..4)).and_then(by_letters);
        let original = original.map_or_else(String::new, |name| format!(" ({name})"));
        return Err(format!(
            "MP4 that is encrypted ({}){original}; nobody can decode it without its key: export the song from its master",
            letters(kind)
        ));
    }
    match by_letters(kind) {
        Some(name) => Err(refused("MP4", &format!("{name} ({})", letters(kind)))),
        None => Err(refused("MP4", &format!("a codec that is not known ({})", letters(kind)))),
    }
}

/// The codec of a description of PCM, and its bytes a sample; `None` where it is another.
fn codec(
    kind: &[u8; 4],
    entry: &[u8],
    boxes: &[u8],
    version: usize,
) -> Result<Option<(AudioCodecId, u32)>, String> {
    let bits = big(entry, 18, 2).unwrap_or(0);
    // in a box of its own QuickTime states that the lowest byte comes first
    let little = part(boxes, b"enda").is_some_and(|enda| big(enda, 0, 2) == Some(1));
    let integer = |bits, little, signed| match (bits, little) {
        (8, _) => Some((if signed { CODEC_ID_PCM_S8 } else { CODEC_ID_PCM_U8 }, 1)),
        (16, true) if signed => Some((CODEC_ID_PCM_S16LE, 2)),
        (16, false) if signed => Some((CODEC_ID_PCM_S16BE, 2)),
        (24, true) if signed => Some((CODEC_ID_PCM_S24LE, 3)),
        (24, false) if signed => Some((CODEC_ID_PCM_S24BE, 3)),
        (32, true) if signed => Some((CODEC_ID_PCM_S32LE, 4)),
        (32, false) if signed => Some((CODEC_ID_PCM_S32BE, 4)),
        _ => None,
    };
    let float = |bits, little| match (bits, little) {
        (32, true) => Some((CODEC_ID_PCM_F32LE, 4)),
        (32, false) => Some((CODEC_ID_PCM_F32BE, 4)),
        (64, true) => Some((CODEC_ID_PCM_F64LE, 8)),
        (64, false) => Some((CODEC_ID_PCM_F64BE, 8)),
        _ => None,
    };
    // ISO/IEC 23003-5: the lowest bit says that the lowest byte comes first, then the size
    let config = |part: &[u8]| (big(part, 4, 1).unwrap_or(0) & 1 != 0, big(part, 5, 1).unwrap_or(0));
    let found = match kind {
        b"raw " | b"NONE" => integer(bits, false, bits > 8),
        b"twos" => integer(bits, false, true),
        b"sowt" => integer(bits, true, true),
        b"in24" => integer(24, little, true),
        b"in32" => integer(32, little, true),
        b"fl32" => float(32, little),
        b"fl64" => float(64, little),
        b"alaw" => Some((CODEC_ID_PCM_ALAW, 1)),
        b"ulaw" => Some((CODEC_ID_PCM_MULAW, 1)),
        b"lpcm" if version == 2 => {
            let (bits, flags) = (big(entry, 48, 4).unwrap_or(0), big(entry, 52, 4).unwrap_or(0));
            // floating point, highest byte first, signed
            match flags & 1 != 0 {
                true => float(bits, flags & 2 == 0),
                false => integer(bits, flags & 2 == 0, flags & 4 != 0),
            }
        }
        b"lpcm" => integer(bits, little, true),
        b"ipcm" | b"fpcm" => {
            let (little, bits) = part(boxes, b"pcmC").map_or((false, 0), config);
            if kind == b"ipcm" { integer(bits, little, true) } else { float(bits, little) }
        }
        _ => return Ok(None),
    };
    let unknown =
        || format!("MP4 that holds PCM ({}) of a size that is not known; write it as WAV", letters(kind));
    found.map(Some).ok_or_else(unknown)
}

fn pcm(
    kind: &[u8; 4],
    entry: &[u8],
    (codec, width): (AudioCodecId, u32),
    version: usize,
) -> Result<Pcm, String> {
    let (channels, rate) = if version == 2 {
        let rate = big(entry, 32, 8).map_or(0.0, f64::from_bits);
        (big(entry, 40, 4).unwrap_or(0), rate.round() as u32)
    } else {
        (big(entry, 16, 2).unwrap_or(0), big(entry, 24, 4).unwrap_or(0) as u32 >> 16)
    };
    let positions = match channels {
        0 => return Err(format!("MP4 that holds PCM ({}) of no channels", letters(kind))),
        1 => layouts::CHANNEL_LAYOUT_MONO,
        2 => layouts::CHANNEL_LAYOUT_STEREO,
        more => Channels::Discrete(u16::try_from(more).unwrap_or(u16::MAX)),
    };
    let block = u32::try_from(channels).ok().and_then(|channels| channels.checked_mul(width));
    if version == 2 && big(entry, 56, 4).is_some_and(|stated| stated > 0 && Some(stated as u32) != block) {
        return Err("MP4 that holds PCM whose samples do not fill their bytes; write it as WAV".to_owned());
    }
    let mut parameters = AudioCodecParameters::new();
    parameters.for_codec(codec).with_channels(positions).with_sample_rate(rate);
    if (CODEC_ID_PCM_S32LE..CODEC_ID_PCM_ALAW).contains(&codec) {
        parameters.with_bits_per_sample(8 * width).with_bits_per_coded_sample(8 * width);
    }
    Ok(Pcm { parameters, block: block.unwrap_or(u32::MAX) })
}

/// Judges what an elementary stream descriptor (ISO/IEC 14496-1 §7.2.6) says that it describes.
fn mpeg(boxes: &[u8]) -> Result<(), String> {
    // a version and flags, then descriptors: a tag, a length in bytes of seven bits, a body
    let Some(esds) = part(boxes, b"esds").and_then(|esds| esds.get(4..)) else { return Ok(()) };
    let Some(stream) = descriptor(esds, 3) else { return Ok(()) };
    let flags = stream.get(2).copied().unwrap_or(0);
    let url = if flags & 0x40 != 0 { 1 + usize::from(stream.get(3).copied().unwrap_or(0)) } else { 0 };
    let skipped = 3 + if flags & 0x80 != 0 { 2 } else { 0 } + url + if flags & 0x20 != 0 { 2 } else { 0 };
    let Some(decoder) = stream.get(skipped..).and_then(|rest| descriptor(rest, 4)) else { return Ok(()) };
    let indication = decoder.first().copied().unwrap_or(0);
    if let Some(name) = by_indication(indication) {
        return Err(refused("MP4", &format!("{name} (object type {indication:#04x})")));
    }
    if indication != 0x40 {
        return Ok(());
    }
    let Some(config) = decoder.get(13..).and_then(|rest| descriptor(rest, 5)) else { return Ok(()) };
    // five bits, and where all are 1 six more
    let (high, low) = (config.first().copied().unwrap_or(0), config.get(1).copied().unwrap_or(0));
    let object = if high >> 3 == 31 { 32 + (high << 3 & 0x38 | low >> 5) } else { high >> 3 };
    match by_object_type(object) {
        Some(name) => Err(refused("MP4", &format!("{name} (audio object type {object})"))),
        None => Ok(()),
    }
}

/// The body of the descriptor that `bytes` begin with, where it has this tag.
fn descriptor(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    let (first, rest) = bytes.split_first()?;
    let length = rest.iter().take(4).position(|byte| byte & 0x80 == 0)? + 1;
    (*first == tag).then(|| rest.get(length..)).flatten()
}

/// The body of the first box of this type, at whatever depth: QuickTime puts some into `wave`, encryption into `sinf`.
fn part<'a>(boxes: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    let at = boxes.windows(4).position(|window| window == kind)?;
    let size = big(boxes, at.checked_sub(4)?, 4)? as usize;
    boxes.get(at + 4..(at.checked_sub(4)? + size).min(boxes.len()))
}
