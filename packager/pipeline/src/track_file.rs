//! A rendition's track file on its way into parts: segments come in any order and leave in their own.

use std::collections::BTreeMap;

use nada_catalog::{ByteLengths, RenditionName, TrackFileLayout, track_file::PartCutter};

use crate::{
    error::PackageError,
    output::{OutputFile, Part, StoredFile},
    part_size::PartSize,
    playlist::Entry,
    rendition::EncodedSegment,
};

/// What is written of one track file. In memory are the first part, which waits for header and index, the part that is being
/// filled, and segments that came before their turn.
pub struct TrackFile {
    rendition: RenditionName,
    size: PartSize,
    cutter: PartCutter,
    /// By number from 0, those that others have to come before.
    early: BTreeMap<u32, EncodedSegment>,
    entries: Vec<Entry>,
    /// How many segments each part before the current one holds.
    parts: Vec<u32>,
    /// The first part without its head, once it is full.
    first: Vec<u8>,
    /// The part that is being filled.
    current: Vec<u8>,
}

impl TrackFile {
    /// An empty one.
    pub fn new(rendition: RenditionName, size: PartSize) -> Self {
        Self {
            rendition,
            size,
            cutter: PartCutter::new(size.bytes()),
            early: BTreeMap::new(),
            entries: Vec::new(),
            parts: Vec::new(),
            first: Vec::new(),
            current: Vec::new(),
        }
    }

    /// The segments in order, as far as they came without a gap.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Takes a segment; `out` is given each part that it completes, but for the first.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn push(
        &mut self,
        segment: EncodedSegment,
        out: &mut dyn FnMut(OutputFile) -> Result<(), PackageError>,
    ) -> Result<(), PackageError> {
        self.early.insert(segment.index, segment);
        while let Some(next) = self.early.remove(&(self.entries.len() as u32)) {
            if let Some(segments) = self.cutter.push(next.entry.bytes) {
                self.parts.push(segments);
                let full = std::mem::take(&mut self.current);
                match self.parts.len() {
                    1 => self.first = full,
                    _ => out(self.part(self.parts.len() - 1, &[], &[], full))?,
                }
            }
            self.entries.push(next.entry);
            if self.current.is_empty() {
                // at once, so that parts after it fit where it was: one that grew would leave holes of all sizes
                self.current.reserve_exact(self.size.bytes() as usize);
            }
            self.current.extend_from_slice(&next.bytes);
        }
        Ok(())
    }

    /// Ends the file, whose header and index are these: where everything lies, and the parts that are left, the first one
    /// last.
    ///
    /// # Errors
    /// Where a segment is larger than a layout can state.
    pub fn finish(
        mut self,
        header: &[u8],
        index: &[u8],
    ) -> Result<(TrackFileLayout, Vec<OutputFile>), PackageError> {
        self.parts.push(self.cutter.clone().finish());
        let current = std::mem::take(&mut self.current);
        let mut files = Vec::new();
        match self.parts.len() {
            1 => self.first = current,
            last => files.push(self.part(last - 1, &[], &[], current)),
        }
        let first = std::mem::take(&mut self.first);
        files.push(self.part(0, header, index, first));
        let segments = ByteLengths::pack(self.entries.iter().map(|entry| entry.bytes));
        let layout = TrackFileLayout {
            header: header.len() as u32,
            index: index.len() as u32,
            segments: segments.ok_or_else(|| self.large_segment())?,
            parts: self.parts,
        };
        Ok((layout, files))
    }

    fn large_segment(&self) -> PackageError {
        let bytes = self.entries.iter().map(|entry| u64::from(entry.bytes)).max().unwrap_or(0);
        PackageError::LargeSegment { rendition: self.rendition, bytes }
    }

    /// Part `index`, counted from 0, of segments that are complete.
    fn part(&self, index: usize, header: &[u8], sidx: &[u8], segments: Vec<u8>) -> OutputFile {
        let before: u32 = self.parts.iter().take(index).sum();
        let count = self.parts.get(index).copied().unwrap_or(0);
        let entries = self.entries.iter().skip(before as usize).take(count as usize);
        let part = Part {
            number: index as u32 + 1,
            header: header.len() as u32,
            index: sidx.len() as u32,
            first_segment: before + 1,
            segments: entries.map(|entry| entry.bytes).collect(),
        };
        let bytes = if header.is_empty() { segments } else { [header, sidx, &segments].concat() };
        OutputFile { rendition: self.rendition, file: StoredFile::Part(part), bytes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parts of segments of these lengths, which come in this order: in the order in which they leave.
    fn parts(lengths: &[u32], order: &[u32]) -> (TrackFileLayout, Vec<OutputFile>) {
        let mut file = TrackFile::new(RenditionName::FLAC, PartSize::from_kib(1).unwrap());
        let mut out = Vec::new();
        for &index in order {
            let bytes = lengths[index as usize];
            let entry = Entry { length: 1, bytes };
            let bytes = vec![index as u8; bytes as usize];
            let segment = EncodedSegment { rendition: RenditionName::FLAC, index, entry, bytes };
            file.push(segment, &mut |part| {
                out.push(part);
                Ok(())
            })
            .unwrap();
        }
        let (layout, rest) = file.finish(b"header", b"sidx").unwrap();
        out.extend(rest);
        (layout, out)
    }

    fn numbers(files: &[OutputFile]) -> Vec<u32> {
        let number = |file: &OutputFile| match &file.file {
            StoredFile::Part(part) => part.number,
            StoredFile::Playlist(_) => 0,
        };
        files.iter().map(number).collect()
    }

    #[test]
    fn parts_do_not_depend_on_the_order_of_segments() {
        let lengths = [400, 500, 600, 2000, 100, 100];
        let (layout, files) = parts(&lengths, &[0, 1, 2, 3, 4, 5]);
        assert_eq!((layout.header, layout.index, layout.parts.as_slice()), (6, 4, [2, 1, 1, 2].as_slice()));
        assert_eq!(numbers(&files), [2, 3, 4, 1]);
        let (other, mixed) = parts(&lengths, &[5, 2, 3, 0, 4, 1]);
        assert_eq!((&other, &mixed), (&layout, &files));
        // the concatenation is the file
        let mut in_order: Vec<_> = files.iter().zip(numbers(&files)).collect();
        in_order.sort_by_key(|(_, number)| *number);
        let whole: Vec<u8> = in_order.into_iter().flat_map(|(file, _)| file.bytes.clone()).collect();
        let segments = lengths.iter().zip(0_u8..).flat_map(|(&length, i)| vec![i; length as usize]);
        assert_eq!(whole, b"headersidx".iter().copied().chain(segments).collect::<Vec<_>>());
        for (file, number) in files.iter().zip(numbers(&files)) {
            assert_eq!(
                file.bytes.len() as u64,
                layout.parts_of(&layout.whole()).unwrap()[number as usize - 1].length
            );
        }
    }

    #[test]
    fn a_short_song_is_one_part() {
        let (layout, files) = parts(&[300, 200], &[1, 0]);
        assert_eq!((layout.parts.as_slice(), numbers(&files)), ([2].as_slice(), vec![1]));
    }
}
