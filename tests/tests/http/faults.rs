use nada_tests::{
    catalogue::{self, HOLLOW, TRACK, WORLD},
    origin::OriginFault,
};

use crate::world::{HostKind, World, assert_problem};

pub async fn origin_down(world: &World) -> anyhow::Result<()> {
    let world = world.fresh().await?;
    world.origin.set_fault(OriginFault::Unavailable);
    let paths = [world.path(TRACK, "multivariant.m3u8"), world.media(TRACK, "aac-128", "00001.m4s")];
    let mut answers = Vec::new();
    for path in &paths {
        answers.push(world.get(path).await?);
    }
    let health = world.get("/healthz").await?;
    world.origin.set_fault(OriginFault::None);
    for answer in answers {
        assert_problem(&answer, 503, "origin_unavailable");
        assert!(answer.header("retry-after").parse::<u32>().is_ok(), "{answer:?}");
        let text = answer.text();
        assert!(!text.contains("127.0.0.1") && !text.contains("nada-test"), "{text}");
    }
    assert_eq!(health.status, 200);
    for path in &paths {
        assert_eq!(world.get(path).await?.status, 200, "a failure is not kept");
    }
    Ok(())
}

/// The origin answers 403 for it, as S3 does a caller that may not list.
pub async fn absent_object(world: &World) -> anyhow::Result<()> {
    for file in ["media.m3u8", "init.mp4", "00001.m4s"] {
        assert_problem(&world.get(&world.media(HOLLOW, "aac-128", file)).await?, 404, "not_found");
    }
    for file in ["flac.mp4", "start/flac.mp4", "aac-128.mp4"] {
        assert_problem(&world.get(&world.path(HOLLOW, file)).await?, 404, "not_found");
    }
    // S3 does not tell a reader who may not list that an object is absent; R2's host name does
    let said = if world.origin.is_r2() { 404 } else { 403 };
    assert!(world.origin.take_seen().iter().any(|seen| seen.status == said));
    // what HEAD says of media is known without the origin, so that it shows with GET alone
    for (file, status) in [("media.m3u8", 404), ("init.mp4", 200)] {
        let head = world.ask("HEAD", &world.media(HOLLOW, "aac-128", file), "IN", &[]).await?;
        assert_eq!((head.status.as_u16(), head.body.len()), (status, 0), "{file}");
    }
    Ok(())
}

pub async fn absent_track(world: &World) -> anyhow::Result<()> {
    assert_problem(&world.get(&world.path("no-such-track", "multivariant.m3u8")).await?, 404, "not_found");
    Ok(())
}

/// Half of an object is never an answer that looks complete, and nothing that is kept.
pub async fn cut_short(world: &World) -> anyhow::Result<()> {
    let world = world.fresh().await?;
    let path = world.media(WORLD, "flac", "00002.m4s");
    world.origin.set_fault(OriginFault::TruncatedMedia);
    let answer = world.get(&path).await;
    world.origin.set_fault(OriginFault::None);
    if let Ok(answer) = answer {
        assert_problem(&answer, 503, "origin_unavailable");
    }
    let answer = world.get(&path).await?;
    let (_, whole) = catalogue::media(WORLD, "flac", "00002.m4s");
    assert!(answer.status == 200 && answer.body == whole);
    Ok(())
}

/// A body that could end anywhere is no object, since it could be cut without anyone seeing it.
pub async fn fault_5_no_length(world: &World) -> anyhow::Result<()> {
    let world = world.fresh().await?;
    let path = world.media(WORLD, "flac", "00002.m4s");
    world.origin.set_fault(OriginFault::MediaWithoutLength);
    let answer = world.get(&path).await;
    world.origin.set_fault(OriginFault::None);
    assert_problem(&answer?, 503, "origin_unavailable");
    assert_eq!(world.get(&path).await?.status, 200, "and it is not kept");
    Ok(())
}

/// Bytes that are not those of the sum the store has: the server serves and keeps none of them. (Through the worker no
/// byte passes that it could add up; a large part is sent on as it comes to whoever asks first, and then read whole.)
pub async fn fault_6_another_sum(world: &World) -> anyhow::Result<()> {
    if world.kind == HostKind::Worker {
        return Ok(());
    }
    let world = world.fresh().await?;
    let path = world.media(WORLD, "aac-128", "00002.m4s");
    world.origin.set_fault(OriginFault::MediaWithFlippedBit);
    let answer = world.get(&path).await;
    world.origin.set_fault(OriginFault::None);
    assert_problem(&answer?, 503, "origin_unavailable");
    assert_eq!(world.get(&path).await?.status, 200, "and it is not kept");
    Ok(())
}

pub async fn not_understood(world: &World) -> anyhow::Result<()> {
    for text in ["{", "[]", r#"{"format":99,"revision":1}"#, "{\"format\":1}"] {
        world.origin.put("tracks/strange/manifest.json", text.as_bytes())?;
        let answer = world.get(&world.path("strange", "multivariant.m3u8")).await?;
        assert_problem(&answer, 503, "origin_unavailable");
    }
    world.origin.delete("tracks/strange/manifest.json")
}
