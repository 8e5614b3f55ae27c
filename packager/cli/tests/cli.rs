//! The command line as a shell sees it: outputs, messages, exit codes.
#![allow(clippy::unwrap_used)]

use std::{
    fs,
    net::TcpListener,
    path::Path,
    process::{Command, Output},
};

fn nada(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_nada"))
        .args(args)
        .current_dir(folder)
        .env_remove("NADA_KEYS")
        .output()
        .unwrap()
}

fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The exit code, and the last line for people.
fn refused(output: &Output) -> (i32, String) {
    let text = String::from_utf8_lossy(&output.stderr);
    (output.status.code().unwrap(), text.lines().last().unwrap_or_default().to_owned())
}

#[test]
fn keys_sign_urls_and_inspect_reads_them() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::write(at.join("keys.json"), stdout(&nada(at, &["token", "keygen"]))).unwrap();
    let url = stdout(&nada(
        at,
        &[
            "sign",
            "INNDA2600001",
            "--keys",
            "keys.json",
            "--ttl",
            "45m",
            "--country",
            "IN",
            "--max-rendition",
            "heaac-64",
        ],
    ));
    assert!(url.starts_with("http://127.0.0.1:8080/~"), "{url}");
    assert!(url.ends_with("/t/INNDA2600001/multivariant.m3u8\n"), "{url}");
    let shown = stdout(&nada(at, &["token", "inspect", url.trim(), "--keys", "keys.json"]));
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["signature"], "holds", "{shown}");

    let rotated = stdout(&nada(at, &["token", "keygen", "--kid", "next", "--add-to", "keys.json"]));
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&rotated).unwrap()["keys"].as_array().unwrap().len(),
        2
    );
}

#[test]
fn what_is_wrong_is_said_in_one_line_with_its_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::write(at.join("noise.wav"), [0; 4096]).unwrap();
    fs::write(at.join("bad.hi.lrc"), "[00:01.00]ok\n[00:xx.00]no\n").unwrap();
    fs::write(at.join("release.toml"), "[release]\nid = \"a b\"\n").unwrap();
    fs::create_dir(at.join("full")).unwrap();
    fs::write(at.join("full/thing"), "mine").unwrap();
    for (args, code, said) in [
        (vec!["sign", "T1"], 65, "no keys"),
        (vec!["sign", "T1", "--keys", "absent.json"], 65, "absent.json"),
        (vec!["sign", "a/b"], 2, ""),
        (vec!["package", "noise.wav", "--out", "new"], 65, "noise.wav"),
        (vec!["package", "absent.flac", "--out", "new"], 65, "absent.flac"),
        (vec!["package", "noise.wav", "--out", "full"], 73, "full is not empty"),
        (vec!["lyrics", "check", "absent.hi.lrc"], 65, "absent.hi.lrc"),
        (vec!["lyrics", "check", "bad.hi.lrc", "--strict"], 65, "bad.hi.lrc"),
        (vec!["publish", "release.toml", "--to", "s3://b"], 65, "release.toml:2:"),
        (vec!["publish", "release.toml", "--to", "b"], 2, ""),
    ] {
        let (found, line) = refused(&nada(at, &args));
        assert_eq!(found, code, "{args:?}: {line}");
        assert!(line.contains(said), "{args:?}: {line}");
    }
    assert!(!at.join("new").exists(), "nothing half is left behind");
    let left: Vec<_> = fs::read_dir(at).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 4, "{left:?}");
}

#[test]
fn lyrics_convert_and_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let song = concat!(env!("CARGO_MANIFEST_DIR"), "/demo/songs/kabir-dohe/01.hi.lrc");
    let elrc = stdout(&nada(at, &["lyrics", "convert", song, "--to", "elrc"]));
    fs::write(at.join("again.hi.lrc"), &elrc).unwrap();
    assert_eq!(stdout(&nada(at, &["lyrics", "convert", "again.hi.lrc", "--to", "elrc"])), elrc);
    assert!(stdout(&nada(at, &["lyrics", "convert", song, "--to", "vtt"])).starts_with("WEBVTT"));
    assert!(stdout(&nada(at, &["lyrics", "check", song])).contains("timed by word"));
}

#[test]
fn a_song_is_decoded_in_a_child_that_nobody_sees() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    // four channels of 16 bits, a second and a half long
    let mut song =
        b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\x01\0\x04\0\x80\xbb\0\0\0\xdc\x05\0\x08\0\x10\0data"
            .to_vec();
    song.extend(576_000_u32.to_le_bytes());
    song.extend((0..288_000_u32).flat_map(|i| ((i.wrapping_mul(2_654_435_761) >> 20) as u16).to_le_bytes()));
    fs::write(at.join("-song.wav"), &song).unwrap();
    let packaged =
        stdout(&nada(at, &["package", "--out", "song", "--ladder", "aac-64", "--json", "--", "-song.wav"]));
    let packaged: serde_json::Value = serde_json::from_str(&packaged).unwrap();
    assert_eq!(packaged["timeline"]["samples"], 72_000, "{packaged}");
    assert!(packaged["notices"][0].as_str().unwrap().contains("4 channels"), "{packaged}");

    fs::write(at.join("-song.wav"), &song[..300_000]).unwrap();
    let (code, said) = refused(&nada(at, &["package", "--out", "half", "--", "-song.wav"]));
    assert_eq!(code, 65, "{said}");
    assert!(said.contains("-song.wav: broken at byte 299996"), "{said}");

    // the child's command is no secret, and no part of the help
    assert!(!stdout(&nada(at, &["--help"])).contains("decode"));
    let child = nada(at, &["decode-source", "-song.wav"]);
    assert_eq!(child.status.code(), Some(2), "{child:?}");
    let child = nada(at, &["decode-source", "./-song.wav"]);
    assert_eq!(child.stdout.first(), Some(&b'F'), "{child:?}");
}

#[test]
fn the_demo_packages_serves_and_verifies_everything_once_and_starts_again_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let once = ["demo", "--once", "--json", "--port", "0", "--dir", "data"];
    let first: serde_json::Value = serde_json::from_str(&stdout(&nada(at, &once))).unwrap();
    let songs = first["songs"].as_array().unwrap();
    assert_eq!(songs.len(), 3, "{first}");
    assert!(songs.iter().all(|song| song["verified"]["segments"].as_u64().unwrap() >= 20), "{first}");
    let stored = |at: &Path| {
        fs::metadata(at.join("data/s3/releases/releases/kabir-dohe.json")).unwrap().modified().unwrap()
    };
    let before = stored(at);
    let second: serde_json::Value = serde_json::from_str(&stdout(&nada(at, &once))).unwrap();
    assert_eq!(first, second);
    assert_eq!(stored(at), before, "the second start writes nothing");

    fs::create_dir(at.join("data/songs/broken")).unwrap();
    fs::write(at.join("data/songs/broken/noise.flac"), "no music").unwrap();
    let release = "[release]\nid = \"broken\"\ntitle = \"B\"\nterritories = [\"*\"]\n\n\
                   [[track]]\nid = \"B1\"\ntitle = \"B\"\nartists = [\"B\"]\naudio = \"noise.flac\"\n";
    fs::write(at.join("data/songs/broken/release.toml"), release).unwrap();
    let (code, line) = refused(&nada(at, &once));
    assert_eq!(code, 65, "{line}");
    assert!(line.contains("noise.flac"), "{line}");
}

#[test]
fn the_demo_says_what_keeps_it_from_starting() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (code, line) = refused(&nada(at, &["demo", "--port", &port]));
    assert_eq!(code, 69, "{line}");
    assert!(line.contains(&port) && line.contains("--port"), "{line}");

    // what root meets as others meet a read-only folder
    fs::write(at.join("file"), "").unwrap();
    let (code, line) = refused(&nada(at, &["demo", "--port", "0", "--dir", "file/data"]));
    assert_eq!(code, 73, "{line}");
    assert!(line.contains("file/data"), "{line}");
}
