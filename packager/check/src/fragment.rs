//! An fMP4 segment, as facts: a few numbers for each track fragment (ISO/IEC 14496-12 §8.8).

use super::{
    boxes::{Boxes, ByteReader, Mp4Box},
    faults::Faults,
    rule,
};

/// Movie fragments of a segment, and track fragments of one; more are not read.
const FRAGMENTS: usize = 4096;
const TRACK_FRAGMENTS: usize = 32;

/// A track fragment. What its samples leave to `trex` is known only beside the initialization section.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Fragment {
    pub track: u32,
    /// Which movie fragment of the segment it is in.
    pub movie: u32,
    /// `tfdt`.
    pub start: Option<u64>,
    /// The durations stated, summed.
    pub duration: u64,
    /// Samples that state none.
    pub untimed: u64,
    /// The sizes stated, summed.
    pub bytes: u64,
    /// Samples that state none.
    pub unsized_samples: u64,
    /// Bytes of mdat from where the first run's data begins; `None` where it begins outside of it.
    pub room: Option<u64>,
    /// The sample entry its samples are of, counted from 1, where it states one.
    pub entry: Option<u32>,
    /// Whether a group of samples has an encryption of its own.
    pub grouped: bool,
    /// Bytes of the mdat after this movie fragment.
    pub mdat: u64,
}

impl Fragment {
    /// Its duration, with the default of `trex`.
    pub fn lasts(&self, default: u32) -> u64 {
        self.duration.saturating_add(self.untimed.saturating_mul(default.into()))
    }

    /// The size of its samples, with the default of `trex`.
    pub fn holds(&self, default: u32) -> u64 {
        self.bytes.saturating_add(self.unsized_samples.saturating_mul(default.into()))
    }
}

/// Reads the boxes of a segment.
pub(super) fn read(bytes: &[u8], faults: &mut Faults) -> Vec<Fragment> {
    let boxes = faults.boxes(Boxes::new(bytes));
    let mut fragments = Vec::new();
    let mut movies = 0;
    for (index, found) in boxes.iter().enumerate() {
        match &found.kind {
            b"moof" if movies as usize >= FRAGMENTS => {
                faults.add(&rule::LIMIT, format!("movie fragments after {FRAGMENTS} are not read"));
                return fragments;
            }
            b"moof" => {
                let after = boxes.iter().skip(index + 1).find(|b| matches!(&b.kind, b"mdat" | b"moof"));
                let mdat = after.filter(|b| &b.kind == b"mdat");
                if mdat.is_none() {
                    faults.add(&rule::FRAGMENT, format!("no mdat follows the moof at byte {}", found.at));
                }
                movie(found, movies, mdat, &mut fragments, faults);
                movies += 1;
            }
            b"styp" if !is_segment(found.body) => {
                faults.add(&rule::STYP, "styp names no brand of segments");
            }
            _ => {}
        }
    }
    if movies == 0 {
        faults.add(&rule::FRAGMENT, "there is no moof");
    }
    fragments
}

fn is_segment(styp: &[u8]) -> bool {
    styp.chunks_exact(4)
        .any(|brand| matches!(brand, b"msdh" | b"msix" | b"cmfs" | b"cmff" | b"cmfl" | b"cmfc" | b"cmf2"))
}

fn movie(
    moof: &Mp4Box<'_>,
    movie: u32,
    mdat: Option<&Mp4Box<'_>>,
    out: &mut Vec<Fragment>,
    faults: &mut Faults,
) {
    let children = faults.boxes(moof.children(0));
    let trafs: Vec<_> = children.iter().filter(|b| &b.kind == b"traf").take(TRACK_FRAGMENTS).collect();
    if trafs.is_empty() {
        faults.add(&rule::FRAGMENT, format!("the moof at byte {} has no traf", moof.at));
    }
    for (index, traf) in trafs.iter().enumerate() {
        let mut fragment = Fragment { movie, ..Fragment::default() };
        fragment.mdat = mdat.map_or(0, |b| b.body.len() as u64);
        let children = faults.boxes(traf.children(0));
        let header = children.iter().find(|b| &b.kind == b"tfhd").and_then(|b| header(b.body));
        let Some(header) = header else {
            faults.add(&rule::FRAGMENT, format!("the traf at byte {} has no tfhd", traf.at));
            continue;
        };
        if header.absolute {
            faults.add(
                &rule::RELATIVE,
                format!("the tfhd in the traf at byte {} has a base data offset", traf.at),
            );
        } else if !header.base_is_moof {
            let message = format!("the tfhd in the traf at byte {} does not", traf.at);
            faults.add(&rule::BASE_IS_MOOF, message);
        }
        fragment.track = header.track;
        fragment.entry = header.entry;
        fragment.grouped = children.iter().any(|b| &b.kind == b"sbgp" && b.body.get(4..8) == Some(b"seig"));
        fragment.start = children.iter().find(|b| &b.kind == b"tfdt").and_then(|b| decode_time(b.body));
        if fragment.start.is_none() {
            faults.add(&rule::FRAGMENT, format!("the traf at byte {} has no tfdt", traf.at));
        }
        let mut offset = None;
        for (number, trun) in children.iter().filter(|b| &b.kind == b"trun").enumerate() {
            match run(trun.body, &header, &mut fragment) {
                Some(first) if number == 0 => offset = first,
                Some(_) => {}
                None => faults.add(&rule::BOXES, format!("the trun at byte {} is cut off", trun.at)),
            }
        }
        // without an offset, the first track's data begins where mdat's does
        let relative = header.base_is_moof || index == 0;
        fragment.room = match (mdat, offset) {
            _ if header.absolute || !relative => Some(fragment.mdat),
            (Some(mdat), Some(offset)) => {
                let begins = (moof.at as i64).checked_add(offset.into());
                let within = |begins: i64| (mdat.body_at as i64..=mdat.end() as i64).contains(&begins);
                begins.filter(|begins| within(*begins)).map(|begins| (mdat.end() as i64 - begins) as u64)
            }
            _ => Some(fragment.mdat),
        };
        out.push(fragment);
    }
}

struct Header {
    track: u32,
    entry: Option<u32>,
    absolute: bool,
    base_is_moof: bool,
    duration: Option<u32>,
    size: Option<u32>,
}

fn header(body: &[u8]) -> Option<Header> {
    let mut reader = ByteReader(body);
    let (_, flags) = reader.full()?;
    let track = reader.u32()?;
    let absolute = flags & 1 != 0;
    if absolute {
        reader.u64()?;
    }
    let entry = if flags & 2 != 0 { Some(reader.u32()?) } else { None };
    let duration = if flags & 8 != 0 { Some(reader.u32()?) } else { None };
    let size = if flags & 0x10 != 0 { Some(reader.u32()?) } else { None };
    Some(Header { track, entry, absolute, base_is_moof: flags & 0x02_0000 != 0, duration, size })
}

fn decode_time(body: &[u8]) -> Option<u64> {
    let mut reader = ByteReader(body);
    match reader.full()? {
        (1, _) => reader.u64(),
        _ => Some(reader.u32()?.into()),
    }
}

/// Adds the samples of a run; its data offset, if it states one. `None` where it is cut off.
fn run(body: &[u8], header: &Header, fragment: &mut Fragment) -> Option<Option<i32>> {
    let mut reader = ByteReader(body);
    let (_, flags) = reader.full()?;
    let samples = reader.u32()?;
    let offset = if flags & 1 != 0 { Some(reader.u32()? as i32) } else { None };
    if flags & 4 != 0 {
        reader.u32()?;
    }
    let fields = [0x100, 0x200, 0x400, 0x800].map(|flag| flags & flag != 0);
    let [timed, sized, ..] = fields;
    let width = 4 * fields.iter().filter(|field| **field).count();
    let whole = usize::try_from(samples).ok().and_then(|samples| samples.checked_mul(width));
    let mut reader = ByteReader(reader.take(whole?)?);
    let count = u64::from(samples);
    match (timed, header.duration) {
        (false, Some(each)) => fragment.duration = fragment.duration.saturating_add(count * u64::from(each)),
        (false, None) => fragment.untimed = fragment.untimed.saturating_add(count),
        (true, _) => {}
    }
    match (sized, header.size) {
        (false, Some(each)) => fragment.bytes = fragment.bytes.saturating_add(count * u64::from(each)),
        (false, None) => fragment.unsized_samples = fragment.unsized_samples.saturating_add(count),
        (true, _) => {}
    }
    if timed || sized {
        for _ in 0..samples {
            for (index, present) in fields.iter().enumerate() {
                let value = if *present { u64::from(reader.u32()?) } else { 0 };
                match index {
                    0 => fragment.duration = fragment.duration.saturating_add(value),
                    1 => fragment.bytes = fragment.bytes.saturating_add(value),
                    _ => {}
                }
            }
        }
    }
    Some(offset)
}
