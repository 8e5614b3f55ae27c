//! The `fmt ` chunk of a WAVE file, made consistent or refused: samples lie in blocks, and a block that does not go with
//! the bits of a sample is noise when it is read by the other of the two numbers.

use super::{
    codecs::{by_tag, refused},
    container::little,
};

/// `WAVE_FORMAT_PCM`, `_IEEE_FLOAT`, `_ALAW`, `_MULAW` and `_EXTENSIBLE` (RFC 2361).
const PCM: u64 = 1;
const FLOAT: u64 = 3;
const ALAW: u64 = 6;
const MULAW: u64 = 7;
const EXTENSIBLE: u64 = 0xfffe;

/// Where the fields lie in a chunk, its head included, and how long it is in its plain and its extensible form.
const TAG: usize = 8;
const CHANNELS: usize = 10;
const BLOCK: usize = 20;
const BITS: usize = 22;
const EXTRA: usize = 24;
const VALID_BITS: usize = 26;
const CHANNEL_MASK: usize = 28;
const SUBFORMAT: usize = 32;
const PLAIN_LENGTH: usize = 8 + 16;
const EXTENSIBLE_LENGTH: usize = 8 + 40;

/// What follows the format's tag in a GUID: of formats that have a tag, of those of IEC 61937 that have none, and of
/// ambisonics (Microsoft's ksmedia.h; the B-format extension of WAVE).
const TAGGED: &[u8] = b"\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71";
const IEC_61937: &[u8] = b"\0\0\xea\x0c\x10\0\x80\0\0\xaa\0\x38\x9b\x71";
const AMBISONIC: &[u8] = b"\0\0\x21\x07\xd3\x11\x86\x44\xc8\xc1\xca\0\0\0";

/// How the samples lie in their blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// They fill them.
    Whole,
    /// They have `bytes` bytes in containers of `container`, and the header does not say where in them.
    Loose { container: u64, bytes: u64 },
    /// They fill their containers, and the header says that `bytes` bytes are valid, which by the rule are the highest.
    Valid { container: u64, bytes: u64 },
}

/// Sets right what of a `fmt ` chunk can mean one thing only: bits that fill no bytes lie at the top of their bytes; of
/// bits and block, the one that is 0 follows from the other; valid bits take nothing away; a channel mask with other
/// than one bit a channel says nothing; and what follows the fields is left out.
///
/// # Errors
/// For a codec that is no PCM, by its name, and for blocks that do not go with the bits of a sample.
pub fn normalise(format: &mut Vec<u8>) -> Result<(u64, Fit), String> {
    let (tag, channels) = (field(format, TAG, 2), field(format, CHANNELS, 2));
    let extensible = tag == EXTENSIBLE && format.len() >= EXTENSIBLE_LENGTH;
    let coding = if extensible { field(format, SUBFORMAT, 2) } else { tag };
    if format.len() < PLAIN_LENGTH {
        return Err("wav: its format chunk is cut short".to_owned());
    }
    known(format.get(SUBFORMAT + 2..EXTENSIBLE_LENGTH).filter(|_| extensible), coding)?;
    if channels == 0 {
        return Err("wav: it states no channels".to_owned());
    }
    let (mut block, mut bits) = (field(format, BLOCK, 2), field(format, BITS, 2));
    if [ALAW, MULAW].contains(&coding) {
        bits = 8;
    }
    if bits == 0 && block.is_multiple_of(channels) {
        bits = 8 * (block / channels);
    }
    let bytes = bits.div_ceil(8);
    if block == 0 {
        block = channels * bytes;
    }
    if bits == 0 || block == 0 {
        return Err("wav: the size of a sample is 0".to_owned());
    }
    let container = block / channels;
    let mut fit = Fit::Whole;
    if block != channels * bytes {
        // bits that fill no bytes lie at the top of 24 or at the bottom: that would be a third guess
        let loose = coding == PCM && block.is_multiple_of(channels) && bits.is_multiple_of(8);
        if !loose || bytes < 2 || !(bytes..=8).contains(&container) {
            return Err(unfit(channels, bits, block));
        }
        fit = Fit::Loose { container, bytes };
    }
    let valid = field(format, VALID_BITS, 2) / 8;
    if extensible && coding == PCM && fit == Fit::Whole && valid > 1 && valid < bytes {
        fit = Fit::Valid { container, bytes: valid };
    }
    let mask = u64::from(field(format, CHANNEL_MASK, 4).count_ones());
    if !extensible || [ALAW, MULAW].contains(&coding) {
        format.truncate(PLAIN_LENGTH);
        put(format, TAG, coding);
        if [ALAW, MULAW].contains(&coding) {
            format.extend([0, 0]);
        }
    } else {
        format.truncate(EXTENSIBLE_LENGTH);
        put(format, EXTRA, 22);
        if mask != channels {
            put(format, CHANNEL_MASK, 0);
            put(format, CHANNEL_MASK + 2, 0);
        }
    }
    set_bytes(format, bytes);
    Ok((block, fit))
}

/// Says that samples have so many bytes.
pub fn set_bytes(format: &mut [u8], bytes: u64) {
    put(format, BITS, 8 * bytes);
    put(format, BLOCK, field(format, CHANNELS, 2) * bytes);
    if field(format, TAG, 2) == EXTENSIBLE {
        put(format, VALID_BITS, 8 * bytes);
    }
}

/// Refuses what is neither PCM nor floating point nor G.711, by its name.
fn known(guid: Option<&[u8]>, coding: u64) -> Result<(), String> {
    let refuse = |codec: &str| Err(refused("WAV", codec));
    match guid {
        Some(IEC_61937) => {
            return refuse(match coding {
                3..=5 => "MPEG audio (IEC 61937)",
                6 => "AAC (IEC 61937)",
                8 => "ATRAC (IEC 61937)",
                0x0a | 0x10a => "E-AC-3 (IEC 61937)",
                0x0b => "DTS-HD (IEC 61937)",
                0x0c | 0x10c => "TrueHD (IEC 61937)",
                _ => "coded audio (IEC 61937)",
            });
        }
        Some(AMBISONIC) => return Ok(()), // its channels are refused
        Some(guid) if guid != TAGGED => {
            let guid: String = guid.iter().map(|byte| format!("{byte:02x}")).collect();
            return refuse(&format!("a format that is not known (GUID {coding:04x}-{guid})"));
        }
        _ => (),
    }
    match by_tag(coding) {
        Some(name) => refuse(name),
        None if [PCM, FLOAT, ALAW, MULAW].contains(&coding) => Ok(()),
        None => refuse(&format!("a format that is not known (tag {coding:#06x})")),
    }
}

/// What is said of a block that does not go with the bits.
pub fn unfit(channels: u64, bits: u64, block: u64) -> String {
    let bytes = bits.div_ceil(8);
    format!(
        "wav: samples of {bits} bits in {channels} channels take {} bytes, and its header says {block}: write the file \
         anew with {} bits a sample",
        channels * bytes,
        8 * bytes
    )
}

fn field(format: &[u8], at: usize, count: usize) -> u64 {
    little(format, at, count).unwrap_or(0)
}

/// Writes a little-endian number of two bytes.
fn put(format: &mut [u8], at: usize, number: u64) {
    if let (Some(field), [low, high, ..]) = (format.get_mut(at..at + 2), number.to_le_bytes()) {
        field.copy_from_slice(&[low, high]);
    }
}
