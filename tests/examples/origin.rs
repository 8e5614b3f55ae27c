//! The suites' origin for the benches: an S3 endpoint with songs in it, and signed paths to their segments.
//!
//! Usage: origin FOLDER [TRACKS]
//!
//! Writes into FOLDER `keys.json`, `environment` (a shell's assignments for `nada serve`), `media.m4s` (the segment of
//! 200 KB that the first path names), `paths`: one signed path a line, that segment's first, then two segments of each
//! of TRACKS further songs, no two alike; and `texts`: signed paths of sixteen lyrics of 20 MB, which is what the largest
//! accepted ones come to. Serves until its standard input ends.

use std::{
    fs,
    io::Read as _,
    path::PathBuf,
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::Context as _;
use jiff::Timestamp;
use nada_catalog::{ObjectKey, RenditionFile, Status, to_json};
use nada_tests::{
    catalogue::{self, TRACK, WORLD},
    origin::{ACCESS_KEY, BUCKET, Origin, REGION, SECRET_KEY},
};
use nada_token::{Algorithm, Claims, Key, KeySet, sign};

const RENDITION: &str = "flac";
/// Timed words of one text: 20 MB of them.
const WORDS: u64 = 400_000;

/// Words and times that are as hard to compress as real ones, other ones for each name.
fn words(name: &str) -> String {
    let noise = catalogue::noise(name, 3 * WORDS as usize);
    let mut at = 0;
    let words = noise.chunks_exact(3).map(|byte| {
        at += 100 + u64::from(byte[0]);
        let word = ["मन", "चला", "बुरा", "देखन", "kabir", "malam", "cinta", "nada"][usize::from(byte[1] % 8)];
        format!("{{\"start\":{at},\"end\":{},\"value\":\"{word} \"}}", at + 10 * u64::from(byte[2]))
    });
    format!("[{}]", words.collect::<Vec<_>>().join(","))
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().context("usage: origin FOLDER [TRACKS]")?);
    let tracks: usize = arguments.next().map_or(Ok(0), |text| text.parse())?;

    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?;
    let at = Timestamp::from_second(now)?;
    let origin = Origin::start().await?;
    catalogue::publish(&origin, at)?;
    let key = Key::generate(Algorithm::Hs256, "bench", [7; 32])?;
    let signed = |track: &str, file: &str| {
        let claims = Claims { iat: Some(now), ..Claims::for_track(track, now + 24 * 3600) };
        anyhow::Ok(format!("/~{}/t/{track}/{file}", sign(&claims, &key)?))
    };
    let path = |track: &str, file: RenditionFile| {
        signed(track, &format!("{}/{RENDITION}/{file}", catalogue::version()))
    };
    let files = [RenditionFile::Segment(1), RenditionFile::Segment(2)];
    let mut paths = vec![path(WORLD, files[0])?];
    for number in 1..=tracks {
        let track = format!("track-{number}");
        let manifest = catalogue::manifest(&track, r#"{"territories":[{"code":"*"}]}"#, Status::Live, at);
        origin.put(&ObjectKey::Manifest(manifest.track.clone()).to_string(), &to_json(&manifest)?)?;
        for (key, bytes) in catalogue::objects(&track, &catalogue::version(), RENDITION) {
            origin.put(&key, &bytes)?;
        }
        for file in files {
            paths.push(path(&track, file)?);
        }
    }
    let mut texts = Vec::new();
    for name in ["hi", "hi-Latn", "en"] {
        for kind in ["json", "vtt", "m3u8", "lrc", "ttml"] {
            texts.push(format!("lyrics/{}/{name}.{kind}", catalogue::digest()));
        }
    }
    texts.push(format!("lyrics/{}/lyrics.json", catalogue::digest()));
    for file in &mut texts {
        origin.put(&format!("tracks/{TRACK}/{file}"), words(file).as_bytes())?;
        *file = signed(TRACK, file)?;
    }
    fs::write(folder.join("texts"), texts.join("\n") + "\n")?;
    fs::write(folder.join("media.m4s"), catalogue::media(WORLD, RENDITION, &files[0].to_string()).1)?;
    fs::write(folder.join("keys.json"), KeySet::new(vec![key])?.to_json())?;
    fs::write(folder.join("paths"), paths.join("\n") + "\n")?;
    let assignments = [
        ("AWS_ENDPOINT_URL_S3", origin.endpoint()),
        ("AWS_ACCESS_KEY_ID", ACCESS_KEY.to_owned()),
        ("AWS_SECRET_ACCESS_KEY", SECRET_KEY.to_owned()),
        ("AWS_REGION", REGION.to_owned()),
        ("NADA_KEYS", folder.join("keys.json").display().to_string()),
        ("bucket", BUCKET.to_owned()),
    ];
    let lines: String =
        assignments.iter().map(|(name, value)| format!("export {name}='{value}'\n")).collect();
    // under its name only when it is whole: a script that waits for it reads it then
    fs::write(folder.join("environment.part"), lines)?;
    fs::rename(folder.join("environment.part"), folder.join("environment"))?;

    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    Ok(())
}
