//! Attacks by way of a browser, each by its number.

use nada_catalog::{Status, to_json};
use nada_tests::{
    catalogue::{self, HOLLOW, TRACK, WORLD, digest},
    origin::{ACCESS_KEY, BUCKET, OriginFault, REGION, SECRET_KEY},
};

use crate::world::{World, assert_problem, now};

/// The token is the credential, so that every page may ask, none with the visitor's cookies, and none is named.
pub async fn threat_59_origins(world: &World) -> anyhow::Result<()> {
    let path = world.path(TRACK, "track.json");
    for origin in [
        "null",
        "https://evil-example.com",
        "https://player.example.evil.test",
        "https://player.example",
        "*",
        "file://",
    ] {
        let preflight = [
            ("origin", origin),
            ("access-control-request-method", "GET"),
            ("access-control-request-headers", "range, cookie, authorization"),
            ("access-control-request-private-network", "true"),
        ];
        for (method, headers) in
            [("GET", &preflight[..1]), ("HEAD", &preflight[..1]), ("OPTIONS", &preflight[..])]
        {
            let answer = world.ask(method, &path, "IN", headers).await?;
            assert!(answer.status.is_success(), "{method} from {origin}");
            assert_eq!(answer.header("access-control-allow-origin"), "*", "{method} from {origin}");
            for never in ["access-control-allow-credentials", "access-control-allow-private-network"] {
                assert_eq!(answer.header(never), "", "{method} from {origin}");
            }
            assert!(
                !answer.header("vary").to_ascii_lowercase().contains("origin"),
                "one answer for all of them"
            );
            if method == "OPTIONS" {
                let age: u32 = answer.header("access-control-max-age").parse()?;
                assert!(age <= 86_400, "{age}");
                let allowed = answer.header("access-control-allow-headers").to_ascii_lowercase();
                assert!(
                    !allowed.contains('*')
                        && !allowed.contains("cookie")
                        && !allowed.contains("authorization")
                );
            }
        }
    }
    Ok(())
}

const SCRIPT: &str =
    "</script><script>alert(1)</script><svg onload=alert(1)>\u{2028}\"\n#EXT-X-KEY:METHOD=NONE";

/// Texts of others come out as what they are in JSON and in playlists, under types that no browser runs.
pub async fn threat_60_script_in_texts(world: &World) -> anyhow::Result<()> {
    let track = "scripted";
    let at = jiff::Timestamp::from_second(now())?;
    let mut manifest = catalogue::manifest(track, r#"{"territories":[{"code":"*"}]}"#, Status::Live, at);
    manifest.lyrics =
        catalogue::manifest(TRACK, r#"{"territories":[{"code":"*"}]}"#, Status::Live, at).lyrics;
    (manifest.title, manifest.artists, manifest.album) = (SCRIPT.into(), vec![SCRIPT.into()], SCRIPT.into());
    manifest
        .lyrics
        .iter_mut()
        .flat_map(|index| &mut index.layers)
        .for_each(|layer| layer.name = SCRIPT.into());
    world.origin.put(&format!("tracks/{track}/manifest.json"), &to_json(&manifest)?)?;
    let lyrics = serde_json::json!({ "line": SCRIPT }).to_string();
    let vtt = format!("WEBVTT\n\n00:00.000 --> 00:01.000\n{}\n", SCRIPT.replace('<', "&lt;"));
    for (file, text) in [("lyrics.json", &lyrics), ("hi.vtt", &vtt), ("hi.lrc", &SCRIPT.to_owned())] {
        world.origin.put(&format!("tracks/{track}/lyrics/{}/{file}", digest()), text.as_bytes())?;
    }

    let info = world.get(&world.path(track, "track.json?callback=alert&jsonp=alert")).await?;
    assert_eq!((info.status.as_u16(), info.header("content-type").as_str()), (200, "application/json"));
    let json = info.json()?;
    assert_eq!((&json["title"], &json["artists"][0]), (&SCRIPT.into(), &SCRIPT.into()), "and no JSONP");

    let playlist = world.get(&world.path(track, "multivariant.m3u8")).await?;
    assert_eq!(playlist.header("content-type"), "application/vnd.apple.mpegurl");
    let text = playlist.text();
    assert!(text.lines().all(|line| !line.starts_with("#EXT-X-KEY")), "{text}");
    let (_, parsed) = m3u8_rs::parse_master_playlist(&playlist.body).map_err(|e| anyhow::anyhow!("{e:?}"))?;
    assert_eq!(parsed.alternatives.len(), 3);

    let stored = |file: &str| world.path(track, &format!("lyrics/{}/{file}", digest()));
    for (path, kind) in [
        (world.path(track, "lyrics.json?callback=alert"), "application/json"),
        (stored("hi.vtt"), "text/vtt; charset=utf-8"),
        (stored("hi.lrc"), "text/plain; charset=utf-8"),
    ] {
        let answer = world.get(&path).await?;
        assert_eq!((answer.status.as_u16(), answer.header("content-type").as_str()), (200, kind));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    // and there is no cover art to hide it in
    for file in ["cover.svg", "cover.html", "index.html"] {
        assert_problem(&world.get(&world.path(track, file)).await?, 404, "not_found");
    }
    world.origin.delete(&format!("tracks/{track}/manifest.json"))
}

/// A file is what its name says, whatever lies in it and whatever the store calls it.
pub async fn threat_61_no_sniffing(world: &World) -> anyhow::Result<()> {
    let key = format!("tracks/{TRACK}/lyrics/{}/hi-Latn.lrc", digest());
    world.origin.put(&key, b"<!doctype html><script>alert(1)</script>")?;
    let answer = world.get(&world.path(TRACK, &format!("lyrics/{}/hi-Latn.lrc", digest()))).await;
    world.origin.put(&key, catalogue::lyrics("hi-Latn.lrc").as_bytes())?;
    let answer = answer?;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    Ok(())
}

/// No error says where or of what the service is built, whichever part failed.
pub async fn threat_62_errors_tell_nothing(world: &World) -> anyhow::Result<()> {
    let mut answers = vec![
        world.get("/nothing").await?,
        world.get(&format!("/t/{TRACK}/track.json")).await?,
        world.get("/~x/t/x/track.json").await?,
        world.get(&world.media(HOLLOW, "aac-128", "00002.m4s")).await?,
        world.ask("POST", "/healthz", "IN", &[("content-length", "0")]).await?,
        world.ask("GET", &world.path(TRACK, "track.json"), "US", &[]).await?,
    ];
    for fault in [OriginFault::Unavailable, OriginFault::ErrorUnder200] {
        world.origin.set_fault(fault);
        // bytes that no case has asked for
        let answer = world.get(&world.media(WORLD, "heaac2-32", "init.mp4")).await;
        world.origin.set_fault(OriginFault::None);
        answers.push(answer?);
    }
    for answer in answers {
        assert!(answer.status.is_client_error() || answer.status.is_server_error(), "{answer:?}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
        let all = format!("{:?} {}", answer.headers, answer.text()).to_lowercase();
        let endpoint = world.origin.endpoint().trim_start_matches("http://").to_owned();
        for word in [
            BUCKET,
            REGION,
            ACCESS_KEY,
            SECRET_KEY,
            &endpoint,
            "x-amz",
            "amazon",
            "<error",
            "slowdown",
            "accessdenied",
            "internalerror",
            "panicked",
            "backtrace",
            ".rs:",
            "at async",
            "wasm",
            "hyper",
            "workerd",
            "miniflare",
        ] {
            assert!(!all.contains(&word.to_lowercase()), "{word}: {all}");
        }
    }
    Ok(())
}
