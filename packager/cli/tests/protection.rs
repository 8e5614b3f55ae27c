//! Protected releases as a shell sees them: the real program, a store and a key server on 127.0.0.1.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::{
    f32::consts::TAU,
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use nada_endpoint::{Endpoint, Key, Permission};
use nada_protection::{
    DerivedKeys, KeyId, KeyRequest, KeySource as _, KeyTags, PsshBox, Seed, SystemId, Tier,
};

const SEED: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const BUCKET: &str = "songs";
/// What the key server gives.
const KEYS: [[u8; 16]; 2] = [*b"the lossy key...", *b"the lossless key"];

fn nada(at: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nada"));
    command.args(args).current_dir(at).env_clear().env("HOME", "/nowhere");
    command.envs([("AWS_ACCESS_KEY_ID", "writer"), ("AWS_SECRET_ACCESS_KEY", "writer-secret")]);
    command.env("AWS_EC2_METADATA_DISABLED", "true");
    command
}

/// A tone of ten seconds, 16-bit stereo at 44.1 kHz.
fn write_song(path: &Path) {
    let frames = 441_000_u32;
    let mut wav =
        [b"RIFF".as_slice(), &(36 + frames * 4).to_le_bytes(), b"WAVEfmt \x10\0\0\0\x01\0\x02\0"].concat();
    wav.extend([44_100_u32.to_le_bytes(), (44_100_u32 * 4).to_le_bytes()].concat());
    wav.extend([b"\x04\0\x10\0data".as_slice(), &(frames * 4).to_le_bytes()].concat());
    for i in 0..frames {
        let sample = ((i as f32 / 44_100.0 * 440.0 * TAU).sin() * 8_000.0) as i16;
        wav.extend([sample.to_le_bytes(), sample.to_le_bytes()].concat());
    }
    fs::write(path, wav).unwrap();
}

fn write_secret(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// A folder with a song, a release of it that is to be protected, and a seed.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_song(&folder.path().join("1.wav"));
    write_secret(&folder.path().join("seed"), &format!("{SEED}\n"));
    let release = "[release]\nid = \"album\"\ntitle = \"Album\"\nterritories = [\"IN\"]\nprotection = \"cbcs\"\n\
                   [ladder]\nrenditions = [\"heaac2-32\", \"flac\"]\n\
                   [[track]]\nid = \"one\"\ntitle = \"One\"\nartists = [\"A\"]\naudio = \"1.wav\"\n";
    fs::write(folder.path().join("release.toml"), release).unwrap();
    folder
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
    let mut found = Vec::new();
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

/// A key as bytes, in both cases of digits and in base64.
fn forms(key: &[u8; 16]) -> Vec<Vec<u8>> {
    let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    let coded = base64_simd::STANDARD.encode_to_string(key);
    let coded = coded.trim_end_matches('=').as_bytes()[..21].to_vec();
    vec![key.to_vec(), hex.to_uppercase().into_bytes(), hex.into_bytes(), coded]
}

fn holds(bytes: &[u8], form: &[u8]) -> bool {
    bytes.windows(form.len()).any(|window| window == form)
}

/// No key is in any file there, nor in what the program printed.
fn assert_hidden(keys: &[[u8; 16]], dir: &Path, printed: &[&Output]) {
    let found = files(dir);
    assert!(found.len() > 5, "{found:?}");
    for form in keys.iter().flat_map(forms) {
        for path in &found {
            assert!(!holds(&fs::read(path).unwrap(), &form), "{}", path.display());
        }
        for output in printed {
            assert!(!holds(&output.stdout, &form) && !holds(&output.stderr, &form), "{output:?}");
        }
    }
}

fn derived(content: &str) -> Vec<[u8; 16]> {
    let source = DerivedKeys::new(Seed::parse(SEED).unwrap());
    let request = KeyRequest { content: content.to_owned(), key_version: 1, clear_key: false };
    let keys = source.keys(&request).unwrap();
    Tier::ALL.map(|tier| *keys.of(tier).key.expose()).to_vec()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_song_is_packaged_under_its_seed_and_refused_without() {
    let folder = folder();
    let at = folder.path();
    let package = |out: &str, more: &[&str]| {
        let args = [&["package", "1.wav", "--out", out, "--ladder", "heaac2-32,flac"], more].concat();
        nada(at, &args).output().unwrap()
    };
    let protected = ["--protection", "cbcs,lead=1", "--track", "one"];
    let done = package("song", &[&protected[..], &["--seed", "seed"]].concat());
    assert!(done.status.success() && done.stderr.is_empty(), "{}", stderr(&done));
    let checked = nada(at, &["check", "song", "--json"]).output().unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
    let playlist = fs::read_to_string(at.join("song/heaac2-32/media.m3u8")).unwrap();
    assert_eq!(playlist.matches("#EXT-X-KEY:METHOD=SAMPLE-AES,").count(), 3, "{playlist}");
    assert_hidden(&derived("one"), &at.join("song"), &[&done, &checked]);

    // the same by the environment gives the same
    let mut again = nada(at, &["package", "1.wav", "--out", "again", "--ladder", "heaac2-32,flac"]);
    let again = again.args(protected).env("NADA_SEED", "seed").output().unwrap();
    assert!(again.status.success(), "{}", stderr(&again));
    for name in ["heaac2-32.mp4", "flac.mp4", "multivariant.m3u8", "lossless.m3u8", "flac/media.m3u8"] {
        let [a, b] = ["song", "again"].map(|out| fs::read(at.join(out).join(name)).unwrap());
        assert!(a == b, "{name}");
    }

    write_secret(&at.join("short"), &SEED[..60]);
    write_secret(&at.join("zeros"), &"0".repeat(64));
    for (args, code, part) in [
        (
            &["--protection", "cbcs"][..],
            65,
            "track local is to be protected, and there are no keys: name a seed",
        ),
        (&["--protection", "cbcs", "--seed", "none"], 65, "seed: none: "),
        (&["--protection", "cbcs", "--seed", "short"], 65, "seed: short: a seed is 64 hexadecimal digits"),
        (&["--protection", "cbcs", "--seed", "zeros"], 65, "seed: zeros: this seed is one byte repeated"),
        (&["--protection", "cenc", "--seed", "seed"], 2, "is no scheme of protection: \"cbcs\" is the one"),
        (&["--protection", "cbcs,lead=3", "--seed", "seed"], 2, "a clear lead is of 0, 1 or 2 segments"),
        (&["--protection", "cbcs", "--speke-url", "http://keys.example/"], 2, "expected https://"),
    ] {
        let refused = package("refused", args);
        let text = stderr(&refused);
        assert_eq!(refused.status.code(), Some(code), "{args:?}: {text}");
        assert!(text.contains(part) && !text.contains(&SEED[..32]), "{args:?}: {text}");
        assert!(!at.join("refused").exists(), "{args:?}");
    }
    // a seed that others may read is told of
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(at.join("seed"), fs::Permissions::from_mode(0o644)).unwrap();
    let told = package("told", &["--protection", "cbcs", "--seed", "seed"]);
    assert!(
        told.status.success() && stderr(&told).contains("warning: seed: seed: others may read"),
        "{told:?}"
    );
}

async fn endpoint(dir: &Path) -> Endpoint {
    let key = Key { id: "writer".into(), secret: "writer-secret".into(), permission: Permission::Full };
    Endpoint::start(dir, SocketAddr::from(([127, 0, 0, 1], 0)), &[key], &[BUCKET]).await.unwrap()
}

async fn output(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_protected_release_is_published_and_no_key_is_in_any_object() {
    let folder = folder();
    let (at, bucket) = (folder.path(), folder.path().join("bucket"));
    let endpoint = endpoint(&bucket).await;
    let url = endpoint.url();
    let publish = |more: &[&str]| {
        let args = ["publish", "release.toml", "--to", "s3://songs", "--endpoint-url", &url, "--region", "x"];
        output(nada(at, &[&args[..], more].concat()))
    };
    let refused = publish(&[]).await;
    let text = stderr(&refused);
    assert_eq!(refused.status.code(), Some(65), "{text}");
    assert!(text.contains("track one is to be protected, and there are no keys"), "{text}");
    assert!(!files(&bucket).iter().any(|path| path.ends_with("album.json")), "nothing is begun");

    let preview = publish(&["--seed", "seed", "--dry-run"]).await;
    let text = String::from_utf8(preview.stdout.clone()).unwrap();
    assert!(text.contains("protected: cbcs,lead=2,keys=1,lossy="), "{text}");
    let done = publish(&["--seed", "seed", "--json"]).await;
    assert!(done.status.success(), "{}", stderr(&done));
    let again = publish(&["--seed", "seed", "--json"]).await;
    let report: serde_json::Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(report["uploaded"], 0, "{report}");
    assert_hidden(&derived("one"), &bucket, &[&refused, &preview, &done, &again]);
    let manifest = files(&bucket).into_iter().find(|path| path.ends_with("one/manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&fs::read(manifest).unwrap()).unwrap();
    for rendition in manifest["presentation"]["renditions"].as_array().unwrap() {
        let text = rendition["session_keys"].as_str().unwrap();
        let stated = text.lines().next().unwrap().strip_prefix("# ").unwrap();
        assert!(stated.parse::<nada_protection::Protection>().is_ok(), "{stated}");
        assert_eq!(text.matches("\n#EXT-X-SESSION-KEY:METHOD=SAMPLE-AES,").count(), 3, "{text}");
    }

    assert_served(at, &url).await;

    // other keys, or none, are another version
    let version = |output: &Output| {
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        report["tracks"][0]["version"].as_str().unwrap().to_owned()
    };
    write_secret(&at.join("other"), &SEED.replace("1f", "2f"));
    let other = publish(&["--seed", "other", "--json"]).await;
    let clear = publish(&["--protection", "none", "--json"]).await;
    let versions = [version(&done), version(&other), version(&clear)];
    assert_eq!(version(&again), versions[0]);
    assert!(versions[0] != versions[1] && versions[1] != versions[2] && versions[0] != versions[2]);
}

/// An edge that goes when it is dropped.
struct Edge(Child);

impl Drop for Edge {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The edge serves what is protected as it does anything else: every playlist and every byte of it breaks no rule, and the
/// multivariant playlist names the keys.
async fn assert_served(at: &Path, store: &str) {
    let keys = output(nada(at, &["token", "keygen"])).await;
    write_secret(&at.join("keys.json"), std::str::from_utf8(&keys.stdout).unwrap());
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (listen, base) = (format!("127.0.0.1:{port}"), format!("http://127.0.0.1:{port}"));
    let args =
        ["serve", "--origin", "s3://songs", "--endpoint-url", store, "--region", "x", "--country", "IN"];
    let mut serve = nada(at, &[&args[..], &["--listen", &listen, "--keys", "keys.json"]].concat());
    let _edge = Edge(serve.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    let args = ["sign", "one", "--ttl", "1h", "--country", "IN", "--base", &base, "--keys", "keys.json"];
    let signed = output(nada(at, &args)).await;
    let signed = String::from_utf8(signed.stdout).unwrap().trim().to_owned();
    for _ in 0..100 {
        if TcpStream::connect(&listen).is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    for name in ["multivariant.m3u8", "lossless.m3u8"] {
        let url = signed.replace("multivariant.m3u8", name);
        let checked = output(nada(at, &["check", &url, "--json"])).await;
        let text = String::from_utf8_lossy(&checked.stdout).into_owned();
        assert!(checked.status.success(), "{url}: {text} {}", stderr(&checked));
        // what is in encrypted samples is not judged: that much was read
        assert!(text.contains("H419"), "{text}");
        let mut stream = TcpStream::connect(&listen).unwrap();
        let path = url.strip_prefix(&base).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: {listen}\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert_eq!(answer.matches("#EXT-X-SESSION-KEY:METHOD=SAMPLE-AES,").count(), 3, "{answer}");
    }
}

/// A key server that goes wrong in one way.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Fault {
    None,
    Slow,
    Status(u16),
    ShortKey,
    MissingSystem,
    OtherContent,
    Cut,
    Endless,
}

/// Serves requests one after the other until the test ends; the heads of those that came.
fn key_server(fault: Fault) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/speke", listener.local_addr().unwrap());
    let heads = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&heads);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let (mut head, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if line.trim().is_empty() {
                    break;
                }
                head += &line;
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            seen.lock().unwrap().push(head);
            let answer = answer(&String::from_utf8(body).unwrap(), fault);
            let status = match fault {
                Fault::Status(status) => status,
                _ => 200,
            };
            match fault {
                Fault::Slow => thread::sleep(Duration::from_secs(5)),
                Fault::Endless => {
                    let _ = write!(stream, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
                    while write!(stream, "10000\r\n{}\r\n", " ".repeat(0x10000)).is_ok() {}
                    continue;
                }
                _ => {}
            }
            let length = if fault == Fault::Cut { answer.len() + 100 } else { answer.len() };
            let _ = write!(stream, "HTTP/1.1 {status} X\r\ncontent-type: application/xml\r\n");
            let _ = write!(stream, "content-length: {length}\r\nconnection: close\r\n\r\n{answer}");
        }
    });
    (url, heads)
}

/// The values of an attribute, in order.
fn values<'a>(document: &'a str, element: &str, attribute: &str) -> Vec<&'a str> {
    let elements = document.split('<').filter(|part| part.starts_with(element));
    let name = format!(" {attribute}=\"");
    elements.map(|part| part.split_once(&name).unwrap().1.split('"').next().unwrap()).collect()
}

fn answer(document: &str, fault: Fault) -> String {
    let code = |bytes: &[u8]| base64_simd::STANDARD.encode_to_string(bytes);
    let content = values(document, "cpix:CPIX", "contentId")[0];
    let content = if fault == Fault::OtherContent { "two" } else { content };
    let ids = values(document, "cpix:ContentKey ", "kid");
    let (mut keys, mut systems) = (String::new(), String::new());
    for (kid, key) in ids.iter().zip(KEYS) {
        let key = if fault == Fault::ShortKey { &key[..15] } else { &key[..] };
        keys += &format!(
            "<cpix:ContentKey kid=\"{kid}\" commonEncryptionScheme=\"cbcs\"><cpix:Data><pskc:Secret><pskc:PlainValue>{}\
             </pskc:PlainValue></pskc:Secret></cpix:Data></cpix:ContentKey>",
            code(key)
        );
    }
    let asked = values(document, "cpix:DRMSystem ", "kid").into_iter();
    for (kid, system) in asked.zip(values(document, "cpix:DRMSystem ", "systemId")) {
        let id: KeyId = kid.parse().unwrap();
        let tags = KeyTags::of_key(&id, false);
        let (place, system_id) = match &system[..8] {
            "94ce86fb" => (0, SystemId::FairPlay),
            "edef8ba9" if fault == Fault::MissingSystem => continue,
            "edef8ba9" => (1, SystemId::Widevine),
            _ => (2, SystemId::PlayReady),
        };
        let pssh = PsshBox { system: system_id.as_bytes(), key_ids: Vec::new(), data: b"of the vendor" };
        systems += &format!(
            "<cpix:DRMSystem kid=\"{kid}\" systemId=\"{system}\"><cpix:PSSH>{}</cpix:PSSH>\
             <cpix:HLSSignalingData playlist=\"media\">{}</cpix:HLSSignalingData>\
             <cpix:HLSSignalingData playlist=\"master\">{}</cpix:HLSSignalingData></cpix:DRMSystem>",
            code(&pssh.encode()),
            code(tags.media[place].as_bytes()),
            code(tags.session[place].as_bytes())
        );
    }
    format!(
        "<cpix:CPIX contentId=\"{content}\" version=\"2.4\" xmlns:cpix=\"urn:dashif:org:cpix\" \
         xmlns:pskc=\"urn:ietf:params:xml:ns:keyprov:pskc\"><cpix:ContentKeyList>{keys}</cpix:ContentKeyList>\
         <cpix:DRMSystemList>{systems}</cpix:DRMSystemList></cpix:CPIX>"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_server_that_goes_wrong_is_told_and_nothing_is_published() {
    let folder = folder();
    let (at, bucket) = (folder.path(), folder.path().join("bucket"));
    let endpoint = endpoint(&bucket).await;
    let store = endpoint.url();
    write_secret(&at.join("header"), "X-Api-Key: hush-hush\n");
    let publish = |url: &str| {
        let args =
            ["publish", "release.toml", "--to", "s3://songs", "--endpoint-url", &store, "--region", "x"];
        let keys = ["--speke-url", url, "--speke-header", "header", "--speke-timeout", "2s"];
        output(nada(at, &[&args[..], &keys].concat()))
    };
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let gone = format!("http://{}/", nobody.local_addr().unwrap());
    drop(nobody);
    let faults = [
        (Fault::Slow, 69, "no answer within 2 s"),
        (Fault::Status(500), 69, "the key server answered 500: try again later"),
        (Fault::Status(503), 69, "answered 503"),
        // what a server says to a signature or a header that was altered
        (Fault::Status(403), 77, "the key server refuses access (403)"),
        (Fault::Status(422), 65, "answered 422"),
        (Fault::ShortKey, 65, "it has 15 bytes, not 16"),
        (Fault::MissingSystem, 65, "there is no DRMSystem of Widevine"),
        (Fault::OtherContent, 65, "its contentId is not one"),
        (Fault::Cut, 65, "it broke off"),
        (Fault::Endless, 65, "longer than"),
    ];
    let mut urls: Vec<(String, i32, &str)> =
        faults.iter().map(|(fault, code, part)| (key_server(*fault).0, *code, *part)).collect();
    urls.push((gone, 69, "the key server cannot be reached: 127.0.0.1: "));
    for (url, code, part) in urls {
        let failed = publish(&url).await;
        let text = stderr(&failed);
        assert_eq!(failed.status.code(), Some(code), "{part}: {text}");
        assert!(text.contains("track one: ") && text.contains(part), "{part}: {text}");
        for form in KEYS.iter().flat_map(forms) {
            assert!(!holds(&failed.stderr, &form) && !holds(&failed.stdout, &form), "{text}");
        }
        assert!(!text.contains("hush"), "{text}");
        let stored = files(&bucket);
        assert!(!stored.iter().any(|path| path.to_string_lossy().contains("tracks")), "{part}: {stored:?}");
    }

    let (url, heads) = key_server(Fault::None);
    let done = publish(&url).await;
    assert!(done.status.success(), "{}", stderr(&done));
    assert_hidden(&KEYS, &bucket, &[&done]);
    let heads = heads.lock().unwrap().clone();
    let [head] = heads.as_slice() else { panic!("one request: {heads:?}") };
    let head = head.to_ascii_lowercase();
    assert!(head.starts_with("post /speke http/1.1"), "{head}");
    for field in ["content-type: application/xml", "x-speke-version: 2.1", "x-api-key: hush-hush"] {
        assert!(head.contains(field), "{head}");
    }
    // what is published already asks for no keys
    let again = publish(&key_server(Fault::Status(500)).0).await;
    assert!(again.status.success(), "{}", stderr(&again));
    // the vendor's boxes are in the header
    let header = files(&bucket).into_iter().find(|path| path.ends_with("heaac2-32/1.mp4")).unwrap();
    assert!(holds(&fs::read(header).unwrap(), b"of the vendor"));
}
