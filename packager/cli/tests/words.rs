//! What others wrote, in what is printed: no line begins with it, and neither a terminal nor a runner obeys it.
#![allow(clippy::unwrap_used)]

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

/// Commands to a runner, to a terminal, and to the order of what stands beside them.
const HOSTILE: &str =
    "x\n::add-mask::a\r::set-output name=b::c\u{1b}[2J\u{9b}1m\u{7f}\u{202e}\u{2066}\u{2028}y";

fn nada(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_nada"))
        .args(args)
        .current_dir(folder)
        .env_remove("NADA_KEYS")
        .output()
        .unwrap()
}

/// What was printed, which commands nobody; `told` is in it, so that there was something to print.
fn harmless(output: &Output, expected: &str) {
    let output_text = String::from_utf8([&output.stdout[..], &output.stderr].concat()).unwrap();
    for line in output_text.lines() {
        let unseen = |c: char| {
            c.is_control()
                || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        assert!(!line.contains(unseen), "{line:?}");
        assert!(!line.trim_start().starts_with("::"), "{line:?}");
    }
    assert!(output_text.contains(expected), "{output_text:?}");
}

/// As a string of TOML or JSON.
fn escaped(text: &str) -> String {
    text.chars().fold("\"".to_owned(), |all, c| match u32::from(c) {
        code @ (..=0x1f | 0x7f..) => format!("{all}\\u{code:04x}"),
        _ => all + &c.to_string(),
    }) + "\""
}

#[test]
fn releases_and_keys_command_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let name = HOSTILE.replace('/', "");
    let album = at.join(&name);
    fs::create_dir(&album).unwrap();
    let hostile = escaped(HOSTILE);
    let head = "[release]\nid = \"r\"\ntitle = \"R\"\nterritories = [\"*\"]\n";
    let track = "[[track]]\nid = \"t\"\ntitle = \"T\"\nartists = [\"A\"]\n";
    for toml in [
        format!("{head}{hostile} = 1\n"),
        format!("{head}[{hostile}]\na = 1\n"),
        format!("{head}{track}audio = {hostile}\n"),
        format!("[release]\nid = {hostile}\n"),
        format!("{}{track}audio = \"a\"\n", head.replace("\"*\"", &hostile)),
        format!("{}{track}audio = \"a\"\n", head.replace("\"R\"", &hostile)),
        format!("{head}{track}audio = \"a\"\nlyrics = [{hostile}]\n"),
        format!("{head}\n{HOSTILE}\n"),
    ] {
        fs::write(album.join("release.toml"), &toml).unwrap();
        let path = album.join("release.toml");
        let path = path.to_str().unwrap();
        for json in [&["publish", path, "--to", "s3://b"][..], &["publish", path, "--to", "s3://b", "--json"]]
        {
            let output = nada(at, json);
            assert_eq!(output.status.code(), Some(65), "{toml}");
            harmless(&output, "release.toml");
            if json.len() > 4 {
                let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
                let message = report["error"]["message"].as_str().unwrap();
                assert!(!message.contains(char::is_control), "{message:?}");
            }
        }
    }
    for keys in [
        format!("{{{hostile}: 1}}"),
        format!("{{\"keys\": [{{\"kty\": {hostile}}}]}}"),
        format!("{{\"keys\": [{{\"kty\": \"oct\", \"kid\": {hostile}, \"k\": 1}}]}}"),
        format!("{{\"keys\": {hostile}}}"),
    ] {
        fs::write(at.join("keys.json"), keys).unwrap();
        harmless(&nada(at, &["sign", "t", "--keys", "keys.json"]), "keys.json");
    }
    harmless(&nada(at, &["sign", "t", "--keys", HOSTILE]), "keys: x\\n::add-mask");
    harmless(&nada(at, &["lyrics", "check", HOSTILE]), "x\\n::add-mask");
    harmless(&nada(at, &["package", HOSTILE, "--out", "o"]), "x\\n::add-mask");
}

#[test]
fn playlists_command_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let hostile = HOSTILE.replace(['\n', '\r'], "");
    let text = format!(
        "#EXTM3U\n#EXT-X-VERSION:{hostile}\n#EXT-X-{hostile}:1\n#EXT-X-MEDIA:TYPE={hostile},NAME=\"{hostile}\"\n\
         #EXT-X-STREAM-INF:BANDWIDTH={hostile},{hostile}=1\n{hostile}.m3u8\n::add-mask::b\n"
    );
    fs::write(at.join(HOSTILE), &text).unwrap();
    fs::write(at.join("a.m3u8"), &text).unwrap();
    for what in [HOSTILE, "a.m3u8"] {
        harmless(&nada(at, &["check", what]), "error H1");
        let output = nada(at, &["check", what, "--json"]);
        harmless(&output, "H1");
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(!report["findings"].as_array().unwrap().is_empty());
    }
}
