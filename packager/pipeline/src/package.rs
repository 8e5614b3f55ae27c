//! The whole of it: one source in, the files of every rendition out, in one pass.

use std::path::Path;

use nada_catalog::{
    Codec, FORMAT, Loudness, LoudnessHistogram, Presentation, Rendition, RenditionName, Timeline, TrackId,
    Version,
};

use nada_protection::{Protection, Tier, TrackKeys};

use crate::{
    encode::{EncodeSettings, NormalisedSource, encode, put},
    error::PackageError,
    geometry::{PRIMING, aac_rate},
    output::Sink,
    overs::{MOST_LOWERED, Overs, Peak},
    rendition::{RenditionEncoder, Renditions},
    settings::{Execution, Settings},
    source::{Progress, Source},
    track_file::TrackFile,
};

/// What was packaged.
#[derive(Debug, Clone, PartialEq)]
pub struct Packaged {
    /// M, n and R.
    pub timeline: Timeline,
    /// The source's loudness as delivered; `None` for silence.
    pub loudness: Option<Loudness>,
    /// The lengths of the first media segment and of the others, in samples of the timeline.
    pub segment_samples: [u32; 2],
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
        let Self { timeline, segment_samples, loudness, renditions, levels: _, notices: _ } = self;
        Presentation { format: FORMAT, track, version, timeline, segment_samples, loudness, renditions }
    }
}

/// Packages the `source`: every part goes to `sink` as soon as it is full, on the calling thread, the first of each rendition
/// at the end;
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
    let Settings { ladder, schedule, overs, part_size, protection } = settings;
    let mut renditions = Renditions::of(ladder.rungs(), format)?;
    if let Some(protection) = protection {
        renditions.protect(protection, execution.keys.as_ref())?;
    }
    let mut notices = Vec::new();
    if renditions.flac.is_none() && ladder.rungs().contains(&RenditionName::FLAC) {
        notices.push("the source is not lossless: no FLAC rendition was made".to_owned());
    }
    let peak = match overs {
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
    let source = NormalisedSource { source, peak };
    let how = EncodeSettings { schedule: *schedule, part_size: *part_size, threads: execution.threads };
    let mut encoded = encode(source, &renditions, &how, sink, progress)?;
    let summary = &encoded.summary;
    notices.extend(encoded.decoded.notices);
    notices.extend(lowered);
    notices.extend((summary.clipped.samples > 0).then(|| summary.clipped.to_string()));
    let timeline = Timeline { rate: aac_rate(format.rate), priming: PRIMING, samples: summary.samples };
    let aac =
        renditions.aac.iter().map(|it| (it as &dyn RenditionEncoder, u64::from(PRIMING) + timeline.samples));
    let flac = renditions.flac.iter().map(|it| (it as &dyn RenditionEncoder, summary.lossless));
    let mut stored: Vec<Rendition> = Vec::new();
    for (rendition, total) in aac.chain(flac) {
        let name = rendition.name();
        let file = encoded.files.remove(&name).unwrap_or_else(|| TrackFile::new(name, *part_size));
        let (rendition, files) = rendition.finish(*schedule, total, file, summary.loudness.as_ref())?;
        for file in files {
            put(sink, file)?;
        }
        stored.push(rendition);
    }
    let (loudness, levels) = (summary.loudness, encoded.summary.levels);
    let segment_samples = [0, 1].map(|index| schedule.length(index) as u32);
    if let (Some(protection), Some(keys)) = (protection, &execution.keys) {
        let segments = stored.first().map_or(0, |rendition| rendition.file.segments.count());
        notices.extend((segments <= protection.terms.lead.segments()).then(|| {
            "the whole song is in its clear lead, so nothing of it is encrypted: set lead = 0 for it"
                .to_owned()
        }));
        state_keys(&mut stored, protection, keys);
    }
    Ok(Packaged { timeline, segment_samples, loudness, levels, renditions: stored, notices })
}

/// Has the first rendition under each key state it for the multivariant playlist, behind what licences are decided by.
fn state_keys(renditions: &mut [Rendition], protection: &Protection, keys: &TrackKeys) {
    for tier in Tier::ALL {
        let lines = keys.of(tier).tags.session.iter().flat_map(|line| [line.as_str(), "\n"]);
        let text = format!("# {protection}\n{}", lines.collect::<String>());
        let mut under = renditions.iter_mut().filter(|rendition| tier_of(rendition.name) == tier);
        under.next().into_iter().for_each(|first| first.session_keys = Some(text.clone()));
    }
}

/// Which key a rendition is under.
fn tier_of(rendition: RenditionName) -> Tier {
    match rendition.codec() {
        Codec::HeAacV2 | Codec::HeAac | Codec::AacLc => Tier::Lossy,
        Codec::Flac => Tier::Lossless,
    }
}

/// The highest sample of a source, for which all of it is decoded.
fn peak(source: &Path, execution: &Execution) -> Result<Peak, PackageError> {
    let file = source.to_owned();
    let source = Source::open(source, &execution.isolation)?;
    let (rate, mut peak) = (source.format().rate, Peak::default());
    source.decode(&|_| (), &mut |stereo| {
        peak.add(stereo);
        true
    })?;
    if peak.level() > MOST_LOWERED {
        let (sample, time, level) = (peak.sample, peak.time(rate), peak.level());
        return Err(PackageError::TooLoud { file, sample, time, level });
    }
    Ok(peak)
}
