use std::fmt;

use nada_quote::Quoted;

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum ClipError {
    /// There are no lines.
    #[error("the track has no lyrics: publish it with a lyrics file first")]
    NoLyrics,
    /// What is asked for needs times.
    #[error(
        "the lyrics have no times: only a card of lines by number can be made of them (--lines with --format png, or webp --still)"
    )]
    Unsynced,
    /// Lines beyond the song.
    #[error("lines {first} to {last} are asked for, but the song has {lines}: choose among them")]
    NoSuchLines {
        /// The first asked for.
        first: u32,
        /// The last asked for.
        last: u32,
        /// How many there are.
        lines: usize,
    },
    /// More than a picture holds.
    #[error(
        "{asked} lines are asked for, but a picture has room for {most}: choose fewer, or make a film (--format mp4)"
    )]
    ManyLines {
        /// How many are asked for.
        asked: usize,
        /// How many there may be.
        most: usize,
    },
    /// More than a film holds.
    #[error("{}.{} s are asked for, but a film lasts at most {most} s: choose less of the song", .asked_ms / 1000, .asked_ms % 1000 / 100)]
    Long {
        /// How long, in ms.
        asked_ms: i64,
        /// How long it may be, in seconds.
        most: u32,
    },
    /// Too little to see.
    #[error(
        "0.{asked_ms:03} s are asked for, but a film lasts at least 0.{least_ms} s: choose more of the song"
    )]
    Short {
        /// How long, in ms.
        asked_ms: i64,
        /// How long it has to be, in ms.
        least_ms: i64,
    },
    /// From a time to an earlier one.
    #[error("{} comes after {}: exchange --from and --to", Clock(*.from_ms), Clock(*.to_ms))]
    Backwards {
        /// From when, in ms.
        from_ms: i64,
        /// To when, in ms.
        to_ms: i64,
    },
    /// A time beyond the song.
    #[error("the song ends at {}, before {}: choose an earlier --to", Clock(*.length_ms), Clock(*.to_ms))]
    Beyond {
        /// To when, in ms.
        to_ms: i64,
        /// When the song is over, in ms.
        length_ms: i64,
    },
    /// No line at that time.
    #[error("no line is sung between {} and {}: choose another time", Clock(*.from_ms), Clock(*.to_ms))]
    Silent {
        /// From when, in ms.
        from_ms: i64,
        /// To when, in ms.
        to_ms: i64,
    },
    /// Text that no legible size makes room for.
    #[error(
        "{what} is too long for a picture of {size}: {letters} characters beginning {beginning}; choose fewer or shorter lines"
    )]
    Overflow {
        /// What of the picture.
        what: String,
        /// The picture.
        size: &'static str,
        /// How long it is.
        letters: usize,
        /// How it begins.
        beginning: String,
    },
    /// Artwork that is no square.
    #[error("the artwork is {0} by {1} pixels: a picture needs a square")]
    Artwork(u32, u32),
    /// A rendition that is encrypted, as stored.
    #[error(
        "the sound of the track is stored encrypted: make the film from its release (--release release.toml)"
    )]
    Protected,
    /// A rendition without AAC.
    #[error(
        "the track has no AAC rendition, which a film's sound is cut from: publish it with one, such as aac-128"
    )]
    NoAac,
    /// A track file that is not as its presentation says.
    #[error("the track file is damaged at {0}: run 'nada publish' again, which repairs what is stored")]
    Damaged(&'static str),
    /// Video that the encoder refused.
    #[error("the H.264 encoder failed: {0}")]
    Video(String),
    /// A box that cannot be written.
    #[error("the film cannot be written: {0}")]
    Film(#[from] mp4_atom::Error),
    /// A picture that cannot be written.
    #[error("the picture cannot be written: {0}")]
    Picture(String),
}

impl ClipError {
    pub(crate) fn overflow(what: String, size: &'static str, text: &str) -> ClipError {
        let beginning: String = text.chars().take(24).collect();
        let beginning = Quoted::new(&beginning).to_string();
        ClipError::Overflow { what, size, letters: text.chars().count(), beginning }
    }
}

/// A time as people write it: `1:02.345`.
struct Clock(i64);

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.0.max(0);
        write!(f, "{}:{:02}.{:03}", ms / 60_000, ms / 1000 % 60, ms % 1000)
    }
}
