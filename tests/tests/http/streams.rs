//! Bodies pass through workerd as streams.

use anyhow::Context as _;
use futures_util::future::try_join_all;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use nada_tests::catalogue::{self, WORLD};

use crate::world::{Kind, World};

const MIB: usize = 1024 * 1024;
/// One object, far larger than any segment.
const OBJECT: usize = 50 * MIB;
const READERS: usize = 50;

/// 50 readers hold 50 MiB each open at once, two of them to the end. What an isolate may hold on Cloudflare, 128 MB,
/// is more than workerd as a whole then has taken on: held back anywhere, the bodies would be 2.5 GB.
#[tokio::test(flavor = "multi_thread")]
async fn fifty_readers_of_fifty_megabytes() -> anyhow::Result<()> {
    let world = World::start(Kind::Worker).await?;
    let (key, _) = catalogue::media(WORLD, "flac", "00001.m4s");
    let block = catalogue::noise(&key, MIB);
    world.origin.put(&key, &block.repeat(OBJECT / MIB))?;
    let path = world.media(WORLD, "flac", "00001.m4s");

    // what one whole read takes is workerd's own
    let mut first = Reader::open(&world, &path).await?;
    first.read(OBJECT, &block).await?;
    let before = world.host.peak_memory()?;

    // they come one after the other: the test's origin sums all of an object up before its first byte
    let mut readers = Vec::new();
    for _ in 0..READERS {
        readers.push(Reader::open(&world, &path).await?);
    }
    for reader in &mut readers {
        reader.read(1, &block).await?;
        assert!((1..OBJECT).contains(&reader.at), "each of them flows while all are open");
    }
    try_join_all(readers.iter_mut().take(2).map(|reader| reader.read(OBJECT, &block))).await?;
    let grown = world.host.peak_memory()? - before;
    println!("workerd held {before} bytes at most, and {grown} more with {READERS} readers");
    assert!(grown < 128_000_000, "workerd took {grown} bytes more");
    Ok(())
}

/// An answer that is read as it comes.
struct Reader {
    body: Incoming,
    at: usize,
}

impl Reader {
    async fn open(world: &World, path: &str) -> anyhow::Result<Self> {
        let answer = world.open(path).await?;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-length"], OBJECT.to_string());
        Ok(Self { body: answer.into_body(), at: 0 })
    }

    /// Reads on, at least up to `end`; the body is `block` over and over.
    async fn read(&mut self, end: usize, block: &[u8]) -> anyhow::Result<()> {
        while self.at < end {
            let frame = self.body.frame().await.context("the body ends early")??;
            let mut bytes = frame.data_ref().map_or(&[][..], |bytes| bytes);
            while !bytes.is_empty() {
                let expected = &block[self.at % block.len()..];
                let (piece, rest) = bytes.split_at(bytes.len().min(expected.len()));
                assert!(expected.starts_with(piece), "other bytes at {}", self.at);
                (self.at, bytes) = (self.at + piece.len(), rest);
            }
        }
        Ok(())
    }
}
