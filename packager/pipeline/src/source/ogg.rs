//! Where an Ogg stream begins and ends by its pages.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
};

use symphonia::core::packet::Packet;

/// The largest Ogg page (RFC 3533 §6): header, 255 lacing values, 255 segments of 255 bytes.
const OGG_PAGE: u64 = 27 + 255 + 255 * 255;

/// The sample at which a stream begins whose first packet gave `frame` samples: 0, unless it was captured midway. What
/// a packet would have given behind the one that is missing does not count.
pub fn start(first: &Packet, frame: u64) -> u64 {
    let whole = first.trim_start.get().saturating_add(first.dur.get());
    let end = first.pts.get().saturating_add_unsigned(whole);
    u64::try_from(end).unwrap_or(0).saturating_sub(frame)
}

/// Whether the last Ogg page in `file` carries the end-of-stream flag (RFC 3533 §6).
pub fn is_closed(file: &mut File) -> std::io::Result<bool> {
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(2 * OGG_PAGE)))?;
    let mut tail = Vec::new();
    file.by_ref().take(2 * OGG_PAGE).read_to_end(&mut tail)?;
    file.rewind()?;
    Ok(tail
        .windows(6)
        .rev()
        .find_map(|window| match window {
            [b'O', b'g', b'g', b'S', 0, flags] => Some(flags & 4 != 0),
            _ => None,
        })
        .unwrap_or(false))
}
