//! What the vectors are: tokens good and bad, and the requests they are shown with.

use super::vector::{Vector, VectorRequest};
use crate::cbor::CborWriter;
use crate::claims::Claims;
use crate::uri::{Match, Part, UriRule};
use crate::{Algorithm, Key, KeySet, inspect, sign};
use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;
use sha2::{Digest, Sha256};

const NOW: i64 = 1_800_000_000;
const TRACK: &str = "INNDA2600001";
const CONTEXT: [(u64, &str); 2] = [(17, "MAC0"), (18, "Signature1")];

/// The published keys.
pub(super) fn keys() -> KeySet {
    let hmac = |kid, byte, nbf, exp| Key::hmac(kid, &[byte; 32]).unwrap().with_window(nbf, exp).unwrap();
    let es = Key::generate(Algorithm::Es256, "es", [0x24; 32]).unwrap();
    let retired = hmac("retired", 0x43, None, Some(NOW - 3600));
    let next = hmac("next", 0x44, Some(NOW + 3600), None);
    KeySet::new(vec![hmac("hs", 0x42, None, None), es, retired, next]).unwrap()
}

fn key(kid: &str) -> Key {
    keys().keys().iter().find(|key| key.kid() == kid).unwrap().clone()
}

fn asked() -> VectorRequest {
    VectorRequest {
        now: NOW,
        method: "GET".into(),
        scheme: "https".into(),
        host: "music.example".into(),
        port: None,
        path: format!("/t/{TRACK}/multivariant.m3u8"),
        country: Some("IN".into()),
        client: Some("192.0.2.7".into()),
        issuer: None,
        audience: None,
    }
}

fn claims() -> Claims {
    Claims::for_track(TRACK, NOW + 3600)
}

fn rules(rules: &[(Part, Match)]) -> Claims {
    let uri = rules.iter().map(|(part, test)| UriRule { part: *part, test: test.clone() }).collect();
    Claims { uri, ..claims() }
}

fn everything() -> Claims {
    Claims {
        nbf: Some(NOW - 10),
        iat: Some(NOW - 10),
        iss: Some("shop".into()),
        sub: Some("listener-1".into()),
        aud: vec!["music.example".into(), "audio.example".into()],
        cti: Some(vec![0x0b, 0x71]),
        methods: vec!["GET".into(), "HEAD".into()],
        countries: vec!["IN".into(), "ID".into()],
        networks: ["192.0.2.0/24", "198.51.100.9/32", "2001:db8::/32"].map(|n| n.parse().unwrap()).to_vec(),
        ceiling: Some(128_000),
        ..rules(&[
            (Part::Scheme, Match::Exact("https".into())),
            (Part::Host, Match::Suffix("music.example".into())),
            (Part::Path, Match::Prefix(format!("/t/{TRACK}/"))),
        ])
    }
}

/// A token of any parts, authentic under `key`: header maps and payload as they are given.
fn sealed(key: &Key, tag: u64, protected: &[u8], unprotected: &[u8], payload: &[u8]) -> Vec<u8> {
    let context = CONTEXT.into_iter().find(|(known, _)| *known == tag).unwrap().1;
    let mut message = CborWriter::default();
    message.array(4).text(context).bytes(protected).bytes(&[]).bytes(payload);
    let proof = key.prove(&message.finish()).unwrap();
    let (mut head, mut rest) = (CborWriter::default(), CborWriter::default());
    head.tag(61).tag(tag).array(4).bytes(protected);
    rest.bytes(payload).bytes(&proof);
    [head.finish(), unprotected.to_vec(), rest.finish()].concat()
}

const HS256: &[u8] = &[0xa1, 1, 5];
const ES256: &[u8] = &[0xa1, 1, 0x26];
const KID_HS: &[u8] = &[0xa1, 4, 0x42, b'h', b's'];
const KID_ES: &[u8] = &[0xa1, 4, 0x42, b'e', b's'];

/// An authentic token of any payload.
fn payload(bytes: &[u8]) -> Vec<u8> {
    sealed(&key("hs"), 17, HS256, KID_HS, bytes)
}

/// Such a payload with one more claim, or one written in place of it.
fn with_claim(label: i64, write: impl FnOnce(&mut CborWriter)) -> Vec<u8> {
    let mut w = CborWriter::default();
    w.map(if label == 4 { 2 } else { 3 }).int(312).map(1).int(3).map(1).int(1).text("/t/INNDA2600001/");
    if label != 4 {
        w.int(4).int(NOW + 3600);
    }
    write(w.int(label));
    payload(&w.finish())
}

fn text(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

struct Made(Vec<Vector>);

impl Made {
    fn add(&mut self, name: &str, token: &str, request: VectorRequest) {
        let (outcome, reason) = request.with(token, &keys());
        let claims = inspect(token).ok().map(|shown| shown.claims).filter(|_| outcome != "token_invalid");
        self.0.push(Vector { name: name.into(), token: token.into(), claims, request, outcome, reason });
    }

    fn signed(&mut self, name: &str, claims: &Claims, request: VectorRequest) {
        self.add(name, &sign(claims, &key("hs")).unwrap(), request);
    }

    fn bytes(&mut self, name: &str, bytes: &[u8]) {
        self.add(name, &text(bytes), asked());
    }
}

fn allowed() -> Vec<Vector> {
    let mut made = Made(Vec::new());
    let all =
        VectorRequest { issuer: Some("shop".into()), audience: Some("music.example".into()), ..asked() };
    made.signed("the least: exp and catu", &claims(), asked());
    made.signed("every claim", &everything(), all.clone());
    made.add("every claim, ES256", &sign(&everything(), &key("es")).unwrap(), all);
    let least = claims().encode();
    made.bytes("kid in the unprotected header", &payload(&least));
    let no_kid = sealed(&key("es"), 18, ES256, &[0xa0], &least);
    made.bytes("no kid, and one key of that algorithm", &no_kid);
    made.signed("14: expired 59 s ago", &Claims { exp: NOW - 59, ..claims() }, asked());
    made.signed("14: valid in 60 s", &Claims { nbf: Some(NOW + 60), ..claims() }, asked());
    made.signed("13: exp far ahead", &Claims { exp: 1 << 53, ..claims() }, asked());
    let earlier = VectorRequest { now: NOW - 7200, ..asked() };
    made.add("5: a retired key within its window", &sign(&claims(), &key("retired")).unwrap(), earlier);
    let later = VectorRequest { now: NOW + 3601, ..asked() };
    let long = Claims { exp: NOW + 7200, ..claims() };
    made.add("5: the next key from its time on", &sign(&long, &key("next")).unwrap(), later);

    let path = |path: &str| VectorRequest { path: path.into(), ..asked() };
    let prefix = rules(&[(Part::Path, Match::Prefix("/t/INNDA2600001".into()))]);
    made.signed("15: a path prefix without / itself", &prefix, path("/t/INNDA2600001"));
    made.signed("15: a path prefix without / and what is below", &prefix, path("/t/INNDA2600001/track.json"));
    let exact = rules(&[(Part::Path, Match::Exact("/t/INNDA2600001/track.json".into()))]);
    made.signed("an exact path", &exact, path("/t/INNDA2600001/track.json"));
    let hash = Sha256::digest(b"/t/INNDA2600001/track.json").into();
    made.signed(
        "the SHA-256 of a path",
        &rules(&[(Part::Path, Match::Sha256(hash))]),
        path("/t/INNDA2600001/track.json"),
    );
    let file = rules(&[
        (Part::Filename, Match::Prefix("multi".into())),
        (Part::Extension, Match::Exact(".m3u8".into())),
    ]);
    made.signed("filename and extension", &file, asked());
    let host = |test| rules(&[(Part::Host, test)]);
    let shouted = VectorRequest { host: "CDN.Music.Example".into(), ..asked() };
    made.signed(
        "16: hosts have no letter case",
        &host(Match::Exact("cdn.music.example".into())),
        shouted.clone(),
    );
    made.signed("16: a host suffix at a dot", &host(Match::Suffix("music.example".into())), shouted);
    let port = rules(&[(Part::Port, Match::Exact("443".into()))]);
    made.signed("16: the scheme's own port", &port, asked());

    let one = Claims { aud: vec!["music.example".into()], ..claims() };
    made.signed("aud as one text", &one, VectorRequest { audience: Some("music.example".into()), ..asked() });
    let networks = |n: &str| Claims { networks: vec![n.parse().unwrap()], ..claims() };
    let from = |client: &str| VectorRequest { client: Some(client.into()), ..asked() };
    made.signed("18: catnip, IPv4 prefix", &networks("192.0.2.0/24"), from("192.0.2.255"));
    made.signed(
        "18: catnip, IPv4 on a dual-stack socket",
        &networks("192.0.2.0/24"),
        from("::ffff:192.0.2.1"),
    );
    made.signed("18: catnip, IPv6 prefix", &networks("2001:db8::/33"), from("2001:db8:7fff::1"));
    made.signed(
        "17: catm",
        &Claims { methods: vec!["HEAD".into()], ..claims() },
        VectorRequest { method: "HEAD".into(), ..asked() },
    );
    made.signed(
        "catgeoiso3166",
        &Claims { countries: vec!["ID".into()], ..claims() },
        VectorRequest { country: Some("ID".into()), ..asked() },
    );
    made.0
}

fn invalid() -> Vec<Vector> {
    let mut made = Made(Vec::new());
    let (hs, es) = (key("hs"), key("es"));
    let least = claims().encode();
    let good = sign(&claims(), &hs).unwrap();
    let bytes = BASE64URL_NOPAD.decode(good.as_bytes()).unwrap();
    let body = &bytes[..bytes.len() - 34];
    let mac = &bytes[bytes.len() - 32..];

    made.bytes("1: no alg", &sealed(&hs, 17, &[], KID_HS, &least));
    made.bytes("1: alg 0", &sealed(&hs, 17, &[0xa1, 1, 0], KID_HS, &least));
    made.bytes("1: alg \"none\"", &sealed(&hs, 17, &[0xa1, 1, 0x64, b'n', b'o', b'n', b'e'], KID_HS, &least));
    made.bytes("2: the ES256 key's id with HS256", &sealed(&hs, 17, HS256, KID_ES, &least));
    let point = Key::hmac("es", es_x().as_bytes()).unwrap();
    made.bytes("2: HMAC with the public point as secret", &sealed(&point, 17, HS256, KID_ES, &least));
    made.bytes("3: HS256 in COSE_Sign1", &sealed(&hs, 18, HS256, KID_HS, &least));
    made.bytes("3: ES256 in COSE_Mac0", &sealed(&es, 17, ES256, KID_ES, &least));
    made.bytes("3: no CWT tag", &bytes[2..]);
    made.bytes("3: COSE_Encrypt0", &[&[0xd8, 61, 0xd0], &bytes[3..]].concat());
    let unknown = Key::hmac("hs2", &[0x42; 32]).unwrap();
    made.add("4: an unknown kid", &sign(&claims(), &unknown).unwrap(), asked());
    let kid = [&[0xa1, 4, 0x58, 65][..], &[b'k'; 65]].concat();
    made.bytes("4: a kid of 65 bytes", &sealed(&hs, 17, HS256, &kid, &least));
    made.bytes("4: kid as text", &sealed(&hs, 17, HS256, &[0xa1, 4, 0x62, b'h', b's'], &least));
    made.bytes("4: no kid, and several keys of that algorithm", &sealed(&hs, 17, HS256, &[0xa0], &least));
    let stranger = Key::hmac("hs", &[0x41; 32]).unwrap();
    made.add("4: another secret", &sign(&claims(), &stranger).unwrap(), asked());
    let next = sign(&claims(), &key("next")).unwrap();
    made.add("5: a key before its window", &next, asked());
    made.bytes("6: alg unprotected", &sealed(&hs, 17, &[], &[0xa2, 1, 5, 4, 0x42, b'h', b's'], &least));
    made.bytes("6: alg in both headers", &sealed(&hs, 17, HS256, &[0xa2, 1, 5, 4, 0x42, b'h', b's'], &least));
    made.bytes(
        "12: an unknown header parameter",
        &sealed(&hs, 17, &[0xa2, 1, 5, 2, 0x81, 1], KID_HS, &least),
    );
    made.bytes("7: an empty MAC", &[body, &[0x40]].concat());
    made.bytes("7: 16 of its 32 bytes", &[body, &[0x50], &mac[..16]].concat());
    made.bytes("7: a MAC of zeros", &[body, &[0x58, 32], &[0; 32]].concat());
    made.bytes("7: the MAC and one byte more", &[body, &[0x58, 33], mac, &[0]].concat());
    let mut flipped = bytes.clone();
    flipped[body.len() - 5] ^= 1;
    made.bytes("8: one bit of the payload", &flipped);
    made.bytes("8: cut short", &bytes[..bytes.len() - 1]);
    made.add("9: padding", &format!("{good}="), asked());
    made.add("9: white space", &format!("{good}\n"), asked());
    made.add("9: too long", &"A".repeat(4097), asked());
    made.add("9: empty", "", asked());
    made.bytes("10: a byte after the end", &[&bytes[..], &[0]].concat());
    made.bytes("10: a byte after the claims", &payload(&[&least[..], &[0]].concat()));
    made.bytes("10: claims of indefinite length", &payload(&[&[0xbf], &least[1..], &[0xff]].concat()));
    made.bytes(
        "10: a longer encoding than needed",
        &payload(&[&[0xb8, least[0] & 31], &least[1..]].concat()),
    );
    made.bytes(
        "10: a claim twice",
        &with_claim(312, |w| {
            w.map(1).int(3).map(1).int(0).text("/");
        }),
    );
    made.bytes(
        "11: 13 bytes that made another implementation panic",
        &[0xd8, 0x3d, 0xd1, 0x84, 0x41, 0xa0, 0xa1, 1, 0x9a, 0x0f, 0xff, 0xff, 0xff],
    );
    made.bytes("11: 2900 nested arrays, authentic", &payload(&[0x81; 2900]));
    made.bytes("11: a map of 2^32 claims", &payload(&[0xbb, 0, 0, 0, 1, 0, 0, 0, 0]));
    for label in [308, 309, 314, 315, 317, 318, 319, 320, 321, 322, 323, -70_002] {
        made.bytes(
            &format!("12: claim {label} is not enforced"),
            &with_claim(label, |w| {
                w.map(0);
            }),
        );
    }
    made.bytes(
        "12: catv 2",
        &with_claim(310, |w| {
            w.uint(2);
        }),
    );
    made.bytes(
        "12: a regular expression in catu",
        &payload(&uri(3, |w| {
            w.int(4).array(1).text(".*");
        })),
    );
    made.bytes(
        "12: a query in catu",
        &payload(&uri(4, |w| {
            w.int(0).text("a=b");
        })),
    );
    made.bytes(
        "12: SHA-256 as text",
        &payload(&uri(3, |w| {
            w.int(-1).text(&"0".repeat(64));
        })),
    );
    made.bytes(
        "12: an empty prefix",
        &payload(&uri(3, |w| {
            w.int(1).text("");
        })),
    );
    made.bytes(
        "12: an AS number in catnip",
        &with_claim(311, |w| {
            w.array(1).uint(64_496);
        }),
    );
    made.bytes(
        "12: no methods",
        &with_claim(313, |w| {
            w.array(0);
        }),
    );
    made.bytes(
        "12: a subdivision in catgeoiso3166",
        &with_claim(316, |w| {
            w.array(1).text("IN-KA");
        }),
    );
    let mut no_exp = CborWriter::default();
    no_exp.map(1).int(312).map(1).int(3).map(1).int(1).text("/t/INNDA2600001/");
    made.bytes("13: no exp", &payload(&no_exp.finish()));
    let mut no_catu = CborWriter::default();
    no_catu.map(1).int(4).int(NOW + 3600);
    made.bytes("13: no catu", &payload(&no_catu.finish()));
    made.bytes(
        "13: exp negative",
        &with_claim(4, |w| {
            w.int(-1);
        }),
    );
    made.bytes(
        "13: exp 2^63",
        &with_claim(4, |w| {
            w.uint(1 << 63);
        }),
    );
    // a float's head is that of major type 7 with its bits
    for (name, width, bits) in
        [("a float", 8, 1.9e9f64.to_bits()), ("NaN", 2, 0x7e00), ("infinite", 2, 0x7c00)]
    {
        let mut claims = CborWriter::default();
        claims.map(2).int(312).map(1).int(3).map(1).int(1).text("/t/INNDA2600001/").int(4);
        let float = [&[if width == 8 { 0xfb } else { 0xf9 }], &bits.to_be_bytes()[8 - width..]].concat();
        made.bytes(&format!("13: exp {name}"), &payload(&[claims.finish(), float].concat()));
    }
    made.signed("13: valid in 61 s", &Claims { nbf: Some(NOW + 61), ..claims() }, asked());
    made.signed("13: issued in 61 s", &Claims { iat: Some(NOW + 61), ..claims() }, asked());
    made.0
}

/// Claims of exp and one part of catu.
fn uri(part: i64, test: impl FnOnce(&mut CborWriter)) -> Vec<u8> {
    let mut w = CborWriter::default();
    w.map(2).int(4).int(NOW + 3600).int(312).map(1).int(part).map(1);
    test(&mut w);
    w.finish()
}

/// The x coordinate of the ES256 key, as its JWK has it.
fn es_x() -> String {
    let json: Value = serde_json::from_str(&keys().to_json()).unwrap();
    json["keys"][1]["x"].as_str().unwrap().to_owned()
}

fn expired() -> Vec<Vector> {
    let mut made = Made(Vec::new());
    made.signed("13: expired 61 s ago", &Claims { exp: NOW - 61, ..claims() }, asked());
    made.signed("14: expired 60 s ago", &Claims { exp: NOW - 60, ..claims() }, asked());
    made.signed("14: expired 300 s ago", &Claims { exp: NOW - 300, ..claims() }, asked());
    made.add("5: a retired key", &sign(&claims(), &key("retired")).unwrap(), asked());
    made.0
}

fn scope() -> Vec<Vector> {
    let mut made = Made(Vec::new());
    let path = |path: &str| VectorRequest { path: path.into(), ..asked() };
    made.signed("another track", &claims(), path("/t/INNDA2600002/track.json"));
    let prefix = rules(&[(Part::Path, Match::Prefix("/t/INNDA260000".into()))]);
    made.signed("15: a path prefix that ends within a segment", &prefix, asked());
    for odd in [
        "/t/INNDA2600001/../x",
        "/t/INNDA2600001//x",
        "/t/INNDA2600001/%78",
        "/t/INNDA2600001/x;y",
        "/t/INNDA2600001/\\x",
    ] {
        made.signed(&format!("22: {odd} has two readings"), &claims(), path(odd));
    }
    let host = |test| rules(&[(Part::Host, test)]);
    let at = |host: &str, port| VectorRequest { host: host.into(), port, ..asked() };
    let exact = host(Match::Exact("music.example".into()));
    made.signed("16: another host", &exact, at("music.example.evil.test", None));
    made.signed("16: a dot at the end of the host", &exact, at("music.example.", None));
    made.signed("16: a user before the host", &exact, at("u@music.example", None));
    let suffix = host(Match::Suffix("music.example".into()));
    made.signed("16: a host suffix that begins within a name", &suffix, at("evil-music.example", None));
    let port = rules(&[(Part::Port, Match::Exact("443".into()))]);
    made.signed("16: another port", &port, at("music.example", Some(8443)));
    let scheme = rules(&[(Part::Scheme, Match::Exact("https".into()))]);
    made.signed("16: another scheme", &scheme, VectorRequest { scheme: "http".into(), ..asked() });
    let extension = rules(&[(Part::Extension, Match::Exact(".gz".into()))]);
    made.signed("an extension after two dots", &extension, path("/t/INNDA2600001/a.tar.gz"));
    let hash = Sha256::digest(b"/t/INNDA2600001/track.json").into();
    made.signed("the SHA-256 of another path", &rules(&[(Part::Path, Match::Sha256(hash))]), asked());
    let both = rules(&[
        (Part::Path, Match::Prefix("/t/INNDA2600001/".into())),
        (Part::Filename, Match::Exact("track.json".into())),
    ]);
    made.signed("one of two rules", &both, asked());

    let get = Claims { methods: vec!["GET".into()], ..claims() };
    made.signed("17: HEAD with a token for GET", &get, VectorRequest { method: "HEAD".into(), ..asked() });
    made.signed("17: methods have letter case", &get, VectorRequest { method: "get".into(), ..asked() });
    let network = Claims { networks: vec!["192.0.2.0/24".parse().unwrap()], ..claims() };
    for client in ["192.0.3.0", "::ffff:192.0.3.1", "2001:db8::1"] {
        made.signed(
            &format!("18: from {client}"),
            &network,
            VectorRequest { client: Some(client.into()), ..asked() },
        );
    }
    made.signed("18: from an unknown address", &network, VectorRequest { client: None, ..asked() });
    let here = |issuer: Option<&str>, audience: Option<&str>| VectorRequest {
        issuer: issuer.map(Into::into),
        audience: audience.map(Into::into),
        ..asked()
    };
    let named = Claims { iss: Some("shop".into()), aud: vec!["edge-a".into()], ..claims() };
    made.signed("19: another issuer", &named, here(Some("other"), Some("edge-a")));
    made.signed("19: another audience", &named, here(Some("shop"), Some("edge-b")));
    made.signed("19: an audience where none is set", &named, here(Some("shop"), None));
    made.signed("19: no issuer where one is set", &claims(), here(Some("shop"), None));
    made.signed("19: no audience where one is set", &claims(), here(None, Some("edge-a")));
    let india = Claims { countries: vec!["IN".into()], ..claims() };
    made.signed("another country", &india, VectorRequest { country: Some("ID".into()), ..asked() });
    made.signed("an unknown country", &india, VectorRequest { country: None, ..asked() });
    made.0
}

pub(super) type Make = fn() -> Vec<Vector>;

/// One file for each outcome.
pub(super) const FILES: [(&str, Make); 4] =
    [("allowed", allowed), ("token_invalid", invalid), ("token_expired", expired), ("token_scope", scope)];
