//! An AAC rendition: one encoder of the FDK for every chunk.

use nada_catalog::RenditionName;

use super::{
    encoder::{EncodedSegment, RenditionEncoder},
    protected::Protected,
};
#[cfg(test)]
use crate::chunk::SegmentSpan;
use crate::{
    aac::{self, ObjectType, Profile},
    chunk::Chunk,
    cmaf,
    error::PackageError,
};

/// Encodes one AAC rendition.
#[derive(Debug, Clone)]
pub struct AacRendition {
    name: RenditionName,
    profile: Profile,
    report: aac::Report,
    protected: Option<Protected>,
}

impl AacRendition {
    /// The rendition of that name at `rate` hertz.
    ///
    /// # Errors
    /// Where the encoder refuses the bit rate.
    pub fn new(name: RenditionName, object_type: ObjectType, rate: u32) -> Result<Self, PackageError> {
        let profile = Profile::new(object_type, name.nominal_bits_per_second(), rate);
        Ok(Self { name, profile, report: aac::report(profile)?, protected: None })
    }

    /// Protects all segments after the clear lead.
    pub fn protect(&mut self, protected: Protected) {
        self.protected = Some(protected);
    }

    /// Encodes a chunk, segment by segment, until `out` wants no more.
    ///
    /// # Errors
    /// Where the encoder fails, or there are too many segments.
    pub fn encode(
        &self,
        chunk: &Chunk<i16>,
        out: &mut dyn FnMut(EncodedSegment) -> bool,
    ) -> Result<(), PackageError> {
        aac::encode(self.profile, chunk, &mut |span, units| Ok(out(self.segment(span, &units)?)))
    }

    /// The access units of each segment of a chunk, for what measures the writing of segments alone.
    #[cfg(test)]
    pub fn units(&self, chunk: &Chunk<i16>, out: &mut dyn FnMut(SegmentSpan, Vec<cmaf::Unit>)) {
        let mut keep = |span, units| -> Result<bool, aac::AacError> {
            out(span, units);
            Ok(true)
        };
        aac::encode(self.profile, chunk, &mut keep).expect("the encoder took this profile");
    }
}

impl RenditionEncoder for AacRendition {
    fn name(&self) -> RenditionName {
        self.name
    }

    fn rate(&self) -> u32 {
        self.profile.rate
    }

    fn scale(&self) -> u32 {
        1
    }

    fn channels(&self) -> u8 {
        aac::CHANNELS
    }

    fn frame(&self) -> u32 {
        self.report.frame
    }

    fn protected(&self) -> Option<&Protected> {
        self.protected.as_ref()
    }

    fn coding(&self, _: u64) -> cmaf::Coding<'_> {
        cmaf::Coding::Aac { bitrate: self.profile.bitrate, config: &self.report.config }
    }
}
