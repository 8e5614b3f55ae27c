//! Which part of an MP4 track is the song: its edit list (ISO/IEC 14496-12 §8.6.6), or iTunes' own tag.

use std::io::{self, Read, Seek, SeekFrom};

use super::container::at;

/// Boxes on one level, at most.
const BOXES: usize = 4096;

/// The part of a track that is to be heard, in samples per channel of its output.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Part {
    /// Samples before it: the encoder's priming.
    pub skip: u64,
    /// Its length, where it is stated.
    pub length: Option<u64>,
}

/// What the boxes say of a track's time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Times {
    /// Ticks per second of the movie, and of the track's media.
    movie_scale: u64,
    media_scale: u64,
    /// The media's length in its ticks; 0 where fragments follow.
    media_length: u64,
    /// Where the song begins, in the media's ticks, and how long it is, in the movie's; 0 for to the end.
    edit: Option<(u64, u64)>,
}

impl Times {
    /// Reads the boxes of the track `id`; `None` where they do not hold together, which the demuxer will say
    /// better.
    ///
    /// # Errors
    /// The outer one where reading fails, the inner one for an edit list that is more than a beginning and an end.
    pub fn read(input: &mut (impl Read + Seek), id: u32) -> io::Result<Result<Option<Self>, String>> {
        let length = input.seek(SeekFrom::End(0))?;
        let Some(moov) = child(input, (0, length), b"moov")? else { return Ok(Ok(None)) };
        let Some(mvhd) = child(input, moov, b"mvhd")? else { return Ok(Ok(None)) };
        let Some((movie_scale, _)) = scale(input, mvhd)? else { return Ok(Ok(None)) };
        for trak in boxes(input, moov)?.into_iter().filter(|(kind, _)| kind == b"trak").map(|(_, body)| body)
        {
            let Some(tkhd) = child(input, trak, b"tkhd")? else { continue };
            let head = at(input, tkhd.0, 24)?;
            let from = if head.first() == Some(&1) { 20 } else { 12 };
            if big(&head, from, 4) != Some(id.into()) {
                continue;
            }
            let Some(mdia) = child(input, trak, b"mdia")? else { return Ok(Ok(None)) };
            let Some(mdhd) = child(input, mdia, b"mdhd")? else { return Ok(Ok(None)) };
            let Some((media_scale, media_length)) = scale(input, mdhd)? else { return Ok(Ok(None)) };
            let edit = match child(input, trak, b"edts")? {
                None => None,
                Some(edts) => match child(input, edts, b"elst")? {
                    None => None,
                    Some(elst) => match edit(&at(input, elst.0, 8 + 20 * 64)?) {
                        Ok(edit) => edit,
                        Err(reason) => return Ok(Err(reason)),
                    },
                },
            };
            return Ok(Ok(Some(Self { movie_scale, media_scale, media_length, edit })));
        }
        Ok(Ok(None))
    }

    /// The song in samples at `rate` hertz. An edit's length is counted in the movie's ticks, often milliseconds:
    /// where it means the whole rest of the media, the media's own length is the exact one.
    pub fn part(&self, rate: u32) -> Part {
        let samples = |ticks: u64, scale: u64| -> u64 {
            let scale = u128::from(scale.max(1));
            let samples = (u128::from(ticks) * u128::from(rate) + scale / 2) / scale;
            u64::try_from(samples).unwrap_or(u64::MAX)
        };
        let (start, length) = self.edit.unwrap_or_default();
        let skip = samples(start, self.media_scale);
        let rest = (self.media_length > start).then(|| samples(self.media_length - start, self.media_scale));
        let edited = (length > 0).then(|| samples(length, self.movie_scale));
        let tick = samples(1, self.movie_scale) + 1;
        let length = match (edited, rest) {
            (Some(edited), Some(rest)) if edited + tick >= rest => Some(rest),
            (edited, rest) => edited.or(rest),
        };
        Part { skip, length }
    }
}

/// The one edit that matters: its start in the media's ticks and its length in the movie's. Silence before it
/// (an empty edit) is left out: it is a player's business, and a song begins with its first sample.
fn edit(body: &[u8]) -> Result<Option<(u64, u64)>, String> {
    let damaged = || "its edit list is damaged".to_owned();
    let wide = body.first().copied() == Some(1);
    let count = big(body, 4, 4).ok_or_else(damaged)?;
    let (width, size) = if wide { (8, 20) } else { (4, 12) };
    let mut edits = Vec::new();
    for index in 0..usize::try_from(count.min(65)).unwrap_or(65) {
        let from = 8 + index * size;
        let length = big(body, from, width).ok_or_else(damaged)?;
        let start = big(body, from + width, width).ok_or_else(damaged)?;
        let empty = if wide { start == u64::MAX } else { start == u64::from(u32::MAX) };
        if !empty {
            edits.push((start, length));
        }
    }
    match edits[..] {
        [] => Ok(None),
        [edit] => Ok(Some(edit)),
        _ => Err(format!("its edit list joins {} parts; export it as one", edits.len())),
    }
}

/// The gapless tag of iTunes: `iTunSMPB`, hexadecimal fields of which the second is the priming, the fourth
/// the length in samples.
pub fn itunes(tag: &str) -> Option<Part> {
    let mut fields = tag.split_ascii_whitespace().skip(1).map(|field| u64::from_str_radix(field, 16));
    let skip = fields.next()?.ok()?;
    let length = fields.nth(1)?.ok()?;
    (length > 0).then_some(Part { skip, length: Some(length) })
}

type Body = (u64, u64);

/// The boxes in `within`: their types and bodies.
fn boxes(input: &mut (impl Read + Seek), within: Body) -> io::Result<Vec<([u8; 4], Body)>> {
    let (mut offset, end) = within;
    let mut boxes = Vec::new();
    while offset < end && boxes.len() < BOXES {
        let head = at(input, offset, 16)?;
        let (Some(size), Some(kind)) = (big(&head, 0, 4), head.get(4..8).and_then(|kind| kind.first_chunk()))
        else {
            break;
        };
        let (header, size) = match size {
            0 => (8, end - offset),
            1 => (16, big(&head, 8, 8).unwrap_or(0)),
            size => (8, size),
        };
        let Some(next) = offset.checked_add(size).filter(|&next| size >= header && next <= end) else {
            break;
        };
        boxes.push((*kind, (offset + header, next)));
        offset = next;
    }
    Ok(boxes)
}

fn child(input: &mut (impl Read + Seek), within: Body, kind: &[u8; 4]) -> io::Result<Option<Body>> {
    Ok(boxes(input, within)?.into_iter().find(|(found, _)| found == kind).map(|(_, body)| body))
}

/// The time scale and the length in an `mvhd` or an `mdhd`.
fn scale(input: &mut (impl Read + Seek), body: Body) -> io::Result<Option<(u64, u64)>> {
    let head = at(input, body.0, 32)?;
    let (from, width) = if head.first() == Some(&1) { (20, 8) } else { (12, 4) };
    let unknown = if width == 8 { u64::MAX } else { u32::MAX.into() };
    let length = big(&head, from + 4, width).map(|length| if length == unknown { 0 } else { length });
    Ok(big(&head, from, 4).filter(|&scale| scale > 0).zip(length))
}

/// A big-endian number of `count` bytes at `from`.
fn big(bytes: &[u8], from: usize, count: usize) -> Option<u64> {
    let bytes = bytes.get(from..from + count)?;
    Some(bytes.iter().fold(0, |number, &byte| number << 8 | u64::from(byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(edits: &[(u32, u32)]) -> Vec<u8> {
        let mut body = vec![0, 0, 0, 0, 0, 0, 0, edits.len() as u8];
        for (length, start) in edits {
            body.extend(length.to_be_bytes());
            body.extend(start.to_be_bytes());
            body.extend([0, 1, 0, 0]);
        }
        body
    }

    #[test]
    fn one_edit_counts_and_silence_before_it_does_not() {
        assert_eq!(edit(&list(&[])), Ok(None));
        assert_eq!(edit(&list(&[(2268, 1024)])), Ok(Some((1024, 2268))));
        assert_eq!(edit(&list(&[(500, u32::MAX), (2268, 1024)])), Ok(Some((1024, 2268))));
        assert!(edit(&list(&[(500, 0), (2268, 1024)])).is_err());
        assert!(edit(&list(&[(500, 0)])[..12]).is_err());
        assert!(edit(b"").is_err());
    }

    #[test]
    fn a_length_in_milliseconds_yields_to_the_exact_one() {
        let times =
            Times { movie_scale: 1000, media_scale: 44_100, media_length: 101_025, edit: Some((1024, 2268)) };
        assert_eq!(times.part(44_100), Part { skip: 1024, length: Some(100_001) });
        // but a part that is really shorter stays so
        let times = Times { edit: Some((1024, 1000)), ..times };
        assert_eq!(times.part(44_100), Part { skip: 1024, length: Some(44_100) });
        // SBR doubles what the media's clock counts
        let times =
            Times { movie_scale: 22_050, media_scale: 22_050, media_length: 0, edit: Some((1024, 0)) };
        assert_eq!(times.part(44_100), Part { skip: 2048, length: None });
    }

    #[test]
    fn the_tag_of_itunes_is_read() {
        let tag = " 00000000 00000840 000001CA 00000000003F31F6 00000000 00000000 00000000 00000000";
        assert_eq!(itunes(tag), Some(Part { skip: 2112, length: Some(4_141_558) }));
        for tag in ["", "x", " 0 0", " 00000000 00000840 000001CA 0000000000000000", " 0 zz 0 1"] {
            assert_eq!(itunes(tag), None, "{tag}");
        }
    }
}
