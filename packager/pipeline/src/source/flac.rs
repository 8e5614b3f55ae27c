//! FLAC files: frames, one right behind the other, each with its check sum and its number, so that none is lost unseen.
//! Of the metadata STREAMINFO alone is read: the rest is for people, and `flac -t` passes it whatever it holds.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
};

use crc::{CRC_16_UMTS, Crc, Table};
use symphonia::core::{
    codecs::audio::{AudioCodecParameters, well_known::CODEC_ID_FLAC},
    packet::Packet,
    units::{Duration, Timestamp},
};

use super::{boxes::big, container::at, error::Refusal, flac_header::Header, lengths::Stated, tail};

/// The check sum at the end of a frame (RFC 9639 §9.3).
static FRAME: Crc<u16, Table<16>> = Crc::<u16, Table<16>>::new(&CRC_16_UMTS);

/// Metadata blocks, at most.
const BLOCKS: usize = 10_000;

/// Bytes of STREAMINFO (RFC 9639 §8.2).
const STREAMINFO: usize = 34;

/// Bytes between the metadata and the first frame, at most.
const JUNK: usize = 64 << 10;

/// Bytes of a frame, at most, and of one reading.
const LONGEST: usize = 16 << 20;
const READING: usize = 32 << 10;

/// The frames of a file.
pub struct Flac {
    input: File,
    parameters: AudioCodecParameters,
    channels: u8,
    stated: Option<u64>,
    /// What was read from `position` on.
    buffer: Vec<u8>,
    position: u64,
    /// Where the audio ends, with the tags behind it left out.
    end: u64,
    /// How the next frame has to be numbered, and whether in samples.
    next: (u64, Option<bool>),
    done: u64,
    notices: Vec<String>,
}

impl Flac {
    /// Reads STREAMINFO of the file that begins at `offset`, and finds the first frame.
    ///
    /// # Errors
    /// Where there is no STREAMINFO, or no frame.
    pub fn open(mut input: File, offset: u64) -> Result<Self, Refusal> {
        let length = input.seek(SeekFrom::End(0))?;
        let (info, first) = metadata(&mut input, offset + 4)?;
        if first >= length {
            return Err(Refusal::Unsupported("the file ends before any audio begins".to_owned()));
        }
        let info = info.ok_or_else(|| Refusal::Unsupported("FLAC without its STREAMINFO".to_owned()))?;
        let end = tail::strip(&mut input, first, length)?;
        let head = at(&mut input, first, JUNK)?;
        let junk =
            (0..head.len()).find(|&junk| head.get(junk..).is_some_and(|at| Header::read(at).is_some()));
        let junk = junk.ok_or_else(|| broken(first, "no FLAC frame begins there".to_owned()))? as u64;
        let notices = (junk > 0).then(|| format!("{junk} bytes before the first frame are left out"));
        let position = first + junk;
        input.seek(SeekFrom::Start(position))?;
        // 20 bits of rate, 3 of channels, 5 of depth, 36 of samples
        let facts = big(&info, 10, 8).unwrap_or(0);
        Ok(Self {
            parameters: parameters(&info, facts),
            channels: (facts >> 41 & 7) as u8 + 1,
            stated: Some(facts & 0xf_ffff_ffff).filter(|&samples| samples > 0),
            input,
            buffer: Vec::new(),
            position,
            end,
            next: (0, None),
            done: 0,
            notices: notices.into_iter().collect(),
        })
    }

    /// The format of the frames.
    pub fn parameters(&self) -> &AudioCodecParameters {
        &self.parameters
    }

    /// What STREAMINFO states of the length.
    pub fn lengths(&self) -> Vec<Stated> {
        let stated = self.stated.map(|samples| Stated { by: "STREAMINFO", samples, slack: 0 });
        stated.into_iter().collect()
    }

    /// What the owner should know.
    pub fn notices(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notices)
    }

    /// The byte where reading goes on.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The next frame.
    ///
    /// # Errors
    /// Where something else follows than the next frame, or nothing though it is not the end.
    pub fn next_packet(&mut self) -> Result<Option<Packet>, String> {
        self.fill(Header::LONGEST).map_err(|error| error.to_string())?;
        let Some(header) = Header::read(&self.buffer) else { return self.last() };
        let (number, variable) = self.next;
        if header.number != number || variable.is_some_and(|variable| variable != header.variable) {
            let before = if number == 0 { "what comes before it" } else { "what lies between" };
            let unit = if header.variable { "sample" } else { "frame" };
            return Err(format!(
                "{unit} {} follows there instead of {number}: {before} is missing",
                header.number
            ));
        }
        let rate = header.rate.is_some_and(|rate| Some(rate) != self.parameters.sample_rate);
        if rate || header.channels != self.channels {
            return Err("the sampling rate or the channels change midway".to_owned());
        }
        let length = self.length(&header).map_err(|error| error.to_string())?;
        let length = length.ok_or("the frame that begins there is damaged or cut short")?;
        let rest = self.buffer.split_off(length);
        let frame = std::mem::replace(&mut self.buffer, rest);
        self.position += length as u64;
        let time = Timestamp::from(self.done.cast_signed());
        self.done += header.samples;
        self.next = (number + if header.variable { header.samples } else { 1 }, Some(header.variable));
        Ok(Some(Packet::new(0, time, Duration::from(header.samples), frame)))
    }

    /// Judges what follows the last frame.
    fn last(&mut self) -> Result<Option<Packet>, String> {
        let failed = |error: io::Error| error.to_string();
        let (mut from, mut tagged) = (self.position, false);
        let mut rest = at(&mut self.input, from, JUNK).map_err(failed)?;
        while let Some(length) = tail::ahead(&rest) {
            tagged = true;
            let Some(length) = length else { break };
            from += length;
            rest = at(&mut self.input, from, JUNK).map_err(failed)?;
        }
        if rest.starts_with(b"fLaC") {
            return Err("a second FLAC file begins there, as where two were joined".to_owned());
        }
        if !tagged && from < self.end && rest.iter().any(|&byte| byte != 0) {
            return Err("no FLAC frame begins there".to_owned());
        }
        Ok(None)
    }

    /// The length of the frame that the buffer begins with: its check sum holds, and behind it lies another frame,
    /// another file, a tag or the end.
    fn length(&mut self, header: &Header) -> io::Result<Option<usize>> {
        let (mut sum, mut summed) = (0, 0);
        let mut place = header.length + 3;
        while place < LONGEST {
            let more = self.fill(place + READING)?;
            let limit = if more { self.buffer.len() - Header::LONGEST } else { self.buffer.len() };
            while let Some(next) =
                self.buffer.get(place..limit).and_then(|rest| rest.iter().position(may_begin))
            {
                place += next;
                let behind = self.buffer.get(place..).unwrap_or_default();
                let follows = Header::read(behind).is_some_and(|next| next.variable == header.variable)
                    || behind.starts_with(b"fLaC")
                    || tail::ahead(behind).is_some();
                if follows {
                    let body = self.buffer.get(summed..place - 2).unwrap_or_default();
                    (sum, summed) = (digest(sum, body), place - 2);
                    if self.sum_at(summed) == Some(sum) {
                        return Ok(Some(place));
                    }
                }
                place += 1;
            }
            place = place.max(limit);
            if !more {
                return Ok(self.length_at_the_end());
            }
        }
        Ok(None)
    }

    /// The length of the last frame, behind which zeros may lie.
    fn length_at_the_end(&self) -> Option<usize> {
        let length = self.buffer.len();
        let silent = self.buffer.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
        [length, silent, silent + 1, silent + 2].into_iter().filter(|&end| end <= length).find(|&end| {
            let body = end.checked_sub(2).and_then(|body| self.buffer.get(..body));
            body.is_some_and(|body| self.sum_at(body.len()) == Some(digest(0, body)))
        })
    }

    fn sum_at(&self, place: usize) -> Option<u16> {
        self.buffer.get(place..place + 2)?.first_chunk().map(|&sum| u16::from_be_bytes(sum))
    }

    /// Reads until the buffer holds `length` bytes; `false` where the audio ends before that.
    fn fill(&mut self, length: usize) -> io::Result<bool> {
        let have = self.buffer.len();
        if have < length {
            let there = self.position + have as u64;
            let wanted = ((length - have).max(READING) as u64).min(self.end.saturating_sub(there));
            // at() reads elsewhere
            self.input.seek(SeekFrom::Start(there))?;
            (&mut self.input).take(wanted).read_to_end(&mut self.buffer)?;
        }
        Ok(self.buffer.len() >= length)
    }
}

fn digest(sum: u16, bytes: &[u8]) -> u16 {
    let mut digest = FRAME.digest_with_initial(sum);
    digest.update(bytes);
    digest.finalize()
}

/// Whether a frame, a file or a tag may begin with this byte.
fn may_begin(byte: &u8) -> bool {
    matches!(byte, 0xff | b'f' | b'I' | b'A' | b'T' | b'L')
}

/// STREAMINFO, and where the frames begin. The last of the metadata blocks is marked; where it is not, frames show by
/// their sync code, which no block begins with.
fn metadata(input: &mut File, offset: u64) -> io::Result<(Option<Vec<u8>>, u64)> {
    let (mut info, mut offset) = (None, offset);
    for _ in 0..BLOCKS {
        let head = at(input, offset, 4 + STREAMINFO)?;
        let (Some(&kind), Some(size)) = (head.first(), big(&head, 1, 3)) else { break };
        if kind == 0xff {
            break;
        }
        if kind & 0x7f == 0 && info.is_none() {
            info = head.get(4..).filter(|info| info.len() == STREAMINFO).map(<[u8]>::to_vec);
        }
        offset += 4 + size;
        if kind & 0x80 != 0 {
            break;
        }
    }
    Ok((info, offset))
}

/// What the decoder has to know. It refuses sizes of blocks and frames that cannot be, though it needs none of them.
fn parameters(info: &[u8], facts: u64) -> AudioCodecParameters {
    let sizes = [&16_u16.to_be_bytes()[..], &u16::MAX.to_be_bytes(), &[0; 6]].concat();
    let info = [&sizes, info.get(10..).unwrap_or_default()].concat();
    let mut parameters = AudioCodecParameters::new();
    parameters
        .for_codec(CODEC_ID_FLAC)
        .with_sample_rate((facts >> 44) as u32)
        .with_bits_per_sample((facts >> 36 & 0x1f) as u32 + 1)
        .with_extra_data(info.into());
    parameters
}

fn broken(offset: u64, reason: String) -> Refusal {
    Refusal::Broken { offset, reason }
}
