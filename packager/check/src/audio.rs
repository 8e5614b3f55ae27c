//! AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1) and ADTS (§1.A.3).

use super::boxes::ByteReader;

const RATES: [u32; 13] =
    [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350];

/// What an AudioSpecificConfig says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AudioConfig {
    /// The object type: 2 LC, 5 SBR, 29 PS, 42 xHE-AAC.
    pub object_type: u8,
    /// What the decoder puts out, in hertz.
    pub rate: u32,
    /// Channels of the core: parametric stereo makes two of one.
    pub channels: u8,
    /// Whether SBR is signalled behind an LC configuration, in a way old decoders overlook.
    pub compatible_sbr: bool,
}

impl AudioConfig {
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let mut bits = Bits { reader: ByteReader(bytes), left: 0, byte: 0 };
        let object_type = bits.object_type()?;
        let mut rate = bits.rate()?;
        let channels = bits.get(4)? as u8;
        if object_type == 5 || object_type == 29 {
            rate = bits.rate()?;
            return Some(Self { object_type, rate, channels, compatible_sbr: false });
        }
        let mut config = Self { object_type, rate, channels, compatible_sbr: false };
        // GASpecificConfig of LC without a program config element, then the sync extension
        if object_type == 2 && channels != 0 && bits.get(3) == Some(0) && bits.get(11) == Some(0x2b7) {
            let extension = bits.object_type();
            config.compatible_sbr = extension == Some(5) && bits.get(1) == Some(1);
            if config.compatible_sbr {
                config.rate = bits.rate().unwrap_or(config.rate);
            }
        }
        Some(config)
    }

    /// The number of channels a player puts out.
    pub fn output_channels(&self) -> Option<u8> {
        match self.channels {
            // parametric stereo
            1 if self.object_type == 29 => Some(2),
            1..=6 => Some(self.channels),
            7 => Some(8),
            _ => None,
        }
    }
}

struct Bits<'a> {
    reader: ByteReader<'a>,
    byte: u8,
    left: u32,
}

impl Bits<'_> {
    fn get(&mut self, count: u32) -> Option<u32> {
        let mut value = 0;
        for _ in 0..count {
            if self.left == 0 {
                self.byte = self.reader.u8()?;
                self.left = 8;
            }
            self.left -= 1;
            value = value << 1 | u32::from(self.byte >> self.left & 1);
        }
        Some(value)
    }

    fn object_type(&mut self) -> Option<u8> {
        Some(match self.get(5)? {
            31 => 32 + self.get(6)? as u8,
            short => short as u8,
        })
    }

    fn rate(&mut self) -> Option<u32> {
        match self.get(4)? {
            15 => self.get(24),
            index => RATES.get(index as usize).copied(),
        }
    }
}

/// ADTS frames, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Adts {
    /// Access units.
    pub frames: u64,
    /// The sampling rate of the core, in hertz.
    pub rate: u32,
    /// Bytes that are no frame, or a frame cut off.
    pub lost: u64,
}

impl Adts {
    /// Walks frame by frame; on bytes that begin none, to where one begins.
    pub fn read(bytes: &[u8]) -> Self {
        let (mut read, mut rest) = (Self::default(), bytes);
        while !rest.is_empty() {
            let frame =
                frame(rest).and_then(|(rate, units, length)| Some((rate, units, rest.get(length..)?)));
            match frame {
                Some((rate, units, after)) => {
                    read.frames += u64::from(units);
                    read.rate = rate;
                    rest = after;
                }
                None => {
                    let skip = rest.windows(2).skip(1).position(is_sync).map_or(rest.len(), |at| at + 1);
                    read.lost += skip as u64;
                    rest = rest.get(skip..).unwrap_or_default();
                }
            }
        }
        read
    }

    /// In seconds. SBR doubles rate and frame alike, so it counts as it stands.
    pub fn duration(&self) -> Option<f64> {
        (self.rate > 0).then(|| self.frames as f64 * 1024.0 / f64::from(self.rate))
    }

    /// Whether bytes begin with a frame.
    pub fn begins(bytes: &[u8]) -> bool {
        frame(bytes).is_some()
    }
}

fn is_sync(bytes: &[u8]) -> bool {
    matches!(bytes, [0xff, second, ..] if second & 0xf6 == 0xf0)
}

/// Rate, access units and length of the frame that begins here.
fn frame(bytes: &[u8]) -> Option<(u32, u8, usize)> {
    let header: [u8; 7] = bytes.get(..7)?.try_into().ok()?;
    let [_, _, third, fourth, fifth, sixth, seventh] = header;
    let rate = RATES.get(usize::from(third >> 2 & 0xf)).copied()?;
    let length = usize::from(fourth & 3) << 11 | usize::from(fifth) << 3 | usize::from(sixth >> 5);
    (is_sync(bytes) && length > 7).then_some((rate, (seventh & 3) + 1, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configurations_as_encoders_write_them() {
        let read = |bytes: &[u8]| {
            let c = AudioConfig::read(bytes).unwrap();
            (c.object_type, c.rate, c.output_channels().unwrap(), c.compatible_sbr)
        };
        assert_eq!(read(&[0x12, 0x10]), (2, 44_100, 2, false));
        assert_eq!(read(&[0x2b, 0x92, 0x08, 0x00]), (5, 44_100, 2, false));
        assert_eq!(read(&[0xeb, 0x8a, 0x08, 0x00]), (29, 44_100, 2, false));
        // LC at 22.05 kHz, with SBR behind it
        assert_eq!(read(&[0x13, 0x90, 0x56, 0xe5, 0xa0]), (2, 44_100, 2, true));
        assert_eq!(AudioConfig::read(&[]), None);
        assert_eq!(AudioConfig::read(&[0x16]), None);
    }

    #[test]
    fn frames_are_counted_and_rubbish_is_told() {
        let frame = [0xff, 0xf1, 0x50, 0x80, 0x01, 0x20, 0xfc, 1, 2];
        assert_eq!(Adts::read(&frame.repeat(3)), Adts { frames: 3, rate: 44_100, lost: 0 });
        let broken = [frame.as_slice(), b"rubbish", &frame, &frame[..8]].concat();
        assert_eq!(Adts::read(&broken), Adts { frames: 2, rate: 44_100, lost: 15 });
        assert_eq!(Adts::read(&[0xff; 100]).frames, 0);
    }
}
