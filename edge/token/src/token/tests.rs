use super::*;
use crate::cbor::CborFault;
use crate::key::Algorithm;
use crate::uri::{Match, Part, UriRule};
use data_encoding::{BASE64, BASE64URL, BASE64URL_NOPAD, HEXLOWER};
use ipnet::IpNet;
use proptest::prelude::*;
use std::net::IpAddr;

fn key(algorithm: Algorithm, kid: &str) -> Key {
    Key::generate(algorithm, kid, [0x42; 32]).unwrap()
}

fn set(keys: &[Key]) -> KeySet {
    KeySet::new(keys.to_vec()).unwrap()
}

fn both() -> KeySet {
    set(&[key(Algorithm::Hs256, "h"), key(Algorithm::Es256, "e")])
}

fn claims() -> Claims {
    Claims {
        iat: Some(1_799_999_999),
        countries: vec!["IN".into()],
        sub: Some("listener".into()),
        ceiling: Some(128_000),
        ..Claims::for_track("INNDA2600001", 1_800_003_600)
    }
}

fn hmac() -> KeySet {
    set(&[key(Algorithm::Hs256, "h")])
}

fn from_hex(hex: &str) -> String {
    BASE64URL_NOPAD.encode(&HEXLOWER.decode(hex.as_bytes()).unwrap())
}

fn invalid(reason: Reason) -> Result<Claims, Refusal> {
    Err(Refusal::Invalid(reason))
}

#[test]
fn both_algorithms_round_trip() {
    for (algorithm, kid) in [(Algorithm::Hs256, "h"), (Algorithm::Es256, "e")] {
        let token = sign(&claims(), &key(algorithm, kid)).unwrap();
        assert_eq!(verify(&token, &both()), Ok(claims()));
        assert_eq!(sign(&claims(), &key(algorithm, kid)).unwrap(), token, "deterministic");
    }
}

/// Made by npm `@eyevinn/cat` 0.16.4 under the key of its documentation.
#[test]
fn a_token_of_another_implementation() {
    let token = "2D3RhEOhAQWhBExTeW1tZXRyaWMyNTZYl6wBZG5hZGECamxpc3RlbmVyLTEDgWRlZGdlBBp3NZQABRplU_EABhplU_EAB0ILcR\
                 kBN4PYNETAAAIH2DaCGCBQIAENuAAAAAAAAAAAAAAAANg0ghgYRMYzZAAZATiiAKEAZWh0dHBzA6EBcC90L0lOTkRBMjYwMDAwMS8ZATmC\
                 Y0dFVGRIRUFEGQE8gmJJTmJJRBkBNgFYIK0LzWG2A66mh12cJGixPONtsiRf1tGmliIZUC8Ylc89";
    let secret =
        HEXLOWER.decode(b"403697de87af64611c1d32a05dab0fe1fcb715a86ab435f1ec99192d79569388").unwrap();
    let keys = set(&[Key::hmac("Symmetric256", &secret).unwrap()]);
    let rule = |part, test| UriRule { part, test };
    let expected = Claims {
        exp: 2_000_000_000,
        nbf: Some(1_700_000_000),
        iat: Some(1_700_000_000),
        iss: Some("nada".into()),
        sub: Some("listener-1".into()),
        aud: vec!["edge".into()],
        cti: Some(vec![0x0b, 0x71]),
        uri: vec![
            rule(Part::Scheme, Match::Exact("https".into())),
            rule(Part::Path, Match::Prefix("/t/INNDA2600001/".into())),
        ],
        methods: vec!["GET".into(), "HEAD".into()],
        countries: vec!["IN".into(), "ID".into()],
        networks: ["192.0.2.7/32", "2001:db8::/32", "198.51.100.0/24"].map(|n| n.parse().unwrap()).to_vec(),
        ceiling: None,
    };
    assert_eq!(verify(token, &keys), Ok(expected));
}

#[test]
fn threat_2_an_algorithm_belongs_to_its_key() {
    // the public point as HMAC secret
    let ec = key(Algorithm::Es256, "k");
    let point = KeySet::new(vec![ec.verifying_half()]).unwrap().to_json();
    let x = point.split("\"x\": \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let forged = sign(&claims(), &Key::hmac("k", x.as_bytes()).unwrap()).unwrap();
    assert_eq!(verify(&forged, &set(&[ec.verifying_half()])), invalid(Reason::Algorithm));
    let hmac = Key::hmac("k", x.as_bytes()).unwrap();
    let signed = sign(&claims(), &ec).unwrap();
    assert_eq!(verify(&signed, &set(&[hmac])), invalid(Reason::Algorithm));
}

#[test]
fn threats_4_and_5_keys() {
    let token = sign(&claims(), &key(Algorithm::Hs256, "h")).unwrap();
    assert_eq!(verify(&token, &set(&[key(Algorithm::Hs256, "g")])), invalid(Reason::Key));
    let other = Key::hmac("h", &[0x43; 32]).unwrap();
    assert_eq!(verify(&token, &set(&[other])), invalid(Reason::Signature));
    // a token lives within its key's window
    let exp = claims().exp;
    let within = |nbf, exp| {
        let key = key(Algorithm::Hs256, "h").with_window(nbf, exp).unwrap();
        verify(&token, &set(&[key])).map(|claims| (claims.nbf, claims.exp)).unwrap()
    };
    assert_eq!(within(None, None), (None, exp));
    assert_eq!(within(Some(5), Some(exp + 1)), (Some(5), exp));
    assert_eq!(within(Some(5), Some(exp - 1)), (Some(5), exp - 1));
    assert_eq!(within(None, Some(1)), (None, 1));
}

#[test]
fn threat_7_macs_of_another_length() {
    let token = sign(&claims(), &key(Algorithm::Hs256, "h")).unwrap();
    let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).unwrap();
    let body = bytes.strip_suffix(bytes.last_chunk::<34>().unwrap()).unwrap();
    let with = |mac: &[u8]| {
        let head = if mac.len() < 24 { vec![0x40 | mac.len() as u8] } else { vec![0x58, mac.len() as u8] };
        verify(&BASE64URL_NOPAD.encode(&[body, &head, mac].concat()), &hmac())
    };
    let mac = bytes.last_chunk::<32>().unwrap();
    assert_eq!(with(mac), Ok(claims()));
    for n in 0..32 {
        assert_eq!(with(&mac[..n]), invalid(Reason::Signature), "{n} bytes");
        assert_eq!(with(&mac[32 - n..]), invalid(Reason::Signature), "last {n} bytes");
    }
    assert_eq!(with(&[0; 32]), invalid(Reason::Signature));
    assert_eq!(with(&[mac, &[0][..]].concat()), invalid(Reason::Signature));
    assert_eq!(with(&[0; 65]), invalid(Reason::Cbor(CborFault::Limit)));
}

#[test]
fn threat_8_every_flipped_bit_and_every_cut() {
    let keys = both();
    for (algorithm, kid) in [(Algorithm::Hs256, "h"), (Algorithm::Es256, "e")] {
        let token = sign(&claims(), &key(algorithm, kid)).unwrap();
        let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).unwrap();
        // ECDSA is slow in a debug build: every 31st bit there
        let step = if algorithm == Algorithm::Es256 { 31 } else { 1 };
        for bit in (0..bytes.len() * 8).step_by(step) {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let refused = verify(&BASE64URL_NOPAD.encode(&flipped), &keys);
            assert!(matches!(refused, Err(Refusal::Invalid(_))), "bit {bit}: {refused:?}");
        }
        for n in 0..token.len() {
            assert!(matches!(verify(&token[..n], &keys), Err(Refusal::Invalid(_))), "{n} characters");
        }
        for n in 0..bytes.len() {
            let refused = verify(&BASE64URL_NOPAD.encode(&bytes[..n]), &keys);
            assert!(matches!(refused, Err(Refusal::Invalid(_))), "{n} bytes");
        }
    }
}

#[test]
fn threat_9_one_text_per_token() {
    let token = (0..3)
        .map(|n| {
            sign(&Claims { sub: Some("s".repeat(n + 1)), ..claims() }, &key(Algorithm::Hs256, "h")).unwrap()
        })
        .find(|token| token.len() % 4 == 2)
        .unwrap();
    let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).unwrap();
    assert!(verify(&token, &hmac()).is_ok());
    let (last, rest) = (token.chars().last().unwrap(), &token[..token.len() - 1]);
    assert_ne!(BASE64.encode(&bytes), BASE64URL.encode(&bytes), "the alphabets differ on this token");
    for variant in [
        BASE64URL.encode(&bytes),
        BASE64.encode(&bytes).trim_end_matches('=').to_owned(),
        format!(" {token}"),
        format!("{token}\n"),
        format!("{}\n{}", &token[..8], &token[8..]),
        format!("{token}="),
        format!("{rest}{}", char::from(last as u8 + 1)),
        format!("{token}%3D"),
        format!("{token}\u{0}"),
    ] {
        assert_eq!(verify(&variant, &hmac()), invalid(Reason::Base64), "{variant:?}");
    }
    assert_eq!(verify(&"A".repeat(4097), &hmac()), invalid(Reason::TooLong));
    assert_eq!(verify("", &hmac()), invalid(Reason::Envelope));
}

/// An authentic token of any payload.
fn sealed(payload: &[u8]) -> String {
    BASE64URL_NOPAD.encode(&seal_cwt(payload, &key(Algorithm::Hs256, "h")).unwrap())
}

#[test]
fn threat_10_authentic_but_not_canonical() {
    let payload = claims().encode();
    assert_eq!(verify(&sealed(&payload), &hmac()), Ok(claims()));
    let trailing = [&payload[..], &[0]].concat();
    assert_eq!(verify(&sealed(&trailing), &hmac()), invalid(Reason::Cbor(CborFault::Trailing)));
    let indefinite = [&[0xbf], &payload[1..], &[0xff]].concat();
    assert_eq!(verify(&sealed(&indefinite), &hmac()), invalid(Reason::Cbor(CborFault::Indefinite)));
    let longer = [&[0xb8, payload[0] & 31], &payload[1..]].concat();
    assert_eq!(verify(&sealed(&longer), &hmac()), invalid(Reason::Cbor(CborFault::NotShortest)));
    assert_eq!(verify(&sealed(&[0xf6]), &hmac()), invalid(Reason::Cbor(CborFault::Type)));
    assert_eq!(verify(&sealed(&[]), &hmac()), invalid(Reason::Cbor(CborFault::Truncated)));
}

#[test]
fn threat_11_bombs() {
    // 13 bytes that made another implementation panic
    assert_eq!(verify(&from_hex("d83dd18441a0a1019a0fffffff"), &hmac()), invalid(Reason::Header));
    for bomb in [
        vec![0x81; 3000],
        [&[0xd8, 61][..], &[0x81; 3000]].concat(),
        vec![0xd8; 3000],
        vec![0xc6; 3000],
        [&[0xd8, 61, 0xd1][..], &[0x81; 3000]].concat(),
        [&[0xd8, 61, 0xd1, 0x84, 0x5b][..], &[0xff; 8]].concat(),
        [&[0xd8, 61, 0xd1, 0x84, 0x43, 0xa1, 1, 5, 0xbb][..], &[0xff; 8]].concat(),
        [&[0xd8, 61, 0xd1, 0x84, 0x43, 0xa1, 1, 5, 0xa1, 4][..], &[0x81; 3000]].concat(),
        [&[0xd8, 61, 0xd1, 0x9b][..], &[0xff; 8]].concat(),
    ] {
        let refused = verify(&BASE64URL_NOPAD.encode(&bomb), &hmac());
        assert!(matches!(refused, Err(Refusal::Invalid(_))), "{refused:?}");
    }
    // the same, authentic
    for payload in [vec![0x81; 2900], [&[0xa1, 0x19, 1, 0x38][..], &[0xa1; 2900]].concat()] {
        assert!(matches!(verify(&sealed(&payload), &hmac()), Err(Refusal::Invalid(_))));
        assert!(crate::inspect(&sealed(&payload)).is_err());
    }
}

#[test]
fn the_payload_is_not_read_before_the_mac() {
    let mut token = seal_cwt(&[0xbf], &key(Algorithm::Hs256, "h")).unwrap();
    assert_eq!(
        verify(&BASE64URL_NOPAD.encode(&token), &hmac()),
        invalid(Reason::Cbor(CborFault::Indefinite))
    );
    *token.last_mut().unwrap() ^= 1;
    assert_eq!(verify(&BASE64URL_NOPAD.encode(&token), &hmac()), invalid(Reason::Signature));
}

#[test]
fn what_verify_would_refuse_is_not_signed() {
    let key = key(Algorithm::Hs256, "h");
    let refused = |claims: Claims| sign(&claims, &key).unwrap_err();
    assert_eq!(refused(Claims { uri: vec![], ..claims() }), SignError::Claims(Reason::Missing("catu")));
    assert_eq!(refused(Claims { exp: -1, ..claims() }), SignError::Claims(Reason::Claim("exp")));
    let country = Claims { countries: vec!["India".into()], ..claims() };
    assert_eq!(refused(country), SignError::Claims(Reason::Cbor(CborFault::Limit)));
    let long = Claims { countries: vec!["IN".into(); 256], networks: vec![wide(); 64], ..claims() };
    let long = Claims { aud: vec!["a".repeat(256); 8], ..long };
    assert!(matches!(refused(long), SignError::TooLong(n) if n > MAX_TOKEN_CHARS));
    let rule = claims().uri.remove(0);
    let twice = Claims { uri: vec![rule.clone(), rule], ..claims() };
    assert_eq!(refused(twice), SignError::Claims(Reason::Cbor(CborFault::Duplicate)));
    let public = self::key(Algorithm::Es256, "e").verifying_half();
    assert_eq!(sign(&claims(), &public), Err(SignError::Key("e".into())));
}

fn wide() -> IpNet {
    "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff/128".parse().unwrap()
}

fn any_rules() -> impl Strategy<Value = Vec<UriRule>> {
    let test = prop_oneof![
        "[!-~]{0,20}".prop_map(Match::Exact),
        "[!-~]{1,20}".prop_map(Match::Prefix),
        "[!-~]{1,20}".prop_map(Match::Suffix),
        any::<[u8; 32]>().prop_map(Match::Sha256),
    ];
    let parts = [Part::Scheme, Part::Host, Part::Port, Part::Path, Part::Filename, Part::Extension];
    // at most one rule a part, in the order of the parts
    prop::collection::vec(prop::option::of(test), 6)
        .prop_map(move |tests| {
            let rules = parts.into_iter().zip(tests);
            rules.filter_map(|(part, test)| test.map(|test| UriRule { part, test })).collect::<Vec<_>>()
        })
        .prop_filter("catu is mandatory", |rules| !rules.is_empty())
}

fn any_claims() -> impl Strategy<Value = Claims> {
    let time = 0..=1i64 << 53;
    let text = "[a-zA-Z0-9 ä-ü०-९]{1,30}";
    let network = (any::<IpAddr>(), 0u8..=128)
        .prop_map(|(ip, bits)| IpNet::new(ip, if ip.is_ipv4() { bits % 33 } else { bits }).unwrap().trunc());
    let country = "[A-Z]{2}".prop_filter("unknown", |c| c != "XX");
    (
        (time.clone(), prop::option::of(time.clone()), prop::option::of(time)),
        (prop::option::of(text), prop::option::of(text), prop::collection::vec(text, 0..8)),
        prop::option::of(prop::collection::vec(any::<u8>(), 1..64)),
        any_rules(),
        prop::collection::vec("[A-Z]{1,16}", 0..8),
        prop::collection::vec(country, 0..40),
        prop::collection::vec(network, 0..20),
        prop::option::of(any::<u64>()),
    )
        .prop_map(
            |((exp, nbf, iat), (iss, sub, aud), cti, uri, methods, countries, networks, ceiling)| Claims {
                exp,
                nbf,
                iat,
                iss,
                sub,
                aud,
                cti,
                uri,
                methods,
                countries,
                networks,
                ceiling,
            },
        )
}

proptest! {
    #[test]
    fn what_is_signed_is_read_back(claims in any_claims()) {
        let token = sign(&claims, &key(Algorithm::Hs256, "h")).unwrap();
        prop_assert_eq!(verify(&token, &hmac()), Ok(claims.clone()));
        let inspection = crate::inspect(&token).unwrap();
        prop_assert_eq!(inspection.refused, None);
        prop_assert_eq!(&inspection.claims["exp"], claims.exp);
    }

    #[test]
    fn threat_8_any_change_is_refused(claims in any_claims(), at in any::<prop::sample::Index>(), mask in 1u8..) {
        let token = sign(&claims, &key(Algorithm::Hs256, "h")).unwrap();
        let mut bytes = BASE64URL_NOPAD.decode(token.as_bytes()).unwrap();
        let i = at.index(bytes.len());
        bytes[i] ^= mask;
        prop_assert!(verify(&BASE64URL_NOPAD.encode(&bytes), &hmac()).is_err());
        prop_assert!(verify(&token[..at.index(token.len())], &hmac()).is_err());
        let mut chars = token.clone().into_bytes();
        let i = at.index(chars.len());
        chars[i] = (chars[i] ^ mask) & 0x7f;
        let changed = String::from_utf8(chars).unwrap();
        prop_assert!(changed == token || verify(&changed, &hmac()).is_err());
    }

    #[test]
    fn nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let raw = BASE64URL_NOPAD.encode(&bytes);
        prop_assert!(verify(&raw, &hmac()).is_err());
        let _ = crate::inspect(&raw);
        // authentic nonsense reaches the claims
        let _ = crate::inspect(&sealed(&bytes));
        if let Ok(claims) = verify(&sealed(&bytes), &hmac()) {
            prop_assert_eq!(claims.encode().len(), bytes.len());
        }
    }
}
