//! Where log lines go: to standard output, by a thread of their own. A reader there that stops reading stops nothing else.

use std::{
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::Duration,
};

use nada_edge_server::Metrics;
use nada_quote::Visible;
use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    fmt::{self, MakeWriter},
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

/// What may wait to be written, in bytes: some 10,000 lines. What comes beyond is dropped, and counted.
const WAITING: usize = 4 << 20;
/// How long the last lines may take once the program ends.
const FAREWELL: Duration = Duration::from_millis(250);

/// The thread that writes. When this is dropped, what still waits is written, unless that takes long.
#[derive(Debug)]
pub struct Log {
    lines: Sender<Option<Vec<u8>>>,
    ended: Receiver<()>,
}

/// One JSON object a line on standard output; `RUST_LOG` chooses what (`info,hyper=warn`: levels, of all targets or of
/// one). Lines that nobody reads in time are dropped and counted in `metrics`.
pub fn json_to_stdout(metrics: Metrics) -> Log {
    let (log, writer) = start(io::stdout(), metrics);
    // by itself it would complain on standard error, and wait there
    let events = fmt::layer().log_internal_errors(false).json().flatten_event(true).with_writer(writer);
    let (targets, misread) = targets(std::env::var("RUST_LOG").ok().as_deref());
    let _ = tracing_subscriber::registry().with(events).with(targets).try_init();
    if let Some(misread) = misread {
        tracing::warn!(target: "nada::log", "{misread}");
    }
    // as the default does
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(target: "nada::panic", place, "{}", panic.payload_as_str().unwrap_or("a panic"));
    }));
    log
}

/// What `chosen` names: `info` where it names nothing, and where it cannot be read, with a sentence about that.
fn targets(chosen: Option<&str>) -> (Targets, Option<String>) {
    let info = Targets::new().with_default(LevelFilter::INFO);
    match chosen.map(str::trim) {
        None | Some("") => (info, None),
        Some(text) => match text.parse() {
            Ok(targets) => (targets, None),
            Err(error) => {
                let example = "RUST_LOG is to be like `info` or `warn,nada=debug`";
                (info, Some(format!("{example}; \"{text}\": {error}; logging `info`")))
            }
        },
    }
}

/// A thread that writes to `out` what the writer is given.
fn start(mut out: impl Write + Send + 'static, metrics: Metrics) -> (Log, Lossy) {
    let (lines, waiting) = channel::<Option<Vec<u8>>>();
    let (end, ended) = channel();
    let writer = Lossy { lines: lines.clone(), bytes: Arc::default(), metrics };
    let (bytes, metrics) = (Arc::clone(&writer.bytes), writer.metrics.clone());
    thread::spawn(move || {
        while let Ok(Some(line)) = waiting.recv() {
            // the reader has gone
            if out.write_all(&line).is_err() {
                metrics.log_line_dropped();
            }
            bytes.fetch_sub(line.len(), Ordering::Relaxed);
        }
        let _ = out.flush();
        let _ = end.send(());
    });
    (Log { lines, ended }, writer)
}

impl Drop for Log {
    fn drop(&mut self) {
        if self.lines.send(None).is_ok() {
            let _ = self.ended.recv_timeout(FAREWELL);
        }
    }
}

/// Takes each line at once, or drops it. It never waits and never fails.
#[derive(Debug, Clone)]
struct Lossy {
    lines: Sender<Option<Vec<u8>>>,
    /// How much waits.
    bytes: Arc<AtomicUsize>,
    metrics: Metrics,
}

impl Write for Lossy {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        // JSON escapes some of what it holds; what is left is for terminals
        let visible = match line.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\n')) {
            true => None,
            false => Some(Visible::new(&String::from_utf8_lossy(line)).json().into_bytes()),
        };
        let given = line.len();
        let line = visible.unwrap_or_else(|| line.to_vec());
        let more = |bytes: usize| bytes.checked_add(line.len()).filter(|all| *all <= WAITING);
        let fits = self.bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok();
        if !fits || self.lines.send(Some(line)).is_err() {
            self.metrics.log_line_dropped();
        }
        Ok(given)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Lossy {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    const DROPPED: &str = "nada_dropped_log_lines_total";

    fn dropped(metrics: &Metrics) -> usize {
        let text = metrics.text();
        let count = text.lines().find_map(|line| line.strip_prefix(DROPPED)?.trim().parse().ok());
        count.unwrap_or_else(|| panic!("no {DROPPED} in {text}"))
    }

    /// A pipe that takes a line only when it is told to.
    struct Pipe(Receiver<()>, Sender<Vec<u8>>);

    impl Write for Pipe {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            self.0.recv().map_err(io::Error::other)?;
            self.1.send(line.to_vec()).map_err(io::Error::other)?;
            Ok(line.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn levels_are_chosen_for_all_targets_or_for_one() {
        let (info, said) = targets(None);
        assert!(said.is_none() && info.would_enable("hyper", &tracing::Level::INFO));
        assert!(!info.would_enable("hyper", &tracing::Level::DEBUG));
        let (chosen, said) = targets(Some("warn,nada=debug"));
        assert!(said.is_none() && chosen.would_enable("nada::cache", &tracing::Level::DEBUG));
        assert!(!chosen.would_enable("hyper", &tracing::Level::INFO));
        assert_eq!(targets(Some(" ")), (info.clone(), None));
        let (kept, said) = targets(Some("info,hyper=loud"));
        assert_eq!(kept, info);
        assert!(said.is_some_and(|said| said.contains("RUST_LOG") && said.contains("loud")));
    }

    #[test]
    fn all_lines_come_in_their_order_and_the_last_ones_too() {
        let metrics = Metrics::default();
        let (read, seen) = channel();
        let (go, gate) = channel();
        let (log, mut writer) = start(Pipe(gate, read), metrics.clone());
        for number in 0..100 {
            go.send(()).unwrap();
            writer.write_all(format!("{number}\n").as_bytes()).unwrap();
        }
        drop(log);
        let lines: Vec<Vec<u8>> = seen.try_iter().collect();
        assert_eq!(lines.concat(), (0..100).map(|n| format!("{n}\n")).collect::<String>().into_bytes());
        assert_eq!(dropped(&metrics), 0);
    }

    #[test]
    fn a_reader_who_stops_reading_costs_lines_and_no_time() {
        let metrics = Metrics::default();
        let (read, seen) = channel();
        let (go, gate) = channel();
        let (log, mut writer) = start(Pipe(gate, read), metrics.clone());
        let line = [b'x'; 1024];
        let began = Instant::now();
        for _ in 0..2 * WAITING / line.len() {
            writer.write_all(&line).unwrap();
        }
        // one may have been taken out to be written
        let lost = WAITING / line.len();
        assert!((lost - 1..=lost).contains(&dropped(&metrics)), "{}", dropped(&metrics));
        // it reads again: there is room again
        go.send(()).unwrap();
        seen.recv_timeout(Duration::from_secs(10)).unwrap();
        while writer.bytes.load(Ordering::Relaxed) == WAITING {
            thread::yield_now();
        }
        let before = dropped(&metrics);
        writer.write_all(&line).unwrap();
        assert_eq!(dropped(&metrics), before);
        drop(log);
        assert!(began.elapsed() < Duration::from_secs(5), "the end does not wait for the reader");
    }

    #[test]
    fn a_line_holds_nothing_that_a_terminal_obeys() {
        let (read, seen) = channel();
        let (go, gate) = channel();
        let (log, mut writer) = start(Pipe(gate, read), Metrics::default());
        go.send(()).unwrap();
        let line = "{\"key\":\"\u{202e}\u{9b}2J गीत\"}\n";
        assert_eq!(writer.write(line.as_bytes()).unwrap(), line.len());
        drop(log);
        assert_eq!(seen.recv().unwrap(), "{\"key\":\"\\u202e\\u009b2J गीत\"}\n".as_bytes());
    }

    #[test]
    fn a_reader_who_has_gone_costs_lines_alone() {
        let metrics = Metrics::default();
        let (read, _) = channel();
        let (go, gate) = channel();
        drop(go);
        let (log, mut writer) = start(Pipe(gate, read), metrics.clone());
        writer.write_all(b"a\n").unwrap();
        writer.write_all(b"b\n").unwrap();
        drop(log);
        assert_eq!(dropped(&metrics), 2);
    }
}
