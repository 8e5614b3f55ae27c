//! Chunks: what lies behind the audio of a WAVE or an AIFF file, and what an AIFF file states of its length.

use std::io::{self, Read, Seek, SeekFrom};

use super::{boxes::big, container::at, error::Refusal, lengths::Stated, tail};

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
        let second = [&b"RIFF"[..], b"RF64", b"BW64", b"FORM"].iter().any(|name| head.starts_with(name));
        if second && [b"WAVE", b"AIFF", b"AIFC"].iter().any(|form| head.get(8..12) == Some(&form[..])) {
            let reason = "a second file begins there, as where two were joined".to_owned();
            return Err(Refusal::Broken { offset: place, reason });
        }
        match tail::ahead(&head) {
            _ if place >= length => return Ok(Vec::new()),
            Some(Some(tag)) => {
                place = place.saturating_add(tag);
                continue;
            }
            Some(None) => return Ok(Vec::new()),
            None => (),
        }
        if head.starts_with(if little { b"data" } else { b"SSND" }) {
            let reason = "a second chunk of audio begins there: a song is one".to_owned();
            return Err(Refusal::Broken { offset: place, reason });
        }
        let size = head.get(4..8).and_then(|size| size.first_chunk()).map(|&size| match little {
            true => u32::from_le_bytes(size),
            false => u32::from_be_bytes(size),
        });
        let named = head.get(..4).is_some_and(|name| name.iter().all(|byte| (b' '..=b'~').contains(byte)));
        let end = size.map(|size| place + 8 + u64::from(size)).filter(|&end| named && end <= length);
        let Some(end) = end else { break };
        place = end + (end & 1);
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

/// What an AIFF file that begins at `offset` states of its length besides the size of its sound chunk, and what the
/// owner should know of what lies behind it.
///
/// # Errors
/// See [`behind`].
pub fn aiff(input: &mut (impl Read + Seek), offset: u64) -> Result<(Vec<Stated>, Vec<String>), Refusal> {
    let length = input.seek(SeekFrom::End(0))?;
    let (mut place, mut statements, mut notices) = (offset + 12, Vec::new(), Vec::new());
    for _ in 0..CHUNKS {
        let head = at(input, place, 8 + 6)?;
        let (Some(name), Some(size)) = (head.get(..4), big(&head, 4, 4)) else { break };
        let end = place + 8 + size;
        match name {
            // channels in two bytes, then samples
            b"COMM" => {
                let by = "its common chunk (COMM)";
                statements.extend(big(&head, 8 + 2, 4).map(|samples| Stated { by, samples, slack: 0 }));
            }
            b"SSND" if end < length => notices.extend(behind(input, end + (end & 1), length, false)?),
            _ => (),
        }
        place = end + (end & 1);
    }
    Ok((statements, notices))
}
