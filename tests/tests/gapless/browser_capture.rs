//! hls.js in Chromium, captured to the sample: media time and source stay together through switches of the rendition,
//! a start in mid-song and seeks.

use std::{fs, path::Path};

use nada_tests::browser;
use serde_json::{Value, json};

use crate::{
    packaged::{Packaged, Rendition},
    signal::{Pcm, lag},
    site::Site,
    song,
};

const RATE: u32 = 44_100;
const LADDER: &str = "heaac2-24,heaac2-32,heaac-64,aac-128,aac-256";
/// Samples that Web Audio renders at once: an element begins to sound at a multiple of it.
const QUANTUM: f64 = 128.0;
/// A window to find the source in.
const WINDOW: usize = 8192;

struct Capture {
    source: Vec<f32>,
    renditions: Vec<Rendition>,
    heard: Vec<(Value, Vec<f32>)>,
}

/// Packages a minute of noise in segments of 3 s, plays it as told and gives back what sounded.
async fn capture(plays: Value) -> Capture {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("source.wav");
    let source = song::wav(&file, RATE, &song::noise(60 * RATE as usize)).middle();
    let packaged = Packaged::new(&file, folder.path(), "song", &["--ladder", LADDER, "--segments", "64,64"]);
    let hls = Path::new(env!("CARGO_MANIFEST_DIR")).join("node_modules/hls.js/dist/hls.min.js");
    fs::copy(hls, packaged.folder.join("hls.min.js")).expect("tests/run installs hls.js");
    let site = Site::of(packaged.folder.clone()).await;
    let input = json!({ "site": site.url(""), "rate": RATE, "plays": plays });
    let said = browser::run("capture", &input).await.unwrap();
    let heard = said.as_array().unwrap().iter().map(|play| {
        let name = play["name"].as_str().unwrap();
        let bytes = fs::read(packaged.folder.join(format!("{name}.f32"))).unwrap();
        (play.clone(), Pcm::from_bytes(&bytes).0)
    });
    Capture { source, heard: heard.collect(), renditions: packaged.renditions }
}

fn number(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap()).unwrap()
}

/// Where source sample 0 lies in `heard`, looking at the window there and expecting it near `near`.
fn origin(source: &[f32], heard: &[f32], window: usize, near: i64) -> f64 {
    // `heard` from `window` on holds what the source has from `window - near` on
    let start = usize::try_from(window as i64 - near).unwrap();
    let coarse = lag(source, start..start + WINDOW / 4, heard, near - 2500..near + 2500).round() as i64;
    lag(source, start..start + WINDOW, heard, coarse - 4..coarse + 5)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seek_or_a_start_in_mid_song_keeps_the_timeline() {
    let at = [17.123_456, 2.972_154, 40.000_001, 0.1, 31.337];
    let mut plays = Vec::new();
    for level in 0..5 {
        plays.push(json!({ "name": format!("seek-{level}"), "at": at, "levels": [level] }));
        plays.push(json!({ "name": format!("start-{level}"), "at": [0], "levels": [level] }));
    }
    let Capture { source, renditions, heard } = capture(plays.into()).await;
    for (play, heard) in &heard {
        println!("{play} {}", heard.len());
        let at: &[f64] = if play["name"].as_str().unwrap().starts_with("seek") { &at } else { &[0.0] };
        for (time, start) in at.iter().zip(play["starts"].as_array().unwrap()) {
            let start = number(start).saturating_sub(2 * RATE as usize / 10);
            let onset = start + heard[start..].iter().position(|&sample| sample != 0.0).unwrap();
            let media = time * f64::from(RATE);
            let near = onset as i64 - (media - 2048.0) as i64;
            let origin = origin(&source, heard, onset + RATE as usize / 4, near);
            let begun = origin - 2048.0 + media;
            println!("{} t={time} onset {onset} begun {begun:.2} = {:.2} quanta, onset-begun {:.2}", play["name"], begun / QUANTUM, onset as f64 - begun);
        }
    }
    let _ = renditions;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_switch_between_any_two_renditions_keeps_the_timeline() {
    // from each rendition to those 1, 2, 3 and 4 further on, so that every ordered pair comes once
    let walk = |s: usize| [s, s + 1, s + 3, s + 6, s + 10].map(|level| level % 5);
    let plays: Vec<_> = (0..5).map(|s| json!({ "name": format!("walk-{s}"), "at": [0], "levels": walk(s) })).collect();
    let Capture { source, renditions, heard } = capture(plays.into()).await;
    for (play, heard) in &heard {
        println!("{play} {}", heard.len());
        let start = number(&play["starts"][0]).saturating_sub(RATE as usize / 10);
        let onset = start + heard[start..].iter().position(|&sample| sample != 0.0).unwrap();
        let switches = play["switches"].as_array().unwrap();
        let mut near = onset as i64;
        for (i, switch) in switches.iter().enumerate() {
            let from = number(&switch["frame"]);
            let to = switches.get(i + 1).map_or(heard.len(), |next| number(&next["frame"]));
            let (early, late) = (from + RATE as usize / 2, to - RATE as usize / 3 - WINDOW);
            let origins = [early, late].map(|at| origin(&source, heard, at, near));
            println!("{} {} -> {:?}", play["name"], renditions[number(&switch["level"])].name, origins);
            near = origins[1].round() as i64;
        }
    }
}
