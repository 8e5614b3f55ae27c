//! The whole of it: one source in, the files of every rendition out, in one pass.
//!
//! ```text
//! decode, resample, measure ──▶ bounded channel per rendition ──▶ encode, cut ──▶ bounded channel ──▶ sink
//! ```
//! Each rendition is one worker's from start to end, so its bytes do not depend on how many run at once.

use std::{
    cell::Cell,
    path::Path,
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use nada_release::{FORMAT, Loudness, Presentation, Rendition, RenditionName, Timeline, TrackId, Version};

use crate::{
    error::PackageError,
    geometry::{PRIMING, Schedule, aac_rate},
    loudness::Meter,
    rendition::{Produced, Work},
    resample::Resampler,
    settings::Settings,
    source::{Progress, Source},
};

/// Stereo samples in one block, at most, and blocks on their way to each encoder.
const BLOCK: usize = 1 << 15;
const BLOCKS: usize = 8;

/// Where finished files go. A closure will do; so does [`crate::Folder`].
pub trait Sink {
    /// Stores one file. The files of a rendition come in order, those of several interleaved.
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
    /// The renditions, lowest nominal bit rate first.
    pub renditions: Vec<Rendition>,
}

impl Packaged {
    /// The presentation of `track` in `version`.
    pub fn into_presentation(self, track: TrackId, version: Version) -> Presentation {
        let Self { timeline, loudness, renditions } = self;
        Presentation { format: FORMAT, track, version, timeline, loudness, renditions }
    }
}

/// One block of interleaved samples, or the end of the source.
enum Block {
    Samples(Arc<[i16]>),
    End,
}

/// Packages the song at `source`: every file goes to `sink` as soon as it is finished, on the calling thread;
/// `progress` is called from another. Memory stays bounded whatever the length. When this fails, files may
/// have been stored already, but never every rendition's playlist.
///
/// # Errors
/// See [`PackageError`].
pub fn package(
    source: &Path,
    settings: &Settings,
    sink: &mut dyn Sink,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Packaged, PackageError> {
    let source = Source::open(source)?;
    let (rate, schedule) = (aac_rate(source.format().rate), settings.schedule);
    thread::scope(|scope| {
        let (produced, finished) = sync_channel(settings.ladder.rungs().len());
        let (mut blocks, mut workers) = (Vec::new(), Vec::new());
        for &name in settings.ladder.rungs() {
            let (sender, receiver) = sync_channel(BLOCKS);
            let produced = produced.clone();
            blocks.push(sender);
            workers.push(scope.spawn(move || encode(name, rate, schedule, receiver, produced)));
        }
        drop(produced);
        let decoder = scope.spawn(move || decode(source, blocks, progress));
        // leaving drops the receiver, which stops the workers, which stops the decoder
        let stored = store(finished, sink);
        let decoded = decoder.join().map_err(|_| PackageError::Worker)?;
        let encoded: Vec<_> = workers.into_iter().map(thread::ScopedJoinHandle::join).collect();
        stored?;
        let (samples, loudness) = decoded?;
        let renditions = encoded
            .into_iter()
            .map(|worker| worker.map_err(|_| PackageError::Worker)?)
            .filter_map(Result::transpose)
            .collect::<Result<Vec<_>, _>>()?;
        if renditions.len() != settings.ladder.rungs().len() {
            return Err(PackageError::Worker);
        }
        Ok(Packaged { timeline: Timeline { rate, priming: PRIMING, samples }, loudness, renditions })
    })
}

fn store(finished: Receiver<Produced>, sink: &mut dyn Sink) -> Result<(), PackageError> {
    finished.into_iter().try_for_each(|file| {
        let object = format!("{}/{}", file.rendition, file.file);
        sink.put(file).map_err(|error| PackageError::Sink { object, error })
    })
}

/// Decodes, measures and hands out blocks; the length and loudness of the source at the AAC rate.
fn decode(
    source: Source,
    blocks: Vec<SyncSender<Block>>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<(u64, Option<Loudness>), PackageError> {
    let mut meter = Meter::new(aac_rate(source.format().rate));
    let mut samples = 0;
    let mut go_on = true;
    let mut add = |stereo: &[f32]| {
        samples += (stereo.len() / 2) as u64;
        meter.add(stereo);
        for part in stereo.chunks(2 * BLOCK) {
            let pcm: Arc<[i16]> = part.iter().copied().map(quantise).collect();
            // a worker that ended early has an error to tell
            go_on = go_on && blocks.iter().all(|to| to.send(Block::Samples(Arc::clone(&pcm))).is_ok());
        }
        go_on
    };
    let rate = source.format().rate;
    let mut resampler = Resampler::new(rate, aac_rate(rate)).map_err(PackageError::resample)?;
    let mut failed = None;
    source.decode(&progress, &mut |stereo| {
        resampler.push(stereo, &mut add).unwrap_or_else(|error| {
            failed = Some(PackageError::resample(error));
            false
        })
    })?;
    if let Some(error) = failed {
        return Err(error);
    }
    resampler.finish(&mut add).map_err(PackageError::resample)?;
    if go_on {
        for to in &blocks {
            let _ = to.send(Block::End);
        }
    }
    Ok((samples, meter.read()))
}

/// The nearest 16-bit value, saturating. No dither: the encoder's own noise lies far above the last bit.
fn quantise(sample: f32) -> i16 {
    (sample * 32_768.0).round() as i16
}

/// Encodes one rendition; `None` where the source or the sink ended early, which have the error to tell.
fn encode(
    name: RenditionName,
    rate: u32,
    schedule: Schedule,
    blocks: Receiver<Block>,
    produced: SyncSender<Produced>,
) -> Result<Option<Rendition>, PackageError> {
    let open = Cell::new(true);
    let mut out = |file| open.set(open.get() && produced.send(file).is_ok());
    let mut work = Work::start(name, rate, schedule, &mut out)?;
    for block in blocks {
        match block {
            Block::Samples(pcm) => work.add(&pcm, &mut out)?,
            Block::End => return Ok(Some(work.finish(&mut out)?)),
        }
        if !open.get() {
            break;
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_round_and_saturate() {
        for (sample, value) in [
            (0.0, 0),
            (1.0, i16::MAX),
            (-1.0, i16::MIN),
            (7.0, i16::MAX),
            (-7.0, i16::MIN),
            (0.5, 16_384),
            (1.4 / 32_768.0, 1),
            (-1.6 / 32_768.0, -2),
            (f32::NAN, 0),
        ] {
            assert_eq!(quantise(sample), value, "{sample}");
        }
    }
}
