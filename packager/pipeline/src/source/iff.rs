//! Chunks: what lies behind the audio of a WAVE or an AIFF file.

use std::io::{self, Read, Seek, SeekFrom};

use super::{container::at, error::Refusal, tail};

/// Chunks, at most.
const CHUNKS: usize = 10_000;

/// Bytes behind the audio that may be anything; more of them may be audio.
const JUNK: u64 = 64 << 10;

/// Judges what lies from `place` on, where the audio of a file of `length` bytes ends by its own account: chunks,
/// tags and zeros are no loss. The notices that the owner should get.
///
/// # Errors
/// Where a second file or a second chunk of audio follows, or so much else that it may be audio.
pub fn behind(
    input: &mut (impl Read + Seek),
    place: u64,
    length: u64,
    little: bool,
) -> Result<Vec<String>, Refusal> {
    let mut place = place;
    for _ in 0..CHUNKS {
        let head = at(input, place, 32)?;
        // behind an odd size a byte of padding may lie
        let padding = (0..2).find(|&padding| head.get(padding..).is_some_and(is_second));
        if let Some(padding) = padding {
            let reason = "a second file begins there, as where two were joined".to_owned();
            return Err(Refusal::Broken { offset: place + padding as u64, reason });
        }
        if place >= length {
            return Ok(Vec::new());
        }
        if head.starts_with(if little { b"data" } else { b"SSND" }) {
            let reason = "a second chunk of audio begins there: a song is one".to_owned();
            return Err(Refusal::Broken { offset: place, reason });
        }
        // a chunk may be called as a tag begins (`ID3 `)
        place = match (chunk_end(&head, place, length, little), tail::ahead(&head)) {
            (Some(end), _) => end,
            (None, Some(Some(tag))) => place.saturating_add(tag),
            (None, Some(None)) => return Ok(Vec::new()),
            (None, None) if head.first() == Some(&0) && place + 1 == length => return Ok(Vec::new()),
            (None, None) if head.first() == Some(&0) && is_chunk(input, place + 1, length, little)? => {
                place + 1
            }
            (None, None) => break,
        };
    }
    let rest = length - place;
    if is_silent(input, place)? {
        return Ok(vec![format!("{rest} zero bytes after the audio are left out")]);
    }
    if rest > JUNK {
        let reason =
            format!("its header says that the audio ends there, and {rest} bytes follow that are no chunks");
        return Err(Refusal::Broken { offset: place, reason });
    }
    Ok(vec![format!("{rest} bytes after the audio are left out")])
}

/// Whether there is nothing but zeros from `place` on.
fn is_silent(input: &mut (impl Read + Seek), place: u64) -> io::Result<bool> {
    input.seek(SeekFrom::Start(place))?;
    let mut block = vec![0; 1 << 16];
    loop {
        match input.read(&mut block)? {
            0 => return Ok(true),
            read if block.iter().take(read).any(|&byte| byte != 0) => return Ok(false),
            _ => (),
        }
    }
}

/// Whether a WAVE or an AIFF file begins there.
fn is_second(head: &[u8]) -> bool {
    let outer = [&b"RIFF"[..], b"RF64", b"BW64", b"FORM"].iter().any(|name| head.starts_with(name));
    outer && [b"WAVE", b"AIFF", b"AIFC"].iter().any(|form| head.get(8..12) == Some(&form[..]))
}

/// Where the chunk ends that `head` begins, at `place` of a file of `length` bytes, its byte of padding left out.
fn chunk_end(head: &[u8], place: u64, length: u64, little: bool) -> Option<u64> {
    let named = head.get(..4)?.iter().all(|byte| (b' '..=b'~').contains(byte));
    let size = *head.get(4..8)?.first_chunk()?;
    let size = if little { u32::from_le_bytes(size) } else { u32::from_be_bytes(size) };
    Some(place + 8 + u64::from(size)).filter(|&end| named && end <= length)
}

/// Whether a chunk begins at `place`.
pub fn is_chunk(input: &mut (impl Read + Seek), place: u64, length: u64, little: bool) -> io::Result<bool> {
    Ok(chunk_end(&at(input, place, 8)?, place, length, little).is_some())
}
