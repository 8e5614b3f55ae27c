//! MP3 and ADTS: frames, one right behind the other, of which none is lost unseen. symphonia's readers skip whatever
//! they do not know, and take a length that they estimate for one that is stated.

use std::{
    fs::File,
    io::{self, BufReader, Read as _, Seek as _, SeekFrom},
};

use symphonia::core::{
    codecs::audio::{
        AudioCodecParameters,
        well_known::{CODEC_ID_AAC, CODEC_ID_MP3},
    },
    packet::Packet,
    units::{Duration, Timestamp},
};

use super::{
    container::{self, MpegFrame, ProbedContainer, at},
    error::Refusal,
    lengths::{Part, Stated},
    tail,
    xing::{self, Tag},
};

/// Bytes looked through at a time for frames that go on.
const BLOCK: usize = 64 << 10;

/// Bytes of the longest frame: ADTS counts them with 13 bits.
const LONGEST: usize = 1 << 13;

/// The frames of a file.
pub struct Chain {
    input: BufReader<File>,
    parameters: AudioCodecParameters,
    shape: Shape,
    /// How many there are, without the one that holds a tag.
    frames: u64,
    tag: Option<Tag>,
    notices: Vec<String>,
    position: u64,
    end: u64,
    done: u64,
}

/// What all frames have in common besides [`MpegFrame::kind`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Layer III of a rate in hertz, with so many samples in a frame.
    Mp3 { rate: u32, mono: bool, samples: u64 },
    /// ADTS: an AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1).
    Adts { config: u16 },
}

impl Shape {
    fn read(head: &[u8]) -> Option<Self> {
        let &[_, version, rate, channels] = head.first_chunk()?;
        if version & 0xf6 == 0xf0 {
            let [profile, index] = [rate >> 6, rate >> 2 & 0xf].map(u16::from);
            let channels = u16::from((rate & 1) << 2 | channels >> 6);
            return Some(Self::Adts { config: (profile + 1) << 11 | index << 7 | channels << 3 });
        }
        const RATES: [u32; 3] = [44_100, 48_000, 32_000];
        let (half, samples) = match version >> 3 & 3 {
            3 => (0, 1152),
            2 => (1, 576),
            _ => (2, 576),
        };
        let rate = RATES.get(usize::from(rate >> 2 & 3))? >> half;
        Some(Self::Mp3 { rate, mono: channels >> 6 == 3, samples })
    }
}

impl Chain {
    /// Walks all frames from where `found` begins, by their headers alone.
    ///
    /// # Errors
    /// Where the frames break off and go on, where another stream follows, or what is not supported.
    pub fn open(input: File, found: &ProbedContainer) -> Result<Self, Refusal> {
        let mut input = BufReader::with_capacity(BLOCK, input);
        let start = found.offset;
        let length = input.seek(SeekFrom::End(0))?;
        let end = tail::strip(&mut input, start, length)?;
        let head = at(&mut input, start, 8)?;
        let (Some(first), Some(shape)) = (MpegFrame::read(&head), Shape::read(&head)) else {
            return Err(Refusal::NoAudio);
        };
        let mut chain = Self {
            parameters: parameters(shape)?,
            input,
            shape,
            frames: 0,
            tag: None,
            notices: Vec::new(),
            position: start,
            end: start,
            done: 0,
        };
        chain.walk(first, end)?;
        Ok(chain)
    }

    /// Counts the frames up to the last whole one before `end`.
    fn walk(&mut self, first: MpegFrame, end: u64) -> Result<(), Refusal> {
        while self.end < end {
            let head = self.bytes(self.end, 8)?;
            let frame = MpegFrame::read(&head).filter(|frame| frame.is_like(&first) && frame.length >= 7);
            let Some(frame) = frame else { return self.after(end) };
            if Shape::read(&head) != Some(self.shape) {
                return Err(broken(self.end, "the sampling rate or the channels change there".to_owned()));
            }
            if matches!(self.shape, Shape::Adts { .. }) && head.get(6).is_some_and(|blocks| blocks & 3 != 0) {
                return Err(Refusal::Unsupported(
                    "ADTS with several blocks in a frame; put it into M4A first".to_owned(),
                ));
            }
            if frame.length > end - self.end {
                // the last frame was never finished, or it only looks like one
                return if self.goes_on(self.end + 1, end)?.is_some() { self.after(end) } else { self.cut() };
            }
            if let Shape::Mp3 { .. } = self.shape
                && let Some(tag) = xing::read(&self.bytes(self.end, frame.length as usize)?)
            {
                if self.frames > 0 {
                    let other = self.end;
                    return Err(broken(other, "another MP3 begins there, with a tag of its own".to_owned()));
                }
                // it gives no sound
                self.tag = self.tag.or(Some(tag));
                self.position += frame.length;
            } else {
                self.frames += 1;
            }
            self.end += frame.length;
        }
        Ok(())
    }

    /// Judges a last frame of which a part is missing: MP3 is let pass, since LAME and others leave it when they are
    /// stopped.
    fn cut(&mut self) -> Result<(), Refusal> {
        let reason = "its last frame is cut short, as where it broke off".to_owned();
        match self.shape {
            Shape::Adts { .. } => return Err(broken(self.end, reason)),
            Shape::Mp3 { .. } => self.notices.push(reason),
        }
        Ok(())
    }

    /// Judges what lies behind the last frame.
    fn after(&mut self, end: u64) -> Result<(), Refusal> {
        let mut from = self.end;
        let mut tagged = false;
        while let Some(length) = tail::ahead(&self.bytes(from, 32)?) {
            tagged = true;
            match length.filter(|&length| length > 0 && length <= end - from) {
                Some(length) => from += length,
                None => break,
            }
        }
        if let Some(next) = self.goes_on(from, end)? {
            let reason = match tagged {
                true => "a tag and then more frames follow there, as where two files were joined".to_owned(),
                false if next == self.end => {
                    "frames of another kind follow there, as where two files were joined".to_owned()
                }
                false => format!("there is no frame, but frames go on from byte {next}"),
            };
            return Err(broken(self.end, reason));
        }
        let rest = self.bytes(from, BLOCK)?;
        if !tagged && rest.iter().any(|&byte| byte != 0) {
            self.notices.push(format!("{} bytes after the last frame are left out", end - from));
        }
        Ok(())
    }

    /// Where a chain of frames begins between `from` and `end`.
    fn goes_on(&mut self, from: u64, end: u64) -> io::Result<Option<u64>> {
        let mut from = from;
        while from < end {
            let block = at(&mut self.input, from, BLOCK)?;
            for (offset, start) in block.windows(8).enumerate() {
                let Some(frame) = MpegFrame::read(start) else { continue };
                let offset = from + offset as u64;
                if container::chain(&mut self.input, offset, frame, false)? {
                    return Ok(Some(offset));
                }
            }
            if block.len() < BLOCK {
                break;
            }
            from += (BLOCK - 7) as u64;
        }
        Ok(None)
    }

    /// Up to `length` bytes at `offset`, without giving up what is buffered.
    fn bytes(&mut self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let here = self.input.stream_position()?;
        self.input.seek_relative(offset.wrapping_sub(here).cast_signed())?;
        let mut bytes = Vec::with_capacity(length.min(LONGEST));
        (&mut self.input).take(length as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// The format of the frames.
    pub fn parameters(&self) -> &AudioCodecParameters {
        &self.parameters
    }

    /// What the owner should know of them.
    pub fn notices(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notices)
    }

    /// How many frames of sound there are.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// The byte where reading goes on.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The part that is heard, and what the tag states of it. A tag that counts fewer frames than there are is
    /// older than the file: then nothing is cut from its end.
    pub fn extent(&self) -> (Part, Vec<Stated>) {
        let (Some(tag), Shape::Mp3 { samples, .. }) = (self.tag, self.shape) else {
            return Default::default();
        };
        let there = (self.frames * samples).saturating_sub(tag.delay);
        let stated = tag.frames.map(|frames| (frames * samples).saturating_sub(tag.delay + tag.padding));
        let whole = tag.frames.is_some_and(|frames| self.frames <= frames);
        let length = stated.filter(|_| whole).map(|stated| stated.min(there));
        // an encoder may count the frame of the tag
        let slack = samples;
        let stated = stated.map(|samples| Stated { by: tag.by, samples, slack });
        (Part { skip: tag.delay, length, stated: true }, stated.into_iter().collect())
    }

    /// The next frame; of ADTS what is behind its header.
    pub fn next_packet(&mut self) -> io::Result<Option<Packet>> {
        if self.position >= self.end {
            return Ok(None);
        }
        let head = self.bytes(self.position, 8)?;
        let Some(frame) = MpegFrame::read(&head) else { return Ok(None) };
        let mut data = self.bytes(self.position, frame.length as usize)?;
        let samples = match self.shape {
            Shape::Mp3 { samples, .. } => samples,
            Shape::Adts { .. } => {
                let checked = head.get(1).is_some_and(|flags| flags & 1 == 0);
                data.drain(..data.len().min(if checked { 9 } else { 7 }));
                1024
            }
        };
        self.position += frame.length;
        let time = Timestamp::from(self.done.cast_signed());
        self.done += samples;
        Ok(Some(Packet::new(0, time, Duration::from(samples), data)))
    }
}

fn parameters(shape: Shape) -> Result<AudioCodecParameters, Refusal> {
    const RATES: [u32; 13] = [
        96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
    ];
    let mut parameters = AudioCodecParameters::new();
    match shape {
        Shape::Mp3 { rate, .. } => parameters.for_codec(CODEC_ID_MP3).with_sample_rate(rate),
        Shape::Adts { config } if config >> 3 & 0xf == 0 => {
            return Err(Refusal::Unsupported("AAC whose header states no channels".to_owned()));
        }
        Shape::Adts { config } => {
            if let Some(&rate) = RATES.get(usize::from(config >> 7 & 0xf)) {
                parameters.with_sample_rate(rate);
            }
            parameters.for_codec(CODEC_ID_AAC).with_extra_data(config.to_be_bytes().into())
        }
    };
    Ok(parameters)
}

fn broken(offset: u64, reason: String) -> Refusal {
    Refusal::Broken { offset, reason }
}
