use std::io::Read as _;

use nada_tests::catalogue::{TRACK, WORLD, digest, lyrics};

use crate::world::{World, assert_problem};

pub async fn aliases(world: &World) -> anyhow::Result<()> {
    for (query, file) in [
        ("", "lyrics.json"),
        ("?lang=hi-Latn", "hi-Latn.json"),
        ("?lang=HI-latn", "hi-Latn.json"),
        ("?lang=HI", "hi.json"),
        ("?lang=en&x=1", "en.json"),
    ] {
        let answer = world.get(&world.path(TRACK, &format!("lyrics.json{query}"))).await?;
        assert_eq!(
            (answer.status.as_u16(), answer.header("content-type").as_str()),
            (200, "application/json")
        );
        assert_eq!(answer.text(), lyrics(file));
        assert_eq!(answer.header("cache-control"), "private, no-cache", "what the alias names may change");
        assert_eq!(answer.header("content-length"), answer.body.len().to_string());
    }
    for query in ["?lang=h%69", "?lang=", "?lang=../x", "?lang=hi&lang=en"] {
        let answer = world.get(&world.path(TRACK, &format!("lyrics.json{query}"))).await?;
        assert_problem(&answer, 400, "bad_request");
    }
    let tag = async |lang: &str| -> anyhow::Result<String> {
        Ok(world.get(&world.path(TRACK, &format!("lyrics.json?lang={lang}"))).await?.header("etag"))
    };
    assert_eq!(tag("hi-latn").await?, tag("hi-Latn").await?, "one object, however it is asked for");
    assert_ne!(tag("hi").await?, tag("hi-Latn").await?);
    Ok(())
}

pub async fn immutable_files(world: &World) -> anyhow::Result<()> {
    for (file, kind) in [
        ("lyrics.json", "application/json"),
        ("hi.json", "application/json"),
        ("hi-Latn.vtt", "text/vtt; charset=utf-8"),
        ("en.m3u8", "application/vnd.apple.mpegurl"),
        ("hi.lrc", "text/plain; charset=utf-8"),
        ("hi.ttml", "application/ttml+xml"),
    ] {
        let answer = world.get(&world.path(TRACK, &format!("lyrics/{}/{file}", digest()))).await?;
        assert_eq!((answer.status.as_u16(), answer.header("content-type").as_str()), (200, kind), "{file}");
        assert_eq!(answer.text(), lyrics(file));
        assert!(answer.header("cache-control").ends_with(", immutable"), "{file}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    Ok(())
}

pub async fn what_is_not_there(world: &World) -> anyhow::Result<()> {
    let other = "00000000000000000000000000000000";
    for (track, file) in [
        (TRACK, format!("lyrics/{}/id.vtt", digest())),
        (TRACK, format!("lyrics/{}/id.ttml", digest())),
        (TRACK, format!("lyrics/{}/hi.exe", digest())),
        (TRACK, format!("lyrics/{other}/hi.vtt")),
        (TRACK, "lyrics.json?lang=id".to_owned()),
        (WORLD, "lyrics.json".to_owned()),
    ] {
        assert_problem(&world.get(&world.path(track, &file)).await?, 404, "not_found");
    }
    Ok(())
}

const VARY: &str = "Accept-Encoding";

/// Without Brotli, to which Cloudflare recodes by itself where the client prefers it.
pub async fn compression(world: &World) -> anyhow::Result<()> {
    let stored = format!("lyrics/{}/lyrics.json", digest());
    for file in [stored.as_str(), "lyrics.json", "multivariant.m3u8", "track.json"] {
        let path = world.path(TRACK, file);
        let plain = world.get(&path).await?;
        assert_eq!((plain.header("content-encoding").as_str(), plain.header("vary").as_str()), ("", VARY));
        for accepts in ["gzip", "GZIP", "deflate, gzip", "deflate;q=1.0, gzip;q=0.5, *;q=0.1"] {
            let coded = world.ask("GET", &path, "IN", &[("accept-encoding", accepts)]).await?;
            assert_eq!(coded.header("content-encoding"), "gzip", "{file}, {accepts}");
            assert_eq!(coded.header("vary"), VARY);
            let mut text = String::new();
            flate2::read::GzDecoder::new(coded.body.as_ref()).read_to_string(&mut text)?;
            assert_eq!(text, plain.text(), "{file}, {accepts}");
            assert_ne!(coded.header("etag"), plain.header("etag"), "one tag for each representation");
            let held = [("accept-encoding", accepts), ("if-none-match", &coded.header("etag"))];
            assert_eq!(world.ask("GET", &path, "IN", &held).await?.status, 304);
        }
        for accepts in ["gzip;q=0", "identity", "deflate", "identity;q=1, gzip;q=0.000", ""] {
            let same = world.ask("GET", &path, "IN", &[("accept-encoding", accepts)]).await?;
            assert_eq!(same.header("content-encoding"), "", "{file}, {accepts}");
            assert!(same.body == plain.body, "{file}, {accepts}");
        }
    }
    Ok(())
}
