//! Where the bytes of a rendition's track file lie: a CMAF track file (ISO/IEC 23000-19 §7.3.3) of header, segment index and
//! fragments, stored in parts of whole segments.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::{byte_lengths::ByteLengths, key::RenditionFile};

/// The most bytes of segments in a part of more than one, where nothing else is set. Header and index of the first part are
/// not counted.
pub const PART_BYTES: u32 = 4 << 20;

/// The layout of one track file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TrackFileLayout {
    /// Bytes of the header: `ftyp` and `moov`, which is the media initialization section (RFC 8216 §3.3).
    pub header: u32,
    /// Bytes of the segment index: `sidx` (ISO/IEC 14496-12 §8.16.3).
    pub index: u32,
    /// Bytes of each media segment.
    pub segments: ByteLengths,
    /// How many segments each part holds, in order. The first part begins with header and index.
    pub parts: Vec<u32>,
}

/// A run of bytes of one part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartRange {
    /// The part, counted from 1.
    pub part: u32,
    /// The bytes of the part, from its first one.
    pub range: Range<u64>,
    /// Bytes of the whole part.
    pub length: u64,
}

impl PartRange {
    /// Whether the run is the whole part.
    pub fn is_whole(&self) -> bool {
        self.range == (0..self.length)
    }
}

impl TrackFileLayout {
    /// Bytes of the whole file.
    pub fn length(&self) -> u64 {
        self.before_segments() + self.segments.sum()
    }

    /// The bytes of a file that is served under a name of its own; `None` for a segment that there is not, and for the media
    /// playlist, which is no part of the track file.
    pub fn range(&self, file: RenditionFile) -> Option<Range<u64>> {
        match file {
            RenditionFile::Init => Some(0..u64::from(self.header)),
            RenditionFile::Segment(number) => {
                let index = number.checked_sub(1)?;
                let length = self.segments.get(index)?;
                let start = self.before_segments() + self.sum_before(index);
                Some(start..start + u64::from(length))
            }
            RenditionFile::Playlist => None,
        }
    }

    /// Header, index and first segment: what a player needs to sound.
    pub fn start(&self) -> Range<u64> {
        0..self.before_segments() + u64::from(self.segments.get(0).unwrap_or(0))
    }

    /// The whole file.
    pub fn whole(&self) -> Range<u64> {
        0..self.length()
    }

    /// The runs of parts that `range` of the file is made of, in order. `None` where the range reaches beyond the file, or
    /// the parts do not hold just the segments.
    pub fn parts_of(&self, range: &Range<u64>) -> Option<Vec<PartRange>> {
        let mut runs = Vec::new();
        let mut lengths = self.segments.iter();
        let mut start = 0;
        for (part, segments) in (1..).zip(&self.parts) {
            let mut length = if part == 1 { self.before_segments() } else { 0 };
            for _ in 0..*segments {
                length += u64::from(lengths.next()?);
            }
            let end = start + length;
            let (first, last) = (range.start.max(start), range.end.min(end));
            if first < last {
                runs.push(PartRange { part, range: first - start..last - start, length });
            }
            start = end;
        }
        (lengths.next().is_none() && range.start < range.end && range.end <= start).then_some(runs)
    }

    /// The part that holds segment `number`, counted from 1, as all of it.
    pub fn part_with(&self, number: u32) -> Option<PartRange> {
        let range = self.range(RenditionFile::Segment(number))?;
        let run = self.parts_of(&range)?.pop()?;
        Some(PartRange { range: 0..run.length, ..run })
    }

    fn before_segments(&self) -> u64 {
        u64::from(self.header) + u64::from(self.index)
    }

    fn sum_before(&self, index: u32) -> u64 {
        self.segments.iter().take(index as usize).map(u64::from).sum()
    }
}

/// Cuts segments into parts, as they come: whole segments, at most so many bytes of them together, one at least.
#[derive(Debug, Clone)]
pub struct PartCutter {
    most: u64,
    bytes: u64,
    segments: u32,
}

impl PartCutter {
    /// Parts with at most `most` bytes of segments, where one segment is not more.
    pub fn new(most: u32) -> Self {
        Self { most: most.into(), bytes: 0, segments: 0 }
    }

    /// Takes the next segment. `Some` where it begins another part: how many segments the part before it holds.
    pub fn push(&mut self, bytes: u32) -> Option<u32> {
        let full = self.segments > 0 && self.bytes + u64::from(bytes) > self.most;
        let cut = full.then_some(self.segments);
        if full {
            (self.bytes, self.segments) = (0, 0);
        }
        self.bytes += u64::from(bytes);
        self.segments += 1;
        cut
    }

    /// How many segments the last part holds.
    pub fn finish(self) -> u32 {
        self.segments
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(crate) fn layout(most: u32, lengths: &[u32]) -> TrackFileLayout {
        let mut cutter = PartCutter::new(most);
        let mut parts: Vec<u32> = lengths.iter().filter_map(|length| cutter.push(*length)).collect();
        parts.push(cutter.finish());
        let segments = ByteLengths::pack(lengths.iter().copied()).unwrap();
        TrackFileLayout { header: 700, index: 56, segments, parts }
    }

    #[test]
    fn files_are_ranges_of_parts() {
        let layout = layout(1000, &[400, 500, 600, 2000, 100]);
        assert_eq!(layout.parts, [2, 1, 1, 1]);
        assert_eq!(layout.length(), 756 + 3600);
        assert_eq!(layout.range(RenditionFile::Init), Some(0..700));
        assert_eq!(layout.range(RenditionFile::Segment(1)), Some(756..1156));
        assert_eq!(layout.start(), 0..1156);
        assert_eq!(layout.range(RenditionFile::Segment(4)), Some(2256..4256));
        assert_eq!(layout.range(RenditionFile::Segment(0)), None);
        assert_eq!(layout.range(RenditionFile::Segment(6)), None);
        assert_eq!(layout.range(RenditionFile::Playlist), None);
        let run = |part, range, length| PartRange { part, range, length };
        assert_eq!(
            layout.parts_of(&(1600..2300)),
            Some(vec![run(1, 1600..1656, 1656), run(2, 0..600, 600), run(3, 0..44, 2000),])
        );
        assert_eq!(layout.parts_of(&layout.whole()).unwrap().len(), 4);
        assert_eq!(layout.part_with(3), Some(run(2, 0..600, 600)));
        for beyond in [0..4357, 4356..4357, 5..5] {
            assert_eq!(layout.parts_of(&beyond), None, "{beyond:?}");
        }
    }

    #[test]
    fn parts_that_do_not_hold_just_the_segments_serve_nothing() {
        let sound = layout(1000, &[400, 500, 600]);
        for parts in [vec![], vec![2], vec![2, 2], vec![u32::MAX]] {
            let broken = TrackFileLayout { parts, ..sound.clone() };
            assert_eq!(broken.parts_of(&(0..10)), None, "{broken:?}");
        }
    }

    proptest! {
        #[test]
        fn the_parts_of_a_range_are_the_range(
            lengths in proptest::collection::vec(1..5000_u32, 1..40),
            most in 1..20_000_u32,
            (start, length) in (0..100_000_u64, 1..100_000_u64),
        ) {
            let layout = layout(most, &lengths);
            let whole = layout.parts_of(&layout.whole()).unwrap();
            prop_assert!(whole.iter().all(PartRange::is_whole));
            for part in &whole[1..] {
                let segments = layout.parts[part.part as usize - 1];
                prop_assert!(segments == 1 || part.length <= u64::from(most));
            }
            prop_assert!(layout.parts[0] == 1 || whole[0].length <= u64::from(most) + 756);
            let range = start % layout.length()..(start % layout.length() + length).min(layout.length());
            let mut at = range.start;
            for run in layout.parts_of(&range).unwrap() {
                let before: u64 = whole[..run.part as usize - 1].iter().map(|part| part.length).sum();
                prop_assert_eq!(before + run.range.start, at);
                prop_assert!(run.range.end <= run.length);
                at = before + run.range.end;
            }
            prop_assert_eq!(at, range.end);
        }
    }
}
