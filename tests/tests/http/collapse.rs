//! What the native server keeps in memory, seen from the origin: at most two reads for however many, the range of whoever
//! was first and the whole for all others, and nothing that is not the object. On Cloudflare the platform collapses requests, which workerd does not.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::future::join_all;
use nada_tests::{
    catalogue::{self, WORLD},
    client::{Client, HttpAnswer},
    origin::OriginFault,
};
use tokio::{io::AsyncWriteExt as _, net::TcpStream, sync::Barrier, time::sleep};

use crate::world::{HostKind, World, assert_problem};

const CLIENTS: usize = 1000;
const SEGMENT: &str = "00001.m4s";

/// A rendition whose parts are small enough to be read whole before they are answered with.
const SMALL: &str = "aac-128";
/// The last segment: after it nothing is warmed.
const LAST: &str = "00002.m4s";

fn small() -> Vec<u8> {
    catalogue::media(WORLD, SMALL, LAST).1
}

fn media() -> Vec<u8> {
    catalogue::media(WORLD, "flac", SEGMENT).1
}

/// Everybody asks at the same moment, on connections of their own; `range` by the client's number.
async fn stampede(world: &World, range: impl Fn(usize) -> Option<String>) -> anyhow::Result<Vec<HttpAnswer>> {
    rlimit::increase_nofile_limit(4096)?;
    let url = format!("http://{}{}", world.address(), world.media(WORLD, "flac", SEGMENT));
    let together = Arc::new(Barrier::new(CLIENTS));
    let clients = (0..CLIENTS).map(|number| {
        let (url, together, range) = (url.clone(), Arc::clone(&together), range(number));
        tokio::spawn(async move {
            let mut headers = vec![("nada-test-country", "IN")];
            headers.extend(range.as_deref().map(|range| ("range", range)));
            let client = Client::default();
            together.wait().await;
            client.send("GET", &url, &headers).await
        })
    });
    join_all(clients).await.into_iter().map(|answer| answer?).collect()
}

/// The origin was asked for the part twice at most, once for a range and once for all of it, and for each thing a decision
/// rests on exactly once.
fn assert_each_once(world: &World) {
    let (part, _) = catalogue::media(WORLD, "flac", SEGMENT);
    let seen = world.origin.take_seen();
    let (of_part, mut others): (Vec<_>, Vec<_>) = seen.iter().partition(|seen| seen.target.ends_with(&part));
    let ranged = of_part.iter().filter(|seen| seen.range.is_some()).count();
    assert_eq!((ranged, of_part.len()), (1, 2), "{of_part:?}");
    // the next part may be warmed
    others.retain(|seen| seen.target.ends_with(".json"));
    assert_eq!(others.len(), 3, "{others:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cold_object_is_read_once_for_a_thousand() -> anyhow::Result<()> {
    let (world, media) = (World::start(HostKind::Native).await?, media());
    for answer in stampede(&world, |_| None).await? {
        assert!(answer.status == 200 && answer.body == media, "{}", answer.status);
    }
    assert_each_once(&world);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cold_range_is_read_once_for_a_thousand() -> anyhow::Result<()> {
    let (world, media) = (World::start(HostKind::Native).await?, Bytes::from(media()));
    let cut = |number: usize| number * 100..number * 100 + 1000;
    let range = |number| Some(format!("bytes={}-{}", cut(number).start, cut(number).end - 1));
    for (number, answer) in stampede(&world, range).await?.into_iter().enumerate() {
        assert!(
            answer.status == 206 && answer.body == media.slice(cut(number)),
            "{number}: {}",
            answer.status
        );
    }
    assert_each_once(&world);
    Ok(())
}

/// The request of a client that may go away.
async fn ask(world: &World) -> anyhow::Result<TcpStream> {
    let mut stream = TcpStream::connect(world.address()).await?;
    let path = world.media(WORLD, SMALL, LAST);
    let request = format!("GET {path} HTTP/1.1\r\nhost: a\r\nnada-test-country: IN\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    Ok(stream)
}

/// The first of the clients that wait goes away, while the origin has yet to answer.
#[tokio::test(flavor = "multi_thread")]
async fn who_goes_away_takes_nothing_from_others() -> anyhow::Result<()> {
    let world = World::start(HostKind::Native).await?;
    // what a decision rests on is there
    assert_eq!(world.get(&world.path(WORLD, "track.json")).await?.status, 200);
    world.read_keys();
    // two requests wait for each other: the segment's, and one of the test's own
    world.origin.hold_for(2);
    let first = ask(&world).await?;
    sleep(Duration::from_millis(200)).await;
    let path = world.media(WORLD, SMALL, LAST);
    let second = async {
        sleep(Duration::from_millis(200)).await;
        drop(first);
        sleep(Duration::from_millis(200)).await;
        Client::default().send("GET", &format!("{}/open", world.origin.endpoint()), &[]).await
    };
    let (answer, opened) = tokio::join!(world.get(&path), second);
    opened?;
    let answer = answer?;
    assert!(answer.status == 200 && answer.body == small(), "{}", answer.status);
    let (part, _) = catalogue::media(WORLD, SMALL, LAST);
    let keys = world.read_keys();
    assert_eq!(keys.iter().filter(|key| **key == part).count(), 1, "{keys:?}");
    Ok(())
}

/// Whatever is not the object is no answer, is not kept, and does not stand in the way of the next read.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_the_object_is_never_kept() -> anyhow::Result<()> {
    for fault in [
        OriginFault::Unavailable,
        OriginFault::TruncatedMedia,
        OriginFault::ErrorUnder200,
        OriginFault::MediaWithFlippedBit,
        OriginFault::MediaLongerThanPromised,
        OriginFault::HalfOfMediaWithoutLength,
        OriginFault::MediaOfATerabyte,
    ] {
        let world = World::start(HostKind::Native).await?;
        assert_eq!(world.get(&world.path(WORLD, "track.json")).await?.status, 200);
        world.origin.set_fault(fault);
        let path = world.media(WORLD, SMALL, LAST);
        for answer in join_all((0..20).map(|_| world.get(&path))).await {
            assert_problem(&answer?, 503, "origin_unavailable");
        }
        let part = world.ask("GET", &path, "IN", &[("range", "bytes=0-9")]).await?;
        assert_problem(&part, 503, "origin_unavailable");
        world.origin.set_fault(OriginFault::None);
        let answer = world.get(&path).await?;
        assert!(answer.status == 200 && answer.body == small(), "{fault:?}: {}", answer.status);
        // of a large part whoever is first is sent what comes, which never looks complete where it is cut
        world.origin.set_fault(fault);
        let path = world.media(WORLD, "flac", SEGMENT);
        for answer in join_all((0..20).map(|_| world.get(&path))).await {
            match answer {
                Ok(answer) if answer.status == 200 => assert_eq!(fault, OriginFault::MediaWithFlippedBit),
                Ok(answer) => assert_problem(&answer, 503, "origin_unavailable"),
                Err(_) => {}
            }
        }
        world.origin.set_fault(OriginFault::None);
        let answer = world.get(&path).await?;
        assert!(answer.status == 200 && answer.body == media(), "{fault:?}: {}", answer.status);
        let answer = world.get(&path).await?;
        assert!(answer.status == 200 && answer.body == media(), "{fault:?}: {}", answer.status);
    }
    Ok(())
}

/// A whole object whose checksum the store tells, and that has it.
#[tokio::test(flavor = "multi_thread")]
async fn a_checksum_that_is_right_is_no_hindrance() -> anyhow::Result<()> {
    let world = World::start(HostKind::Native).await?;
    world.origin.set_fault(OriginFault::MediaWithChecksum);
    let answer = world.get(&world.media(WORLD, "flac", SEGMENT)).await?;
    assert!(answer.status == 200 && answer.body == media(), "{}", answer.status);
    Ok(())
}
