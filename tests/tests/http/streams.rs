//! Bodies pass through workerd as streams: what an isolate may hold on Cloudflare, 128 MB, is far less than what its
//! readers get.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use anyhow::Context as _;
use bytes::Bytes;
use futures_util::{future::try_join_all, stream};
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
use nada_tests::{
    catalogue::{self, WORLD},
    host::Setup,
};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::world::{HostKind, World, full_origin, keys, now, start};

const BLOCK: usize = 256 * 1024;
/// One track file, far larger than any segment.
const OBJECT: usize = 200 * BLOCK;
/// Its segments.
const SEGMENTS: u32 = 10;
const READERS: usize = 50;
/// What an isolate may hold.
const LIMIT: u64 = 128 * 1024 * 1024;

type Body = UnsyncBoxBody<Bytes, Infallible>;

/// An origin that makes up what it sends as it is read: every track file has [`OBJECT`] bytes, in so many parts. It checks
/// no signature, and holds nothing.
struct Tap {
    endpoint: String,
    sent: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Tap {
    async fn open(parts: u32) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let sent = Arc::new(AtomicUsize::default());
        let counted = Arc::clone(&sent);
        let task = tokio::spawn(async move {
            loop {
                let Ok((socket, _)) = listener.accept().await else { continue };
                let sent = Arc::clone(&counted);
                tokio::spawn(async move {
                    let answer = service_fn(move |request| {
                        let sent = Arc::clone(&sent);
                        async move { Ok::<_, Infallible>(answer(&request, parts, sent)) }
                    });
                    // a reader that hangs up
                    let _ = auto::Builder::new(TokioExecutor::new())
                        .serve_connection(TokioIo::new(socket), answer)
                        .await;
                });
            }
        });
        Ok(Self { endpoint, sent, task })
    }
}

/// The bytes of a track file: one block over and over, each with its number.
fn block(number: usize) -> Bytes {
    let mut bytes = vec![0x5a; BLOCK];
    bytes[..8].copy_from_slice(&(number as u64).to_le_bytes());
    bytes.into()
}

/// The manifest of a track whose files have [`OBJECT`] bytes in `parts` parts of one length.
fn manifest(parts: u32, now: Timestamp) -> Manifest {
    let mut manifest = catalogue::manifest(WORLD, r#"{"territories":[{"code":"*"}]}"#, Status::Live, now);
    for rendition in &mut manifest.presentation.renditions {
        let (header, index) = (700, 68);
        let length = OBJECT as u32 / SEGMENTS;
        let lengths = (0..SEGMENTS).map(|number| if number == 0 { length - header - index } else { length });
        let segments = ByteLengths::pack(lengths).unwrap();
        let parts = vec![SEGMENTS / parts; parts as usize];
        rendition.file = TrackFileLayout { header, index, segments, parts };
    }
    manifest
}

fn answer(request: &Request<Incoming>, parts: u32, sent: Arc<AtomicUsize>) -> Response<Body> {
    let path = request.uri().path();
    let now = Timestamp::from_second(now()).unwrap();
    let whole = |bytes: Vec<u8>| Full::new(Bytes::from(bytes)).boxed_unsync();
    let part = path.strip_suffix(".mp4").and_then(|path| path.rsplit('/').next()?.parse().ok());
    let blocks = OBJECT / BLOCK / parts as usize;
    let first = part.map_or(0, |part: usize| (part - 1) * blocks);
    let mut response = Response::new(match path.rsplit('/').next() {
        Some("manifest.json") => whole(to_json(&manifest(parts, now)).unwrap()),
        Some("changes.json") => whole(to_json(&Changes::default()).unwrap()),
        Some("revocations.json") => whole(to_json(&Revocations::default()).unwrap()),
        _ => {
            let blocks = (first..first + blocks).map(move |number| {
                sent.fetch_add(BLOCK, Ordering::SeqCst);
                Ok(Frame::data(block(number)))
            });
            StreamBody::new(stream::iter(blocks)).boxed_unsync()
        }
    });
    if part.is_some() {
        response.headers_mut().insert("content-length", (blocks * BLOCK).into());
        response.headers_mut().insert("content-type", "audio/mp4".parse().unwrap());
    }
    response
}

/// What the process holds in memory of its own, in bytes: now, and at most.
fn held(process: u32) -> anyhow::Result<(u64, u64)> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let field = |name: &str| -> anyhow::Result<u64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).context("no such field")?;
        Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
    };
    Ok((field("VmRSS:")?, field("VmHWM:")?))
}

/// An answer that is read as it comes, and every byte of which must be the one that was sent.
struct StreamReader {
    body: Incoming,
    at: usize,
    expected: Bytes,
}

impl StreamReader {
    async fn open(world: &World, path: &str) -> anyhow::Result<Self> {
        let answer = world.open(path).await?;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-length"], OBJECT.to_string());
        Ok(Self { body: answer.into_body(), at: 0, expected: block(0) })
    }

    /// Reads on, at least up to `end`.
    async fn read(&mut self, end: usize) -> anyhow::Result<()> {
        while self.at < end {
            let frame = self.body.frame().await.context("the body ends early")??;
            let mut bytes = frame.data_ref().map_or(&[][..], |bytes| bytes);
            while !bytes.is_empty() {
                let expected = &self.expected[self.at % BLOCK..];
                let (piece, rest) = bytes.split_at(bytes.len().min(expected.len()));
                assert!(expected.starts_with(piece), "other bytes at {}", self.at);
                (self.at, bytes) = (self.at + piece.len(), rest);
                if self.at.is_multiple_of(BLOCK) {
                    self.expected = block(self.at / BLOCK);
                }
            }
        }
        Ok(())
    }

    /// Reads to the end.
    async fn finish(&mut self) -> anyhow::Result<()> {
        self.read(OBJECT).await?;
        assert!(self.at == OBJECT && self.body.frame().await.is_none(), "no byte more");
        Ok(())
    }
}

/// One part is handed through.
#[tokio::test(flavor = "multi_thread")]
async fn worker_fault_14_fifty_readers_of_fifty_mebibytes() -> anyhow::Result<()> {
    fifty_readers(1).await
}

/// Several are poured one after the other.
#[tokio::test(flavor = "multi_thread")]
async fn worker_fault_14_fifty_readers_of_two_parts() -> anyhow::Result<()> {
    fifty_readers(2).await
}

async fn fifty_readers(parts: u32) -> anyhow::Result<()> {
    let tap = Tap::open(parts).await?;
    let setup = Setup {
        endpoints: vec![tap.endpoint.clone()],
        ..Setup::new(&keys().to_json(), &full_origin().await?)
    };
    let world = World::around(HostKind::Worker, full_origin().await?, start(HostKind::Worker, &setup).await?);
    let path = world.path(WORLD, "flac.mp4");
    let workerd = world.workerd().await?;

    // what one whole read takes is workerd's own
    StreamReader::open(&world, &path).await?.finish().await?;
    let (before, _) = held(workerd)?;

    let mut readers = try_join_all((0..READERS).map(|_| StreamReader::open(&world, &path))).await?;
    try_join_all(readers.iter_mut().map(|reader| reader.read(1))).await?;
    // all are open, and nobody reads on: what the origin has sent is what someone holds for them
    let flowing = tap.sent.load(Ordering::SeqCst) - OBJECT;
    assert!(flowing < READERS * OBJECT / 4, "{flowing} bytes were sent to readers of one byte");
    try_join_all(readers.iter_mut().map(StreamReader::finish)).await?;
    let grown = held(workerd)?.1.saturating_sub(before);
    println!("workerd held {before} bytes before {READERS} readers, and {grown} more at most with them");
    assert!(grown < LIMIT, "workerd took {grown} bytes more");
    Ok(())
}
