//! Files that are a little off, and lines that lie outside their track.
#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on fails

use core::num::NonZeroU32;

use nada_lyrics::{Hint, Kind, Lyrics, Parsed, Timeline, json, lrc, parse, srt, ttml, vtt};
use serde_json::Value;

fn hint() -> Hint {
    Hint { lang: "en".parse().unwrap(), kind: Kind::Main }
}

fn read(file: &str) -> Parsed {
    parse(file.as_bytes(), &hint()).unwrap_or_else(|e| panic!("{e}\n{file}"))
}

/// The ten seconds of a track without priming.
fn ten_seconds() -> Timeline {
    Timeline::media(0, NonZeroU32::new(1000).unwrap(), 10_000)
}

/// What each writer shows of a file, as `start-end text`: WebVTT, SubRip, the cue lines of JSON, TTML; and LRC.
struct Shown {
    vtt: Vec<String>,
    srt: Vec<String>,
    cue_lines: Vec<String>,
    ttml: Vec<String>,
    lrc: String,
}

fn cues(file: &str) -> Vec<String> {
    let blocks = file.split("\n\n").filter_map(|block| block.split_once(" --> ").map(|(a, b)| (a, b)));
    let ms = |time: &str| {
        let fields =
            time.split([':', '.', ',']).map(|field| field.parse::<u64>().unwrap()).collect::<Vec<_>>();
        ((fields[0] * 60 + fields[1]) * 60 + fields[2]) * 1000 + fields[3]
    };
    blocks
        .map(|(before, after)| {
            let (end, text) = after.split_once('\n').unwrap();
            let text: String = text
                .trim()
                .split('<')
                .map(|part| part.split_once('>').map_or(part, |(_, text)| text))
                .collect();
            format!("{}-{} {text}", ms(before.lines().last().unwrap()), ms(end))
        })
        .collect()
}

fn shown(file: &str, timeline: &Timeline) -> Shown {
    let layer = read(file).layer;
    let lyrics = Lyrics::new(vec![layer.clone()]).unwrap();
    let json: Value = serde_json::from_str(&json::write(&lyrics, timeline, None)).unwrap();
    let lines = json["structuredLyrics"][0]["line"].as_array().unwrap().len();
    assert_eq!(lines, layer.lines().len(), "`index` counts lines");
    let cue_lines = json["structuredLyrics"][0]["cueLine"].as_array().cloned().unwrap_or_default();
    let cue_line =
        |line: &Value| format!("{}-{} {}", line["start"], line["end"], line["value"].as_str().unwrap());
    let ttml = ttml::write(&lyrics, timeline, None);
    let again = read(&ttml).layer;
    let lasting =
        again.lines().iter().filter(|line| line.end_ms() != line.start_ms() && !line.text().is_empty());
    Shown {
        vtt: cues(&vtt::write(&layer, timeline)),
        srt: cues(&srt::write(&layer, timeline)),
        cue_lines: cue_lines.iter().map(cue_line).collect(),
        ttml: lasting.map(|line| line.text().to_owned()).collect(),
        lrc: lrc::write(&layer, timeline, lrc::Flavour::Plain),
    }
}

#[test]
fn what_is_over_before_the_track_is_not_shown_at_its_beginning() {
    let lines = shown("[offset:+3000]\n[00:01.00]a\n[00:02.00]b\n[00:05.00]c\n[00:06.00]d\n", &ten_seconds());
    assert_eq!(lines.vtt, ["0-2000 b", "2000-3000 c", "3000-10000 d"]);
    assert_eq!(lines.srt, lines.vtt);
    assert_eq!(lines.ttml, ["b", "c", "d"]);
    assert_eq!(lines.lrc, "[la:en]\n[00:00.00]b\n[00:02.00]c\n[00:03.00]d\n");
    let words = shown(
        "[offset:+3000]\n[00:01.00]<00:01.00>a <00:01.50>x\n[00:02.00]<00:02.00>b <00:03.50>y\n[00:05.00]<00:05.00>c <00:05.50>z\n",
        &ten_seconds(),
    );
    assert_eq!(words.cue_lines, ["0-2000 b y", "2000-10000 c z"]);
    assert_eq!(words.vtt, ["0-2000 b y", "2000-10000 c z"]);
    // Over exactly when the track begins; with an end of its own; all of them.
    let exact = shown("[offset:+2000]\n[00:01.00]<00:01.00>a\n[00:02.00]<00:02.00>b\n", &ten_seconds());
    assert_eq!((exact.vtt, exact.cue_lines), (vec!["0-10000 b".into()], vec!["0-10000 b".into()]));
    let ended = shown("[offset:+5000]\n[00:01.00]a[00:02.00]\n[00:09.00]b\n", &ten_seconds());
    assert_eq!((ended.vtt, ended.srt), (vec!["4000-10000 b".into()], vec!["4000-10000 b".to_owned()]));
    let none =
        shown("[offset:+9000]\n[00:01.00]<00:01.00>a\n[00:02.00]<00:02.00>b\n[00:03.00]\n", &ten_seconds());
    assert_eq!((none.vtt.len(), none.srt.len(), none.cue_lines.len(), none.ttml.len()), (0, 0, 0, 0));
    assert_eq!(none.lrc, "[la:en]\n[00:00.00]\n", "still LRC");
}

#[test]
fn what_begins_when_the_track_is_over_is_not_shown_at_its_end() {
    let lines =
        shown("[00:09.00]<00:09.00>a\n[00:10.00]<00:10.00>b\n[00:11.00]<00:11.00>c\n", &ten_seconds());
    assert_eq!(lines.vtt, ["9000-10000 a"]);
    assert_eq!((&lines.srt, &lines.cue_lines), (&lines.vtt, &lines.vtt));
    assert_eq!(lines.lrc, "[la:en]\n[00:09.00]a\n");
}

#[test]
fn backgrounds_words_and_lines_without_a_duration_keep_to_the_track() {
    let late = shown("[00:08.00]<00:08.00>a [bg: <00:10.50>b]\n", &ten_seconds());
    assert_eq!(
        (&late.vtt, &late.cue_lines),
        (&vec!["8000-10000 a".to_owned()], &vec!["8000-10000 a".to_owned()])
    );
    let early = shown(
        "[offset:+2000]\n[00:01.00]<00:01.00>a <00:03.00>x [bg: <00:01.20>b]\n[00:06.00]c\n",
        &ten_seconds(),
    );
    assert_eq!(early.vtt, ["0-4000 a x", "0-4000 b", "4000-10000 c"]);
    assert_eq!(early.cue_lines, ["0-4000 a x", "0-4000 b"]);
    let point = "<tt><body><p begin='1' end='1'>a</p><p begin='2' end='3'>b</p></body></tt>";
    assert_eq!(shown(point, &ten_seconds()).vtt, ["2000-3000 b"]);
    // Lines at one time that lies before the track are over together.
    let together =
        shown("[offset:+3000]\n[00:01.00]a\n[00:01.00]b\n[00:02.00]c\n[00:04.00]d\n", &ten_seconds());
    assert_eq!(together.vtt, ["0-1000 c", "1000-10000 d"]);
}
