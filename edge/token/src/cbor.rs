//! A bounded CBOR reader and writer (RFC 8949) for values whose shape is known beforehand.
//!
//! The reader accepts only the shortest encodings and definite lengths. It never recurses and never skips, so
//! depth is what the caller's code spells out, and it borrows from its input, so it allocates nothing.

use thiserror::Error;

/// Why a sequence of bytes is not the CBOR that was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CborFault {
    /// The input ends within an item.
    #[error("the input ends within an item")]
    Truncated,
    /// A length of unknown extent (additional information 31).
    #[error("indefinite length")]
    Indefinite,
    /// An integer or length that a shorter encoding could hold (RFC 8949 §4.2.1).
    #[error("not the shortest encoding")]
    NotShortest,
    /// Additional information 28 to 30 or an unassigned simple value.
    #[error("reserved encoding")]
    Reserved,
    /// An item of another type than the place asks for.
    #[error("an item of the wrong type")]
    Type,
    /// More items, bytes or levels than the place allows.
    #[error("above a stated limit")]
    Limit,
    /// A text string that is not UTF-8.
    #[error("text is not UTF-8")]
    Utf8,
    /// The same key twice in one map.
    #[error("a map key twice")]
    Duplicate,
    /// Bytes after the last item.
    #[error("bytes after the last item")]
    Trailing,
}

pub(crate) const UINT: u8 = 0;
pub(crate) const NEGATIVE: u8 = 1;
pub(crate) const BYTES: u8 = 2;
pub(crate) const TEXT: u8 = 3;
pub(crate) const ARRAY: u8 = 4;
pub(crate) const MAP: u8 = 5;
pub(crate) const TAG: u8 = 6;
pub(crate) const OTHER: u8 = 7;

/// The argument of an item and how many bytes it takes after the first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CborHead {
    pub width: usize,
    pub value: u64,
}

/// Reads items from the front of a slice.
#[derive(Debug, Clone)]
pub(crate) struct CborReader<'a> {
    rest: &'a [u8],
}

impl<'a> CborReader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        CborReader { rest: bytes }
    }

    /// The major type of the next item.
    pub fn peek(&self) -> Result<u8, CborFault> {
        self.rest.first().map(|b| b >> 5).ok_or(CborFault::Truncated)
    }

    pub fn head(&mut self) -> Result<CborHead, CborFault> {
        let initial = *self.take(1)?.first().ok_or(CborFault::Truncated)?;
        let (major, info) = (initial >> 5, initial & 31);
        let width = match info {
            0..=23 => return Ok(CborHead { width: 0, value: u64::from(info) }),
            24 => 1,
            25 => 2,
            26 => 4,
            27 => 8,
            28..=30 => return Err(CborFault::Reserved),
            _ => return Err(CborFault::Indefinite),
        };
        let value = self.take(width)?.iter().fold(0u64, |n, b| (n << 8) | u64::from(*b));
        let smallest = match width {
            1 => 24,
            2 => 1 << 8,
            4 => 1 << 16,
            _ => 1 << 32,
        };
        // the argument of major type 7 is a float's bits, not a number
        if major != OTHER && value < smallest {
            return Err(CborFault::NotShortest);
        }
        Ok(CborHead { width, value })
    }

    fn expect(&mut self, major: u8) -> Result<u64, CborFault> {
        if self.peek()? != major {
            return Err(CborFault::Type);
        }
        Ok(self.head()?.value)
    }

    fn take(&mut self, n: usize) -> Result<&'a [u8], CborFault> {
        let (taken, rest) = self.rest.split_at_checked(n).ok_or(CborFault::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    fn string(&mut self, major: u8, limit: usize) -> Result<&'a [u8], CborFault> {
        let n = usize::try_from(self.expect(major)?).map_err(|_| CborFault::Limit)?;
        if n > limit {
            return Err(CborFault::Limit);
        }
        self.take(n)
    }

    /// The number of items, at most `limit`, of an array or (in pairs) a map.
    fn count(&mut self, major: u8, limit: usize) -> Result<usize, CborFault> {
        let n = usize::try_from(self.expect(major)?).map_err(|_| CborFault::Limit)?;
        if n > limit { Err(CborFault::Limit) } else { Ok(n) }
    }

    pub fn uint(&mut self) -> Result<u64, CborFault> {
        self.expect(UINT)
    }

    /// An integer of either sign; one that does not fit 64 bits signed is above the limit.
    pub fn int(&mut self) -> Result<i64, CborFault> {
        let negative = match self.peek()? {
            UINT => false,
            NEGATIVE => true,
            _ => return Err(CborFault::Type),
        };
        let n = i64::try_from(self.head()?.value).map_err(|_| CborFault::Limit)?;
        Ok(if negative { -1 - n } else { n })
    }

    pub fn bytes(&mut self, limit: usize) -> Result<&'a [u8], CborFault> {
        self.string(BYTES, limit)
    }

    pub fn text(&mut self, limit: usize) -> Result<&'a str, CborFault> {
        str::from_utf8(self.string(TEXT, limit)?).map_err(|_| CborFault::Utf8)
    }

    pub fn array(&mut self, limit: usize) -> Result<usize, CborFault> {
        self.count(ARRAY, limit)
    }

    /// The number of key-value pairs.
    pub fn map(&mut self, limit: usize) -> Result<usize, CborFault> {
        self.count(MAP, limit)
    }

    pub fn tag(&mut self) -> Result<u64, CborFault> {
        self.expect(TAG)
    }

    /// Nothing may follow.
    pub fn end(&self) -> Result<(), CborFault> {
        if self.rest.is_empty() { Ok(()) } else { Err(CborFault::Trailing) }
    }
}

/// Appends items in their shortest encoding.
#[derive(Debug, Default)]
pub(crate) struct CborWriter {
    out: Vec<u8>,
}

impl CborWriter {
    pub fn head(&mut self, major: u8, value: u64) -> &mut Self {
        let initial = major << 5;
        let wide = value.to_be_bytes();
        match value {
            0..24 => self.out.push(initial | wide[7]),
            24..0x100 => self.out.extend([initial | 24, wide[7]]),
            0x100..0x1_0000 => {
                self.out.push(initial | 25);
                self.out.extend(&wide[6..]);
            }
            0x1_0000..0x1_0000_0000 => {
                self.out.push(initial | 26);
                self.out.extend(&wide[4..]);
            }
            _ => {
                self.out.push(initial | 27);
                self.out.extend(wide);
            }
        }
        self
    }

    pub fn int(&mut self, n: i64) -> &mut Self {
        // −1 − n, without overflow, is the bitwise complement
        if n < 0 { self.head(NEGATIVE, !n as u64) } else { self.head(UINT, n as u64) }
    }

    pub fn uint(&mut self, n: u64) -> &mut Self {
        self.head(UINT, n)
    }

    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.head(BYTES, bytes.len() as u64);
        self.out.extend(bytes);
        self
    }

    pub fn text(&mut self, text: &str) -> &mut Self {
        self.head(TEXT, text.len() as u64);
        self.out.extend(text.as_bytes());
        self
    }

    pub fn array(&mut self, items: usize) -> &mut Self {
        self.head(ARRAY, items as u64)
    }

    pub fn map(&mut self, pairs: usize) -> &mut Self {
        self.head(MAP, pairs as u64)
    }

    pub fn tag(&mut self, tag: u64) -> &mut Self {
        self.head(TAG, tag)
    }

    pub fn finish(self) -> Vec<u8> {
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn integers_of_rfc_8949_appendix_a() {
        for (bytes, n) in [
            (&[0x00][..], 0),
            (&[0x17], 23),
            (&[0x18, 0x18], 24),
            (&[0x18, 0xff], 255),
            (&[0x19, 0x03, 0xe8], 1000),
            (&[0x1a, 0x00, 0x0f, 0x42, 0x40], 1_000_000),
            (&[0x1b, 0, 0, 0, 0xe8, 0xd4, 0xa5, 0x10, 0], 1_000_000_000_000),
            (&[0x20], -1),
            (&[0x39, 0x03, 0xe7], -1000),
        ] {
            let mut r = CborReader::new(bytes);
            assert_eq!(r.int(), Ok(n));
            assert_eq!(r.end(), Ok(()));
            let mut w = CborWriter::default();
            w.int(n);
            assert_eq!(w.finish(), bytes);
        }
    }

    #[test]
    fn threat_10_only_the_shortest_definite_encoding() {
        for (bytes, fault) in [
            (&[0x18, 0x17][..], CborFault::NotShortest),
            (&[0x19, 0x00, 0xff], CborFault::NotShortest),
            (&[0x1a, 0x00, 0x00, 0xff, 0xff], CborFault::NotShortest),
            (&[0x1b, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff], CborFault::NotShortest),
            (&[0x1f], CborFault::Indefinite),
            (&[0x1c], CborFault::Reserved),
            (&[0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], CborFault::Limit),
            (&[0xf9, 0x7e, 0x00], CborFault::Type),
            (&[0x19, 0x03], CborFault::Truncated),
            (&[], CborFault::Truncated),
        ] {
            assert_eq!(CborReader::new(bytes).int(), Err(fault), "{bytes:02x?}");
        }
        assert_eq!(CborReader::new(&[0x5f, 0x41, 0x00, 0xff]).bytes(9), Err(CborFault::Indefinite));
        assert_eq!(CborReader::new(&[0x78, 0x01, 0x61]).text(9), Err(CborFault::NotShortest));
        assert_eq!(CborReader::new(&[0x62, 0xc3, 0x28]).text(9), Err(CborFault::Utf8));
        assert_eq!(CborReader::new(&[0x00]).end(), Err(CborFault::Trailing));
    }

    #[test]
    fn threat_11_lengths_are_bounded_before_anything_is_read() {
        let four_gib = [0x5a, 0xff, 0xff, 0xff, 0xff];
        assert_eq!(CborReader::new(&four_gib).bytes(4096), Err(CborFault::Limit));
        assert_eq!(CborReader::new(&four_gib).bytes(usize::MAX), Err(CborFault::Truncated));
        assert_eq!(CborReader::new(&[0x9a, 0xff, 0xff, 0xff, 0xff]).array(8), Err(CborFault::Limit));
        assert_eq!(
            CborReader::new(&[0xbb, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]).map(8),
            Err(CborFault::Limit)
        );
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(n in any::<i64>(), s in ".{0,40}", b in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut w = CborWriter::default();
            w.tag(n.unsigned_abs()).int(n).text(&s).bytes(&b).array(b.len());
            let out = w.finish();
            let mut r = CborReader::new(&out);
            prop_assert_eq!(r.tag(), Ok(n.unsigned_abs()));
            prop_assert_eq!(r.int(), Ok(n));
            prop_assert_eq!(r.text(1000), Ok(s.as_str()));
            prop_assert_eq!(r.bytes(1000), Ok(b.as_slice()));
            prop_assert_eq!(r.array(1000), Ok(b.len()));
            prop_assert_eq!(r.end(), Ok(()));
        }
    }
}
