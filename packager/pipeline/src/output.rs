//! What packaging hands out: finished files, and the trait of what stores them.

use std::ops::Range;

use nada_catalog::{RenditionFile, RenditionName};

use crate::playlist::MediaPlaylist;

/// One file of a rendition, ready to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputFile {
    /// The rendition it belongs to.
    pub rendition: RenditionName,
    /// Which of its files it is.
    pub file: StoredFile,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What is stored of a rendition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredFile {
    /// A part of its track file.
    Part(Part),
    /// Its media playlist. The bytes are those that name header and segments as files of their own.
    Playlist(MediaPlaylist),
}

/// Where in a part of a track file its pieces lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Which part it is, counted from 1.
    pub number: u32,
    /// Bytes of the header (`ftyp`, `moov`) that the part begins with: 0 but in the first part.
    pub header: u32,
    /// Bytes of the segment index (`sidx`) behind it, likewise.
    pub index: u32,
    /// The number of the first media segment in it, counted from 1.
    pub first_segment: u32,
    /// The lengths of its media segments in bytes.
    pub segments: Vec<u32>,
}

impl Part {
    /// The files in it that players name, and where they lie.
    fn files(&self) -> impl Iterator<Item = (RenditionFile, Range<usize>)> {
        let init = (self.header > 0).then_some((RenditionFile::Init, 0..self.header as usize));
        let mut end = self.header as usize + self.index as usize;
        let segments = (self.first_segment..).zip(&self.segments).map(move |(number, length)| {
            let start = end;
            end += *length as usize;
            (RenditionFile::Segment(number), start..end)
        });
        init.into_iter().chain(segments)
    }
}

impl OutputFile {
    /// The file that it is, or is a part of: `aac-128.mp4`, `aac-128/media.m3u8`.
    pub fn name(&self) -> String {
        match &self.file {
            StoredFile::Part(_) => format!("{}.mp4", self.rendition),
            StoredFile::Playlist(_) => format!("{}/{}", self.rendition, RenditionFile::Playlist),
        }
    }

    /// What players see of it, under the names that they know: the segments of a part, and the header of the first.
    pub fn served(&self) -> Vec<(RenditionFile, &[u8])> {
        match &self.file {
            StoredFile::Part(part) => {
                let bytes = |range: Range<usize>| self.bytes.get(range).unwrap_or_default();
                part.files().map(|(file, range)| (file, bytes(range))).collect()
            }
            StoredFile::Playlist(_) => vec![(RenditionFile::Playlist, &self.bytes)],
        }
    }
}

/// Where finished files go. A closure will do; so does [`crate::Folder`].
pub trait Sink {
    /// Stores one file. The parts of a rendition come from the second to the last, then the first, whose header and index
    /// say what all of them hold, then the media playlist; renditions come mixed.
    ///
    /// # Errors
    /// Whatever kept it from being stored; packaging ends with it.
    fn put(&mut self, file: OutputFile) -> Result<(), Box<dyn std::error::Error + Send + Sync>>;
}

impl<F, E> Sink for F
where
    F: FnMut(OutputFile) -> Result<(), E>,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    fn put(&mut self, file: OutputFile) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        self(file).map_err(Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_tells_where_its_files_lie() {
        let served = |number, header, index, first_segment, segments: &[u32]| {
            let part = Part { number, header, index, first_segment, segments: segments.to_vec() };
            part.files().collect::<Vec<_>>()
        };
        assert_eq!(
            served(1, 7, 5, 1, &[3, 4]),
            [
                (RenditionFile::Init, 0..7),
                (RenditionFile::Segment(1), 12..15),
                (RenditionFile::Segment(2), 15..19)
            ]
        );
        assert_eq!(served(2, 0, 0, 3, &[9]), [(RenditionFile::Segment(3), 0..9)]);
    }
}
