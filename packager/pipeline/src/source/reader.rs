//! Decoding in this process: container, codec, and which part of it all is heard.

use std::{
    collections::VecDeque,
    fs::File,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use symphonia::core::{codecs::audio::well_known::CODEC_ID_AAC, packet::Packet};

use crate::regular;

use super::{
    codec::{self, Codec, Signal},
    coded::CodedAudioDetector,
    container,
    demux::{AudioExtent, Demuxer, FirstPacket},
    downmix::Downmix,
    error::Refusal,
    finite::NotFinite,
    format::{Decoded, LONGEST, Progress, SOURCE_RATES, SampleFormat},
    lengths::judge,
};

/// A source that this process decodes.
pub struct InProcessDecoder {
    demuxer: Demuxer,
    codec: Codec,
    /// The first packet, which was decoded to know what is coming.
    peeked: VecDeque<Packet>,
    signal: Signal,
    depth: Option<u8>,
    downmix: Downmix,
    extent: AudioExtent,
    notices: Vec<String>,
}

/// What decoding stopped at, before the offset is put to it.
enum DecodeFault {
    Refused(Refusal),
    Broken(String),
}

impl From<Refusal> for DecodeFault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<String> for DecodeFault {
    fn from(reason: String) -> Self {
        Self::Broken(reason)
    }
}

impl InProcessDecoder {
    /// Opens a file, finds its first audio track, and decodes its first packet.
    pub fn open(path: &Path) -> Result<Self, Refusal> {
        Self::of(file(path)?)
    }

    /// [`Self::open`] of a file that is open already.
    pub fn of(file: File) -> Result<Self, Refusal> {
        catch_unwind(AssertUnwindSafe(|| open(file)))
            .unwrap_or_else(|_| Err(Refusal::Broken { offset: 0, reason: "the parser failed".to_owned() }))
    }

    /// See [`super::Source::format`].
    pub fn format(&self) -> SampleFormat {
        SampleFormat { rate: self.signal.rate, depth: self.depth }
    }

    /// Samples per channel in all, where the file states them.
    pub fn total(&self) -> Option<u64> {
        self.extent.total
    }

    /// See [`super::Source::decode`].
    pub fn decode(
        mut self,
        progress: &dyn Fn(Progress),
        block: &mut dyn FnMut(&[f32]) -> bool,
    ) -> Result<Decoded, Refusal> {
        let outcome = catch_unwind(AssertUnwindSafe(|| self.decode_all(progress, block)))
            .unwrap_or_else(|_| Err("the decoder failed".to_owned().into()));
        match outcome {
            Ok(()) => {
                self.notices.extend(self.demuxer.notices());
                Ok(Decoded { notices: self.notices })
            }
            Err(DecodeFault::Refused(refusal)) => Err(refusal),
            Err(DecodeFault::Broken(reason)) => {
                let offset = self.demuxer.position();
                Err(Refusal::Broken { offset, reason })
            }
        }
    }

    fn decode_all(
        &mut self,
        progress: &dyn Fn(Progress),
        block: &mut dyn FnMut(&[f32]) -> bool,
    ) -> Result<(), DecodeFault> {
        let (mut decoded, mut stereo) = (Vec::new(), Vec::new());
        let part = self.extent.part;
        let (mut skip, mut done, mut there, mut frame) = (part.skip, 0, 0, 0);
        let total = self.total();
        let longest = LONGEST.as_secs() * u64::from(self.signal.rate);
        let channels = self.signal.channels;
        let mut not_finite = NotFinite::default();
        let mut detector = self.depth.map(CodedAudioDetector::new);
        let mut next = self.packet()?;
        while let Some(packet) = next {
            let signal = self.codec.decode(&packet, &mut decoded)?;
            if signal != self.signal {
                return Err("the sampling rate or the channels change midway".to_owned().into());
            }
            if let Some(what) = detector.as_mut().and_then(|detector| detector.detect(&decoded)) {
                let reason = format!("it holds {what} in the place of samples; decode it to PCM first");
                return Err(Refusal::Unsupported(reason).into());
            }
            next = self.packet()?;
            let frames = (decoded.len() / channels) as u64;
            (there, frame) = (there + frames, frame.max(frames));
            let skipped = skip.min(frames);
            skip -= skipped;
            let left = part.length.map_or(u64::MAX, |length| length.saturating_sub(done));
            let kept = (frames - skipped).min(left);
            done += kept;
            if done > longest {
                return Err(Refusal::TooLong.into());
            }
            let (from, to) = (skipped as usize * channels, (skipped + kept) as usize * channels);
            stereo.clear();
            let kept = decoded.get(from..to).unwrap_or_default();
            not_finite.count(kept);
            self.downmix.mix(kept, &mut stereo);
            progress(Progress { done, total });
            if !stereo.is_empty() && !block(&stereo) {
                return Ok(());
            }
        }
        if done == 0 {
            return Err(Refusal::NoAudio.into());
        }
        self.notices.extend(not_finite.notice());
        self.notices.extend(judge(done, &self.extent.lengths)?);
        self.demuxer.finish()?;
        let behind = u64::saturating_sub(there, part.skip + done);
        if behind > frame && !part.stated {
            return Err(format!("{behind} samples more are there than its tables of times state").into());
        }
        if !self.codec.verified() {
            return Err("the audio does not match the checksum stored with it".to_owned().into());
        }
        Ok(())
    }

    /// The next packet of the track.
    fn packet(&mut self) -> Result<Option<Packet>, String> {
        if let Some(packet) = self.peeked.pop_front() {
            return Ok(Some(packet));
        }
        self.demuxer.next()
    }
}

/// Opens the file, and reads nothing of it.
pub fn file(path: &Path) -> Result<File, Refusal> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(Refusal::NotAFile);
    }
    Ok(regular::open(path)?)
}

fn open(mut input: File) -> Result<InProcessDecoder, Refusal> {
    if input.metadata()?.len() == 0 {
        return Err(Refusal::NoAudio);
    }
    let found = container::find(&mut input)?.map_err(Refusal::Unsupported)?;
    let mut notices = Vec::new();
    if found.junk > 0 {
        notices.push(format!("{} bytes before the first frame are left out", found.junk));
    }
    let mut demuxer = Demuxer::open(input, &found)?;
    let parameters = demuxer.parameters.clone();
    if let Some(rate) = parameters.sample_rate.filter(|rate| !SOURCE_RATES.contains(rate)) {
        // the core of HE-AAC runs at half its rate
        if parameters.codec != CODEC_ID_AAC || rate < SOURCE_RATES.start() / 2 {
            return Err(Refusal::Rate(rate));
        }
    }
    // the format has to know what comes, which for AAC nothing says but the first packet's decoding
    let mut codec = Codec::new(&parameters).map_err(Refusal::Unsupported)?;
    let broken = |demuxer: Demuxer, reason| Refusal::Broken { offset: demuxer.position(), reason };
    let first = match demuxer.next() {
        Ok(Some(first)) => first,
        Ok(None) => return Err(Refusal::NoAudio),
        Err(reason) => return Err(broken(demuxer, reason)),
    };
    let mut decoded = Vec::new();
    let signal = match codec.decode(&first, &mut decoded) {
        Ok(signal) => signal,
        Err(reason) => return Err(broken(demuxer, reason)),
    };
    if !SOURCE_RATES.contains(&signal.rate) {
        return Err(Refusal::Rate(signal.rate));
    }
    let downmix = match &signal.layout {
        Some(layout) if layout.channels() == signal.channels => Downmix::new(layout),
        _ => return Err(Refusal::Channels(signal.channels)),
    };
    if signal.channels > 2 {
        notices.push(format!("{} channels are mixed down to two (ITU-R BS.775)", signal.channels));
    }
    let codec = Codec::new(&parameters).map_err(Refusal::Unsupported)?;
    let frame = (decoded.len() / signal.channels) as u64;
    let first_packet = FirstPacket { rate: signal.rate, first: &first, frame, pre_skip: codec.pre_skip() };
    let extent = demuxer.extent(first_packet)?;
    let depth = codec::depth(&parameters);
    let peeked = VecDeque::from([first]);
    Ok(InProcessDecoder { demuxer, codec, peeked, signal, depth, downmix, extent, notices })
}
