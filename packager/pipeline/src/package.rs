//! The whole of it: one source in, the files of every rendition out, in one pass.
//!
//! ```text
//! decode ──▶ measure, resample, cut into chunks ──▶ workers, each a chunk of one rendition ──▶ sink
//! ```
//! What a chunk becomes depends on nothing but its samples, so the bytes do not depend on the number of workers.

use std::{
    collections::BTreeMap,
    num::NonZeroUsize,
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use nada_catalog::{
    Codec, FORMAT, Loudness, LoudnessHistogram, Presentation, Rendition, RenditionFile, RenditionName,
    Timeline, TrackId, Version,
};

use crate::{
    budget::Budget,
    error::PackageError,
    geometry::{PRIMING, Schedule, aac_rate},
    lane::{Ended, Lanes, Work, lossless_scale},
    overs::{MOST_LOWERED, Overs, Peak},
    playlist::Entry,
    rendition::{Cut, Produced, Rung},
    settings::{Execution, Settings},
    source::{Decoded, Format, Progress, Source},
};

/// Bytes of samples between the decoder and the encoders, at most.
const SAMPLES: usize = 48 << 20;
/// Jobs that wait for a worker, and segments that wait for the sink.
const WAITING: usize = 8;

/// Where finished files go. A closure will do; so does [`crate::Folder`].
pub trait Sink {
    /// Stores one file. Segments come in any order; each rendition's `init.mp4` and then its media playlist come
    /// last.
    ///
    /// # Errors
    /// Whatever kept it from being stored; packaging ends with it.
    fn put(&mut self, produced: Produced) -> Result<(), Box<dyn std::error::Error + Send + Sync>>;
}

impl<F, E> Sink for F
where
    F: FnMut(Produced) -> Result<(), E>,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    fn put(&mut self, produced: Produced) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        self(produced).map_err(Into::into)
    }
}

/// What was packaged.
#[derive(Debug, Clone, PartialEq)]
pub struct Packaged {
    /// M, n and R.
    pub timeline: Timeline,
    /// The source's loudness as delivered; `None` for silence.
    pub loudness: Option<Loudness>,
    /// How that is distributed, for the loudness of an album.
    pub levels: LoudnessHistogram,
    /// The renditions, lowest nominal bit rate first.
    pub renditions: Vec<Rendition>,
    /// What is worth knowing and no error, in sentences.
    pub notices: Vec<String>,
}

impl Packaged {
    /// The presentation of `track` in `version`.
    pub fn into_presentation(self, track: TrackId, version: Version) -> Presentation {
        let Self { timeline, loudness, renditions, levels: _, notices: _ } = self;
        Presentation { format: FORMAT, track, version, timeline, loudness, renditions }
    }
}

/// Packages the song at `source`: every file goes to `sink` as soon as it is finished, on the calling thread;
/// `progress` is called from another. Memory stays bounded whatever the length. When this fails, files may
/// have been stored already, but no playlist.
///
/// # Errors
/// See [`PackageError`].
pub fn package(
    source: &Path,
    settings: &Settings,
    execution: &Execution,
    sink: &mut dyn Sink,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Packaged, PackageError> {
    let path = source;
    let source = Source::open(path, &execution.isolation)?;
    let format = source.format();
    let (rungs, mut notices) = rungs(settings, format)?;
    let peak = match settings.overs {
        // integers are never over
        Overs::Normalise if format.depth != Some(16) => peak(path, execution)?,
        Overs::Clip | Overs::Normalise => Peak::default(),
    };
    let lowered = (peak.height > 1.0).then(|| {
        let (level, time) = (peak.level(), peak.time(format.rate));
        format!(
            "the song is lowered by {level:.1} dB, so that its highest sample (at {time}) is at full scale"
        )
    });
    let song = Song { source, peak };
    let (decoded, ended, entries) =
        encode(song, &rungs, settings.schedule, execution.threads, sink, progress)?;
    notices.extend(decoded.notices);
    notices.extend(lowered);
    notices.extend((ended.clipped.samples > 0).then(|| ended.clipped.to_string()));
    let timeline = Timeline { rate: aac_rate(format.rate), priming: PRIMING, samples: ended.samples };
    let mut renditions = Vec::with_capacity(rungs.len());
    for rung in &rungs {
        let total = match rung.name.codec() {
            Codec::Flac => ended.lossless,
            _ => u64::from(PRIMING) + ended.samples,
        };
        let entries = entries.get(&rung.name).and_then(|all| all.iter().copied().collect::<Option<Vec<_>>>());
        let entries = entries.filter(|all| all.iter().map(|entry| entry.length).sum::<u64>() == total);
        let entries = entries.ok_or(PackageError::Worker)?;
        let loudness = ended.loudness.as_ref();
        let (rendition, files) = rung.finish(settings.schedule, total, PRIMING.into(), &entries, loudness)?;
        for file in files {
            put(sink, file)?;
        }
        renditions.push(rendition);
    }
    Ok(Packaged { timeline, loudness: ended.loudness, levels: ended.levels, renditions, notices })
}

/// A source, and the highest sample that it is lowered by; that is none where it is not.
struct Song {
    source: Source,
    peak: Peak,
}

/// The highest sample of a source, for which all of it is decoded.
fn peak(source: &Path, execution: &Execution) -> Result<Peak, PackageError> {
    let file = source.to_owned();
    let source = Source::open(source, &execution.isolation)?;
    let (rate, mut peak) = (source.format().rate, Peak::default());
    source.decode(&|_| (), &mut |stereo| {
        peak.hear(stereo);
        true
    })?;
    if peak.level() > MOST_LOWERED {
        let (sample, time, level) = (peak.sample, peak.time(rate), peak.level());
        return Err(PackageError::TooLoud { file, sample, time, level });
    }
    Ok(peak)
}

/// The rungs for a source: FLAC only where there is something lossless to keep.
fn rungs(settings: &Settings, format: Format) -> Result<(Vec<Rung>, Vec<String>), PackageError> {
    let (rate, mut notices) = (aac_rate(format.rate), Vec::new());
    let mut rungs = Vec::new();
    for &name in settings.ladder.rungs() {
        rungs.push(match (name.codec(), format.depth) {
            (Codec::Flac, Some(depth)) => Rung::flac(rate, lossless_scale(format.rate).unwrap_or(1), depth),
            (Codec::Flac, None) => {
                notices.push("the source is not lossless: no FLAC rendition was made".to_owned());
                continue;
            }
            _ => Rung::aac(name, rate)?,
        });
    }
    if rungs.is_empty() { Err(PackageError::NothingLossless) } else { Ok((rungs, notices)) }
}

/// What a worker is given.
type Job<'a> = (&'a Rung, Work);
/// The segments of each rendition, by index.
type Entries = BTreeMap<RenditionName, Vec<Option<Entry>>>;

/// Decodes and encodes everything; the segments go to `sink`.
fn encode(
    song: Song,
    rungs: &[Rung],
    schedule: Schedule,
    threads: NonZeroUsize,
    sink: &mut dyn Sink,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<(Decoded, Ended, Entries), PackageError> {
    let (budget, stop) = (Budget::new(SAMPLES), AtomicBool::new(false));
    let (job, jobs) = sync_channel::<Job<'_>>(WAITING);
    let jobs = Mutex::new(jobs);
    let (cut, cuts) = sync_channel(WAITING);
    thread::scope(|scope| {
        let (budget, stop, jobs) = (&budget, &stop, &jobs);
        let decoder = scope.spawn(move || decode(song, rungs, schedule, budget, stop, job, progress));
        for _ in 0..threads.get() {
            let cut = cut.clone();
            scope.spawn(move || work(jobs, stop, &cut));
        }
        drop(cut);
        // leaving drops the receiver, which stops the workers, which stop the decoder
        let stored = store(cuts, sink);
        stop.store(stored.is_err(), Ordering::Relaxed);
        let decoded = decoder.join().map_err(|_| PackageError::Worker)?;
        let entries = stored?;
        let (decoded, ended) = decoded?;
        Ok((decoded, ended, entries))
    })
}

/// Decodes the source and hands out the jobs.
fn decode<'a>(
    song: Song,
    rungs: &'a [Rung],
    schedule: Schedule,
    budget: &Budget,
    stop: &AtomicBool,
    jobs: SyncSender<Job<'a>>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<(Decoded, Ended), PackageError> {
    let Song { source, peak } = song;
    let is_lossless = |rung: &&Rung| rung.name.codec() == Codec::Flac;
    let lossless = rungs.iter().find(is_lossless);
    let mut lanes = Lanes::new(source.format(), lossless.is_some(), schedule, budget)?;
    // a worker that ended early has an error to tell
    let mut give = |work: Work| match work {
        Work::Aac(chunk) => rungs.iter().rev().filter(|rung| !is_lossless(rung)).for_each(|rung| {
            let _ = jobs.send((rung, Work::Aac(chunk.clone())));
        }),
        Work::Flac(chunk) => {
            let _ = lossless.map(|rung| jobs.send((rung, Work::Flac(chunk))));
        }
    };
    let mut failed = None;
    let decoded =
        source.decode(&progress, &mut |stereo| match lanes.push(&peak.lower(stereo), &mut give) {
            Ok(()) => !stop.load(Ordering::Relaxed),
            Err(error) => {
                failed = Some(error);
                false
            }
        })?;
    match failed {
        Some(error) => Err(error),
        None => Ok((decoded, lanes.finish(&mut give)?)),
    }
}

/// Takes one job after the other, until there are no more.
fn work(jobs: &Mutex<Receiver<Job<'_>>>, stop: &AtomicBool, cuts: &SyncSender<Made>) {
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((rung, work)) = job else { return };
        // once something failed, jobs are only taken away from the decoder, so that it can end
        if stop.load(Ordering::Relaxed) {
            continue;
        }
        let mut out = |cut| {
            let sent = cuts.send(Ok((rung.name, cut))).is_ok();
            sent && !stop.load(Ordering::Relaxed)
        };
        let done = match &work {
            Work::Aac(chunk) => rung.encode(chunk, &mut out),
            Work::Flac(chunk) => rung.encode_lossless(chunk, &mut out),
        };
        if let Err(error) = done {
            let _ = cuts.send(Err(error));
        }
    }
}

/// A segment, or why there is none.
type Made = Result<(RenditionName, Cut), PackageError>;

/// Stores segments as they come, until the first that fails.
fn store(made: Receiver<Made>, sink: &mut dyn Sink) -> Result<Entries, PackageError> {
    let mut entries = Entries::new();
    for made in made {
        let (rendition, Cut { index, entry, bytes }) = made?;
        let all = entries.entry(rendition).or_default();
        let index = index as usize;
        if all.len() <= index {
            all.resize(index + 1, None);
        }
        if let Some(slot) = all.get_mut(index) {
            *slot = Some(entry);
        }
        put(sink, Produced { rendition, file: RenditionFile::Segment(index as u32 + 1), bytes })?;
    }
    Ok(entries)
}

fn put(sink: &mut dyn Sink, file: Produced) -> Result<(), PackageError> {
    let object = format!("{}/{}", file.rendition, file.file);
    sink.put(file).map_err(|error| PackageError::Sink { object, error })
}
