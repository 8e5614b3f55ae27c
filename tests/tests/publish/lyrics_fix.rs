//! A lyric that was wrong: mended without a second of audio encoded anew, and seen by listeners within the bound.

use std::{
    fs,
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use nada_edge::{Config, Credentials, KeySet};
use nada_edge_server::{Clock, CountrySource, Limits, Metrics, ServerConfig, TrustedProxies, serve};
use nada_publish::{
    publish::{PublishSettings, Report, publish},
    release_toml::Release,
    store::Store,
};
use nada_tests::client::Client;
use nada_token::{Claims, sign};
use serde_json::json;
use tokio::net::TcpListener;

use crate::catalogue::{BUCKET, endpoint, manifest, release, store};

/// How long an edge may go on with what it knew, with a second for the machine (changes are read every 15 s).
const BOUND: Duration = Duration::from_secs(17);
const KEYS: &str =
    r#"{"keys":[{"kty":"oct","kid":"a","alg":"HS256","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}]}"#;

async fn publish_now(store: &Store, release: &Release) -> Report {
    publish(release, store, &PublishSettings::default(), &Timestamp::now, Arc::new(())).await.unwrap()
}

/// The native edge before this store; its address.
async fn edge(storage: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let origins =
        json!([{ "endpoint": storage, "bucket": BUCKET, "region": "us-east-1", "path_style": true }]);
    let config = ServerConfig {
        edge: Config {
            keys: KeySet::from_json(KEYS).ok(),
            issuer: None,
            audience: None,
            plain_http: true,
            version: "test".to_owned(),
        },
        origins: serde_json::from_value(origins).unwrap(),
        credentials: Credentials {
            access_key: "reader".to_owned(),
            secret_key: "reader-secret".to_owned(),
            session_token: None,
        },
        country: CountrySource::Fixed(nada_catalog::Country::from_code("IN")),
        trusted: TrustedProxies(vec![]),
        cache_bytes: 16 * 1024 * 1024,
        metrics: Metrics::default(),
        licenses: nada_edge_server::Licenses::default(),
        pages: None,
        limits: Limits::default(),
        clock: Clock::default(),
    };
    tokio::spawn(serve(listener, config, std::future::pending()));
    url
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mended_lyric_is_seen_within_the_bound_and_no_audio_is_encoded() {
    let folder = tempfile::tempdir().unwrap();
    let endpoint = endpoint(folder.path()).await;
    let store = store(endpoint.url()).await;
    let release = release(440.0);
    publish_now(&store, &release).await;
    let edge = edge(endpoint.url()).await;
    let keys = KeySet::from_json(KEYS).unwrap();
    let now = Timestamp::now().as_second();
    let token = sign(&Claims::for_track("one", now + 600), keys.signing_key(now).unwrap()).unwrap();
    let client = Client::default();
    let get =
        async |file: &str| client.send("GET", &format!("{edge}/~{token}/t/one/{file}"), &[]).await.unwrap();
    let before = get("lyrics.json").await;
    assert_eq!(before.status, 200, "{before:?}");
    let was = manifest(&store, "one").await.unwrap();

    let lyrics = release.tracks[0].lyrics[0].path.clone();
    fs::write(&lyrics, "[00:00.10]<00:00.10>क <00:00.15>ख\n").unwrap();
    let report = publish_now(&store, &release).await;
    assert!(report.tracks.iter().all(|track| !track.packaged), "audio was packaged anew: {report:?}");
    let is = manifest(&store, "one").await.unwrap();
    assert_eq!(is.presentation.version, was.presentation.version);
    assert_ne!(is.lyrics, was.lyrics);

    let published = Instant::now();
    let mended = loop {
        let answer = get("lyrics.json").await;
        if answer.body != before.body {
            break answer;
        }
        assert!(published.elapsed() < BOUND, "the lyric that was mended is still served");
        tokio::time::sleep(Duration::from_millis(250)).await;
    };
    assert!(String::from_utf8_lossy(&mended.body).contains("क ख"), "{mended:?}");
    assert_ne!(mended.header("etag"), before.header("etag"));
    // a listener who plays the song has the playlist of the earlier words, and keeps them
    let digest = &was.lyrics.as_ref().unwrap().digest;
    assert_eq!(get(&format!("lyrics/{digest}/lyrics.json")).await.status, 200);
    let playlist = get("multivariant.m3u8").await;
    let digest = is.lyrics.as_ref().unwrap().digest.to_string();
    assert!(String::from_utf8_lossy(&playlist.body).contains(&digest), "{playlist:?}");
}
