//! The segment index of a track file: `sidx` (ISO/IEC 14496-12 §8.16.3).

use mp4_atom::{Encode, SegmentReference, Sidx};

use super::TRACK_ID;
use crate::playlist::Entry;

/// A stream access point from which all that follows can be decoded and shown (ISO/IEC 14496-12 annex I): any access unit of
/// audio.
const SAP_TYPE: u8 = 1;

/// The bytes of an index of segments that follow it directly, at `rate` hertz, which is the timescale too.
///
/// # Errors
/// Where there are more than 65,535 segments, or one does not fit its field.
pub fn index(entries: &[Entry], rate: u32) -> mp4_atom::Result<Vec<u8>> {
    let references = entries.iter().map(|entry| {
        Ok(SegmentReference {
            reference_type: false,
            referenced_size: entry.bytes,
            subsegment_duration: u32::try_from(entry.length)
                .map_err(|_| mp4_atom::Error::TooLarge(mp4_atom::FourCC::new(b"sidx")))?,
            starts_with_sap: true,
            sap_type: SAP_TYPE,
            sap_delta_time: 0,
        })
    });
    let sidx = Sidx {
        reference_id: TRACK_ID,
        timescale: rate,
        earliest_presentation_time: 0,
        first_offset: 0,
        references: references.collect::<mp4_atom::Result<_>>()?,
    };
    let mut bytes = Vec::new();
    sidx.encode(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_box_reads_as_it_should() {
        let entries = [Entry { length: 131_072, bytes: 48_211 }, Entry { length: 1000, bytes: 7 }];
        assert_eq!(
            index(&entries, 44_100).unwrap(),
            [
                [0, 0, 0, 56].as_slice(),
                b"sidx",
                &[0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0xac, 0x44],
                &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2],
                &[0, 0, 0xbc, 0x53, 0, 2, 0, 0, 0x90, 0, 0, 0],
                &[0, 0, 0, 7, 0, 0, 3, 0xe8, 0x90, 0, 0, 0],
            ]
            .concat()
        );
        let many = vec![entries[0]; 65_536];
        assert!(index(&many[1..], 44_100).is_ok() && index(&many, 44_100).is_err());
    }
}
