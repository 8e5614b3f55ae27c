//! What a sample entry and a header say of encryption (ISO/IEC 14496-12 §8.12, ISO/IEC 23001-7 §8).

use super::{
    boxes::{ByteReader, Mp4Box},
    faults::Faults,
    rule,
};

/// What `sinf` says of a sample entry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Protection {
    /// The entry's four letters before it was encrypted.
    pub format: Option<[u8; 4]>,
    /// The scheme's four letters.
    pub scheme: [u8; 4],
    /// The key id of samples that name no other.
    pub key_id: Option<[u8; 16]>,
}

/// `tenc` (ISO/IEC 23001-7 §8.2).
struct TrackEncryption {
    version: u8,
    pattern: [u8; 2],
    protected: u8,
    iv_size: u8,
    key_id: [u8; 16],
    /// Bytes of the constant IV, where there has to be one.
    constant_iv: Option<usize>,
}

/// Reads the `sinf` of an encrypted sample entry, whose boxes are these.
pub(super) fn read(
    entry: &Mp4Box<'_>,
    children: &[Mp4Box<'_>],
    audio: bool,
    faults: &mut Faults,
) -> Protection {
    let mut read = Protection::default();
    let Some(sinf) = children.iter().find(|b| &b.kind == b"sinf") else {
        faults.add(&rule::SINF, format!("{} has no sinf", entry.name()));
        return read;
    };
    read.format = sinf.child(b"frma").and_then(|b| b.body.first_chunk().copied());
    if read.format.is_none() {
        faults.add(&rule::SINF, "sinf has no frma");
    }
    let scheme = sinf.child(b"schm").and_then(|b| b.body.get(4..8)?.first_chunk().copied());
    let Some(scheme) = scheme else {
        faults.add(&rule::SINF, "sinf has no schm");
        return read;
    };
    read.scheme = scheme;
    if !is_common(scheme) {
        return read;
    }
    let tenc = sinf.child(b"schi").and_then(|schi| schi.child(b"tenc"));
    match tenc.map(|tenc| track_encryption(tenc.body)) {
        None => faults.add(&rule::SINF, "sinf has no schi with tenc"),
        Some(None) => faults.add(&rule::TENC, "tenc is cut off"),
        Some(Some(tenc)) => {
            read.key_id = Some(tenc.key_id);
            judge(scheme, &tenc, audio, faults);
        }
    }
    read
}

/// Whether a scheme is of Common Encryption (ISO/IEC 23001-7 §4.2).
fn is_common(scheme: [u8; 4]) -> bool {
    matches!(&scheme, b"cenc" | b"cbc1" | b"cens" | b"cbcs")
}

fn track_encryption(body: &[u8]) -> Option<TrackEncryption> {
    let mut reader = ByteReader(body);
    let (version, _) = reader.full()?;
    reader.u8()?;
    let pattern = reader.u8()?;
    let pattern = if version == 0 { [0, 0] } else { [pattern >> 4, pattern & 0xf] };
    let (protected, iv_size) = (reader.u8()?, reader.u8()?);
    let key_id = *reader.take(16)?.first_chunk()?;
    let mut constant_iv = None;
    if protected == 1 && iv_size == 0 {
        let size = usize::from(reader.u8()?);
        reader.take(size)?;
        constant_iv = Some(size);
    }
    Some(TrackEncryption { version, pattern, protected, iv_size, key_id, constant_iv })
}

fn judge(scheme: [u8; 4], tenc: &TrackEncryption, audio: bool, faults: &mut Faults) {
    let TrackEncryption { version, pattern: [crypt, skip], protected, iv_size, constant_iv, .. } = tenc;
    if *protected > 1 {
        faults.add(&rule::TENC, format!("tenc has isProtected {protected}"));
    }
    if !matches!(iv_size, 0 | 8 | 16) {
        faults.add(&rule::TENC, format!("tenc has an IV of {iv_size} bytes in each sample"));
    }
    if let Some(size) = constant_iv.filter(|size| !matches!(size, 8 | 16)) {
        faults.add(&rule::TENC, format!("tenc has a constant IV of {size} bytes"));
    }
    if &scheme == b"cbcs" && *protected == 1 && *iv_size != 0 {
        faults.add(&rule::TENC, "cbcs with an IV in each sample, where a constant one belongs");
    }
    let patterned = matches!(&scheme, b"cens" | b"cbcs");
    if !patterned && (*crypt, *skip) != (0, 0) {
        faults.add(&rule::TENC, format!("a pattern of {crypt}:{skip}, which this scheme has not"));
    }
    if &scheme == b"cbcs" && *version == 0 {
        faults.add(&rule::WHOLE_BLOCKS, "tenc is of version 0: Safari plays no sound then");
    }
    if audio && &scheme == b"cbcs" && (*crypt, *skip) != (0, 0) {
        faults.add(&rule::WHOLE_BLOCKS, format!("sound has a pattern of {crypt}:{skip}"));
    }
}

/// Judges a `pssh` box (ISO/IEC 23001-7 §8.1): version, key ids and data fill it.
pub(super) fn pssh(found: &Mp4Box<'_>, faults: &mut Faults) {
    let whole = || {
        let mut reader = ByteReader(found.body);
        let (version, _) = reader.full()?;
        reader.take(16)?;
        if version > 0 {
            let ids = usize::try_from(reader.u32()?).ok()?.checked_mul(16)?;
            reader.take(ids)?;
        }
        let size = usize::try_from(reader.u32()?).ok()?;
        reader.take(size)?;
        (reader.0.is_empty() && version <= 1).then_some(())
    };
    if whole().is_none() {
        faults.add(&rule::PSSH, format!("the pssh at byte {} is of another version or size", found.at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boxes::Boxes;

    fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        [&(content.len() as u32 + 8).to_be_bytes(), kind.as_slice(), content].concat()
    }

    /// `tenc` of cbcs for sound, with these fields of it changed.
    fn tenc(changes: &[(usize, u8)]) -> Vec<u8> {
        let mut tenc = vec![1, 0, 0, 0, 0, 0, 1, 0];
        tenc.extend([7; 16]);
        tenc.push(16);
        tenc.extend([9; 16]);
        changes.iter().for_each(|(at, value)| tenc[*at] = *value);
        tenc
    }

    fn faults_of(parts: &[Vec<u8>], scheme_and_tenc: bool) -> Vec<&'static str> {
        let sinf = boxed(b"sinf", &parts.concat());
        let entry = boxed(b"enca", if scheme_and_tenc { &sinf } else { &[] });
        let mut faults = Faults::default();
        let entry = Boxes::new(&entry).flatten().next().unwrap();
        let children: Vec<_> = entry.children(0).flatten().collect();
        read(&entry, &children, true, &mut faults);
        faults.0.into_iter().map(|(rule, _)| rule.id).collect()
    }

    #[test]
    fn each_part_of_sinf_is_missed_and_judged() {
        let frma = boxed(b"frma", b"mp4a");
        let schm = |scheme: &[u8; 4]| boxed(b"schm", &[&[0; 4], scheme.as_slice(), &[0, 1, 0, 0]].concat());
        let schi = |tenc: &[u8]| boxed(b"schi", &boxed(b"tenc", tenc));
        let of = |parts: &[Vec<u8>]| faults_of(parts, true);
        assert_eq!(of(&[frma.clone(), schm(b"cbcs"), schi(&tenc(&[]))]), [""; 0]);
        assert_eq!(faults_of(&[], false), [rule::SINF.id]);
        assert_eq!(of(&[schm(b"cbcs"), schi(&tenc(&[]))]), [rule::SINF.id]);
        assert_eq!(of(&[frma.clone(), schi(&tenc(&[]))]), [rule::SINF.id]);
        assert_eq!(of(&[frma.clone(), schm(b"cbcs")]), [rule::SINF.id]);
        // FairPlay of old files, which has boxes of its own
        assert_eq!(of(&[frma.clone(), schm(b"itun")]), [""; 0]);
        for (changes, found) in [
            (&[(6, 2)][..], rule::TENC.id),
            (&[(7, 3)], rule::TENC.id),
            (&[(7, 8)], rule::TENC.id),
            (&[(24, 12)], rule::TENC.id),
            (&[(24, 17)], rule::TENC.id),
            (&[(0, 0)], rule::WHOLE_BLOCKS.id),
            (&[(5, 0x19)], rule::WHOLE_BLOCKS.id),
        ] {
            assert_eq!(of(&[frma.clone(), schm(b"cbcs"), schi(&tenc(changes))])[..1], [found], "{changes:?}");
        }
        assert_eq!(of(&[frma, schm(b"cenc"), schi(&tenc(&[(5, 0x19)]))]), [rule::TENC.id]);
    }

    #[test]
    fn what_does_not_fill_a_pssh_is_told() {
        let whole = [&[0, 0, 0, 0], [1; 16].as_slice(), &[0, 0, 0, 2, 5, 5]].concat();
        let ids = [&[1, 0, 0, 0], [1; 16].as_slice(), &[0, 0, 0, 1], &[2; 16], &[0; 4]].concat();
        let faulty = |body: &[u8]| {
            let bytes = boxed(b"pssh", body);
            let mut faults = Faults::default();
            pssh(&Boxes::new(&bytes).flatten().next().unwrap(), &mut faults);
            !faults.0.is_empty()
        };
        assert!(!faulty(&whole) && !faulty(&ids));
        for broken in [&whole[..25], &ids[..30], &[&whole[..], &[0]].concat(), &[&[2], &whole[1..]].concat()]
        {
            assert!(faulty(broken), "{broken:?}");
        }
    }
}
