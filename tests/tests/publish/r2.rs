//! Publishing to Cloudflare R2: what `nada` asks of a store, R2 keeps, and the worker plays what was published.

use jiff::Timestamp;
use nada_catalog::Status;
use nada_publish::publish::set_status;
use nada_tests::{
    client::Client,
    host::{Fill, Host, Setup},
    r2::R2,
};
use nada_token::{Algorithm, Claims, Key, KeySet, sign};

use crate::{
    catalogue::{TRACKS, assert_playable, publish_at, release, store, track},
    writers::{creations, swaps},
};

const RACERS: usize = 16;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_racing_writers_one_wins() {
    let r2 = R2::start().await.unwrap();
    assert_eq!(creations(&r2.url(), RACERS).await, 1);
    assert_eq!(swaps(&r2.url(), RACERS).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_published_plays_until_it_is_withdrawn() {
    let r2 = R2::start().await.unwrap();
    let there = store(r2.url()).await;
    let album = release(440.0);
    assert!(publish_at(&there, &album).await.unwrap().uploaded > 0);
    assert_eq!(publish_at(&there, &album).await.unwrap().uploaded, 0, "what is there is not sent again");
    assert_playable(&there).await;

    let key = Key::generate(Algorithm::Hs256, "r2", [7; 32]).unwrap();
    let setup = Setup {
        keys: KeySet::new(vec![key.clone()]).unwrap().to_json(),
        issuer: None,
        audience: None,
        endpoints: vec![r2.url()],
        r2: true,
        plain_http: true,
        proxies: Vec::new(),
        platform: Some(Fill::Whole),
        forgets: false,
        limits: nada_edge_server::Limits::default(),
        licenses: None,
    };
    let edge = Host::worker(&setup).await.unwrap();
    let client = Client::default();
    let ask = async |file: &str| {
        let token = sign(&Claims::for_track(TRACKS[0], Timestamp::now().as_second() + 600), &key).unwrap();
        let (name, value) = edge.from_country("IN", None);
        let url = format!("{}/~{token}/t/{}/{file}", edge.base(), TRACKS[0]);
        client.send("GET", &url, &[(name, &value)]).await.unwrap()
    };
    let playlist = ask("multivariant.m3u8").await;
    assert_eq!(playlist.status, 200, "{}", playlist.text());
    for file in ["aac-128.mp4", "start/aac-128.mp4", "lyrics.json", "track.json"] {
        let answer = ask(file).await;
        assert_eq!(answer.status, 200, "{file}: {}", answer.text());
    }
    // as of today: edges leave alone what was changed long ago
    set_status(&there, &track(TRACKS[0]), Status::Withdrawn, None, &Timestamp::now).await.unwrap();
    edge.set_clock(60).await.unwrap();
    let withdrawn = ask("start/aac-128.mp4").await;
    assert_eq!(withdrawn.status, 410, "{}", withdrawn.text());
}
