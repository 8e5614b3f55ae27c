//! The lossless rendition, whose frames stand alone.

use nada_catalog::RenditionName;

use super::{
    encoder::{EncodedSegment, RenditionEncoder},
    protected::Protected,
};
use crate::{chunk::Chunk, cmaf, error::PackageError, flac};

/// Encodes the lossless rendition.
#[derive(Debug, Clone)]
pub struct FlacRendition {
    aac_rate: u32,
    scale: u32,
    depth: u8,
    protected: Option<Protected>,
}

impl FlacRendition {
    /// Of samples of `depth` bits at `scale` (2ᵏ) times `aac_rate` hertz.
    pub fn new(aac_rate: u32, scale: u32, depth: u8) -> Self {
        Self { aac_rate, scale, depth, protected: None }
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
        chunk: &Chunk<i32>,
        out: &mut dyn FnMut(EncodedSegment) -> bool,
    ) -> Result<(), PackageError> {
        let mut pcm = chunk.pcm.as_slice();
        for span in chunk.segments() {
            let (own, rest) =
                pcm.split_at((span.length as usize * usize::from(flac::CHANNELS)).min(pcm.len()));
            pcm = rest;
            let first =
                u32::try_from(span.start / u64::from(flac::FRAME)).map_err(|_| PackageError::TooLong)?;
            let frames = flac::encode(self.rate(), self.depth, first, own)?;
            if !out(self.segment(span, &frames)?) {
                break;
            }
        }
        Ok(())
    }
}

impl RenditionEncoder for FlacRendition {
    fn name(&self) -> RenditionName {
        RenditionName::FLAC
    }

    fn rate(&self) -> u32 {
        self.aac_rate * self.scale
    }

    fn scale(&self) -> u32 {
        self.scale
    }

    fn channels(&self) -> u8 {
        flac::CHANNELS
    }

    fn frame(&self) -> u32 {
        flac::FRAME
    }

    fn protected(&self) -> Option<&Protected> {
        self.protected.as_ref()
    }

    fn coding(&self, total: u64) -> cmaf::Coding<'_> {
        cmaf::Coding::Flac { depth: self.depth, samples: total, stated_rate: self.aac_rate }
    }
}
