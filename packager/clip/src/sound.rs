//! The sound of a film: access units cut from a stored rendition, none of them encoded anew.

use std::ops::Range;

use mp4_atom::{Any, Decode as _, DecodeMaybe as _, Mdat, Moof, Mp4a};
use nada_catalog::{Codec, Presentation, Rendition, RenditionFile, RenditionName};

use crate::error::ClipError;

/// Access units before the first that is heard: what an AAC decoder overlaps with it.
const OVERLAP: u64 = 1;

/// HE-AAC has a header of its upper band every so many access units; a decoder is silent above half the band until then.
const SBR_HEADER_EVERY: u64 = 16;

/// Which bytes of a track file a film's sound is cut from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoundPlan {
    /// The rendition.
    pub rendition: RenditionName,
    /// The bytes of the header.
    pub header: Range<u64>,
    /// The bytes of the segments.
    pub segments: Range<u64>,
    /// The media sample that the segments begin with.
    start: u64,
    /// The samples that are heard, on the clock of the media.
    heard: Range<u64>,
    rate: u32,
}

/// Sound to be put into a film.
#[derive(Debug, Clone, PartialEq)]
pub struct Sound {
    /// The sample entry, as stored.
    pub(crate) entry: Mp4a,
    /// Samples a second.
    pub rate: u32,
    /// Samples of each access unit.
    pub frame: u32,
    /// The access units.
    pub units: Vec<Vec<u8>>,
    /// Samples of the first of them that are decoded and not heard.
    pub skip: u64,
    /// Samples that are heard.
    pub samples: u64,
}

impl SoundPlan {
    /// Where the sound of a span of the media lies, in ms: in the best rendition in AAC, LC before HE.
    ///
    /// # Errors
    /// If there is no rendition in AAC, or it is encrypted.
    pub fn new(presentation: &Presentation, span: &Range<i64>) -> Result<SoundPlan, ClipError> {
        let rendition = best(&presentation.renditions).ok_or(ClipError::NoAac)?;
        if presentation.renditions.iter().any(|rendition| rendition.session_keys.is_some()) {
            return Err(ClipError::Protected);
        }
        let rate = rendition.rate;
        let total = u64::from(presentation.timeline.priming) + presentation.timeline.samples;
        let sample = |ms: i64| ((ms.max(0).unsigned_abs() * u64::from(rate) + 500) / 1000).min(total);
        let heard = sample(span.start)..sample(span.end);
        // of any codec: eight units of HE-AAC are more than what comes before the first unit that is kept
        let early = heard.start.saturating_sub(2 * SBR_HEADER_EVERY * 2048);
        let (mut begins, mut start, mut first, mut last) = (0, 0, None, 0);
        for (number, length) in (1..).zip(presentation.segment_lengths()) {
            let ends = begins + length;
            if ends > early && begins < heard.end {
                if first.is_none() {
                    (first, start) = (Some(number), begins);
                }
                last = number;
            }
            begins = ends;
        }
        let bytes = |number| rendition.file.range(RenditionFile::Segment(number));
        let (from, to) =
            first.and_then(bytes).zip(bytes(last)).ok_or(ClipError::Damaged("the segment index"))?;
        let header = 0..u64::from(rendition.file.header);
        Ok(SoundPlan { rendition: rendition.name, header, segments: from.start..to.end, start, heard, rate })
    }

    /// Cuts the sound from the bytes of the header and of the segments.
    ///
    /// # Errors
    /// If they are not what the presentation says.
    pub fn cut(&self, header: &[u8], segments: &[u8]) -> Result<Sound, ClipError> {
        let frame = self.rendition.codec().frame().ok_or(ClipError::NoAac)?;
        let entry = entry(header)?;
        let all = units(segments, frame)?;
        let length = u64::from(frame);
        // a film's first unit is one whose upper band is known, and one before what is heard
        let step = if frame > 1024 { SBR_HEADER_EVERY } else { 1 };
        let base = self.start / length;
        let first = (self.heard.start / length).saturating_sub(OVERLAP) / step * step;
        let last = self.heard.end.div_ceil(length);
        let range = first.saturating_sub(base) as usize..last.saturating_sub(base) as usize;
        let within = range.start..range.end.min(all.len());
        let units =
            all.get(within).filter(|units| !units.is_empty()).ok_or(ClipError::Damaged("its segments"))?;
        let samples = self.heard.end - self.heard.start;
        let skip = self.heard.start - first * length;
        Ok(Sound { entry, rate: self.rate, frame, units: units.to_vec(), skip, samples })
    }
}

/// The one of the highest bit rate, LC before HE.
fn best(renditions: &[Rendition]) -> Option<&Rendition> {
    let aac = renditions.iter().filter(|rendition| rendition.name.codec() != Codec::Flac);
    aac.max_by_key(|rendition| {
        (rendition.name.codec() == Codec::AacLc, rendition.name.nominal_bits_per_second())
    })
}

/// The sample entry of a header.
fn entry(header: &[u8]) -> Result<Mp4a, ClipError> {
    let mut rest = header;
    while let Some(found) = Any::decode_maybe(&mut rest)? {
        let Any::Moov(moov) = found else { continue };
        let codecs = moov.trak.into_iter().flat_map(|trak| trak.mdia.minf.stbl.stsd.codecs);
        let is_aac = |codec| if let mp4_atom::Codec::Mp4a(aac) = codec { Some(aac) } else { None };
        return codecs.into_iter().find_map(is_aac).ok_or(ClipError::NoAac);
    }
    Err(ClipError::Damaged("its header"))
}

/// The access units of segments, in order.
fn units(segments: &[u8], frame: u32) -> Result<Vec<Vec<u8>>, ClipError> {
    let damaged = ClipError::Damaged("its segments");
    let mut rest = segments;
    let mut units = Vec::new();
    while !rest.is_empty() {
        let moof = Moof::decode(&mut rest)?;
        let mut mdat = Mdat::decode(&mut rest)?.data;
        for run in moof.traf.iter().flat_map(|traf| &traf.trun) {
            for sample in run.samples.iter() {
                let size = sample.size.unwrap_or(0) as usize;
                if size == 0 || size > mdat.len() || sample.duration.is_some_and(|duration| duration > frame)
                {
                    return Err(damaged);
                }
                let after = mdat.split_off(size);
                units.push(std::mem::replace(&mut mdat, after));
            }
        }
    }
    Ok(units)
}
