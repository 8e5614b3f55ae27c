//! npm `@eyevinn/cat`: its tokens here, ours there. Where the two disagree, the reason is named.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use nada_token::{CborFault, Claims, Match, Part, Reason, Refusal, UriRule, sign, verify};
use serde_json::{Value, json};

use crate::{SECRET, key, keys, node, now, tests};

/// Answers to jobs: see `tests/token/cat.mjs`.
fn ask(jobs: &[Value]) -> Vec<Value> {
    let mut other = Command::new(node())
        .arg(tests().join("token/cat.mjs"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("tests/node_modules/.bin/node does not start; tests/run installs it");
    let jobs = serde_json::to_vec(jobs).unwrap();
    other.stdin.take().unwrap().write_all(&jobs).unwrap();
    let output = other.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

fn secret() -> String {
    SECRET.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn least(exp: i64) -> Value {
    json!({ "exp": exp, "catu": { "path": { "prefix-match": "/t/track1/" } } })
}

fn with(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

#[test]
fn their_tokens_are_read_here_as_they_were_meant() {
    let exp = now() + 600;
    let full = json!({
        "exp": exp, "nbf": exp - 700, "iat": exp - 700, "iss": "shop", "sub": "listener-1", "aud": ["edge"],
        "cti": "0b71", "catm": ["GET", "HEAD"], "catgeoiso3166": ["IN", "ID"],
        "catnip": ["192.0.2.7", "198.51.100.0/24", "2001:db8::/32"],
        "catu": { "scheme": { "exact-match": "https" }, "host": { "suffix-match": ".example" },
                  "path": { "prefix-match": "/t/track1/" }, "extension": { "exact-match": ".m3u8" } },
    });
    let rule = |part, test| UriRule { part, test };
    let read = Claims {
        nbf: Some(exp - 700),
        iat: Some(exp - 700),
        iss: Some("shop".into()),
        sub: Some("listener-1".into()),
        aud: vec!["edge".into()],
        cti: Some(vec![0x0b, 0x71]),
        methods: vec!["GET".into(), "HEAD".into()],
        countries: vec!["IN".into(), "ID".into()],
        networks: ["192.0.2.7/32", "198.51.100.0/24", "2001:db8::/32"].map(|n| n.parse().unwrap()).to_vec(),
        uri: vec![
            rule(Part::Scheme, Match::Exact("https".into())),
            rule(Part::Host, Match::Suffix(".example".into())),
            rule(Part::Path, Match::Prefix("/t/track1/".into())),
            rule(Part::Extension, Match::Exact(".m3u8".into())),
        ],
        ..Claims::for_track("track1", exp)
    };
    let invalid = |reason| Err(Refusal::Invalid(reason));
    let uri = |part: &str, test: Value| json!({ "exp": exp, "catu": { part: test } });
    let cases = [
        (full, Ok(read)),
        (least(exp), Ok(Claims::for_track("track1", exp))),
        // what is not enforced here
        (with(least(exp), "catreplay", json!(1)), invalid(Reason::Unknown)),
        (with(least(exp), "catpor", json!([50])), invalid(Reason::Unknown)),
        (
            with(least(exp), "catr", json!({ "type": "header", "expadd": 120, "header-name": "x" })),
            invalid(Reason::Unknown),
        ),
        (uri("path", json!({ "contains-match": "song" })), invalid(Reason::Claim("catu"))),
        (uri("path", json!({ "regex-match": [".*"] })), invalid(Reason::Claim("catu"))),
        (uri("stem", json!({ "exact-match": "a" })), invalid(Reason::Claim("catu"))),
        (uri("query", json!({ "exact-match": "a=b" })), invalid(Reason::Claim("catu"))),
        (with(least(exp), "catnip", json!([64_496])), invalid(Reason::Claim("catnip"))),
        // what is mandatory here
        (json!({ "exp": exp }), invalid(Reason::Missing("catu"))),
        (json!({ "catu": { "path": { "prefix-match": "/" } } }), invalid(Reason::Missing("exp"))),
        // they write hashes as text, CTA-5007 has bytes
        (uri("path", json!({ "sha256-match": "0".repeat(64) })), invalid(Reason::Cbor(CborFault::Type))),
        // they write numbers beyond 2^32 as floats
        (least(1 << 33), invalid(Reason::Claim("exp"))),
    ];
    let jobs: Vec<Value> = cases
        .iter()
        .map(|(claims, _)| json!({ "generate": claims, "kid": "shared", "secret": secret() }))
        .collect();
    for (answer, (claims, expected)) in ask(&jobs).into_iter().zip(cases) {
        let token = answer["token"].as_str().unwrap_or_else(|| panic!("{claims}: {answer}"));
        // maps have no order
        let sorted = |mut claims: Claims| {
            claims.uri.sort_by_key(|rule| format!("{:?}", rule.part));
            claims
        };
        assert_eq!(verify(token, &keys()).map(sorted), expected.map(sorted), "{claims}");
    }
    // and under another secret of theirs none is
    let other = json!({ "generate": least(exp), "kid": "shared", "secret": "43".repeat(32) });
    let token = ask(&[other])[0]["token"].as_str().unwrap().to_owned();
    assert_eq!(verify(&token, &keys()), invalid(Reason::Signature));
}

#[test]
fn our_tokens_are_accepted_there() {
    let exp = now() + 600;
    let url = "https://cdn.example/t/track1/multivariant.m3u8";
    let full = Claims {
        nbf: Some(exp - 700),
        iat: Some(exp - 700),
        iss: Some("shop".into()),
        sub: Some("listener-1".into()),
        aud: vec!["edge".into()],
        cti: Some(vec![0x0b, 0x71]),
        methods: vec!["GET".into()],
        countries: vec!["IN".into()],
        networks: vec!["192.0.2.7/32".parse().unwrap()],
        ceiling: Some(128_000),
        ..Claims::for_track("track1", exp)
    };
    let late = Claims { exp: exp - 700, ..Claims::for_track("track1", exp) };
    let prefix =
        Claims { networks: vec!["192.0.2.0/24".parse().unwrap()], ..Claims::for_track("track1", exp) };
    let cases = [
        (Claims::for_track("track1", exp), None),
        (full, None),
        (Claims::for_track("track2", exp), Some("not allowed")),
        (late, Some("expired")),
        // RFC 9164 has prefixes without their trailing zero bytes, they want them there
        (prefix, Some("neither an IPv6 nor IPv4 address")),
    ];
    let jobs: Vec<Value> = cases
        .iter()
        .map(|(claims, _)| {
            json!({
                "validate": sign(claims, &key()).unwrap(), "kid": "shared", "secret": secret(),
                "issuer": "shop", "audience": ["edge"], "url": url, "ip": "192.0.2.7",
            })
        })
        .collect();
    for (answer, (claims, refused)) in ask(&jobs).into_iter().zip(cases) {
        match (answer["error"].as_str(), refused) {
            (None, None) => {
                assert_eq!(answer["claims"]["exp"], exp, "{answer}");
                assert_eq!(answer["claims"]["catu"]["path"]["prefix-match"], "/t/track1/", "{answer}");
                assert_eq!(answer["claims"]["sub"].as_str(), claims.sub.as_deref(), "{answer}");
            }
            (Some(error), Some(expected)) => assert!(error.contains(expected), "{error}"),
            _ => panic!("{claims:?}: {answer}"),
        }
    }
    let stranger = json!({
        "validate": sign(&Claims::for_track("track1", exp), &key()).unwrap(), "kid": "shared",
        "secret": "43".repeat(32), "url": url,
    });
    assert!(ask(&[stranger])[0]["error"].is_string());
}
