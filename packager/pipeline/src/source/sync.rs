//! Sync words of coded audio in a stream of bytes. They occur in music, too, but not several times in step.

/// How often the same distance, within [`JITTER`], makes a stream believable, and how often it has to be where what
/// follows the sync words is no header.
const IN_STEP: u32 = 3;
const IN_STEP_WITHOUT_HEADER: u32 = 5;

/// How many frames of AC-3 in a row, each where the one before it ends.
const FRAMES: u32 = 5;

/// More beginnings of frames than are believable at once: a pattern.
const PATTERN: usize = 4;

/// Bytes from one burst or frame to the next.
const DISTANCE: std::ops::RangeInclusive<u64> = 256..=1 << 17;

/// Bytes by which distances may differ: bursts that go with pictures have 1601 or 1602 samples.
const JITTER: u64 = 8;

/// Whether a sync word may begin with these two bytes: a bit each.
const BEGINS: [u64; 1024] = {
    let mut bits = [0; 1024];
    // in the order of the standards, and with the bytes of each word exchanged
    let words = [0xf872, 0x72f8, 0x96f8, 0x6f87, 0x7ffe, 0xfe7f, 0x1fff, 0xff1f, 0x0b77, 0x770b_usize];
    let mut index = 0;
    while index < words.len() {
        bits[words[index] / 64] |= 1 << (words[index] % 64);
        index += 1;
    }
    bits
};

/// What a sync word begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SyncKind {
    /// A burst of IEC 61937, and what it says that it holds.
    Iec(u8),
    /// The same of SMPTE ST 337 in words of 20 or 24 bits.
    Smpte(u8),
    Dts,
}

/// The last of its kind.
#[derive(Debug, Clone, Copy)]
struct Seen {
    kind: SyncKind,
    at: u64,
    distance: u64,
    count: u32,
    /// What followed its sync words.
    header: u32,
}

/// Looks for sync words.
#[derive(Debug, Default)]
pub struct Scanner {
    position: u64,
    /// The last eight bytes.
    last: u64,
    seen: Vec<Seen>,
    /// Where frames of AC-3 are expected, and how many led there.
    frames: Vec<(u64, u32)>,
}

impl Scanner {
    /// Takes a byte; what the stream holds, once that is known.
    #[inline]
    pub fn push(&mut self, byte: u8) -> Option<&'static str> {
        self.last = self.last << 8 | u64::from(byte);
        self.position += 1;
        let begin = (self.last >> 48) as usize;
        let word = BEGINS.get(begin / 64).copied().unwrap_or(0);
        if word >> (begin % 64) & 1 == 0 { None } else { self.judge() }
    }

    /// Judges a window that may begin with sync words.
    fn judge(&mut self) -> Option<&'static str> {
        let [a, b, c, d, e, f, g, h] = self.last.to_be_bytes();
        let header = u32::from_be_bytes([e, f, g, h]);
        let (kind, whole) = match u32::from_be_bytes([a, b, c, d]) {
            // IEC 61937-1 §6.1: Pa, Pb, and Pc with the type of the data in its lowest bits
            0xf872_4e1f => (SyncKind::Iec(f & 0x1f), true),
            0x72f8_1f4e => (SyncKind::Iec(e & 0x1f), true),
            // SMPTE ST 337 §7: the highest 16 of 24 bits
            0x96f8_a54e | 0x6f87_54e1 => (SyncKind::Smpte(f & 0x1f), true),
            // ETSI TS 102 114 §5.3, in words of 16 and of 14 bits; then a frame that is a normal one
            0x7ffe_8001 => (SyncKind::Dts, e & 0xfc == 0xfc),
            0xfe7f_0180 => (SyncKind::Dts, f & 0xfc == 0xfc),
            0x1fff_e800 => (SyncKind::Dts, (e, f & 0xf0) == (0x07, 0xf0)),
            0xff1f_00e8 => (SyncKind::Dts, (f, e & 0xf0) == (0x07, 0xf0)),
            _ => return self.frame(),
        };
        let old = self.seen.iter().find(|seen| seen.kind == kind).copied();
        self.seen.retain(|seen| seen.kind != kind);
        let mut seen = Seen { kind, at: self.position, distance: 0, count: 0, header };
        if let Some(old) = old {
            seen.distance = seen.at - old.at;
            // a pattern repeats what follows it, too
            if DISTANCE.contains(&seen.distance) && (whole || header != old.header) {
                let in_step = seen.distance.abs_diff(old.distance) <= JITTER;
                seen.count = if in_step { old.count + 1 } else { 1 };
            }
        }
        self.seen.push(seen);
        (seen.count >= if whole { IN_STEP } else { IN_STEP_WITHOUT_HEADER }).then(|| name(kind))
    }

    /// Judges what may be a frame of AC-3 or E-AC-3 (ETSI TS 102 366 §4.3, §E.1.2).
    fn frame(&mut self) -> Option<&'static str> {
        let at = self.position;
        let [a, b, c, d, e, f, g, h] = self.last.to_be_bytes();
        let (length, name) = ac3_frame([a, b, c, d, e, f, g, h]).or(ac3_frame([b, a, d, c, f, e, h, g]))?;
        self.frames.retain(|&(next, _)| next >= at);
        let count = self.frames.iter().find(|&&(next, _)| next == at).map_or(1, |&(_, count)| count + 1);
        if self.frames.len() >= PATTERN {
            self.frames.clear();
            return None;
        }
        self.frames.retain(|&(next, _)| next != at);
        self.frames.push((at + length, count));
        (count >= FRAMES).then_some(name)
    }
}

/// The length in bytes that a frame of AC-3 or E-AC-3 states, and what it is.
pub fn ac3_frame(head: [u8; 8]) -> Option<(u64, &'static str)> {
    const KBIT: [u64; 19] =
        [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640];
    let [0x0b, 0x77, c, d, e, f, ..] = head else { return None };
    match f >> 3 {
        0..=10 => {
            let kbit = *KBIT.get(usize::from(e & 0x3f) / 2)?;
            let words = match e >> 6 {
                0 => 2 * kbit,
                1 => kbit * 320 / 147 + u64::from(e & 1),
                2 => 3 * kbit,
                _ => return None,
            };
            Some((2 * words, "AC-3"))
        }
        11..=16 => {
            let length = 2 * (u64::from(c & 7) << 8 | u64::from(d)) + 2;
            (length >= 64).then_some((length, "E-AC-3"))
        }
        _ => None,
    }
}

/// What a burst or a frame holds (IEC 61937-2 §4.2, SMPTE ST 338).
fn name(kind: SyncKind) -> &'static str {
    match kind {
        SyncKind::Dts => "DTS",
        SyncKind::Iec(kind) => match kind {
            1 => "AC-3 (IEC 61937)",
            4 => "MPEG-1 layer I (IEC 61937)",
            5 => "MPEG-1 layer II or III (IEC 61937)",
            6 | 8..=10 => "MPEG-2 audio (IEC 61937)",
            7 | 19 => "AAC (MPEG-2, IEC 61937)",
            11 => "DTS type I (IEC 61937)",
            12 => "DTS type II (IEC 61937)",
            13 => "DTS type III (IEC 61937)",
            14 => "ATRAC (IEC 61937)",
            15 => "ATRAC3 (IEC 61937)",
            16 => "ATRAC-X (IEC 61937)",
            17 => "DTS-HD (IEC 61937)",
            18 => "Windows Media Audio Pro (IEC 61937)",
            20 => "AAC (MPEG-4, IEC 61937)",
            21 => "E-AC-3 (IEC 61937)",
            22 => "TrueHD (MAT, IEC 61937)",
            24 => "AC-4 (IEC 61937)",
            25 => "MPEG-H 3D Audio (IEC 61937)",
            28 => "Dolby E (SMPTE ST 337)",
            _ => "coded audio (IEC 61937)",
        },
        SyncKind::Smpte(kind) => match kind {
            1 => "AC-3 (SMPTE ST 337)",
            4..=6 | 8 | 9 => "MPEG audio (SMPTE ST 337)",
            10 | 11 => "AAC (SMPTE ST 337)",
            16 => "E-AC-3 (SMPTE ST 337)",
            28 => "Dolby E (SMPTE ST 337)",
            _ => "coded audio (SMPTE ST 337)",
        },
    }
}
