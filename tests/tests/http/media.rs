use nada_tests::{
    catalogue::{self, RENDITIONS, TRACK},
    client::HttpAnswer,
};

use crate::world::{World, assert_problem, now};

pub async fn init_and_segments(world: &World) -> anyhow::Result<()> {
    for (rendition, _) in RENDITIONS {
        for file in ["init.mp4", "00001.m4s", "00002.m4s"] {
            let (key, bytes) = catalogue::media(TRACK, rendition, file);
            let asked = [("accept-encoding", "gzip, br")];
            let answer = world.ask("GET", &world.media(TRACK, rendition, file), "IN", &asked).await?;
            assert_eq!(answer.status, 200, "{key}");
            assert!(answer.body == bytes, "{key}: other bytes");
            assert_eq!(answer.header("content-type"), "audio/mp4");
            assert_eq!(answer.header("content-length"), bytes.len().to_string());
            assert_eq!(answer.header("accept-ranges"), "bytes");
            assert_eq!(answer.header("content-encoding"), "", "media is not compressed");
            assert!(answer.header("etag").starts_with('"'), "a strong tag");
        }
    }
    Ok(())
}

pub async fn head(world: &World) -> anyhow::Result<()> {
    for path in [
        world.media(TRACK, "aac-128", "00001.m4s"),
        world.path(TRACK, "multivariant.m3u8"),
        world.path(TRACK, "lyrics.json"),
        world.path(TRACK, "track.json"),
        "/healthz".to_owned(),
        "/t/x/track.json".to_owned(),
    ] {
        let get = world.get(&path).await?;
        let head = world.ask("HEAD", &path, "IN", &[]).await?;
        assert_eq!((head.status, head.body.len()), (get.status, 0));
        for name in ["content-type", "content-length", "etag", "accept-ranges", "vary"] {
            assert_eq!(head.header(name), get.header(name), "{name} of {path}");
        }
        // what ends with the token counts down between the two
        let (before, after) = (policy(&get), policy(&head));
        assert_eq!(before.0, after.0, "cache-control of {path}");
        assert!(
            after.1 <= before.1 && after.1 + 60 > before.1,
            "max-age of {path}: {before:?}, then {after:?}"
        );
    }
    // Range is defined for GET alone (RFC 9110 §14.2)
    let path = world.media(TRACK, "aac-128", "00001.m4s");
    let ranged = world.ask("HEAD", &path, "IN", &[("range", "bytes=0-9")]).await?;
    assert_eq!((ranged.status.as_u16(), ranged.header("content-length").as_str()), (200, "48000"));
    Ok(())
}

/// The directives of `Cache-Control` without the seconds of `max-age`, and these seconds.
fn policy(answer: &HttpAnswer) -> (String, u32) {
    let value = answer.header("cache-control");
    let digits = value.find("max-age=").map_or(value.len(), |at| at + "max-age=".len());
    let end = value[digits..].find(|c: char| !c.is_ascii_digit()).map_or(value.len(), |at| digits + at);
    (format!("{}{}", &value[..digits], &value[end..]), value[digits..end].parse().unwrap_or(0))
}

pub async fn what_the_manifest_does_not_list(world: &World) -> anyhow::Result<()> {
    for file in ["00003.m4s", "00000.m4s", "1.m4s", "1.mp4", "presentation.json", "init.mp4.tmp"] {
        assert_problem(&world.get(&world.media(TRACK, "aac-128", file)).await?, 404, "not_found");
    }
    assert_problem(&world.get(&world.media(TRACK, "aac-129", "init.mp4")).await?, 404, "not_found");
    let version = "00000000000000000000000000000000";
    let other = world.path(TRACK, &format!("{version}/aac-128/init.mp4"));
    assert_problem(&world.get(&other).await?, 404, "not_found");
    assert!(
        world.read_keys().iter().all(|key| !key.contains("aac-12")),
        "the origin is not asked for any of them"
    );
    Ok(())
}

/// And no more than that: cache lifetimes end with the token, and keys come from the route.
pub async fn one_object_is_read_once(world: &World) -> anyhow::Result<()> {
    let world = world.fresh().await?;
    let exp = now() + 100;
    let token = world.sign(&nada_token::Claims::for_track(TRACK, exp));
    let (key, bytes) = catalogue::media(TRACK, "heaac-64", "00002.m4s");
    let path = format!("/~{token}/t/{TRACK}/{}/heaac-64/00002.m4s?x=1&y=2", catalogue::version());
    let answer = world.get(&path).await?;
    assert!(answer.status == 200 && answer.body == bytes);
    let policy = answer.header("cache-control");
    let age = policy.strip_prefix("private, max-age=").and_then(|rest| rest.strip_suffix(", immutable"));
    let age: i64 = age.unwrap_or("no age").parse()?;
    assert!((exp - now() - 5..=100).contains(&age), "{policy}");
    let mut keys = world.read_keys();
    keys.sort();
    assert_eq!(keys, ["changes.json", "revocations.json", &key, &format!("tracks/{TRACK}/manifest.json")]);
    Ok(())
}
