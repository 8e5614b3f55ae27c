use anyhow::Context as _;
use nada_tests::catalogue::{TRACK, WORLD, digest, playlist, version};

use crate::{
    schemas,
    world::{World, assert_problem},
};

const PLAYLIST: &str = "application/vnd.apple.mpegurl";

pub async fn multivariant(world: &World) -> anyhow::Result<()> {
    let answer = world.get(&world.path(TRACK, "multivariant.m3u8")).await?;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), PLAYLIST);
    assert_eq!(answer.header("cache-control"), "private, no-cache");
    assert_eq!(answer.header("content-length"), answer.body.len().to_string());
    let (rest, parsed) =
        m3u8_rs::parse_master_playlist(&answer.body).map_err(|e| anyhow::anyhow!("{e:?}"))?;
    assert!(rest.is_empty());
    let uris: Vec<&str> = parsed.variants.iter().map(|variant| variant.uri.as_str()).collect();
    let expected =
        ["heaac2-32", "heaac-64", "aac-128"].map(|name| format!("{}/{name}/media.m3u8", version()));
    assert_eq!(uris, expected, "lowest first, FLAC apart, URIs relative and without a token");
    let subtitles: Vec<_> =
        parsed.alternatives.iter().map(|media| media.uri.clone().unwrap_or_default()).collect();
    assert_eq!(subtitles, ["hi", "hi-Latn", "en"].map(|lang| format!("lyrics/{}/{lang}.m3u8", digest())));
    assert!(parsed.variants.iter().all(|variant| variant.subtitles.as_deref() == Some("lyrics")));

    let etag = answer.header("etag");
    let again =
        world.ask("GET", &world.path(TRACK, "multivariant.m3u8"), "IN", &[("if-none-match", &etag)]).await?;
    assert_eq!((again.status.as_u16(), again.body.len(), again.header("etag")), (304, 0, etag));
    Ok(())
}

pub async fn lossless(world: &World) -> anyhow::Result<()> {
    let answer = world.get(&world.path(TRACK, "lossless.m3u8")).await?;
    assert_eq!((answer.status.as_u16(), answer.header("content-type").as_str()), (200, PLAYLIST));
    let (_, parsed) = m3u8_rs::parse_master_playlist(&answer.body).map_err(|e| anyhow::anyhow!("{e:?}"))?;
    let only = parsed.variants.first().context("no variant")?;
    assert_eq!((parsed.variants.len(), only.uri.clone()), (1, format!("{}/flac/media.m3u8", version())));
    Ok(())
}

pub async fn media_playlist(world: &World) -> anyhow::Result<()> {
    let answer = world.get(&world.media(TRACK, "aac-128", "media.m3u8")).await?;
    assert_eq!((answer.status.as_u16(), answer.header("content-type").as_str()), (200, PLAYLIST));
    assert_eq!(answer.text(), playlist());
    let (_, parsed) = m3u8_rs::parse_media_playlist(&answer.body).map_err(|e| anyhow::anyhow!("{e:?}"))?;
    assert_eq!(parsed.segments.len(), 2);
    Ok(())
}

pub async fn track_json(world: &World) -> anyhow::Result<()> {
    let answer = world.get(&world.path(TRACK, "track.json")).await?;
    assert_eq!((answer.status.as_u16(), answer.header("content-type").as_str()), (200, "application/json"));
    assert_eq!(answer.header("cache-control"), "private, no-cache");
    let json = answer.json()?;
    schemas::assert_track(&json);
    assert_eq!(json["id"], TRACK);
    assert_eq!(json["title"], "बुरा जो देखन मैं चला");
    assert_eq!(json["timeline"], serde_json::json!({ "rate": 44100, "priming": 2048, "samples": 393_216 }));
    assert_eq!(json["playlists"], serde_json::json!(["multivariant.m3u8", "lossless.m3u8"]));
    assert_eq!(json["versions"], serde_json::json!([version()]));
    assert_eq!(json["lyrics"]["layers"].as_array().map(Vec::len), Some(3));
    assert!(json.get("rights").is_none(), "what is for the edge alone stays there");

    let plain = world.get(&world.path(WORLD, "track.json")).await?.json()?;
    schemas::assert_track(&plain);
    assert_eq!(plain["lyrics"], serde_json::Value::Null);
    assert_problem(&world.get(&world.path(WORLD, "track.jsonx")).await?, 404, "not_found");
    Ok(())
}
