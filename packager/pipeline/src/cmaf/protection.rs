//! Protection in the header: the sample entry of an encrypted track, and `pssh`.

use std::ops::Range;

use mp4_atom::FourCC;
use nada_protection::{ClearLead, Scheme, TierKey};

/// How a track is protected.
#[derive(Debug, Clone, Copy)]
pub struct TrackProtection<'a> {
    /// The scheme.
    pub scheme: Scheme,
    /// How many segments are in the clear first.
    pub lead: ClearLead,
    /// The key, and what players are told of it.
    pub key: &'a TierKey,
}

/// The sample entry of segments in the clear, where there are any: the second one, since ffmpeg and others look for `tenc` in
/// the first alone.
pub const CLEAR_ENTRY: u32 = 2;

/// `scheme_version` of the first edition, which all later ones kept (ISO/IEC 23001-7 §4.2).
const SCHEME_VERSION: u32 = 0x0001_0000;

/// Changes a `moov` of one track with one sample entry: the entry becomes `enca` with `sinf` (ISO/IEC 14496-12 §8.12), with the
/// entry as it was behind it where there is a clear lead, and the boxes of DRM systems come last.
///
/// # Errors
/// Where it has no sample entry, which is a defect.
pub fn protect(moov: &mut Vec<u8>, protection: &TrackProtection<'_>) -> mp4_atom::Result<()> {
    let lost = || mp4_atom::Error::MissingBox(FourCC::new(b"stsd"));
    let mut path: Vec<Range<usize>> = std::iter::once(0..moov.len()).collect();
    for kind in [b"trak", b"mdia", b"minf", b"stbl", b"stsd"] {
        let parent = path.last().cloned().unwrap_or_default();
        path.push(child(moov, parent, kind).ok_or_else(lost)?);
    }
    let stsd = path.last().cloned().unwrap_or_default();
    // version, flags and the number of entries stand before the entry
    let at = stsd.start + 16..stsd.end;
    let entry = moov.get(at.clone()).ok_or_else(lost)?.to_vec();
    let mut entries = encrypted(&entry, protection).ok_or_else(lost)?;
    if protection.lead.segments() > 0 {
        entries.extend(&entry);
        write(moov, stsd.start + 12, CLEAR_ENTRY);
    }
    let grown = entries.len() - entry.len();
    moov.splice(at, entries);
    for parent in path {
        write(moov, parent.start, (parent.len() + grown) as u32);
    }
    moov.extend(&protection.key.pssh);
    let size = moov.len() as u32;
    write(moov, 0, size);
    Ok(())
}

/// The entry as `enca`, which says in `sinf` what it was, by which scheme it is encrypted, and under which key.
fn encrypted(entry: &[u8], protection: &TrackProtection<'_>) -> Option<Vec<u8>> {
    let TrackProtection { scheme, key, .. } = protection;
    let (_, rest) = entry.split_first_chunk::<4>()?;
    let (format, fields) = rest.split_first_chunk::<4>()?;
    let schm = [&[0; 4], scheme.four_letters().as_slice(), &SCHEME_VERSION.to_be_bytes()].concat();
    // version 1, no pattern, encrypted, no IV in samples, the key id and the IV of all samples (ISO/IEC 23001-7 §8.2)
    let tenc = [
        &[1, 0, 0, 0, 0, 0, 1, 0],
        key.id.as_bytes().as_slice(),
        &[key.iv.as_bytes().len() as u8],
        key.iv.as_bytes(),
    ]
    .concat();
    let schi = boxed(b"schi", &boxed(b"tenc", &tenc));
    let sinf = boxed(b"sinf", &[boxed(b"frma", format), boxed(b"schm", &schm), schi].concat());
    Some(boxed(b"enca", &[fields, &sinf].concat()))
}

fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    [&(content.len() as u32 + 8).to_be_bytes(), kind.as_slice(), content].concat()
}

/// The first child of this kind of the box that lies there.
fn child(bytes: &[u8], parent: Range<usize>, kind: &[u8; 4]) -> Option<Range<usize>> {
    let mut at = parent.start + 8;
    while at < parent.end {
        let found = bytes.get(at..parent.end)?;
        let (size, rest) = found.split_first_chunk()?;
        let end = at.checked_add(u32::from_be_bytes(*size) as usize)?;
        if rest.starts_with(kind) {
            return (end <= parent.end).then_some(at..end);
        }
        at = if end > at { end } else { return None };
    }
    None
}

fn write(bytes: &mut [u8], at: usize, number: u32) {
    if let Some(field) = bytes.get_mut(at..at + 4) {
        field.copy_from_slice(&number.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use nada_protection::{DerivedKeys, KeyRequest, KeySource as _, Seed};

    use super::*;

    fn key() -> TierKey {
        let seed = Seed::parse("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f").unwrap();
        let request = KeyRequest { content: "a".into(), key_version: 1, clear_key: false };
        DerivedKeys::new(seed).keys(&request).unwrap().lossy
    }

    /// A `moov` with an entry of eight bytes of fields.
    fn moov() -> Vec<u8> {
        let stsd = [&[0, 0, 0, 0, 0, 0, 0, 1], boxed(b"mp4a", b"fieldsof").as_slice()].concat();
        let stbl = boxed(b"stbl", &[boxed(b"stsd", &stsd), boxed(b"stts", &[0; 8])].concat());
        let mdia = boxed(b"mdia", &boxed(b"minf", &[boxed(b"smhd", &[0; 8]), stbl].concat()));
        boxed(b"moov", &[boxed(b"mvhd", &[0; 4]), boxed(b"trak", &mdia), boxed(b"mvex", &[])].concat())
    }

    #[test]
    fn the_entry_reads_as_it_should() {
        let key = key();
        let mut bytes = moov();
        let plain = bytes.clone();
        let lead = ClearLead::new(0).unwrap();
        protect(&mut bytes, &TrackProtection { scheme: Scheme::Cbcs, lead, key: &key }).unwrap();
        let sinf = [
            [0, 0, 0, 0x61].as_slice(),
            b"sinf",
            &[0, 0, 0, 12],
            b"frmamp4a",
            &[0, 0, 0, 20],
            b"schm",
            &[0, 0, 0, 0],
            b"cbcs",
            &[0, 1, 0, 0, 0, 0, 0, 0x39],
            b"schi",
            &[0, 0, 0, 0x31],
            b"tenc",
            &[1, 0, 0, 0, 0, 0, 1, 0],
            key.id.as_bytes(),
            &[16],
            key.iv.as_bytes(),
        ]
        .concat();
        let entry = [&[0, 0, 0, 0x71], b"enca".as_slice(), b"fieldsof", &sinf].concat();
        let at = bytes.windows(4).position(|kind| kind == b"enca").unwrap() - 4;
        assert_eq!(bytes[at..at + entry.len()], entry);
        assert_eq!(bytes[at - 4..at], [0, 0, 0, 1]);
        assert!(bytes.ends_with(&key.pssh));
        // all sizes grew by what came in
        assert_eq!(u32::from_be_bytes(*bytes.first_chunk().unwrap()) as usize, bytes.len());
        assert_eq!(bytes.len(), plain.len() + sinf.len() + key.pssh.len());
        let stts = child(&bytes, at - 24..bytes.len(), b"stts");
        assert!(stts.is_some_and(|found| found.len() == 16));
    }

    #[test]
    fn a_clear_lead_keeps_the_entry_as_the_second() {
        let key = key();
        let entries = |lead: u32| {
            let mut bytes = moov();
            let lead = ClearLead::new(lead).unwrap();
            protect(&mut bytes, &TrackProtection { scheme: Scheme::Cbcs, lead, key: &key }).unwrap();
            let at = bytes.windows(4).position(|kind| kind == b"enca").unwrap() - 4;
            let kept = bytes.windows(16).any(|window| window == boxed(b"mp4a", b"fieldsof"));
            (bytes[at - 1], kept)
        };
        assert_eq!([0, 1, 2].map(entries), [(1, false), (2, true), (2, true)]);
    }

    #[test]
    fn a_header_without_entries_is_told() {
        let key = key();
        let protection = TrackProtection { scheme: Scheme::Cbcs, lead: ClearLead::default(), key: &key };
        assert!(protect(&mut boxed(b"moov", &[]), &protection).is_err());
        assert!(
            protect(&mut boxed(b"moov", &boxed(b"trak", &[0, 0, 0, 0, 1, 2, 3, 4])), &protection).is_err()
        );
    }
}
