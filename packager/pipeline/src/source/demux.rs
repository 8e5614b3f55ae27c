//! Packets out of containers.

use std::{
    fs::File,
    io::{ErrorKind, Seek, SeekFrom},
    panic::{AssertUnwindSafe, catch_unwind},
};

use symphonia::{
    core::{
        audio::{Channels, Position},
        codecs::{
            CodecParameters,
            audio::{AudioCodecParameters, well_known::CODEC_ID_AAC},
        },
        errors::Error,
        formats::{FormatOptions, FormatReader, TrackType},
        io::{MediaSourceStream, MediaSourceStreamOptions, ReadBytes as _},
        packet::Packet,
    },
    default::formats::{CafReader, OggReader},
};

use super::{
    aiff::Aiff,
    caf::Caf,
    chain::Chain,
    container::{Container, ProbedContainer, at},
    error::{Refusal, error_text},
    flac::Flac,
    iff,
    lengths::{Part, Stated},
    mp4::Mp4,
    ogg, ogg_codecs,
    overlay::Overlay,
    pcm::Pcm,
    times::Output,
    wave,
};

/// Bytes of an Ogg file within which its streams begin.
const OGG: usize = 64 << 10;

/// The first audio track of a file.
pub struct Demuxer {
    reader: PacketReader,
    /// What its decoder has to know.
    pub parameters: AudioCodecParameters,
    notices: Vec<String>,
    /// Bytes in all packets so far.
    read: u64,
}

enum PacketReader {
    /// Samples as they are, what states their length first, and what else does.
    Pcm(Box<Pcm>, &'static str, Vec<Stated>),
    Flac(Box<Flac>),
    Chain(Box<Chain>),
    Mp4(Box<Mp4>),
    Symphonia(DemuxedTrack, Box<dyn FormatReader>),
}

/// A track of symphonia's: its number, the samples per channel that its header or its last page states, and what else
/// is known of it.
struct DemuxedTrack {
    id: u32,
    stated: Option<u64>,
    kind: StreamKind,
}

enum StreamKind {
    Caf(Caf),
    /// Whether its last page is marked as such.
    Ogg(bool),
}

/// What is known of a track once its first packet is decoded.
pub struct FirstPacket<'a> {
    /// Sampling rate in hertz.
    pub rate: u32,
    /// The first packet, and how many samples per channel it gave.
    pub first: &'a Packet,
    pub frame: u64,
    /// Samples per channel that the codec's header says to drop at the start.
    pub pre_skip: u64,
}

/// Which part of a track is heard, and how long that is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AudioExtent {
    pub part: Part,
    /// What is stated of its length.
    pub lengths: Vec<Stated>,
    /// Samples per channel to be expected.
    pub total: Option<u64>,
}

impl Demuxer {
    /// Goes through the file `input`, in which `found` was found.
    pub fn open(mut input: File, found: &ProbedContainer) -> Result<Self, Refusal> {
        input.rewind()?;
        let (offset, length) = (found.offset, input.metadata()?.len());
        let mut notices = Vec::new();
        let (reader, parameters) = match found.container {
            Container::Wave => {
                let wave = wave::open(input.try_clone()?, offset)?.map_err(Refusal::Unsupported)?;
                match wave.stated() {
                    Some(_) => notices = iff::behind(&mut input, wave.end(), length, true)?,
                    None => notices.push(
                        "its header was never completed: all that follows it is taken for audio".to_owned(),
                    ),
                }
                let parameters = wave.parameters().clone();
                (PacketReader::Pcm(Box::new(wave), "its header", Vec::new()), parameters)
            }
            Container::Flac => {
                let flac = Flac::open(input, offset)?;
                let parameters = flac.parameters().clone();
                (PacketReader::Flac(Box::new(flac)), parameters)
            }
            Container::Mp3 | Container::Adts => {
                let chain = Chain::open(input, found)?;
                let parameters = chain.parameters().clone();
                (PacketReader::Chain(Box::new(chain)), parameters)
            }
            Container::Mp4 => {
                let mp4 = Mp4::open(input, offset)?;
                let parameters = mp4.parameters().clone();
                (PacketReader::Mp4(Box::new(mp4)), parameters)
            }
            Container::Aiff => {
                let Aiff { pcm, lengths, notices: of_chunks } = Aiff::open(input, offset)?;
                notices = of_chunks;
                let parameters = pcm.parameters().clone();
                (PacketReader::Pcm(Box::new(pcm), "its sound chunk (SSND)", lengths), parameters)
            }
            Container::Caf => {
                let caf = Caf::read(&mut input, offset)?;
                if caf.unstated.is_some() {
                    let notice = "its header does not say how much audio there is; all that follows is taken";
                    notices.push(notice.to_owned());
                }
                symphonia(input, found, StreamKind::Caf(caf))?
            }
            Container::Ogg => {
                if let Some(reason) = ogg_codecs::refusal(&at(&mut input, offset, OGG)?) {
                    return Err(Refusal::Unsupported(reason));
                }
                let closed = ogg::is_closed(&mut input)?;
                symphonia(input, found, StreamKind::Ogg(closed))?
            }
        };
        Ok(Self { reader, parameters, notices, read: 0 })
    }

    /// The next packet of the track.
    ///
    /// # Errors
    /// What is damaged, or missing, at [`Self::position`].
    pub fn next(&mut self) -> Result<Option<Packet>, String> {
        let unreadable = |error: std::io::Error| error_text(&error.into());
        let packet = match &mut self.reader {
            PacketReader::Pcm(pcm, ..) => pcm.next_packet().map_err(unreadable)?,
            PacketReader::Flac(flac) => flac.next_packet()?,
            PacketReader::Chain(chain) => chain.next_packet().map_err(unreadable)?,
            PacketReader::Mp4(mp4) => mp4.next_packet().map_err(unreadable)?,
            PacketReader::Symphonia(track, reader) => loop {
                match reader.next_packet().map_err(|error| error_text(&error))? {
                    Some(packet) if packet.track_id != track.id => (),
                    packet => break packet,
                }
            },
        };
        self.read += packet.as_ref().map_or(0, |packet| packet.data.len() as u64);
        Ok(packet)
    }

    /// The byte where reading stopped.
    pub fn position(self) -> u64 {
        match self.reader {
            PacketReader::Pcm(pcm, ..) => pcm.position(),
            PacketReader::Flac(flac) => flac.position(),
            PacketReader::Chain(chain) => chain.position(),
            PacketReader::Mp4(mp4) => mp4.position(),
            PacketReader::Symphonia(_, reader) => {
                catch_unwind(AssertUnwindSafe(|| reader.into_inner().pos())).unwrap_or(0)
            }
        }
    }

    /// What the owner should know, each time what is new.
    pub fn notices(&mut self) -> Vec<String> {
        let more = match &mut self.reader {
            PacketReader::Flac(flac) => flac.notices(),
            PacketReader::Chain(chain) => chain.notices(),
            PacketReader::Mp4(mp4) => mp4.notices(),
            PacketReader::Pcm(..) | PacketReader::Symphonia(..) => Vec::new(),
        };
        self.notices.extend(more);
        std::mem::take(&mut self.notices)
    }

    /// Which part of the track is heard.
    ///
    /// # Errors
    /// Where the file states more than it holds.
    pub fn extent(&mut self, first_packet: FirstPacket<'_>) -> Result<AudioExtent, Refusal> {
        let FirstPacket { rate, first, frame, pre_skip } = first_packet;
        let by = |by, samples: Option<u64>, slack| samples.map(|samples| Stated { by, samples, slack });
        let (part, lengths) = match &mut self.reader {
            PacketReader::Pcm(pcm, first, others) => {
                let first = by(first, pcm.stated(), 0);
                (Part::default(), first.into_iter().chain(others.drain(..)).collect())
            }
            PacketReader::Flac(flac) => (Part::default(), flac.lengths()),
            PacketReader::Chain(chain) => {
                let (part, lengths) = chain.extent();
                let total = part.length.or(Some(chain.frames() * frame));
                return Ok(AudioExtent { part, lengths, total });
            }
            PacketReader::Mp4(mp4) => {
                let frame = (self.parameters.codec == CODEC_ID_AAC).then_some(frame);
                let part = mp4.extent(Output { rate, frame, pre_skip })?;
                (part, Vec::from_iter(by("its index", part.length, 0)))
            }
            PacketReader::Symphonia(DemuxedTrack { stated, kind, .. }, _) => match kind {
                StreamKind::Caf(caf) => {
                    // SBR doubles what its core counts
                    let ticks = first.dur.get();
                    let frame = if self.parameters.codec == CODEC_ID_AAC { frame } else { ticks };
                    caf.extent(ticks, frame, *stated, &mut self.notices)
                }
                StreamKind::Ogg(_) => {
                    let start = ogg::start(first, frame);
                    if start > 0 {
                        self.notices.push(format!(
                            "its stream begins at sample {start}, as where it was captured midway"
                        ));
                    }
                    let length = stated.map(|end| end.saturating_sub(start.saturating_add(pre_skip)));
                    let part = Part { skip: pre_skip, ..Part::default() };
                    (part, Vec::from_iter(by("its last page", length, 0)))
                }
            },
        };
        let total = part.length.or(lengths.first().map(|stated| stated.samples));
        Ok(AudioExtent { part, lengths, total })
    }

    /// Judges the end, once there are no more packets.
    ///
    /// # Errors
    /// Where it is not the one that the file was to have.
    pub fn finish(&mut self) -> Result<(), String> {
        let PacketReader::Symphonia(track, _) = &self.reader else { return Ok(()) };
        match track.kind {
            StreamKind::Ogg(false) => return Err("the file ends without its last page".to_owned()),
            StreamKind::Caf(Caf { bytes: Some(bytes), .. }) if self.read < bytes => {
                let idle = bytes - self.read;
                self.notices.push(format!("{idle} of {bytes} bytes of its audio data belong to no packet"));
            }
            _ => (),
        }
        Ok(())
    }
}

/// symphonia's reader of a container, and its first audio track.
fn symphonia(
    mut input: File,
    found: &ProbedContainer,
    kind: StreamKind,
) -> Result<(PacketReader, AudioCodecParameters), Refusal> {
    input.seek(SeekFrom::Start(found.offset))?;
    let unstated = match &kind {
        StreamKind::Caf(caf) => caf.unstated,
        StreamKind::Ogg(_) => None,
    };
    let input = Box::new(Overlay::new(input, unstated)?);
    let stream = MediaSourceStream::new(input, MediaSourceStreamOptions::default());
    let options = FormatOptions::default();
    let reader: Result<Box<dyn FormatReader>, Error> = match kind {
        StreamKind::Caf(_) => CafReader::try_new(stream, options).map(|reader| Box::new(reader) as _),
        StreamKind::Ogg(_) => OggReader::try_new(stream, options).map(|reader| Box::new(reader) as _),
    };
    let reader = reader.map_err(|error| match error {
        Error::IoError(error) if error.kind() != ErrorKind::UnexpectedEof => error.into(),
        Error::IoError(_) => Refusal::Unsupported("the file ends before any audio begins".to_owned()),
        error => Refusal::Unsupported(error_text(&error)),
    })?;
    let track = reader.default_track(TrackType::Audio).ok_or(Refusal::NoAudio)?;
    let Some(CodecParameters::Audio(parameters)) = &track.codec_params else {
        return Err(Refusal::NoAudio);
    };
    let parameters = with_layout(parameters.clone(), found.container);
    let track = DemuxedTrack { id: track.id, stated: track.num_frames, kind };
    Ok((PacketReader::Symphonia(track, reader), parameters))
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
