//! `edge/token/examples`: what they mint is what we would have minted, to the byte.

use std::{path::Path, process::Command};

use nada_token::{Claims, KeySet, TokenRequest, sign, verify};

use crate::{key, node, now, tests};

/// Runs an example as its first lines say; the claims of the token it minted.
fn minted(program: &Path, example: &str, more: &[&str]) -> Claims {
    let folder = tempfile::tempdir().unwrap();
    let retired = nada_token::Key::hmac("retired", &[1; 32]).unwrap().with_window(None, Some(1)).unwrap();
    let keys = KeySet::new(vec![retired, key()]).unwrap();
    let file = folder.path().join("keys.json");
    std::fs::write(&file, keys.to_json()).unwrap();
    let before = now();
    let output = Command::new(program)
        .arg(tests().join("../edge/token/examples").join(example))
        .arg(&file)
        .args(["INNDA2600001", "3600"])
        .args(more)
        .output()
        .unwrap_or_else(|e| panic!("{} does not start: {e}", program.display()));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let stdout = String::from_utf8(output.stdout).unwrap();
    let (token, path) = stdout.trim().strip_prefix("/~").unwrap().split_once('/').unwrap();
    assert_eq!(path, "t/INNDA2600001/multivariant.m3u8");
    let claims = verify(token, &keys).unwrap_or_else(|e| panic!("{example}: {e}"));
    assert_eq!(sign(&claims, &key()).unwrap(), token, "{example}: to the byte");

    let issued = claims.iat.unwrap();
    assert!((before..=now()).contains(&issued) && claims.exp == issued + 3600, "{claims:?}");
    assert_eq!(claims.cti.as_ref().map(Vec::len), Some(16));
    let asked = TokenRequest {
        now: issued,
        method: "GET",
        scheme: "https",
        host: "music.example",
        path: "/t/INNDA2600001/multivariant.m3u8",
        country: Some("IN"),
        ..TokenRequest::default()
    };
    assert_eq!(claims.judge(&asked), Ok(()));
    assert!(claims.judge(&TokenRequest { path: "/t/INNDA2600002/track.json", ..asked }).is_err());
    claims
}

fn mints(program: &Path, example: &str) {
    let anywhere = minted(program, example, &[]);
    let two = minted(program, example, &["IN", "ID"]);
    assert!(anywhere.countries.is_empty());
    assert_eq!(two.countries, ["IN", "ID"]);
    assert_ne!(anywhere.cti, two.cti);
    // 26 countries need a longer head
    let many: Vec<String> = (b'A'..=b'Z').map(|c| format!("I{}", char::from(c))).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(minted(program, example, &many).countries, many);
}

#[test]
fn node_mints() {
    mints(&node(), "mint.mjs");
}

#[test]
fn python_mints() {
    mints(Path::new("python3"), "mint.py");
}
