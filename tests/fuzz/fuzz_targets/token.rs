//! Tokens, from two sides: as text nobody vouches for, and as a payload under a MAC that holds, since a parser behind
//! a signature must be as patient as the one before it. What is accepted can be signed again and means the same.
#![no_main]

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use libfuzzer_sys::fuzz_target;
use nada_token::{Key, KeySet, TokenRequest, inspect, sign, verify};
use sha2::Sha256;

const SECRET: [u8; 32] = [7; 32];

fuzz_target!(|data: &[u8]| {
    let key = Key::hmac("fuzz", &SECRET).expect("a secret of 32 bytes");
    let keys = KeySet::new(vec![key.clone()]).expect("one key");
    if let Ok(text) = str::from_utf8(data) {
        let _ = inspect(text);
        judge(text, &key, &keys);
    }
    let sealed = sealed(data);
    let _ = inspect(&sealed);
    judge(&sealed, &key, &keys);
});

/// If the token is accepted, its claims survive being signed again, and any request can be judged by them.
fn judge(token: &str, key: &Key, keys: &KeySet) {
    let Ok(claims) = verify(token, keys) else { return };
    let _ = claims.judge(&TokenRequest {
        now: 1_800_000_000,
        method: "GET",
        path: "/t/a/track.json",
        ..TokenRequest::default()
    });
    match sign(&claims, key) {
        Ok(again) => assert_eq!(verify(&again, keys).as_ref(), Ok(&claims)),
        Err(error) => panic!("accepted claims cannot be signed: {error}"),
    }
}

/// A CWT in COSE_Mac0 (RFC 8392 §6, RFC 9052 §6.2) around any payload.
fn sealed(payload: &[u8]) -> String {
    const PROTECTED: [u8; 4] = [0x43, 0xa1, 0x01, 0x05]; // << {alg: HMAC 256/256} >>
    let payload = byte_string(payload);
    let proven = [b"\x84\x64MAC0".as_slice(), &PROTECTED, &[0x40], &payload].concat();
    let mut mac = Hmac::<Sha256>::new_from_slice(&SECRET).expect("HMAC takes any key");
    mac.update(&proven);
    let mac = byte_string(&mac.finalize().into_bytes());
    BASE64URL_NOPAD.encode(&[b"\xd8\x3d\xd1\x84".as_slice(), &PROTECTED, &[0xa0], &payload, &mac].concat())
}

/// A CBOR byte string of up to 65,535 bytes in its shortest encoding (RFC 8949 §4.2.1).
fn byte_string(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    let bytes = &bytes[..usize::from(length)];
    let [high, low] = length.to_be_bytes();
    let head = match length {
        0..24 => vec![0x40 | low],
        24..256 => vec![0x58, low],
        _ => vec![0x59, high, low],
    };
    [head.as_slice(), bytes].concat()
}
