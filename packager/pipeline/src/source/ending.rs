//! Whether a source that decoded without an error is also whole: what the file says of its own end.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
};

use symphonia::core::formats::{
    FormatId, Track,
    well_known::{FORMAT_ID_FLAC, FORMAT_ID_OGG, FORMAT_ID_WAVE},
};

/// The largest Ogg page (RFC 3533 §6): header, 255 lacing values, 255 segments of 255 bytes.
const OGG_PAGE: u64 = 27 + 255 + 255 * 255;

/// What a file states of its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    stated: Option<u64>,
    proof: Proof,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Proof {
    /// The header states samples: WAV, FLAC.
    Count,
    /// The header states MPEG frames, as encoders that write a LAME tag do; some count the tag's own frame.
    Frames,
    /// The last Ogg page is marked as such, or it is not.
    LastPage(bool),
    /// Nothing: the file ends where it ends.
    None,
}

impl Ending {
    pub fn of(format: FormatId, track: &Track, closed: bool) -> Self {
        let proof = match format {
            FORMAT_ID_WAVE | FORMAT_ID_FLAC => Proof::Count,
            FORMAT_ID_OGG => Proof::LastPage(closed),
            _ if track.delay.is_some() => Proof::Frames,
            _ => Proof::None,
        };
        Self { stated: track.num_frames, proof }
    }

    /// Samples per channel that the file states, or that its parser estimates.
    pub fn stated(&self) -> Option<u64> {
        self.stated
    }

    /// What is missing after `done` samples per channel, if anything.
    pub fn missing(&self, done: u64) -> Option<String> {
        let slack = match self.proof {
            Proof::Count => 0,
            Proof::Frames => 1152,
            Proof::LastPage(true) | Proof::None => return None,
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
