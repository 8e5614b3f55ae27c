//! An MPEG transport stream segment, as facts (ISO/IEC 13818-1 §2.4).

use super::{audio::Adts, boxes::ByteReader, faults::Faults, rule};

const PACKET: usize = 188;

/// What a transport stream segment holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Transport {
    /// Stream types in the program map, with their packet identifiers.
    pub streams: Vec<(u8, u16)>,
    /// Whether PAT and PMT are in it, and whether it begins with them.
    pub tables: bool,
    pub tables_first: bool,
    /// The first presentation time of the audio, in 90 kHz.
    pub start: Option<u64>,
    /// AAC in ADTS, where that is what the audio is.
    pub adts: Option<Adts>,
}

impl Transport {
    /// Whether the only media in it is audio.
    pub fn audio_streams(&self) -> usize {
        self.streams.iter().filter(|(kind, _)| AUDIO.contains(kind)).count()
    }

    /// Whether there are pictures in it.
    pub fn has_video(&self) -> bool {
        self.streams.iter().any(|(kind, _)| matches!(kind, 0x01 | 0x02 | 0x10 | 0x1b | 0x24 | 0xdb))
    }
}

/// MPEG audio, AAC in ADTS, AAC in LATM, AC-3, E-AC-3, and the encrypted kinds Apple defined.
const AUDIO: [u8; 9] = [0x03, 0x04, 0x0f, 0x11, 0x81, 0x87, 0xcf, 0xc1, 0xc2];
const ADTS: u8 = 0x0f;

struct Packet<'a> {
    pid: u16,
    start: bool,
    payload: &'a [u8],
}

fn packet(bytes: &[u8]) -> Option<Packet<'_>> {
    let mut reader = ByteReader(bytes);
    (reader.u8()? == 0x47).then_some(())?;
    let head = reader.u16()?;
    let control = reader.u8()?;
    if control & 0x20 != 0 {
        let length = reader.u8()?;
        reader.take(length.into())?;
    }
    let payload = if control & 0x10 != 0 { reader.0 } else { &[] };
    Some(Packet { pid: head & 0x1fff, start: head & 0x4000 != 0, payload })
}

/// Reads the packets of a segment.
pub(super) fn read(bytes: &[u8], faults: &mut Faults) -> Transport {
    let mut read = Transport::default();
    let (mut map, mut tables) = (None, false);
    let (mut audio, mut lost) = (Vec::new(), 0);
    let mut order = Vec::new();
    for chunk in bytes.chunks(PACKET) {
        let Some(packet) = packet(chunk).filter(|_| chunk.len() == PACKET) else {
            lost += 1;
            continue;
        };
        if order.len() < 2 {
            order.push(packet.pid);
        }
        match packet.pid {
            0 if packet.start => map = program_map(packet.payload).or(map),
            pid if Some(pid) == map && packet.start => {
                read.streams = streams(packet.payload).unwrap_or_default();
                tables = true;
            }
            pid => {
                let kind = read.streams.iter().find(|(_, p)| *p == pid).map(|(kind, _)| *kind);
                if !kind.is_some_and(|kind| AUDIO.contains(&kind)) {
                    continue;
                }
                let payload =
                    if packet.start { elementary(packet.payload, &mut read.start) } else { packet.payload };
                if kind == Some(ADTS) {
                    audio.extend_from_slice(payload);
                }
            }
        }
    }
    if !audio.is_empty() {
        let adts = Adts::read(&audio);
        if adts.lost > 0 {
            faults.add(&rule::STREAM, format!("{} bytes of the audio are no ADTS frame", adts.lost));
        }
        read.adts = Some(adts);
    }
    if lost > 0 {
        faults.add(&rule::STREAM, format!("{lost} packets of {PACKET} bytes do not begin with 0x47"));
    }
    read.tables = map.is_some() && tables;
    read.tables_first = order.first() == Some(&0) && order.get(1).copied() == map;
    read
}

/// The section in a payload, from after its length to before its checksum.
fn section(payload: &[u8]) -> Option<&[u8]> {
    let mut reader = ByteReader(payload);
    let pointer = reader.u8()?;
    reader.take(pointer.into())?;
    reader.u8()?;
    let length = usize::from(reader.u16()? & 0x0fff);
    reader.take(length.min(reader.0.len()).checked_sub(4)?)
}

/// The identifier of the first program's map.
fn program_map(payload: &[u8]) -> Option<u16> {
    let mut reader = ByteReader(section(payload)?);
    reader.take(5)?;
    loop {
        let (program, pid) = (reader.u16()?, reader.u16()? & 0x1fff);
        if program != 0 {
            return Some(pid);
        }
    }
}

fn streams(payload: &[u8]) -> Option<Vec<(u8, u16)>> {
    let mut reader = ByteReader(section(payload)?);
    reader.take(7)?;
    let info = reader.u16()? & 0x0fff;
    reader.take(info.into())?;
    let mut streams = Vec::new();
    while let Some(kind) = reader.u8() {
        streams.push((kind, reader.u16()? & 0x1fff));
        let info = reader.u16()? & 0x0fff;
        reader.take(info.into())?;
    }
    Some(streams)
}

/// The payload of the packet of an elementary stream that begins here, and its time, if it is the first.
fn elementary<'a>(payload: &'a [u8], first: &mut Option<u64>) -> &'a [u8] {
    let mut reader = ByteReader(payload);
    let fields = reader.take(8).and_then(|head| {
        let flags = *head.last()?;
        let length = reader.u8()?;
        Some((flags, reader.take(length.into())?))
    });
    let Some((flags, fields)) = fields else { return &[] };
    if first.is_none()
        && flags & 0x80 != 0
        && let Some(&[a, b, c, d, e]) = fields.first_chunk::<5>()
    {
        let bits = |byte: u8, keep: u8, shift: u32| u64::from(byte & keep) >> 1 << shift;
        *first = Some(
            bits(a, 0x0e, 30)
                | u64::from(b) << 22
                | bits(c, 0xfe, 15)
                | u64::from(d) << 7
                | u64::from(e) >> 1,
        );
    }
    reader.0
}
