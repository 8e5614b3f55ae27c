//! What compression costs the native server: counted, not timed. The worker's bodies are compressed by the platform, whose
//! CPU is measured.

use std::{
    collections::BTreeMap, fs, io::Read as _, num::NonZero, thread::available_parallelism, time::Duration,
};

use anyhow::Context as _;
use futures_util::future::{join_all, try_join_all};
use nada_tests::{
    catalogue::{self, TRACK, digest},
    client::HttpAnswer,
};
use tokio::time::timeout;

use crate::{
    http2::{self, Frame},
    world::{HostKind, World},
};

const MADE: &str = "nada_compressions_total{outcome=\"made\"}";
const REFUSED: &str = "nada_compressions_total{outcome=\"refused\"}";
const GZIP: [(&str, &str); 1] = [("accept-encoding", "gzip")];

fn decoded(answer: &HttpAnswer) -> anyhow::Result<Vec<u8>> {
    let mut plain = Vec::new();
    match answer.header("content-encoding").as_str() {
        "gzip" => flate2::read::GzDecoder::new(answer.body.as_ref()).read_to_end(&mut plain)?,
        _ => answer.body.as_ref().read_to_end(&mut plain)?,
    };
    Ok(plain)
}

/// Every text of the song, by its path below the track.
fn texts() -> Vec<String> {
    let stored = ["hi", "hi-Latn", "en"].into_iter().flat_map(|name| {
        ["json", "vtt", "m3u8", "lrc", "ttml"].map(|kind| format!("lyrics/{}/{name}.{kind}", digest()))
    });
    let playlist = format!("{}/aac-128/media.m3u8", catalogue::version());
    let rendered = ["multivariant.m3u8", "lossless.m3u8", "track.json"].map(str::to_owned);
    stored.chain(rendered).chain([format!("lyrics/{}/lyrics.json", digest()), playlist]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn native_each_body_is_compressed_once() -> anyhow::Result<()> {
    let world = World::start(HostKind::Native).await?;
    let texts = texts();
    for file in &texts {
        // under tokens that differ, whole, by its tag, in part and as a head; a few at the same moment
        let path = world.path(TRACK, file);
        let plain = world.get(&path).await?;
        let together = (0..20).map(|_| world.ask("GET", &path, "IN", &GZIP));
        for coded in try_join_all(together).await? {
            assert_eq!((coded.status.as_u16(), coded.header("content-encoding").as_str()), (200, "gzip"));
            assert_eq!(coded.header("content-length"), coded.body.len().to_string());
            assert!(decoded(&coded)? == plain.body, "{file}");
            let held = [GZIP[0], ("if-none-match", &coded.header("etag"))];
            assert_eq!(world.ask("GET", &path, "ID", &held).await?.status, 304);
        }
        let head = world.ask("HEAD", &path, "IN", &GZIP).await?;
        assert_eq!((head.header("content-encoding").as_str(), head.body.len()), ("gzip", 0), "{file}");
        world.ask("GET", &path, "IN", &[GZIP[0], ("range", "bytes=0-1")]).await?;
        world.get(&path).await?;
    }
    // the alias is the object that it names
    for query in ["", "?lang=hi", "?lang=HI-latn&x=1"] {
        let path = world.path(TRACK, &format!("lyrics.json{query}"));
        assert_eq!(world.ask("GET", &path, "IN", &GZIP).await?.header("content-encoding"), "gzip");
    }
    assert_eq!(world.counted(MADE), texts.len() as u64);
    assert_eq!(world.counted(REFUSED), 0);
    // refusals have no body that is worth it
    for file in ["lyrics/x.json", "lyrics.json?lang=id"] {
        assert_eq!(world.ask("GET", &world.path(TRACK, file), "IN", &GZIP).await?.status, 404);
    }
    assert_eq!(world.counted(MADE), texts.len() as u64);
    Ok(())
}

/// Half of the processors compress at most. A client that comes then is answered at once, with the text as it is.
#[tokio::test(flavor = "multi_thread")]
async fn native_one_too_many_is_sent_plain() -> anyhow::Result<()> {
    let world = World::start(HostKind::Native).await?;
    let line = catalogue::lyrics("hi.json");
    let mut stored = BTreeMap::new();
    for file in texts().into_iter().filter(|file| file.starts_with("lyrics/")) {
        let text = format!("{file}{}", line.repeat(2_000_000 / line.len()));
        world.origin.put(&format!("tracks/{TRACK}/{file}"), text.as_bytes())?;
        stored.insert(world.path(TRACK, &file), text);
    }
    let plain_tag = world.get(stored.keys().next().context("a text")?).await?.header("etag");
    let asked = stored.keys().map(|path| world.ask("GET", path, "IN", &GZIP));
    let answers = join_all(asked).await.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
    let mut plain = 0;
    for (answer, (path, text)) in answers.iter().zip(&stored) {
        assert!(answer.status == 200 && decoded(answer)? == text.as_bytes(), "{path}");
        assert_eq!(answer.header("content-length"), answer.body.len().to_string());
        assert_eq!(answer.header("vary"), "Accept-Encoding");
        let coded = answer.header("content-encoding") == "gzip";
        assert_eq!(coded, answer.header("etag").ends_with("-gzip\""), "{}", answer.header("etag"));
        assert_eq!(coded, answer.header("accept-ranges").is_empty());
        plain += u64::from(!coded);
    }
    assert_eq!((world.counted(MADE), world.counted(REFUSED)), (stored.len() as u64 - plain, plain));
    if available_parallelism().map_or(1, NonZero::get) / 2 < stored.len() - 1 {
        assert!(plain > 0, "all {} were compressed at once", stored.len());
    }
    let held = [GZIP[0], ("if-none-match", plain_tag.as_str())];
    let path = stored.keys().next().context("a text")?;
    assert_eq!(world.ask("GET", path, "IN", &held).await?.status, 200, "coded again when there is time");
    Ok(())
}

/// What clients ask for and do not read is out of the cache, but in memory. Beyond a bound nothing more is read for them,
/// and what is kept goes on being served.
#[tokio::test(flavor = "multi_thread")]
async fn native_what_nobody_reads_has_a_bound() -> anyhow::Result<()> {
    // more than the memory of the suite's server and the 128 MiB beside it
    const SIZE: usize = 12 << 20;
    let world = World::start(HostKind::Native).await?;
    let mut paths = Vec::new();
    for name in ["hi", "hi-Latn", "en"] {
        for kind in ["json", "vtt", "m3u8", "lrc", "ttml"] {
            let file = format!("lyrics/{}/{name}.{kind}", digest());
            world.origin.put(&format!("tracks/{TRACK}/{file}"), &vec![7; SIZE])?;
            paths.push(world.path(TRACK, &file));
        }
    }
    assert_eq!(world.get(&world.path(TRACK, "lyrics.json")).await?.status, 200);
    let mut connection = http2::connect_with_window(world.address(), 0).await?;
    let mut statuses = Vec::new();
    for (number, path) in (0_u32..).zip(&paths) {
        let stream = 2 * number + 1;
        connection.send(&Frame::get(stream, path, &[("nada-test-country", "IN")])).await?;
        statuses.push(timeout(Duration::from_secs(30), connection.status_of(stream)).await?);
    }
    let held = statuses.iter().filter(|status| **status == Some(200)).count();
    assert!(held * SIZE < 144 << 20 && held > 8, "{statuses:?}");
    // the others have no status of their own: it is that of the table
    assert_eq!(statuses[held], Some(503));
    assert_eq!(statuses[..held], vec![Some(200); held]);
    assert!(world.counted("nada_unheld_objects_total") > 0);
    assert_eq!(world.get(&world.path(TRACK, "lyrics.json")).await?.status, 200, "it is kept");
    drop(connection);
    let path = &paths[paths.len() - 1];
    let read = async {
        while world.get(path).await?.status != 200 {}
        anyhow::Ok(())
    };
    timeout(Duration::from_secs(30), read).await?
}

/// Clock ticks of CPU that a process has taken, user and system (proc(5), fields 14 and 15 of `stat`).
fn cpu_ticks(process: u32) -> anyhow::Result<u64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    let (_, fields) = stat.rsplit_once(')').context("a name")?;
    let mut fields = fields.split_ascii_whitespace().skip(11).map(str::parse::<u64>);
    Ok(fields.next().context("user time")?? + fields.next().context("system time")??)
}

/// What the platform takes to compress a text on each request, beside the same text plain: printed for capacity planning, and
/// held to what every request comes to, since a shared machine cannot be held to a time.
#[tokio::test(flavor = "multi_thread")]
async fn worker_the_platform_compresses_each_time() -> anyhow::Result<()> {
    const REQUESTS: usize = 20;
    let world = World::start(HostKind::Worker).await?;
    let line = catalogue::lyrics("hi.json");
    let text = line.repeat(1_000_000 / line.len());
    let file = format!("lyrics/{}/hi.json", digest());
    world.origin.put(&format!("tracks/{TRACK}/{file}"), text.as_bytes())?;
    let path = world.path(TRACK, &file);
    let process = world.workerd().await?;
    for (name, fields) in [("plain", &[][..]), ("gzip", &GZIP[..])] {
        world.ask("GET", &path, "IN", fields).await?;
        let before = cpu_ticks(process)?;
        for _ in 0..REQUESTS {
            let answer = world.ask("GET", &path, "IN", fields).await?;
            assert_eq!(answer.status, 200);
            assert!(decoded(&answer)? == text.as_bytes());
        }
        let ticks = cpu_ticks(process)? - before;
        println!("{name}: {ticks} ticks of 10 ms for {REQUESTS} answers of {} bytes", text.len());
    }
    Ok(())
}
