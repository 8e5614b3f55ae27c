//! Packets out of containers.

use std::{
    fs::File,
    io::{ErrorKind, Seek, SeekFrom},
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use symphonia::{
    core::{
        audio::{Channels, Position},
        codecs::{CodecParameters, audio::AudioCodecParameters},
        errors::Error,
        formats::{FormatOptions, FormatReader, TrackType},
        io::{MediaSourceStream, MediaSourceStreamOptions, ReadBytes as _},
        packet::Packet,
    },
    default::formats::{AdtsReader, AiffReader, CafReader, FlacReader, IsoMp4Reader, MpaReader, OggReader},
};

use super::{
    container::{Container, Found},
    error::Refusal,
    mp4::{self, Part},
    wave::Wave,
};

/// The first audio track of a file.
pub struct Demuxer {
    reader: Reader,
    /// What the container calls the track.
    pub id: u32,
    /// Ticks per second of the packets' durations; 0 where they have none.
    pub scale: u64,
    /// What its decoder has to know.
    pub parameters: AudioCodecParameters,
    /// Samples per channel, as the header states or the parser estimates.
    pub stated: Option<u64>,
    /// Whether the encoder stated its delay.
    pub gapless: bool,
}

enum Reader {
    Symphonia(Box<dyn FormatReader>),
    Wave(Box<Wave>),
}

impl Demuxer {
    /// Opens the file at `path`, in which `found` was found.
    pub fn open(path: &Path, found: &Found) -> Result<Self, Refusal> {
        let mut input = File::open(path)?;
        input.seek(SeekFrom::Start(found.offset))?;
        let stream = |input| MediaSourceStream::new(Box::new(input), MediaSourceStreamOptions::default());
        let options = FormatOptions::default();
        let reader: Result<Box<dyn FormatReader>, Error> = match found.container {
            Container::Wave => {
                let wave = Wave::open(input, found.offset)?.map_err(Refusal::Unsupported)?;
                return Ok(Self {
                    id: 0,
                    scale: 0,
                    parameters: wave.parameters().clone(),
                    stated: wave.stated(),
                    gapless: false,
                    reader: Reader::Wave(Box::new(wave)),
                });
            }
            Container::Aiff => {
                AiffReader::try_new(stream(input), options).map(|reader| Box::new(reader) as _)
            }
            Container::Caf => CafReader::try_new(stream(input), options).map(|reader| Box::new(reader) as _),
            Container::Flac => {
                FlacReader::try_new(stream(input), options).map(|reader| Box::new(reader) as _)
            }
            Container::Ogg => OggReader::try_new(stream(input), options).map(|reader| Box::new(reader) as _),
            Container::Mp4 => {
                IsoMp4Reader::try_new(stream(input), options).map(|reader| Box::new(reader) as _)
            }
            Container::Mp3 => MpaReader::try_new(stream(input), options).map(|reader| Box::new(reader) as _),
            Container::Adts => {
                AdtsReader::try_new(stream(input), options).map(|reader| Box::new(reader) as _)
            }
        };
        let reader = reader.map_err(|error| match error {
            Error::IoError(error) if error.kind() != ErrorKind::UnexpectedEof => error.into(),
            Error::IoError(_) => Refusal::Unsupported("the file ends before any audio begins".to_owned()),
            error => Refusal::Unsupported(said(&error)),
        })?;
        let track = reader.default_track(TrackType::Audio).ok_or(Refusal::NoAudio)?;
        let Some(CodecParameters::Audio(parameters)) = &track.codec_params else {
            return Err(Refusal::NoAudio);
        };
        Ok(Self {
            id: track.id,
            scale: track
                .time_base
                .map_or(0, |base| u64::from(base.denom.get()) / u64::from(base.numer.get())),
            parameters: with_layout(parameters.clone(), found.container),
            stated: track.num_frames,
            gapless: track.delay.is_some(),
            reader: Reader::Symphonia(reader),
        })
    }

    /// The next packet of the track.
    pub fn next(&mut self) -> Result<Option<Packet>, Error> {
        match &mut self.reader {
            Reader::Wave(wave) => Ok(wave.next_packet()?),
            Reader::Symphonia(reader) => loop {
                match reader.next_packet()? {
                    Some(packet) if packet.track_id != self.id => (),
                    packet => return Ok(packet),
                }
            },
        }
    }

    /// The byte where reading stopped.
    pub fn position(self) -> u64 {
        match self.reader {
            Reader::Wave(wave) => wave.position(),
            Reader::Symphonia(reader) => {
                catch_unwind(AssertUnwindSafe(|| reader.into_inner().pos())).unwrap_or(0)
            }
        }
    }

    /// The part that a tag of iTunes states.
    pub fn itunes(&mut self) -> Option<Part> {
        let Reader::Symphonia(reader) = &mut self.reader else { return None };
        let mut metadata = reader.metadata();
        let revision = metadata.skip_to_latest()?;
        let per_track = revision.per_track.iter().flat_map(|track| &track.metadata.tags);
        let mut tags = revision.media.tags.iter().chain(per_track);
        let tag = tags.find(|tag| tag.raw.key.ends_with("iTunSMPB"))?;
        mp4::itunes(&tag.raw.value.to_string())
    }
}

/// Where a CAF file's layout is one that symphonia does not know, it takes the first positions there are, such as
/// low-frequency effects for the rear left of four: the usual order is the better guess.
fn with_layout(mut parameters: AudioCodecParameters, container: Container) -> AudioCodecParameters {
    let count = parameters.channels.as_ref().map_or(0, Channels::count);
    let guessed = Position::from_count(count as u32).map(Channels::Positioned);
    if container == Container::Caf && [4, 5, 7].contains(&count) && parameters.channels == guessed {
        parameters.channels = Some(Channels::Discrete(count as u16));
    }
    parameters
}

/// An error of symphonia's in words for people.
pub fn said(error: &Error) -> String {
    match error {
        Error::IoError(error) if error.kind() == ErrorKind::UnexpectedEof => {
            "the file ends in the middle of it".to_owned()
        }
        Error::IoError(error) => error.to_string(),
        Error::ResetRequired => "a second stream follows the first; a song is one".to_owned(),
        Error::LimitError(what) => format!("{what} is too large"),
        error => error.to_string(),
    }
}
