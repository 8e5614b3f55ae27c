//! What the streams of an Ogg file hold, by their first packets (RFC 3533 §4: each has a page of its own, before all
//! others).

use super::codecs::refused;

/// Streams, at most, that are looked at.
const STREAMS: usize = 64;

/// How a first packet begins: what the stream holds, and whether that is sound.
const CODECS: [(&[u8], &str, bool); 17] = [
    (b"Speex   ", "Speex", true),
    (b"CELT    ", "CELT", true),
    (b"PCM     ", "OggPCM", true),
    (b"\x01audio", "audio of OGM (MP3, AC-3 or AAC in Ogg)", true),
    (b"fLaC", "FLAC as it was put into Ogg before 2004", true),
    (b"\x01AMR", "AMR", true),
    (b"OggMIDI\0", "MIDI", true),
    (b"\x80theora", "pictures (Theora)", false),
    (b"BBCD\0", "pictures (Dirac)", false),
    (b"OVP80", "pictures (VP8)", false),
    (b"\x81daala", "pictures (Daala)", false),
    (b"\x01video", "pictures (OGM)", false),
    (b"\x8bJNG\0", "pictures (JNG)", false),
    (b"\x80kate", "lyrics (Kate)", false),
    (b"CMML\0", "captions (CMML)", false),
    (b"\x01text", "captions (OGM)", false),
    (b"fishead\0", "an index (Skeleton)", false),
];

/// Why an Ogg file that begins with `head` is refused: what its streams hold, where none is decoded.
pub fn refusal(head: &[u8]) -> Option<String> {
    let first: Vec<&[u8]> = first_packets(head).take(STREAMS).collect();
    let decoded = |packet: &&[u8]| {
        [&b"\x01vorbis"[..], b"OpusHead", b"\x7fFLAC"].iter().any(|id| packet.starts_with(id))
    };
    if first.is_empty() || first.iter().any(decoded) {
        return None;
    }
    let known = |packet: &&[u8]| CODECS.iter().find(|(id, ..)| packet.starts_with(id));
    let found: Vec<_> = first.iter().filter_map(known).collect();
    if let Some((_, name, _)) = found.iter().find(|(.., sound)| *sound) {
        return Some(refused("Ogg", name));
    }
    match found.iter().find(|(id, ..)| *id != b"fishead\0").or(found.first()) {
        Some((_, name, _)) => Some(format!("Ogg that holds {name} and no sound; hand in the song itself")),
        None => Some(refused("Ogg", "a codec that is not known")),
    }
}

/// The first packets of all streams.
fn first_packets(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = head;
    std::iter::from_fn(move || {
        let (header, lengths) = rest.split_at_checked(27)?;
        let begins = header.starts_with(b"OggS\0") && header.get(5)? & 2 != 0;
        let (lengths, body) = lengths.split_at_checked((*header.last()?).into())?;
        let length = lengths.iter().map(|&length| usize::from(length)).sum();
        let body = if begins { body.get(..length).unwrap_or(body) } else { return None };
        rest = rest.get(27 + lengths.len() + body.len()..)?;
        Some(body)
    })
}
