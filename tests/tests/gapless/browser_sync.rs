//! Lyrics in step with the sound: on the player page in Chromium, each word is lit when it sounds, on every rendition,
//! with hls.js and with the browser's own HLS, after a seek, from mid-song, and after a switch of the rendition.

use std::{collections::BTreeMap, fs, path::Path};

use futures_util::future::join_all;
use nada_tests::{browser, client::Client, demo::Demo};
use serde_json::{Value, json};

use crate::{ffmpeg::SYSTEM, signal::lag};

const TRACK: &str = "INNDA2600001";
const SONG: &str = "../packager/cli/demo/songs/kabir-dohe";
const RATE: f64 = 44_100.0;
const PRIMING: i64 = 2048;
/// Milliseconds by which a word may be lit before or after it sounds.
const ALLOWED: f64 = 20.0;
/// A frame that comes later than this after the one before was missed by a busy machine, and says nothing of the page.
const FRAME: f64 = 22.0;
/// How often a play is repeated when the machine missed too many frames.
const TRIES: usize = 3;
const RENDITIONS: usize = 5;

/// Milliseconds of the source at which each word begins: the stamps of the song's own file, which is put together from
/// them.
fn word_times() -> Vec<f64> {
    let lyrics =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(SONG).join("01.hi.lrc")).unwrap();
    let stamp = |text: &str| {
        let (minutes, seconds) = text.split_once(':').unwrap();
        1000.0 * (60.0 * minutes.parse::<f64>().unwrap() + seconds.parse::<f64>().unwrap())
    };
    let lines = lyrics.lines().filter(|line| line.starts_with("[00:"));
    // the last stamp of a line is where its last word ends
    let words = lines.flat_map(|line| line.split('<').skip(1).map(|word| word.split_once('>').unwrap()));
    words.filter(|(_, text)| !text.is_empty()).map(|(time, _)| stamp(time)).collect()
}

/// Where each word sounds in each rendition, in milliseconds of media time: its first quarter of a second, found in what
/// ffmpeg decodes.
async fn sounding(demo: &Demo, words: &[f64]) -> Vec<Vec<f64>> {
    let source = SYSTEM.decode(Path::new(env!("CARGO_MANIFEST_DIR")).join(SONG).join("01.flac")).middle();
    let base =
        format!("{}{}", demo.edge(), demo.path(TRACK).unwrap().strip_suffix("multivariant.m3u8").unwrap());
    let playlist = Client::default().send("GET", &format!("{base}multivariant.m3u8"), &[]).await.unwrap();
    let (_, playlist) = m3u8_rs::parse_master_playlist(&playlist.body).unwrap();
    assert_eq!(playlist.variants.len(), RENDITIONS);
    let decode = |uri: &str| SYSTEM.decode(format!("{base}{uri}")).middle();
    let mut all = Vec::new();
    for variant in &playlist.variants {
        let heard = decode(&variant.uri);
        let of = |ms: &f64| {
            let start = (ms * RATE / 1000.0) as usize;
            let late = lag(&source, start..start + RATE as usize / 4, &heard, PRIMING - 200..PRIMING + 200);
            (start as f64 + late) * 1000.0 / RATE
        };
        all.push(words.iter().map(of).collect());
    }
    all
}

/// By how many milliseconds each word was lit after it sounded, of those whose frame came in time; how many did not.
fn late(said: &Value, sounding: &[f64]) -> (BTreeMap<usize, f64>, usize) {
    let (mut late, mut missed) = (BTreeMap::new(), 0);
    for lit in said["lit"].as_array().unwrap() {
        let number = |name: &str| lit[name].as_f64().unwrap();
        let word = number("word") as usize;
        match number("since") {
            // lit because the listener went there, not because it began to sound
            since if !(0.0..500.0).contains(&since) => {}
            since if since > FRAME => missed += 1,
            _ => {
                late.insert(word, number("ms") - sounding[word]);
            }
        }
    }
    (late, missed)
}

/// Plays until the machine missed few frames; by how much each word was late, and the frames missed.
async fn measure(demo: &Demo, play: &Value, sounding: &[Vec<f64>]) -> (BTreeMap<usize, f64>, usize) {
    let input =
        json!({ "edge": demo.edge(), "path": demo.path(TRACK).unwrap(), "told": {}, "plays": [play] });
    let mut expected: Vec<u64> = play["level"].as_u64().into_iter().collect();
    expected.extend(play["switch"][1].as_u64());
    for tries in 1.. {
        let said = browser::run("sync", &input).await.unwrap();
        let said = &said[0];
        assert_eq!(said["errors"], json!([]), "{said}");
        if play["player"] == "hls.js" {
            assert_eq!(said["levels"], json!(expected), "{said}");
        }
        // renditions agree to the sample on where a word sounds
        let (late, missed) = late(said, &sounding[expected[0] as usize]);
        if missed <= late.len() / 4 || tries == TRIES {
            return (late, missed);
        }
        println!("{missed} frames missed: once more");
    }
    unreachable!("the loop ends with the last try");
}

/// From the start, and after a seek.
fn seeking(player: &str, level: usize) -> Value {
    json!({ "name": format!("{player}, rendition {level}, start and seek"), "player": player, "level": level,
        "from": 0, "until": null, "seek": [5.5, 21.0, 24.5], "switch": null })
}

fn playing(name: &str, player: &str, level: usize, [from, until]: [f64; 2], switch: Value) -> Value {
    json!({ "name": format!("{player}, {name}"), "player": player, "level": level, "from": from, "until": until,
        "seek": null, "switch": switch })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_is_lit_when_it_sounds() {
    let mut plays: Vec<Value> = ["hls.js", "native"]
        .into_iter()
        .flat_map(|player| (0..RENDITIONS).map(move |level| seeking(player, level)))
        .collect();
    plays.extend([
        playing("from mid-song, lowest", "hls.js", 0, [13.5, 18.0], Value::Null),
        playing("from mid-song, highest", "hls.js", 4, [13.5, 18.0], Value::Null),
        playing("from mid-song", "native", 2, [13.5, 18.0], Value::Null),
        playing("from lowest to highest", "hls.js", 0, [0.0, 14.0], json!([1.0, 4])),
        playing("from highest to lowest", "hls.js", 4, [0.0, 14.0], json!([1.0, 0])),
    ]);
    let demo = Demo::start().await.unwrap();
    let sounding = sounding(&demo, &word_times()).await;
    println!("| play | words | lit after they sound, ms: least, mean, most | frames missed |");
    for pair in plays.chunks(2) {
        let measured = join_all(pair.iter().map(|play| measure(&demo, play, &sounding))).await;
        for (play, (late, missed)) in pair.iter().zip(measured) {
            let name = &play["name"];
            let (most, all) = (late.values().fold(f64::MIN, |a, &b| a.max(b)), late.len());
            let fewest = late.values().fold(f64::MAX, |a, &b| a.min(b));
            let mean = late.values().sum::<f64>() / all as f64;
            println!("| {name} | {all} | {fewest:+.1} {mean:+.1} {most:+.1} | {missed} |");
            assert!(all >= 3, "{name}: only {all} words were lit in time: {late:?}");
            assert!(fewest >= -ALLOWED && most <= ALLOWED, "{name}: {late:?}");
        }
    }
}

#[test]
fn the_song_has_its_words() {
    let times = word_times();
    assert_eq!((times.len(), times[0], times[1]), (34, 1960.0, 2940.0));
    assert!(times.is_sorted());
}
