//! How long the first sound of a cold song waits at the native server: no longer than a range of the part takes at an origin
//! that is 50 ms away and sends 20 MB/s, though the part has 4 MiB.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Context as _;
use bytes::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt as _, Full, StreamBody, combinators::UnsyncBoxBody};
use hyper::{
    Request, Response,
    body::{Frame, Incoming},
    service::service_fn,
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use jiff::Timestamp;
use nada_catalog::{ByteLengths, Changes, Manifest, Revocations, Status, TrackFileLayout, to_json};
use nada_edge::ByteRange;
use nada_tests::{
    catalogue::{self, WORLD},
    client::Client,
    host::{Host, Setup},
};
use tokio::{net::TcpListener, task::JoinHandle, time::sleep};

use crate::world::{HostKind, World, full_origin, keys, now};

/// Until the first byte of any answer.
const AWAY: Duration = Duration::from_millis(50);
/// 100 KB take 5 ms at 20 MB/s.
const PIECE: usize = 100_000;
const PIECE_TIME: Duration = Duration::from_millis(5);
/// Bytes of a segment of lossless sound; a part has 20 of them.
const SEGMENT: u32 = 200_000;
const ROUNDS: usize = 5;

type Body = UnsyncBoxBody<Bytes, Infallible>;

/// An origin that is far away. It counts what is asked of parts, and checks no signature.
struct Far {
    endpoint: String,
    asked: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Drop for Far {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn manifest() -> Manifest {
    let at = Timestamp::from_second(now()).unwrap();
    let mut manifest = catalogue::manifest(WORLD, r#"{"territories":[{"code":"*"}]}"#, Status::Live, at);
    for rendition in &mut manifest.presentation.renditions {
        let segments = ByteLengths::pack([SEGMENT; 20]).unwrap();
        rendition.file = TrackFileLayout { header: 700, index: 272, segments, parts: vec![20] };
    }
    manifest
}

async fn answer(request: Request<Incoming>, asked: Arc<AtomicUsize>) -> Response<Body> {
    sleep(AWAY).await;
    let json = |bytes: Vec<u8>| Response::new(Full::new(Bytes::from(bytes)).boxed_unsync());
    match request.uri().path().rsplit('/').next() {
        Some("manifest.json") => json(to_json(&manifest()).unwrap()),
        Some("changes.json") => json(to_json(&Changes::default()).unwrap()),
        Some("revocations.json") => json(to_json(&Revocations::default()).unwrap()),
        _ => {
            asked.fetch_add(1, Ordering::SeqCst);
            let total = manifest().presentation.renditions[0].file.length();
            let range =
                request.headers().get("range").and_then(|range| ByteRange::parse(range.to_str().ok()?));
            let (first, last) = range.map_or((0, total - 1), |range| range.within(total).unwrap());
            let length = (last - first + 1) as usize;
            let pieces = (0..length).step_by(PIECE).map(move |at| PIECE.min(length - at));
            let body = stream::unfold(pieces, |mut pieces| async {
                let piece = pieces.next()?;
                sleep(PIECE_TIME).await;
                Some((Ok(Frame::data(Bytes::from(vec![7; piece]))), pieces))
            });
            let mut response = Response::new(StreamBody::new(body).boxed_unsync());
            let headers = response.headers_mut();
            headers.insert("content-length", length.into());
            headers.insert("content-type", "audio/mp4".parse().unwrap());
            if range.is_some() {
                headers.insert("content-range", format!("bytes {first}-{last}/{total}").parse().unwrap());
                *response.status_mut() = hyper::StatusCode::PARTIAL_CONTENT;
            }
            response
        }
    }
}

impl Far {
    async fn open() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let asked = Arc::new(AtomicUsize::default());
        let counted = Arc::clone(&asked);
        let task = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let asked = Arc::clone(&counted);
                tokio::spawn(async move {
                    let service = service_fn(move |request| {
                        let asked = Arc::clone(&asked);
                        async move { Ok::<_, Infallible>(answer(request, asked).await) }
                    });
                    // a reader that hangs up
                    let _ = auto::Builder::new(TokioExecutor::new())
                        .serve_connection(TokioIo::new(socket), service)
                        .await;
                });
            }
        });
        Ok(Self { endpoint, asked, task })
    }
}

/// Until the first byte of a body is here; the rest is read.
async fn first_byte(client: &Client, url: &str, headers: &[(&str, &str)]) -> anyhow::Result<Duration> {
    let began = Instant::now();
    let mut body = client.open("GET", url, headers).await?.into_body();
    body.frame().await.context("no body")??;
    let took = began.elapsed();
    body.collect().await?;
    Ok(took)
}

#[tokio::test(flavor = "multi_thread")]
async fn native_a_cold_first_segment_does_not_wait_for_its_part() -> anyhow::Result<()> {
    let (mut ratios, client) = (Vec::new(), Client::default());
    for _ in 0..ROUNDS {
        let far = Far::open().await?;
        let origin = full_origin().await?;
        let setup = Setup { endpoints: vec![far.endpoint.clone()], ..Setup::new(&keys().to_json(), &origin) };
        let world = World::around(HostKind::Native, origin, Host::native(&setup).await?);
        // what decisions rest on is known, as on any server that plays something, and connections are made
        assert_eq!(world.get(&world.path(WORLD, "track.json")).await?.status, 200);
        let part = format!("{}/nada-test/tracks/{WORLD}/x/flac/1.mp4", far.endpoint);
        let range = format!("bytes=972-{}", 972 + SEGMENT - 1);
        first_byte(&client, &part, &[("range", &range)]).await?;
        let plain = first_byte(&client, &part, &[("range", &range)]).await?;
        let before = far.asked.load(Ordering::SeqCst);
        let url = format!("http://{}{}", world.address(), world.media(WORLD, "flac", "00001.m4s"));
        let (name, value) = world.indian();
        let served = first_byte(&client, &url, &[(name, value.as_str())]).await?;
        ratios.push(served.as_secs_f64() / plain.as_secs_f64());
        // whoever comes now waits for the part, which is read once more
        assert_eq!(world.get(&world.media(WORLD, "flac", "00020.m4s")).await?.status, 200);
        assert_eq!(far.asked.load(Ordering::SeqCst) - before, 2);
    }
    ratios.sort_by(f64::total_cmp);
    let median = ratios[ROUNDS / 2];
    println!("first byte of a cold first segment: {median:.2} of a plain ranged read ({ratios:.2?})");
    assert!(median <= 1.2, "{ratios:?}");
    Ok(())
}
