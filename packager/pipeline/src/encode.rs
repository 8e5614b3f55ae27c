//! All cores at work on one source:
//!
//! ```text
//! decode ──▶ measure, resample, cut into chunks ──▶ workers, each a chunk of one rendition ──▶ sink
//! ```
//! What a chunk becomes depends on nothing but its samples, so the bytes do not depend on the number of workers.

use std::{
    collections::BTreeMap,
    num::NonZeroUsize,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use nada_catalog::RenditionName;

use crate::{
    budget::SampleBudget,
    chunk::Chunk,
    error::PackageError,
    geometry::Schedule,
    output::{OutputFile, Sink},
    overs::Peak,
    part_size::PartSize,
    rendition::{AacRendition, EncodedSegment, FlacRendition, RenditionEncoder as _, Renditions},
    source::{Decoded, Progress, Source},
    streams::{ReadyChunk, SampleStreams, SourceSummary},
    track_file::TrackFile,
};

/// Bytes of samples between the decoder and the encoders, at most.
const SAMPLES: usize = 32 << 20;
/// Jobs that wait for a worker, at most.
const WAITING_JOBS: usize = 8;
/// Segments that wait for the sink, at most.
const WAITING_SEGMENTS: usize = 8;

/// A source, and the highest sample that it is lowered by; none where it stays as it is.
pub struct NormalisedSource {
    /// Not yet decoded.
    pub source: Source,
    /// Its highest sample.
    pub peak: Peak,
}

/// A source that is encoded, all parts stored but those that wait for header and index.
pub struct Encoded {
    /// What decoding it found.
    pub decoded: Decoded,
    /// What all of its samples turned out to be.
    pub summary: SourceSummary,
    /// The track file of each rendition.
    pub files: BTreeMap<RenditionName, TrackFile>,
}

/// A chunk, and the rendition to encode it for.
enum ChunkJob<'a> {
    Aac(&'a AacRendition, Arc<Chunk<i16>>),
    Flac(&'a FlacRendition, Chunk<i32>),
}

impl ChunkJob<'_> {
    fn rendition(&self) -> RenditionName {
        match self {
            Self::Aac(rendition, _) => rendition.name(),
            Self::Flac(rendition, _) => rendition.name(),
        }
    }

    fn encode(&self, out: &mut dyn FnMut(EncodedSegment) -> bool) -> Result<(), PackageError> {
        match self {
            Self::Aac(rendition, chunk) => rendition.encode(chunk, out),
            Self::Flac(rendition, chunk) => rendition.encode(chunk, out),
        }
    }
}

/// How a source is encoded.
pub struct EncodeSettings {
    /// Where it is cut.
    pub schedule: Schedule,
    /// How large parts are.
    pub part_size: PartSize,
    /// Encoders at work at once.
    pub threads: NonZeroUsize,
}

/// Decodes and encodes everything; parts go to `sink` as they are full.
///
/// # Errors
/// Where the source cannot be decoded, an encoder or the sink fails, or a thread panics.
pub fn encode(
    source: NormalisedSource,
    renditions: &Renditions,
    settings: &EncodeSettings,
    sink: &mut dyn Sink,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Encoded, PackageError> {
    let &EncodeSettings { schedule, part_size, threads } = settings;
    let (budget, stop) = (SampleBudget::new(SAMPLES), AtomicBool::new(false));
    let (job, jobs) = sync_channel::<ChunkJob<'_>>(WAITING_JOBS);
    let jobs = Mutex::new(jobs);
    let (segment, segments) = sync_channel(WAITING_SEGMENTS);
    thread::scope(|scope| {
        let (budget, stop, jobs) = (&budget, &stop, &jobs);
        let decoder = scope.spawn(move || {
            let streams =
                SampleStreams::new(source.source.format(), renditions.flac.is_some(), schedule, budget)?;
            decode(source, streams, renditions, stop, job, progress)
        });
        for _ in 0..threads.get() {
            let segment = segment.clone();
            scope.spawn(move || work(jobs, stop, &segment));
        }
        drop(segment);
        // leaving drops the receiver, which stops the workers, which stop the decoder
        let stored = store(segments, part_size, sink);
        stop.store(stored.is_err(), Ordering::Relaxed);
        let decoded = decoder.join();
        let decoded = decoded.map_err(|payload| PackageError::panicked("decoding", payload.as_ref()))?;
        let files = stored?;
        let (decoded, summary) = decoded?;
        Ok(Encoded { decoded, summary, files })
    })
}

/// Decodes the source and hands out the jobs.
fn decode<'a>(
    source: NormalisedSource,
    mut streams: SampleStreams<'_>,
    renditions: &'a Renditions,
    stop: &AtomicBool,
    jobs: SyncSender<ChunkJob<'a>>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<(Decoded, SourceSummary), PackageError> {
    let NormalisedSource { source, peak } = source;
    // no job can be sent only once every worker has ended; each sends an error of its own first
    let mut give = |ready: ReadyChunk| match ready {
        ReadyChunk::Aac(chunk) => renditions.aac.iter().rev().for_each(|rendition| {
            let _ = jobs.send(ChunkJob::Aac(rendition, Arc::clone(&chunk)));
        }),
        ReadyChunk::Flac(chunk) => {
            let _ = renditions.flac.as_ref().map(|rendition| jobs.send(ChunkJob::Flac(rendition, chunk)));
        }
    };
    let mut failed = None;
    let decoded =
        source.decode(&progress, &mut |stereo| match streams.push(&peak.lower(stereo), &mut give) {
            Ok(()) => !stop.load(Ordering::Relaxed),
            Err(error) => {
                failed = Some(error);
                false
            }
        })?;
    match failed {
        Some(error) => Err(error),
        None => Ok((decoded, streams.finish(&mut give)?)),
    }
}

/// Takes one job after the other, until there are no more. A panic in one of them is an error, and the worker goes on:
/// one that died would leave the decoder waiting.
fn work(
    jobs: &Mutex<Receiver<ChunkJob<'_>>>,
    stop: &AtomicBool,
    segments: &SyncSender<Result<EncodedSegment, PackageError>>,
) {
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        // once something failed, jobs are only taken away from the decoder, so that it can end
        if stop.load(Ordering::Relaxed) {
            continue;
        }
        let mut out = |segment| {
            let sent = segments.send(Ok(segment)).is_ok();
            sent && !stop.load(Ordering::Relaxed)
        };
        let done = catch_unwind(AssertUnwindSafe(|| job.encode(&mut out))).unwrap_or_else(|payload| {
            Err(PackageError::panicked(format!("encoding {}", job.rendition()), payload.as_ref()))
        });
        if let Err(error) = done {
            let _ = segments.send(Err(error));
        }
    }
}

/// Puts segments into parts as they come, and stores what is full, until the first that fails.
fn store(
    segments: Receiver<Result<EncodedSegment, PackageError>>,
    part_size: PartSize,
    sink: &mut dyn Sink,
) -> Result<BTreeMap<RenditionName, TrackFile>, PackageError> {
    let mut files = BTreeMap::new();
    for segment in segments {
        let segment = segment?;
        let name = segment.rendition;
        let file = files.entry(name).or_insert_with(|| TrackFile::new(name, part_size));
        file.push(segment, &mut |part| put(sink, part))?;
    }
    Ok(files)
}

/// Hands one file to the sink.
///
/// # Errors
/// The sink's own, with the file's name.
pub fn put(sink: &mut dyn Sink, file: OutputFile) -> Result<(), PackageError> {
    let object = file.name();
    sink.put(file).map_err(|error| PackageError::Sink { object, error })
}
