//! The `fmt ` chunk of a WAVE file, made consistent or refused: samples lie in blocks, and a block that does not go with
//! the bits of a sample is noise to whoever reads it by the other of the two numbers.

use super::wave::little;

/// `WAVE_FORMAT_PCM`, `_IEEE_FLOAT`, `_ALAW`, `_MULAW` and `_EXTENSIBLE` (RFC 2361).
const PCM: u64 = 1;
const FLOAT: u64 = 3;
const ALAW: u64 = 6;
const MULAW: u64 = 7;
const EXTENSIBLE: u64 = 0xfffe;

/// Where the fields lie in a chunk, its head included.
const BITS: usize = 22;
const VALID_BITS: usize = 26;
const CHANNEL_MASK: usize = 28;

/// Names formats that are no PCM, by their tag.
const CODECS: [(u64, &str); 22] = [
    (0x0002, "Microsoft ADPCM"),
    (0x0008, "DTS"),
    (0x0011, "IMA ADPCM"),
    (0x0014, "G.723 ADPCM"),
    (0x0022, "TrueSpeech"),
    (0x0031, "GSM 6.10"),
    (0x0040, "G.721 ADPCM"),
    (0x0045, "G.726 ADPCM"),
    (0x0050, "MPEG layer I or II"),
    (0x0055, "MP3"),
    (0x0092, "AC-3 (IEC 61937)"),
    (0x00ff, "AAC"),
    (0x0160, "Windows Media Audio 1"),
    (0x0161, "Windows Media Audio 2"),
    (0x0162, "Windows Media Audio Pro"),
    (0x0163, "Windows Media Audio Lossless"),
    (0x0270, "ATRAC3"),
    (0x1600, "AAC in ADTS"),
    (0x1610, "AAC"),
    (0x2000, "AC-3"),
    (0x2001, "DTS"),
    (0x566f, "Vorbis"),
];

/// Sets right what of a `fmt ` chunk can mean one thing only: bits that fill no bytes lie at the top of their bytes, no
/// valid bits or more than there are mean all, and a channel mask with other than one bit a channel says nothing.
///
/// # Errors
/// For a codec that is no PCM, by its name, and for blocks that do not go with the bits of a sample.
pub fn normalise(format: &mut [u8]) -> Result<(), String> {
    let field = |format: &[u8], at, count| little(format, at, count).unwrap_or(0);
    let (tag, channels) = (field(format, 8, 2), field(format, 10, 2));
    let (block, bits) = (field(format, 20, 2), field(format, BITS, 2));
    let extensible = tag == EXTENSIBLE && format.len() >= 8 + 40;
    let coding = if extensible { field(format, 32, 2) } else { tag };
    if let Some((_, name)) = CODECS.iter().find(|(known, _)| *known == coding) {
        return Err(format!("WAV that holds {name}; convert it to PCM or FLAC first"));
    }
    if ![PCM, FLOAT, ALAW, MULAW].contains(&coding) || channels == 0 || bits == 0 || block == 0 {
        return Ok(()); // the reader says what is wrong
    }
    let bytes = bits.div_ceil(8);
    if block != channels * bytes {
        return Err(format!(
            "wav: samples of {bits} bits in {channels} channels take {} bytes, and its header says {block}: write the \
             file anew with {} bits a sample",
            channels * bytes,
            8 * bytes
        ));
    }
    put(format, BITS, 8 * bytes);
    if extensible {
        let valid = field(format, VALID_BITS, 2);
        if valid == 0 || valid > 8 * bytes || !valid.is_multiple_of(8) {
            put(format, VALID_BITS, 8 * bytes);
        }
        if u64::from(field(format, CHANNEL_MASK, 4).count_ones()) != channels {
            put(format, CHANNEL_MASK, 0);
            put(format, CHANNEL_MASK + 2, 0);
        }
    }
    Ok(())
}

/// Writes a little-endian number of two bytes.
fn put(format: &mut [u8], at: usize, number: u64) {
    if let (Some(field), [low, high, ..]) = (format.get_mut(at..at + 2), number.to_le_bytes()) {
        field.copy_from_slice(&[low, high]);
    }
}
