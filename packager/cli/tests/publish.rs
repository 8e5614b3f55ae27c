//! Publishing as a shell or a CI job sees it: the real program, a store on 127.0.0.1.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::{
    f32::consts::TAU,
    fs,
    io::{BufRead as _, BufReader, Write as _},
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant, SystemTime},
};

use nada_endpoint::{Endpoint, Key, Permission};
use serde_json::Value;

const BUCKET: &str = "songs";

async fn endpoint(dir: &Path) -> Endpoint {
    let key = Key { id: "writer".into(), secret: "writer-secret".into(), permission: Permission::Full };
    Endpoint::start(dir, SocketAddr::from(([127, 0, 0, 1], 0)), &[key], &[BUCKET]).await.unwrap()
}

/// `nada ARGS` on that endpoint, with the credentials of its writer.
fn nada(at: &Path, url: &str, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nada"));
    command.args(args).args(["--endpoint-url", url]).current_dir(at).env_clear();
    command.envs([("AWS_ACCESS_KEY_ID", "writer"), ("AWS_SECRET_ACCESS_KEY", "writer-secret")]);
    command.envs([("AWS_EC2_METADATA_DISABLED", "true"), ("HOME", "/nowhere")]);
    command
}

async fn output(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

/// The JSON on standard output, and the exit code.
async fn json(command: Command) -> (Value, i32) {
    let output = output(command).await;
    let text = String::from_utf8(output.stdout).unwrap();
    let value = serde_json::from_str(&text)
        .unwrap_or_else(|e| panic!("{e}: {text:?} {}", String::from_utf8_lossy(&output.stderr)));
    (value, output.status.code().unwrap())
}

/// A tone of so many seconds, 16-bit stereo at 44.1 kHz.
fn wav(seconds: f32) -> Vec<u8> {
    let frames = (44_100.0 * seconds) as u32;
    let mut wav =
        [b"RIFF".as_slice(), &(36 + frames * 4).to_le_bytes(), b"WAVEfmt \x10\0\0\0\x01\0\x02\0"].concat();
    wav.extend([44_100_u32.to_le_bytes(), (44_100_u32 * 4).to_le_bytes()].concat());
    wav.extend([b"\x04\0\x10\0data".as_slice(), &(frames * 4).to_le_bytes()].concat());
    for i in 0..frames {
        let sample = ((i as f32 / 44_100.0 * 440.0 * TAU).sin() * 8_000.0) as i16;
        wav.extend([sample.to_le_bytes(), sample.to_le_bytes()].concat());
    }
    wav
}

fn write_release(at: &Path, seconds: f32) {
    fs::write(at.join("1.wav"), wav(seconds)).unwrap();
    fs::write(at.join("1.hi.lrc"), "[00:00.10]क\n").unwrap();
    fs::write(
        at.join("release.toml"),
        "[release]\nid = \"album\"\ntitle = \"Album\"\nterritories = [\"IN\"]\n\
         [ladder]\nrenditions = [\"heaac2-32\", \"aac-128\"]\n\
         [[track]]\nid = \"one\"\ntitle = \"One\"\nartists = [\"A\"]\naudio = \"1.wav\"\nlyrics = [\"1.hi.lrc\"]\n",
    )
    .unwrap();
}

/// The files below a folder.
fn files(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
    let mut found = Vec::new();
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

const PUBLISH: [&str; 5] = ["publish", "release.toml", "--to", "s3://songs", "--json"];

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupted_publish_goes_on_where_it_was() {
    let (folder, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let endpoint = endpoint(data.path()).await;
    let (at, url) = (folder.path(), endpoint.url());
    write_release(at, 90.0);
    // so that there is much to store
    let publish = [PUBLISH.as_slice(), &["--part-size", "64KiB"]].concat();
    let mut publishing =
        nada(at, &url, &publish).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let tracks = data.path().join(BUCKET).join("tracks");
    let started = Instant::now();
    while files(&tracks).len() < 5 {
        assert!(publishing.try_wait().unwrap().is_none(), "it ended before it was interrupted");
        assert!(started.elapsed() < Duration::from_secs(120), "it stores nothing");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let interrupt = Command::new("kill").args(["-INT", &publishing.id().to_string()]).status().unwrap();
    assert!(interrupt.success());
    let ended = tokio::task::spawn_blocking(move || publishing.wait_with_output().unwrap()).await.unwrap();
    assert_eq!(ended.status.code(), Some(130), "{}", String::from_utf8_lossy(&ended.stderr));
    let report: Value = serde_json::from_slice(&ended.stdout).unwrap();
    assert_eq!(report["error"]["class"], "interrupted", "{report}");
    assert_eq!(report["error"]["exit_code"], 130);
    assert!(String::from_utf8_lossy(&ended.stderr).contains("goes on from here"));

    let there = files(&tracks);
    assert!(!there.iter().any(|path| path.ends_with("manifest.json") || path.ends_with("presentation.json")));
    let (status, code) = json(nada(at, &url, &["status", "album", "--at", "s3://songs", "--json"])).await;
    assert_eq!((code, &status["commit"]["state"]), (0, &"uploading".into()), "{status}");
    assert_eq!(status["tracks"][0]["objects"], there.len(), "{status}");
    let (plan, _) = json(nada(at, &url, &[publish.as_slice(), &["--dry-run"]].concat())).await;
    assert_eq!((&plan["tracks"][0]["audio"], &plan["dry_run"]), (&"package".into(), &true.into()), "{plan}");
    assert_eq!(plan["tracks"][0]["objects"], there.len(), "{plan}");

    let (report, code) = json(nada(at, &url, &publish)).await;
    assert_eq!((code, &report["state"]), (0, &"live".into()), "{report}");
    assert_eq!(report["present"], there.len(), "{report}");
    let track = &report["tracks"][0];
    // the manifest is not counted among a track's immutable objects
    assert_eq!(
        track["uploaded"].as_u64().unwrap() as usize,
        files(&tracks).len() - there.len() - 1,
        "{report}"
    );
    let (again, _) = json(nada(at, &url, &publish)).await;
    assert_eq!(again["uploaded"], 0, "{again}");
    endpoint.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_commands_of_a_track_follow_one_another() {
    let (folder, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let endpoint = endpoint(data.path()).await;
    let (at, url) = (folder.path(), endpoint.url());
    let run =
        async |args: &[&str]| json(nada(at, &url, &[args, &["--at", "s3://songs", "--json"]].concat())).await;
    write_release(at, 0.2);
    let (first, _) = json(nada(at, &url, &PUBLISH)).await;
    write_release(at, 0.3);
    let (second, _) = json(nada(at, &url, &PUBLISH)).await;
    let version = |report: &Value| report["tracks"][0]["version"].as_str().unwrap().to_owned();

    let (back, code) = run(&["rollback", "one", &version(&first), "--if-revision", "2"]).await;
    assert_eq!((code, &back["revision"]), (0, &3.into()), "{back}");
    let (status, _) = run(&["status", "--track", "one"]).await;
    let kept: Vec<_> =
        status["versions"].as_array().unwrap().iter().map(|kept| kept["version"].clone()).collect();
    assert_eq!(kept, [version(&first), version(&second)], "{status}");

    let (late, code) = run(&["withdraw", "one", "--if-revision", "2"]).await;
    assert_eq!((code, &late["error"]["class"]), (75, &"conflict".into()), "{late}");
    let (withdrawn, _) = run(&["withdraw", "one"]).await;
    assert_eq!(withdrawn["status"], "withdrawn", "{withdrawn}");
    let (restored, _) = run(&["restore", "one"]).await;
    assert_eq!((&restored["status"], &restored["revision"]), (&"live".into(), &5.into()), "{restored}");

    let (rights, _) = run(&["rights", "one"]).await;
    assert_eq!(rights["rights"], serde_json::json!({ "territories": [{ "code": "IN" }] }));
    let window = "SG,until=2030-01-01T00:00:00+08:00";
    let (rights, _) = run(&["rights", "one", "--territory", "ID", "--territory", window]).await;
    assert_eq!(rights["revision"], 6, "{rights}");
    let (refused, code) = json(nada(at, &url, &PUBLISH)).await;
    assert_eq!((code, &refused["error"]["class"]), (75, &"conflict".into()), "{refused}");
    let message = refused["error"]["message"].as_str().unwrap();
    assert!(["SG", "IN", "--replace-rights"].iter().all(|part| message.contains(part)), "{message}");
    let (plan, _) = json(nada(at, &url, &[PUBLISH.as_slice(), &["--dry-run"]].concat())).await;
    assert_eq!(plan["tracks"][0]["rights"], "refuse", "{plan}");
    let (back, _) = run(&["rights", "one", "--from-release", "release.toml"]).await;
    assert_eq!(back["rights"], serde_json::json!({ "territories": [{ "code": "IN" }] }), "{back}");
    let (report, code) = json(nada(at, &url, &PUBLISH)).await;
    assert_eq!((code, version(&report)), (0, version(&second)), "{report}");

    let (gc, code) = run(&["gc"]).await;
    assert_eq!((code, &gc["objects"], &gc["deleted"]), (0, &0.into(), &Value::Null), "{gc}");
    assert!(gc["listed"].as_u64().unwrap() > 10, "{gc}");
    for (key, days) in [("presentation.json", 2), ("aac-64/1.mp4", 3)] {
        let path = data.path().join(BUCKET).join("tracks/one/0123456789abcdef0123456789abcdef").join(key);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let file = fs::File::create(&path).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(days * 86_400)).unwrap();
    }
    let (older, _) = run(&["gc", "--older-than", "60h"]).await;
    assert_eq!(older["objects"], 0, "a version is as old as its youngest object: {older}");
    for (args, objects, deleted) in [
        (["gc"].as_slice(), 2, Value::Null),
        (&["gc", "--delete"], 2, serde_json::json!({ "objects": 2, "bytes": 0, "spared": 0 })),
        (&["gc"], 0, Value::Null),
    ] {
        let (gc, code) = run(args).await;
        assert_eq!((code, &gc["objects"], &gc["deleted"]), (0, &objects.into(), &deleted), "{gc}");
    }
    let (young, code) = run(&["gc", "--older-than", "23h"]).await;
    assert_eq!((code, &young["error"]["class"]), (65, &"input".into()), "{young}");
    endpoint.shutdown().await;
}

/// A store that answers everything in the same way. It ends with the process.
fn store_that_says(status: &str, headers: &str, body: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let length = body.len();
    let answer =
        format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}");
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
            if lines.any(|line| line.is_empty()) {
                let _ = (&stream).write_all(answer.as_bytes());
            }
        }
    });
    url
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failure_is_told_to_people_and_to_machines() {
    let folder = tempfile::tempdir().unwrap();
    let xml = |code: &str| format!("<Error><Code>{code}</Code><Message>No.</Message></Error>");
    for (status, headers, code, exit, class, expected) in [
        ("403 Forbidden", "", "AccessDenied", 77, "access", "s3:GetObject"),
        ("403 Forbidden", "", "SignatureDoesNotMatch", 77, "access", "its secret"),
        ("400 Bad Request", "", "ExpiredToken", 77, "access", "aws sso login"),
        ("404 Not Found", "", "NoSuchBucket", 65, "input", "create it"),
        (
            "301 Moved Permanently",
            "x-amz-bucket-region: ap-south-1\r\n",
            "PermanentRedirect",
            65,
            "input",
            "ap-south-1",
        ),
        ("403 Forbidden", "", "RequestTimeTooSkewed", 69, "unavailable", "clock"),
        ("507 Insufficient Storage", "", "XMinioStorageFull", 69, "unavailable", "make room"),
    ] {
        let url = store_that_says(status, headers, &xml(code));
        let args = ["status", "--track", "one", "--at", "s3://songs", "--json"];
        let output = output(nada(folder.path(), &url, &args)).await;
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let message = report["error"]["message"].as_str().unwrap();
        assert!(message.contains(expected), "{code}: {message}");
        assert_eq!(String::from_utf8(output.stderr).unwrap(), format!("nada: {message}\n"));
        assert_eq!(output.status.code(), Some(exit), "{report}");
        assert_eq!((&report["error"]["class"], &report["error"]["exit_code"]), (&class.into(), &exit.into()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_are_revoked_by_id_subject_and_time_of_issue() {
    let (folder, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let endpoint = endpoint(data.path()).await;
    let (at, url) = (folder.path(), endpoint.url());
    let revoke = |more: &[&str]| {
        nada(at, &url, &[&["token", "revoke", "--at", "s3://songs", "--json"][..], more].concat())
    };
    let (report, code) = json(revoke(&["--id", "h'0B71'", "--id", "ff", "--subject", "mallory"])).await;
    assert_eq!((code, &report["ids"], &report["subjects"]), (0, &2.into(), &1.into()), "{report}");
    let (report, code) = json(revoke(&["--issued-before", "2026-01-01T00:00:00Z"])).await;
    assert_eq!(
        (code, &report["ids"], &report["issued_before"]),
        (0, &2.into(), &"2026-01-01T00:00:00Z".into())
    );
    let stored: Value =
        serde_json::from_slice(&fs::read(data.path().join("songs/revocations.json")).unwrap()).unwrap();
    let names = |map: &Value| map.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(
        (names(&stored["ids"]), names(&stored["subjects"])),
        (vec!["0b71".into(), "ff".into()], vec!["mallory".into()])
    );

    // a year from now nobody would get in until then
    let (report, code) = json(revoke(&["--issued-before", "2999-01-01T00:00:00Z"])).await;
    assert_eq!((code, &report["error"]["class"]), (65, &"input".into()), "{report}");
    for wrong in [&[][..], &["--id", "xyz"], &["--subject", ""], &["--issued-before", "yesterday"]] {
        assert_eq!(output(revoke(wrong)).await.status.code(), Some(2), "{wrong:?}");
    }
}
