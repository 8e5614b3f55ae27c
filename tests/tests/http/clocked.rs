//! Rights and tokens by the hosts' own clocks, which the tests set: no case here waits. Each on the native server, on the worker
//! with what it remembers between requests and without, and before R2.

use http_body_util::BodyExt as _;
use jiff::Timestamp;
use nada_catalog::{Changes, Revocation, Revocations, Status, to_json};
use nada_tests::{
    catalogue::{self, CHANGING, TRACK, digest, version},
    host::Fill,
    origin::OriginFault,
};
use nada_token::Claims;

use crate::world::{HostKind, World, assert_problem, now};

/// Every file of the song that a player may ask for, under a token that outlives the case.
fn paths(world: &World) -> Vec<String> {
    let token = world.sign(&Claims { iat: Some(now()), ..Claims::for_track(TRACK, now() + 7200) });
    let mut all = ["multivariant.m3u8", "lossless.m3u8", "track.json", "lyrics.json", "lyrics.json?lang=en"]
        .map(str::to_owned)
        .to_vec();
    all.extend(
        ["media.m3u8", "init.mp4", "00001.m4s", "00002.m4s"].map(|file| format!("{}/flac/{file}", version())),
    );
    all.extend(["flac.mp4", "start/aac-128.mp4"].map(str::to_owned));
    all.push(format!("{}/flac.mp4", version()));
    all.extend(
        ["lyrics.json", "hi.json", "hi.vtt", "en.m3u8"].map(|file| format!("lyrics/{}/{file}", digest())),
    );
    all.iter().map(|file| format!("/~{token}/t/{TRACK}/{file}")).collect()
}

/// Asks for all of them, as a player that plays, seeks and comes back does.
async fn assert_all(world: &World, paths: &[String], status: u16, code: &str) -> anyhow::Result<()> {
    for path in paths {
        let mut answers = vec![world.get(path).await?, world.ask("HEAD", path, "IN", &[]).await?];
        answers.push(world.ask("GET", path, "ID", &[("range", "bytes=0-1")]).await?);
        answers.push(world.ask("GET", path, "IN", &[("if-none-match", "*")]).await?);
        for answer in answers {
            if status == 200 {
                assert!([200, 206, 304].contains(&answer.status.as_u16()), "{path}: {answer:?}");
            } else {
                assert_eq!(answer.status, status, "{path}: {answer:?}");
                assert!(answer.body.is_empty() || answer.json()?["code"] == code, "{path}: {answer:?}");
            }
        }
    }
    Ok(())
}

fn write(world: &World, revision: u64, status: Status, ahead: i64) -> anyhow::Result<()> {
    let at = Timestamp::from_second(now() + ahead)?;
    let changes = Changes::default().with(&[(TRACK.parse()?, revision)], at);
    world.origin.put("changes.json", &to_json(&changes)?)?;
    let rights = r#"{"territories":[{"code":"IN"},{"code":"ID"}]}"#;
    let manifest = catalogue::manifest(TRACK, rights, status, at);
    let manifest = nada_catalog::Manifest { revision, ..manifest };
    world.origin.put(&format!("tracks/{TRACK}/manifest.json"), &to_json(&manifest)?)
}

/// A track that plays, in every cache there is, is withdrawn: within the bound every path is refused, and again
/// within the bound it is back.
async fn threat_46_takedown(world: World) -> anyhow::Result<()> {
    let paths = paths(&world);
    // what is warmed, and read whole behind a range, is there soon
    for _ in 0..2 {
        assert_all(&world, &paths, 200, "").await?;
    }
    world.reset_counters().await?;
    assert_all(&world, &paths, 200, "").await?;
    assert_eq!(world.object_reads(), 0, "the caches are warm");

    write(&world, 2, Status::Withdrawn, 0)?;
    world.set_clock(60).await?;
    assert_all(&world, &paths, 410, "withdrawn").await?;
    assert_eq!(world.object_reads(), 0, "nothing is read that nobody gets");
    write(&world, 3, Status::Live, 60)?;
    world.set_clock(120).await?;
    assert_all(&world, &paths, 200, "").await?;
    assert_eq!(world.object_reads(), 0, "the bytes are in the caches still");
    Ok(())
}

/// A window opens and closes to the second in each territory, by the clock of the host and not by what caches hold.
async fn windows(world: World) -> anyhow::Result<()> {
    // S3 takes no signature from a clock that is a quarter of an hour off
    let start = now() + 300;
    let open = |code: &str, from: i64, until: i64| {
        let at = |second| Timestamp::from_second(start + second).unwrap();
        serde_json::json!({ "code": code, "from": at(from), "until": at(until) })
    };
    let rights = serde_json::json!({ "territories": [open("IN", 0, 100), open("ID", 50, 150)] }).to_string();
    let manifest = catalogue::manifest(CHANGING, &rights, Status::Live, Timestamp::from_second(now())?);
    world.origin.put(&format!("tracks/{CHANGING}/manifest.json"), &to_json(&manifest)?)?;
    let token = world.sign(&Claims::for_track(CHANGING, now() + 7200));
    let paths = ["track.json".to_owned(), format!("{}/aac-128/00001.m4s", version())];
    for (country, from, until) in [("IN", 0, 100), ("ID", 50, 150)] {
        // a second to either side, since the machine's own clock runs on
        for (second, status) in [(from - 5, 403), (from, 200), (until - 5, 200), (until, 410)] {
            world.set_clock(start + second - now()).await?;
            for path in &paths {
                let answer =
                    world.ask("GET", &format!("/~{token}/t/{CHANGING}/{path}"), country, &[]).await?;
                assert_eq!(answer.status, status, "{country} {second}: {}", answer.text());
            }
        }
    }
    Ok(())
}

/// A revoked token ends on caches that hold everything, while the origin can be reached; without it, what was last
/// known of revocations counts an hour, and then nobody is let in.
async fn threat_18_revoked_while_it_plays(world: World) -> anyhow::Result<()> {
    let claims = Claims { cti: Some(vec![9]), iat: Some(now()), ..Claims::for_track(TRACK, now() + 7200) };
    let path = format!("/~{}/t/{TRACK}/{}/aac-128/00001.m4s", world.sign(&claims), version());
    assert_eq!(world.get(&path).await?.status, 200);
    let revoked = Revocations::default().with(&[Revocation::id("09")?], Timestamp::from_second(now())?);
    world.origin.put("revocations.json", &to_json(&revoked)?)?;
    world.set_clock(60).await?;
    assert_problem(&world.get(&path).await?, 403, "token_invalid");
    world.set_clock(600).await?;
    world.origin.set_fault(OriginFault::Unavailable);
    assert_problem(&world.get(&path).await?, 403, "token_invalid");
    Ok(())
}

/// A token that is revoked while its answer streams opens nothing more; what was begun ends whole, since a body cut short
/// would look like a broken network and be asked for again.
async fn threat_18_revoked_while_an_answer_streams(world: World) -> anyhow::Result<()> {
    let claims = Claims { cti: Some(vec![9]), iat: Some(now()), ..Claims::for_track(TRACK, now() + 7200) };
    let path = format!("/~{}/t/{TRACK}/{}/flac/00002.m4s", world.sign(&claims), version());
    let streaming = world.open(&path).await?;
    assert_eq!(streaming.status(), 200);
    let revoked = Revocations::default().with(&[Revocation::id("09")?], Timestamp::from_second(now())?);
    world.origin.put("revocations.json", &to_json(&revoked)?)?;
    world.set_clock(60).await?;
    assert_problem(&world.get(&path).await?, 403, "token_invalid");
    let (_, whole) = catalogue::media(TRACK, "flac", "00002.m4s");
    assert!(streaming.into_body().collect().await?.to_bytes() == whole);
    Ok(())
}

/// While no origin answers, what plays goes on for a minute; then nobody is let in, and all are when it is back.
async fn fault_11_no_origin(world: World) -> anyhow::Result<()> {
    let paths = &paths(&world)[6..9];
    assert_all(&world, paths, 200, "").await?;
    world.origin.set_fault(OriginFault::Unavailable);
    world.set_clock(50).await?;
    assert_all(&world, paths, 200, "").await?;
    world.set_clock(80).await?;
    assert_all(&world, paths, 503, "origin_unavailable").await?;
    world.origin.set_fault(OriginFault::None);
    assert_all(&world, paths, 200, "").await
}

/// Leeway is a minute, for an edge whose clock is wrong as for one whose token is old.
async fn fault_17_a_clock_that_is_wrong(world: World) -> anyhow::Result<()> {
    let token = world.sign(&Claims { iat: Some(now()), ..Claims::for_track(TRACK, now() + 100) });
    let path = format!("/~{token}/t/{TRACK}/track.json");
    for (ahead, code) in
        [(0, None), (150, None), (300, Some("token_expired")), (-50, None), (-300, Some("token_invalid"))]
    {
        world.set_clock(ahead).await?;
        let answer = world.get(&path).await?;
        match code {
            None => assert_eq!(answer.status, 200, "{ahead}: {}", answer.text()),
            Some(code) => assert_problem(&answer, 403, code),
        }
    }
    Ok(())
}

macro_rules! on_each {
    ($($case:ident: $native:ident $worker:ident $forgetful:ident $r2:ident;)+) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $native() -> anyhow::Result<()> {
            $case(World::cached(HostKind::Native).await?).await
        }

        #[tokio::test(flavor = "multi_thread")]
        async fn $worker() -> anyhow::Result<()> {
            $case(World::cached(HostKind::Worker).await?).await
        }

        #[tokio::test(flavor = "multi_thread")]
        async fn $forgetful() -> anyhow::Result<()> {
            $case(World::forgetful().await?).await
        }

        #[tokio::test(flavor = "multi_thread")]
        async fn $r2() -> anyhow::Result<()> {
            $case(World::r2(Some(Fill::Whole)).await?).await
        }
    )+};
}

on_each! {
    threat_46_takedown: native_threat_46_takedown worker_threat_46_takedown forgetful_threat_46_takedown r2_threat_46_takedown;
    windows: native_windows worker_windows forgetful_windows r2_windows;
    threat_18_revoked_while_it_plays: native_threat_18_revoked worker_threat_18_revoked forgetful_threat_18_revoked r2_threat_18_revoked;
    threat_18_revoked_while_an_answer_streams: native_threat_18_streaming worker_threat_18_streaming forgetful_threat_18_streaming r2_threat_18_streaming;
    fault_11_no_origin: native_fault_11 worker_fault_11 forgetful_fault_11 r2_fault_11;
    fault_17_a_clock_that_is_wrong: native_fault_17 worker_fault_17 forgetful_fault_17 r2_fault_17;
}
