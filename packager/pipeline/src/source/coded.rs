//! Coded audio in the place of samples: AC-3, DTS, Dolby E and others as a digital output carries them (IEC 61937, SMPTE
//! ST 337), as they are put onto a CD, or as their bare files. Played as samples it is noise at full scale.

use super::sync::Scanner;

/// Which bytes of a sample, counted from its highest, make the stream that is looked into: those of 16-bit samples in
/// both orders.
const NARROW: [&[u32]; 2] = [&[0, 1], &[1, 0]];

/// The same where samples have more bits: 16 bits at the top, at the bottom of 24 and at the bottom of 32, and all 24.
const WIDE: [&[u32]; 8] = [&[0, 1], &[1, 0], &[1, 2], &[2, 1], &[2, 3], &[3, 2], &[0, 1, 2], &[2, 1, 0]];

/// Listens for coded audio.
#[derive(Debug)]
pub struct CodedAudioDetector {
    scanners: Vec<(&'static [u32], Scanner)>,
    /// Samples as integers of 32 bits, kept so that no buffer is allocated for each block.
    values: Vec<u32>,
}

impl CodedAudioDetector {
    /// A detector to samples of so many bits.
    pub fn new(depth: u8) -> Self {
        let views: &[&[u32]] = if depth > 16 { &WIDE } else { &NARROW };
        let scanners = views.iter().map(|&view| (view, Scanner::default())).collect();
        Self { scanners, values: Vec::new() }
    }

    /// Takes interleaved samples; what they are instead, once that is known.
    pub fn detect(&mut self, samples: &[f32]) -> Option<&'static str> {
        self.values.clear();
        self.values.extend(samples.iter().map(|sample| (sample * 2_147_483_648.0) as i32 as u32));
        self.scanners.iter_mut().find_map(|(view, scanner)| {
            self.values.iter().find_map(|value| {
                view.iter().find_map(|byte| scanner.push((value << (8 * byte) >> 24) as u8))
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reproducible byte for each place.
    fn noise(place: usize) -> u8 {
        let mut state = place as u64 ^ 0x2545_f491_4f6c_dd1d;
        for _ in 0..3 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
        }
        (state >> 32) as u8
    }

    /// `head` each `step` bytes, and noise.
    fn stream(head: &[u8], step: usize) -> Vec<u8> {
        (0..7 * step).map(|place| head.get(place % step).copied().unwrap_or_else(|| noise(place))).collect()
    }

    /// Words of 16 bits as samples at `shift` bits in 32.
    fn samples(bytes: &[u8], swapped: bool, shift: u32) -> Vec<f32> {
        let word =
            |pair: &[u8; 2]| if swapped { u16::from_le_bytes(*pair) } else { u16::from_be_bytes(*pair) };
        let value = |word: u16| {
            if shift == 16 { i32::from(word.cast_signed()) << 16 } else { i32::from(word) << shift }
        };
        bytes.as_chunks().0.iter().map(|pair| value(word(pair)) as f32 / 2_147_483_648.0).collect()
    }

    fn detected(samples: &[f32], depth: u8) -> Option<&'static str> {
        let mut detector = CodedAudioDetector::new(depth);
        samples.chunks(999).find_map(|part| detector.detect(part))
    }

    const CASES: [(&[u8], usize, &str); 14] = [
        (b"\xf8\x72\x4e\x1f\0\x01", 6144, "AC-3"),
        (b"\xf8\x72\x4e\x1f\0\x05", 4608, "MPEG"),
        (b"\xf8\x72\x4e\x1f\0\x07", 4096, "AAC"),
        (b"\xf8\x72\x4e\x1f\0\x0b", 2048, "DTS"),
        (b"\xf8\x72\x4e\x1f\x04\x11", 32_768, "DTS-HD"),
        (b"\xf8\x72\x4e\x1f\0\x15", 24_576, "E-AC-3"),
        (b"\xf8\x72\x4e\x1f\0\x16", 61_440, "TrueHD"),
        (b"\xf8\x72\x4e\x1f\0\x0e", 2048, "ATRAC"),
        (b"\xf8\x72\x4e\x1f\0\x1c", 7680, "Dolby E"),
        (b"\x7f\xfe\x80\x01\xfc\x3c\x7d\xb0", 2012, "DTS"),
        (b"\x1f\xff\xe8\x00\x07\xf1", 4096, "DTS"),
        // without a header that is one
        (b"\x7f\xfe\x80\x01", 2012, "DTS"),
        // 192 kbit/s at 48 kHz; frames of 1536 bytes
        (b"\x0b\x77\x12\x34\x14\x40", 768, "AC-3"),
        (b"\x0b\x77\x02\xff\x34\x80", 1536, "E-AC-3"),
    ];

    #[test]
    fn coded_audio_is_named_in_words_of_any_size_and_order() {
        for (head, step, name) in CASES {
            let stream = stream(head, step);
            for (shift, depth) in [(16, 16), (16, 24), (8, 24), (0, 24)] {
                for swapped in [false, true] {
                    // after silence, in the middle of a word
                    for before in [vec![], vec![0; 2_400], vec![0; 31], (0..701).map(noise).collect()] {
                        let bytes = [&before[..], &stream].concat();
                        let found = detected(&samples(&bytes, swapped, shift), depth);
                        let what = format!("{head:x?}, {} before, {shift} {depth} {swapped}", before.len());
                        assert!(found.is_some_and(|found| found.starts_with(name)), "{what}: {found:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn coded_audio_is_found_however_late_it_begins() {
        for (head, step, name) in [CASES[0], CASES[9], CASES[12]] {
            let bytes = [(0..1_500_001).map(noise).collect(), stream(head, step)].concat();
            let found = detected(&samples(&bytes, true, 16), 16);
            assert!(found.is_some_and(|found| found.starts_with(name)), "{head:x?}: {found:?}");
        }
    }

    #[test]
    fn streams_of_bytes_are_named_in_24_bits_too() {
        for (head, step, name) in &CASES[9..] {
            for lost in 0..3 {
                let stream = stream(head, *step);
                let triples = stream[lost..].as_chunks::<3>().0.iter();
                let value = |[a, b, c]: [u8; 3], big| if big { [a, b, c, 0] } else { [c, b, a, 0] };
                for big in [false, true] {
                    let samples: Vec<f32> = triples
                        .clone()
                        .map(|&bytes| i32::from_be_bytes(value(bytes, big)) as f32 / 2_147_483_648.0)
                        .collect();
                    let found = detected(&samples, 24);
                    assert!(found.is_some_and(|found| found.starts_with(name)), "{head:x?} {big}: {found:?}");
                }
            }
        }
    }

    #[test]
    fn words_of_20_and_24_bits_are_named() {
        for sync in [[0x96_f872_u32, 0xa5_4e1f], [0x6f_8720, 0x54_e1f0]] {
            let words = (0..6).flat_map(|burst| {
                sync.into_iter().chain([0x00_1c00]).chain((0..3837).map(move |word| {
                    u32::from_be_bytes([0, noise(burst * 5000 + word), noise(word), noise(word + 7)])
                }))
            });
            let samples: Vec<f32> =
                words.map(|word| (word << 8).cast_signed() as f32 / 2_147_483_648.0).collect();
            assert_eq!(detected(&samples, 24), Some("Dolby E (SMPTE ST 337)"), "{sync:x?}");
        }
    }

    #[test]
    fn bursts_that_go_with_pictures_may_be_a_sample_apart() {
        // 48 kHz at 29.97 pictures a second
        let bursts = [1602, 1601, 1602, 1601, 1602_usize].iter().flat_map(|&frames| {
            let head = b"\xf8\x72\x4e\x1f\0\x1c";
            (0..4 * frames).map(move |place| head.get(place).copied().unwrap_or_else(|| noise(place)))
        });
        let bytes: Vec<u8> = bursts.collect();
        assert_eq!(detected(&samples(&bytes, false, 16), 16), Some("Dolby E (SMPTE ST 337)"));
    }

    #[test]
    fn whatever_is_out_of_step_or_periodic_is_music() {
        let mut music: Vec<Vec<u8>> = vec![
            (0..1_000_000).map(noise).collect(),
            vec![0; 100_000],
            b"\x0b\x77".repeat(50_000),
            b"\xf8\x72\x4e\x1f".repeat(50_000),
            b"\x7f\xfe\x80\x01".repeat(50_000),
            b"\x7f\xff\x80\x00".repeat(50_000),
            // a tone in opposite phases, at full scale, of 441 samples
            [&b"\x7f\xfe\x80\x01"[..], &[0x10; 1760]].concat().repeat(100),
        ];
        for head in
            [&b"\xf8\x72\x4e\x1f\0\x01"[..], b"\x7f\xfe\x80\x01\xfc\x3c\x7d\xb0", b"\x0b\x77\x12\x34\x14\x40"]
        {
            let steps = [3072, 3172, 2900, 3072, 2999, 3072, 2048, 4000];
            music.push(steps.iter().flat_map(|&step| stream(head, step)[..step].to_vec()).collect());
        }
        for bytes in music {
            for (swapped, shift) in [(false, 16), (true, 16), (false, 8), (true, 0)] {
                let samples = samples(&bytes, swapped, shift);
                assert_eq!(detected(&samples, 24), None, "{:x?} {swapped} {shift}", &bytes[..8]);
            }
        }
    }
}
