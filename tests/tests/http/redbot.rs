//! REDbot, which knows HTTP by its RFCs and asks by itself with ranges, codings and conditions, finds no fault with
//! either host.

use std::{io::ErrorKind, path::Path};

use anyhow::Context as _;
use nada_tests::catalogue::{self, TRACK, WORLD};
use tokio::process::Command;

use crate::world::{HostKind, World};

/// What REDbot calls a warning, on which path's end, and why it is meant.
const MEANT: [(&str, &str, &str); 2] = [
    (
        "CONTENT_TYPE_MISMATCH",
        ".m4s",
        "sniffing knows MP4 by its `ftyp` box (MIME Sniffing §6.2.1), which a segment does not have",
    ),
    ("CONTENT_TYPE_MISMATCH", ".mp4", "nor has the noise that the suites store as media"),
];

/// What it misses of workerd, where the platform does it: to write `Date`, and to tell which codings each request of
/// REDbot accepts; here all of them are told as one, and `lyrics::compression` holds an ETag against its coding.
const OF_THE_PLATFORM: [&str; 3] = ["DATE_CLOCKLESS", "NO_DATE_304", "VARY_ETAG_DOESNT_CHANGE"];

async fn no_fault(kind: HostKind) -> anyhow::Result<()> {
    let world = World::start(kind).await?;
    for (path, status) in [
        (world.path(TRACK, "multivariant.m3u8"), 200),
        (world.media(TRACK, "heaac-64", "media.m3u8"), 200),
        (world.media(TRACK, "heaac-64", "00001.m4s"), 200),
        (world.path(TRACK, "heaac-64.mp4"), 200),
        (world.path(TRACK, "start/heaac-64.mp4"), 200),
        (world.path(TRACK, "track.json"), 200),
        (world.path(TRACK, "lyrics.json"), 200),
        (world.path(TRACK, &format!("lyrics/{}/hi.vtt", catalogue::digest())), 200),
        (format!("/t/{TRACK}/track.json"), 401),
        (world.path(WORLD, "nothing.json"), 404),
    ] {
        let Some(notes) = notes(&world, &path).await? else {
            eprintln!(
                "SKIPPED: REDbot is not installed: nothing is proven of {kind:?}; tests/run tools says why"
            );
            return Ok(());
        };
        let (first, notes) = notes.split_first().context("it says nothing")?;
        assert_eq!(first["status"], status, "{path:.200}");
        // it did ask
        assert!(notes.iter().any(|note| note["level"] == "good" || note["level"] == "info"), "{notes:?}");
        let meant = |note: &serde_json::Value| {
            MEANT.iter().any(|(name, end, _)| note["name"] == *name && path.ends_with(end))
                || kind == HostKind::Worker && OF_THE_PLATFORM.iter().any(|name| note["name"] == *name)
        };
        let faults: Vec<_> = notes
            .iter()
            .filter(|note| (note["level"] == "warning" || note["level"] == "bad") && !meant(note))
            .collect();
        assert!(faults.is_empty(), "{kind:?}, {}: {faults:#?}", path.rsplit('/').next().unwrap());
    }
    Ok(())
}

/// REDbot's notes, the status first; `None` where it is not installed.
async fn notes(world: &World, path: &str) -> anyhow::Result<Option<Vec<serde_json::Value>>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("redbot/notes.py");
    let (name, value) = world.indian();
    let mut command = Command::new("redbot-python");
    command.arg(script).arg(format!("http://{}{path}", world.address())).arg(format!("{name}={value}"));
    let output = match command.output().await {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        output => output?,
    };
    anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout)?;
    lines.lines().map(|line| Ok(serde_json::from_str(line)?)).collect::<anyhow::Result<_>>().map(Some)
}

#[tokio::test(flavor = "multi_thread")]
async fn native_has_no_fault() -> anyhow::Result<()> {
    no_fault(HostKind::Native).await
}

#[tokio::test(flavor = "multi_thread")]
async fn worker_has_no_fault() -> anyhow::Result<()> {
    no_fault(HostKind::Worker).await
}
