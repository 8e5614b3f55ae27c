//! What the encoders of all codecs share: how segments, header, index and media playlist are written.

use nada_catalog::{Loudness, Rendition, RenditionName, byte_lengths::MOST_BYTES, key::LAST_SEGMENT};

use crate::{
    chunk::SegmentSpan,
    cmaf::{self, Samples, Segment, Unit},
    error::PackageError,
    geometry::{PRIMING, Schedule},
    output::{OutputFile, StoredFile},
    playlist::{self, Entry, MediaPlaylist},
    rendition::Protected,
    track_file::TrackFile,
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

/// What encoders of all codecs have in common: how segments, header, index and playlist are written.
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
    /// How it is protected, if it is.
    fn protected(&self) -> Option<&Protected>;
    /// What the header of media of `total` samples states about the codec.
    fn coding(&self, total: u64) -> cmaf::Coding<'_>;

    /// A segment of these access units.
    ///
    /// # Errors
    /// Where there are too many segments, one is too large, or a value does not fit its box.
    fn segment(&self, span: SegmentSpan, units: &[Unit]) -> Result<EncodedSegment, PackageError> {
        let SegmentSpan { index, start, length } = span;
        if index >= LAST_SEGMENT {
            return Err(PackageError::TooLong);
        }
        let samples = self.protected().map_or(Samples::Plain, |protected| protected.samples(index));
        let bytes = Segment { index, start, length, frame: self.frame(), units, samples }.encode()?;
        let large = || PackageError::LargeSegment { rendition: self.name(), bytes: bytes.len() as u64 };
        let size = u32::try_from(bytes.len()).ok().filter(|size| *size <= MOST_BYTES).ok_or_else(large)?;
        let entry = Entry { length, bytes: size };
        Ok(EncodedSegment { rendition: self.name(), index, entry, bytes })
    }

    /// Ends the track file when every segment is there, with the header, which states the loudness, and the index: the parts
    /// that are left, and the media playlist. `total` is the media's length in samples.
    ///
    /// # Errors
    /// Where segments are missing, a value does not fit its box, or `hls_m3u8` refuses the playlist.
    fn finish(
        &self,
        schedule: Schedule,
        total: u64,
        file: TrackFile,
        loudness: Option<&Loudness>,
    ) -> Result<(Rendition, Vec<OutputFile>), PackageError> {
        let (name, rate, channels, scale) = (self.name(), self.rate(), self.channels(), self.scale());
        let entries = file.entries().to_vec();
        let made = entries.iter().map(|entry| entry.length).sum();
        if made != total {
            return Err(PackageError::Incomplete { rendition: name, made, total });
        }
        let track = cmaf::TrackDescription {
            rate,
            channels,
            frame: self.frame(),
            total,
            coding: self.coding(total),
            loudness,
            protection: self.protected().map(Protected::track),
        };
        let target = schedule.target_duration(rate / scale);
        let (header, index) = (cmaf::init(&track)?, cmaf::index(&entries, rate)?);
        let bandwidth = playlist::peak(&entries, rate, target);
        let average_bandwidth = playlist::average(&entries, rate);
        let (layout, mut files) = file.finish(&header, &index)?;
        let keys = self.protected().map(Protected::playlist);
        let playlist = MediaPlaylist { entries, rate, target, start: [layout.header, layout.index], keys };
        let bytes = playlist.of_files()?.into_bytes();
        files.push(OutputFile { rendition: name, file: StoredFile::Playlist(playlist), bytes });
        let rendition = Rendition {
            name,
            rate,
            samples: total - u64::from(PRIMING) * u64::from(scale),
            channels,
            file: layout,
            bandwidth,
            average_bandwidth,
            stream_inf: playlist::stream_inf(name, bandwidth, average_bandwidth),
            session_keys: None,
        };
        Ok((rendition, files))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{part_size::PartSize, rendition::FlacRendition};

    #[test]
    fn missing_segments_are_told_from_what_is_whole() {
        let flac = FlacRendition::new(44_100, 2, 16);
        let finish = |lengths: &[u64]| {
            let mut file = TrackFile::new(flac.name(), PartSize::default());
            for (index, &length) in (0..).zip(lengths) {
                let entry = Entry { length, bytes: 1 };
                let segment = EncodedSegment { rendition: flac.name(), index, entry, bytes: vec![0] };
                file.push(segment, &mut |_| Ok(())).unwrap();
            }
            flac.finish(Schedule::default(), 300_000, file, None)
        };
        assert_eq!(finish(&[262_144, 37_856]).unwrap().0.file.segments.count(), 2);
        let error = finish(&[262_144]).unwrap_err();
        assert!(matches!(error, PackageError::Incomplete { made: 262_144, total: 300_000, .. }), "{error}");
    }
}
