//! Decoding in a child process: the parent's side, which trusts nothing of what it reads.

use std::{
    ffi::OsString,
    io::{self, BufReader, Read},
    os::unix::process::{CommandExt as _, ExitStatusExt as _},
    path::Path,
    process::{Child as Process, ChildStdout, Command, ExitStatus, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, Signal, kill_process_group},
};

use super::{
    error::Refusal,
    format::{Decoded, Progress, SOURCE_RATES, SampleFormat},
    protocol::{BLOCK, DecodeOutcome, END, FORMAT, FRAME, HEAD, MEMORY, Opened, PROCESSOR, SAMPLES, TEXT},
    sandbox,
};

/// Notices of one source, and characters of each, at most.
const NOTICES: usize = 20;
const LINE: usize = 500;
/// How long a child whose output has ended may take to end itself, before it is killed.
const GRACE: Duration = Duration::from_secs(1);

/// A child at work. It is killed and reaped when it is dropped.
pub struct Child {
    process: Process,
    started: Instant,
    output: BufReader<Watched>,
    stall: Duration,
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
        // absolute, so that no name can be taken for an option
        let source = std::path::absolute(source)?;
        let started = Instant::now();
        // what this process knows is no decoder's business: not by /proc, not by ptrace
        sandbox::hide();
        let mut process = Command::new(program)
            .args(arguments)
            .arg(source)
            // no credential is a decoder's business
            .env_clear()
            .current_dir("/")
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| {
                Refusal::Decoder(format!("could not be started ({}): {error}", program.display()))
            })?;
        let Some(output) = process.stdout.take() else {
            return Err(Refusal::Decoder("has no output".to_owned()));
        };
        let output = BufReader::with_capacity(HEAD + BLOCK, Watched { output, stall });
        let opened = Opened { format: SampleFormat { rate: 0, depth: None }, total: None, sandboxed: true };
        let mut child = Self { process, started, output, stall, opened };
        match child.message()? {
            Message::Opened(opened) => child.opened = opened,
            Message::End(DecodeOutcome::Refused(refusal)) => return Err(refusal),
            _ => return Err(garbage()),
        }
        if !child.opened.sandboxed {
            sandbox::tell_absent();
        }
        let format = child.opened.format;
        if !SOURCE_RATES.contains(&format.rate) || !matches!(format.depth, None | Some(16 | 24)) {
            return Err(garbage());
        }
        Ok(child)
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
            match self.message()? {
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

    /// Reads one message; where that fails, says what became of the child.
    fn message(&mut self) -> Result<Message, Refusal> {
        read(&mut self.output).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => garbage(),
            io::ErrorKind::TimedOut => {
                let seconds = self.stall.as_secs_f64();
                Refusal::Decoder(format!("gave nothing for {seconds} s and was stopped"))
            }
            io::ErrorKind::UnexpectedEof => {
                let status = self.ended();
                let ran = self.started.elapsed();
                let _ = self.end();
                match status {
                    Ok(Some(status)) => death(status, ran, &self.last_words()),
                    Ok(None) => Refusal::Decoder("closed its output and was stopped".to_owned()),
                    Err(error) => Refusal::Decoder(format!("cannot be waited for: {error}")),
                }
            }
            _ => Refusal::Decoder(format!("cannot be read from: {error}")),
        })
    }

    /// What the child ended with, if it ends soon by itself: killed here, it would look like one that the system killed.
    fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        let until = Instant::now() + GRACE;
        loop {
            let status = self.process.try_wait()?;
            if status.is_some() || Instant::now() >= until {
                return Ok(status);
            }
            sleep(Duration::from_millis(5));
        }
    }

    /// Kills the child with all that it started, and reaps it.
    fn end(&mut self) -> io::Result<ExitStatus> {
        if let Ok(Some(status)) = self.process.try_wait() {
            return Ok(status);
        }
        if let Some(group) = i32::try_from(self.process.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(group, Signal::KILL);
        }
        self.process.wait()
    }

    /// The last line that it wrote to standard error, as far as it is there.
    fn last_words(&mut self) -> String {
        let Some(errors) = self.process.stderr.take() else { return String::new() };
        let mut stderr = Vec::new();
        if waits(&errors, Duration::ZERO).unwrap_or(false) {
            let _ = errors.take(1 << 16).read_to_end(&mut stderr);
        }
        let stderr = String::from_utf8_lossy(&stderr);
        printable(stderr.lines().last().unwrap_or_default())
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.end();
    }
}

/// The child's output, each read of which ends in time.
struct Watched {
    output: ChildStdout,
    stall: Duration,
}

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if waits(&self.output, self.stall)? {
            self.output.read(buffer)
        } else {
            Err(io::ErrorKind::TimedOut.into())
        }
    }
}

/// Whether `output` has something to read, or has ended, within `stall`.
fn waits(output: &impl std::os::fd::AsFd, stall: Duration) -> io::Result<bool> {
    let mut watched = [PollFd::new(output, PollFlags::IN)];
    let limit = Timespec::try_from(stall).map_err(io::Error::other)?;
    loop {
        match poll(&mut watched, Some(&limit)) {
            Ok(ready) => return Ok(ready > 0),
            Err(rustix::io::Errno::INTR) => (),
            Err(error) => return Err(error.into()),
        }
    }
}

#[derive(Debug, PartialEq)]
enum Message {
    Opened(Opened),
    Samples(Vec<f32>),
    End(DecodeOutcome),
}

/// Reads one message. `InvalidData` for what is not one, whatever it says of lengths.
fn read(input: &mut impl Read) -> io::Result<Message> {
    let mut head = [0; HEAD];
    input.read_exact(&mut head)?;
    let [kind, length @ ..] = head;
    let length = u32::from_le_bytes(length) as usize;
    let most = if kind == SAMPLES { BLOCK } else { TEXT };
    if ![FORMAT, SAMPLES, END].contains(&kind) || length == 0 || length > most {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut body = vec![0; length];
    input.read_exact(&mut body)?;
    let json = |error: serde_json::Error| io::Error::new(io::ErrorKind::InvalidData, error.to_string());
    match kind {
        FORMAT => serde_json::from_slice(&body).map(Message::Opened).map_err(json),
        END => serde_json::from_slice(&body).map(clean).map(Message::End).map_err(json),
        _ => samples(&body).map(Message::Samples).ok_or_else(|| io::ErrorKind::InvalidData.into()),
    }
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

fn printable(line: &str) -> String {
    line.chars().filter(|character| !character.is_control()).take(LINE).collect()
}

fn garbage() -> Refusal {
    Refusal::Decoder("answered with something else than audio and was stopped".to_owned())
}

/// What a child died of that `ran` so long. Nada's own limits are the file's fault: where the second limit of processor
/// time ends in the same signal as a lack of memory, only so much time tells them apart.
fn death(status: ExitStatus, ran: Duration, stderr: &str) -> Refusal {
    let signal = status.signal().and_then(Signal::from_named_raw);
    let processor = || format!("took more than {PROCESSOR} s of processor time");
    Refusal::Decoder(match (status.code(), signal) {
        _ if stderr.starts_with("memory allocation of") => {
            format!("ran out of its {} MiB of memory", MEMORY >> 20)
        }
        (_, Some(Signal::XCPU)) => processor(),
        (_, Some(Signal::KILL)) if ran.as_secs() >= PROCESSOR => processor(),
        (_, Some(Signal::KILL)) => return Refusal::Killed,
        (Some(code), _) if stderr.is_empty() => format!("ended with status {code} before the audio did"),
        (Some(code), _) => format!("ended with status {code} before the audio did: {stderr}"),
        (None, Some(signal)) => format!("crashed ({})", name(signal)),
        (None, None) => format!("crashed ({status})"),
    })
}

fn name(signal: Signal) -> String {
    let name = match signal {
        Signal::SEGV => "SIGSEGV",
        Signal::ABORT => "SIGABRT",
        Signal::BUS => "SIGBUS",
        Signal::ILL => "SIGILL",
        Signal::FPE => "SIGFPE",
        Signal::TERM => "SIGTERM",
        Signal::SYS => "SIGSYS",
        other => return format!("signal {}", other.as_raw()),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_kill_from_outside_is_not_the_files_fault() {
        let killed = ExitStatus::from_raw(Signal::KILL.as_raw());
        let (soon, late) = (Duration::from_secs(5), Duration::from_secs(PROCESSOR + 5));
        assert_eq!(death(killed, soon, ""), Refusal::Killed);
        let crashed = ExitStatus::from_raw(Signal::SEGV.as_raw());
        for (status, ran, stderr, part) in [
            (killed, late, "", "processor time"),
            (killed, soon, "memory allocation of 9 bytes failed", "out of its 256 MiB"),
            (crashed, soon, "", "SIGSEGV"),
        ] {
            let refusal = death(status, ran, stderr);
            assert!(matches!(&refusal, Refusal::Decoder(reason) if reason.contains(part)), "{refusal:?}");
        }
    }
}
