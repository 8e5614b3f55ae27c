use nada_tests::catalogue::{self, SONG};

use crate::world::{Kind, World, assert_problem};

pub async fn single(world: &World) -> anyhow::Result<()> {
    let (_, whole) = catalogue::media(SONG, "heaac2-32", "00001.m4s");
    let path = world.media(SONG, "heaac2-32", "00001.m4s");
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
        // the worker knows a length only where the origin says it in its own 416, which s3s-fs does not
        let known = world.kind == Kind::Native || range == "bytes=-0";
        assert_eq!(answer.header("content-range"), if known { "bytes */12000" } else { "" }, "{range}");
    }
    Ok(())
}

/// Several ranges, other units and malformed ones: the whole object, never more bytes than it has.
pub async fn without_effect(world: &World) -> anyhow::Result<()> {
    let (_, whole) = catalogue::media(SONG, "heaac2-32", "00001.m4s");
    let path = world.media(SONG, "heaac2-32", "00001.m4s");
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
    let answer = world.ask("GET", &world.path(SONG, &file), "IN", &asked).await?;
    assert_eq!((answer.status.as_u16(), answer.text().as_str()), (206, "WEBVTT"));
    assert_eq!(answer.header("content-encoding"), "", "a part is a part of the text, not of its coding");
    assert_eq!(answer.header("content-range"), format!("bytes 0-5/{}", text.len()));
    Ok(())
}
