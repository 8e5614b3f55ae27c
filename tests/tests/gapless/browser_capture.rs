//! hls.js in Chromium, captured to the sample: media time and source stay together through switches of the rendition,
//! a start in mid-song and seeks.

use std::{collections::BTreeSet, fs, path::Path};

use nada_tests::browser;
use serde_json::{Value, json};

use crate::{
    master,
    packaged::{Packaged, Rendition},
    signal::{Pcm, origin},
    site::Site,
};

const RATE: u32 = 44_100;
const LADDER: &str = "heaac2-24,heaac2-32,heaac-64,aac-128,aac-256";
/// Samples that Web Audio renders at once: an element begins to sound at a multiple of it.
const QUANTUM: f64 = 128.0;
/// M.
const PRIMING: f64 = 2048.0;
/// How often a capture is made again when the machine was too busy to play without a break.
const TRIES: usize = 3;

struct Capture {
    source: Vec<f32>,
    renditions: Vec<Rendition>,
    /// What was said of each play, and what sounded.
    plays: Vec<(Value, Vec<f32>)>,
}

/// Packages a minute of noise in segments of 3 s, plays it as told and gives back what sounded.
async fn capture(plays: Value) -> Capture {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("source.wav");
    let source = master::wav(&file, RATE, &master::noise(60 * RATE as usize)).middle();
    let packaged =
        Packaged::new(&file, folder.path(), "packaged", &["--ladder", LADDER, "--segments", "64,64"]);
    let hls = Path::new(env!("CARGO_MANIFEST_DIR")).join("node_modules/hls.js/dist/hls.min.js");
    fs::copy(hls, packaged.folder.join("hls.min.js")).expect("tests/run installs hls.js");
    let site = Site::of(packaged.folder.clone()).await;
    let input = json!({ "site": site.url(""), "rate": RATE, "plays": plays });
    for _ in 0..TRIES {
        let reports = browser::run("capture", &input).await.unwrap();
        let reports = reports.as_array().unwrap();
        if reports.iter().all(|play| play["stalls"] == 0) {
            let heard = |play: &Value| {
                let name = play["name"].as_str().unwrap();
                Pcm::mono(&fs::read(packaged.folder.join(format!("{name}.f32"))).unwrap())
            };
            let plays = reports.iter().map(|play| (play.clone(), heard(play))).collect();
            return Capture { source, plays, renditions: packaged.renditions };
        }
        println!("the player ran dry, which moves what is heard: once more");
    }
    panic!("the player ran dry in {TRIES} captures");
}

fn number(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap()).unwrap()
}

/// The first sample that sounds from `start` on.
fn onset(heard: &[f32], start: usize) -> usize {
    start + heard[start..].iter().position(|&sample| sample != 0.0).unwrap()
}

/// Playing from media time t begins at sample t·R of the media, wherever it begins: captured to the sample, since it
/// begins with one of the blocks of Web Audio.
#[tokio::test(flavor = "multi_thread")]
async fn browser_seeks_and_starts_in_mid_track_on_the_timeline() {
    let seeks = [17.123_456, 2.972_154, 40.000_001, 0.1, 31.337];
    let plays = (0..5).flat_map(|level| {
        ["from-the-start", "seeking"].map(|kind| {
            let at = if kind == "seeking" { &seeks[..] } else { &[0.0] };
            json!({ "name": format!("{kind}-{level}"), "at": at, "levels": [level] })
        })
    });
    let plays: Vec<_> = plays.collect();
    let capture = capture(plays.clone().into()).await;
    println!("| rendition | media time | source late by |");
    for ((report, heard), play) in capture.plays.iter().zip(&plays) {
        let rendition = &capture.renditions[number(&play["levels"][0])].name;
        assert_eq!(report["errors"], json!([]), "{rendition}");
        for (time, start) in play["at"].as_array().unwrap().iter().zip(report["starts"].as_array().unwrap()) {
            let time = time.as_f64().unwrap();
            let onset = onset(heard, number(start).saturating_sub(RATE as usize / 5));
            let media = time * f64::from(RATE);
            let near = onset as i64 - (media - PRIMING) as i64;
            let origin = origin(&capture.source, heard, onset + RATE as usize / 4, near);
            let begun = origin - PRIMING + media;
            let late = begun - QUANTUM * (begun / QUANTUM).round();
            println!("| {rendition} | {time} s | {late:+.2} samples |");
            assert!(late.abs() <= 2.0, "{rendition} from {time} s: {late:+.2} samples");
            // from the start, M samples of silence come first, into which encoders ring before the source begins
            let silent = if time == 0.0 { PRIMING } else { 0.0 };
            let sounds = onset as f64 - begun;
            assert!((-2.0..=silent + 2.0).contains(&sounds), "{rendition} from {time} s: {sounds:+.2}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_switches_between_any_two_renditions_on_the_timeline() {
    // from each rendition to those 1, 2, 3 and 4 further on in turn, so that every ordered pair comes once
    let walk = |from: usize| [from, from + 1, from + 3, from + 6, from + 10].map(|level| level % 5);
    let plays: Vec<_> = (0..5)
        .map(|from| json!({ "name": format!("walk-{from}"), "at": [0], "levels": walk(from) }))
        .collect();
    let capture = capture(plays.clone().into()).await;
    let name = |level: usize| &capture.renditions[level].name;
    let mut pairs = BTreeSet::new();
    println!("| from | to | time shifts by |");
    for ((report, heard), from) in capture.plays.iter().zip(0..) {
        assert_eq!(report["errors"], json!([]), "{report}");
        let mut near = onset(heard, number(&report["starts"][0]).saturating_sub(RATE as usize / 5)) as i64;
        let switches = report["switches"].as_array().unwrap();
        let mut before = None;
        for (i, &level) in walk(from).iter().enumerate() {
            assert_eq!(number(&switches[i]["level"]), level, "{report}");
            let since = number(&switches[i]["frame"]);
            let until = switches.get(i + 1).map_or(heard.len(), |next| number(&next["frame"]));
            // well after this switch, and well before the next
            let [early, late] = [since + RATE as usize / 2, until - RATE as usize / 2]
                .map(|window| origin(&capture.source, heard, window, near));
            if let Some((other, lag)) = before {
                let shift: f64 = early - lag;
                println!("| {} | {} | {shift:+.2} samples |", name(other), name(level));
                assert!(shift.abs() <= 2.0, "{} to {}: {shift:+.2}", name(other), name(level));
                assert!(pairs.insert((other, level)));
            }
            near = late.round() as i64;
            before = Some((level, late));
        }
    }
    assert_eq!(pairs.len(), 20, "every ordered pair");
}
