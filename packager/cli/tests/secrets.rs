//! Keys are for their owner, and the demo for its machine.
#![allow(clippy::unwrap_used)]

use std::{
    fs::{self, File, Permissions},
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Child, Command, Stdio},
};

fn nada(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nada"));
    command.args(args).current_dir(folder).env_remove("NADA_KEYS").env_remove("NADA_SEED");
    command
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn keys_are_their_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys.json");
    // as a shell makes it
    let out = File::create(&keys).unwrap();
    fs::set_permissions(&keys, Permissions::from_mode(0o644)).unwrap();
    assert!(nada(folder.path(), &["token", "keygen"]).stdout(out).status().unwrap().success());
    assert_eq!(mode(&keys), 0o600);
    let sign = || nada(folder.path(), &["sign", "t", "--keys", "keys.json"]).output().unwrap();
    let output = sign();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    for exposed in [0o644, 0o640, 0o604] {
        fs::set_permissions(&keys, Permissions::from_mode(exposed)).unwrap();
        let output = sign();
        assert!(output.status.success());
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.contains("nada: warning: keys: keys.json: others may read"), "{exposed:o}: {stderr}");
    }
}

#[test]
fn what_licences_are_made_of_is_checked_before_anybody_is_served_and_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let keys = nada(folder.path(), &["token", "keygen"]).output().unwrap().stdout;
    fs::write(folder.path().join("keys.json"), keys).unwrap();
    for (option, text, said) in [
        ("--seed", "5ec3e7", "64 hexadecimal digits"),
        ("--license-servers", r#"{"widevine":{"url":"http://5ec3e7.example/"}}"#, "must begin with https://"),
        (
            "--license-servers",
            r#"{"fairplay":{"url":"https://a.example/","headers":{"x":5}}}"#,
            "cannot be a header",
        ),
    ] {
        fs::write(folder.path().join("file"), text).unwrap();
        let args =
            ["serve", "--origin", "s3://releases", "--country", "IN", "--keys", "keys.json", option, "file"];
        let output = nada(folder.path(), &args).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && stderr.contains(said) && stderr.contains("file"), "{stderr}");
        assert!(!stderr.contains("5ec3e7"), "{stderr}");
    }
}

/// A demo that ends with the test.
struct Demo(Child, String);

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Demo {
    fn start(folder: &Path) -> Self {
        let args = ["demo", "--json", "--port", "0", "--dir", "data"];
        let mut child = nada(folder, &args).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: serde_json::Value = serde_json::from_str(&line).unwrap();
        let base = ready["edge"].as_str().unwrap().strip_prefix("http://").unwrap().to_owned();
        Self(child, base)
    }

    /// The answer to a request, as it is sent.
    fn ask(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.1).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn get(&self, path: &str, host: &str) -> String {
        self.ask(&format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"))
    }
}

#[test]
fn the_demo_answers_to_its_own_names_and_keeps_its_keys() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Demo::start(folder.path());
    assert_eq!(mode(&folder.path().join("data/keys.json")), 0o600);
    let port = demo.1.rsplit(':').next().unwrap();
    let secured = |answer: &str| {
        for field in ["x-content-type-options: nosniff", "referrer-policy: no-referrer"] {
            assert!(answer.contains(field), "{answer}");
        }
    };
    for path in ["/player/", "/player/tracks.json", "/healthz"] {
        for host in ["127.0.0.1", "localhost", &format!("127.0.0.1:{port}"), &format!("localhost:{port}")] {
            let answer = demo.get(path, host);
            assert!(answer.starts_with("HTTP/1.1 200 "), "{path} {host}: {answer}");
            secured(&answer);
        }
        for host in [
            "evil.example",
            &format!("evil.example:{port}"),
            "127.0.0.1.evil.example",
            "0.0.0.0",
            "x@localhost",
            "",
        ] {
            let answer = demo.get(path, host);
            assert!(answer.starts_with("HTTP/1.1 4"), "{path} {host:?}: {answer}");
            assert!(!answer.contains("/~"), "{answer}");
            secured(&answer);
        }
    }
    assert!(demo.get("/player/", "evil.example").starts_with("HTTP/1.1 421 "));
    for request in
        ["GET / HTTP/9.9\r\n\r\n".to_owned(), format!("GET / HTTP/1.1\r\nA: {}\r\n\r\n", "a".repeat(40_000))]
    {
        let answer = demo.ask(&request);
        assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
        secured(&answer);
    }
}
