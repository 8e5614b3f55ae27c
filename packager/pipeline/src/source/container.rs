//! What a file is, by its content.

use std::io::{self, Read, Seek, SeekFrom};

use super::foreign;

/// Bytes that may lie before the first frame of an MPEG stream besides tags.
const JUNK: usize = 64 << 10;

/// Tags before the audio, at most.
const TAGS: usize = 16;

/// How many frames in a row make an MPEG stream believable.
const CHAIN: usize = 3;

/// A container, or a stream without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    Wave,
    Aiff,
    Caf,
    Flac,
    Ogg,
    Mp4,
    Mp3,
    Adts,
}

/// Where the audio begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbedContainer {
    pub container: Container,
    /// Bytes before it: tags and junk.
    pub offset: u64,
    /// Bytes of junk among them.
    pub junk: u64,
}

/// Finds the audio in `input`, or says what is there instead.
pub fn find(input: &mut (impl Read + Seek)) -> io::Result<Result<ProbedContainer, String>> {
    let mut offset = 0;
    let mut head = at(input, 0, JUNK + 64)?;
    for _ in 0..TAGS {
        let Some(tag) = tag_length(&head) else { break };
        offset += tag;
        head = at(input, offset, JUNK + 64)?;
    }
    if head.is_empty() {
        return Ok(Err(format!("the file ends at byte {offset}, before any audio begins")));
    }
    if let Some(container) = magic(&head) {
        return Ok(match foreign::brand(&head) {
            Some(foreign) => Err(foreign.to_string()),
            None => Ok(ProbedContainer { container, offset, junk: 0 }),
        });
    }
    if let Some(foreign) = foreign::find(&head) {
        return Ok(Err(foreign.to_string()));
    }
    for (junk, start) in head.windows(4).enumerate().take(JUNK) {
        let Some(first) = MpegFrame::read(start) else { continue };
        if chain(input, offset + junk as u64, first, junk == 0)? {
            let (container, junk) = (first.container, junk as u64);
            return Ok(Ok(ProbedContainer { container, offset: offset + junk, junk }));
        }
    }
    Ok(Err(foreign::unknown(&head).to_owned()))
}

/// A little-endian number of `count` bytes at `from`.
pub fn little(bytes: &[u8], from: usize, count: usize) -> Option<u64> {
    let bytes = bytes.get(from..from + count)?;
    Some(bytes.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte)))
}

/// Up to `length` bytes at `offset`.
pub fn at(input: &mut (impl Read + Seek), offset: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.seek(SeekFrom::Start(offset))?;
    input.take(length as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The length of an ID3v2 tag at the start of `head` (ID3v2.4 §3.1), header and footer counted.
pub fn tag_length(head: &[u8]) -> Option<u64> {
    let [b'I', b'D', b'3', _, _, flags, size @ ..] = head.first_chunk::<10>()? else { return None };
    if size.iter().any(|byte| byte & 0x80 != 0) {
        return None;
    }
    let size = size.iter().fold(0, |size, &byte| size << 7 | u64::from(byte));
    Some(10 + size + if flags & 0x10 != 0 { 10 } else { 0 })
}

fn magic(head: &[u8]) -> Option<Container> {
    Some(match (head.get(..4)?, head.get(4..8), head.get(8..12)) {
        (b"RIFF" | b"RF64" | b"BW64", _, Some(b"WAVE")) => Container::Wave,
        (b"FORM", _, Some(b"AIFF" | b"AIFC")) => Container::Aiff,
        (b"caff", ..) => Container::Caf,
        (b"fLaC", ..) => Container::Flac,
        (b"OggS", ..) => Container::Ogg,
        (_, Some(b"ftyp"), _) => Container::Mp4,
        _ => return None,
    })
}

/// The header of an MPEG audio frame of layer III (ISO/IEC 11172-3 §2.4.1.3), or of ADTS
/// (ISO/IEC 13818-7 §6.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MpegFrame {
    container: Container,
    /// In bytes, the header included.
    pub length: u64,
    /// What all frames of a stream have in common: the version and the sampling rate.
    kind: (u8, u8),
}

impl MpegFrame {
    /// Whether both are of one stream.
    pub fn is_like(&self, other: &Self) -> bool {
        (self.container, self.kind) == (other.container, other.kind)
    }

    /// Reads a header; the length of one of ADTS needs six bytes.
    pub fn read(head: &[u8]) -> Option<Self> {
        let (&[sync, version, rate, channels], rest) = head.split_first_chunk::<4>()?;
        if sync != 0xff || version & 0xe0 != 0xe0 {
            return None;
        }
        if version & 0xf6 == 0xf0 {
            // ADTS: layer 0; the length needs three more bytes, of which two may be here
            let high = u64::from(channels & 3) << 11;
            let middle = rest.first().map_or(0, |&byte| u64::from(byte) << 3);
            let low = rest.get(1).map_or(0, |&byte| u64::from(byte) >> 5);
            let index = rate >> 2 & 0xf;
            let kind = (version & 8, index);
            let length = high | middle | low;
            return (index < 13).then_some(Self { container: Container::Adts, length, kind });
        }
        const RATES: [u64; 3] = [44_100, 48_000, 32_000];
        const MPEG1: [u64; 14] = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
        const MPEG2: [u64; 14] = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
        let hertz = *RATES.get(usize::from(rate >> 2 & 3))?;
        let index = usize::from(rate >> 4).checked_sub(1)?;
        let padding = u64::from(rate >> 1 & 1);
        let length = match (version >> 3 & 3, version >> 1 & 3) {
            (3, 1) => 144_000 * MPEG1.get(index)? / hertz + padding,
            (2, 1) => 72_000 * MPEG2.get(index)? / (hertz / 2) + padding,
            (0, 1) => 72_000 * MPEG2.get(index)? / (hertz / 4) + padding,
            _ => return None,
        };
        Some(Self { container: Container::Mp3, length, kind: (version & 0xfe, rate >> 2 & 3) })
    }
}

/// Whether [`CHAIN`] frames of one kind follow each other from `offset`; one less will do where the file ends
/// there, two less where nothing lies before them.
pub fn chain(
    input: &mut (impl Read + Seek),
    offset: u64,
    first: MpegFrame,
    nothing_before: bool,
) -> io::Result<bool> {
    let mut offset = offset;
    for frame in 0..CHAIN {
        let enough = frame + 1 >= if nothing_before { CHAIN - 1 } else { CHAIN };
        let head = at(input, offset, 8)?;
        if head.len() < 7 {
            return Ok(enough);
        }
        match MpegFrame::read(&head) {
            Some(next) if next.is_like(&first) && next.length >= 7 => offset += next.length,
            // tags after the only frames
            None if head.starts_with(b"TAG") || head.starts_with(b"APETAGEX") => return Ok(enough),
            _ => return Ok(false),
        }
    }
    Ok(true)
}
