//! A media initialization section, as facts (RFC 8216 §3.3).

use super::{
    audio::AudioConfig,
    boxes::{ByteReader, Mp4Box},
    faults::{BOXES, Faults},
    protection::{self, Protection},
    rule,
};

/// More tracks are not read.
const TRACKS: usize = 32;

/// What an initialization section says.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Init {
    pub tracks: Vec<InitTrack>,
    /// Whether it claims to be CMAF.
    pub cmaf: bool,
    /// What `trex` says of each track.
    pub defaults: Vec<TrackDefaults>,
}

/// `trex`: what samples of a track are where they do not say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TrackDefaults {
    track: u32,
    entry: u32,
    duration: u32,
    size: u32,
}

/// A track.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct InitTrack {
    pub id: u32,
    pub timescale: u32,
    pub audio: bool,
    /// As RFC 6381 writes it, as far as this validator knows: a four-character code, for AAC all of it.
    pub codec: String,
    /// Of the sample entry.
    pub rate: u32,
    pub channels: u16,
    pub config: Option<AudioConfig>,
    /// Its sample entries, and what is said of the encryption of those that are encrypted.
    pub entries: Vec<Option<Protection>>,
    pub loudness: bool,
}

impl InitTrack {
    /// Whether samples of it may be encrypted.
    pub fn encrypted(&self) -> bool {
        self.entries.iter().any(Option::is_some)
    }
}

impl Init {
    /// Duration and size of the samples of a track that state none.
    pub fn defaults(&self, track: u32) -> Option<(u32, u32)> {
        self.trex(track).map(|trex| (trex.duration, trex.size))
    }

    /// The sample entry, counted from 1, of fragments that state none.
    pub fn default_entry(&self, track: u32) -> Option<u32> {
        self.trex(track).map(|trex| trex.entry)
    }

    fn trex(&self, track: u32) -> Option<&TrackDefaults> {
        self.defaults.iter().find(|trex| trex.track == track)
    }

    pub fn track(&self, id: u32) -> Option<&InitTrack> {
        self.tracks.iter().find(|track| track.id == id)
    }
}

/// Reads `moov`, and `ftyp` if there is one.
pub(super) fn read(ftyp: Option<&Mp4Box<'_>>, moov: &Mp4Box<'_>, faults: &mut Faults) -> Init {
    let mut init = Init { cmaf: ftyp.is_some_and(is_cmaf), ..Init::default() };
    if ftyp.is_none() {
        faults.add(&rule::INIT, "there is no ftyp");
    }
    let mut extends = false;
    for child in faults.boxes(moov.children(0)) {
        match &child.kind {
            b"trak" if init.tracks.len() < TRACKS => init.tracks.push(track(&child, faults)),
            b"pssh" => protection::pssh(&child, faults),
            b"mvex" => {
                extends = true;
                let trex = child.children(0).flatten().filter(|b| &b.kind == b"trex").take(TRACKS);
                init.defaults.extend(trex.filter_map(|b| trex_fields(b.body)));
            }
            _ => {}
        }
    }
    if init.tracks.is_empty() {
        faults.add(&rule::INIT, "there is no track");
    }
    if !extends {
        faults.add(&rule::INIT, "there is no mvex");
    }
    for track in init.tracks.iter().filter(|track| extends && init.defaults(track.id).is_none()) {
        faults.add(&rule::INIT, format!("track {} has no trex", track.id));
    }
    init
}

fn is_cmaf(ftyp: &Mp4Box<'_>) -> bool {
    let brands = ftyp.body.chunks_exact(4).enumerate().filter(|(index, _)| *index != 1);
    brands.into_iter().any(|(_, brand)| matches!(brand, b"cmfc" | b"cmf2"))
}

fn trex_fields(body: &[u8]) -> Option<TrackDefaults> {
    let mut reader = ByteReader(body);
    reader.full()?;
    let [track, entry, duration, size] = [reader.u32()?, reader.u32()?, reader.u32()?, reader.u32()?];
    Some(TrackDefaults { track, entry, duration, size })
}

/// The field after version, flags and two times, which are of 32 or 64 bits.
fn after_times(body: &[u8]) -> Option<u32> {
    let mut reader = ByteReader(body);
    let (version, _) = reader.full()?;
    reader.take(if version == 1 { 16 } else { 8 })?;
    reader.u32()
}

fn track(trak: &Mp4Box<'_>, faults: &mut Faults) -> InitTrack {
    let mut track = InitTrack::default();
    for child in faults.boxes(trak.children(0)) {
        match &child.kind {
            b"tkhd" => track.id = after_times(child.body).unwrap_or(0),
            b"mdia" => media(&child, &mut track, faults),
            b"udta" => track.loudness = child.child(b"ludt").is_some_and(|b| !b.body.is_empty()),
            b"edts" => faults.add(&rule::EDIT_LIST, "the track has an edit list"),
            _ => {}
        }
    }
    track
}

fn media(mdia: &Mp4Box<'_>, track: &mut InitTrack, faults: &mut Faults) {
    for child in faults.boxes(mdia.children(0)) {
        match &child.kind {
            b"mdhd" => track.timescale = after_times(child.body).unwrap_or(0),
            b"hdlr" => track.audio = child.body.get(8..12) == Some(b"soun"),
            b"minf" => {
                let Some(stbl) = child.child(b"stbl") else {
                    faults.add(&rule::INIT, "a track has no sample table");
                    continue;
                };
                for child in faults.boxes(stbl.children(0)) {
                    match &child.kind {
                        b"stsd" => entry(&child, track, faults),
                        b"stts" | b"stsc" | b"stco" | b"co64" if count(child.body, 4) != Some(0) => {
                            faults.add(&rule::INIT_SAMPLES, format!("{} has entries", child.name()));
                        }
                        b"stsz" if count(child.body, 8) != Some(0) => {
                            faults.add(&rule::INIT_SAMPLES, "stsz has entries");
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    if track.timescale == 0 {
        faults.add(&rule::INIT, "a track has no timescale");
    }
}

fn count(body: &[u8], at: usize) -> Option<u32> {
    ByteReader(body.get(at..)?).u32()
}

/// The first sample entry, and which of all are encrypted (ISO/IEC 14496-12 §8.5.2, §12.2.3).
fn entry(stsd: &Mp4Box<'_>, track: &mut InitTrack, faults: &mut Faults) {
    let entries = faults.boxes(stsd.children(8));
    let Some(entry) = entries.first() else {
        faults.add(&rule::INIT, "a track has no sample entry");
        return;
    };
    track.entries = entries.iter().map(|entry| encryption(entry, track.audio, faults)).collect();
    let hidden = track.entries.first().copied().flatten();
    let format = hidden.and_then(|protection| protection.format);
    track.codec = format.map_or_else(|| entry.name(), |kind| Mp4Box { kind, ..*entry }.name());
    if !track.audio {
        return;
    }
    let mut reader = ByteReader(entry.body);
    let fields = reader.take(8).and_then(|_| {
        let version = reader.u16()?;
        reader.take(6)?;
        let channels = reader.u16()?;
        reader.take(6)?;
        // 16.16 fixed point
        Some((version, channels, reader.u32()? >> 16))
    });
    let Some((version, channels, rate)) = fields else {
        faults.add(&rule::BOXES, format!("the sample entry {} is cut off", entry.name()));
        return;
    };
    (track.channels, track.rate) = (channels, rate);
    for child in faults.boxes(entry.children(fields_of_audio(version))) {
        match &child.kind {
            b"esds" => match descriptor(child.body) {
                Some((object, config)) => {
                    track.config = AudioConfig::read(config);
                    // under encryption without a frma, nobody knows
                    let base = if hidden.is_some() && format.is_none() { "enca" } else { "mp4a" };
                    track.codec = match (object, track.config) {
                        (0x40, Some(config)) => format!("{base}.40.{}", config.object_type),
                        _ => format!("{base}.{object:02x}"),
                    };
                }
                None => faults.add(&rule::BOXES, "esds cannot be read"),
            },
            // without atoms of its own, FLAC states its rate in STREAMINFO: 20 bits, then 3 of channels
            b"dfLa" => {
                if let Some(info) = child.body.get(18..22).and_then(|b| ByteReader(b).u32()) {
                    track.rate = info >> 12;
                    track.channels = (info >> 9 & 7) as u16 + 1;
                }
            }
            _ => {}
        }
    }
}

/// What is said of the encryption of a sample entry that is encrypted.
fn encryption(entry: &Mp4Box<'_>, audio: bool, faults: &mut Faults) -> Option<Protection> {
    let own = match &entry.kind {
        b"enca" => fields_of_audio(ByteReader(entry.body.get(8..)?).u16()?),
        // VisualSampleEntry (ISO/IEC 14496-12 §12.1.3)
        b"encv" => 78,
        b"enct" => 8,
        _ => return None,
    };
    // what breaks off is told where the entry is read
    let children: Vec<_> = entry.children(own).flatten().take(BOXES).collect();
    Some(protection::read(entry, &children, audio, faults))
}

/// Bytes of an audio sample entry before its boxes: QuickTime's versions of it are longer.
fn fields_of_audio(version: u16) -> usize {
    if version == 1 { 44 } else { 28 }
}

/// The object type and the decoder's configuration in `esds` (ISO/IEC 14496-1 §7.2.6).
fn descriptor(body: &[u8]) -> Option<(u8, &[u8])> {
    let mut reader = ByteReader(body);
    reader.full()?;
    // ES_Descriptor
    let mut reader = ByteReader(tagged(&mut reader, 3)?);
    reader.u16()?;
    let flags = reader.u8()?;
    if flags & 0x80 != 0 {
        reader.u16()?;
    }
    if flags & 0x40 != 0 {
        let length = reader.u8()?;
        reader.take(length.into())?;
    }
    if flags & 0x20 != 0 {
        reader.u16()?;
    }
    // DecoderConfigDescriptor
    let mut reader = ByteReader(tagged(&mut reader, 4)?);
    let object = reader.u8()?;
    reader.take(12)?;
    // DecoderSpecificInfo
    Some((object, tagged(&mut reader, 5).unwrap_or_default()))
}

/// The body of the next descriptor, if it has this tag. Lengths are of up to four bytes.
fn tagged<'a>(reader: &mut ByteReader<'a>, tag: u8) -> Option<&'a [u8]> {
    (reader.u8()? == tag).then_some(())?;
    let mut length = 0;
    for _ in 0..4 {
        let byte = reader.u8()?;
        length = length << 7 | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            break;
        }
    }
    reader.take(length)
}
