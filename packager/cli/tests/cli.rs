//! The command line as a shell sees it: outputs, messages, exit codes.
#![allow(clippy::unwrap_used)]

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Command, Output},
    thread,
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
    assert_eq!((&shown["verified"], &shown["signature"]), (&true.into(), &"holds".into()), "{shown}");
    fs::write(at.join("others.json"), stdout(&nada(at, &["token", "keygen"]))).unwrap();
    let shown = stdout(&nada(at, &["token", "inspect", url.trim(), "--keys", "others.json"]));
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["verified"], false, "{shown}");
    assert!(shown["signature"].as_str().unwrap().starts_with("refused: "), "{shown}");
    let shown = stdout(&nada(at, &["token", "inspect", url.trim()]));
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!((&shown["verified"], shown.get("signature")), (&false.into(), None), "{shown}");

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
    for (args, code, expected) in [
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
        assert!(line.contains(expected), "{args:?}: {line}");
    }
    assert!(!at.join("new").exists(), "nothing half is left behind");
    let left: Vec<_> = fs::read_dir(at).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 4, "{left:?}");
}

#[test]
fn lyrics_convert_and_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let lyrics = concat!(env!("CARGO_MANIFEST_DIR"), "/demo/releases/kabir-dohe/01.hi.lrc");
    let elrc = stdout(&nada(at, &["lyrics", "convert", lyrics, "--to", "elrc"]));
    fs::write(at.join("again.hi.lrc"), &elrc).unwrap();
    assert_eq!(stdout(&nada(at, &["lyrics", "convert", "again.hi.lrc", "--to", "elrc"])), elrc);
    assert!(stdout(&nada(at, &["lyrics", "convert", lyrics, "--to", "vtt"])).starts_with("WEBVTT"));
    assert!(stdout(&nada(at, &["lyrics", "check", lyrics])).contains("timed by word"));
}

#[test]
fn lyrics_are_checked_against_the_length_of_their_track() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::write(at.join("song.hi.lrc"), "[00:01.00]one\n[00:04.50]two\n").unwrap();
    let check = |more: &[&str]| nada(at, &[&["lyrics", "check", "song.hi.lrc", "--strict"], more].concat());
    for enough in ["4.6s", "00:00:04.6", "3m14.5s"] {
        assert!(stdout(&check(&["--length", enough])).starts_with("song.hi.lrc: 2 lines in hi"), "{enough}");
    }
    let short = check(&["--length", "4.5s"]);
    let stderr = String::from_utf8_lossy(&short.stderr).into_owned();
    let wanted =
        "nada: warning: song.hi.lrc: lyrics in hi: lines with times outside the track: 1, the first \"two\"";
    assert!(short.status.code() == Some(65) && stderr.starts_with(wanted), "{stderr}");
    assert_eq!(check(&["--length", "4.5"]).status.code(), Some(2), "4.5 of what?");
}

#[test]
fn lyrics_of_several_layers() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::write(
        at.join("song.ttml"),
        "<tt xml:lang=\"hi\"><head><translation xml:lang=\"en\"><text for=\"L1\">one</text></translation></head>\
         <body><div itunes:song-part=\"Verse\"><p begin=\"1\" end=\"2\" itunes:key=\"L1\">\
         <span begin=\"1\" end=\"1.5\">एक</span></p></div></body></tt>",
    )
    .unwrap();
    let checked = stdout(&nada(at, &["lyrics", "check", "song.ttml", "--strict"]));
    assert_eq!(checked, "song.ttml: 1 lines in hi, timed by word\nsong.ttml: 1 lines in en, timed by line\n");
    let report = stdout(&nada(at, &["lyrics", "check", "song.ttml", "--json"]));
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["layers"][1]["lang"], "en", "{report}");
    assert_eq!(report["warnings"], serde_json::json!([]));

    let ttml = stdout(&nada(at, &["lyrics", "convert", "song.ttml", "--to", "ttml", "--strict"]));
    fs::write(at.join("again.ttml"), &ttml).unwrap();
    assert_eq!(stdout(&nada(at, &["lyrics", "convert", "again.ttml", "--to", "ttml"])), ttml);
    let srt = nada(at, &["lyrics", "convert", "song.ttml", "--to", "srt"]);
    assert_eq!(stdout(&srt), "1\n00:00:01,000 --> 00:00:02,000\nएक\n\n");
    let stderr = String::from_utf8_lossy(&srt.stderr);
    for lost in ["further layers; left out", "times of words; left out", "names of sections; left out"] {
        assert!(stderr.contains(lost), "{stderr}");
    }
    let strict = ["lyrics", "convert", "song.ttml", "--to", "srt", "--strict", "--out", "song.srt"];
    let (code, line) = refused(&nada(at, &strict));
    assert_eq!((code, at.join("song.srt").exists()), (65, false), "{line}");
    assert!(line.contains("3 warnings, and --strict"), "{line}");

    fs::write(at.join("plain.txt"), "a\n").unwrap();
    let (code, line) = refused(&nada(at, &["lyrics", "check", "plain.txt"]));
    assert!(code == 65 && line.contains("no language"), "{line}");

    // What stands in a name is not always a language, and a language has several codes.
    fs::write(at.join("song.mix.lrc"), "[00:01.00]a\n").unwrap();
    let (code, line) = refused(&nada(at, &["lyrics", "check", "song.mix.lrc"]));
    assert!(code == 65 && line.contains("no language (language tag \"mix\": "), "{line}");
    fs::write(at.join("song.mix.lrc"), "[la:ind]\n[00:01.00]a\n").unwrap();
    let read = nada(at, &["lyrics", "check", "song.mix.lrc", "--strict"]);
    assert_eq!(stdout(&read), "song.mix.lrc: 1 lines in id, timed by line\n");
    let stderr = String::from_utf8_lossy(&read.stderr);
    assert!(
        stderr.contains("note: song.mix.lrc: read in id, as the file says: language tag \"mix\""),
        "{stderr}"
    );
    fs::write(at.join("song.hin.lrc"), "[00:01.00]a\nपहला शब्द\n").unwrap();
    let read = nada(at, &["lyrics", "check", "song.hin.lrc"]);
    assert_eq!(stdout(&read), "song.hin.lrc: 1 lines in hi, timed by line\n");
    let stderr = String::from_utf8_lossy(&read.stderr);
    assert!(stderr.contains("2:1: no time stamp: \"पहला शब्द\" left out"), "{stderr}");
}

#[test]
fn a_master_is_decoded_in_a_child_that_nobody_sees() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    // four channels of 16 bits, a second and a half long
    let mut master =
        b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\x01\0\x04\0\x80\xbb\0\0\0\xdc\x05\0\x08\0\x10\0data"
            .to_vec();
    master.extend(576_000_u32.to_le_bytes());
    master
        .extend((0..288_000_u32).flat_map(|i| ((i.wrapping_mul(2_654_435_761) >> 20) as u16).to_le_bytes()));
    fs::write(at.join("-master.wav"), &master).unwrap();
    let packaged =
        stdout(&nada(at, &["package", "--out", "hls", "--ladder", "aac-64", "--json", "--", "-master.wav"]));
    let packaged: serde_json::Value = serde_json::from_str(&packaged).unwrap();
    assert_eq!(packaged["timeline"]["samples"], 72_000, "{packaged}");
    assert!(packaged["notices"][0].as_str().unwrap().contains("4 channels"), "{packaged}");

    fs::write(at.join("-master.wav"), &master[..300_000]).unwrap();
    let (code, message) = refused(&nada(at, &["package", "--out", "half", "--", "-master.wav"]));
    assert_eq!(code, 65, "{message}");
    assert!(message.contains("-master.wav: broken at byte 299996"), "{message}");

    // the child's command is no secret, and no part of the help
    assert!(!stdout(&nada(at, &["--help"])).contains("decode"));
    let child = nada(at, &["decode-source", "-master.wav"]);
    assert_eq!(child.status.code(), Some(2), "{child:?}");
    let child = nada(at, &["decode-source", "./-master.wav"]);
    assert_eq!(child.stdout.first(), Some(&b'F'), "{child:?}");
}

#[test]
fn the_demo_packages_serves_and_verifies_everything_once_and_starts_again_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let once = ["demo", "--once", "--json", "--port", "0", "--dir", "data"];
    let first: serde_json::Value = serde_json::from_str(&stdout(&nada(at, &once))).unwrap();
    let tracks = first["songs"].as_array().unwrap();
    assert_eq!(tracks.len(), 4, "{first}");
    assert!(tracks.iter().all(|track| track["verified"]["segments"].as_u64().unwrap() >= 20), "{first}");
    let stored = |at: &Path| {
        fs::metadata(at.join("data/s3/releases/releases/kabir-dohe.json")).unwrap().modified().unwrap()
    };
    let before = stored(at);
    let second: serde_json::Value = serde_json::from_str(&stdout(&nada(at, &once))).unwrap();
    assert_eq!(first, second);
    assert_eq!(stored(at), before, "the second start writes nothing");

    fs::create_dir(at.join("data/releases/broken")).unwrap();
    fs::write(at.join("data/releases/broken/noise.flac"), "no music").unwrap();
    let release = "[release]\nid = \"broken\"\ntitle = \"B\"\nterritories = [\"*\"]\n\n\
                   [[track]]\nid = \"B1\"\ntitle = \"B\"\nartists = [\"B\"]\naudio = \"noise.flac\"\n";
    fs::write(at.join("data/releases/broken/release.toml"), release).unwrap();
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

/// A web server of `folder` for as long as the test runs. Playlists come by gzip where that is accepted, other files
/// in part where that is asked for, `aac-128.mp4` by way of a redirect.
fn serve(folder: PathBuf) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let folder = folder.clone();
            thread::spawn(move || answer(&folder, stream.unwrap()));
        }
    });
    address
}

fn answer(folder: &Path, mut stream: TcpStream) {
    let lines: Vec<String> =
        BufReader::new(&stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
    // a client that only looks whether somebody is there says nothing
    let Some(path) = lines.first().and_then(|line| line.split(' ').nth(1)) else { return };
    let header = |name: &str| {
        let pairs = lines.iter().filter_map(|line| line.split_once(": "));
        pairs.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    };
    let (mut status, mut fields, mut body) = ("200 OK", String::new(), Vec::new());
    if path.ends_with("/aac-128.mp4") {
        (status, fields) = ("302 Found", format!("Location: {path}?moved\r\n"));
    } else if let Ok(file) = fs::read(folder.join(path.trim_start_matches('/').trim_end_matches("?moved"))) {
        body = file;
        if path.ends_with(".m3u8") {
            fields = "Content-Type: application/vnd.apple.mpegurl; charset=utf-8\r\n".into();
            if header("Accept-Encoding") == Some("gzip") {
                let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                gzip.write_all(&body).unwrap();
                body = gzip.finish().unwrap();
                fields.push_str("Content-Encoding: gzip\r\n");
            }
        } else {
            fields = "Content-Type: audio/mp4\r\n".into();
        }
        if let Some((first, last)) =
            header("Range").and_then(|range| range.strip_prefix("bytes=")?.split_once('-'))
        {
            let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
            status = "206 Partial Content";
            body = body[first..=last].to_vec();
        }
    } else {
        status = "404 Not Found";
    }
    let head =
        format!("HTTP/1.1 {status}\r\n{fields}Content-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
}

/// Seven seconds of a tone, packaged.
fn packaged(at: &Path) -> PathBuf {
    let samples: Vec<u8> =
        (0..7 * 44_100).flat_map(|i| (((f64::from(i) * 0.06).sin() * 8000.0) as i16).to_le_bytes()).collect();
    let mut wav =
        b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x44\xac\0\0\x88\x58\x01\0\x02\0\x10\0data".to_vec();
    wav.extend_from_slice(&(samples.len() as u32).to_le_bytes());
    wav.extend_from_slice(&samples);
    let size = wav.len() as u32 - 8;
    wav[4..8].copy_from_slice(&size.to_le_bytes());
    fs::write(at.join("master.wav"), wav).unwrap();
    stdout(&nada(at, &["package", "master.wav", "--out", "hls", "--ladder", "heaac2-32,aac-128"]));
    at.join("hls")
}

/// Cuts header and segments out of the track file beside the folder of a rendition, as `files.m3u8` there names them.
fn files_of_their_own(folder: &Path) {
    let whole = fs::read(folder.with_extension("mp4")).unwrap();
    let cut = |range: &str| {
        let (length, offset) = range.split_once('@').unwrap();
        let (length, offset): (usize, usize) = (length.parse().unwrap(), offset.parse().unwrap());
        whole[offset..offset + length].to_vec()
    };
    let (mut playlist, mut number) = (String::new(), 0);
    for line in fs::read_to_string(folder.join("media.m3u8")).unwrap().lines() {
        if let Some(range) = line.strip_prefix("#EXT-X-BYTERANGE:") {
            number += 1;
            fs::write(folder.join(format!("{number:05}.m4s")), cut(range)).unwrap();
        } else if let Some((_, range)) = line.split_once("BYTERANGE=") {
            fs::write(folder.join("init.mp4"), cut(range.trim_matches('"'))).unwrap();
            playlist.push_str("#EXT-X-MAP:URI=\"init.mp4\"\n");
        } else {
            let name = format!("{number:05}.m4s");
            playlist.push_str(if line.starts_with('#') { line } else { &name });
            playlist.push('\n');
        }
    }
    fs::write(folder.join("files.m3u8"), playlist).unwrap();
}

/// `rule resource` of each finding.
fn rules(output: &Output) -> Vec<String> {
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    findings.iter().map(|found| format!("{} {}", text(&found["rule"]), text(&found["resource"]))).collect()
}

#[test]
fn check_judges_folders_and_urls_and_ends_by_severity() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let presentation = packaged(at);
    assert_eq!(stdout(&nada(at, &["check", "hls", "--strict"])), "hls: 0 errors, 0 warnings, 0 notices\n");
    assert!(stdout(&nada(at, &["check", "--rules"])).starts_with("H101  error    The first line is #EXTM3U"));

    let base = format!("http://{}", serve(presentation.clone()));
    let url = format!("{base}/multivariant.m3u8");
    let output = nada(at, &["check", &url, "--json"]);
    assert!(output.status.success());
    assert_eq!(rules(&output), [format!("H602 {base}/aac-128.mp4"), format!("H606 {url}")]);
    let (code, line) = refused(&nada(at, &["check", &url, "--strict"]));
    assert_eq!((code, line), (65, format!("nada: {url}: 0 errors, 1 warning, 1 notice")));

    // the same as files of their own, as the edge serves them
    files_of_their_own(&presentation.join("heaac2-32"));
    assert_eq!(rules(&nada(at, &["check", "hls/heaac2-32/files.m3u8", "--json"])), Vec::<String>::new());
    let url = format!("{base}/heaac2-32/files.m3u8");
    assert_eq!(rules(&nada(at, &["check", &url, "--json"])), [format!("H606 {url}")]);
    fs::remove_file(presentation.join("heaac2-32/00001.m4s")).unwrap();
    let output = nada(at, &["check", "hls/heaac2-32/files.m3u8"]);
    assert_eq!(
        refused(&output),
        (65, "nada: hls/heaac2-32/files.m3u8: 1 error, 0 warnings, 0 notices".into())
    );
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("files.m3u8:8: error H401: 00001.m4s: "), "{text}");
    let found = rules(&nada(at, &["check", &url, "--json"]));
    assert!(found.contains(&format!("H401 {url}")), "{found:?}");

    // a file that is cut short
    let whole = fs::read(presentation.join("aac-128.mp4")).unwrap();
    fs::write(presentation.join("aac-128.mp4"), &whole[..whole.len() - 1000]).unwrap();
    let output = nada(at, &["check", "hls/multivariant.m3u8", "--json"]);
    assert_eq!(output.status.code(), Some(65));
    assert!(rules(&output).contains(&"H308 aac-128/media.m3u8".to_owned()), "{:?}", rules(&output));

    fs::create_dir(at.join("none")).unwrap();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (what, code) in [
        ("absent.m3u8".to_owned(), 65),
        ("none".to_owned(), 65),
        (format!("http://{closed}/a.m3u8"), 69),
        (format!("https://{closed}/a.m3u8"), 69),
    ] {
        assert_eq!(refused(&nada(at, &["check", &what])).0, code, "{what}");
    }
}
