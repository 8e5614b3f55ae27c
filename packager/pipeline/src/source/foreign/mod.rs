//! Files that are no supported audio: what each of them is, and what its owner can do.

mod frames;
mod magic;
mod text;

use std::fmt;

/// A kind of file, and what can be done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Foreign {
    name: &'static str,
    advice: Advice,
}

/// What the owner of the file can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advice {
    /// It holds audio without loss.
    Lossless,
    /// It holds audio with loss.
    Lossy,
    /// It holds one bit a sample, at a high rate.
    Dsd,
    /// It has pictures, or may have.
    Film,
    /// It holds notes, or instruments.
    Notes,
    /// It is a program's project.
    Project,
    /// It is encrypted.
    Protected,
    /// It holds other files.
    Archive,
    /// A server sent it in the place of audio.
    Page,
    /// It stands for a file that was not fetched.
    Pointer,
    /// It has nothing to do with sound.
    Other,
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lossless => "convert it to FLAC, which loses nothing: ffmpeg -i FILE song.flac",
            Self::Lossy => {
                "export the song from its master as WAV or FLAC, or, where there is none, decode it: ffmpeg -i FILE song.wav"
            }
            Self::Dsd => "convert it to FLAC: ffmpeg -i FILE -ar 88200 -sample_fmt s32 song.flac",
            Self::Film => "take the sound out of it: ffmpeg -i FILE -vn song.flac",
            Self::Notes => "it holds no recording; render it to WAV or FLAC",
            Self::Project => "export the song from its program as WAV or FLAC",
            Self::Protected => "nobody can decode it without its key; export the song from its master as WAV or FLAC",
            Self::Archive => "unpack it, and hand in the song itself",
            Self::Page => "a server sent it in the place of the song; fetch the song again",
            Self::Pointer => "fetch the file that it stands for, and hand that in",
            Self::Other => "hand in the song itself",
        })
    }
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it is {}; {}", self.name, self.advice)
    }
}

/// What a file is that begins with `head`, where it is none that is read. What begins as a supported container does,
/// and is none, counts too.
pub fn find(head: &[u8]) -> Option<Foreign> {
    magic::find(head).or_else(|| frames::find(head)).or_else(|| text::find(head))
}

/// What begins as MP4 does and holds something else than audio that can be read.
pub fn brand(head: &[u8]) -> Option<Foreign> {
    magic::brand(head)
}

/// What is said of a file of which nothing is known.
pub fn unknown(head: &[u8]) -> &'static str {
    if head.iter().all(|&byte| byte == 0) {
        "it begins with nothing but zeros, as where a disk or a download lost it; copy it again"
    } else {
        "nothing in it is known; if it is bare PCM, say what kind and put it into WAV: ffmpeg -f s16le -ar 44100 -ac 2 -i FILE song.wav"
    }
}
