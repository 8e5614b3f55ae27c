//! What is read of strangers: bounded in bytes, time, addresses and kinds of files, and never passed over in silence.
#![allow(clippy::panic, clippy::unwrap_used)]

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Longer than any of these takes, shorter than for ever.
const PATIENCE: Duration = Duration::from_secs(120);

/// The command's outcome; it is killed where it hangs.
fn nada(folder: &Path, args: &[&str]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_nada"))
        .args(args)
        .current_dir(folder)
        .env_remove("NADA_KEYS")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let until = Instant::now() + PATIENCE;
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > until {
            child.kill().unwrap();
            panic!("{args:?} hangs");
        }
        thread::sleep(Duration::from_millis(20));
    }
    child.wait_with_output().unwrap()
}

/// The exit code, and the last line for people.
fn refused(output: &Output) -> (i32, String) {
    let text = String::from_utf8_lossy(&output.stderr);
    (output.status.code().unwrap(), text.lines().last().unwrap_or_default().to_owned())
}

/// A web server that answers as `answer` does, for as long as the test runs.
fn serve(answer: fn(&str, &mut TcpStream) -> std::io::Result<()>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            thread::spawn(move || {
                let mut stream = stream.unwrap();
                let head: Vec<String> = BufReader::new(&stream)
                    .lines()
                    .map_while(Result::ok)
                    .take_while(|line| !line.is_empty())
                    .collect();
                if let Some(path) = head.first().and_then(|line| line.split(' ').nth(1)) {
                    // a client that has had enough closes
                    let _ = answer(path, &mut stream);
                }
            });
        }
    });
    address
}

fn send(stream: &mut TcpStream, fields: &str, body: &[u8]) -> std::io::Result<()> {
    let length = body.len();
    write!(stream, "HTTP/1.1 200 OK\r\n{fields}Content-Length: {length}\r\nConnection: close\r\n\r\n")?;
    stream.write_all(body)
}

fn media(segments: &[&str]) -> String {
    let mut text = "#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT-X-PLAYLIST-TYPE:VOD\n".to_owned();
    for segment in segments {
        text += &format!("#EXTINF:6,\n{segment}\n");
    }
    text + "#EXT-X-ENDLIST\n"
}

fn endless(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")?;
    let chunk = [b"10000\r\n", &[b'\n'; 0x10000][..], b"\r\n"].concat();
    loop {
        stream.write_all(&chunk)?;
    }
}

/// Entries of which nothing can be judged, and others that end by a bound.
fn hostile(path: &str, stream: &mut TcpStream) -> std::io::Result<()> {
    let elsewhere = |to: &str| format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n");
    match path {
        "/large.m3u8" => send(stream, "", &vec![b'\n'; 5 << 20]),
        "/bomb.m3u8" => {
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            gzip.write_all(&vec![b'\n'; 64 << 20])?;
            send(stream, "Content-Encoding: gzip\r\n", &gzip.finish()?)
        }
        "/file.m3u8" => stream.write_all(elsewhere("file:///etc/passwd").as_bytes()),
        "/metadata.m3u8" => stream.write_all(elsewhere("http://169.254.169.254/latest").as_bytes()),
        "/nowhere.m3u8" => stream.write_all(elsewhere("http://192.0.2.1/").as_bytes()),
        "/mapped.m3u8" => stream.write_all(elsewhere("http://[::ffff:10.0.0.1]/").as_bytes()),
        "/link.m3u8" => {
            let names = [
                "http://169.254.169.254/",
                "http://10.0.0.1/a.ts",
                "http://192.168.1.1/a.ts",
                "http://100.64.0.1/a.ts",
                "http://[fd00::1]/a.ts",
                "http://[64:ff9b::a00:1]/a.ts",
                "http://0xa9fea9fe/a.ts",
            ];
            send(stream, "", media(&names).as_bytes())
        }
        "/heavy.m3u8" => send(stream, "", media(&["heavy.ts"]).as_bytes()),
        "/outside.m3u8" => send(stream, "", media(&["file:///etc/passwd"]).as_bytes()),
        "/heavy-multi.m3u8" => {
            let text = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=100000,CODECS=\"mp4a.40.2\"\nlarge.m3u8\n";
            send(stream, "", text.as_bytes())
        }
        "/many.m3u8" => {
            let names: Vec<String> = (0..200).map(|n| format!("{n}.ts")).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            send(stream, "", media(&names).as_bytes())
        }
        "/slow.m3u8" => loop {
            thread::sleep(Duration::from_millis(100));
            stream.write_all(b"HTTP/1.1 200 OK\r\n".get(..1).unwrap_or_default())?;
        },
        "/heavy.ts" | "/endless.m3u8" => endless(stream),
        path if path.ends_with(".ts") => send(stream, "", &vec![0x47; 188 * 1000]),
        _ => stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
    }
}

#[test]
fn what_was_not_read_does_not_pass() {
    let folder = tempfile::tempdir().unwrap();
    let address = serve(hostile);
    for (entry, expected) in [
        ("large", "nothing of it was judged"),
        ("bomb", "nothing of it was judged"),
        ("endless", "nothing of it was judged"),
        ("file", "nothing of it was judged"),
        ("metadata", "nothing of it was judged"),
        ("mapped", "nothing of it was judged"),
        ("link", "nothing of it was judged"),
        ("heavy", "nothing of it was judged"),
        ("heavy-multi", "nothing of it was judged"),
        ("outside", "nothing of it was judged"),
        ("absent", "1 error"),
    ] {
        let url = format!("http://{address}/{entry}.m3u8");
        let began = Instant::now();
        let (code, line) = refused(&nada(folder.path(), &["check", &url]));
        assert_eq!(code, 65, "{entry}: {line}");
        assert!(line.contains(expected), "{entry}: {line}");
        assert!(began.elapsed() < Duration::from_secs(25), "{entry}: nobody there was asked");
    }
    fs::write(folder.path().join("out.m3u8"), media(&["../../etc/passwd", "/etc/passwd"])).unwrap();
    fs::write(folder.path().join("large.m3u8"), vec![b'\n'; 5 << 20]).unwrap();
    for entry in ["out.m3u8", "large.m3u8"] {
        let output = nada(folder.path(), &["check", entry, "--json"]);
        assert_eq!(refused(&output).0, 65, "{entry}");
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["unread"], serde_json::json!([entry]), "{report}");
    }
}

#[test]
fn all_of_it_is_bounded_in_bytes_and_time() {
    let folder = tempfile::tempdir().unwrap();
    let address = serve(hostile);
    let many = format!("http://{address}/many.m3u8");
    let (code, line) = refused(&nada(folder.path(), &["check", &many, "--max-bytes", "3MiB"]));
    assert_eq!(code, 65);
    assert!(line.ends_with("more than 3145728 bytes in all: --max-bytes reads more"), "{line}");
    let (_, line) = refused(&nada(folder.path(), &["check", &many]));
    assert!(!line.contains("not all of it"), "{line}");

    let slow = format!("http://{address}/slow.m3u8");
    let (code, line) = refused(&nada(folder.path(), &["check", &slow, "--max-time", "1s"]));
    assert_eq!(code, 69, "{line}");
    assert!(line.contains("--max-time waits longer"), "{line}");

    let names: Vec<String> = (0..9).map(|n| format!("{n}.ts")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    fs::write(folder.path().join("many.m3u8"), media(&names)).unwrap();
    names.iter().for_each(|name| fs::write(folder.path().join(name), [0x47; 188 * 10]).unwrap());
    let (code, line) = refused(&nada(folder.path(), &["check", "many.m3u8", "--max-bytes", "8KiB"]));
    assert_eq!(code, 65);
    assert!(line.contains("more than 8192 bytes in all"), "{line}");
}

#[test]
fn other_addresses_are_asked_where_that_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let address = serve(hostile);
    // an address of documentation (RFC 5737), at which nobody answers
    let url = format!("http://{address}/nowhere.m3u8");
    let (code, line) = refused(&nada(folder.path(), &["check", &url]));
    assert!(code == 65 && line.contains("nothing of it was judged"), "{code} {line}");
    let (code, line) = refused(&nada(folder.path(), &["check", &url, "--allow-private", "--max-time", "3s"]));
    assert!(code == 69 && !line.contains("nothing of it was judged"), "{code} {line}");
}

/// Pipes without a writer, which nobody may wait for, and devices without an end.
#[test]
fn only_regular_files_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let pipe = |name: &str| assert!(Command::new("mkfifo").arg(at.join(name)).status().unwrap().success());
    ["pipe", "release.toml", "a.hi.lrc", "a.wav", "media.m3u8", "seg.ts", "origins.json"]
        .into_iter()
        .for_each(pipe);
    let device = |name: &str| std::os::unix::fs::symlink("/dev/zero", at.join(name)).unwrap();
    ["zero.json", "zero.toml", "zero.hi.lrc", "zero.wav"].into_iter().for_each(device);
    fs::write(at.join("list.m3u8"), media(&["seg.ts"])).unwrap();
    let release = |audio: &str, lyrics: &str| {
        format!(
            "[release]\nid = \"r\"\ntitle = \"R\"\nterritories = [\"*\"]\n[[track]]\nid = \"t\"\ntitle = \"T\"\n\
             artists = [\"A\"]\naudio = \"{audio}\"\nlyrics = [{lyrics}]\n"
        )
    };
    fs::write(at.join("single.toml"), release("a.wav", "")).unwrap();
    fs::write(at.join("b.wav"), "x").unwrap();
    fs::write(at.join("lyrics.toml"), release("b.wav", "\"a.hi.lrc\"")).unwrap();
    let publish = |file| ["publish", file, "--to", "s3://b", "--endpoint-url", "http://127.0.0.1:9"];
    for args in [
        &["sign", "t", "--keys", "pipe"][..],
        &["sign", "t", "--keys", "zero.json"],
        &["sign", "t", "--keys", "/dev/zero"],
        &["serve", "--origins", "origins.json", "--country", "IN"],
        &["lyrics", "check", "a.hi.lrc"],
        &["lyrics", "check", "zero.hi.lrc"],
        &["package", "a.wav", "--out", "o"],
        &["package", "zero.wav", "--out", "o"],
        &["check", "media.m3u8"],
        &["check", "list.m3u8"],
        &publish("release.toml"),
        &publish("zero.toml"),
        &publish("single.toml"),
        &publish("lyrics.toml"),
    ] {
        let (code, line) = refused(&nada(at, args));
        assert_eq!(code, 65, "{args:?}: {line}");
    }
}
