//! A song plays from its signed URL, and the word that is sung is lit.

use nada_tests::{browser, client::Client, demo::Demo, host::Host};
use serde_json::{Value, json};

const TRACK: &str = "INNDA2600001";
/// Media time to seek to, in seconds: words are sung there.
const SEEK: f64 = 8.0;
/// Around a word's edge the frame that was painted may still show its neighbour, in milliseconds.
const EDGE: f64 = 60.0;

/// The cues of the main layer: start and end in milliseconds of media time, and the word.
async fn cues(edge: &str, path: &str, told: &Value) -> Vec<(f64, f64, String)> {
    let url = format!("{edge}{}", path.replace("multivariant.m3u8", "lyrics.json"));
    let headers: Vec<(&str, &str)> = told
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
        .collect();
    let lyrics = Client::default().send("GET", &url, &headers).await.unwrap().json().unwrap();
    let main =
        lyrics["structuredLyrics"].as_array().unwrap().iter().find(|layer| layer["kind"] == "main").unwrap();
    let cues = main["cueLine"].as_array().unwrap().iter().flat_map(|line| line["cue"].as_array().unwrap());
    cues.map(|cue| {
        let ms = |name: &str| cue[name].as_f64().unwrap();
        (ms("start"), ms("end"), cue["value"].as_str().unwrap().trim().to_owned())
    })
    .collect()
}

async fn plays(edge: &str, path: &str, told: &Value) {
    let screenshot = std::env::var("NADA_SCREENSHOTS").ok().map(|folder| format!("{folder}/playing.png"));
    let seen = browser::run(
        "play",
        &json!({ "edge": edge, "path": path, "seek": SEEK, "told": told, "screenshot": screenshot }),
    )
    .await
    .unwrap();
    assert_eq!(seen["state"], "playing", "{seen}");
    assert_eq!(seen["errors"], json!([]), "{seen}");
    assert!(seen["begun"].as_f64().unwrap() > 2.0, "it plays from the start: {seen}");
    assert!(seen["decoded"].as_u64().unwrap() > 10_000, "bytes are decoded: {seen}");
    let cues = cues(edge, path, told).await;
    assert!(cues.len() > 20, "the song has words: {cues:?}");
    let (mut right, mut between) = (0, 0);
    for glance in seen["lit"].as_array().unwrap() {
        let ms = glance["ms"].as_f64().unwrap();
        let sounding = |margin: f64| {
            cues.iter()
                .filter(move |(start, end, _)| *start - margin <= ms && ms < *end + margin)
                .map(|(.., word)| word)
        };
        match &glance["word"] {
            Value::String(word) => {
                assert!(sounding(EDGE).any(|cue| cue == word.trim()), "{word:?} is lit at {ms} ms: {cues:?}");
                right += 1;
            }
            _ => {
                assert_eq!(sounding(-EDGE).next(), None, "no word is lit at {ms} ms");
                between += 1;
            }
        }
    }
    assert!(right >= 8, "{right} words lit, {between} times none");
}

/// Without the token the same song does not sound, and the listener is told.
async fn is_silent_without_a_token(edge: &str, told: &Value) {
    let open = format!("/t/{TRACK}/multivariant.m3u8");
    let input = json!({ "edge": edge, "path": open, "seek": 0, "told": told, "screenshot": null });
    let seen = browser::run("play", &input).await.unwrap();
    assert_eq!(seen["state"], "error", "{seen}");
    assert_eq!((&seen["begun"], &seen["decoded"]), (&json!(0), &json!(0)), "nothing sounds: {seen}");
    assert!(!seen["message"].as_str().unwrap().is_empty(), "the listener is told: {seen}");
}

/// Threat 60: the page runs its own scripts alone, wherever a text of others ends up in it.
async fn runs_no_script_of_others(edge: &str) {
    let page = Client::default().send("GET", &format!("{edge}/player/"), &[]).await.unwrap();
    assert_eq!(page.status, 200, "{page:?}");
    let policy = page.header("content-security-policy");
    for needed in ["default-src 'none'", "script-src 'self';", "base-uri 'none'", "frame-ancestors 'none'"] {
        assert!(policy.contains(needed), "{needed}: {policy}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains('*'), "{policy}");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_plays_from_the_native_server_and_not_without_a_token() {
    let demo = Demo::start().await.unwrap();
    let told = json!({});
    runs_no_script_of_others(demo.edge()).await;
    plays(demo.edge(), demo.path(TRACK).unwrap(), &told).await;
    is_silent_without_a_token(demo.edge(), &told).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_plays_from_the_worker_and_not_without_a_token() {
    let demo = Demo::start().await.unwrap();
    let worker = Host::worker_with(&demo.bindings()).await.unwrap();
    let (name, value) = worker.from_country("IN", None);
    let mut told = json!({});
    told[name] = value.into();
    plays(&worker.base(), demo.path(TRACK).unwrap(), &told).await;
    is_silent_without_a_token(&worker.base(), &told).await;
}
