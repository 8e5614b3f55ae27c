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
