//! The renditions of a ladder: their segments from chunks of samples, and what is written once all of them are there.
//!
//! Each codec has a type of its own, so that no encoder can be given samples of the other's; [`RenditionEncoder`] is
//! what they share.

mod aac;
mod encoder;
mod flac;
mod protected;

pub use aac::AacRendition;
pub use encoder::{EncodedSegment, RenditionEncoder};
pub use flac::FlacRendition;
pub use protected::Protected;

use nada_catalog::{Codec, RenditionName};
use nada_protection::{Protection, Tier, TrackKeys};

use crate::{
    aac::ObjectType, error::PackageError, geometry::aac_rate, source::SampleFormat, streams::lossless_scale,
};

/// The renditions of a ladder that are made of a source.
#[derive(Debug, Clone, Default)]
pub struct Renditions {
    /// Lowest bit rate first.
    pub aac: Vec<AacRendition>,
    /// The lossless one, for a lossless source.
    pub flac: Option<FlacRendition>,
}

impl Renditions {
    /// Those named that `format` allows: FLAC only where there is something lossless to keep.
    ///
    /// # Errors
    /// Where none is left, or an encoder refuses its bit rate.
    pub fn of(names: &[RenditionName], format: SampleFormat) -> Result<Self, PackageError> {
        let rate = aac_rate(format.rate);
        let mut renditions = Self::default();
        for &name in names {
            let object_type = match name.codec() {
                Codec::HeAacV2 => ObjectType::HeV2,
                Codec::HeAac => ObjectType::He,
                Codec::AacLc => ObjectType::Lc,
                Codec::Flac => {
                    let scale = lossless_scale(format.rate).unwrap_or(1);
                    renditions.flac = format.depth.map(|depth| FlacRendition::new(rate, scale, depth));
                    continue;
                }
            };
            renditions.aac.push(AacRendition::new(name, object_type, rate)?);
        }
        if renditions.aac.is_empty() && renditions.flac.is_none() {
            return Err(PackageError::NothingLossless);
        }
        Ok(renditions)
    }

    /// Protects all of them, each with the key of its tier.
    ///
    /// # Errors
    /// [`PackageError::NoKeys`] where the keys are not those that the protection names.
    pub fn protect(&mut self, protection: &Protection, keys: Option<&TrackKeys>) -> Result<(), PackageError> {
        for rendition in &mut self.aac {
            rendition.protect(Protected::of(protection, keys, Tier::Lossy)?);
        }
        if let Some(flac) = &mut self.flac {
            flac.protect(Protected::of(protection, keys, Tier::Lossless)?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::{path::Path, time::Instant};

    use nada_catalog::Loudness;

    use super::*;
    use crate::{
        budget::SampleBudget,
        chunk::SegmentSpan,
        cmaf::Unit,
        geometry::{PRIMING, Schedule},
        part_size::PartSize,
        settings::Ladder,
        source::{Isolation, Source},
        streams::{ReadyChunk, SampleStreams},
        track_file::TrackFile,
    };

    /// Segments and the access units to be put into them.
    type Content = Vec<(SegmentSpan, Vec<Unit>)>;

    /// Makes the segments of one rendition, then what follows them; the bytes of the segments.
    fn write(
        encoder: &dyn RenditionEncoder,
        content: &Content,
        total: u64,
        loudness: Option<&Loudness>,
    ) -> u64 {
        let mut file = TrackFile::new(encoder.name(), PartSize::default());
        for (span, units) in content {
            let segment = encoder.segment(*span, units).unwrap();
            file.push(segment, &mut |_| Ok(())).unwrap();
        }
        let (rendition, _) = encoder.finish(Schedule::default(), total, file, loudness).unwrap();
        rendition.file.segments.sum()
    }

    /// What `tests/bench/packaging` compares with another packager: parts and playlists of a
    /// source whose access units are there already.
    #[test]
    #[ignore = "a benchmark: tests/bench/packaging runs it"]
    fn packaging_alone() {
        let master = std::env::var("NADA_BENCH_MASTER").unwrap();
        let source = Source::open(Path::new(&master), &Isolation::InProcess).unwrap();
        let format = source.format();
        let Renditions { aac, flac } = Renditions::of(Ladder::default().rungs(), format).unwrap();
        let flac = flac.unwrap();
        let (mut aac_content, mut flac_content) = (vec![Content::new(); aac.len()], Content::new());
        let budget = SampleBudget::new(usize::MAX);
        let mut streams = SampleStreams::new(format, true, Schedule::default(), &budget).unwrap();
        let mut take = |ready: ReadyChunk| match ready {
            ReadyChunk::Aac(chunk) => {
                for (encoder, content) in aac.iter().zip(&mut aac_content) {
                    encoder.units(&chunk, &mut |span, units| content.push((span, units)));
                }
            }
            ReadyChunk::Flac(chunk) => {
                let units = crate::flac::encode(flac.rate(), format.depth.unwrap(), 0, &chunk.pcm).unwrap();
                flac_content.push((chunk.segments().next().unwrap(), units));
            }
        };
        source.decode(&|_| (), &mut |stereo| streams.push(stereo, &mut take).is_ok()).unwrap();
        let summary = streams.finish(&mut take).unwrap();

        let start = Instant::now();
        let loudness = summary.loudness.as_ref();
        let total = u64::from(PRIMING) + summary.samples;
        let mut bytes = write(&flac, &flac_content, summary.lossless, loudness);
        for (encoder, content) in aac.iter().zip(&aac_content) {
            bytes += write(encoder, content, total, loudness);
        }
        println!("packaged {bytes} bytes in {:.4} s", start.elapsed().as_secs_f64());
    }
}
