//! Reading takes time in proportion to the file, whatever it is made of (Linux).
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::cast_precision_loss)] // a test that cannot go on fails

use std::hint::black_box;

use nada_lyrics::{Hint, Kind, Limits, parse_within};
use rustix::time::{ClockId, clock_gettime};

/// What comes before and after the filling.
const FORMATS: [(&str, &str); 15] = [
    ("[00:01.00]", "\n"),
    ("[00:01.00]a\n", ""),
    ("[00:01.00]v1: a\n[bg: ", "]\n"),
    ("<tt><body><p begin=\"1\">", "</p></body></tt>"),
    ("<tt><body><p begin=\"1\" ", ">a</p></body></tt>"),
    ("<tt><head><title>", "</title></head><body><p begin=\"1\">a</p></body></tt>"),
    ("WEBVTT\n\n00:01.000 --> 00:02.000\n", "\n"),
    ("WEBVTT\n\n", "\n\n00:01.000 --> 00:02.000\na\n"),
    ("1\n00:00:01,000 --> 00:00:02,000\n", "\n"),
    ("lines:\n- {start_ms: 1, text: a, ", "b: c}\n"),
    ("{lines: [{start_ms: 1, text: \"", "\"}]}\n"),
    ("title: x\n", "\nlines:\n- {start_ms: 1, text: a}\n"),
    ("lines:\n- text: \"", "\"\n  start_ms: 1\n"),
    ("plain: |\n  ", "\n"),
    ("", "\na\n"),
];
/// `№` is another number each time.
const FILLINGS: [&str; 29] = [
    "<",
    "[",
    "{",
    "&",
    "]",
    ">",
    "\u{1}",
    "\u{301}",
    "\u{200d}",
    "क्",
    "\u{600}",
    "👩\u{200d}",
    "a ",
    "\n",
    "[00:01.00]",
    "<00:01.00>a",
    "<00:00:01.000>a",
    "a: b, ",
    "a='1' ",
    "&amp;",
    "<i>",
    "<span begin='1'>a</span>",
    "x: 1\n  ",
    "\r",
    "<00:01.00>क्",
    "<span begin='1' ttm:role='x-translation' xml:lang='a№'>a</span>",
    "<b№/>",
    "a№: 1, ",
    "[k№:a]",
];

fn seconds(text: &str) -> f64 {
    let hint = Hint { lang: "hi".parse().unwrap(), kind: Kind::Main };
    let limits = Limits { file_bytes: usize::MAX, lines: usize::MAX, words: usize::MAX };
    // of this thread's CPU: what others do counts little
    let now = || {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
    };
    let once = || {
        let start = now();
        let _ = black_box(parse_within(text.as_bytes(), &hint, &limits));
        now() - start
    };
    (0..3).map(|_| once()).fold(f64::MAX, f64::min)
}

#[test]
fn eight_times_the_file_takes_eight_times_the_time() {
    let mut slow = Vec::new();
    for (before, after) in FORMATS {
        for filling in FILLINGS {
            let each = |n: usize| filling.replace('№', &n.to_string());
            let of = |bytes: usize| {
                let filled: String = (0..bytes / filling.len()).map(each).collect();
                format!("{before}{filled}{after}")
            };
            // what is over in no time says nothing
            let times = || seconds(&of(128 << 10)) / seconds(&of(16 << 10)).max(0.000_2);
            // 64 times would be quadratic; a busy machine is asked again
            if (0..3).all(|_| times() > 28.0) {
                slow.push(format!("{before:?} {filling:?}"));
            }
        }
    }
    assert!(slow.is_empty(), "{slow:#?}");
}
