//! Attacks on caches, each by its number: on hosts that have one. Each case that needs bytes which no cache holds has
//! a last segment of its own: after it none is warmed.

use nada_tests::{
    catalogue::{self, CHANGING, TRACK, WORLD, digest},
    client::HttpAnswer,
    origin::OriginFault,
};

use crate::world::{HostKind, World, assert_problem};

/// That it is the whole segment, whatever was asked before.
fn assert_whole(answer: &HttpAnswer, track: &str, rendition: &str, file: &str) {
    let (key, bytes) = catalogue::media(track, rendition, file);
    assert_eq!(answer.status, 200, "{key}: {}", answer.text());
    assert!(answer.body == bytes, "{key}: other bytes");
    assert_eq!(answer.header("content-length"), bytes.len().to_string());
    assert_eq!(answer.header("content-type"), "audio/mp4");
}

/// What ends like a file that caches keep is no way to one that they may not keep.
pub async fn threat_37_deception(world: &World) -> anyhow::Result<()> {
    let token = world.token(WORLD);
    for path in [
        "/v1/me/x.m3u8".to_owned(),
        "/api/sign/a.js".to_owned(),
        format!("/~{token}/t/{WORLD}/track.json/x.css"),
        format!("/~{token}/t/{WORLD}/track.json;x.css"),
        format!("/~{token}/t/{WORLD}/track.json%00.css"),
        format!("/~{token}/t/{WORLD}/track.json%3b.css"),
        format!("/~{token}/t/{WORLD}/track.json%0a.css"),
        format!("/~{token}/t/{WORLD}/track.css"),
    ] {
        assert_problem(&world.get(&path).await?, 404, "not_found");
    }
    world.assert_untouched().await?;
    let own = world.get(&world.path(WORLD, "track.json")).await?;
    assert!(own.header("cache-control").starts_with("private"), "{own:?}");
    Ok(())
}

/// Fields that are part of no key change no answer, neither the one nor the next.
pub async fn threat_38_unkeyed_headers(world: &World) -> anyhow::Result<()> {
    let path = world.media(WORLD, "heaac2-32", "00002.m4s");
    let names = [
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-forwarded-prefix",
        "x-original-url",
        "x-rewrite-url",
        "x-host",
        "forwarded",
        "origin",
        "accept-language",
        "user-agent",
    ];
    let fields = names.map(|name| (name, "https://evil.example/<script>"));
    let poisoned = world.ask("GET", &path, "IN", &fields).await?;
    let after = world.get(&path).await?;
    for answer in [&poisoned, &after] {
        assert_whole(answer, WORLD, "heaac2-32", "00002.m4s");
        assert!(!format!("{:?}", answer.headers).contains("evil"), "{answer:?}");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
    }
    assert_eq!(world.object_reads(), 1, "the second came from the cache");
    Ok(())
}

/// Queries and their order are part of no key, tokens neither.
pub async fn threat_39_one_key_for_one_object(world: &World) -> anyhow::Result<()> {
    let file = format!("{}/heaac-64/00002.m4s", catalogue::version());
    for query in
        ["", "?x=1&y=2", "?y=2&x=1", "?x=1&x=2", "?x=%26y%3D1", "?x=1%23", "?%3f", "?lang=hi", "?r=7"]
    {
        let answer = world.get(&world.path(WORLD, &format!("{file}{query}"))).await?;
        assert_whole(&answer, WORLD, "heaac-64", "00002.m4s");
    }
    let keys = world.read_keys();
    assert_eq!(keys.iter().filter(|key| key.ends_with("heaac-64/2.mp4")).count(), 1, "{keys:?}");
    assert!(keys.iter().all(|key| !key.contains('?') && !key.contains('~')), "{keys:?}");
    Ok(())
}

/// A client gets nothing from a cache that it would not get from the origin.
pub async fn threat_40_a_hit_is_judged_like_a_miss(world: &World) -> anyhow::Result<()> {
    let file = format!("t/{TRACK}/{}/heaac-64/00002.m4s", catalogue::version());
    assert_eq!(world.get(&format!("/~{}/{file}", world.token(TRACK))).await?.status, 200);
    world.reset_counters().await?;
    let good = world.token(TRACK);
    assert_eq!(world.get(&format!("/~{good}/{file}")).await?.status, 200, "a hit for a new token");
    assert_eq!(world.object_reads(), 0);
    world.reset_counters().await?;
    assert_problem(&world.get(&format!("/{file}")).await?, 401, "token_missing");
    assert_problem(&world.get(&format!("/~{}/{file}", world.token(WORLD))).await?, 403, "token_scope");
    assert_problem(&world.get(&format!("/~{good}A/{file}")).await?, 403, "token_invalid");
    let abroad = world.ask("GET", &format!("/~{good}/{file}"), "US", &[]).await?;
    assert_problem(&abroad, 451, "territory");
    world.assert_untouched().await
}

/// No request makes an error of an object that others ask for.
pub async fn threat_41_errors_are_not_kept(world: &World) -> anyhow::Result<()> {
    let file = format!("t/{CHANGING}/{}/heaac-64/00001.m4s", catalogue::version());
    let path = format!("/~{}/{file}", world.token(CHANGING));
    let long = "a".repeat(20_000);
    for (method, headers) in [
        ("GET", vec![("x-oversized", long.as_str())]),
        ("GET", vec![("x-metachar", "a\tb")]),
        ("GET", vec![("x-http-method-override", "DELETE")]),
        ("GET", vec![("x-method-override", "HEAD"), ("x-http-method", "PUT")]),
        ("GET", vec![("range", "bytes=99999999-")]),
        ("GET", vec![("if-match", "\"x\""), ("expect", "200-ok")]),
        ("POST", vec![("content-length", "0")]),
        ("HEAD", vec![]),
    ] {
        // whatever answer its sender gets
        let _ = world.ask(method, &path, "IN", &headers).await;
    }
    assert_problem(&world.get(&format!("/~x/{file}")).await?, 403, "token_invalid");
    assert_problem(&world.get(&format!("/{file}")).await?, 401, "token_missing");
    assert_whole(&world.get(&path).await?, CHANGING, "heaac-64", "00001.m4s");
    // an origin's failure is answered only to the request that met it
    let path = world.media(CHANGING, "heaac2-32", "init.mp4");
    world.origin.set_fault(OriginFault::Unavailable);
    let failed = world.get(&path).await;
    world.origin.set_fault(OriginFault::None);
    assert_problem(&failed?, 503, "origin_unavailable");
    assert_eq!(world.get(&path).await?.status, 200);
    Ok(())
}

/// A part never stands for the whole in a cache, and half of a body for nothing.
pub async fn threats_42_and_43_parts_and_halves(world: &World) -> anyhow::Result<()> {
    let path = world.media(WORLD, "aac-128", "00002.m4s");
    for range in ["bytes=0-0", "bytes=-1", "bytes=100-199"] {
        assert_eq!(world.ask("GET", &path, "IN", &[("range", range)]).await?.status, 206, "{range}");
    }
    assert_whole(&world.get(&path).await?, WORLD, "aac-128", "00002.m4s");
    let path = world.media(CHANGING, "aac-128", "00002.m4s");
    world.origin.set_fault(OriginFault::TruncatedMedia);
    let cut = world.get(&path).await;
    world.origin.set_fault(OriginFault::None);
    if let Ok(cut) = cut {
        assert_problem(&cut, 503, "origin_unavailable");
    }
    assert_whole(&world.get(&path).await?, CHANGING, "aac-128", "00002.m4s");
    Ok(())
}

/// A coded body goes to clients that accept its coding, not to the next client that asks.
pub async fn threat_44_codings(world: &World) -> anyhow::Result<()> {
    let path = world.path(TRACK, &format!("lyrics/{}/en.lrc", digest()));
    for (accepts, coding) in [
        ("gzip", "gzip"),
        ("identity", ""),
        ("gzip;q=0", ""),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0, gzip;q=0, *", ""),
        ("gzip;q=0.000", ""),
    ] {
        let answer = world.ask("GET", &path, "IN", &[("accept-encoding", accepts)]).await?;
        assert_eq!(
            (answer.status.as_u16(), answer.header("content-encoding").as_str()),
            (200, coding),
            "{accepts}"
        );
        assert_eq!(answer.header("vary"), "Accept-Encoding", "{accepts}");
        if coding.is_empty() {
            assert_eq!(answer.text(), catalogue::lyrics("en.lrc"), "{accepts}");
        }
    }
    let plain = world.get(&path).await?;
    assert_eq!((plain.header("content-encoding").as_str(), plain.text()), ("", catalogue::lyrics("en.lrc")));
    Ok(())
}

/// There is nothing by which a client empties a cache.
pub async fn threat_45_no_purge(world: &World) -> anyhow::Result<()> {
    let path = world.media(CHANGING, "flac", "00002.m4s");
    // the second waits for the whole part, which the first began to read
    for _ in 0..2 {
        assert_eq!(world.get(&path).await?.status, 200);
    }
    world.reset_counters().await?;
    for method in ["PURGE", "BAN", "REFRESH", "DELETE", "PROPFIND"] {
        let answer = world.ask(method, &path, "IN", &[]).await?;
        // workerd itself knows only some methods
        if world.kind == HostKind::Worker && answer.status == 501 {
            continue;
        }
        assert_problem(&answer, 405, "method");
    }
    let token = world.token(CHANGING);
    for other in
        ["/purge", "/cache/purge", "/.well-known/purge", &format!("/~{token}/purge/t/{CHANGING}/track.json")]
    {
        assert_problem(&world.get(other).await?, 404, "not_found");
    }
    world.assert_untouched().await?;
    let fields =
        [("cache-control", "no-cache, no-store, max-age=0"), ("pragma", "no-cache"), ("x-purge", "1")];
    assert_whole(&world.ask("GET", &path, "IN", &fields).await?, CHANGING, "flac", "00002.m4s");
    assert_eq!(world.object_reads(), 0, "it is in the cache still");
    Ok(())
}

/// A query is part of no key, so that a flood of them costs the origin one read.
pub async fn threat_47_a_flood_of_queries(world: &World) -> anyhow::Result<()> {
    let path = world.media(WORLD, "flac", "00002.m4s");
    for n in 0..100 {
        let answer = world.get(&format!("{path}?{n}={}&nocache={n}", n * 7919)).await?;
        assert_eq!(answer.status, 200);
    }
    assert!(world.once(world.object_reads()));
    // nor does what does not exist cost one each
    for n in 3..103 {
        assert_problem(
            &world.get(&world.media(WORLD, "flac", &format!("{n:05}.m4s"))).await?,
            404,
            "not_found",
        );
    }
    assert_eq!(world.object_reads(), 0);
    Ok(())
}

/// However little of an object is asked for, and however often, the origin gives it once.
pub async fn threat_48_amplification(world: &World) -> anyhow::Result<()> {
    let path = world.media(TRACK, "flac", "00002.m4s");
    let many = format!("bytes={}", vec!["0-"; 1000].join(","));
    for (n, range) in ["bytes=0-0", "bytes=-1", "bytes=0-0", "bytes=1-1", "bytes=99-"].iter().enumerate() {
        let answer = world.ask("GET", &format!("{path}?bust={n}"), "IN", &[("range", range)]).await?;
        assert_eq!(answer.status, 206, "{range}");
        assert!(answer.body.len() <= 200_000);
    }
    let whole = world.ask("GET", &path, "IN", &[("range", &many)]).await?;
    assert_eq!((whole.status.as_u16(), whole.body.len()), (200, 200_000), "never more bytes than it has");
    assert!(world.once(world.object_reads()));
    Ok(())
}

/// XML under a status of success is neither sent on as a segment, nor kept by the server; the platform keeps it
/// under its key, and the origin's next answer under another way to ask is another's.
pub async fn fault_2_an_error_under_status_200(world: &World) -> anyhow::Result<()> {
    let path = world.media(WORLD, "aac-128", "init.mp4");
    // the objects that the decision rests on are known
    assert_eq!(world.get(&world.path(WORLD, "track.json")).await?.status, 200);
    world.origin.set_fault(OriginFault::ErrorUnder200);
    let strange = world.get(&path).await;
    world.origin.set_fault(OriginFault::None);
    assert_problem(&strange?, 503, "origin_unavailable");
    if world.kind == HostKind::Native {
        assert_eq!(world.get(&path).await?.status, 200);
    }
    Ok(())
}
