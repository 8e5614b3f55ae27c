//! Whether a source that decoded without an error is also whole: what the file says of its own end.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
};

use super::container::Container;

/// The largest Ogg page (RFC 3533 §6): header, 255 lacing values, 255 segments of 255 bytes.
const OGG_PAGE: u64 = 27 + 255 + 255 * 255;

/// Samples per channel in an MPEG frame of layer III, and in a packet of ALAC, at most.
const MPEG_FRAME: u64 = 1152;
const ALAC_PACKET: u64 = 4096;

/// What a file states of its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    stated: Option<u64>,
    proof: Proof,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Proof {
    /// The header states samples, of which so many may be missing: an encoder that writes a LAME tag may count the
    /// tag's own frame, and one that writes CAF the padding of its last packet.
    Count(u64),
    /// The last Ogg page is marked as such and states samples, or it is not.
    LastPage(bool),
    /// Nothing: the file ends where it ends.
    None,
}

impl Ending {
    /// What is known of the end: the samples that the header states, whether the encoder stated its delay, and
    /// whether the last Ogg page is marked as such.
    pub fn of(container: Container, stated: Option<u64>, gapless: bool, closed: bool) -> Self {
        let proof = match container {
            Container::Wave | Container::Aiff | Container::Flac => Proof::Count(0),
            Container::Mp3 if gapless => Proof::Count(MPEG_FRAME),
            Container::Caf => Proof::Count(ALAC_PACKET),
            Container::Ogg => Proof::LastPage(closed),
            Container::Mp3 | Container::Adts | Container::Mp4 => Proof::None,
        };
        Self { stated, proof }
    }

    /// Samples per channel that the file states, or that its parser estimates.
    pub fn stated(&self) -> Option<u64> {
        self.stated
    }

    /// What is missing after `done` samples per channel, if anything.
    pub fn missing(&self, done: u64) -> Option<String> {
        let slack = match self.proof {
            Proof::Count(slack) => slack,
            Proof::LastPage(true) => 0,
            Proof::None => return None,
            Proof::LastPage(false) => return Some("the file ends without its last page".to_owned()),
        };
        let stated = self.stated?;
        (done + slack < stated).then(|| format!("the file ends after {done} of {stated} samples"))
    }
}

/// Whether the last Ogg page in `file` carries the end-of-stream flag (RFC 3533 §6). Meaningless for others.
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
