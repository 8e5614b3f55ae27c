//! One rendition: how it is coded, its segments from a chunk of samples, and what is written once all are there.

use nada_catalog::{Loudness, Rendition, RenditionFile, RenditionName, key::LAST_SEGMENT};

use crate::{
    aac::{self, Profile},
    chunk::Chunk,
    cmaf::{self, Segment, Unit},
    error::PackageError,
    flac,
    geometry::Schedule,
    playlist::{self, Entry},
};

/// One file of a rendition, ready to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Produced {
    /// The rendition it belongs to.
    pub rendition: RenditionName,
    /// Which of its files it is.
    pub file: RenditionFile,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A rung of the ladder, for a source.
#[derive(Debug, Clone)]
pub struct Rung {
    /// Its name.
    pub name: RenditionName,
    /// Output sampling rate in hertz.
    rate: u32,
    coding: Coding,
}

#[derive(Debug, Clone)]
enum Coding {
    Aac(Profile, aac::Report),
    Flac { depth: u8, scale: u32 },
}

/// A media segment, its place and its length in samples.
pub struct Cut {
    /// Its number, from 0.
    pub index: u32,
    /// Its length and size.
    pub entry: Entry,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Rung {
    /// An AAC rung at `rate` hertz.
    ///
    /// # Errors
    /// Where the encoder refuses the bit rate.
    pub fn aac(name: RenditionName, rate: u32) -> Result<Self, PackageError> {
        let profile = Profile::of(name, rate).ok_or(PackageError::Worker)?;
        Ok(Self { name, rate, coding: Coding::Aac(profile, aac::report(profile)?) })
    }

    /// The lossless rung, of samples of `depth` bits at `scale` (2ᵏ) times `rate` hertz.
    pub fn flac(rate: u32, scale: u32, depth: u8) -> Self {
        Self { name: RenditionName::FLAC, rate: rate * scale, coding: Coding::Flac { depth, scale } }
    }

    /// Samples in one access unit.
    fn frame(&self) -> u32 {
        match &self.coding {
            Coding::Aac(_, report) => report.frame,
            Coding::Flac { .. } => flac::FRAME,
        }
    }

    /// Encodes a chunk of AAC's lane, segment by segment, until `out` wants no more.
    ///
    /// # Errors
    /// Where the encoder fails, or the song has too many segments.
    pub fn encode(&self, chunk: &Chunk<i16>, out: &mut dyn FnMut(Cut) -> bool) -> Result<(), PackageError> {
        let Coding::Aac(profile, _) = &self.coding else { return Err(PackageError::Worker) };
        let mut places = places(chunk);
        let mut failed = None;
        aac::encode(*profile, chunk, &mut |units| {
            let cut = places.next().ok_or(PackageError::Worker).and_then(|place| self.cut(place, &units));
            cut.map(&mut *out).unwrap_or_else(|error| {
                failed = Some(error);
                false
            })
        })?;
        failed.map_or(Ok(()), Err)
    }

    /// The same for a chunk of FLAC's.
    ///
    /// # Errors
    /// As above.
    pub fn encode_lossless(
        &self,
        chunk: &Chunk<i32>,
        out: &mut dyn FnMut(Cut) -> bool,
    ) -> Result<(), PackageError> {
        let Coding::Flac { depth, .. } = self.coding else { return Err(PackageError::Worker) };
        let mut pcm = chunk.pcm.as_slice();
        for place in places(chunk) {
            let (own, rest) = pcm.split_at((place.2 as usize * usize::from(flac::CHANNELS)).min(pcm.len()));
            pcm = rest;
            let first = u32::try_from(place.1 / u64::from(flac::FRAME)).map_err(|_| PackageError::TooLong)?;
            let frames = flac::encode(self.rate, depth, first, own)?;
            if !out(self.cut(place, &frames)?) {
                break;
            }
        }
        Ok(())
    }

    fn cut(&self, (index, start, length): Place, units: &[Unit]) -> Result<Cut, PackageError> {
        if index >= LAST_SEGMENT {
            return Err(PackageError::TooLong);
        }
        let bytes = Segment { index, start, length, frame: self.frame(), units }.encode()?;
        Ok(Cut { index, entry: Entry { length, bytes: bytes.len() as u64 }, bytes })
    }

    /// What is written when every segment is there: `init.mp4`, which states the loudness, and the media
    /// playlist; `total` is the media's length in samples.
    ///
    /// # Errors
    /// Where a value does not fit its box, or `hls_m3u8` refuses the playlist.
    pub fn finish(
        &self,
        schedule: Schedule,
        total: u64,
        priming: u64,
        entries: &[Entry],
        loudness: Option<&Loudness>,
    ) -> Result<(Rendition, [Produced; 2]), PackageError> {
        let (channels, scale, coding) = match &self.coding {
            Coding::Aac(profile, report) => {
                let coding = cmaf::Coding::Aac { bitrate: profile.bitrate, config: &report.config };
                (aac::CHANNELS, 1, coding)
            }
            &Coding::Flac { depth, scale } => {
                let stated_rate = self.rate / scale;
                (flac::CHANNELS, scale, cmaf::Coding::Flac { depth, samples: total, stated_rate })
            }
        };
        let track = cmaf::Track { rate: self.rate, channels, frame: self.frame(), coding, loudness };
        let target = schedule.target_duration(self.rate / scale);
        let playlist = playlist::media(entries, self.rate, target).map_err(PackageError::playlist)?;
        let file = |file, bytes| Produced { rendition: self.name, file, bytes };
        let files = [
            file(RenditionFile::Init, cmaf::init(&track)?),
            file(RenditionFile::Playlist, playlist.into_bytes()),
        ];
        let bandwidth = playlist::peak(entries, self.rate, target);
        let average_bandwidth = playlist::average(entries, self.rate);
        let rendition = Rendition {
            name: self.name,
            rate: self.rate,
            samples: total - priming * u64::from(scale),
            channels,
            segments: entries.len() as u32,
            bytes: entries.iter().map(|entry| entry.bytes).sum(),
            bandwidth,
            average_bandwidth,
            stream_inf: playlist::stream_inf(self.name, bandwidth, average_bandwidth),
        };
        Ok((rendition, files))
    }
}

/// A segment's index, start and length.
type Place = (u32, u64, u64);

fn places<T>(chunk: &Chunk<T>) -> impl Iterator<Item = Place> {
    (chunk.first..).zip(&chunk.lengths).scan(chunk.start, |start, (index, &length)| {
        let place = (index, *start, length);
        *start += length;
        Some(place)
    })
}

#[cfg(test)]
mod tests {
    use std::{path::Path, time::Instant};

    use super::*;
    use crate::{
        budget::Budget,
        geometry::{PRIMING, aac_rate},
        lane::{Lanes, Work},
        settings::Ladder,
        source::{Isolation, Source},
    };

    /// A segment's place and what is to be put into it.
    type Content = (Place, Vec<Unit>);

    /// What `tests/bench/packaging` compares with a packager of others: fragments, playlists and init sections of a
    /// song whose access units are there already.
    #[test]
    #[ignore = "a benchmark: tests/bench/packaging runs it"]
    fn packaging_alone() {
        let song = std::env::var("NADA_BENCH_SONG").unwrap();
        let source = Source::open(Path::new(&song), &Isolation::InProcess).unwrap();
        let (format, schedule) = (source.format(), Schedule::default());
        let rate = aac_rate(format.rate);
        let rungs: Vec<Rung> = (Ladder::default().rungs().iter())
            .map(|&name| match name {
                RenditionName::FLAC => Rung::flac(rate, 1, format.depth.unwrap()),
                name => Rung::aac(name, rate).unwrap(),
            })
            .collect();
        let mut contents: Vec<Vec<Content>> = vec![Vec::new(); rungs.len()];
        let budget = Budget::new(usize::MAX);
        let mut lanes = Lanes::new(format, true, schedule, &budget).unwrap();
        let mut take = |work: Work| {
            for (rung, content) in rungs.iter().zip(&mut contents) {
                match (&work, &rung.coding) {
                    (Work::Aac(chunk), Coding::Aac(profile, _)) => {
                        let mut places = places(chunk);
                        let mut keep = |units| {
                            content.push((places.next().unwrap(), units));
                            true
                        };
                        aac::encode(*profile, chunk, &mut keep).unwrap();
                    }
                    (Work::Flac(chunk), Coding::Flac { depth, .. }) => {
                        let place = places(chunk).next().unwrap();
                        content.push((place, flac::encode(rung.rate, *depth, 0, &chunk.pcm).unwrap()));
                    }
                    _ => {}
                }
            }
        };
        source.decode(&|_| (), &mut |stereo| lanes.push(stereo, &mut take).is_ok()).unwrap();
        let ended = lanes.finish(&mut take).unwrap();

        let start = Instant::now();
        let mut bytes = 0;
        for (rung, content) in rungs.iter().zip(&contents) {
            let cuts = content.iter().map(|(place, units)| rung.cut(*place, units).unwrap());
            let entries: Vec<Entry> = cuts.map(|cut| cut.entry).collect();
            let total = u64::from(PRIMING) + ended.samples;
            let loudness = ended.loudness.as_ref();
            rung.finish(schedule, total, PRIMING.into(), &entries, loudness).unwrap();
            bytes += entries.iter().map(|entry| entry.bytes).sum::<u64>();
        }
        println!("packaged {bytes} bytes in {:.4} s", start.elapsed().as_secs_f64());
    }
}
