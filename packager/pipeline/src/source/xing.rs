//! The frame of an MP3 file that holds no sound, but what its encoder states of the others: Xing's, with LAME's
//! extension, or VBRI.

use super::boxes::big;

/// What it states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tag {
    /// What people call it.
    pub by: &'static str,
    /// Frames that follow, where it states any; some encoders count the tag's own.
    pub frames: Option<u64>,
    /// Bytes of all frames, its own included, where it states any.
    pub bytes: Option<u64>,
    /// Samples per channel before the sound, the decoder's own delay included, and after it.
    pub delay: u64,
    pub padding: u64,
}

/// Samples per channel that every decoder of layer III is late.
const DECODER: u64 = 528 + 1;

/// Reads the tag in a frame of layer III, header included. `None` for a frame of sound.
pub fn read(frame: &[u8]) -> Option<Tag> {
    let &[_, version, _, channels] = frame.first_chunk()?;
    let mono = channels >> 6 == 3;
    let side = match (version >> 3 & 3 == 3, mono) {
        (true, false) => 32,
        (true, true) | (false, false) => 17,
        (false, true) => 9,
    };
    // a frame with a check sum has it behind its header, and some writers count that in
    let checked = if version & 1 == 0 { 2 } else { 0 };
    let silent =
        |to: usize| frame.get(4 + checked..to).is_some_and(|side| side.iter().all(|&byte| byte == 0));
    for from in [4 + side, 4 + side + checked] {
        if silent(from)
            && frame.get(from..).is_some_and(|tag| tag.starts_with(b"Xing") || tag.starts_with(b"Info"))
        {
            return xing(frame.get(from + 4..)?);
        }
    }
    let vbri = frame.get(4 + 32..)?.strip_prefix(b"VBRI").filter(|_| silent(4 + 32))?;
    let (bytes, frames) = (big(vbri, 6, 4)?, big(vbri, 10, 4)?);
    Some(Tag { by: "the VBRI tag", frames: some(frames), bytes: some(bytes), delay: 0, padding: 0 })
}

/// Reads what follows the name of a Xing tag. One that is cut short states what is there.
fn xing(tag: &[u8]) -> Option<Tag> {
    let flags = big(tag, 0, 4)?;
    let mut at = 4;
    let mut field = |bit: u64, size: usize| {
        let value = (flags >> bit & 1 == 1).then(|| big(tag, at, size.min(4)));
        at += if value.is_some() { size } else { 0 };
        value.flatten().and_then(some)
    };
    let (frames, bytes) = (field(0, 4), field(1, 4));
    // the table of contents and the quality
    field(2, 100);
    field(3, 4);
    let extension = tag.get(at..).unwrap_or_default();
    let known = [&b"LAME"[..], b"L3.", b"Lavf", b"Lavc"].iter().any(|name| extension.starts_with(name));
    let trim = big(extension, 21, 3).filter(|_| known);
    Some(match trim {
        Some(trim) => Tag {
            by: "the LAME tag",
            frames,
            bytes,
            delay: (trim >> 12) + DECODER,
            padding: (trim & 0xfff).saturating_sub(DECODER),
        },
        None => Tag { by: "the Xing tag", frames, bytes, delay: 0, padding: 0 },
    })
}

fn some(number: u64) -> Option<u64> {
    (number > 0 && number < 0xffff_ffff).then_some(number)
}
