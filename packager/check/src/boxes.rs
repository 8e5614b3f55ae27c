//! Box headers and fields (ISO/IEC 14496-12 §4.2), read within bounds.
//!
//! `mp4-atom` reads boxes that are whole; a validator has to say where one is not, so it walks by itself.

/// Bytes read from the front; `None` where they end.
#[derive(Debug, Clone, Copy)]
pub(super) struct ByteReader<'a>(pub &'a [u8]);

impl<'a> ByteReader<'a> {
    pub fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    pub fn u8(&mut self) -> Option<u8> {
        Some(u8::from_be_bytes(self.array()?))
    }

    pub fn u16(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(self.array()?))
    }

    pub fn u32(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.array()?))
    }

    pub fn u64(&mut self) -> Option<u64> {
        Some(u64::from_be_bytes(self.array()?))
    }

    /// Version and flags of a full box.
    pub fn full(&mut self) -> Option<(u8, u32)> {
        let word = self.u32()?;
        Some(((word >> 24) as u8, word & 0x00ff_ffff))
    }
}

/// One box.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mp4Box<'a> {
    pub kind: [u8; 4],
    /// Where its header begins, counted from the start of the resource.
    pub at: usize,
    pub body: &'a [u8],
    /// Where its body begins.
    pub body_at: usize,
}

impl<'a> Mp4Box<'a> {
    pub fn name(&self) -> String {
        self.kind.iter().map(|b| if b.is_ascii_graphic() { char::from(*b) } else { '?' }).collect()
    }

    pub fn end(&self) -> usize {
        self.body_at + self.body.len()
    }

    /// Its children, after `skip` bytes of its own.
    pub fn children(&self, skip: usize) -> Boxes<'a> {
        match self.body.get(skip..) {
            Some(bytes) => Boxes { bytes, at: self.body_at + skip, broken: false },
            None => Boxes { bytes: &[], at: self.end(), broken: false },
        }
    }

    /// Its first child of this kind.
    pub fn child(&self, kind: &[u8; 4]) -> Option<Self> {
        self.children(0).flatten().find(|b| b.kind == *kind)
    }
}

/// The boxes one after another; a header that cannot be is the last.
#[derive(Debug, Clone)]
pub(super) struct Boxes<'a> {
    bytes: &'a [u8],
    at: usize,
    broken: bool,
}

/// Where boxes break off, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Broken {
    pub at: usize,
    pub why: String,
}

impl<'a> Boxes<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, broken: false }
    }

    fn read(&self) -> Result<(Mp4Box<'a>, &'a [u8]), String> {
        let mut reader = ByteReader(self.bytes);
        let header = (reader.u32(), reader.take(4).and_then(|kind| <[u8; 4]>::try_from(kind).ok()));
        let (Some(size), Some(kind)) = header else {
            return Err(format!("{} bytes are no box", self.bytes.len()));
        };
        let size = match size {
            // to the end
            0 => self.bytes.len() as u64,
            1 => reader.u64().ok_or("a 64-bit size is cut off")?,
            size => size.into(),
        };
        let header = self.bytes.len() - reader.0.len();
        let found = Mp4Box { kind, at: self.at, body: &[], body_at: self.at + header };
        let body = usize::try_from(size).ok().and_then(|size| self.bytes.get(header..size));
        let body = body.ok_or_else(|| {
            format!("box \"{}\" of {size} bytes where {} are left", found.name(), self.bytes.len())
        })?;
        let rest = self.bytes.get(header + body.len()..).unwrap_or_default();
        Ok((Mp4Box { body, ..found }, rest))
    }
}

impl<'a> Iterator for Boxes<'a> {
    type Item = Result<Mp4Box<'a>, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.bytes.is_empty() || self.broken {
            return None;
        }
        Some(match self.read() {
            Ok((found, rest)) => {
                self.bytes = rest;
                self.at = found.end();
                Ok(found)
            }
            Err(why) => {
                self.broken = true;
                Err(Broken { at: self.at, why })
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_that_cannot_be_end_the_walk() {
        let whole = b"\0\0\0\x0cfree1234\0\0\0\0mdat5678";
        let names: Vec<String> = Boxes::new(whole).flatten().map(|b| b.name()).collect();
        assert_eq!(names, ["free", "mdat"]);
        for broken in [
            b"\0\0\0\x07free".as_slice(),
            b"\0\0\0\x09free",
            b"\0\0",
            b"\0\0\0\x01free\0\0\0\0",
            b"\0\0\0\x01free\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\0\0\0\x01free\0\0\0\0\0\0\0\x08",
        ] {
            let mut boxes = Boxes::new(broken);
            assert!(matches!(boxes.next(), Some(Err(_))), "{broken:?}");
            assert!(boxes.next().is_none());
        }
    }
}
