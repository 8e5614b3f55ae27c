//! Attacks on tokens, each by its number: the stable code, and no origin that is asked, so that no cache is
//! written either.

use std::collections::BTreeSet;

use data_encoding::BASE64URL_NOPAD;
use nada_tests::catalogue::{self, TRACK, WORLD};
use nada_token::{Claims, Match, Part, UriRule};
use serde_json::Value;

use crate::world::{HostKind, World, assert_problem, now};

/// Every token of `token_invalid.json`, under the very keys, wherever a token may ride.
pub async fn threats_1_to_13_published_vectors(world: &World) -> anyhow::Result<()> {
    let vectors = include_str!("../../../edge/token/vectors/token_invalid.json");
    let vectors: Vec<Value> = serde_json::from_str(vectors)?;
    let mut numbers = BTreeSet::new();
    for vector in &vectors {
        let text = |member: &str| vector[member].as_str().unwrap_or_default();
        let (name, token) = (text("name"), text("token"));
        // those of a time are for a clock that can be set; a path holds no white space
        if text("reason").ends_with("not valid yet") || token.contains('\n') {
            continue;
        }
        numbers.extend(name.split_once(':').and_then(|(number, _)| number.parse::<u8>().ok()));
        let path = format!("/t/{TRACK}/track.json");
        let mut answers = vec![world.get(&format!("/~{token}{path}")).await?];
        answers.push(world.get(&format!("{path}?CAT={token}")).await?);
        if !token.is_empty() {
            let header = [("cta-common-access-token", token)];
            answers.push(world.ask("GET", &path, "IN", &header).await?);
        }
        for answer in answers {
            assert_eq!(answer.status, 403, "{name}: {}", answer.text());
            assert_problem(&answer, 403, "token_invalid");
        }
    }
    assert!((1..=13).filter(|n| *n != 5).all(|number| numbers.contains(&number)), "{numbers:?}");
    world.assert_untouched().await?;
    Ok(())
}

/// Two keys are live during a rotation; a token lives no longer than its key, and no earlier.
pub async fn threat_5_key_rotation(world: &World) -> anyhow::Result<()> {
    let (now, path) = (now(), format!("t/{TRACK}/track.json"));
    let ask = async |kid: &str, claims: &Claims| {
        let key = world.keys.keys().iter().find(|key| key.kid() == kid).unwrap();
        world.get(&format!("/~{}/{path}", nada_token::sign(claims, key).unwrap())).await
    };
    let long = Claims { iat: Some(now), ..Claims::for_track(TRACK, now + 86_400) };
    assert_problem(&ask("before", &long).await?, 403, "token_expired");
    assert_problem(&ask("after", &long).await?, 403, "token_invalid");
    world.assert_untouched().await?;
    for live in ["outgoing", "suite"] {
        assert_eq!(ask(live, &long).await?.status, 200, "{live}");
    }
    Ok(())
}

fn claims() -> Claims {
    Claims::for_track(TRACK, now() + 600)
}

fn host(test: Match) -> Claims {
    let mut claims = claims();
    claims.uri.push(UriRule { part: Part::Host, test });
    claims
}

pub async fn threat_16_hosts(world: &World) -> anyhow::Result<()> {
    let exact = world.sign(&host(Match::Exact("music.example".into())));
    let suffix = world.sign(&host(Match::Suffix("music.example".into())));
    let ask = async |token: &str, host: &str| {
        world.ask("GET", &format!("/~{token}/t/{TRACK}/track.json"), "IN", &[("host", host)]).await
    };
    for (token, name) in [
        (&exact, "music.example.evil.test"),
        (&exact, "music.example."),
        (&exact, "cdn.music.example"),
        (&exact, "127.0.0.1"),
        (&suffix, "evil-music.example"),
        (&suffix, "music.example.evil.test"),
    ] {
        let answer = ask(token, name).await?;
        assert_eq!(answer.status, 403, "{name}: {}", answer.text());
        assert_problem(&answer, 403, "token_scope");
    }
    world.assert_untouched().await?;
    for (token, name) in
        [(&exact, "Music.Example"), (&exact, "music.example:8080"), (&suffix, "cdn.music.example")]
    {
        assert_eq!(ask(token, name).await?.status, 200, "{name}");
    }
    Ok(())
}

/// One parameter has one reading, and no other spelling of it is it.
pub async fn threat_21_parameters(world: &World) -> anyhow::Result<()> {
    let (good, bad) = (world.token(TRACK), world.token(WORLD));
    let path = format!("/t/{TRACK}/track.json");
    for (query, status, code) in [
        (format!("CAT={good}&CAT={bad}"), 400, "bad_request"),
        (format!("CAT={bad}&CAT={good}"), 400, "bad_request"),
        (format!("CAT={good}&CAT={good}"), 400, "bad_request"),
        (format!("CAT={good};CAT={bad}"), 403, "token_invalid"),
        (format!("x;CAT={good}"), 401, "token_missing"),
        (format!("cat={good}"), 401, "token_missing"),
        (format!("%43AT={good}"), 401, "token_missing"),
        (format!("CAT%3D{good}"), 401, "token_missing"),
        (format!("CAT[]={good}"), 401, "token_missing"),
        (format!("CAT={good}%3D"), 403, "token_invalid"),
    ] {
        let answer = world.get(&format!("{path}?{query}")).await?;
        assert_eq!(answer.status, status, "{query}: {}", answer.text());
        assert_problem(&answer, status, code);
    }
    world.assert_untouched().await?;
    Ok(())
}

/// What a token is matched on is the text that is routed: a second spelling of its path is no path.
pub async fn threat_22_spellings(world: &World) -> anyhow::Result<()> {
    let token = world.token(TRACK);
    let encoded: String = TRACK.bytes().map(|byte| format!("%{byte:02X}")).collect();
    for path in [
        format!("/t/{encoded}/track.json"),
        format!("/t/{TRACK}/%74rack.json"),
        format!("/%74/{TRACK}/track.json"),
    ] {
        assert_problem(&world.get(&format!("/~{token}{path}")).await?, 404, "not_found");
    }
    world.assert_untouched().await?;
    Ok(())
}

/// No byte can move from one claim to its neighbour: the MAC covers lengths too.
pub async fn threat_23_bytes_move_between_claims(world: &World) -> anyhow::Result<()> {
    let neighbours = Claims { iss: Some("a1".into()), sub: Some("23".into()), ..claims() };
    let bytes = BASE64URL_NOPAD.decode(world.sign(&neighbours).as_bytes())?;
    let (from, to) = (b"\x01\x62a1\x02\x6223", b"\x01\x61a\x02\x63123");
    let at = bytes.windows(from.len()).position(|window| window == from).unwrap();
    let moved = [&bytes[..at], to, &bytes[at + from.len()..]].concat();
    assert_eq!(moved.len(), bytes.len());
    let path = format!("/~{}/t/{TRACK}/track.json", BASE64URL_NOPAD.encode(&moved));
    assert_problem(&world.get(&path).await?, 403, "token_invalid");
    world.assert_untouched().await?;
    Ok(())
}

/// No answer repeats the token, and no playlist leads away with it.
pub async fn threats_26_and_27_leaks(world: &World) -> anyhow::Result<()> {
    let good = world.token(TRACK);
    let late = world.sign(&Claims { exp: now() - 300, ..claims() });
    let media = format!("{}/aac-128", catalogue::version());
    for (token, file) in [
        (&good, "multivariant.m3u8".to_owned()),
        (&good, format!("{media}/media.m3u8")),
        (&good, "track.json".to_owned()),
        (&good, "lyrics.json".to_owned()),
        (&good, format!("{media}/00001.m4s")),
        (&good, format!("{media}/00009.m4s")),
        (&good, "aac-128.mp4".to_owned()),
        (&good, "start/aac-128.mp4".to_owned()),
        (&good, "nothing".to_owned()),
        (&late, "track.json".to_owned()),
    ] {
        for (path, country) in [
            (format!("/~{token}/t/{TRACK}/{file}"), "IN"),
            (format!("/~{token}/t/{TRACK}/{file}"), "US"),
            (format!("/~{token}/t/{WORLD}/{file}"), "IN"),
        ] {
            let answer = world.ask("GET", &path, country, &[("referer", &path)]).await?;
            let headers = format!("{:?}", answer.headers);
            assert!(!answer.text().contains(token.as_str()) && !headers.contains(token.as_str()), "{file}");
            assert_eq!(answer.header("referrer-policy"), "no-referrer");
            assert_eq!(answer.header("location"), "");
            if file.ends_with(".m3u8") {
                let text = answer.text();
                assert!(
                    !text.contains("://") && !text.contains("URI=\"/") && !text.contains("\n/"),
                    "{text}"
                );
            }
        }
    }
    Ok(())
}

/// A segment of a playlist that was let through ends with the token too, in caches as well; a new token goes on.
pub async fn threat_28_segments_end_with_their_token(world: &World) -> anyhow::Result<()> {
    let file = format!("t/{TRACK}/{}/aac-128/00001.m4s", catalogue::version());
    let until = |seconds| world.sign(&Claims::for_track(TRACK, now() + seconds));
    let etag = world.get(&format!("/~{}/{file}", until(600))).await?.header("etag");
    world.reset_counters().await?;
    let late = format!("/~{}/{file}", until(-61));
    assert_problem(&world.get(&late).await?, 403, "token_expired");
    assert_problem(&world.ask("GET", &late, "IN", &[("if-none-match", &etag)]).await?, 403, "token_expired");
    assert_problem(&world.ask("GET", &late, "IN", &[("range", "bytes=0-1")]).await?, 403, "token_expired");
    world.assert_untouched().await?;
    let renewed =
        world.ask("GET", &format!("/~{}/{file}", until(900)), "IN", &[("if-none-match", &etag)]).await?;
    assert_eq!(renewed.status, 304, "the same bytes under the new token");
    Ok(())
}

/// Another letter case is another track.
pub async fn threat_33_letter_case(world: &World) -> anyhow::Result<()> {
    let lower = TRACK.to_lowercase();
    let token = world.token(TRACK);
    assert_problem(&world.get(&format!("/~{token}/t/{lower}/track.json")).await?, 403, "token_scope");
    world.assert_untouched().await?;
    assert_problem(&world.get(&world.path(&lower, "track.json")).await?, 404, "not_found");
    Ok(())
}

/// A client cannot say where it is: a field with its address counts only from a trusted sender. The suite's requests
/// reach the native server from a trusted proxy, so that the last hop which is none counts; Cloudflare sets
/// `CF-Connecting-IP` itself, and no other field is read there.
pub async fn threat_18_a_spoofed_address(world: &World) -> anyhow::Result<()> {
    let home = Claims { networks: vec!["203.0.113.0/24".parse()?], ..claims() };
    let path = format!("/~{}/t/{TRACK}/track.json", world.sign(&home));
    let (inside, outside) = ("203.0.113.7", "198.51.100.7");
    let address_header = match world.kind {
        HostKind::Native => "x-forwarded-for",
        HostKind::Worker => "cf-connecting-ip",
    };
    let both = format!("{inside}, {outside}");
    for fields in [
        vec![],
        vec![(address_header, outside)],
        vec![(address_header, both.as_str())],
        vec![(address_header, outside), ("x-real-ip", inside), ("true-client-ip", inside)],
        vec![(address_header, outside), ("forwarded", "for=203.0.113.7"), ("client-ip", inside)],
        vec![
            (address_header, outside),
            (
                if address_header == "x-forwarded-for" { "cf-connecting-ip" } else { "x-forwarded-for" },
                inside,
            ),
        ],
        vec![(address_header, "203.0.113.7:80:80"), ("x-forwarded", inside)],
    ] {
        let answer = world.ask("GET", &path, "IN", &fields).await?;
        assert_eq!(answer.status, 403, "{fields:?}: {}", answer.text());
        assert_problem(&answer, 403, "token_scope");
    }
    world.assert_untouched().await?;
    assert_eq!(world.ask("GET", &path, "IN", &[(address_header, inside)]).await?.status, 200);
    Ok(())
}

/// An address that is said and not understood is nobody's, above all not the proxy's that says it: no network holds it,
/// not even that of all addresses.
pub async fn threat_18_an_address_that_is_not_understood(world: &World) -> anyhow::Result<()> {
    let networks = ["127.0.0.0/8", "203.0.113.0/24", "0.0.0.0/0", "::/0"].map(str::parse);
    let anywhere = Claims { networks: networks.into_iter().collect::<Result<_, _>>()?, ..claims() };
    let path = format!("/~{}/t/{TRACK}/track.json", world.sign(&anywhere));
    let address_header = match world.kind {
        HostKind::Native => "x-forwarded-for",
        HostKind::Worker => "cf-connecting-ip",
    };
    for address in [
        "",
        "unknown",
        "_hidden",
        "localhost",
        "203.0.113",
        "203.0.113.07",
        "203.0.113.7/32",
        "203.0.113.7:65536",
        "203.0.113.7,",
        "203.0.113.7, unknown",
        "[203.0.113.7]",
        "2001:db8::g",
        "2001:db8::1]",
        "127.0.0.1x",
    ] {
        // where the worker runs here, its own address takes the place of an empty one
        if world.kind == HostKind::Worker && address.is_empty() {
            continue;
        }
        let answer = world.ask("GET", &path, "IN", &[(address_header, address)]).await?;
        assert_eq!(answer.status, 403, "{address:?}: {}", answer.text());
        assert_problem(&answer, 403, "token_scope");
    }
    for address in ["203.0.113.7", "2001:db8::1", "::ffff:203.0.113.7"] {
        assert_eq!(
            world.ask("GET", &path, "IN", &[(address_header, address)]).await?.status,
            200,
            "{address}"
        );
    }
    // Cloudflare writes an address alone; proxies write more
    let more =
        ["203.0.113.7:80", "[2001:db8::1]:443", "\"[2001:db8::1]\"", "fe80::1%eth0", "unknown, 203.0.113.7"];
    for address in more {
        let expected = if world.kind == HostKind::Native { 200 } else { 403 };
        assert_eq!(
            world.ask("GET", &path, "IN", &[(address_header, address)]).await?.status,
            expected,
            "{address}"
        );
    }
    Ok(())
}
