//! Licences are decided as media are, in whatever world, and then stop at their tier, their track and their token.
#![allow(clippy::unwrap_used, clippy::panic)]

mod world;

use std::sync::LazyLock;

use nada_catalog::{Changes, Manifest, Revocation, Revocations, Status, to_json};
use nada_edge::{
    Code, Decision, ReadSoFar, Request, Response,
    license::{DerivedKeys, LicensePlan, LicenseServers, Licenses, Seed, admit},
};
use nada_token::Claims;
use world::{NOW, World, at, claims, rights, text, version};

/// Ids by Python's `hmac` from the seed below, for the track `track1`.
const LOSSY: &str = "2eb6c79e53ad86adb5c8784f9bcd99ed";
const LOSSLESS: &str = "a1b1942a2e2e80f68dc2bf5168699a39";

static LICENSES: LazyLock<Licenses> = LazyLock::new(|| Licenses {
    keys: Some(DerivedKeys::new(
        Seed::parse("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f").unwrap(),
    )),
    servers: LicenseServers::from_json(
        r#"{"widevine":{"url":"https://drm.example/{track}?keys={key_ids}&ends={expires}&for={seconds}"}}"#,
    )
    .unwrap(),
});

fn protect(world: &mut World, description: &str) {
    world.change_manifest(|manifest| describe(manifest, description));
}

/// As the packager has it: before the keys of the first rendition under each.
fn describe(manifest: &mut Manifest, description: &str) {
    for rendition in &mut manifest.presentation.renditions {
        let first = ["heaac2-32", "flac"].contains(&rendition.name.to_string().as_str());
        rendition.session_keys = first.then(|| format!("# {description}\n#EXT-X-SESSION-KEY:METHOD=NONE\n"));
    }
}

/// A world whose track is protected, with ClearKey.
fn protected() -> World {
    let mut world = World::new();
    protect(&mut world, &format!("cbcs,lead=2,keys=1,clearkey,lossy={LOSSY},lossless={LOSSLESS}"));
    world
}

/// Executes decisions until there is a plan, in the host's own way.
fn plan(world: &World, request: &Request<'_>) -> LicensePlan {
    let admitted = match admit(&world.config, &LICENSES, request) {
        Ok(admitted) => admitted,
        Err(response) => return LicensePlan::Respond(*response),
    };
    let mut known: ReadSoFar = world.memory.clone();
    for _ in 0..5 {
        match admitted.decide(&known) {
            Decision::Plan(plan) => return plan,
            Decision::Need(fetches) => {
                for fetch in &fetches {
                    known.add(&world.fetch(fetch, request.now));
                }
            }
        }
    }
    panic!("no plan after five rounds");
}

/// A licence's plan in a word: the code of a denial, or what is granted.
fn word(plan: &LicensePlan) -> String {
    match plan {
        LicensePlan::Respond(Response { code: Some(code), .. }) => code.name().to_owned(),
        LicensePlan::Respond(response) => response.status.to_string(),
        LicensePlan::Grant(_) => "granted".to_owned(),
        LicensePlan::Forward(forward) => forward.url.clone(),
    }
}

fn ask(world: &World, claims: &Claims, system: &str) -> String {
    let path = format!("/~{}/t/track1/license/{system}", world.token(claims));
    word(&plan(world, &world.request("POST", &path)))
}

/// The same token's media, in the same words.
fn media(world: &World, claims: &Claims) -> String {
    let path = format!("/~{}/t/track1/{}/aac-128/init.mp4", world.token(claims), version());
    let answer = world.get(&path);
    if answer.starts_with("tracks/") { "granted".to_owned() } else { answer }
}

#[test]
fn in_every_world_a_licence_is_refused_as_media_are() {
    let revoked = |revocation: Revocation| Revocations::default().with(&[revocation], at(NOW));
    let with_id = Claims { cti: Some(vec![1]), iat: Some(NOW - 10), sub: Some("s".into()), ..claims() };
    type Change = Box<dyn Fn(&mut World)>;
    let put = |name: &'static str, status: u16, body: Vec<u8>| -> Change {
        Box::new(move |world| world.put(name, status, &body))
    };
    let change = |f: fn(&mut Manifest)| -> Change {
        Box::new(move |world| {
            world.change_manifest(|manifest| {
                describe(manifest, &format!("cbcs,lead=2,keys=1,clearkey,lossy={LOSSY},lossless={LOSSLESS}"));
                f(manifest);
            });
        })
    };
    let named = Changes::default().with(&[("track1".parse().unwrap(), 9)], at(NOW));
    let worlds: Vec<(&str, Change)> = vec![
        ("as it is", Box::new(|_| ())),
        ("another country", Box::new(|world| world.country = "US")),
        ("no country", Box::new(|world| world.country = "XX")),
        ("withdrawn", change(|manifest| manifest.status = Status::Withdrawn)),
        (
            "not yet",
            change(|m| m.rights = rights(r#"{"territories":[{"code":"*","from":"2030-01-01T00:00:00Z"}]}"#)),
        ),
        (
            "ended",
            change(|m| m.rights = rights(r#"{"territories":[{"code":"*","until":"2026-01-01T00:00:00Z"}]}"#)),
        ),
        ("no track", put("tracks/track1/manifest.json", 403, Vec::new())),
        ("no origin", put("tracks/track1/manifest.json", 0, Vec::new())),
        ("no sense", put("tracks/track1/manifest.json", 200, b"{}".to_vec())),
        ("no changes", put("changes.json", 0, Vec::new())),
        ("a newer revision that nobody has", put("changes.json", 200, to_json(&named).unwrap())),
        ("no revocations", put("revocations.json", 0, Vec::new())),
        (
            "revoked by id",
            put("revocations.json", 200, to_json(&revoked(Revocation::id("01").unwrap())).unwrap()),
        ),
        (
            "revoked by subject",
            put("revocations.json", 200, to_json(&revoked(Revocation::subject("s").unwrap())).unwrap()),
        ),
        (
            "revoked by time",
            put("revocations.json", 200, to_json(&revoked(Revocation::IssuedBefore(at(NOW)))).unwrap()),
        ),
        ("expired", Box::new(|world| world.now = NOW + 3600 + 61)),
        ("no keys", Box::new(|world| world.config.keys = None)),
        ("another audience", Box::new(|world| world.config.audience = Some("a".into()))),
        ("another issuer", Box::new(|world| world.config.issuer = Some("i".into()))),
    ];
    let mut words = std::collections::BTreeSet::new();
    for (what, change) in worlds {
        let mut world = protected();
        let token = world.token(&with_id);
        change(&mut world);
        let path = |file: &str| format!("/~{token}/t/track1/{file}");
        let license = word(&plan(&world, &world.request("POST", &path("license/clearkey"))));
        let asked = world.get(&path(&format!("{}/aac-128/init.mp4", version())));
        let asked = if asked.starts_with("tracks/") { "granted".to_owned() } else { asked };
        assert_eq!(license, asked, "{what}");
        words.insert(license);
    }
    // and the worlds are as different as they are meant to be
    let all = [
        "ended",
        "granted",
        "not_found",
        "not_yet",
        "origin_unavailable",
        "territory",
        "token_expired",
        "token_invalid",
        "token_scope",
        "withdrawn",
    ];
    assert_eq!(words.into_iter().collect::<Vec<_>>(), all);
}

#[test]
fn scheme_query_and_method_are_judged_too() {
    let world = protected();
    let path = format!("/~{}/t/track1/license/clearkey", world.token(&claims()));
    let request = world.request("POST", &path);
    assert_eq!(word(&plan(&world, &Request { scheme: "http", ..request })), "https_required");
    assert_eq!(word(&plan(&world, &Request { query: Some("CAT=x&CAT=x"), ..request })), "bad_request");
    for method in ["GET", "HEAD", "PUT", "post"] {
        assert_eq!(word(&plan(&world, &Request { method, ..request })), "method");
    }
    assert_eq!(word(&plan(&world, &world.request("POST", "/t/track1/license/clearkey"))), "token_missing");
    assert_eq!(word(&plan(&world, &world.request("POST", "/t/track1/license/other"))), "not_found");
    assert_eq!(word(&plan(&world, &world.request("GET", "/fairplay.cer"))), "not_found");
    let get = Claims { methods: vec!["GET".into()], ..claims() };
    assert_eq!(ask(&world, &get, "clearkey"), "token_scope");
    assert_eq!(media(&world, &get), "granted");
}

#[test]
fn a_denied_token_causes_no_read() {
    let world = protected();
    let path = "/~AAAA/t/track1/license/clearkey";
    assert_eq!(word(&plan(&world, &world.request("POST", path))), "token_invalid");
    assert_eq!(
        ask(&world, &claims(), "playready"),
        "not_found",
        "there is no such server, and nobody was asked"
    );
    assert!(admit(&world.config, &LICENSES, &world.request("POST", path)).is_err());
}

#[test]
fn what_is_not_protected_or_not_by_clear_key_has_no_such_licence() {
    let mut world = World::new();
    assert_eq!(ask(&world, &claims(), "clearkey"), "not_found");
    assert_eq!(ask(&world, &claims(), "widevine"), "not_found");
    protect(&mut world, &format!("cbcs,lead=2,keys=1,lossy={LOSSY},lossless={LOSSLESS}"));
    assert_eq!(ask(&world, &claims(), "clearkey"), "not_found");
    assert!(ask(&world, &claims(), "widevine").starts_with("https://drm.example/track1?"));
    // a newer packager than this edge
    protect(&mut world, "cens,lead=2");
    for system in ["clearkey", "widevine"] {
        assert_eq!(ask(&world, &claims(), system), "origin_unavailable");
    }
}

#[test]
fn a_vendor_is_told_which_keys_and_until_when() {
    let world = protected();
    let uuid = |hex: &str| hex.parse::<nada_protection::KeyId>().unwrap().to_string();
    let [lossy, lossless] = [LOSSY, LOSSLESS].map(uuid);
    let ends = NOW + 3600;
    let expected = |keys: &str| format!("https://drm.example/track1?keys={keys}&ends={ends}&for=3600");
    assert_eq!(ask(&world, &claims(), "widevine"), expected(&format!("{lossy},{lossless}")));
    let low = |ceiling| Claims { ceiling: Some(ceiling), ..claims() };
    assert_eq!(ask(&world, &low(64_000), "widevine"), expected(&lossy));
    assert_eq!(ask(&world, &low(8_000), "widevine"), Code::RenditionNotAllowed.name());
    // the leeway for clocks is no time to give
    let over = Claims::for_track("track1", NOW - 30);
    assert_eq!(ask(&world, &over, "widevine"), "token_expired");
    assert_eq!((media(&world, &over), ask(&world, &over, "clearkey")), ("granted".into(), "granted".into()));
}

#[test]
fn clear_key_answers_what_was_granted() {
    let world = protected();
    let path = format!("/~{}/t/track1/license/clearkey", world.token(&claims()));
    let LicensePlan::Grant(grant) = plan(&world, &world.request("POST", &path)) else { panic!("no grant") };
    let response = grant.answer(br#"{"kids":["LrbHnlOthq21yHhPm82Z7Q"],"type":"temporary"}"#);
    assert_eq!(response.status, 200);
    assert_eq!(
        text(&response),
        r#"{"keys":[{"kty":"oct","kid":"LrbHnlOthq21yHhPm82Z7Q","k":"s6TG8ANsGz3rOGF9HBnsig"}],"type":"temporary"}"#
    );
}
