//! Shaka Packager (npm shaka-packager 3.4.2) beside ours: the same ciphertext from the same fragments, and its own output judged.
#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on fails

mod support;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use nada_check::{FolderSource, Severity};
use nada_pipeline::{Execution, Folder, Settings, package};
use nada_protection::{DerivedKeys, KeySource as _, ProtectionTerms, Seed, TierKey};
use support::{ffmpeg, noise, wav};

const SEED: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// The program that npm installed for this processor.
fn packager() -> PathBuf {
    let kind = if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" };
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/node_modules/shaka-packager/bin")
        .join(format!("packager-linux-{kind}"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Packages in `folder` with a key of ours.
fn shaka(folder: &Path, stream: &str, key: &TierKey, more: &[&str]) {
    let keys = format!("label=:key_id={}:key={}", key.id.hex(), hex(key.key.expose()));
    let output = Command::new(packager())
        .current_dir(folder)
        .args([stream, "--enable_raw_key_encryption", "--protection_scheme", "cbcs"])
        .args(["--keys", &keys, "--iv", &hex(key.iv.as_bytes())])
        .args(more)
        .output()
        .expect("these tests need shaka-packager");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The contents of all `mdat` of a file, one behind the other.
fn media(file: &Path) -> Vec<u8> {
    let bytes = fs::read(file).unwrap();
    let (mut rest, mut media) = (bytes.as_slice(), Vec::new());
    while let Some(size) = rest.first_chunk() {
        let (found, after) = rest.split_at(u32::from_be_bytes(*size) as usize);
        if &found[4..8] == b"mdat" {
            media.extend_from_slice(&found[8..]);
        }
        rest = after;
    }
    media
}

#[test]
fn the_ciphertext_of_every_rendition_is_shakas() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("source.wav");
    wav(&source, 44_100, 2, &noise(20 * 44_100 + 77, 0.8));
    let terms: ProtectionTerms = "cbcs,lead=0".parse().unwrap();
    let derived = DerivedKeys::new(Seed::parse(SEED).unwrap());
    let keys = derived.keys(&terms.request("t")).unwrap();
    let protected = Settings { protection: Some(terms.protection("t", &derived)), ..Settings::default() };
    for (name, settings, keys) in
        [("plain", Settings::default(), None), ("ours", protected, Some(keys.clone()))]
    {
        let mut sink = Folder::create(&folder.path().join(name)).unwrap();
        let execution = Execution { keys, ..Execution::default() };
        package(&source, &settings, &execution, &mut sink, &|_| ()).unwrap();
    }
    for rendition in ["heaac2-24", "heaac2-32", "heaac-64", "aac-128", "aac-256", "flac"] {
        let key = if rendition == "flac" { &keys.lossless } else { &keys.lossy };
        let stream = format!("in=plain/{rendition}.mp4,stream=audio,output=shaka-{rendition}.mp4");
        shaka(folder.path(), &stream, key, &["--clear_lead", "0"]);
        let path = |name: &str| folder.path().join(format!("{name}{rendition}.mp4"));
        let [ours, theirs, plain] = ["ours/", "shaka-", "plain/"].map(|name| media(&path(name)));
        assert!(ours.len() > 20_000 && ours.len() == plain.len());
        assert!(ours == theirs, "{rendition}: other bytes than Shaka Packager's");
        assert!(ours != plain, "{rendition}");
    }
}

#[test]
fn what_shaka_encrypts_breaks_no_rule() {
    let folder = tempfile::tempdir().unwrap();
    let derived = DerivedKeys::new(Seed::parse(SEED).unwrap());
    let keys = derived.keys(&"cbcs".parse::<ProtectionTerms>().unwrap().request("t")).unwrap();
    let encode = "-f lavfi -i anoisesrc=d=20:c=pink:a=0.5:s=1:r=44100 -ac 2 -c:a aac -b:a 96k";
    let arguments: Vec<&str> = encode.split(' ').collect();
    let path = folder.path().join("96.mp4");
    ffmpeg(&arguments, &path);
    let stream = "in=96.mp4,stream=audio,init_segment=96/init.mp4,segment_template=96/$Number$.m4s,\
                  playlist_name=96.m3u8,hls_group_id=a,hls_name=main,lang=hi";
    for lead in ["0", "6"] {
        let hls =
            ["--hls_master_playlist_output", "main.m3u8", "--segment_duration", "6", "--clear_lead", lead];
        let systems = ["--protection_systems", "Widevine,PlayReady,CommonSystem"];
        shaka(folder.path(), stream, &keys.lossy, &[&hls[..], &systems].concat());
        let text = fs::read_to_string(folder.path().join("96.m3u8")).unwrap();
        assert!(text.contains("METHOD=SAMPLE-AES") && text.contains("KEYID=0x"), "{text}");
        let mut found: BTreeMap<&str, usize> = BTreeMap::new();
        for finding in nada_check::run("main.m3u8", &mut FolderSource::new(folder.path())) {
            *found.entry(finding.rule.id).or_default() += 1;
            assert!(finding.rule.severity < Severity::Error, "{finding:?}");
        }
        // as without encryption: a target duration of 7 s, no loudness, an edit list; and that samples are not looked into
        let expected = BTreeMap::from([("H316", 1), ("H417", 1), ("H418", 1), ("H419", 1)]);
        assert_eq!(found, expected, "lead {lead}");
    }
}
