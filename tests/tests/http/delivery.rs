//! Two origins, of which one is slow, silent, broken or strange: the other answers for it.

use std::time::{Duration, Instant};

use nada_tests::{
    catalogue::{self, CHANGING, TRACK},
    client::HttpAnswer,
    host::Setup,
    origin::{Origin, OriginFault},
};

use crate::world::{HostKind, World, assert_problem, full_origin, keys, start};

/// A host between a primary and a replica that both have everything. [`World::origin`] is the primary.
async fn pair(kind: HostKind) -> anyhow::Result<(World, Origin)> {
    let (primary, replica) = (full_origin().await?, full_origin().await?);
    let setup = Setup {
        endpoints: vec![primary.endpoint(), replica.endpoint()],
        ..Setup::new(&keys().to_json(), &primary)
    };
    let host = start(kind, &setup).await?;
    Ok((World::around(kind, primary, host), replica))
}

fn assert_segment(answer: &HttpAnswer, file: &str) {
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.body == catalogue::media(TRACK, "aac-128", file).1);
}

/// Waits until it is so; a machine under load takes its time.
async fn until(what: &str, mut so: impl FnMut() -> bool) {
    for _ in 0..400 {
        if so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{what}: not within 20 s");
}

/// The next origin is asked too, its answer wins, and the one that lost is cancelled.
async fn stalled(kind: HostKind) -> anyhow::Result<()> {
    let (world, replica) = pair(kind).await?;
    world.origin.set_fault(OriginFault::Silent);
    let answer = world.get(&world.media(TRACK, "aac-128", "00001.m4s")).await?;
    assert_segment(&answer, "00001.m4s");
    assert!(world.read_keys().iter().any(|key| key.ends_with(".mp4")), "the primary was asked first");
    assert!(replica.take_seen().iter().any(|seen| seen.target.ends_with(".mp4")));
    // manifest, changes, revocations and segment
    until("four requests are cancelled", || world.origin.cancelled() >= 4).await;
    let timing = answer.header("server-timing");
    assert!(timing.contains("origin;desc=\"2\""), "{timing}");
    world.assert_counted("nada_origin_asks_total{origin=\"2\",asked=\"hedge\"} 4");
    world.assert_counted("nada_origin_asks_total{origin=\"1\",asked=\"failover\"} 0");
    Ok(())
}

/// The first is not given up while the other may fail.
async fn slow(kind: HostKind) -> anyhow::Result<()> {
    let (world, replica) = pair(kind).await?;
    world.origin.set_fault(OriginFault::Slow);
    replica.set_fault(OriginFault::Unavailable);
    let answer = world.get(&world.path(TRACK, "track.json")).await?;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(replica.take_seen().iter().all(|seen| seen.status == 503));
    assert_eq!(world.origin.cancelled(), 0);
    Ok(())
}

/// What is cut short, or no JSON of ours, is a failure of the origin that sent it.
async fn broken(kind: HostKind) -> anyhow::Result<()> {
    for fault in [OriginFault::TruncatedJson, OriginFault::ErrorUnder200, OriginFault::EndlessJson] {
        let (world, replica) = pair(kind).await?;
        world.origin.set_fault(fault);
        let began = Instant::now();
        let answer = world.get(&world.path(TRACK, "track.json")).await?;
        assert_eq!(answer.status, 200, "{fault:?}: {}", answer.text());
        // by what it sends, not by the time it takes: both are bounded
        assert!(began.elapsed() < Duration::from_secs(4), "{fault:?}: {:?}", began.elapsed());
        assert_eq!(replica.take_seen().len(), 3, "{fault:?}");
        world.assert_counted("nada_origin_asks_total{origin=\"2\",asked=\"failover\"} 3");
        world.assert_counted("nada_origin_answers_total{origin=\"1\",outcome=\"failed\"} 3");
        world.assert_counted("nada_origin_asks_total{origin=\"1\",asked=\"hedge\"} 0");
        let (world, replica) = pair(kind).await?;
        world.origin.set_fault(fault);
        replica.set_fault(fault);
        assert_problem(&world.get(&world.path(TRACK, "track.json")).await?, 503, "origin_unavailable");
    }
    Ok(())
}

/// The platform of the worker may leave a length out, or code what it gives: what is whole is read. The native server asks S3
/// itself, which always promises a length.
#[tokio::test(flavor = "multi_thread")]
async fn worker_reads_what_has_no_length() -> anyhow::Result<()> {
    for fault in [OriginFault::JsonWithoutLength, OriginFault::CodedJson] {
        let (world, replica) = pair(HostKind::Worker).await?;
        world.origin.set_fault(fault);
        let answer = world.get(&world.path(TRACK, "track.json")).await?;
        assert_eq!(answer.status, 200, "{fault:?}: {}", answer.text());
        assert_eq!(replica.take_seen().len(), 0, "{fault:?}: the primary's word was not taken");
    }
    Ok(())
}

/// However many fail, the origins are asked little more often than that: ten retries in hand, then one in ten.
async fn no_storm(kind: HostKind) -> anyhow::Result<()> {
    let (world, replica) = pair(kind).await?;
    world.origin.set_fault(OriginFault::Unavailable);
    replica.set_fault(OriginFault::Unavailable);
    const REQUESTS: usize = 40;
    for _ in 0..REQUESTS {
        assert_problem(&world.get(&world.path(TRACK, "track.json")).await?, 503, "origin_unavailable");
    }
    // a read asks each origin once, and where the budget allows the primary once more
    let (primary, replica) = (world.origin.take_seen().len(), replica.take_seen().len());
    assert!(replica >= REQUESTS, "{replica}");
    assert!((1..=11 + replica / 10).contains(&(primary - replica)), "{primary} and {replica}");
    Ok(())
}

/// An origin that fails every third time is no one's failure while a replica answers, and is asked hardly more often.
async fn fault_1_flaky(kind: HostKind) -> anyhow::Result<()> {
    let (world, replica) = pair(kind).await?;
    world.origin.set_fault(OriginFault::UnavailableAtTimes);
    const REQUESTS: usize = 60;
    for n in 0..REQUESTS {
        let (rendition, file) =
            (["heaac2-32", "heaac-64", "aac-128"][n % 3], ["00001.m4s", "00002.m4s"][n / 3 % 2]);
        let answer = world.get(&world.media(TRACK, rendition, file)).await?;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(answer.body == catalogue::media(TRACK, rendition, file).1);
    }
    let seen = world.origin.take_seen();
    let failed = seen.iter().filter(|seen| seen.status == 503).count();
    let retries = (seen.len() + replica.take_seen().len()).saturating_sub(seen.len() + failed);
    assert!(failed > 0, "it did fail");
    assert!(retries <= 11 + seen.len() / 10, "{retries} more than one for each that failed");
    Ok(())
}

/// A thousand clients that ask a cold server for one object make it ask its origin once.
#[tokio::test(flavor = "multi_thread")]
async fn native_fault_12_a_thousand_ask_for_one_object() -> anyhow::Result<()> {
    let world = World::start(HostKind::Native).await?;
    let path = world.media(TRACK, "aac-128", "00002.m4s");
    let answers = futures_util::future::join_all((0..1000).map(|_| world.get(&path))).await;
    for answer in answers {
        assert_segment(&answer?, "00002.m4s");
    }
    let keys = world.read_keys();
    assert_eq!(keys.len(), 4, "the object, and what its decision rests on: {keys:?}");
    Ok(())
}

/// A player that began with one version goes on with it when the next is published.
async fn fault_18_a_deploy_while_it_plays(kind: HostKind) -> anyhow::Result<()> {
    let world = World::start(kind).await?;
    let at = jiff::Timestamp::from_second(crate::world::now())?;
    let rights = r#"{"territories":[{"code":"*"}]}"#;
    let playlist = world.get(&world.path(CHANGING, "multivariant.m3u8")).await?.text();
    assert!(playlist.contains(&catalogue::version().to_string()));
    let mut next = catalogue::manifest(CHANGING, rights, nada_catalog::Status::Live, at);
    next.revision = 2;
    next.presentation.version = nada_catalog::Version::from_input(&[b"the next"]);
    let version = next.presentation.version.clone();
    next.versions.insert(0, nada_catalog::KeptVersion { version, at });
    // of the version that is kept, its own presentation tells what it consists of
    let kept = catalogue::presentation(CHANGING, &catalogue::version());
    let key = format!("tracks/{CHANGING}/{}/presentation.json", catalogue::version());
    world.origin.put(&key, &nada_catalog::to_json(&kept)?)?;
    let changes = nada_catalog::Changes::default().with(&[(CHANGING.parse()?, 2)], at);
    world.origin.put("changes.json", &nada_catalog::to_json(&changes)?)?;
    world.origin.put(&format!("tracks/{CHANGING}/manifest.json"), &nada_catalog::to_json(&next)?)?;
    let world = world.fresh().await?;
    let renewed = world.get(&world.path(CHANGING, "multivariant.m3u8")).await?.text();
    assert!(renewed.contains(&next.presentation.version.to_string()) && renewed != playlist);
    for file in ["media.m3u8", "init.mp4", "00001.m4s", "00002.m4s"] {
        let answer = world.get(&world.media(CHANGING, "aac-128", file)).await?;
        assert_eq!(answer.status, 200, "{file}: {}", answer.text());
        assert!(answer.body == catalogue::media(CHANGING, "aac-128", file).1, "{file}");
    }
    Ok(())
}

/// With the last segment of a part the next part is read too, without anyone waiting for it.
async fn warmed(kind: HostKind) -> anyhow::Result<()> {
    let world = World::start(kind).await?;
    world.origin.set_fault(OriginFault::CacheMiss);
    let answer = world.get(&world.media(TRACK, "aac-128", "00001.m4s")).await?;
    assert_segment(&answer, "00001.m4s");
    let timing = answer.header("server-timing");
    assert!(timing.starts_with("cache;desc=miss, origin;desc=\"1\";dur="), "{timing}");
    let mut seen = Vec::new();
    until("the next is warmed", || {
        seen.extend(world.read_keys());
        seen.iter().any(|key| key.ends_with("/2.mp4"))
    })
    .await;
    // the whole of it is in the server's cache, soon
    if kind == HostKind::Native {
        let answer = world.get(&world.media(TRACK, "aac-128", "00002.m4s")).await?;
        assert_segment(&answer, "00002.m4s");
        let timing = answer.header("server-timing");
        assert!(timing.starts_with("cache;desc=hit, total;dur="), "{timing}");
        seen.extend(world.read_keys());
        world.assert_counted("nada_warmings_total{outcome=\"read\"} 1");
    }
    for file in ["/1.mp4", "/2.mp4"] {
        assert_eq!(seen.iter().filter(|key| key.ends_with(file)).count(), 1, "{seen:?}");
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
    stalled: native_hedges worker_hedges;
    slow: native_waits_for_both worker_waits_for_both;
    broken: native_reads_elsewhere worker_reads_elsewhere;
    no_storm: native_has_a_budget worker_has_a_budget;
    warmed: native_warms worker_warms;
    fault_1_flaky: native_fault_1 worker_fault_1;
    fault_18_a_deploy_while_it_plays: native_fault_18 worker_fault_18;
}
