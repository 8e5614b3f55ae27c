//! Clips of published tracks: the real program, a store on 127.0.0.1.
#![cfg(feature = "pictures")]
#![allow(clippy::unwrap_used, clippy::panic)]

use std::{
    fs,
    net::SocketAddr,
    path::Path,
    process::{Command, Output},
};

use nada_endpoint::{Endpoint, Key, Permission};
use serde_json::Value;

const BUCKET: &str = "songs";

async fn endpoint(dir: &Path) -> Endpoint {
    let key = Key { id: "writer".into(), secret: "writer-secret".into(), permission: Permission::Full };
    Endpoint::start(dir, SocketAddr::from(([127, 0, 0, 1], 0)), &[key], &[BUCKET]).await.unwrap()
}

async fn nada(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nada"));
    command.args(args).current_dir(folder).env_clear();
    command.envs([("AWS_ACCESS_KEY_ID", "writer"), ("AWS_SECRET_ACCESS_KEY", "writer-secret")]);
    command.envs([("AWS_EC2_METADATA_DISABLED", "true"), ("HOME", "/nowhere")]);
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

/// The JSON on standard output of a run that ends so.
fn json(output: &Output, code: i32) -> Value {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{errors}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {errors}"))
}

/// The demo's Kabir, in one rendition, of which so much may be shared.
fn release(folder: &Path, share: &str, more: &str) {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/releases/kabir-dohe");
    for file in ["01.flac", "01.hi.lrc", "01.hi-Latn.lrc", "01.en.lrc"] {
        fs::copy(demo.join(file), folder.join(file)).unwrap();
    }
    let text = format!(
        "[release]\nid = \"kabir\"\ntitle = \"Kabir\"\nlabel = \"Nada Demo\"\nterritories = [\"IN\"]\n{share}\n[[track]]\nid = \"KABIR\"\n\
         title = \"बुरा जो देखन मैं चला\"\nartists = [\"Nada\"]\naudio = \"01.flac\"\n\
         lyrics = [\"01.hi.lrc\", \"01.hi-Latn.lrc\", \"01.en.lrc\"]\nladder = {{ renditions = [\"aac-128\"] }}\n{more}"
    );
    fs::write(folder.join("release.toml"), text).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_published_song_makes_the_clips_that_its_release_makes() {
    let folder = tempfile::tempdir().unwrap();
    let store = tempfile::tempdir().unwrap();
    let endpoint = endpoint(store.path()).await;
    let url = endpoint.url();
    let at = ["--at", "s3://songs", "--endpoint-url", &url];
    release(folder.path(), "share = { lines = 2, seconds = 10 }", "");
    let to = ["--to", "s3://songs", "--endpoint-url", &url];
    let published =
        nada(folder.path(), &[&["publish", "release.toml", "--json"], to.as_slice()].concat()).await;
    json(&published, 0);
    for (name, args) in [
        ("film.mp4", ["--lines", "2-3", "--layer", "hi-Latn", "--layer", "en"].as_slice()),
        ("card.png", &["--lines", "5-8", "--size", "wide"]),
        ("late.mp4", &["--from", "0:34", "--to", "0:38", "--size", "square"]),
    ] {
        let of = |origin: &[&str], name: &str| {
            [&["clip", "KABIR", "--json", "--out", name], args, origin].concat().join("\u{1f}")
        };
        let (stored, local) = (format!("stored-{name}"), format!("local-{name}"));
        for line in [of(&at, &stored), of(&["--release", "release.toml"], &local)] {
            json(&nada(folder.path(), &line.split('\u{1f}').collect::<Vec<_>>()).await, 0);
        }
        let [stored, local] = [stored, local].map(|name| fs::read(folder.path().join(name)).unwrap());
        assert!(stored == local, "{name}: {} and {} bytes", stored.len(), local.len());
    }
    let absent = [&["clip", "NOPE", "--json", "--lines", "1"], at.as_slice()].concat();
    let said = json(&nada(folder.path(), &absent).await, 65);
    assert_eq!(said["error"]["message"], "track NOPE is not in s3://songs");

    // what the rights share is published, what they do not is refused by the edge's own name
    let publish = |lines| {
        [&["clip", "KABIR", "--json", "--publish", "--format", "png", "--lines", lines], at.as_slice()]
            .concat()
    };
    let said = json(&nada(folder.path(), &publish("1-2")).await, 0);
    let path = said["published"].as_str().unwrap();
    let stored = store.path().join(BUCKET).join(path.replacen("/t/", "tracks/", 1));
    assert_eq!(fs::read(&stored).unwrap(), fs::read(folder.path().join("KABIR.png")).unwrap(), "{path}");
    let status = [&["status", "--track", "KABIR", "--json"], at.as_slice()].concat();
    let clips = json(&nada(folder.path(), &status).await, 0)["clips"].clone();
    assert_eq!(
        (&clips[0]["lines"], &clips[0]["kind"], &clips[0]["width"]),
        (&[1, 2].into(), &"card".into(), &1080.into()),
        "{clips}"
    );
    // again, it is there already
    json(&nada(folder.path(), &publish("1-2")).await, 0);
    let again = json(&nada(folder.path(), &status).await, 0)["clips"].clone();
    assert_eq!(again, clips);
    let said = json(&nada(folder.path(), &publish("1-3")).await, 65);
    assert_eq!(said["error"]["code"], "share_not_allowed", "{said}");
    assert!(said["error"]["message"].as_str().unwrap().contains("2 lines and 10 seconds"), "{said}");
    let long =
        [&["clip", "KABIR", "--json", "--publish", "--from", "0:02", "--to", "0:13"], at.as_slice()].concat();
    let said = json(&nada(folder.path(), &long).await, 65);
    assert_eq!(said["error"]["code"], "share_not_allowed", "{said}");
    assert!(!folder.path().join("KABIR.mp4").exists(), "refused before it is drawn");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sound_of_a_protected_track_stays_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let store = tempfile::tempdir().unwrap();
    let endpoint = endpoint(store.path()).await;
    let url = endpoint.url();
    release(folder.path(), "", "protection = \"cbcs\"");
    fs::write(folder.path().join("seed"), "0123456789abcdef".repeat(4)).unwrap();
    let to = ["--seed", "seed", "--to", "s3://songs", "--endpoint-url", &url];
    json(&nada(folder.path(), &[&["publish", "release.toml", "--json"], to.as_slice()].concat()).await, 0);
    let clip = |name| {
        [
            "clip",
            "KABIR",
            "--json",
            "--lines",
            "1",
            "--out",
            name,
            "--at",
            "s3://songs",
            "--endpoint-url",
            &url,
        ]
    };
    let said = json(&nada(folder.path(), &clip("film.mp4")).await, 65);
    assert!(
        said["error"]["message"].as_str().unwrap().starts_with("the sound of the track is stored encrypted"),
        "{said}"
    );
    json(&nada(folder.path(), &clip("card.png")).await, 0);
}
