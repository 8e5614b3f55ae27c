//! Coded audio in the place of samples: AC-3, DTS and others as a digital output carries them (IEC 61937), or as they
//! are put onto a CD. Played as samples it is noise at full scale.

/// How long is listened, in values over all channels: coded audio begins at once, after silence at most.
const LISTENED: u64 = 2 * 60 * 48_000;

/// How many of the same distance make a stream believable: sync words occur in music, too, but not in step.
const IN_STEP: u32 = 3;

/// Pairs of 16-bit words that begin a burst or a frame, and what they begin.
const SYNC: [([u16; 2], Kind); 6] = [
    ([0xf872, 0x4e1f], Kind::Burst { swapped: false }), // IEC 61937-1 §6.1
    ([0x72f8, 0x1f4e], Kind::Burst { swapped: true }),
    ([0x7ffe, 0x8001], Kind::Dts), // ETSI TS 102 114 §5.3, 16 and 14 bits a word, in both orders of bytes
    ([0xfe7f, 0x0180], Kind::Dts),
    ([0x1fff, 0xe800], Kind::Dts),
    ([0xff1f, 0x00e8], Kind::Dts),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A burst of IEC 61937, whose next word says what it holds.
    Burst { swapped: bool },
    /// A frame of DTS.
    Dts,
}

/// Listens for coded audio.
#[derive(Debug, Default)]
pub struct Listener {
    position: u64,
    /// The last two values.
    last: [u16; 2],
    /// The last sync words, where they were, how far from those before, and how often in that distance.
    seen: Option<(Kind, u64, u64, u32)>,
}

impl Listener {
    /// Takes interleaved samples; what they are instead, once that is known.
    pub fn hear(&mut self, samples: &[f32]) -> Option<&'static str> {
        for sample in samples {
            if self.position > LISTENED {
                return None;
            }
            let value = (sample * 32_768.0) as i16 as u16;
            let found = SYNC.iter().find(|(words, _)| *words == self.last);
            let kind = found.map(|(_, kind)| *kind);
            if let Some(kind) = kind
                && self.is_in_step(kind)
            {
                return Some(match kind {
                    Kind::Dts => "DTS",
                    Kind::Burst { swapped } => burst(if swapped { value.swap_bytes() } else { value }),
                });
            }
            self.last = [self.last[1], value];
            self.position += 1;
        }
        None
    }

    fn is_in_step(&mut self, kind: Kind) -> bool {
        let (distance, count) = match self.seen {
            Some((seen, at, distance, count)) if seen == kind => {
                let found = self.position - at;
                (found, if found == distance { count + 1 } else { 1 })
            }
            _ => (0, 0),
        };
        self.seen = Some((kind, self.position, distance, count));
        count >= IN_STEP
    }
}

/// What a burst holds, by the first word after its sync words (IEC 61937-2 §4.2).
fn burst(info: u16) -> &'static str {
    match info & 0x1f {
        1 => "AC-3 (IEC 61937)",
        4..=6 | 8..=10 => "MPEG audio (IEC 61937)",
        7 | 19 | 20 => "AAC (IEC 61937)",
        11..=13 | 17 => "DTS (IEC 61937)",
        21 => "E-AC-3 (IEC 61937)",
        22 => "TrueHD (IEC 61937)",
        _ => "coded audio (IEC 61937)",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bursts of `words` each `step` values, as samples, after `silence` values of silence.
    fn stream(words: &[u16], step: usize, silence: usize) -> Vec<f32> {
        let mut state = 1_u32;
        let mut values = vec![0_u16; silence];
        for _ in 0..6 {
            values.extend(words);
            for _ in words.len()..step {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                values.push((state >> 16) as u16);
            }
        }
        values.into_iter().map(|value| f32::from(value.cast_signed()) / 32_768.0).collect()
    }

    #[test]
    fn bursts_and_frames_in_step_are_named() {
        for (words, step, name) in [
            (&[0xf872, 0x4e1f, 0x0001][..], 3072, Some("AC-3 (IEC 61937)")),
            (&[0x72f8, 0x1f4e, 0x0b00], 1024, Some("DTS (IEC 61937)")),
            (&[0xf872, 0x4e1f, 0x0015], 12_288, Some("E-AC-3 (IEC 61937)")),
            (&[0xf872, 0x4e1f, 0x0016], 30_720, Some("TrueHD (IEC 61937)")),
            (&[0x7ffe, 0x8001], 1024, Some("DTS")),
            (&[0xfe7f, 0x0180], 1006, Some("DTS")),
            (&[0x1fff, 0xe800], 2048, Some("DTS")),
            (&[0xff1f, 0x00e8], 2048, Some("DTS")),
            (&[0xf872, 0x4e20], 3072, None),
        ] {
            for silence in [0, 1, 96_000] {
                let samples = stream(words, step, silence);
                let mut listener = Listener::default();
                let found = samples.chunks(1000).find_map(|part| listener.hear(part));
                assert_eq!(found, name, "{words:x?} after {silence}");
            }
        }
    }

    #[test]
    fn sync_words_out_of_step_are_music() {
        let mut samples = Vec::new();
        for step in [3072, 3073, 3000, 3072, 2999, 3072] {
            samples.extend(&stream(&[0xf872, 0x4e1f, 0x0001], step, 0)[..step]);
        }
        assert_eq!(Listener::default().hear(&samples), None);
    }
}
