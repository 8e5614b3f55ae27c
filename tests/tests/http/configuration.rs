//! Hosts that are configured in another way than those that answer the cases.

use nada_tests::{
    catalogue::{self, TRACK},
    host::{Host, Setup},
    origin::{Origin, OriginFault},
};
use nada_token::Claims;

use crate::world::{HostKind, World, assert_problem, full_origin, keys, now, start};

/// A deployment that names itself in its tokens goes on with its replica while the primary is down.
async fn replica_issuer_and_audience(kind: HostKind) -> anyhow::Result<()> {
    let (primary, replica) = (Origin::start().await?, full_origin().await?);
    primary.set_fault(OriginFault::Unavailable);
    let setup = Setup {
        issuer: Some("shop".to_owned()),
        audience: Some("music.example".to_owned()),
        endpoints: vec![primary.endpoint(), replica.endpoint()],
        ..Setup::new(&keys().to_json(), &primary)
    };
    let world = World::around(kind, replica, start(kind, &setup).await?);
    let get = async |iss: &str, aud: &[&str]| {
        let aud = aud.iter().map(|aud| (*aud).to_owned()).collect();
        let claims = Claims { iss: Some(iss.to_owned()), aud, ..Claims::for_track(TRACK, now() + 600) };
        let file = format!("t/{TRACK}/{}/aac-128/00001.m4s", catalogue::version());
        world.get(&format!("/~{}/{file}", world.sign(&claims))).await
    };
    for (iss, aud) in [("mallory", ["music.example"].as_slice()), ("shop", &["other.example"]), ("shop", &[])]
    {
        assert_problem(&get(iss, aud).await?, 403, "token_scope");
    }
    assert!(primary.take_seen().is_empty() && world.origin.take_seen().is_empty());

    let answer = get("shop", &["other.example", "music.example"]).await?;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.body == catalogue::media(TRACK, "aac-128", "00001.m4s").1);
    let tried = primary.take_seen();
    assert!(!tried.is_empty() && tried.iter().all(|seen| seen.status == 503), "{tried:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn native_with_replica_issuer_and_audience() -> anyhow::Result<()> {
    replica_issuer_and_audience(HostKind::Native).await
}

#[tokio::test(flavor = "multi_thread")]
async fn worker_with_replica_issuer_and_audience() -> anyhow::Result<()> {
    replica_issuer_and_audience(HostKind::Worker).await
}

/// Two origins that have other bytes under one key, and so under one ETag of the edge's: a listener who resumes a segment
/// with `If-Range` while the first origin goes away gets the bytes that were begun, or none, but no mixture.
async fn other_bytes_under_one_etag(kind: HostKind) -> anyhow::Result<()> {
    let (primary, replica) = (full_origin().await?, full_origin().await?);
    let (_, ours) = catalogue::media(TRACK, "aac-128", "00001.m4s");
    for (key, part) in catalogue::objects(TRACK, &catalogue::version(), "aac-128") {
        let theirs: Vec<u8> = part.iter().map(|byte| !byte).collect();
        replica.put(&key, &theirs)?;
    }
    let setup = Setup {
        endpoints: vec![primary.endpoint(), replica.endpoint()],
        ..Setup::new(&keys().to_json(), &primary)
    };
    let world = World::around(kind, primary, start(kind, &setup.cached()).await?);
    let path = world.media(TRACK, "aac-128", "00001.m4s");
    let whole = world.get(&path).await?;
    assert!(whole.body == ours, "the first in the list is asked first");
    let begun = world.ask("GET", &path, "IN", &[("range", "bytes=0-99")]).await?;
    world.origin.set_fault(OriginFault::Unavailable);
    let resume = [("range", "bytes=100-"), ("if-range", &begun.header("etag"))];
    let rest = world.ask("GET", &path, "IN", &resume).await?;
    if rest.status == 206 {
        assert!([&begun.body[..], &rest.body].concat() == ours, "a mixture of two objects");
    } else {
        assert_problem(&rest, 503, "origin_unavailable");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn native_other_bytes_under_one_etag() -> anyhow::Result<()> {
    other_bytes_under_one_etag(HostKind::Native).await
}

#[tokio::test(flavor = "multi_thread")]
async fn worker_other_bytes_under_one_etag() -> anyhow::Result<()> {
    other_bytes_under_one_etag(HostKind::Worker).await
}

/// A token that came in the clear is refused before anything is read; behind a proxy its word on TLS counts, and nobody
/// else's.
async fn plain_http(kind: HostKind) -> anyhow::Result<()> {
    let origin = full_origin().await?;
    let refusing = Setup { plain_http: false, ..Setup::new(&keys().to_json(), &origin) };
    let strangers = Setup { proxies: Vec::new(), ..refusing.clone() };
    let world = World::around(kind, origin, start(kind, &refusing).await?);
    let path = world.path(TRACK, "multivariant.m3u8");
    let refused = world.get(&path).await?;
    assert_problem(&refused, 403, "https_required");
    assert_eq!(refused.header("strict-transport-security"), "");
    assert_eq!(world.get("/healthz").await?.status, 200);
    if kind == HostKind::Worker {
        // the platform says the scheme: what a client says of it is nothing
        let claimed = world.ask("GET", &path, "IN", &[("x-forwarded-proto", "https")]).await?;
        assert_problem(&claimed, 403, "https_required");
        assert_eq!(world.read_keys(), [""; 0]);
        return Ok(());
    }
    for proto in ["http", "https, http", "HTTPS"] {
        let refused = world.ask("GET", &path, "IN", &[("x-forwarded-proto", proto)]).await?;
        assert_problem(&refused, 403, "https_required");
    }
    assert_eq!(world.read_keys(), [""; 0]);
    let encrypted = world.ask("GET", &path, "IN", &[("x-forwarded-proto", "https")]).await?;
    assert_eq!(encrypted.status, 200, "{}", encrypted.text());
    assert_eq!(encrypted.header("strict-transport-security"), "max-age=31536000");
    let world = World::around(kind, full_origin().await?, start(kind, &strangers).await?);
    let claimed = world.ask("GET", &path, "IN", &[("x-forwarded-proto", "https")]).await?;
    assert_problem(&claimed, 403, "https_required");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn native_plain_http() -> anyhow::Result<()> {
    plain_http(HostKind::Native).await
}

#[tokio::test(flavor = "multi_thread")]
async fn worker_plain_http() -> anyhow::Result<()> {
    plain_http(HostKind::Worker).await
}

/// The worker's log has a line of every fault, and of what goes well or is refused one in so many, with that weight.
#[tokio::test(flavor = "multi_thread")]
async fn worker_tells_of_faults_and_of_a_sample() -> anyhow::Result<()> {
    for (sampling, weights) in [("1000000000", vec![]), ("1", vec![1; 20])] {
        let bindings = serde_json::json!({
            "NADA_KEYS": keys().to_json(),
            // nobody listens there
            "NADA_ORIGINS": r#"[{"endpoint": "http://127.0.0.1:1"}]"#,
            "NADA_PLAIN_HTTP": "answered",
            "NADA_SAMPLING": sampling,
        });
        let world =
            World::around(HostKind::Worker, Origin::start().await?, Host::worker_with(&bindings).await?);
        for _ in 0..10 {
            assert_eq!(world.get("/healthz").await?.status, 200);
            assert_eq!(world.get("/t/x/track.json").await?.status, 401);
        }
        assert_eq!(world.get(&world.path(TRACK, "track.json")).await?.status, 503);
        // it is written before the answer is sent, and read by the runner after that
        let mut lines: Vec<serde_json::Value> = Vec::new();
        for _ in 0..50 {
            let new = world.console().await?;
            lines.extend(new.iter().filter_map(|line| serde_json::from_str(line).ok()));
            if lines.iter().any(|line| line["status"] == 503) {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        let told = |fault: bool| {
            let of_them = lines.iter().filter(move |line| (line["status"] == 503) == fault);
            of_them.map(|line| line["weight"].as_u64().unwrap_or(1)).collect::<Vec<_>>()
        };
        assert_eq!((told(true), told(false)), (vec![1], weights), "one in {sampling}: {lines:?}");
    }
    Ok(())
}

/// Keys that cannot be read let nobody in, and never take the host down.
async fn without_keys(kind: HostKind) -> anyhow::Result<()> {
    let origin = full_origin().await?;
    let setup = Setup::new("{\"keys\": \"none\"}", &origin);
    let world = World::around(kind, origin, start(kind, &setup).await?);
    for _ in 0..2 {
        let answer = world.get(&world.path(TRACK, "multivariant.m3u8")).await?;
        assert_problem(&answer, 503, "origin_unavailable");
        assert_ne!(answer.header("retry-after"), "");
        assert_eq!(world.get("/healthz").await?.status, 200);
    }
    assert!(world.origin.take_seen().is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn native_without_keys() -> anyhow::Result<()> {
    without_keys(HostKind::Native).await
}

#[tokio::test(flavor = "multi_thread")]
async fn worker_without_keys() -> anyhow::Result<()> {
    without_keys(HostKind::Worker).await
}

/// What Cloudflare's cache is told with each request to an origin: these keys and no others, since one that is not
/// meant (`cacheTtl: 0`) would switch it off, which workerd would not show.
#[tokio::test(flavor = "multi_thread")]
async fn worker_tells_the_platform_s_cache_what_to_keep() -> anyhow::Result<()> {
    let origin = full_origin().await?;
    let host = Host::recorded_worker(&Setup::new(&keys().to_json(), &origin)).await?;
    let client = nada_tests::client::Client::default();
    let token = nada_token::sign(&Claims::for_track(TRACK, now() + 600), &keys().keys()[0])?;
    let url = format!("{}/~{token}/t/{TRACK}/{}/aac-128/00001.m4s", host.base(), catalogue::version());
    let (name, value) = host.from_country("IN", None);
    let answer = client.send("GET", &url, &[(name, &value)]).await?;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.body == catalogue::media(TRACK, "aac-128", "00001.m4s").1);

    let mut recorded = Vec::new();
    for _ in 0..4 {
        recorded.push(host.recorded().await?);
    }
    for (file, seconds) in
        [("manifest.json", 3600), ("changes.json", 15), ("revocations.json", 15), ("/1.mp4", 31_536_000)]
    {
        let sent = recorded.iter().find(|sent| sent["url"].as_str().is_some_and(|url| url.ends_with(file)));
        let mut cf = sent.map(|sent| sent["cf"].clone()).unwrap_or_default();
        // miniflare's own doing
        cf.as_object_mut().and_then(|cf| cf.remove("botManagement"));
        let expected = serde_json::json!({
            "cacheEverything": true,
            "cacheTtlByStatus": { "200-206": seconds, "207-402": -1, "403-404": 5, "405-599": -1 },
        });
        assert_eq!(cf, expected, "{file}: {recorded:?}");
    }
    Ok(())
}
