use nada_tests::catalogue::{self, TRACK};

use crate::world::{World, assert_problem};

pub async fn single(world: &World) -> anyhow::Result<()> {
    let (_, whole) = catalogue::media(TRACK, "heaac2-32", "00001.m4s");
    let path = world.media(TRACK, "heaac2-32", "00001.m4s");
    for (range, first, last) in [
        ("bytes=0-0", 0, 0),
        ("bytes=100-199", 100, 199),
        ("bytes=11999-11999", 11_999, 11_999),
        ("bytes=11900-", 11_900, 11_999),
        ("bytes=-100", 11_900, 11_999),
        ("bytes=-99999999999", 0, 11_999),
        ("bytes=0-99999999999", 0, 11_999),
        ("bytes=0-", 0, 11_999),
    ] {
        let answer = world.ask("GET", &path, "IN", &[("range", range)]).await?;
        assert_eq!(answer.status, 206, "{range}");
        assert_eq!(answer.header("content-range"), format!("bytes {first}-{last}/12000"), "{range}");
        assert_eq!(answer.header("content-length"), (last - first + 1).to_string(), "{range}");
        assert_eq!(answer.header("content-type"), "audio/mp4");
        assert!(answer.body == whole[first..=last], "{range}: other bytes");
    }
    for range in ["bytes=12000-", "bytes=99999999999-", "bytes=-0"] {
        let answer = world.ask("GET", &path, "IN", &[("range", range)]).await?;
        assert_problem(&answer, 416, "range");
        assert_eq!(answer.header("content-range"), "bytes */12000", "{range}");
    }
    Ok(())
}

/// Threat 49: several ranges, other units and malformed ones: the whole object, never more bytes than it has.
pub async fn without_effect(world: &World) -> anyhow::Result<()> {
    let (_, whole) = catalogue::media(TRACK, "heaac2-32", "00001.m4s");
    let path = world.media(TRACK, "heaac2-32", "00001.m4s");
    let many = format!("bytes={}", vec!["0-"; 1000].join(","));
    for range in
        ["bytes=0-0,5-6", &many, "bytes=5-4", "bytes=", "bytes=a-b", "items=0-1", "bytes 0-1", "bytes=--1"]
    {
        let answer = world.ask("GET", &path, "IN", &[("range", range)]).await?;
        assert_eq!(answer.status, 200, "{range:.40}");
        assert!(answer.body == whole, "{range:.40}");
        assert_eq!(answer.header("content-range"), "");
    }
    let twice = world.ask("GET", &path, "IN", &[("range", "bytes=0-1"), ("range", "bytes=0-1")]).await?;
    assert_eq!((twice.status.as_u16(), twice.body.len()), (200, 12_000));
    Ok(())
}

pub async fn in_text(world: &World) -> anyhow::Result<()> {
    let file = format!("lyrics/{}/hi.vtt", catalogue::digest());
    let text = catalogue::lyrics("hi.vtt");
    let asked = [("range", "bytes=0-5"), ("accept-encoding", "gzip")];
    let answer = world.ask("GET", &world.path(TRACK, &file), "IN", &asked).await?;
    assert_eq!((answer.status.as_u16(), answer.text().as_str()), (206, "WEBVTT"));
    assert_eq!(answer.header("content-encoding"), "", "a part is a part of the text, not of its coding");
    assert_eq!(answer.header("content-range"), format!("bytes 0-5/{}", text.len()));
    Ok(())
}

/// Whatever stands in `Range`, the answer is the object, one part of it, or that there is none.
pub async fn threat_50_odd_ranges(world: &World) -> anyhow::Result<()> {
    let (_, whole) = catalogue::media(TRACK, "heaac2-32", "00001.m4s");
    let path = world.media(TRACK, "heaac2-32", "00001.m4s");
    let descending = (0..1000).rev().map(|n| format!("{n}-{n}")).collect::<Vec<_>>().join(",");
    let ask = async |range: &str| world.ask("GET", &path, "IN", &[("range", range)]).await;
    for range in ["bytes=-0", "bytes=99999999999999999999-", "bytes=12000-99999999999999999999"] {
        assert_problem(&ask(range).await?, 416, "range");
    }
    for (range, length) in [("Bytes=0-1", 2), ("BYTES=-1", 1), ("bytes=0-99999999999999999999", 12_000)] {
        let answer = ask(range).await?;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (206, length), "{range}");
    }
    for range in [
        &format!("bytes={descending}"),
        "bytes=5-4",
        "bytes=-1-2",
        "bytes= -",
        "bytes=1 - 2",
        "bytes=0x0-0x1",
        "bytes=+0-1",
        "bytes=0-1;bytes=2-3",
        "bytes",
        "seconds=0-1",
        "bytes=0-1, 3-4",
    ] {
        let answer = ask(range).await?;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (200, whole.len()), "{range:.40}");
        assert_eq!(answer.header("content-type"), "audio/mp4", "never multipart");
    }
    Ok(())
}

/// Range is defined for GET alone, and a condition that holds counts before it (RFC 9110 §13.2.2, §14.2).
pub async fn threat_52_head_post_and_304(world: &World) -> anyhow::Result<()> {
    let path = world.media(TRACK, "heaac2-32", "00001.m4s");
    let etag = world.get(&path).await?.header("etag");
    for range in ["bytes=0-1", "bytes=99999-", "bytes=-0"] {
        let head = world.ask("HEAD", &path, "IN", &[("range", range)]).await?;
        assert_eq!((head.status.as_u16(), head.header("content-length").as_str()), (200, "12000"), "{range}");
        let post = world.ask("POST", &path, "IN", &[("range", range), ("content-length", "0")]).await?;
        assert_problem(&post, 405, "method");
        let both = [("range", range), ("if-none-match", etag.as_str())];
        assert_eq!(world.ask("GET", &path, "IN", &both).await?.status, 304, "{range}");
    }
    Ok(())
}
