//! One resource's bytes, as compact facts: what is kept of a segment is a few numbers, whatever its size.

use super::{
    audio::Adts,
    boxes::Boxes,
    faults::{BOXES, Faults},
    fragment::{self, Fragment},
    init::{self, Init},
    rule::{self, Rule},
    transport::{self, Transport},
    vtt::{self, Vtt},
};

/// What was seen in a resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Inspected {
    /// Its size.
    pub(super) bytes: u64,
    pub(super) facts: Facts,
    pub(super) faults: Vec<(&'static Rule, String)>,
}

/// What a resource is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Facts {
    /// An initialization section of fMP4.
    Init(Init),
    /// An fMP4 segment.
    Fragments(Vec<Fragment>),
    Transport(Transport),
    /// AAC in ADTS, with the timestamp of its ID3 tag.
    Packed {
        adts: Adts,
        timestamp: bool,
    },
    Vtt(Vtt),
    /// FLAC outside of fMP4.
    Flac,
    /// Something else, or hidden.
    Opaque,
}

impl Inspected {
    /// Looks into a resource. What it is follows from its bytes alone.
    pub fn of(bytes: &[u8]) -> Self {
        let mut faults = Faults::default();
        let facts = facts(bytes, &mut faults);
        Self { bytes: bytes.len() as u64, facts, faults: faults.0 }
    }

    /// A resource that is encrypted as a whole.
    pub fn hidden(bytes: u64) -> Self {
        Self { bytes, facts: Facts::Opaque, faults: Vec::new() }
    }
}

fn facts(bytes: &[u8], faults: &mut Faults) -> Facts {
    if vtt::is_vtt(bytes) {
        return Facts::Vtt(vtt::read(bytes, faults));
    }
    if bytes.first() == Some(&0x47) && bytes.get(188).is_none_or(|next| *next == 0x47) {
        return Facts::Transport(transport::read(bytes, faults));
    }
    if bytes.starts_with(b"fLaC") {
        return Facts::Flac;
    }
    let (audio, timestamp) = id3(bytes);
    if Adts::begins(audio) {
        let adts = Adts::read(audio);
        if adts.lost > 0 {
            faults.add(&rule::STREAM, format!("{} bytes are no ADTS frame", adts.lost));
        }
        return Facts::Packed { adts, timestamp };
    }
    if !bytes.get(4..8).is_some_and(is_mp4) {
        return Facts::Opaque;
    }
    let mut movie = None;
    let mut ftyp = None;
    for found in Boxes::new(bytes).take(BOXES).flatten() {
        match &found.kind {
            b"ftyp" => ftyp = Some(found),
            b"moov" => movie = Some(found),
            b"moof" => break,
            _ => {}
        }
    }
    match movie {
        Some(moov) => {
            let boxes = faults.boxes(Boxes::new(bytes));
            if boxes.iter().any(|found| &found.kind == b"moof") {
                faults.add(&rule::INIT_SAMPLES, "moof follows moov");
            }
            Facts::Init(init::read(ftyp.as_ref(), &moov, faults))
        }
        None if ftyp.is_some() && !holds_moof(bytes) => {
            faults.boxes(Boxes::new(bytes));
            faults.add(&rule::INIT, "there is no moov");
            Facts::Init(Init::default())
        }
        None => Facts::Fragments(fragment::read(bytes, faults)),
    }
}

fn holds_moof(bytes: &[u8]) -> bool {
    Boxes::new(bytes).take(BOXES).flatten().any(|found| &found.kind == b"moof")
}

fn is_mp4(kind: &[u8]) -> bool {
    matches!(
        kind,
        b"ftyp"
            | b"styp"
            | b"moov"
            | b"moof"
            | b"mdat"
            | b"sidx"
            | b"free"
            | b"skip"
            | b"emsg"
            | b"prft"
            | b"uuid"
    )
}

/// The bytes after ID3 tags, and whether one of those has the timestamp of packed audio (RFC 8216 §3.4).
fn id3(bytes: &[u8]) -> (&[u8], bool) {
    let (mut rest, mut timestamp) = (bytes, false);
    while let Some(&[b'I', b'D', b'3', _, _, _, a, b, c, d]) = rest.first_chunk::<10>() {
        let size = [a, b, c, d].iter().fold(0, |size, byte| size << 7 | usize::from(byte & 0x7f));
        let Some((tag, after)) = rest.split_at_checked(10 + size) else { break };
        const OWNER: &[u8] = b"com.apple.streaming.transportStreamTimestamp\0";
        timestamp |= tag.windows(OWNER.len()).any(|window| window == OWNER);
        rest = after;
    }
    (rest, timestamp)
}
