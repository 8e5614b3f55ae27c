//! Cuts one rendition's access units into segments at the boundaries all renditions share.

use nada_release::{RenditionFile, key::LAST_SEGMENT};

use crate::{
    cmaf::{Segment, Unit},
    error::PackageError,
    geometry::Schedule,
    playlist::Entry,
};

/// Access units waiting for their segment, and the segments cut so far.
pub struct Cutter {
    frame: u32,
    dropping: u32,
    schedule: Schedule,
    units: Vec<Unit>,
    start: u64,
    entries: Vec<Entry>,
}

impl Cutter {
    /// Cuts units of `frame` samples by `schedule`, after dropping the first `dropping` of them.
    pub fn new(frame: u32, dropping: u32, schedule: Schedule) -> Self {
        Self { frame, dropping, schedule, units: Vec::new(), start: 0, entries: Vec::new() }
    }

    /// Takes the next access unit.
    pub fn push(&mut self, unit: &[u8]) {
        if self.dropping > 0 {
            self.dropping -= 1;
        } else {
            self.units.push(unit.to_vec());
        }
    }

    /// Hands out the segments that are certain. Once the media's `total` length in samples is known, these are
    /// all: whole segments, then what is left, the units beyond the end dropped.
    ///
    /// Before that, every unit here lies inside the media, since an encoder has read beyond a unit's end when
    /// it emits it; so what is cut early is what would be cut at the end.
    pub fn cut(
        &mut self,
        total: Option<u64>,
        out: &mut dyn FnMut(RenditionFile, Vec<u8>),
    ) -> Result<(), PackageError> {
        let frame = u64::from(self.frame);
        let ahead = |cutter: &Self| match total {
            Some(total) => total - cutter.start,
            None => cutter.units.len() as u64 * frame,
        };
        if let Some(total) = total {
            let missing = (total - self.start).div_ceil(frame);
            if (self.units.len() as u64) < missing {
                return Err(PackageError::Short { units: self.units.len() as u64, expected: missing });
            }
            self.units.truncate(missing as usize);
        }
        while self.schedule.cuts(self.entries.len(), ahead(self)) {
            self.emit(self.schedule.length(self.entries.len()), out)?;
        }
        match total {
            Some(_) if ahead(self) > 0 => self.emit(ahead(self), out),
            _ => Ok(()),
        }
    }

    fn emit(&mut self, length: u64, out: &mut dyn FnMut(RenditionFile, Vec<u8>)) -> Result<(), PackageError> {
        let index = self.entries.len() as u32;
        if index >= LAST_SEGMENT {
            return Err(PackageError::TooLong);
        }
        let rest =
            self.units.split_off((length.div_ceil(u64::from(self.frame)) as usize).min(self.units.len()));
        let units = std::mem::replace(&mut self.units, rest);
        let segment = Segment { index, start: self.start, length, frame: self.frame, units: &units };
        let bytes = segment.encode()?;
        self.start += length;
        self.entries.push(Entry { length, bytes: bytes.len() as u64 });
        out(RenditionFile::Segment(index + 1), bytes);
        Ok(())
    }

    /// The segments cut, in order.
    pub fn into_entries(self) -> Vec<Entry> {
        self.entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::SHORTEST_REST;

    /// Lengths of the segments of `total` samples, the units arriving `at_a_time`.
    fn lengths(frame: u32, total: u64, at_a_time: usize) -> Vec<u64> {
        let mut cutter = Cutter::new(frame, 3, Schedule::default());
        let mut files = Vec::new();
        let mut out = |file: RenditionFile, _: Vec<u8>| files.push(file.to_string());
        for number in 0..total / u64::from(frame) + 3 {
            cutter.push(&[number as u8; 10]);
            if (number as usize).is_multiple_of(at_a_time) {
                cutter.cut(None, &mut out).unwrap();
            }
        }
        // the encoder's flush: units beyond the end
        for _ in 0..5 {
            cutter.push(&[0; 10]);
        }
        cutter.cut(Some(total), &mut out).unwrap();
        let entries = cutter.into_entries();
        assert_eq!(files.len(), entries.len());
        assert_eq!(files.last().unwrap(), &format!("{:05}.m4s", files.len()));
        entries.iter().map(|entry| entry.length).collect()
    }

    #[test]
    fn boundaries_depend_on_the_length_alone() {
        for total in [
            1,
            2048,
            131_072,
            131_073,
            131_072 + SHORTEST_REST - 1,
            131_072 + SHORTEST_REST,
            131_072 + 262_144,
            131_072 + 262_144 + SHORTEST_REST,
            5_000_000,
        ] {
            let expected = lengths(2048, total, 1);
            assert_eq!(expected.iter().sum::<u64>(), total);
            for (frame, at_a_time) in [(2048, 7), (1024, 1), (1024, 1000), (2048, 1000)] {
                assert_eq!(lengths(frame, total, at_a_time), expected, "{total}, {frame}, {at_a_time}");
            }
        }
        assert_eq!(lengths(1024, 131_073, 1), [131_073]);
        assert_eq!(lengths(1024, 131_072 + SHORTEST_REST, 1), [131_072, SHORTEST_REST]);
    }

    #[test]
    fn an_encoder_that_ends_early_is_found_out() {
        let mut cutter = Cutter::new(1024, 0, Schedule::default());
        cutter.push(&[1]);
        assert!(matches!(
            cutter.cut(Some(1025), &mut |_, _| ()),
            Err(PackageError::Short { units: 1, expected: 2 })
        ));
    }
}
