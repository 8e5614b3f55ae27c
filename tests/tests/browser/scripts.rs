//! Lyrics of every script on a small phone's screen: read from the right where that is how they are read, broken between
//! words, and inside a word only where it is longer than the screen.

use nada_tests::{browser, demo::Demo};
use serde_json::{Value, json};

const TRACK: &str = "INNDA2600001";

/// A line of words in the shape that the edge serves, one word a second from 1 s on.
fn lyrics(lang: &str, words: &[&str]) -> Value {
    let value = words.join(" ");
    let mut at = 0;
    let cues: Vec<Value> = (1_u64..)
        .zip(words)
        .map(|(second, word)| {
            let start = at;
            at += word.len() + 1;
            json!({ "start": second * 1000, "end": second * 1000 + 900, "value": word, "byteStart": start,
                "byteEnd": start + word.len() - 1 })
        })
        .collect();
    json!({ "structuredLyrics": [{ "kind": "main", "lang": lang, "synced": true,
        "line": [{ "start": 1000, "value": value }],
        "cueLine": [{ "index": 0, "start": 1000, "end": 30_000, "value": value, "cue": cues }] }] })
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_lays_out_every_script() {
    let long = "திருநெல்வேலியிலிருந்துவந்தவர்களுக்கெல்லாம்";
    let texts: [(&str, &[&str]); 4] = [
        ("ur", &["بُرا", "جو", "دیکھن", "میں", "چلا"]),
        ("hi", &["बुरा", "जो", "देखन", "मैं", "चला"]),
        ("ta", &["அகர", long, "எழுத்தெல்லாம்"]),
        ("bn", &["আমার", "সোনার", "বাংলা", "আমি", "তোমায়", "ভালোবাসি"]),
    ];
    let demo = Demo::start().await.unwrap();
    let input = json!({ "edge": demo.edge(), "path": demo.path(TRACK).unwrap(), "at": 3.2,
        "lyrics": texts.map(|(lang, words)| lyrics(lang, words)),
        "screenshots": std::env::var("NADA_SCREENSHOTS").ok() });
    let seen = browser::run("scripts", &input).await.unwrap();
    for ((lang, words), seen) in texts.iter().zip(seen.as_array().unwrap()) {
        assert_eq!(seen["errors"], json!([]), "{lang}");
        assert_eq!(seen["wide"], false, "{lang}: something sticks out of the screen: {seen}");
        let laid = seen["words"].as_array().unwrap();
        let texts: Vec<&str> = laid.iter().map(|word| word["text"].as_str().unwrap()).collect();
        assert_eq!(texts, *words, "{lang}");
        let from_the_right = *lang == "ur";
        assert_eq!(seen["direction"], if from_the_right { "rtl" } else { "ltr" }, "{lang}");
        let place = |word: &Value, side: &str| word[side].as_f64().unwrap();
        let (first, second) = (&laid[0], &laid[1]);
        // a word of more than one line begins elsewhere
        if !words[1].eq(long) {
            assert_eq!(place(first, "top"), place(second, "top"), "{lang}: {seen}");
            assert_eq!(place(first, "left") > place(second, "left"), from_the_right, "{lang}: {seen}");
        }
    }
}
