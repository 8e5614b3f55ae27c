//! A song plays from its signed URL, and the word that is sung is lit.

use nada_tests::{browser, client::Client, demo::Demo, host::Host};
use nada_token::{Claims, KeySet, sign};
use serde_json::{Value, json};

const TRACK: &str = "INNDA2600001";
/// Media time to seek to, in seconds: words are sung there.
const SEEK: f64 = 8.0;
/// Around a word's edge the frame that was painted may still show its neighbour, in milliseconds.
const EDGE: f64 = 60.0;

/// The cues of the main layer: start and end in milliseconds of media time, and the word.
async fn cues(edge: &str, path: &str, edge_headers: &Value) -> Vec<(f64, f64, String)> {
    let url = format!("{edge}{}", path.replace("multivariant.m3u8", "lyrics.json"));
    let headers: Vec<(&str, &str)> = edge_headers
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

async fn plays(edge: &str, path: &str, edge_headers: &Value) {
    plays_with(edge, path, edge_headers, &json!([])).await;
}

async fn plays_with(edge: &str, path: &str, edge_headers: &Value, tracks: &Value) {
    let screenshot = std::env::var("NADA_SCREENSHOTS").ok().map(|folder| format!("{folder}/playing.png"));
    let seen = browser::run(
        "play",
        &json!({ "edge": edge, "path": path, "seek": SEEK, "edgeHeaders": edge_headers, "tracks": tracks, "screenshot": screenshot }),
    )
    .await
    .unwrap();
    assert_eq!(seen["state"], "playing", "{seen}");
    // Chromium itself reports a refusal that the page then mends
    let refused =
        |error: &&Value| error.as_str().is_some_and(|error| error.contains("401") || error.contains("403"));
    let errors: Vec<_> = seen["errors"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|error| tracks == &json!([]) || !refused(error))
        .collect();
    assert_eq!(errors, Vec::<&Value>::new(), "{seen}");
    assert!(seen["begun"].as_f64().unwrap() > 2.0, "it plays from the start: {seen}");
    assert!(seen["decoded"].as_u64().unwrap() > 10_000, "bytes are decoded: {seen}");
    let fresh = tracks[0]["url"].as_str().unwrap_or(path);
    let cues = cues(edge, fresh, edge_headers).await;
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
async fn is_silent_without_a_token(edge: &str, edge_headers: &Value) {
    let open = format!("/t/{TRACK}/multivariant.m3u8");
    let input = json!({ "edge": edge, "path": open, "seek": 0, "edgeHeaders": edge_headers, "tracks": [], "screenshot": null });
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
    for needed in
        ["default-src 'none'", "script-src 'self' 'sha256-", "base-uri 'none'", "frame-ancestors 'none'"]
    {
        assert!(policy.contains(needed), "{needed}: {policy}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains('*'), "{policy}");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_plays_from_the_native_server_and_not_without_a_token() {
    let demo = Demo::start().await.unwrap();
    let edge_headers = json!({});
    runs_no_script_of_others(demo.edge()).await;
    plays(demo.edge(), demo.path(TRACK).unwrap(), &edge_headers).await;
    is_silent_without_a_token(demo.edge(), &edge_headers).await;
}

/// A link that has run out is replaced by the list's, unseen by the listener: the song and its lyrics come as ever.
#[tokio::test(flavor = "multi_thread")]
async fn browser_renews_a_link_that_has_expired() {
    let demo = Demo::start().await.unwrap();
    let keys = KeySet::from_json(demo.bindings()["NADA_KEYS"].as_str().unwrap()).unwrap();
    let claims = Claims { iat: Some(1_700_000_000), ..Claims::for_track(TRACK, 1_700_003_600) };
    let old = format!("/~{}/t/{TRACK}/multivariant.m3u8", sign(&claims, &keys.keys()[0]).unwrap());
    let tracks = json!([{ "title": "Track", "artists": [], "album": "", "url": demo.path(TRACK).unwrap(),
        "expires_in": 3600, "duration_seconds": 39 }]);
    plays_with(demo.edge(), &old, &json!({}), &tracks).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_plays_from_the_worker_and_not_without_a_token() {
    let demo = Demo::start().await.unwrap();
    let worker = Host::worker_with(&demo.bindings()).await.unwrap();
    let (name, value) = worker.from_country("IN", None);
    let mut edge_headers = json!({});
    edge_headers[name] = value.into();
    plays(&worker.base(), demo.path(TRACK).unwrap(), &edge_headers).await;
    is_silent_without_a_token(&worker.base(), &edge_headers).await;
}
