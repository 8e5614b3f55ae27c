//! What the encoders of all codecs share: how segments, init section and media playlist are written.

use nada_catalog::{Loudness, Rendition, RenditionFile, RenditionName, key::LAST_SEGMENT};

use crate::{
    chunk::SegmentSpan,
    cmaf::{self, Segment, Unit},
    error::PackageError,
    geometry::{PRIMING, Schedule},
    output::OutputFile,
    playlist::{self, Entry},
};

/// A media segment of one rendition.
pub struct EncodedSegment {
    /// Its rendition.
    pub rendition: RenditionName,
    /// Its number, from 0.
    pub index: u32,
    /// Its length and size.
    pub entry: Entry,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What encoders of all codecs have in common: how segments, init section and playlist are written.
pub trait RenditionEncoder {
    /// The rendition's name.
    fn name(&self) -> RenditionName;
    /// Output sampling rate in hertz.
    fn rate(&self) -> u32;
    /// How many times the AAC rate that is.
    fn scale(&self) -> u32;
    /// Output channels.
    fn channels(&self) -> u8;
    /// Samples in one access unit.
    fn frame(&self) -> u32;
    /// What the init section of media of `total` samples states about the codec.
    fn coding(&self, total: u64) -> cmaf::Coding<'_>;

    /// A segment of these access units.
    ///
    /// # Errors
    /// Where there are too many segments, or a value does not fit its box.
    fn segment(&self, span: SegmentSpan, units: &[Unit]) -> Result<EncodedSegment, PackageError> {
        let SegmentSpan { index, start, length } = span;
        if index >= LAST_SEGMENT {
            return Err(PackageError::TooLong);
        }
        let bytes = Segment { index, start, length, frame: self.frame(), units }.encode()?;
        let entry = Entry { length, bytes: bytes.len() as u64 };
        Ok(EncodedSegment { rendition: self.name(), index, entry, bytes })
    }

    /// What is written when every segment is there: `init.mp4`, which states the loudness, and the media
    /// playlist; `total` is the media's length in samples.
    ///
    /// # Errors
    /// Where segments are missing, a value does not fit its box, or `hls_m3u8` refuses the playlist.
    fn finish(
        &self,
        schedule: Schedule,
        total: u64,
        entries: &[Entry],
        loudness: Option<&Loudness>,
    ) -> Result<(Rendition, [OutputFile; 2]), PackageError> {
        let (name, rate, channels, scale) = (self.name(), self.rate(), self.channels(), self.scale());
        let made = entries.iter().map(|entry| entry.length).sum();
        if made != total {
            return Err(PackageError::Incomplete { rendition: name, made, total });
        }
        let track = cmaf::TrackDescription {
            rate,
            channels,
            frame: self.frame(),
            coding: self.coding(total),
            loudness,
        };
        let target = schedule.target_duration(rate / scale);
        let playlist = playlist::media(entries, rate, target).map_err(PackageError::playlist)?;
        let file = |file, bytes| OutputFile { rendition: name, file, bytes };
        let files = [
            file(RenditionFile::Init, cmaf::init(&track)?),
            file(RenditionFile::Playlist, playlist.into_bytes()),
        ];
        let bandwidth = playlist::peak(entries, rate, target);
        let average_bandwidth = playlist::average(entries, rate);
        let rendition = Rendition {
            name,
            rate,
            samples: total - u64::from(PRIMING) * u64::from(scale),
            channels,
            segments: entries.len() as u32,
            bytes: entries.iter().map(|entry| entry.bytes).sum(),
            bandwidth,
            average_bandwidth,
            stream_inf: playlist::stream_inf(name, bandwidth, average_bandwidth),
        };
        Ok((rendition, files))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rendition::FlacRendition;

    #[test]
    fn missing_segments_are_told_from_what_is_whole() {
        let flac = FlacRendition::new(44_100, 2, 16);
        let finish = |lengths: &[u64]| {
            let entries: Vec<Entry> = lengths.iter().map(|&length| Entry { length, bytes: 1 }).collect();
            flac.finish(Schedule::default(), 300_000, &entries, None)
        };
        assert_eq!(finish(&[262_144, 37_856]).unwrap().0.segments, 2);
        let error = finish(&[262_144]).unwrap_err();
        assert!(matches!(error, PackageError::Incomplete { made: 262_144, total: 300_000, .. }), "{error}");
    }
}
