//! The boxes of an MP4 file that lie beside each other: its index, its fragments, its media data.

use std::{
    fs::File,
    io::{Read, Seek},
};

use super::{
    boxes::{BoxBody, big, boxes, bytes, child, next},
    container::at,
    error::Refusal,
    samples::Defaults,
};

/// What the boxes of a file are.
pub struct Movie {
    pub moov: BoxBody,
    /// Tracks of any kind.
    pub tracks: usize,
    /// Fragments: where each box begins, and its body.
    pub fragments: Vec<(u64, BoxBody)>,
    /// What fragments leave to `trex`.
    pub defaults: Vec<Defaults>,
    /// How long the movie is in its ticks, by `mehd`; 0 where it does not say.
    pub length: u64,
    /// How long tracks are by `sidx`: number, ticks, ticks per second.
    pub indexed: Vec<(u64, u64, u64)>,
    /// Bytes of media data.
    pub data: u64,
    pub notices: Vec<String>,
}

impl Movie {
    /// Walks the boxes from `offset` to the end of the file.
    ///
    /// # Errors
    /// Where the index is missing or incomplete, and where a second file follows.
    pub fn read(input: &mut File, offset: u64, length: u64) -> Result<Self, Refusal> {
        let mut movie = Self {
            moov: (0, 0),
            tracks: 0,
            fragments: Vec::new(),
            defaults: Vec::new(),
            length: 0,
            indexed: Vec::new(),
            data: 0,
            notices: Vec::new(),
        };
        let (mut place, mut named) = (offset, false);
        while place < length {
            let found = next(input, place, length)?.filter(|(kind, _)| kind.iter().all(|byte| *byte >= b' '));
            let Some((kind, body)) = found else {
                movie.rest(input, place, length)?;
                break;
            };
            let indispensable = [b"moov", b"moof", b"sidx"].contains(&&kind) || !movie.fragments.is_empty();
            match &kind {
                b"ftyp" if named => return Err(joined(place)),
                b"moov" if movie.moov != (0, 0) => return Err(joined(place)),
                // of media data, the samples show whether they are all there
                _ if body.1 > length && indispensable && &kind != b"mdat" => {
                    return movie.rest(input, place, length).and(Err(cut(place, &kind)));
                }
                b"ftyp" => named = true,
                b"moov" => movie.moov = body,
                b"moof" => movie.fragments.push((place, body)),
                b"sidx" => movie.index(&bytes(input, body, 1 << 20)?),
                b"mdat" => movie.data = movie.data.saturating_add(body.1.min(length) - body.0),
                _ => (),
            }
            place = body.1;
        }
        if movie.moov == (0, 0) {
            let reason = "MP4 without its index (moov): it was never finished, or broke off on its way";
            return Err(Refusal::Unsupported(reason.to_owned()));
        }
        let found = boxes(input, movie.moov)?;
        movie.tracks = found.iter().filter(|(kind, _)| kind == b"trak").count();
        if let Some(mvex) = child(input, movie.moov, b"mvex")? {
            for (kind, body) in boxes(input, mvex)? {
                let body = bytes(input, body, 64)?;
                let width = if body.first() == Some(&1) { 8 } else { 4 };
                match &kind {
                    b"trex" => movie.defaults.extend(Defaults::read(&body)),
                    b"mehd" => movie.length = big(&body, 4, width).unwrap_or(0),
                    _ => (),
                }
            }
        }
        Ok(movie)
    }

    /// Adds what an index of segments states (ISO/IEC 14496-12 §8.16.3), indices of indices left out.
    fn index(&mut self, body: &[u8]) {
        let from = if body.first() == Some(&1) { 30 } else { 22 };
        let (Some(track), Some(scale), Some(count)) = (big(body, 4, 4), big(body, 8, 4), big(body, from, 2))
        else {
            return;
        };
        let entries = body.get(from + 2..).unwrap_or_default().as_chunks::<12>().0;
        let media = entries.iter().take(count as usize).filter(|entry| entry[0] & 0x80 == 0);
        let ticks = media.filter_map(|entry| big(entry, 4, 4)).fold(0_u64, u64::saturating_add);
        match self.indexed.iter_mut().find(|(of, _, by)| (*of, *by) == (track, scale)) {
            Some((_, sum, _)) => *sum = sum.saturating_add(ticks),
            None => self.indexed.push((track, ticks, scale)),
        }
    }

    /// Judges what lies behind the last box: a tag, zeros, or the beginning of a box that is missing.
    fn rest(&mut self, input: &mut (impl Read + Seek), place: u64, length: u64) -> Result<(), Refusal> {
        let rest = at(input, place, 1 << 16)?;
        let tag = super::tail::ahead(&rest).is_some();
        if tag || rest.iter().all(|&byte| byte == 0) {
            return Ok(());
        }
        if rest.len() < 8 && !self.fragments.is_empty() {
            return Err(cut(place, b"moof"));
        }
        self.notices.push(format!("{} bytes after its last box are left out", length - place));
        Ok(())
    }
}

fn joined(offset: u64) -> Refusal {
    Refusal::Broken { offset, reason: "a second MP4 begins there, as where two files were joined".to_owned() }
}

fn cut(offset: u64, kind: &[u8; 4]) -> Refusal {
    let kind = String::from_utf8_lossy(kind);
    Refusal::Broken { offset, reason: format!("the file ends in the middle of a box ({kind})") }
}
