//! MP4 and QuickTime: the track that is heard, and its samples. symphonia's reader is shown the sample description
//! alone, since it leaves out fragments and whatever else it does not know.

use std::{
    fs::File,
    io::{self, Cursor, Read as _, Seek, SeekFrom},
};

use symphonia::{
    core::{
        codecs::{
            CodecParameters,
            audio::{
                AudioCodecParameters,
                well_known::{CODEC_ID_PCM_MULAW, CODEC_ID_PCM_S32LE},
            },
        },
        formats::{FormatOptions, FormatReader as _, TrackType},
        io::{MediaSourceStream, MediaSourceStreamOptions},
        packet::Packet,
        units::{Duration, Timestamp},
    },
    default::formats::IsoMp4Reader,
};

use super::{
    boxes::{BoxBody, big, boxes, bytes, child, find},
    error::{Refusal, error_text},
    lengths::Part,
    movie::Movie,
    mp4_format,
    samples::Samples,
    times::{Itunes, Output, Times, edit},
};

/// Bytes of a box that is read whole, at most.
const BOX: usize = 1 << 20;

/// Samples of PCM in a packet.
const PCM: u64 = 4096;

/// Bytes of media data that no sample names are told from here on.
const IDLE: u64 = 64 << 10;

/// A track of an MP4 file.
pub struct Mp4 {
    input: File,
    parameters: AudioCodecParameters,
    times: Times,
    samples: Samples,
    notices: Vec<String>,
    length: u64,
    position: u64,
    done: u64,
}

/// An audio track.
struct Mp4Track {
    trak: BoxBody,
    id: u64,
    enabled: bool,
}

impl Mp4 {
    /// Reads all boxes from `offset` on, and takes the first audio track that is enabled.
    ///
    /// # Errors
    /// Where there is none, where the boxes do not hold together, and where a second file follows the first.
    pub fn open(mut input: File, offset: u64) -> Result<Self, Refusal> {
        let length = input.seek(SeekFrom::End(0))?;
        let mut movie = Movie::read(&mut input, offset, length)?;
        let mut notices = std::mem::take(&mut movie.notices);
        let tracks = tracks(&mut input, movie.moov)?;
        let track = tracks.iter().find(|track| track.enabled).or(tracks.first()).ok_or(Refusal::NoAudio)?;
        if tracks.len() > 1 {
            notices.push(format!("it has {} audio tracks, of which one is taken", tracks.len()));
        }
        let mdia = child(&mut input, track.trak, b"mdia")?.ok_or(Refusal::NoAudio)?;
        let stbl = find(&mut input, mdia, &[b"minf", b"stbl"])?.ok_or(Refusal::NoAudio)?;
        let mut samples = Samples::default();
        samples.add_tables(&mut input, stbl)?;
        for &(start, moof) in &movie.fragments {
            samples.add_fragment(&mut input, start, moof, track.id, &movie.defaults)?;
        }
        let (parameters, block) = parameters(&mut input, stbl, samples.description.unwrap_or(1))?;
        if let Some(block) = block {
            samples.resize(block);
        }
        let idle = movie.data.saturating_sub(samples.bytes);
        if movie.tracks == 1 && idle > IDLE.max(movie.data / 4) && !is_pcm(&parameters) {
            notices.push(format!("{idle} of {} bytes of its media data belong to no sample", movie.data));
        }
        let times = times(&mut input, &movie, track, mdia, &samples)?;
        let (from, second) = (samples.origin.unwrap_or(0), times.media_scale.max(1));
        if from >= second {
            let from = from as f64 / second as f64;
            notices.push(format!(
                "its first fragment begins {from:.1} s into the track: what comes before is missing"
            ));
        }
        Ok(Self { input, parameters, times, samples, notices, length, position: offset, done: 0 })
    }

    /// The format of the samples.
    pub fn parameters(&self) -> &AudioCodecParameters {
        &self.parameters
    }

    /// What the owner should know.
    pub fn notices(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notices)
    }

    /// The byte where reading goes on.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The part that is heard.
    ///
    /// # Errors
    /// Where something states more than there is.
    pub fn extent(&mut self, output: Output) -> Result<Part, Refusal> {
        let offset = self.length;
        let (part, notices) =
            self.times.extent(output).map_err(|reason| Refusal::Broken { offset, reason })?;
        self.notices.extend(notices);
        Ok(part)
    }

    /// The next sample, or some thousand of PCM. `None` at the end, and `Err` where the file ends before.
    pub fn next_packet(&mut self) -> io::Result<Option<Packet>> {
        let most = if is_pcm(&self.parameters) { PCM } else { 1 };
        let Some((offset, size, samples)) = self.samples.next(most) else { return Ok(None) };
        self.position = offset.min(self.length);
        if offset.saturating_add(size) > self.length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut data = Vec::new();
        self.input.seek(SeekFrom::Start(offset))?;
        (&mut self.input).take(size).read_to_end(&mut data)?;
        self.position = offset + size;
        let time = Timestamp::from(self.done.cast_signed());
        self.done += samples;
        Ok(Some(Packet::new(0, time, Duration::from(samples), data)))
    }
}

fn is_pcm(parameters: &AudioCodecParameters) -> bool {
    (CODEC_ID_PCM_S32LE..=CODEC_ID_PCM_MULAW).contains(&parameters.codec)
}

/// The audio tracks in `moov`.
fn tracks(input: &mut File, moov: BoxBody) -> io::Result<Vec<Mp4Track>> {
    let mut tracks = Vec::new();
    for (_, trak) in boxes(input, moov)?.into_iter().filter(|(kind, _)| kind == b"trak") {
        let (tkhd, hdlr) = (child(input, trak, b"tkhd")?, find(input, trak, &[b"mdia", b"hdlr"])?);
        let (Some(tkhd), Some(hdlr)) = (tkhd, hdlr) else { continue };
        if bytes(input, hdlr, 12)?.get(8..) != Some(b"soun") {
            continue;
        }
        let tkhd = bytes(input, tkhd, 24)?;
        let from = if tkhd.first() == Some(&1) { 20 } else { 12 };
        let enabled = tkhd.get(3).is_some_and(|flags| flags & 1 != 0);
        tracks.push(Mp4Track { trak, id: big(&tkhd, from, 4).unwrap_or(0), enabled });
    }
    Ok(tracks)
}

/// All that the boxes say of a track's time.
fn times(
    input: &mut File,
    movie: &Movie,
    track: &Mp4Track,
    mdia: BoxBody,
    samples: &Samples,
) -> Result<Times, Refusal> {
    let mvhd = child(input, movie.moov, b"mvhd")?;
    let mdhd = child(input, mdia, b"mdhd")?;
    let (movie_scale, _) = mvhd.map(|mvhd| scale(input, mvhd)).transpose()?.flatten().unwrap_or_default();
    let (media_scale, media_length) =
        mdhd.map(|mdhd| scale(input, mdhd)).transpose()?.flatten().unwrap_or_default();
    let edit = match find(input, track.trak, &[b"edts", b"elst"])? {
        Some(elst) => edit(&bytes(input, elst, 8 + 20 * 64)?).map_err(Refusal::Unsupported)?,
        None => None,
    };
    let indexed =
        movie.indexed.iter().find(|(id, ..)| *id == track.id).map(|&(_, ticks, scale)| (ticks, scale));
    let mut itunes = None;
    for within in [movie.moov, track.trak] {
        if itunes.is_none() {
            itunes = tag(input, within)?;
        }
    }
    Ok(Times {
        movie_scale,
        media_scale,
        media_length,
        movie_length: if movie.tracks == 1 { movie.length } else { 0 },
        indexed,
        edit,
        itunes,
        samples: samples.count,
        ticks: samples.ticks,
        table_ticks: samples.table_ticks,
        step: samples.step(),
        gap: samples.gap,
        fragmented: samples.fragmented,
    })
}

/// The time scale and the length in an `mvhd` or an `mdhd`.
fn scale(input: &mut File, body: BoxBody) -> io::Result<Option<(u64, u64)>> {
    let head = bytes(input, body, 32)?;
    let (from, width) = if head.first() == Some(&1) { (20, 8) } else { (12, 4) };
    let unknown = if width == 8 { u64::MAX } else { u32::MAX.into() };
    let length = big(&head, from + 4, width).map(|length| if length == unknown { 0 } else { length });
    Ok(big(&head, from, 4).filter(|&scale| scale > 0).zip(length))
}

/// The tag `iTunSMPB` among those of iTunes (`----`, whose children are its domain, its name and its text).
fn tag(input: &mut File, within: BoxBody) -> io::Result<Option<Itunes>> {
    let Some(meta) = find(input, within, &[b"udta", b"meta"])? else { return Ok(None) };
    // QuickTime's has no version in front
    let lists = [child(input, (meta.0 + 4, meta.1), b"ilst")?, child(input, meta, b"ilst")?];
    let Some(list) = lists.into_iter().flatten().next() else { return Ok(None) };
    for (_, item) in boxes(input, list)?.into_iter().filter(|(kind, _)| kind == b"----") {
        let (Some(name), Some(data)) = (child(input, item, b"name")?, child(input, item, b"data")?) else {
            continue;
        };
        if bytes(input, name, 64)?.get(4..) == Some(b"iTunSMPB") {
            let text = bytes(input, data, 1024)?;
            return Ok(Itunes::read(&String::from_utf8_lossy(text.get(8..).unwrap_or_default())));
        }
    }
    Ok(None)
}

/// What the decoder has to know by a sample description, and the bytes of a sample of PCM. What is no PCM symphonia
/// reads: it sees a file that has nothing else.
fn parameters(
    input: &mut File,
    stbl: BoxBody,
    description: u64,
) -> Result<(AudioCodecParameters, Option<u32>), Refusal> {
    let stsd = child(input, stbl, b"stsd")?.ok_or(Refusal::NoAudio)?;
    let entries = boxes(input, (stsd.0 + 8, stsd.1))?;
    let entry = usize::try_from(description - 1).ok().and_then(|index| entries.get(index));
    let (kind, body) = entry.ok_or(Refusal::NoAudio)?;
    if body.1 - body.0 > BOX as u64 {
        return Err(Refusal::Unsupported("its sample description (stsd) is larger than any is".to_owned()));
    }
    let entry = bytes(input, *body, BOX)?;
    if let Some(pcm) = mp4_format::read(kind, &entry).map_err(Refusal::Unsupported)? {
        return Ok((pcm.parameters, Some(pcm.block)));
    }
    let entry = boxed(kind, &entry);
    let empty = |kind, size: usize| boxed(kind, &vec![0; size]);
    let stsd = boxed(b"stsd", &[&[0, 0, 0, 0, 0, 0, 0, 1][..], &entry].concat());
    let tables = [stsd, empty(b"stts", 8), empty(b"stsc", 8), empty(b"stsz", 12), empty(b"stco", 8)].concat();
    // a time scale has to be something, and a track's number too
    let header = |size: usize, one: usize| {
        let mut body = vec![0; size];
        body.get_mut(one..=one).unwrap_or_default().fill(1);
        body
    };
    let mdia = [
        boxed(b"mdhd", &header(24, 15)),
        boxed(b"hdlr", b"\0\0\0\0\0\0\0\0soun\0\0\0\0\0\0\0\0\0\0\0\0\0"),
        boxed(b"minf", &boxed(b"stbl", &tables)),
    ];
    let trak = [boxed(b"tkhd", &header(84, 15)), boxed(b"mdia", &mdia.concat())].concat();
    let moov = [boxed(b"mvhd", &header(100, 15)), boxed(b"trak", &trak)].concat();
    let file = [boxed(b"ftyp", b"M4A \0\0\0\0"), boxed(b"moov", &moov)].concat();
    let stream = MediaSourceStream::new(Box::new(Cursor::new(file)), MediaSourceStreamOptions::default());
    let reader = IsoMp4Reader::try_new(stream, FormatOptions::default())
        .map_err(|error| Refusal::Unsupported(error_text(&error)))?;
    match reader.default_track(TrackType::Audio).and_then(|track| track.codec_params.clone()) {
        Some(CodecParameters::Audio(parameters)) => Ok((parameters, None)),
        _ => Err(Refusal::NoAudio),
    }
}

fn boxed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    [&(body.len() as u32 + 8).to_be_bytes()[..], kind, body].concat()
}
