//! The lyrics as HLS subtitles: hls.js and Shaka Player show each line's cue at its time, from the start and from mid-song.

use nada_tests::{browser, client::Client, demo::Demo};
use serde_json::{Value, json};

const TRACK: &str = "INNDA2600001";
/// Seconds by which a cue may be shown after its time: Chromium looks for cues a few times a second at worst.
const LATE: f64 = 0.3;

/// The text of a cue without its karaoke time tags.
fn plain(text: &str) -> String {
    text.split('<').map(|part| part.split_once('>').map_or(part, |(_, rest)| rest)).collect()
}

async fn shows_each_line(player: &str, demo: &Demo, layers: &Value, [from, until]: [f64; 2], least: usize) {
    let path = demo.path(TRACK).unwrap();
    let input = json!({
        "edge": demo.edge(), "path": path, "with": player, "edgeHeaders": {}, "from": from, "until": until,
    });
    let seen = browser::run("cues", &input).await.unwrap();
    assert_eq!(seen["errors"], json!([]), "{seen}");
    let tracks = seen["tracks"].as_array().unwrap();
    let layers = layers.as_array().unwrap();
    assert_eq!(tracks.len(), layers.len(), "{seen}");
    for (track, layer) in tracks.iter().zip(layers) {
        assert_eq!(track["lang"], layer["lang"], "{track}");
        let is = track["characteristics"].as_str().unwrap();
        match layer["kind"].as_str().unwrap() {
            "main" => assert_eq!(is, "public.accessibility.transcribes-spoken-dialog"),
            kind => assert_eq!(is, format!("com.nada.lyrics.{kind}")),
        }
        let number = |value: &Value| value.as_f64().unwrap();
        let cues = track["cues"].as_array().unwrap();
        let lines = layer["line"].as_array().unwrap();
        assert_eq!(cues.len(), lines.len(), "{track}");
        for (cue, line) in cues.iter().zip(lines) {
            assert!((number(&cue["start"]) - number(&line["start"]) / 1000.0).abs() < 0.002, "{cue} {line}");
            assert_eq!(plain(cue["text"].as_str().unwrap()), line["value"].as_str().unwrap());
        }
        let shown = track["shown"].as_array().unwrap();
        assert!(shown.len() >= least, "{track}");
        for cue in shown.iter().filter(|cue| number(&cue["start"]) > from) {
            let late = number(&cue["at"]) - number(&cue["start"]);
            assert!((0.0..LATE).contains(&late), "{cue} is shown {late:.3} s after its time");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_shows_each_line_as_a_cue_at_its_time() {
    let demo = Demo::start().await.unwrap();
    let url =
        format!("{}{}", demo.edge(), demo.path(TRACK).unwrap().replace("multivariant.m3u8", "lyrics.json"));
    let lyrics = Client::default().send("GET", &url, &[]).await.unwrap().json().unwrap();
    let layers = &lyrics["structuredLyrics"];
    assert_eq!(layers.as_array().unwrap().len(), 3);
    let (demo, layers) = (&demo, layers);
    let both = ["hls", "shaka"].map(|player| async move {
        shows_each_line(player, demo, layers, [0.0, 7.0], 2).await;
        shows_each_line(player, demo, layers, [13.0, 15.0], 1).await;
    });
    futures_util::future::join_all(both).await;
}
