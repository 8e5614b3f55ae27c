//! The number in a FLAC frame's header (RFC 9639 §9.1.5). Frames that are encoded apart from each other all
//! count from 0; this gives them their place in the stream.

use crc::{CRC_8_SMBUS, CRC_16_UMTS, Crc};

/// RFC 9639 §9.1.8: polynomial 0x07, of the header.
const HEADER: Crc<u8> = Crc::<u8>::new(&CRC_8_SMBUS);
/// RFC 9639 §9.3: polynomial 0x8005, of the whole frame.
const FRAME: Crc<u16, crc::Table<16>> = Crc::<u16, crc::Table<16>>::new(&CRC_16_UMTS);

/// Writes `number` into the header of a frame of a stream of fixed block size, and both check sums anew.
/// `None` for what is not such a frame.
pub fn renumber(frame: &[u8], number: u32) -> Option<Vec<u8>> {
    let &[0xFF, 0xF8, sizes, _, coded, ..] = frame else { return None };
    // the number's own length is in its first byte, as in UTF-8
    let old = match coded.leading_ones() {
        0 => 1,
        ones @ 2..=7 => ones as usize,
        _ => return None,
    };
    let block_size = match sizes >> 4 {
        0b0110 => 1,
        0b0111 => 2,
        _ => 0,
    };
    let rate = match sizes & 0b1111 {
        0b1100 => 1,
        0b1101 | 0b1110 => 2,
        _ => 0,
    };
    let (after, body) = (4 + old, 4 + old + block_size + rate + 1);
    let mut renumbered = Vec::with_capacity(frame.len() + 6);
    renumbered.extend_from_slice(frame.get(..4)?);
    code(number, &mut renumbered);
    renumbered.extend_from_slice(frame.get(after..body - 1)?);
    renumbered.push(HEADER.checksum(&renumbered));
    renumbered.extend_from_slice(frame.get(body..frame.len().checked_sub(2)?)?);
    renumbered.extend_from_slice(&FRAME.checksum(&renumbered).to_be_bytes());
    Some(renumbered)
}

/// The coding of UTF-8, continued to 31 bits.
fn code(number: u32, out: &mut Vec<u8>) {
    if number < 0x80 {
        out.push(number as u8);
        return;
    }
    let more = (1..=5).find(|more| number >> (5 * more + 6) == 0).unwrap_or(5);
    out.push((0xFF00_u32 >> (more + 1)) as u8 | (number >> (6 * more)) as u8);
    out.extend((0..more).rev().map(|at| 0x80 | (number >> (6 * at) & 0x3F) as u8));
}

#[cfg(test)]
mod tests {
    use flac_codec::{
        decode::FlacStreamReader,
        encode::{FlacStreamWriter, Options},
    };

    use super::*;

    #[test]
    fn numbers_are_coded_as_utf8_codes_characters() {
        for number in [0, 0x7F, 0x80, 0x7FF, 0x800, 0xFFFF, 0x1_0000, 0x10_FFFF] {
            let mut coded = Vec::new();
            code(number, &mut coded);
            let character = char::from_u32(number).unwrap().to_string();
            assert_eq!(coded, character.as_bytes(), "{number:#x}");
        }
        let mut coded = Vec::new();
        code(0x7FFF_FFFF, &mut coded);
        assert_eq!(coded, [0xFD, 0xBF, 0xBF, 0xBF, 0xBF, 0xBF]);
    }

    #[test]
    fn a_renumbered_frame_decodes_to_the_same_samples() {
        for (rate, block) in [(44_100, 4096), (96_000, 4096), (44_100, 1000), (48_000, 17), (176_400, 300)] {
            let samples: Vec<i32> = (0..2 * block).map(|i| (i * 7919) % 3001 - 1500).collect();
            let mut first = Vec::new();
            FlacStreamWriter::new(&mut first, Options::default()).write(rate, 2, 16, &samples).unwrap();
            assert_eq!(renumber(&first, 0).unwrap(), first, "what is right stays as it is");
            for number in [1, 127, 128, 5000, 1 << 20] {
                let renumbered = renumber(&first, number).unwrap();
                assert_ne!(renumbered, first);
                let mut reader = FlacStreamReader::new(renumbered.as_slice());
                assert_eq!(reader.read().unwrap().samples, samples);
                // and back again
                assert_eq!(renumber(&renumbered, 0).unwrap(), first);
            }
        }
        assert_eq!(renumber(&[0xFF, 0xF8, 0, 0], 1), None);
        assert_eq!(renumber(&[0xFF, 0xF9, 0, 0, 0, 0, 0, 0], 1), None, "a variable block size");
    }
}
