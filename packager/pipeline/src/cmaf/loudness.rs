//! `ludt`: the loudness box (ISO/IEC 14496-12 §12.2.7), with the codings of ISO/IEC 23003-4.

use nada_catalog::Loudness;

/// Program loudness, coded by [`program`].
const PROGRAM: u8 = 1;
/// Loudness range, coded by [`range`].
const RANGE: u8 = 6;
/// EBU R 128 for the range (EBU Tech 3342), ITU-R BS.1770 for the loudness and the true peak.
const EBU: u8 = 1;
const BS1770: u8 = 2;
/// The measurement is exact.
const ACCURATE: u8 = 3;

/// `udta` with the loudness of a track in it, for the end of its `trak`.
pub fn udta(loudness: &Loudness) -> Vec<u8> {
    let peak = peak(loudness.true_peak);
    let mut tlou = vec![0; 4]; // version 0, no flags
    // 3 reserved bits, 7 of downmix_ID, 6 of DRC_set_ID: the track as it is
    tlou.extend([0, 0]);
    // 12 bits of sample peak, which is not measured, and 12 of true peak
    tlou.extend([0, (peak >> 8) as u8, peak as u8]);
    tlou.push(BS1770 << 4 | ACCURATE);
    tlou.push(2);
    tlou.extend([PROGRAM, program(loudness.integrated), BS1770 << 4 | ACCURATE]);
    tlou.extend([RANGE, range(loudness.range), EBU << 4 | ACCURATE]);
    enclose(b"udta", &enclose(b"ludt", &enclose(b"tlou", &tlou)))
}

fn enclose(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let size = (content.len() + 8) as u32;
    [&size.to_be_bytes(), kind.as_slice(), content].concat()
}

/// 20 − µ/32 dB, µ from 1 to 4095.
fn peak(decibel: f64) -> u16 {
    ((20.0 - decibel) * 32.0).round().clamp(1.0, 4095.0) as u16
}

/// −57.75 + µ/4 LKFS.
fn program(lufs: f64) -> u8 {
    ((lufs + 57.75) * 4.0).round() as u8
}

/// In steps of 0.25 LU to 32, of 0.5 to 70, of 1 beyond.
fn range(lu: f64) -> u8 {
    let code = match lu {
        ..=32.0 => lu * 4.0,
        ..=70.0 => (lu + 32.0) * 2.0,
        _ => lu + 134.0,
    };
    code.round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_box_reads_as_it_should() {
        let bytes = udta(&Loudness { integrated: -14.0, true_peak: -1.0, range: 6.5 });
        assert_eq!(
            bytes,
            [
                [0, 0, 0, 41].as_slice(),
                b"udta",
                &[0, 0, 0, 33],
                b"ludt",
                &[0, 0, 0, 25],
                b"tlou",
                &[0, 0, 0, 0, 0, 0, 0],
                // 20 − 672/32 dBTP
                &[0x02, 0xA0, 0x23, 2],
                // −57.75 + 175/4 LKFS, 26/4 LU
                &[1, 175, 0x23, 6, 26, 0x13],
            ]
            .concat()
        );
    }

    #[test]
    fn values_beyond_the_codes_stay_at_their_ends() {
        assert_eq!((program(-70.0), program(-57.75), program(6.0), program(99.0)), (0, 0, 255, 255));
        assert_eq!((peak(30.0), peak(20.0), peak(0.0), peak(-200.0)), (1, 1, 640, 4095));
        assert_eq!(
            (range(0.0), range(32.0), range(70.0), range(121.0), range(500.0)),
            (0, 128, 204, 255, 255)
        );
    }
}
