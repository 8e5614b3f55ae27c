//! Track files, whole and from their start, and ranges of them over the bounds of the parts that they are stored in.

use nada_tests::{
    catalogue::{self, LONG, TRACK, WORLD, older, version},
    client::HttpAnswer,
};
use nada_token::Claims;

use crate::world::{HostKind, World, assert_problem, now};

/// A rendition in three parts, of which the second has more than 1 MiB.
const LARGE: &str = "flac";
/// One in three parts of less than 300 KB together.
const SMALL: &str = "heaac-64";

fn assert_whole(answer: &HttpAnswer, expected: &[u8]) {
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.body == expected, "other bytes");
    assert_eq!(answer.header("content-length"), expected.len().to_string());
    assert_eq!(answer.header("content-type"), "audio/mp4");
    assert_eq!(answer.header("accept-ranges"), "bytes");
    assert_eq!(answer.header("content-encoding"), "");
}

pub async fn whole(world: &World) -> anyhow::Result<()> {
    for rendition in [LARGE, SMALL] {
        let expected = catalogue::whole(LONG, &version(), rendition);
        let stored = format!("{}/{rendition}.mp4", version());
        let asked = [("accept-encoding", "gzip, br")];
        let named = world.ask("GET", &world.path(LONG, &stored), "IN", &asked).await?;
        let alias = world.ask("GET", &world.path(LONG, &format!("{rendition}.mp4")), "IN", &asked).await?;
        for answer in [&named, &alias] {
            assert_whole(answer, &expected);
        }
        assert_eq!(named.header("etag"), alias.header("etag"));
        assert_eq!(alias.header("content-location"), stored, "relative, so that it holds no token");
        assert_eq!(named.header("content-location"), "");
        assert_eq!(alias.header("cache-control"), "private, no-cache");
        assert!(named.header("cache-control").ends_with(", immutable"), "{named:?}");
    }
    Ok(())
}

pub async fn start(world: &World) -> anyhow::Result<()> {
    for rendition in [LARGE, SMALL] {
        let expected = catalogue::start(LONG, rendition);
        let alias = world.get(&world.path(LONG, &format!("start/{rendition}.mp4"))).await?;
        assert_whole(&alias, &expected);
        let location = alias.header("content-location");
        assert_eq!(location, format!("../{}/start/{rendition}.mp4", version()));
        let stored = format!("{}/start/{rendition}.mp4", version());
        let named = world.get(&world.path(LONG, &stored)).await?;
        assert_whole(&named, &expected);
        assert_eq!(named.header("etag"), alias.header("etag"));
        let whole = world.ask("HEAD", &world.path(LONG, &format!("{rendition}.mp4")), "IN", &[]).await?;
        assert_ne!(whole.header("etag"), alias.header("etag"));
    }
    Ok(())
}

pub async fn ranges_over_parts(world: &World) -> anyhow::Result<()> {
    for rendition in [LARGE, SMALL] {
        let expected = catalogue::whole(LONG, &version(), rendition);
        let layout = catalogue::layout(LONG, &version(), rendition);
        let parts = layout.parts_of(&layout.whole()).unwrap();
        let (first, second) = (parts[0].length, parts[0].length + parts[1].length);
        let end = layout.length();
        let path = world.path(LONG, &format!("{rendition}.mp4"));
        for (from, to) in [
            (0, 1),
            (first - 1, first),
            (first, first + 1),
            (first - 1, first + 1),
            (first - 3, second + 5),
            (second - 1, second + 1),
            (first, second),
            (0, second + 1),
            (end - 1, end),
            (0, end),
        ] {
            let range = format!("bytes={from}-{}", to - 1);
            let answer = world.ask("GET", &path, "IN", &[("range", &range)]).await?;
            assert_eq!(answer.status, 206, "{range}: {}", answer.text());
            assert_eq!(answer.header("content-range"), format!("bytes {from}-{}/{end}", to - 1));
            assert_eq!(answer.header("content-length"), (to - from).to_string());
            assert!(answer.body == expected[from as usize..to as usize], "{range}: other bytes");
        }
        for (range, from) in
            [(format!("bytes={}-", second - 7), second - 7), (format!("bytes=-{}", end - 5), 5)]
        {
            let answer = world.ask("GET", &path, "IN", &[("range", &range)]).await?;
            assert_eq!(answer.status, 206, "{range}");
            assert!(answer.body == expected[from as usize..], "{range}: other bytes");
        }
        for range in [format!("bytes={end}-"), "bytes=-0".to_owned()] {
            let answer = world.ask("GET", &path, "IN", &[("range", &range)]).await?;
            assert_problem(&answer, 416, "range");
            assert_eq!(answer.header("content-range"), format!("bytes */{end}"));
        }
        let many = world.ask("GET", &path, "IN", &[("range", "bytes=0-0,5-6")]).await?;
        assert_whole(&many, &expected);
        // each segment is where the layout says, wherever its part ends
        for number in 1..=10 {
            let file = format!("{number:05}.m4s");
            let (_, bytes) = catalogue::media(LONG, rendition, &file);
            assert_whole(&world.get(&world.media(LONG, rendition, &file)).await?, &bytes);
        }
    }
    Ok(())
}

/// An interrupted download goes on bit by bit, and with another version it begins anew.
pub async fn threat_51_resumed(world: &World) -> anyhow::Result<()> {
    let expected = catalogue::whole(LONG, &version(), SMALL);
    let path = world.path(LONG, &format!("{SMALL}.mp4"));
    let mut got = Vec::new();
    let mut etag = String::new();
    while got.len() < expected.len() {
        let range = format!("bytes={}-{}", got.len(), got.len() + 70_000);
        let fields = [("range", range.as_str()), ("if-range", etag.as_str())];
        let fields = if etag.is_empty() { &fields[..1] } else { &fields[..] };
        let answer = world.ask("GET", &path, "IN", fields).await?;
        assert_eq!(answer.status, 206, "{}", answer.text());
        etag = answer.header("etag");
        got.extend_from_slice(&answer.body);
    }
    assert!(got == expected);
    let older = world.path(LONG, &format!("{}/{SMALL}.mp4", older()));
    let other = world.ask("HEAD", &older, "IN", &[]).await?.header("etag");
    assert_ne!(other, etag);
    for condition in [other, format!("W/{etag}")] {
        let fields = [("range", "bytes=70000-"), ("if-range", condition.as_str())];
        assert_whole(&world.ask("GET", &path, "IN", &fields).await?, &expected);
    }
    Ok(())
}

/// A version that is kept is told by its own presentation, which is read when it is asked for, and once.
pub async fn older_versions(world: &World) -> anyhow::Result<()> {
    let path = |file: &str| world.path(LONG, &format!("{}/{file}", older()));
    for file in ["init.mp4", "00001.m4s", "00002.m4s", "media.m3u8"] {
        let (_, bytes) = catalogue::media_of(LONG, &older(), "aac-128", file);
        let answer = world.get(&path(&format!("aac-128/{file}"))).await?;
        assert_eq!(answer.status, 200, "{file}: {}", answer.text());
        assert!(answer.body == bytes, "{file}: other bytes");
    }
    assert_whole(&world.get(&path("aac-128.mp4")).await?, &catalogue::whole(LONG, &older(), "aac-128"));
    assert_problem(&world.get(&path("aac-128/00003.m4s")).await?, 404, "not_found");
    assert_problem(&world.get(&path("aac-96.mp4")).await?, 404, "not_found");
    let asked = world.read_keys();
    assert!(asked.iter().filter(|key| key.ends_with("presentation.json")).count() <= 1, "{asked:?}");
    Ok(())
}

/// What is said of a file is known without the origin.
pub async fn heads_and_conditions(world: &World) -> anyhow::Result<()> {
    let files = [format!("{LARGE}.mp4"), format!("start/{LARGE}.mp4"), format!("{}/{LARGE}.mp4", version())];
    for file in files {
        let path = world.path(LONG, &file);
        let get = world.get(&path).await?;
        world.reset_counters().await?;
        let head = world.ask("HEAD", &path, "IN", &[("range", "bytes=0-1")]).await?;
        assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
        for name in ["content-type", "content-length", "etag", "accept-ranges", "content-location"] {
            assert_eq!(head.header(name), get.header(name), "{name} of {file}");
        }
        let etag = get.header("etag");
        for held in [etag.as_str(), "*", &format!("W/{etag}")] {
            let answer =
                world.ask("GET", &path, "IN", &[("if-none-match", held), ("range", "bytes=0-1")]).await?;
            assert_eq!((answer.status.as_u16(), answer.body.len()), (304, 0), "{held}");
            assert_eq!(answer.header("content-location"), get.header("content-location"));
        }
        assert_eq!(world.object_reads(), 0);
    }
    Ok(())
}

/// How it is stored is nobody's to ask.
pub async fn threat_38_parts_are_no_files(world: &World) -> anyhow::Result<()> {
    for file in [
        format!("{}/{LARGE}/1.mp4", version()),
        format!("{}/{LARGE}/2.mp4", version()),
        format!("{}/presentation.json", version()),
        format!("{}/start/{LARGE}/1.mp4", version()),
        "start/init.mp4".to_owned(),
        "init.mp4".to_owned(),
        "1.mp4".to_owned(),
        "FLAC.mp4".to_owned(),
        "flac.MP4".to_owned(),
        "flac.mp4/".to_owned(),
        "start".to_owned(),
        "start/flac".to_owned(),
        "aac-0064.mp4".to_owned(),
    ] {
        assert_problem(&world.get(&world.path(LONG, &file)).await?, 404, "not_found");
    }
    assert_eq!(world.object_reads(), 0);
    Ok(())
}

pub async fn ceiling(world: &World) -> anyhow::Result<()> {
    let claims = Claims { ceiling: Some(64_000), iat: Some(now()), ..Claims::for_track(TRACK, now() + 600) };
    let token = world.sign(&claims);
    for (file, refused) in [
        ("heaac-64.mp4".to_owned(), false),
        ("start/heaac-64.mp4".to_owned(), false),
        ("aac-128.mp4".to_owned(), true),
        ("start/aac-128.mp4".to_owned(), true),
        ("flac.mp4".to_owned(), true),
        (format!("{}/flac.mp4", version()), true),
        (format!("{}/start/flac.mp4", version()), true),
    ] {
        let path = format!("/~{token}/t/{TRACK}/{file}");
        for range in [&[][..], &[("range", "bytes=0-1")], &[("if-none-match", "*")]] {
            let answer = world.ask("GET", &path, "IN", range).await?;
            match refused {
                true => assert_problem(&answer, 403, "rendition_not_allowed"),
                false => assert!([200, 206, 304].contains(&answer.status.as_u16()), "{file}"),
            }
        }
    }
    let foreign = format!("/~{token}/t/{WORLD}/heaac-64.mp4");
    assert_problem(&world.get(&foreign).await?, 403, "token_scope");
    Ok(())
}

/// A part that cannot be had ends the connection, and never looks like the end of the answer.
async fn a_part_is_missing(kind: HostKind) -> anyhow::Result<()> {
    for (number, bytes) in [(2, None), (3, None), (2, Some(1000)), (3, Some(0))] {
        let world = World::start(kind).await?;
        let objects = catalogue::objects(LONG, &version(), LARGE);
        let (key, part) = &objects[number];
        match bytes {
            None => world.origin.delete(key)?,
            Some(bytes) => world.origin.put(key, &part[..part.len() - 1 - bytes])?,
        }
        let path = world.path(LONG, &format!("{LARGE}.mp4"));
        for _ in 0..2 {
            let answer = world.get(&path).await;
            assert!(answer.is_err(), "part {number}: {} bytes look complete", answer?.body.len());
        }
        // what is there is served, and whoever asks for what is not is told so
        let whole = catalogue::whole(LONG, &version(), LARGE);
        let answer = world.ask("GET", &path, "IN", &[("range", "bytes=0-99999")]).await?;
        assert!(answer.status == 206 && answer.body == whole[..100_000]);
        let before: usize = objects[1..number].iter().map(|(_, part)| part.len()).sum();
        let range = format!("bytes={before}-{}", before + 9);
        let answer = world.ask("GET", &path, "IN", &[("range", &range)]).await?;
        match bytes {
            None => assert_problem(&answer, 404, "not_found"),
            Some(_) => assert_problem(&answer, 503, "origin_unavailable"),
        }
        // and all of it once it is there again
        world.origin.put(key, part)?;
        let world = world.fresh().await?;
        assert!(world.get(&path).await?.body == whole);
    }
    Ok(())
}

/// Once it is known what decisions rest on, a segment costs one read: of its part, and of nothing else.
async fn a_segment_costs_one_read(kind: HostKind) -> anyhow::Result<()> {
    let world = World::start(kind).await?;
    assert_eq!(world.get(&world.path(LONG, "track.json")).await?.status, 200);
    world.read_keys();
    for number in 1..=10 {
        let path = world.media(LONG, SMALL, &format!("{number:05}.m4s"));
        assert_eq!(world.get(&path).await?.status, 200);
    }
    let mut seen = world.origin.take_seen();
    // the first byte of the next part, where one ends
    seen.retain(|seen| seen.range.as_deref() != Some("bytes=0-0"));
    assert!(seen.iter().all(|seen| seen.target.ends_with(".mp4")), "{seen:?}");
    match kind {
        HostKind::Worker => assert_eq!(seen.len(), 10, "{seen:?}"),
        // which has a cache of its own: three parts, of which a large one is read by a range and whole
        HostKind::Native => assert!((3..=6).contains(&seen.len()), "{seen:?}"),
    }
    Ok(())
}

macro_rules! on_both {
    ($($case:ident: $native:ident $worker:ident;)+) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $native() -> anyhow::Result<()> {
            $case(HostKind::Native).await
        }

        #[tokio::test(flavor = "multi_thread")]
        async fn $worker() -> anyhow::Result<()> {
            $case(HostKind::Worker).await
        }
    )+};
}

on_both! {
    a_part_is_missing: native_a_part_is_missing worker_a_part_is_missing;
    a_segment_costs_one_read: native_a_segment_costs_one_read worker_a_segment_costs_one_read;
}
