//! What a decoding child writes to its standard output, as messages ([`super::isolated`]), and the child's side of it.
//!
//! ```text
//! format   'F': JSON, once and first, where the source could be opened
//! block    'B': interleaved stereo samples, 32-bit floating point, little-endian
//! end      'E': JSON, once and last: notices or the refusal
//! ```

use std::{
    io::{self, BufWriter, Write},
    path::Path,
};

use serde::{Deserialize, Serialize};

use super::{
    error::Refusal,
    format::{Decoded, SampleFormat},
    isolated::{HEAD, Limits, send},
    reader::{self, InProcessDecoder},
    sandbox,
};

/// Bytes of a block's body at most; longer blocks are sent in parts.
pub const BLOCK: usize = 1 << 18;
/// Bytes of a JSON body at most.
pub const TEXT: usize = 1 << 16;
/// Bytes of one stereo sample.
pub const FRAME: usize = 8;

pub const FORMAT: u8 = b'F';
pub const SAMPLES: u8 = b'B';
pub const END: u8 = b'E';

/// What a child may use: decoders need 20 MiB, and three hours of audio a hundredth of the time.
pub const LIMITS: Limits = Limits { memory: 256 << 20, processor: 1800 };

/// The body of a format message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    pub format: SampleFormat,
    pub total: Option<u64>,
    /// Whether the child has given up what it does not need.
    #[serde(default)]
    pub sandboxed: bool,
}

/// The body of an end message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum DecodeOutcome {
    Decoded(Decoded),
    Refused(Refusal),
}

/// Decodes one source to standard output, for the parent that named this program in
/// [`Isolation::Child`](super::Isolation::Child): what a program calls for its hidden command, before it does
/// anything else, and from its only thread. From then on the process may have 256 MiB of data, half an hour of processor
/// time, and write no file; as soon as the source is open, on Linux it may read, write, have memory and end, and nothing
/// else ([`sandbox`](super::sandbox)). It ends early where the parent stops reading.
///
/// # Errors
/// Where the limits cannot be set, or the output cannot be written.
pub fn decode_child(source: &Path) -> io::Result<()> {
    LIMITS.confine()?;
    write(source, BufWriter::with_capacity(HEAD + BLOCK, io::stdout().lock()))
}

fn write(source: &Path, mut output: impl Write) -> io::Result<()> {
    let mut sandboxed = false;
    let opened = reader::file(source).inspect(|_| sandboxed = sandbox::enter().is_ok());
    let outcome = opened.and_then(InProcessDecoder::of).and_then(|reader| {
        let opened = Opened { format: reader.format(), total: reader.total(), sandboxed };
        let mut failed = text(&mut output, FORMAT, &opened).err();
        let mut body = Vec::new();
        let decoded = reader.decode(&|_| (), &mut |stereo| {
            for part in stereo.chunks(BLOCK / size_of::<f32>()) {
                if failed.is_some() {
                    break;
                }
                body.clear();
                body.extend(part.iter().flat_map(|sample| sample.to_le_bytes()));
                failed = send(&mut output, SAMPLES, &body).err();
            }
            failed.is_none()
        });
        match failed {
            Some(error) => Err(error.into()),
            None => decoded,
        }
    });
    let outcome = match outcome {
        Ok(decoded) => DecodeOutcome::Decoded(decoded),
        Err(refusal) => DecodeOutcome::Refused(refusal),
    };
    text(&mut output, END, &outcome)?;
    output.flush()
}

fn text(output: &mut impl Write, kind: u8, body: &impl Serialize) -> io::Result<()> {
    let body = serde_json::to_string(body).map_err(|error| io::Error::other(error.to_string()))?;
    send(output, kind, body.as_bytes())
}
