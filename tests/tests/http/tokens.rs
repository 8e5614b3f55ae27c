use jiff::Timestamp;
use nada_catalog::{Revocation, Revocations, to_json};
use nada_tests::catalogue::{self, CHANGING, TRACK, WORLD};
use nada_token::{Algorithm, Claims, Key, sign};

use crate::world::{HostKind, World, assert_problem, now};

fn claims(track: &str) -> Claims {
    Claims::for_track(track, now() + 600)
}

pub async fn missing(world: &World) -> anyhow::Result<()> {
    for path in [format!("/t/{TRACK}/multivariant.m3u8"), format!("/t/{TRACK}/track.json?other=1")] {
        let answer = world.get(&path).await?;
        assert_problem(&answer, 401, "token_missing");
        assert_ne!(answer.header("www-authenticate"), "");
    }
    // and tracks that do not exist look the same
    assert_problem(&world.get("/t/no-such-track/track.json").await?, 401, "token_missing");
    Ok(())
}

pub async fn every_channel(world: &World) -> anyhow::Result<()> {
    let token = world.token(TRACK);
    let plain = format!("/t/{TRACK}/track.json");
    let cookie = format!("a=b; CTA-Common-Access-Token={token}");
    assert_eq!(world.get(&format!("/~{token}{plain}")).await?.status, 200);
    assert_eq!(world.get(&format!("{plain}?CAT={token}")).await?.status, 200);
    let header = [("CTA-Common-Access-Token", token.as_str())];
    assert_eq!(world.ask("GET", &plain, "IN", &header).await?.status, 200);
    assert_eq!(world.ask("GET", &plain, "IN", &[("cookie", &cookie)]).await?.status, 200);
    Ok(())
}

pub async fn threat_20_two_of_them(world: &World) -> anyhow::Result<()> {
    let (token, other) = (world.token(TRACK), world.token(WORLD));
    let path = format!("/~{token}/t/{TRACK}/track.json");
    assert_problem(&world.get(&format!("{path}?CAT={other}")).await?, 400, "bad_request");
    assert_problem(
        &world.get(&format!("/t/{TRACK}/track.json?CAT={token}&CAT={token}")).await?,
        400,
        "bad_request",
    );
    let header = [("CTA-Common-Access-Token", other.as_str())];
    assert_problem(&world.ask("GET", &path, "IN", &header).await?, 400, "bad_request");
    let cookies = format!("CTA-Common-Access-Token={other}; CTA-Common-Access-Token={token}");
    let plain = format!("/t/{TRACK}/track.json");
    assert_problem(&world.ask("GET", &plain, "IN", &[("cookie", &cookies)]).await?, 400, "bad_request");
    let twice = [("CTA-Common-Access-Token", token.as_str()), ("CTA-Common-Access-Token", other.as_str())];
    // two lines of a field are one value, and a list is no token
    assert_problem(&world.ask("GET", &plain, "IN", &twice).await?, 403, "token_invalid");
    world.assert_untouched().await?;
    assert_eq!(world.get(&format!("{path}?CAT={token}")).await?.status, 200, "the same one twice");
    // a cookie is sent unasked, so it counts only where nothing else does
    let cookie = format!("CTA-Common-Access-Token={other}");
    assert_eq!(world.ask("GET", &path, "IN", &[("cookie", &cookie)]).await?.status, 200);
    Ok(())
}

/// Tokens that nobody signed, by what is wrong with them.
fn forged(world: &World) -> Vec<(&'static str, String)> {
    let good = world.token(TRACK);
    let stranger = Key::generate(Algorithm::Hs256, "suite", [8; 32]).unwrap();
    let unknown = Key::generate(Algorithm::Hs256, "other", [7; 32]).unwrap();
    let mut flipped = good.clone().into_bytes();
    flipped[20] = if flipped[20] == b'A' { b'B' } else { b'A' };
    vec![
        ("empty", String::new()),
        ("no token", "token".to_owned()),
        ("another secret", sign(&claims(TRACK), &stranger).unwrap()),
        ("an unknown key id", sign(&claims(TRACK), &unknown).unwrap()),
        ("a flipped character", String::from_utf8(flipped).unwrap()),
        ("cut short", good[..good.len() - 4].to_owned()),
        ("padded", format!("{good}=")),
        ("24: longer", format!("{good}AAAA")),
        ("too long", "A".repeat(5000)),
    ]
}

pub async fn threats_4_to_9_and_24_forged(world: &World) -> anyhow::Result<()> {
    for (what, token) in forged(world) {
        let answer = world.get(&format!("/~{token}/t/{TRACK}/track.json")).await?;
        assert_eq!(answer.status, 403, "{what}: {}", answer.text());
        assert_problem(&answer, 403, "token_invalid");
        assert!(token.len() < 20 || !answer.text().contains(&token), "no token in an error");
    }
    let early = world.sign(&Claims { nbf: Some(now() + 300), ..claims(TRACK) });
    assert_problem(&world.get(&format!("/~{early}/t/{TRACK}/track.json")).await?, 403, "token_invalid");
    world.assert_untouched().await?;
    Ok(())
}

pub async fn threats_13_and_14_expired(world: &World) -> anyhow::Result<()> {
    for (ago, status) in [(300, 403), (61, 403), (30, 200)] {
        let token = world.sign(&Claims::for_track(TRACK, now() - ago));
        let answer = world.get(&format!("/~{token}/t/{TRACK}/track.json")).await?;
        assert_eq!(answer.status, status, "expired {ago} s ago");
        if status == 403 {
            assert_problem(&answer, 403, "token_expired");
            // for a client whose clock is wrong; in front of the worker the platform adds it
            assert!(world.kind == HostKind::Worker || !answer.header("date").is_empty());
            world.assert_untouched().await?;
        }
    }
    Ok(())
}

pub async fn threats_15_to_19_scope(world: &World) -> anyhow::Result<()> {
    let asked = format!("/t/{TRACK}/track.json");
    let refused = [
        ("another track", claims(WORLD)),
        ("a prefix without its boundary", claims(&TRACK[..TRACK.len() - 1])),
        ("another method", Claims { methods: vec!["HEAD".into()], ..claims(TRACK) }),
        ("another country", Claims { countries: vec!["ID".into()], ..claims(TRACK) }),
        ("another network", Claims { networks: vec!["203.0.113.0/24".parse()?], ..claims(TRACK) }),
        ("another audience", Claims { aud: vec!["elsewhere".into()], ..claims(TRACK) }),
    ];
    for (what, claims) in refused {
        let answer = world.get(&format!("/~{}{asked}", world.sign(&claims))).await?;
        assert_eq!(answer.status, 403, "{what}");
        assert_problem(&answer, 403, "token_scope");
    }
    world.assert_untouched().await?;
    let fitting =
        Claims { methods: vec!["GET".into()], countries: vec!["IN".into(), "ID".into()], ..claims(TRACK) };
    let path = format!("/~{}{asked}", world.sign(&fitting));
    assert_eq!(world.get(&path).await?.status, 200);
    assert_problem(&world.ask("GET", &path, "XX", &[]).await?, 403, "token_scope");
    assert_eq!(world.ask("HEAD", &path, "IN", &[]).await?.status, 403);
    Ok(())
}

pub async fn ceiling(world: &World) -> anyhow::Result<()> {
    let token = world.sign(&Claims { ceiling: Some(64_000), ..claims(TRACK) });
    let playlist = world.get(&format!("/~{token}/t/{TRACK}/multivariant.m3u8")).await?;
    assert_eq!(playlist.status, 200);
    assert_eq!(playlist.text().matches("/media.m3u8").count(), 2);
    let media =
        |rendition: &str| format!("/~{token}/t/{TRACK}/{}/{rendition}/00001.m4s", catalogue::version());
    assert_eq!(world.get(&media("heaac-64")).await?.status, 200);
    for path in [media("aac-128"), media("flac"), format!("/~{token}/t/{TRACK}/lossless.m3u8")] {
        assert_problem(&world.get(&path).await?, 403, "rendition_not_allowed");
    }
    let lower = world.sign(&Claims { ceiling: Some(1), ..claims(TRACK) });
    let none = world.get(&format!("/~{lower}/t/{TRACK}/multivariant.m3u8")).await?;
    assert_problem(&none, 403, "rendition_not_allowed");
    Ok(())
}

/// A wish, for players that leap to the highest rendition by themselves. It widens nothing.
pub async fn capped(world: &World) -> anyhow::Result<()> {
    let all = world.token(TRACK);
    let whole = listed(world, &all, "").await?;
    assert_eq!(listed(world, &all, "?max=64").await?, 2);
    assert_eq!(listed(world, &all, "?x=1&max=127").await?, 2, "between two it is the lower");
    assert_eq!(listed(world, &all, "?max=4294967295").await?, whole);
    assert_eq!(listed(world, &all, "?max=0").await?, 1, "nothing is so low: the lowest");
    let least = world.sign(&Claims { ceiling: Some(32_000), ..claims(TRACK) });
    assert_eq!(listed(world, &least, "?max=128").await?, 1, "the token has the last word");
    let path = format!("/~{all}/t/{TRACK}");
    for query in ["?max=", "?max=-1", "?max=64k", "?max=6%34", "?max=4294967296", "?max=64&max=64"] {
        assert_problem(&world.get(&format!("{path}/multivariant.m3u8{query}")).await?, 400, "bad_request");
    }
    let lossless = world.get(&format!("{path}/lossless.m3u8?max=64")).await?;
    assert_eq!(lossless.status, 200, "of one rendition there is nothing to choose");
    Ok(())
}

/// How many renditions the multivariant playlist lists.
async fn listed(world: &World, token: &str, query: &str) -> anyhow::Result<usize> {
    let playlist = world.get(&format!("/~{token}/t/{TRACK}/multivariant.m3u8{query}")).await?;
    anyhow::ensure!(playlist.status == 200, "{query}: {}", playlist.status);
    Ok(playlist.text().matches("/media.m3u8").count())
}

pub async fn threat_40_bad_tokens_cost_the_origin_nothing(world: &World) -> anyhow::Result<()> {
    let world = world.fresh().await?;
    // a good answer first, so that there is something in every cache; after the last segment none is warmed
    let media = world.media(TRACK, "heaac-64", "00002.m4s");
    assert_eq!(world.get(&media).await?.status, 200);
    world.reset_counters().await?;
    let (_, file) = media.split_once("/t/").unwrap();
    let scope = world.token(WORLD);
    let expired = world.sign(&Claims::for_track(TRACK, now() - 300));
    for token in forged(&world).into_iter().map(|(_, token)| token).chain([scope, expired]) {
        assert_eq!(world.get(&format!("/~{token}/t/{file}")).await?.status, 403);
    }
    assert_eq!(world.get(&format!("/t/{file}")).await?.status, 401);
    world.assert_untouched().await?;
    Ok(())
}

/// By id, subject and time of issue, each of them on a host that served the same token before.
pub async fn threat_18_revoked(world: &World) -> anyhow::Result<()> {
    let issued = now();
    let claims = Claims {
        cti: Some(vec![1, 2, 3]),
        sub: Some("mallory".into()),
        iat: Some(issued),
        ..claims(CHANGING)
    };
    let path = |claims: &Claims| format!("/~{}/t/{CHANGING}/track.json", world.sign(claims));
    let at = Timestamp::from_second(issued + 1).unwrap();
    let other = Claims {
        cti: Some(vec![1, 2, 4]),
        sub: Some("alice".into()),
        iat: Some(issued + 1),
        ..claims.clone()
    };
    assert_eq!(world.fresh().await?.get(&path(&claims)).await?.status, 200);
    for revocation in
        [Revocation::id("010203")?, Revocation::subject("mallory")?, Revocation::IssuedBefore(at)]
    {
        let revocations = Revocations::default().with(std::slice::from_ref(&revocation), at);
        world.origin.put("revocations.json", &to_json(&revocations)?)?;
        let fresh = world.fresh().await?;
        let (answer, spared) = (fresh.get(&path(&claims)).await, fresh.get(&path(&other)).await);
        world.origin.put("revocations.json", &to_json(&Revocations::default())?)?;
        assert_problem(&answer?, 403, "token_invalid");
        assert_eq!(spared?.status, 200, "{revocation:?}");
    }
    Ok(())
}
