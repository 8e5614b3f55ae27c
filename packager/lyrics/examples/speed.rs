//! How fast each parser but that of Lyricsfile reads a file, and how much memory that takes: `speed FORMAT LINES` measures one file,
//! `speed` all formats with a quarter of a million lines and with a million, each in a process of its own.
//! `tests/bench/lyrics` builds and runs it.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods)] // a measurement

use std::{env, fs, hint::black_box, process::Command, time::Instant};

use nada_lyrics::{Hint, Kind, Limits, parse_within};

const LINES: [&str; 2] = ["250000", "1000000"];
const FORMATS: [&str; 6] = ["lrc", "elrc", "ttml", "vtt", "srt", "plain"];
// With a nukta, with vowel signs that may be halves of others, from the right: none has a way of its own to be fast.
const WORDS: [&str; 8] = ["बुरा", "ज़िंदगी", "আমার", "காதல்", "മാനസം", "زندگی", "Burung", "don’t"];

fn main() {
    if let [_, format, lines] = &*env::args().collect::<Vec<_>>() {
        return measure(format, lines.parse().unwrap());
    }
    for (format, lines) in FORMATS.iter().flat_map(|format| LINES.map(|lines| (format, lines))) {
        let mut one = Command::new(env::current_exe().unwrap());
        assert!(one.args([format, lines]).status().unwrap().success());
    }
}

fn measure(format: &str, lines: usize) {
    let file = sample(format, lines);
    let megabytes = bytes(file.len()) / 1e6;
    let before = memory("VmRSS");
    // The peer: every line found and checked to be UTF-8, nothing kept.
    let peer = megabytes
        / fastest(|| {
            file.as_bytes()
                .split(|b| *b == b'\n')
                .map(|line| str::from_utf8(line).unwrap().len())
                .sum::<usize>()
        });
    let hint = Hint { lang: "hi".parse().unwrap(), kind: Kind::Main };
    let limits = Limits { file_bytes: usize::MAX, lines: usize::MAX, words: usize::MAX };
    let mut lines = 0;
    let speed = megabytes
        / fastest(|| {
            let parsed = parse_within(file.as_bytes(), &hint, &limits).unwrap();
            assert_eq!(parsed.warnings, []);
            lines = parsed.layer.lines().len();
            lines
        });
    let peak = (memory("VmHWM") - before) / 1e6;
    println!(
        "{format:10} {speed:6.0} MB/s, {:.2} of splitting and checking UTF-8 ({peer:.0} MB/s); \
         {megabytes:.0} MB, {lines:7} lyric lines, {peak:.0} MB of memory: {:.1} a byte, {:.0} a lyric line",
        speed / peer,
        peak / megabytes,
        peak * 1e6 / bytes(lines),
    );
}

#[allow(clippy::cast_precision_loss)] // far below 2^53
fn bytes(count: usize) -> f64 {
    count as f64
}

/// Seconds of the fastest of three runs.
fn fastest(mut run: impl FnMut() -> usize) -> f64 {
    (0..3).fold(f64::MAX, |least, _| {
        let start = Instant::now();
        black_box(run());
        least.min(start.elapsed().as_secs_f64())
    })
}

/// A figure of this process in bytes (Linux).
fn memory(key: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(key)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() * 1024.0
}

/// A file of so many lines: five words to a lyric line, a word every 60 ms.
fn sample(format: &str, lines: usize) -> String {
    let mut file = String::with_capacity(lines * 300);
    match format {
        "ttml" => file.push_str("<tt itunes:timing=\"Word\"><body><div>\n"),
        "vtt" => file.push_str("WEBVTT\n\n"),
        _ => {}
    }
    // Lines of the file that a lyric line takes.
    let each = match format {
        "vtt" => 3,
        "srt" => 4,
        _ => 1,
    };
    for i in 0..lines / each {
        let (start, end) = (i * 300, i * 300 + 300);
        let word = |n: usize| WORDS[(i * 5 + n) % WORDS.len()];
        let words = || (0..5).map(|n| (word(n), start + n * 60));
        let text = words().map(|(word, _)| word).collect::<Vec<_>>().join(" ");
        file += &match format {
            "lrc" => format!("[{}]{text}\n", lrc(start)),
            "elrc" => {
                let words: Vec<_> = words().map(|(word, at)| format!("<{}>{word}", lrc(at))).collect();
                format!("[{}]{}\n", lrc(start), words.join(" "))
            }
            "ttml" => {
                let words = words().map(|(word, at)| {
                    format!(
                        "<span begin=\"{}\" end=\"{}\">{word}</span>",
                        clock(at, '.'),
                        clock(at + 60, '.')
                    )
                });
                let (start, end) = (clock(start, '.'), clock(end, '.'));
                let words = words.collect::<Vec<_>>().join(" ");
                format!("<p begin=\"{start}\" end=\"{end}\" itunes:key=\"L{}\">{words}</p>\n", i + 1)
            }
            "vtt" => {
                let words = words().skip(1).map(|(word, at)| format!(" <{}>{word}", clock(at, '.')));
                let words = words.collect::<String>();
                format!("{} --> {}\n{}{words}\n\n", clock(start, '.'), clock(end, '.'), word(0))
            }
            "srt" => format!("{}\n{} --> {}\n{text}\n\n", i + 1, clock(start, ','), clock(end, ',')),
            _ => format!("{text}\n"),
        };
    }
    if format == "ttml" {
        file.push_str("</div></body></tt>");
    }
    file
}

fn lrc(ms: usize) -> String {
    format!("{:02}:{:02}.{:02}", ms / 60_000, ms / 1000 % 60, ms / 10 % 100)
}

fn clock(ms: usize, point: char) -> String {
    let s = ms / 1000;
    format!("{:02}:{:02}:{:02}{point}{:03}", s / 3600, s / 60 % 60, s % 60, ms % 1000)
}
