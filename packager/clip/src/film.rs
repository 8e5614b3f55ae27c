//! A film: frames and sound in one MP4 file, which begins with what a player needs first.

use mp4_atom::{
    Avc1, Avcc, Codec, Colr, Dinf, Dref, DrefEntry, Edts, Elst, ElstEntry, Encode as _, FourCC, Ftyp, Hdlr,
    Header, Mdat, Mdhd, Mdia, Minf, Moov, Mvhd, Smhd, Stbl, Stco, Stsc, StscEntry, Stsd, Stss, Stsz,
    StszSamples, Stts, SttsEntry, Tkhd, Trak, Url, Visual, Vmhd,
};

use crate::{
    error::ClipError,
    excerpt::Excerpt,
    scene::{Moment, Scene},
    sound::Sound,
    video::{FRAME_RATE, VideoEncoder, VideoFrame},
};

/// Ticks of a frame; a second has [`FRAME_RATE`] times as many.
const TICKS: u32 = 512;

/// Frames in a chunk: half a second of video, then as much sound.
const CHUNK: usize = 15;

/// Draws, encodes and puts together the film of an excerpt. `progress` is told after each frame how many there are and will be.
///
/// # Errors
/// If the encoder fails.
pub fn film(
    scene: &Scene,
    excerpt: &Excerpt,
    sound: &Sound,
    progress: &dyn Fn(u64, u64),
) -> Result<Vec<u8>, ClipError> {
    let length = (excerpt.span.end - excerpt.span.start).max(1).unsigned_abs();
    let count = (length * u64::from(FRAME_RATE)).div_ceil(1000);
    let mut canvas = scene.canvas();
    let mut encoder = VideoEncoder::new(canvas.width, canvas.height)?;
    let mut frames = Vec::with_capacity(count as usize);
    let mut before: Option<Moment> = None;
    for index in 0..count {
        let moment = scene.at(excerpt.span.start as f64 + middle_of(index));
        let changed = scene.paint(&mut canvas, before.as_ref(), &moment);
        let rows = match before {
            None => Some(0..canvas.height),
            Some(_) => changed.map(|[_, top, _, bottom]| top..bottom),
        };
        frames.push(encoder.encode(&canvas, rows)?);
        before = Some(moment);
        progress(index + 1, count);
    }
    mux(&frames, &encoder, (canvas.width, canvas.height), sound)
}

/// The middle of the time for which a frame is seen, in ms: a word is lit in the frame that is nearest to its start.
fn middle_of(frame: u64) -> f64 {
    (frame as f64 + 0.5) * 1000.0 / f64::from(FRAME_RATE)
}

/// A track while it is put together.
struct Track {
    sizes: Vec<u32>,
    /// Samples in each chunk.
    chunks: Vec<u32>,
    offsets: Vec<u32>,
}

impl Track {
    fn table(&self, codec: Codec, delta: u32) -> Stbl {
        let mut runs: Vec<StscEntry> = Vec::new();
        for (chunk, samples) in (1..).zip(&self.chunks) {
            if runs.last().is_none_or(|last| last.samples_per_chunk != *samples) {
                runs.push(StscEntry {
                    first_chunk: chunk,
                    samples_per_chunk: *samples,
                    sample_description_index: 1,
                });
            }
        }
        let count = self.sizes.len() as u32;
        Stbl {
            stsd: Stsd { codecs: vec![codec] },
            stts: Stts { entries: vec![SttsEntry { sample_count: count, sample_delta: delta }] },
            stsc: Stsc { entries: runs },
            stsz: Stsz { samples: StszSamples::Different { sizes: self.sizes.clone() } },
            stco: Some(Stco { entries: self.offsets.clone() }),
            ..Stbl::default()
        }
    }
}

fn mux(
    frames: &[VideoFrame],
    encoder: &VideoEncoder,
    size: (usize, usize),
    sound: &Sound,
) -> Result<Vec<u8>, ClipError> {
    let brand = |name: &[u8; 4]| FourCC::new(name);
    let ftyp = Ftyp {
        major_brand: brand(b"isom"),
        minor_version: 512,
        compatible_brands: vec![brand(b"isom"), brand(b"iso2"), brand(b"avc1"), brand(b"mp41")],
    };
    let (video, audio) = chunks(frames, sound);
    let mut head = Vec::new();
    ftyp.encode(&mut head)?;
    // where the media begins depends on how long the header is, which does not depend on where it begins
    let mut header = Vec::new();
    moov(frames, encoder, size, sound, (&video, &audio))?.encode(&mut header)?;
    let media = (head.len() + header.len() + 8) as u32;
    let (video, audio) = (shifted(video, media), shifted(audio, media));
    moov(frames, encoder, size, sound, (&video, &audio))?.encode(&mut head)?;
    let payload = frames.iter().map(|frame| frame.bytes.len()).sum::<usize>()
        + sound.units.iter().map(Vec::len).sum::<usize>();
    Header { kind: <Mdat as mp4_atom::Atom>::KIND, size: Some(payload) }.encode(&mut head)?;
    let (mut frame, mut unit) = (frames.iter(), sound.units.iter());
    for index in 0..video.chunks.len().max(audio.chunks.len()) {
        let samples = |track: &Track| track.chunks.get(index).map_or(0, |samples| *samples as usize);
        frame.by_ref().take(samples(&video)).for_each(|frame| head.extend_from_slice(&frame.bytes));
        unit.by_ref().take(samples(&audio)).for_each(|unit| head.extend_from_slice(unit));
    }
    Ok(head)
}

/// Chunks of both tracks in turns, with their offsets from the first byte of the media.
fn chunks(frames: &[VideoFrame], sound: &Sound) -> (Track, Track) {
    let sizes = |lengths: &mut dyn Iterator<Item = usize>| lengths.map(|length| length as u32).collect();
    let mut video =
        Track { sizes: sizes(&mut frames.iter().map(|f| f.bytes.len())), chunks: vec![], offsets: vec![] };
    let mut audio =
        Track { sizes: sizes(&mut sound.units.iter().map(Vec::len)), chunks: vec![], offsets: vec![] };
    let (mut shown, mut heard, mut at) = (0, 0, 0);
    while shown < video.sizes.len() || heard < audio.sizes.len() {
        let until = (shown + CHUNK).min(video.sizes.len());
        let last = until == video.sizes.len();
        let samples = sound.skip + until as u64 * u64::from(sound.rate) / u64::from(FRAME_RATE);
        let units = if last {
            audio.sizes.len()
        } else {
            (samples.div_ceil(u64::from(sound.frame)) as usize).min(audio.sizes.len())
        };
        for (track, range) in [(&mut video, shown..until), (&mut audio, heard..units.max(heard))] {
            if !range.is_empty() {
                track.chunks.push(range.len() as u32);
                track.offsets.push(at);
                at += track.sizes.get(range).unwrap_or_default().iter().sum::<u32>();
            }
        }
        (shown, heard) = (until, units.max(heard));
    }
    (video, audio)
}

fn shifted(track: Track, by: u32) -> Track {
    Track { offsets: track.offsets.iter().map(|offset| offset + by).collect(), ..track }
}

/// The header: the movie counts in samples of sound, of which a frame has a whole number.
fn moov(
    frames: &[VideoFrame],
    encoder: &VideoEncoder,
    (width, height): (usize, usize),
    sound: &Sound,
    (video, audio): (&Track, &Track),
) -> Result<Moov, ClipError> {
    let dimension = |pixels: usize| u16::try_from(pixels).unwrap_or(u16::MAX);
    let frame_samples = u64::from(sound.rate / FRAME_RATE);
    let shown = frames.len() as u64 * frame_samples;
    let visual = Visual {
        data_reference_index: 1,
        width: dimension(width),
        height: dimension(height),
        ..Visual::default()
    };
    let avc1 = Avc1 {
        visual,
        avcc: Avcc::new(&encoder.sps, &encoder.pps)?,
        btrt: None,
        colr: Some(Colr::new(1, 1, 1, false)?),
        pasp: None,
        taic: None,
        fiel: None,
        spatial: None,
    };
    let keys = (1..).zip(frames).filter(|(_, frame)| frame.key).map(|(number, _)| number);
    let pictures =
        Stbl { stss: Some(Stss { entries: keys.collect() }), ..video.table(Codec::Avc1(avc1), TICKS) };
    let decoded = sound.units.len() as u64 * u64::from(sound.frame);
    let edit =
        ElstEntry { segment_duration: sound.samples, media_time: Some(sound.skip), media_rate: 1.into() };
    let trak =
        |id: u32, duration: u64, handler: &[u8; 4], name: &str, timescale: u32, length: u64, minf: Minf| {
            Trak {
                tkhd: Tkhd { track_id: id, duration, enabled: true, in_movie: true, ..Tkhd::default() },
                mdia: Mdia {
                    mdhd: Mdhd { timescale, duration: length, language: "und".to_owned(), ..Mdhd::default() },
                    hdlr: Hdlr { handler: FourCC::new(handler), name: name.to_owned() },
                    minf: Minf {
                        dinf: Dinf { dref: Dref { entries: vec![DrefEntry::Url(Url::default())] } },
                        ..minf
                    },
                },
                ..Trak::default()
            }
        };
    let ticks = frames.len() as u64 * u64::from(TICKS);
    let minf = Minf { vmhd: Some(Vmhd::default()), stbl: pictures, ..Minf::default() };
    let mut seen = trak(1, shown, b"vide", "video", FRAME_RATE * TICKS, ticks, minf);
    seen.tkhd.width = dimension(width).into();
    seen.tkhd.height = dimension(height).into();
    let minf = Minf {
        smhd: Some(Smhd::default()),
        stbl: audio.table(Codec::Mp4a(sound.entry.clone()), sound.frame),
        ..Minf::default()
    };
    let mut heard = trak(2, sound.samples, b"soun", "audio", sound.rate, decoded, minf);
    heard.tkhd.volume = 1.into();
    heard.tkhd.alternate_group = 1;
    heard.edts = Some(Edts { elst: Some(Elst { entries: vec![edit] }) });
    Ok(Moov {
        mvhd: Mvhd {
            timescale: sound.rate,
            duration: shown.max(sound.samples),
            rate: 1.into(),
            volume: 1.into(),
            next_track_id: 3,
            ..Mvhd::default()
        },
        trak: vec![seen, heard],
        ..Moov::default()
    })
}
