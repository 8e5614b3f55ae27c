//! A file with one number in its header replaced, for a reader that takes the header at its word.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
};

use symphonia::core::io::MediaSource;

/// A file, of which eight bytes read otherwise.
pub struct Overlay {
    file: File,
    /// The byte where they lie, and what they are.
    number: Option<(u64, [u8; 8])>,
    position: u64,
}

impl Overlay {
    /// The file from where it stands, with `number` in big-endian order at a byte of it, if one is given.
    pub fn new(mut file: File, number: Option<(u64, u64)>) -> io::Result<Self> {
        let position = file.stream_position()?;
        Ok(Self { file, number: number.map(|(at, number)| (at, number.to_be_bytes())), position })
    }
}

impl Read for Overlay {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        if let Some((at, number)) = self.number {
            for (byte, place) in buffer.iter_mut().take(count).zip(self.position..) {
                let index = place.checked_sub(at).and_then(|index| usize::try_from(index).ok());
                if let Some(other) = index.and_then(|index| number.get(index)) {
                    *byte = *other;
                }
            }
        }
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for Overlay {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.position = self.file.seek(to)?;
        Ok(self.position)
    }
}

impl MediaSource for Overlay {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        self.file.metadata().ok().map(|metadata| metadata.len())
    }
}
