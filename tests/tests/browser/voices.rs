//! Several voices on the player page: of overlapping lines all are lit, each by its own words, and a background without
//! word times with its line.

use nada_lyrics::{Hint, Kind, Lyrics, LyricsTimeline};
use nada_tests::{browser, demo::Demo};
use serde_json::{Value, json};

const TRACK: &str = "INNDA2600001";
const DUET: &str = r#"<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttm="http://www.w3.org/ns/ttml#metadata" xml:lang="en"
    xmlns:itunes="http://music.apple.com/lyric-ttml-internal" itunes:timing="Word">
  <head><metadata><ttm:agent type="person" xml:id="v1"/><ttm:agent type="person" xml:id="v2"/></metadata></head>
  <body><div>
    <p begin="1s" end="6s" ttm:agent="v1"><span begin="1s" end="2s">I</span> <span begin="4s" end="6s">wait</span></p>
    <p begin="3s" end="8s" ttm:agent="v2"><span begin="3s" end="8s">Wandering</span></p>
    <p begin="9s" end="14s" ttm:agent="v1"><span begin="9s" end="10s">Home</span><span ttm:role="x-bg">come home</span></p>
    <p begin="15s" end="16s" ttm:agent="v1"><span begin="15s" end="16s">Now</span></p>
  </div></body>
</tt>"#;

/// What the edge would serve of a TTML file.
fn lyrics(ttml: &str) -> Value {
    let hint = Hint { lang: "en".parse().unwrap(), kind: Kind::Main };
    let parsed = nada_lyrics::parse(ttml.as_bytes(), &hint).unwrap();
    let lyrics = Lyrics::new(vec![parsed.layer]).unwrap();
    serde_json::from_str(&nada_lyrics::json::write(&lyrics, &LyricsTimeline::SOURCE, None)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_lights_every_voice() {
    let demo = Demo::start().await.unwrap();
    let input = json!({ "edge": demo.edge(), "path": demo.path(TRACK).unwrap(), "lyrics": lyrics(DUET),
        "at": [1.5, 3.5, 5.0, 7.0, 9.5, 12.0, 14.5, 15.5], "screenshots": std::env::var("NADA_SCREENSHOTS").ok() });
    let output = browser::run("voices", &input).await.unwrap();
    assert_eq!(output["errors"], json!([]));
    let expected: [(&[&str], &[&str], &[&str]); 8] = [
        (&["I wait"], &["I"], &[]),
        (&["I wait", "Wandering"], &["Wandering"], &[]),
        (&["I wait", "Wandering"], &["wait", "Wandering"], &[]),
        (&["Wandering"], &["Wandering"], &[]),
        (&["Homecome home"], &["Home"], &["come home"]),
        (&["Homecome home"], &[], &["come home"]),
        (&["Homecome home"], &[], &["come home"]),
        (&["Now"], &["Now"], &[]),
    ];
    let seen = output["seen"].as_array().unwrap();
    for (seen, (current, lit, bright)) in seen.iter().zip(expected) {
        assert_eq!(*seen, json!({ "current": current, "lit": lit, "bright": bright, "inside": true }));
    }
    assert_eq!(seen.len(), expected.len());
}
