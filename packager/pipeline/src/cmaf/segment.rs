//! Media segments: one movie fragment per media segment, `moof` and `mdat` alone.

use mp4_atom::{Atom, Encode, Header, Mfhd, Moof, Tfdt, Tfhd, Traf, Trun, TrunEntry};
use nada_protection::SampleCipher;

use super::{TRACK_ID, protection::CLEAR_ENTRY};

/// One access unit.
pub type Unit = Vec<u8>;

/// How the samples of a segment lie in it.
#[derive(Debug, Clone, Copy)]
pub enum Samples<'a> {
    /// As they are, in a track that is not protected.
    Plain,
    /// As they are, in one that is: under the second sample entry.
    Clear,
    /// Encrypted, under the first.
    Encrypted(&'a SampleCipher),
}

/// One media segment.
#[derive(Debug, Clone, Copy)]
pub struct Segment<'a> {
    /// Its place, counted from 0: the fragment's sequence number (a player that tracks them takes 0 for the
    /// first and anything else for a gap).
    pub index: u32,
    /// Samples before it: `tfdt`.
    pub start: u64,
    /// Its own length in samples: the last unit's duration is what the others leave of it.
    pub length: u64,
    /// Samples in every unit but the last.
    pub frame: u32,
    /// Its access units, at least one.
    pub units: &'a [Unit],
    /// How they lie in it.
    pub samples: Samples<'a>,
}

impl Segment<'_> {
    /// The segment's bytes. `trun` carries durations only where the last unit's differs from a whole frame.
    ///
    /// # Errors
    /// Where a size does not fit its box.
    pub fn encode(&self) -> mp4_atom::Result<Vec<u8>> {
        let payload: usize = self.units.iter().map(Vec::len).sum();
        let mut moof = self.moof(0);
        let mut head = Vec::new();
        moof.encode(&mut head)?;
        // data offsets count from the first byte of moof; 8 bytes of mdat's own header lie between
        let offset = i32::try_from(head.len() + 8).map_err(|_| mp4_atom::Error::TooLarge(Moof::KIND))?;
        moof = self.moof(offset);
        let mut bytes = Vec::with_capacity(head.len() + 8 + payload);
        moof.encode(&mut bytes)?;
        Header { kind: mp4_atom::Mdat::KIND, size: Some(payload) }.encode(&mut bytes)?;
        for unit in self.units {
            let start = bytes.len();
            bytes.extend_from_slice(unit);
            if let Samples::Encrypted(cipher) = self.samples {
                cipher.encrypt(bytes.get_mut(start..).unwrap_or_default());
            }
        }
        Ok(bytes)
    }

    fn moof(&self, data_offset: i32) -> Moof {
        let before_last = self.units.len().saturating_sub(1) as u64 * u64::from(self.frame);
        let last = self.length.saturating_sub(before_last);
        let cut = last != u64::from(self.frame);
        let entries: Vec<TrunEntry> = self
            .units
            .iter()
            .enumerate()
            .map(|(index, unit)| TrunEntry {
                size: Some(unit.len() as u32),
                duration: cut.then(|| if index + 1 == self.units.len() { last as u32 } else { self.frame }),
                ..TrunEntry::default()
            })
            .collect();
        let sample_description_index = match self.samples {
            Samples::Clear => Some(CLEAR_ENTRY),
            Samples::Plain | Samples::Encrypted(_) => None,
        };
        Moof {
            mfhd: Mfhd { sequence_number: self.index },
            traf: vec![Traf {
                tfhd: Tfhd {
                    track_id: TRACK_ID,
                    sample_description_index,
                    default_base_is_moof: true,
                    ..Tfhd::default()
                },
                tfdt: Some(Tfdt { base_media_decode_time: self.start }),
                trun: vec![Trun { data_offset: Some(data_offset), samples: entries.into() }],
                ..Traf::default()
            }],
        }
    }
}
