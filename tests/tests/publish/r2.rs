//! Publishing to Cloudflare R2: what `nada` asks of a store, R2 keeps, and the worker plays what was published.

use bytes::Bytes;
use jiff::Timestamp;
use nada_catalog::{ObjectKey, Status};
use nada_publish::{
    publish::set_status,
    store::{Put, StoreError},
};
use nada_tests::{
    client::Client,
    host::{Fill, Host, Setup},
    r2::R2,
};
use nada_token::{Algorithm, Claims, Key, KeySet, sign};

use crate::catalogue::{TRACKS, assert_playable, publish_at, release, store, track};

const RACERS: usize = 16;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_racing_writers_one_wins() {
    let r2 = R2::start().await.unwrap();
    let key: ObjectKey = "tracks/one/lyrics/0123456789abcdef0123456789abcdef/lyrics.json".parse().unwrap();
    let racers: Vec<_> = (0..RACERS)
        .map(|i| {
            let (url, key) = (r2.url(), key.clone());
            tokio::spawn(
                async move { store(url).await.put_new(&key, Bytes::from(format!("racer {i}"))).await },
            )
        })
        .collect();
    let (mut won, mut refused) = (0, 0);
    for racer in racers {
        match racer.await.unwrap() {
            Ok(Put::Written) => won += 1,
            Err(StoreError::Different { .. }) => refused += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((won, refused), (1, RACERS - 1));

    let direct = store(r2.url()).await;
    let created = direct.swap(&ObjectKey::Changes, None, Bytes::from_static(b"0")).await.unwrap();
    assert_eq!(direct.swap(&ObjectKey::Changes, None, Bytes::from_static(b"1")).await.unwrap(), None);
    let racers: Vec<_> = (0..RACERS)
        .map(|i| {
            let (url, etag) = (r2.url(), created.clone());
            tokio::spawn(async move {
                let bytes = Bytes::from(format!("racer {i}"));
                let swapped = store(url).await.swap(&ObjectKey::Changes, etag.as_ref(), bytes.clone()).await;
                swapped.unwrap().map(|_| bytes)
            })
        })
        .collect();
    let mut won = Vec::new();
    for racer in racers {
        won.extend(racer.await.unwrap());
    }
    assert_eq!(won.len(), 1);
    assert_eq!(direct.get(&ObjectKey::Changes).await.unwrap().unwrap().bytes, won[0]);
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
        limits: nada_edge_server::Limits::default(),
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
