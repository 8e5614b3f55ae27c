use nada_tests::catalogue::TRACK;

use crate::world::{HostKind, World, assert_problem};

pub async fn preflight(world: &World) -> anyhow::Result<()> {
    let asked = [
        ("origin", "https://player.example"),
        ("access-control-request-method", "GET"),
        ("access-control-request-headers", "range"),
    ];
    for path in
        [format!("/t/{TRACK}/multivariant.m3u8"), "/t/no-such-track/lyrics.json".into(), "/healthz".into()]
    {
        let answer = world.ask("OPTIONS", &path, "US", &asked).await?;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0), "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.header("access-control-allow-methods"), "GET, HEAD, OPTIONS");
        let allowed = answer.header("access-control-allow-headers").to_ascii_lowercase();
        for name in ["range", "if-none-match", "cta-common-access-token"] {
            assert!(allowed.contains(name), "{allowed}");
        }
        assert_eq!(answer.header("access-control-allow-credentials"), "");
    }
    assert_problem(&world.ask("OPTIONS", "/nothing/here", "IN", &asked).await?, 404, "not_found");
    world.assert_untouched().await?;
    Ok(())
}

pub async fn threat_17_methods(world: &World) -> anyhow::Result<()> {
    let path = world.path(TRACK, "multivariant.m3u8");
    for method in ["POST", "PUT", "DELETE", "PATCH"] {
        let answer = world.ask(method, &path, "IN", &[("content-length", "0")]).await?;
        assert_problem(&answer, 405, "method");
        assert_eq!(answer.header("allow"), "GET, HEAD, OPTIONS");
    }
    world.assert_untouched().await?;
    Ok(())
}

pub async fn health_and_version(world: &World) -> anyhow::Result<()> {
    let health = world.get("/healthz").await?;
    assert_eq!((health.status.as_u16(), health.text().trim()), (200, "ok"));
    let version = world.get("/version").await?;
    assert_eq!(version.status, 200);
    assert!(version.text().starts_with(concat!("nada ", env!("CARGO_PKG_VERSION"))), "{}", version.text());
    Ok(())
}

pub async fn every_answer_s_headers(world: &World) -> anyhow::Result<()> {
    let paths = [
        world.path(TRACK, "multivariant.m3u8"),
        world.media(TRACK, "aac-128", "00001.m4s"),
        world.path(TRACK, "lyrics.json"),
        format!("/t/{TRACK}/track.json"),
        "/nothing".to_owned(),
        "/healthz".to_owned(),
    ];
    for path in paths {
        let answer = world.ask("GET", &path, "IN", &[("origin", "https://player.example")]).await?;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("access-control-allow-origin", "*"),
            ("timing-allow-origin", "*"),
            ("access-control-allow-credentials", ""),
            ("set-cookie", ""),
            ("location", ""),
            ("server", ""),
        ] {
            assert_eq!(answer.header(name), value, "{name} of {path}");
        }
        let timing = answer.header("server-timing");
        assert!(timing.contains("total;dur="), "{timing} of {path}");
        let exposed = answer.header("access-control-expose-headers");
        assert!(exposed.contains("Content-Range") && !exposed.contains("CTA-"), "{exposed}");
    }
    Ok(())
}

/// Whatever is not exactly a route is not found, and reaches no origin.
pub async fn threats_29_to_37_paths(world: &World) -> anyhow::Result<()> {
    let token = world.token(TRACK);
    for path in [
        "/".to_owned(),
        "/t".to_owned(),
        format!("/~{token}"),
        format!("/~{token}/"),
        format!("/~{token}/t/{TRACK}"),
        format!("/~{token}/t/{TRACK}/"),
        format!("/~{token}/t/{TRACK}/track.json/"),
        format!("/~{token}//t/{TRACK}/track.json"),
        format!("/~{token}/t//{TRACK}/track.json"),
        format!("/~{token}/t/{TRACK}/manifest.json"),
        format!("/~{token}/t/{TRACK}/presentation.json"),
        format!("/~{token}/T/{TRACK}/track.json"),
        format!("/~{token}/t/{TRACK}/TRACK.JSON"),
        format!("/~{token}/t/{TRACK}/track.json;jsessionid=1"),
        format!("/~{token}/t/{TRACK}/track%2ejson"),
        format!("/~{token}/t/{TRACK}%2ftrack.json"),
        format!("/~{token}/t/{TRACK}/%2e%2e%2fGONE/track.json"),
        format!("/~{token}/t/{TRACK}/..%2f..%2fchanges.json"),
        format!("/~{token}/t/{TRACK}/..%5c..%5cchanges.json"),
        format!("/~{token}/t/{TRACK}/%252e%252e%252fchanges.json"),
        format!("/~{token}/t/{TRACK}/%c0%ae%c0%ae/changes.json"),
        format!("/~{token}/t/{TRACK}/track.json%00"),
        format!("/~{token}/t/{TRACK}/track.json%0d%0aset-cookie:a=b"),
        format!("/~{token}/t/{TRACK}/track.json%3fx"),
        format!("/~{token}/t/{TRACK}/track.json%23"),
        format!("/~{token}/t/http://169.254.169.254/track.json"),
        // 32, 33: full-width dots, a bidirectional override, a homoglyph, NFD; letter case
        format!("/~{token}/t/{TRACK}/%ef%bc%8e%ef%bc%8e%ef%bc%8ftrack.json"),
        format!("/~{token}/t/{TRACK}/%e2%80%aetrack.json"),
        format!("/~{token}/t/{TRACK}/tr%d0%b0ck.json"),
        format!("/~{token}/t/e%cc%81/track.json"),
        format!("/~{token}/t/{TRACK}/Track.json"),
        // 35, 36: other places and hidden objects
        format!("/~{token}/t/s3://other-bucket/track.json"),
        format!("/~{token}/t/{TRACK}/manifest.json.tmp"),
        format!("/~{token}/t/_staging/track.json"),
        format!("/~{token}/?list-type=2"),
        format!("/~{token}/t/?list-type=2&prefix=tracks/"),
        // 37: deception
        "/v1/me/x.m3u8".to_owned(),
        format!("/~{token}/t/{TRACK}/track.json/x.m3u8"),
        format!("/~{token}/t/{TRACK}/track.json%3b.css"),
        format!("/~{token}/t/.git/track.json"),
        format!("/~{token}/changes.json"),
        format!("/~{token}/tracks/{TRACK}/manifest.json"),
        "/changes.json".to_owned(),
        "/revocations.json".to_owned(),
        "/favicon.ico".to_owned(),
        format!("/{}", "a/".repeat(2000)),
        format!("/{}", "a".repeat(16_000)),
    ] {
        let answer = world.get(&path).await?;
        assert_eq!(answer.status, 404, "{path:.200}: {}", answer.text());
        assert_problem(&answer, 404, "not_found");
        assert_eq!(answer.header("set-cookie"), "");
    }
    world.assert_untouched().await?;
    Ok(())
}

/// The native server takes dot segments as they are, and refuses them. Cloudflare resolves them before the worker
/// is called, as browsers do: then they name what they resolve to, and nothing else.
pub async fn threats_29_and_31_dot_segments(world: &World) -> anyhow::Result<()> {
    let token = world.token(TRACK);
    for (path, resolved) in [
        (format!("/~{token}/t/{TRACK}/x/../track.json"), 200),
        (format!("/~{token}/t/{TRACK}/./track.json"), 200),
        (format!("/~{token}/t/{TRACK}/x/%2e%2e/track.json"), 200),
        (format!("/~{token}/t/{TRACK}/../gone/track.json"), 403),
        (format!("/~{token}/t/../../changes.json"), 404),
        ("/../../etc/passwd".to_owned(), 404),
    ] {
        let status = world.get(&path).await?.status.as_u16();
        assert_eq!(status, if world.kind == HostKind::Native { 404 } else { resolved }, "{path}");
    }
    let keys = world.read_keys();
    let track = format!("tracks/{TRACK}/manifest.json");
    assert!(
        keys.iter().all(|key| [&track, "changes.json", "revocations.json"].contains(&key.as_str())),
        "{keys:?}"
    );
    Ok(())
}

/// Header fields that other servers obey change nothing here.
pub async fn threats_17_and_38_override_headers(world: &World) -> anyhow::Result<()> {
    let path = world.path(TRACK, "track.json");
    let plain = world.get(&path).await?;
    for (name, value) in [
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "gopher"),
        ("x-original-url", "/healthz"),
        ("x-rewrite-url", "/healthz"),
        ("x-http-method-override", "DELETE"),
        ("forwarded", "host=evil.example"),
        ("origin", "null"),
    ] {
        let answer = world.ask("GET", &path, "IN", &[(name, value)]).await?;
        assert_eq!((answer.status, &answer.body), (plain.status, &plain.body), "{name}");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert!(!format!("{:?}", answer.headers).contains("evil"), "{name} is not reflected");
    }
    Ok(())
}

/// A query chooses a layer of the lyrics or holds a token; no other reaches a cache or an origin.
pub async fn threats_39_and_47_queries(world: &World) -> anyhow::Result<()> {
    let path = world.path(TRACK, "lyrics.json");
    let plain = world.get(&path).await?;
    for query in ["?x=1", "?CMCD=br%3D128%2Csid%3D%22a%22", "?x=1&x=2&", "?&&&", "?lang2=hi"] {
        let answer = world.get(&format!("{path}{query}")).await?;
        assert_eq!((answer.status, &answer.body), (plain.status, &plain.body), "{query}");
    }
    let long = world.get(&format!("{path}?x={}", "a".repeat(12_000))).await?;
    assert_problem(&long, 400, "bad_request");
    for key in world.read_keys() {
        assert!(!key.contains('?'), "{key}");
    }
    Ok(())
}
