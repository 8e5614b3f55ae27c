//! Decoding in a child process, as songs are decoded: the child's side and the parent's, and what goes between them.
//!
//! ```text
//! about    'A': JSON, once and first, where the picture could be decoded
//! pixels   'P': the pixels of the square, red, green and blue
//! end      'E': JSON, instead of both: the refusal
//! ```

use std::{
    io::{self, BufWriter, Write as _},
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use nada_pipeline::{
    Isolation,
    isolated::{HEAD, Isolated, Limits, printable, send},
    regular, sandbox,
};

use crate::{
    decode::{About, Decoded, LARGEST, decode},
    error::{ArtworkError, ArtworkRefusal},
    judge::MOST_BYTES,
    light::Square,
};

const ABOUT: u8 = b'A';
const PIXELS: u8 = b'P';
const END: u8 = b'E';
/// Bytes of JSON at most.
const TEXT: usize = 1 << 16;
/// Notices at most.
const NOTICES: usize = 20;

/// What a child may use: 512 MiB of pixels (8,000 × 8,000 in 16 bits), what a progressive JPEG needs beside them, and a
/// hundred times the seconds that they take.
pub const LIMITS: Limits = Limits { memory: 768 << 20, processor: 120 };

/// Reads a picture, judges it by its header, and decodes it where `isolation` says.
///
/// # Errors
/// Where it cannot be read, is none of the formats, has too few pixels or too many, or is broken.
pub fn read(path: &Path, isolation: &Isolation) -> Result<Decoded, ArtworkError> {
    let decoded = match isolation {
        Isolation::InProcess => in_process(path, || true).map(|(decoded, _)| decoded),
        Isolation::Child { program, arguments, stall } => {
            Isolated::start(program, arguments, path, *stall, LIMITS, HEAD + TEXT)
                .map_err(ArtworkRefusal::from)
                .and_then(|mut child| receive(&mut child))
        }
    };
    decoded.map_err(|refusal| refusal.of(path))
}

/// `enter` gives up what is not needed once the file is read, and says whether that is done.
fn in_process(path: &Path, enter: impl FnOnce() -> bool) -> Result<(Decoded, bool), ArtworkRefusal> {
    let bytes = regular::read(path, MOST_BYTES).map_err(|error| ArtworkRefusal::unreadable(&error))?;
    let sandboxed = enter();
    let decoded = catch_unwind(AssertUnwindSafe(|| decode(bytes)));
    let decoded = decoded.unwrap_or_else(|_| Err(ArtworkRefusal::Decoder("panicked".to_owned())))?;
    Ok((decoded, sandboxed))
}

fn receive(child: &mut Isolated) -> Result<Decoded, ArtworkRefusal> {
    let garbage =
        || ArtworkRefusal::Decoder("answered with something else than a picture and was stopped".to_owned());
    let (kind, body) = child.message(|kind| [ABOUT, END].contains(&kind).then_some(TEXT))?;
    if kind == END {
        return Err(serde_json::from_slice(&body).map_or_else(|_| garbage(), clean));
    }
    let About { side, notices, sandboxed } = serde_json::from_slice(&body).map_err(|_| garbage())?;
    if !sandboxed {
        sandbox::tell_absent();
    }
    if side > LARGEST {
        return Err(garbage());
    }
    let (_, pixels) = child.message(|kind| (kind == PIXELS).then_some(3 * side as usize * side as usize))?;
    let square = Square::new(side, pixels).ok_or_else(garbage)?;
    let notices = notices.iter().take(NOTICES).map(|notice| printable(notice)).collect();
    Ok(Decoded { square, notices })
}

/// What a child says is shown to people.
fn clean(refusal: ArtworkRefusal) -> ArtworkRefusal {
    match refusal {
        ArtworkRefusal::Unreadable(why) => ArtworkRefusal::Unreadable(printable(&why)),
        ArtworkRefusal::Unsupported(why) => ArtworkRefusal::Unsupported(printable(&why)),
        ArtworkRefusal::Broken(why) => ArtworkRefusal::Broken(printable(&why)),
        ArtworkRefusal::Decoder(why) => ArtworkRefusal::Decoder(printable(&why)),
        other => other,
    }
}

/// Decodes one picture to standard output, for the parent that named this program in [`Isolation::Child`]: what a program
/// calls for its hidden command, before it does anything else, and from its only thread. From then on the process has
/// [`LIMITS`], and as soon as the file is read, on Linux, nothing but memory, what it has open, and its end.
///
/// # Errors
/// Where the limits cannot be set, or the output cannot be written.
pub fn read_child(path: &Path) -> io::Result<()> {
    LIMITS.confine()?;
    let mut output = BufWriter::new(io::stdout().lock());
    match in_process(path, || sandbox::enter().is_ok()) {
        Ok((Decoded { square, notices }, sandboxed)) => {
            let about = About { side: square.side(), notices, sandboxed };
            send(&mut output, ABOUT, &serde_json::to_vec(&about)?)?;
            send(&mut output, PIXELS, square.pixels())?;
        }
        Err(refusal) => send(&mut output, END, &serde_json::to_vec(&refusal)?)?,
    }
    output.flush()
}
