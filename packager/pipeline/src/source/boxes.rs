//! Boxes of the ISO base media file format (ISO/IEC 14496-12 §4.2).

use std::io::{self, Read, Seek};

use super::container::at;

/// Boxes inside another, at most.
const BOXES: usize = 4096;

/// Where a box's body begins and ends.
pub type BoxBody = (u64, u64);

/// A box: its type and its body.
pub type BoxEntry = ([u8; 4], BoxBody);

/// The box at `offset` of what ends at `end`; `None` where there is none. It may reach beyond `end`: the caller
/// judges that.
pub fn next(input: &mut (impl Read + Seek), offset: u64, end: u64) -> io::Result<Option<BoxEntry>> {
    let head = at(input, offset, 16)?;
    let (Some(size), Some(&kind)) = (big(&head, 0, 4), head.get(4..8).and_then(|kind| kind.first_chunk()))
    else {
        return Ok(None);
    };
    let (header, size) = match size {
        0 => (8, end.saturating_sub(offset)),
        1 => (16, big(&head, 8, 8).unwrap_or(0)),
        size => (8, size),
    };
    let whole = size >= header;
    Ok(offset.checked_add(size).filter(|_| whole).map(|next| (kind, (offset + header, next))))
}

/// The boxes in `within`: their types and bodies.
pub fn boxes(input: &mut (impl Read + Seek), within: BoxBody) -> io::Result<Vec<BoxEntry>> {
    let (mut offset, end) = within;
    let mut boxes = Vec::new();
    while offset < end && boxes.len() < BOXES {
        let Some((kind, body)) = next(input, offset, end)?.filter(|&(_, (_, next))| next <= end) else {
            break;
        };
        boxes.push((kind, body));
        offset = body.1;
    }
    Ok(boxes)
}

/// The first box of a type in `within`.
pub fn child(input: &mut (impl Read + Seek), within: BoxBody, kind: &[u8; 4]) -> io::Result<Option<BoxBody>> {
    Ok(boxes(input, within)?.into_iter().find(|(found, _)| found == kind).map(|(_, body)| body))
}

/// The first box at the end of a path of types.
pub fn find(
    input: &mut (impl Read + Seek),
    within: BoxBody,
    path: &[&[u8; 4]],
) -> io::Result<Option<BoxBody>> {
    let mut within = within;
    for kind in path {
        let Some(body) = child(input, within, kind)? else { return Ok(None) };
        within = body;
    }
    Ok(Some(within))
}

/// The bytes of a body, `most` of them at most.
pub fn bytes(input: &mut (impl Read + Seek), body: BoxBody, most: usize) -> io::Result<Vec<u8>> {
    let length = usize::try_from(body.1.saturating_sub(body.0)).unwrap_or(usize::MAX);
    at(input, body.0, length.min(most))
}

/// A big-endian number of `count` bytes at `from`.
pub fn big(bytes: &[u8], from: usize, count: usize) -> Option<u64> {
    let bytes = bytes.get(from..from.checked_add(count)?)?;
    Some(bytes.iter().fold(0, |number, &byte| number << 8 | u64::from(byte)))
}
