//! Decoding in a child process: the parent's side, which trusts nothing of what it reads.

use std::{ffi::OsString, path::Path, time::Duration};

use super::{
    error::Refusal,
    format::{Decoded, Progress, SOURCE_RATES, SampleFormat},
    isolated::{HEAD, Isolated, IsolatedError, printable},
    protocol::{BLOCK, DecodeOutcome, END, FORMAT, FRAME, LIMITS, Opened, SAMPLES, TEXT},
    sandbox,
};

/// Notices of one source at most.
const NOTICES: usize = 20;

/// A child at work. It is killed and reaped when it is dropped.
pub struct Child {
    process: Isolated,
    opened: Opened,
}

impl Child {
    /// Starts `program`, which has to call [`super::decode_child`], and waits for what it says of the source.
    pub fn start(
        program: &Path,
        arguments: &[OsString],
        source: &Path,
        stall: Duration,
    ) -> Result<Self, Refusal> {
        let mut process = Isolated::start(program, arguments, source, stall, LIMITS, HEAD + BLOCK)?;
        let opened = match message(&mut process)? {
            Message::Opened(opened) => opened,
            Message::End(DecodeOutcome::Refused(refusal)) => return Err(refusal),
            _ => return Err(garbage()),
        };
        if !opened.sandboxed {
            sandbox::tell_absent();
        }
        let format = opened.format;
        if !SOURCE_RATES.contains(&format.rate) || !matches!(format.depth, None | Some(16 | 24)) {
            return Err(garbage());
        }
        Ok(Self { process, opened })
    }

    /// See [`super::Source::format`].
    pub fn format(&self) -> SampleFormat {
        self.opened.format
    }

    /// See [`super::Source::decode`].
    pub fn decode(
        mut self,
        progress: &dyn Fn(Progress),
        block: &mut dyn FnMut(&[f32]) -> bool,
    ) -> Result<Decoded, Refusal> {
        let mut done = 0;
        loop {
            match message(&mut self.process)? {
                Message::Samples(samples) => {
                    done += (samples.len() / 2) as u64;
                    progress(Progress { done, total: self.opened.total });
                    if !block(&samples) {
                        return Ok(Decoded::default());
                    }
                }
                Message::End(DecodeOutcome::Decoded(decoded)) => return Ok(decoded),
                Message::End(DecodeOutcome::Refused(refusal)) => return Err(refusal),
                Message::Opened(_) => return Err(garbage()),
            }
        }
    }
}

impl From<IsolatedError> for Refusal {
    fn from(error: IsolatedError) -> Self {
        match error {
            IsolatedError::Path(error) => error.into(),
            IsolatedError::Failed(what) => Self::Decoder(what),
            IsolatedError::NoMessage => garbage(),
            IsolatedError::Killed => Self::Killed,
        }
    }
}

#[derive(Debug, PartialEq)]
enum Message {
    Opened(Opened),
    Samples(Vec<f32>),
    End(DecodeOutcome),
}

fn message(process: &mut Isolated) -> Result<Message, Refusal> {
    let (kind, body) = process.message(|kind| match kind {
        SAMPLES => Some(BLOCK),
        FORMAT | END => Some(TEXT),
        _ => None,
    })?;
    let understood = match kind {
        FORMAT => serde_json::from_slice(&body).map(Message::Opened).ok(),
        END => serde_json::from_slice(&body).map(clean).map(Message::End).ok(),
        _ => samples(&body).map(Message::Samples),
    };
    understood.ok_or_else(garbage)
}

/// Whole stereo samples, all of them finite.
fn samples(body: &[u8]) -> Option<Vec<f32>> {
    if !body.len().is_multiple_of(FRAME) {
        return None;
    }
    let (samples, _) = body.as_chunks::<4>();
    let samples: Vec<f32> = samples.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
    samples.iter().all(|sample| sample.is_finite()).then_some(samples)
}

/// What a child says is shown to people: of bounded length and without control characters.
fn clean(outcome: DecodeOutcome) -> DecodeOutcome {
    match outcome {
        DecodeOutcome::Decoded(decoded) => DecodeOutcome::Decoded(Decoded {
            notices: decoded.notices.iter().take(NOTICES).map(|notice| printable(notice)).collect(),
        }),
        DecodeOutcome::Refused(refusal) => DecodeOutcome::Refused(match refusal {
            Refusal::Unreadable(reason) => Refusal::Unreadable(printable(&reason)),
            Refusal::Unsupported(reason) => Refusal::Unsupported(printable(&reason)),
            Refusal::Decoder(reason) => Refusal::Decoder(printable(&reason)),
            Refusal::Broken { offset, reason } => Refusal::Broken { offset, reason: printable(&reason) },
            other => other,
        }),
    }
}

fn garbage() -> Refusal {
    Refusal::Decoder("answered with something else than audio and was stopped".to_owned())
}
