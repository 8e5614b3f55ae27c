//! A child process for what reads untrusted bytes: the parent's side, which trusts nothing of what it reads, and the limits that
//! the child sets itself. What is sent is the caller's.
//!
//! ```text
//! message  = kind (1 byte), length of the body (4 bytes, little-endian), body
//! ```

use std::{
    ffi::OsString,
    io::{self, BufReader, Read, Write},
    os::unix::process::{CommandExt as _, ExitStatusExt as _},
    path::Path,
    process::{Child as Process, ChildStdout, Command, ExitStatus, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, Resource, Rlimit, Signal, kill_process_group, setrlimit},
};

use super::sandbox;

/// Bytes of a message's head.
pub const HEAD: usize = 5;
/// How long a child whose output has ended may take to end itself, before it is killed.
const GRACE: Duration = Duration::from_secs(1);
/// Characters of what a child says that are shown.
const LINE: usize = 500;

/// What a child may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of data.
    pub memory: u64,
    /// Seconds of processor time.
    pub processor: u64,
}

impl Limits {
    /// Sets them for this process, for good: it writes no file and leaves no core, either.
    ///
    /// # Errors
    /// The system does not set them.
    pub fn confine(self) -> io::Result<()> {
        let limit = |most: u64| Rlimit { current: Some(most), maximum: Some(most) };
        for (resource, limit) in [
            (Resource::Data, limit(self.memory)),
            (Resource::Cpu, Rlimit { current: Some(self.processor), maximum: Some(self.processor + 5) }),
            (Resource::Core, limit(0)),
            (Resource::Fsize, limit(0)),
        ] {
            setrlimit(resource, limit)?;
        }
        Ok(())
    }
}

/// Why a child gave nothing.
#[derive(Debug)]
pub enum IsolatedError {
    /// The path of what it was to read is none.
    Path(io::Error),
    /// It failed, which is the file's fault as a rule; what happened.
    Failed(String),
    /// It sent something that is no message.
    NoMessage,
    /// It was killed from outside: the file may be in order.
    Killed,
}

/// A child at work. It is killed and reaped when it is dropped.
pub struct Isolated {
    process: Process,
    started: Instant,
    output: BufReader<Watched>,
    stall: Duration,
    limits: Limits,
}

impl Isolated {
    /// Starts `program` with `arguments` and the absolute path of `source`. `limits` are those that the child sets itself;
    /// here they explain its death. `stall` is how long the parent waits for the next bytes.
    ///
    /// # Errors
    /// It does not start.
    pub fn start(
        program: &Path,
        arguments: &[OsString],
        source: &Path,
        stall: Duration,
        limits: Limits,
        buffer: usize,
    ) -> Result<Self, IsolatedError> {
        // absolute, so that no name can be taken for an option
        let source = std::path::absolute(source).map_err(IsolatedError::Path)?;
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
                IsolatedError::Failed(format!("could not be started ({}): {error}", program.display()))
            })?;
        let Some(output) = process.stdout.take() else {
            return Err(IsolatedError::Failed("has no output".to_owned()));
        };
        let output = BufReader::with_capacity(buffer, Watched { output, stall });
        Ok(Self { process, started, output, stall, limits })
    }

    /// Reads one message, whose kind `most` allows so many bytes. An empty one is none.
    ///
    /// # Errors
    /// What became of the child.
    pub fn message(&mut self, most: impl Fn(u8) -> Option<usize>) -> Result<(u8, Vec<u8>), IsolatedError> {
        read_message(&mut self.output, most).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => IsolatedError::NoMessage,
            io::ErrorKind::TimedOut => {
                let seconds = self.stall.as_secs_f64();
                IsolatedError::Failed(format!("gave nothing for {seconds} s and was stopped"))
            }
            io::ErrorKind::UnexpectedEof => {
                let status = self.ended();
                let ran = self.started.elapsed();
                let _ = self.end();
                match status {
                    Ok(Some(status)) => death(status, ran, &self.last_words(), self.limits),
                    Ok(None) => IsolatedError::Failed("closed its output and was stopped".to_owned()),
                    Err(error) => IsolatedError::Failed(format!("cannot be waited for: {error}")),
                }
            }
            _ => IsolatedError::Failed(format!("cannot be read from: {error}")),
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

impl Drop for Isolated {
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

/// Reads one message. `InvalidData` for what is not one, whatever it says of lengths.
pub(super) fn read_message(
    input: &mut impl Read,
    most: impl Fn(u8) -> Option<usize>,
) -> io::Result<(u8, Vec<u8>)> {
    let mut head = [0; HEAD];
    input.read_exact(&mut head)?;
    let [kind, length @ ..] = head;
    let length = u32::from_le_bytes(length) as usize;
    if length == 0 || most(kind).is_none_or(|most| length > most) {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut body = vec![0; length];
    input.read_exact(&mut body)?;
    Ok((kind, body))
}

/// Writes one message: the child's side.
///
/// # Errors
/// The parent reads no more.
pub fn send(output: &mut impl Write, kind: u8, body: &[u8]) -> io::Result<()> {
    let length = u32::try_from(body.len()).map_err(io::Error::other)?;
    output.write_all(&[kind])?;
    output.write_all(&length.to_le_bytes())?;
    output.write_all(body)
}

/// What a child says, as people may be shown it: of bounded length and without control characters.
pub fn printable(line: &str) -> String {
    line.chars().filter(|character| !character.is_control()).take(LINE).collect()
}

/// What a child died of that `ran` so long. Nada's own limits are the file's fault: where the second limit of processor
/// time ends in the same signal as a lack of memory, only so much time tells them apart.
fn death(status: ExitStatus, ran: Duration, stderr: &str, limits: Limits) -> IsolatedError {
    let signal = status.signal().and_then(Signal::from_named_raw);
    let processor = || format!("took more than {} s of processor time", limits.processor);
    IsolatedError::Failed(match (status.code(), signal) {
        _ if stderr.starts_with("memory allocation of") => {
            format!("ran out of its {} MiB of memory", limits.memory >> 20)
        }
        (_, Some(Signal::XCPU)) => processor(),
        (_, Some(Signal::KILL)) if ran.as_secs() >= limits.processor => processor(),
        (_, Some(Signal::KILL)) => return IsolatedError::Killed,
        (Some(code), _) if stderr.is_empty() => format!("ended with status {code} before it was done"),
        (Some(code), _) => format!("ended with status {code} before it was done: {stderr}"),
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

    const LIMITS: Limits = Limits { memory: 256 << 20, processor: 1800 };

    #[test]
    fn only_a_kill_from_outside_is_not_the_files_fault() {
        let killed = ExitStatus::from_raw(Signal::KILL.as_raw());
        let (soon, late) = (Duration::from_secs(5), Duration::from_secs(LIMITS.processor + 5));
        assert!(matches!(death(killed, soon, "", LIMITS), IsolatedError::Killed));
        let crashed = ExitStatus::from_raw(Signal::SEGV.as_raw());
        for (status, ran, stderr, part) in [
            (killed, late, "", "processor time"),
            (killed, soon, "memory allocation of 9 bytes failed", "out of its 256 MiB"),
            (crashed, soon, "", "SIGSEGV"),
        ] {
            let error = death(status, ran, stderr, LIMITS);
            assert!(matches!(&error, IsolatedError::Failed(reason) if reason.contains(part)), "{error:?}");
        }
    }
}
