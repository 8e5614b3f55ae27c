//! Licences of protected tracks, on both hosts: who gets one, what is in it, and what a vendor's licence server hears.

use std::time::{Duration, Instant};

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use jiff::Timestamp;
use nada_catalog::{Changes, Revocation, Revocations, Status, to_json};
use nada_tests::{
    catalogue::{self, CHANGING, GONE, GUARDED, PROTECTED, PROTECTED_TOO, SEED, TRACK, WINDOWS},
    client::HttpAnswer,
    host::{LicenseSetup, Setup},
};
use nada_token::{Algorithm, Claims, Key, sign};
use serde_json::{Value, json};

use crate::{
    license_server::{LicenseFault, LicenseServer, licence},
    world::{HostKind, World, assert_problem, full_origin, keys, now, start},
};

/// A host with licences of every system, and the server that three of them come from.
struct Licensed {
    world: World,
    vendor: LicenseServer,
}

const VENDORS: [&str; 3] = ["widevine", "playready", "fairplay"];
const CERTIFICATE: &[u8] = b"\x30\x03\x02\x01\x07";

impl Licensed {
    async fn start(kind: HostKind) -> anyhow::Result<Self> {
        let origin = full_origin().await?;
        catalogue::publish_protected(&origin, Timestamp::from_second(now())?)?;
        let vendor = LicenseServer::start().await?;
        let url = |system: &str| format!("http://{}/{system}?asset={{track}}", vendor.address);
        let entitlement = json!({ "license": { "duration": "{seconds}", "ends": "{expires}" },
            "inline": [{ "id": "{key_id}" }], "country": "{country}" });
        let headers = json!({ "x-entitlement": { "jwt": entitlement, "key": "c2VjcmV0", "alg": "HS256" } });
        let servers = json!({
            "widevine": { "url": url("widevine"), "headers": headers },
            "playready": { "url": url("playready"), "headers": { "authorization": "Bearer of-no-account" } },
            "fairplay": { "url": url("fairplay"), "certificate": data_encoding::BASE64.encode(CERTIFICATE) },
        });
        let licenses = LicenseSetup { seed: SEED.to_owned(), servers: servers.to_string() };
        let setup = Setup { licenses: Some(licenses), ..Setup::new(&keys().to_json(), &origin) };
        let host = start(kind, &setup).await?;
        Ok(Self { world: World::around(kind, origin, host), vendor })
    }

    /// Asks under these claims for the licence of a system, with the body that a player would send.
    async fn ask(&self, claims: &Claims, track: &str, system: &str) -> anyhow::Result<HttpAnswer> {
        self.ask_from(claims, track, system, "IN").await
    }

    async fn ask_from(
        &self,
        claims: &Claims,
        track: &str,
        system: &str,
        country: &str,
    ) -> anyhow::Result<HttpAnswer> {
        let path = format!("/~{}/t/{track}/license/{system}", self.world.sign(claims));
        self.world.post(&path, country, &[], body(track, &[0])).await
    }

    /// That nobody was asked: no origin, and no licence server.
    async fn assert_untouched(&self) -> anyhow::Result<()> {
        assert_eq!(self.vendor.take_asked().len(), 0, "no licence server is asked");
        self.world.assert_untouched().await
    }
}

fn claims(track: &str) -> Claims {
    Claims { iat: Some(now()), ..Claims::for_track(track, now() + 600) }
}

/// A ClearKey licence request for keys of a track, by their places: 0 lossy, 1 lossless.
fn body(track: &str, places: &[usize]) -> Vec<u8> {
    let ids: Vec<String> = places.iter().map(|place| id(catalogue::key_ids(track)[*place])).collect();
    json!({ "kids": ids, "type": "temporary" }).to_string().into_bytes()
}

fn id(hex: &str) -> String {
    BASE64URL_NOPAD.encode(&HEXLOWER.decode(hex.as_bytes()).unwrap())
}

/// What ClearKey gives for the key ids, which must be the keys that Python's `hmac` derives.
async fn clear_key(licensed: &Licensed) -> anyhow::Result<()> {
    let key = |kid: &str, k: &str| json!({ "kty": "oct", "kid": kid, "k": k });
    let lossy = key("6EvgOKgMin6OrRmfKXI2cw", "jS-B9dE75QUuE-btw2l55w");
    let lossless = key("Tpy3DDLOgAe-xly7_Qhi1g", "xM_RhoRe16RnhW4RMrbiAg");
    let path = licensed.world.path(PROTECTED, "license/clearkey");
    for (places, keys) in
        [(&[0][..], vec![&lossy]), (&[1], vec![&lossless]), (&[1, 0, 1], vec![&lossy, &lossless])]
    {
        let answer = licensed.world.post(&path, "IN", &[], body(PROTECTED, places)).await?;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.json()?, json!({ "keys": keys, "type": "temporary" }));
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
    }
    // in the header, too, where no token rides in the path
    let token = licensed.world.token(PROTECTED);
    let plain = format!("/t/{PROTECTED}/license/clearkey");
    let header = [("CTA-Common-Access-Token", token.as_str())];
    assert_eq!(licensed.world.post(&plain, "ID", &header, body(PROTECTED, &[0])).await?.status, 200);
    assert_eq!(licensed.vendor.take_asked().len(), 0);
    Ok(())
}

/// A licence for one track opens no other, and none is given where ClearKey is not signalled or nothing is protected.
async fn other_keys(licensed: &Licensed) -> anyhow::Result<()> {
    let path = licensed.world.path(PROTECTED, "license/clearkey");
    for stranger in [PROTECTED_TOO, GUARDED] {
        for place in [0, 1] {
            let answer = licensed.world.post(&path, "IN", &[], body(stranger, &[place])).await?;
            assert_problem(&answer, 404, "not_found");
        }
    }
    let mixed = json!({ "kids": [id(catalogue::key_ids(PROTECTED_TOO)[0]), id(catalogue::key_ids(PROTECTED)[0])],
        "type": "temporary" });
    let answer = licensed.world.post(&path, "IN", &[], mixed.to_string()).await?;
    let kids: Vec<String> = (answer.json()?["keys"].as_array().unwrap().iter())
        .map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(kids, [id(catalogue::key_ids(PROTECTED)[0])], "of two tracks' keys this one's alone");
    assert_problem(&licensed.ask(&claims(GUARDED), GUARDED, "clearkey").await?, 404, "not_found");
    assert_problem(&licensed.ask(&claims(TRACK), TRACK, "clearkey").await?, 404, "not_found");
    for system in VENDORS {
        assert_problem(&licensed.ask(&claims(TRACK), TRACK, system).await?, 404, "not_found");
    }
    Ok(())
}

/// The lossy key never opens FLAC, and a token that does not reach FLAC gets no key of it, from nobody.
async fn ceiling(licensed: &Licensed) -> anyhow::Result<()> {
    let low = Claims { ceiling: Some(64_000), ..claims(PROTECTED) };
    let path = format!("/~{}/t/{PROTECTED}/license/clearkey", licensed.world.sign(&low));
    let post = |places: &'static [usize]| licensed.world.post(&path, "IN", &[], body(PROTECTED, places));
    assert_eq!(post(&[0]).await?.status, 200);
    assert_problem(&post(&[1]).await?, 403, "rendition_not_allowed");
    let both = post(&[0, 1]).await?;
    assert_eq!(both.json()?["keys"].as_array().unwrap().len(), 1, "{}", both.text());
    assert_eq!(both.json()?["keys"][0]["kid"], id(catalogue::key_ids(PROTECTED)[0]));
    let nothing = Claims { ceiling: Some(1), ..claims(PROTECTED) };
    for system in ["clearkey", "widevine"] {
        let answer = licensed.ask(&nothing, PROTECTED, system).await?;
        assert_problem(&answer, 403, "rendition_not_allowed");
    }
    assert_eq!(licensed.vendor.take_asked().len(), 0);
    licensed.ask(&low, PROTECTED, "widevine").await?;
    licensed.ask(&claims(PROTECTED), PROTECTED, "widevine").await?;
    let inline = |asked: &crate::license_server::Asked| said(asked)["inline"].as_array().unwrap().len();
    let lengths: Vec<usize> = licensed.vendor.take_asked().iter().map(inline).collect();
    assert_eq!(lengths, [1, 2], "the vendor hears which keys it may give");
    Ok(())
}

/// What the token says that the vendor is given.
fn said(asked: &crate::license_server::Asked) -> Value {
    let token = asked.headers["x-entitlement"].to_str().unwrap();
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64URL_NOPAD.decode(payload.as_bytes()).unwrap()).unwrap()
}

/// The matrix of the token: each refusal with the code of media, and before anybody is asked anything.
async fn refused_tokens(licensed: &Licensed) -> anyhow::Result<()> {
    let world = &licensed.world;
    world.reset_counters().await?;
    let stranger = Key::generate(Algorithm::Hs256, "suite", [8; 32])?;
    let good = world.token(PROTECTED);
    for system in ["clearkey", "widevine", "playready", "fairplay"] {
        let file = format!("t/{PROTECTED}/license/{system}");
        let ask = |path: String| async move { world.post(&path, "IN", &[], body(PROTECTED, &[0])).await };
        assert_problem(&ask(format!("/{file}")).await?, 401, "token_missing");
        let forged = [
            sign(&claims(PROTECTED), &stranger)?,
            good[..good.len() - 4].to_owned(),
            format!("{good}="),
            "token".to_owned(),
            world.sign(&Claims { nbf: Some(now() + 300), ..claims(PROTECTED) }),
        ];
        for token in forged {
            assert_problem(&ask(format!("/~{token}/{file}")).await?, 403, "token_invalid");
        }
        let expired = world.sign(&Claims::for_track(PROTECTED, now() - 61));
        assert_problem(&ask(format!("/~{expired}/{file}")).await?, 403, "token_expired");
        for elsewhere in [
            claims(PROTECTED_TOO),
            Claims { methods: vec!["GET".into(), "HEAD".into()], ..claims(PROTECTED) },
            Claims { countries: vec!["ID".into()], ..claims(PROTECTED) },
            Claims { networks: vec!["203.0.113.0/24".parse()?], ..claims(PROTECTED) },
            Claims { aud: vec!["elsewhere".into()], ..claims(PROTECTED) },
        ] {
            let answer = ask(format!("/~{}/{file}", world.sign(&elsewhere))).await?;
            assert_problem(&answer, 403, "token_scope");
        }
        let two = format!("/~{good}/{file}?CAT={}", world.token(PROTECTED_TOO));
        assert_problem(&ask(two).await?, 400, "bad_request");
    }
    for path in ["license/org.w3.clearkey", "license/ClearKey", "license/clearkey/", "license", "license/"] {
        let answer = world.post(&world.path(PROTECTED, path), "IN", &[], body(PROTECTED, &[0])).await?;
        assert!([404, 405].contains(&answer.status.as_u16()), "{path}: {answer:?}");
    }
    licensed.assert_untouched().await
}

/// The matrix of the rights.
async fn refused_rights(licensed: &Licensed) -> anyhow::Result<()> {
    for system in ["clearkey", "widevine", "playready", "fairplay"] {
        for (track, country, status, code) in [
            (PROTECTED, "US", 451, "territory"),
            (PROTECTED, "XX", 451, "territory"),
            (WINDOWS, "IN", 403, "not_yet"),
            (WINDOWS, "ID", 410, "ended"),
            (WINDOWS, "US", 451, "territory"),
            (GONE, "IN", 410, "withdrawn"),
            ("no-such-track", "IN", 404, "not_found"),
        ] {
            let answer = licensed.ask_from(&claims(track), track, system, country).await?;
            assert_problem(&answer, status, code);
        }
        assert_eq!(licensed.vendor.take_asked().len(), 0, "{system}");
        let granted = licensed.ask_from(&claims(WINDOWS), WINDOWS, system, "MY").await?;
        assert_eq!(granted.status, 200, "{system}: {}", granted.text());
        licensed.vendor.take_asked();
    }
    Ok(())
}

async fn methods(licensed: &Licensed) -> anyhow::Result<()> {
    licensed.world.reset_counters().await?;
    let path = licensed.world.path(PROTECTED, "license/clearkey");
    // on Cloudflare GET and HEAD are for the worker of media, which knows no such route
    let get = licensed.world.get(&path).await?;
    match licensed.world.kind {
        HostKind::Native => assert_problem(&get, 405, "method"),
        HostKind::Worker => assert_problem(&get, 404, "not_found"),
    }
    for method in ["PUT", "DELETE", "PATCH"] {
        let answer = licensed.world.ask(method, &path, "IN", &[]).await?;
        assert_problem(&answer, 405, "method");
        assert_eq!(answer.header("allow"), "OPTIONS, POST");
    }
    let preflight = licensed.world.ask("OPTIONS", &path, "US", &[]).await?;
    assert_eq!(preflight.status, 204);
    assert_eq!(preflight.header("access-control-allow-methods"), "OPTIONS, POST");
    assert!(preflight.header("access-control-allow-headers").contains("Content-Type"));
    licensed.assert_untouched().await?;
    let media = licensed.world.media(PROTECTED, "aac-128", "00001.m4s");
    assert_problem(&licensed.world.post(&media, "IN", &[], "").await?, 405, "method");
    Ok(())
}

async fn odd_bodies(licensed: &Licensed) -> anyhow::Result<()> {
    let path = licensed.world.path(PROTECTED, "license/clearkey");
    for body in
        ["", "{}", r#"{"kids":[],"type":"temporary"}"#, r#"{"kids":["x"],"type":"persistent-license"}"#]
    {
        assert_problem(&licensed.world.post(&path, "IN", &[], body).await?, 400, "bad_request");
    }
    let most = 64 * 1024;
    for system in ["clearkey", "widevine"] {
        let path = licensed.world.path(PROTECTED, &format!("license/{system}"));
        let long = licensed.world.post(&path, "IN", &[], vec![b' '; most + 1]).await?;
        assert_eq!(long.status, 413, "{long:?}");
    }
    assert_eq!(licensed.vendor.take_asked().len(), 0, "nothing of it has left");
    let path = licensed.world.path(PROTECTED, "license/widevine");
    let whole = catalogue::noise("challenge", most);
    let answer = licensed.world.post(&path, "IN", &[], whole.clone()).await?;
    assert_eq!((answer.status.as_u16(), &answer.body[..]), (200, &licence(&whole)[..]));
    assert_eq!(licensed.vendor.take_asked()[0].body.len(), most);
    Ok(())
}

/// What a licence server hears: the body, what is configured, and no more; and what the client hears of its answer.
async fn handed_on(licensed: &Licensed) -> anyhow::Result<()> {
    let challenge = catalogue::noise("challenge", 3000);
    for (system, asked_type, answered_type) in [
        ("widevine", "application/octet-stream", "application/octet-stream"),
        ("playready", "text/xml; charset=utf-8", "text/xml; charset=utf-8"),
        ("fairplay", "application/octet-stream", "application/octet-stream"),
    ] {
        let until = now() + 300;
        let token = licensed.world.sign(&Claims::for_track(PROTECTED, until));
        let path = format!("/~{token}/t/{PROTECTED}/license/{system}");
        let headers =
            [("cookie", "session=1"), ("x-own", "1"), ("user-agent", "player"), ("authorization", "mine")];
        let answer = licensed.world.post(&path, "ID", &headers, challenge.clone()).await?;
        assert_eq!((answer.status.as_u16(), &answer.body[..]), (200, &licence(&challenge)[..]), "{system}");
        assert_eq!(answer.header("content-type"), answered_type);
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!((answer.header("set-cookie"), answer.header("x-vendor")), (String::new(), String::new()));
        let asked = licensed.vendor.take_asked();
        let [asked] = asked.as_slice() else { panic!("{asked:?}") };
        assert_eq!(
            (asked.target.as_str(), &asked.body[..]),
            (format!("/{system}?asset={PROTECTED}").as_str(), &challenge[..])
        );
        assert_eq!(asked.headers["content-type"], asked_type);
        for name in ["cookie", "x-own", "cta-common-access-token"] {
            assert!(!asked.headers.contains_key(name), "{name}: {asked:?}");
        }
        let bearer = (system == "playready").then_some("Bearer of-no-account");
        assert_eq!(asked.headers.get("authorization").map(|value| value.to_str().unwrap()), bearer);
        assert!(!format!("{asked:?}").contains(&token), "the token is the edge's");
        if system == "widevine" {
            let said = said(asked);
            assert_eq!(
                (said["license"]["ends"].as_i64(), said["country"].as_str()),
                (Some(until), Some("ID"))
            );
            let seconds = said["license"]["duration"].as_i64().unwrap();
            assert!((1..=300).contains(&seconds) && seconds >= until - now(), "{said}");
        }
    }
    // within the leeway the media plays on, and no licence begins
    let ending = Claims::for_track(PROTECTED, now() - 30);
    assert_problem(&licensed.ask(&ending, PROTECTED, "widevine").await?, 403, "token_expired");
    assert_eq!(licensed.vendor.take_asked().len(), 0);
    Ok(())
}

async fn vendor_faults(licensed: &Licensed) -> anyhow::Result<()> {
    for status in [400, 403, 404] {
        licensed.vendor.set_fault(LicenseFault::Status(status));
        let answer = licensed.ask(&claims(PROTECTED), PROTECTED, "widevine").await?;
        assert_eq!(answer.status, status, "a refusal is the vendor's to give");
        assert_eq!(answer.header("content-type"), "application/octet-stream", "and no page");
    }
    let failures = [500, 503, 429].map(LicenseFault::Status);
    for fault in failures.into_iter().chain([LicenseFault::Redirect, LicenseFault::Long]) {
        licensed.vendor.set_fault(fault);
        licensed.vendor.take_asked();
        let answer = licensed.ask(&claims(PROTECTED), PROTECTED, "widevine").await?;
        assert_problem(&answer, 503, "origin_unavailable");
        assert_ne!(answer.header("retry-after"), "");
        assert_eq!(licensed.vendor.take_asked().len(), 1, "once, and nowhere else: {fault:?}");
    }
    licensed.vendor.set_fault(LicenseFault::Silent);
    let began = Instant::now();
    let answer = licensed.ask(&claims(PROTECTED), PROTECTED, "widevine").await?;
    assert_problem(&answer, 503, "origin_unavailable");
    let took = began.elapsed();
    assert!((7..15).contains(&took.as_secs()), "{took:?}");
    licensed.vendor.set_fault(LicenseFault::None);
    assert_eq!(licensed.ask(&claims(PROTECTED), PROTECTED, "widevine").await?.status, 200);
    licensed.vendor.take_asked();
    Ok(())
}

async fn certificate(licensed: &Licensed) -> anyhow::Result<()> {
    licensed.world.reset_counters().await?;
    let answer = licensed.world.get("/fairplay.cer").await?;
    assert_eq!((answer.status.as_u16(), &answer.body[..]), (200, CERTIFICATE));
    assert_eq!(answer.header("content-type"), "application/pkix-cert");
    let head = licensed.world.ask("HEAD", "/fairplay.cer", "US", &[]).await?;
    assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
    licensed.assert_untouched().await
}

/// A token that was revoked gets no licence on a host that has not read the revocations before.
async fn revoked(licensed: &Licensed) -> anyhow::Result<()> {
    let claims = Claims { cti: Some(vec![4, 5, 6]), ..claims(CHANGING) };
    let at = Timestamp::from_second(now())?;
    let revocations = Revocations::default().with(&[Revocation::id("040506")?], at);
    licensed.world.origin.put("revocations.json", &to_json(&revocations)?)?;
    for system in ["clearkey", "widevine"] {
        assert_problem(&licensed.ask(&claims, CHANGING, system).await?, 403, "token_invalid");
    }
    assert_eq!(licensed.vendor.take_asked().len(), 0);
    licensed.world.origin.put("revocations.json", &to_json(&Revocations::default())?)
}

/// As for the media: within 17 s of the withdrawal, on a host that gave a licence just before.
async fn takedown(licensed: &Licensed) -> anyhow::Result<()> {
    assert_eq!(licensed.ask(&claims(CHANGING), CHANGING, "clearkey").await?.status, 200);
    let at = Timestamp::from_second(now())?;
    let changes = Changes::default().with(&[(CHANGING.parse()?, 2)], at);
    licensed.world.origin.put("changes.json", &to_json(&changes)?)?;
    let rights = r#"{"territories":[{"code":"*"}]}"#;
    let mut manifest = catalogue::protected(catalogue::manifest(CHANGING, rights, Status::Withdrawn, at));
    manifest.revision = 2;
    licensed.world.origin.put(&format!("tracks/{CHANGING}/manifest.json"), &to_json(&manifest)?)?;
    let withdrawn = Instant::now();
    loop {
        let answer = licensed.ask(&claims(CHANGING), CHANGING, "clearkey").await?;
        if answer.status != 200 {
            assert_problem(&answer, 410, "withdrawn");
            break;
        }
        assert!(withdrawn.elapsed() < Duration::from_secs(17), "still licensed");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    for system in VENDORS {
        assert_problem(&licensed.ask(&claims(CHANGING), CHANGING, system).await?, 410, "withdrawn");
    }
    assert_eq!(licensed.vendor.take_asked().len(), 0);
    Ok(())
}

async fn all(kind: HostKind) -> anyhow::Result<()> {
    let licensed = Licensed::start(kind).await?;
    macro_rules! each {
        ($($case:ident)+) => {$(
            println!("{kind:?}: licenses::{}", stringify!($case));
            $case(&licensed).await.map_err(|error| error.context(stringify!($case)))?;
        )+};
    }
    // the first on a host that has read nothing
    each!(revoked refused_tokens clear_key other_keys ceiling refused_rights methods odd_bodies handed_on vendor_faults
        certificate takedown);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn native_licenses() -> anyhow::Result<()> {
    all(HostKind::Native).await
}

#[tokio::test(flavor = "multi_thread")]
async fn worker_licenses() -> anyhow::Result<()> {
    all(HostKind::Worker).await
}
