//! Artwork, clips and `share.json`: under the same token and rights as media, by what the manifest names.

use jiff::Timestamp;
use nada_catalog::{
    Artwork, ArtworkDigest, Clip, ClipId, ClipKind, PictureFormat, ShareInfo, Status, to_json,
    track::TrackInfo,
};
use nada_tests::catalogue;

use crate::world::{World, assert_problem, now};

/// India shares two lines and ten seconds, Indonesia nothing.
const RIGHTS: &str = r#"{"territories":[{"code":"IN","share":{"lines":2,"seconds":10}},{"code":"ID"}]}"#;
/// A track that nobody asked for before.
const PICTURED: &str = "pictured";

fn clip(lines: u32, ms: u64) -> Clip {
    Clip {
        id: ClipId::from_input(&[&lines.to_be_bytes()]),
        kind: ClipKind::Film,
        format: PictureFormat::Mp4,
        width: 1080,
        height: 1920,
        bytes: 5000,
        lines: Some((1, lines)),
        ms: (0, ms),
        layers: Vec::new(),
        created: Timestamp::UNIX_EPOCH,
    }
}

fn film(lines: u32) -> Vec<u8> {
    (0..5000_u32).map(|at| (at * 7 + lines) as u8).collect()
}

/// Puts the track into the bucket, with artwork of two sizes and two clips, of which one is too long.
fn publish(world: &World) -> anyhow::Result<Artwork> {
    let at = Timestamp::from_second(now())?;
    let artwork = Artwork {
        digest: ArtworkDigest::from_input(&[b"a"]),
        sizes: vec![96, 320],
        formats: PictureFormat::ARTWORK.to_vec(),
        background: "#103050".to_owned(),
        text: "#ffffff".to_owned(),
        placeholder: "data:image/webp;base64,UklGRg==".to_owned(),
    };
    let mut manifest = catalogue::manifest(PICTURED, RIGHTS, Status::Live, at);
    manifest.artwork = Some(artwork.clone());
    manifest.clips = vec![clip(2, 10_000), clip(3, 5_000)];
    for (size, format) in artwork.sizes.iter().flat_map(|size| artwork.formats.iter().map(move |f| (size, f)))
    {
        let key = format!("tracks/{PICTURED}/artwork/{}/{size}.{format}", artwork.digest);
        world.origin.put(&key, format!("{size} {format}").repeat(100).as_bytes())?;
    }
    for clip in &manifest.clips {
        let lines = clip.lines.map_or(0, |(_, last)| last);
        world.origin.put(&format!("tracks/{PICTURED}/clips/{}.mp4", clip.id), &film(lines))?;
    }
    world.origin.put(&format!("tracks/{PICTURED}/manifest.json"), &to_json(&manifest)?)?;
    Ok(artwork)
}

pub async fn artwork(world: &World) -> anyhow::Result<()> {
    let artwork = publish(world)?;
    for (file, kind) in [("96.avif", "image/avif"), ("320.webp", "image/webp"), ("96.jpg", "image/jpeg")] {
        let path = world.path(PICTURED, &format!("artwork/{file}"));
        let answer = world.ask("GET", &path, "ID", &[("accept-encoding", "gzip")]).await?;
        assert_eq!((answer.status.as_u16(), answer.header("content-type").as_str()), (200, kind), "{file}");
        assert_eq!(answer.text(), file.replace('.', " ").repeat(100));
        assert_eq!(answer.header("content-encoding"), "", "{file}");
        assert_eq!(answer.header("cache-control"), "private, no-cache");
        let etag = answer.header("etag");
        let again = world.ask("GET", &path, "ID", &[("if-none-match", &etag)]).await?;
        assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
        assert_problem(&world.ask("GET", &path, "US", &[]).await?, 451, "territory");
    }
    let info: TrackInfo =
        serde_json::from_slice(&world.get(&world.path(PICTURED, "track.json")).await?.body)?;
    assert_eq!(info.artwork, Some(artwork));
    for file in ["artwork/640.jpg", "artwork/96.png", "artwork/096.jpg", "artwork/", "artwork/../track.json"]
    {
        let answer = world.get(&world.path(PICTURED, file)).await?;
        if !file.contains("..") {
            assert_problem(&answer, 404, "not_found");
        }
    }
    assert_problem(&world.get(&format!("/t/{PICTURED}/artwork/96.jpg")).await?, 401, "token_missing");
    Ok(())
}

pub async fn clips(world: &World) -> anyhow::Result<()> {
    publish(world)?;
    let (short, long) = (clip(2, 10_000), clip(3, 5_000));
    let path = |clip: &Clip| world.path(PICTURED, &format!("clips/{}.mp4", clip.id));
    let whole = world.ask("GET", &path(&short), "IN", &[("accept-encoding", "gzip")]).await?;
    assert_eq!((whole.status.as_u16(), whole.header("content-type").as_str()), (200, "video/mp4"));
    assert_eq!(whole.body, film(2));
    assert!(whole.header("cache-control").ends_with(", immutable"));
    let part = world.ask("GET", &path(&short), "IN", &[("range", "bytes=1000-1999")]).await?;
    assert_eq!((part.status.as_u16(), part.header("content-range").as_str()), (206, "bytes 1000-1999/5000"));
    assert_eq!(part.body, film(2)[1000..2000]);
    let beyond = world.ask("GET", &path(&short), "IN", &[("range", "bytes=5000-")]).await?;
    assert_eq!(beyond.status, 416);
    // what the rights do not share there is refused, and what is not theirs at all before that
    assert_problem(&world.get(&path(&long)).await?, 403, "share_not_allowed");
    assert_problem(&world.ask("GET", &path(&short), "ID", &[]).await?, 403, "share_not_allowed");
    assert_problem(&world.ask("GET", &path(&short), "US", &[]).await?, 451, "territory");
    let unknown = format!("clips/{}.mp4", ClipId::from_input(&[b"other"]));
    assert_problem(&world.get(&world.path(PICTURED, &unknown)).await?, 404, "not_found");
    assert_problem(&world.get(&format!("/t/{PICTURED}/clips/{}.mp4", short.id)).await?, 401, "token_missing");
    Ok(())
}

pub async fn share_json(world: &World) -> anyhow::Result<()> {
    publish(world)?;
    let path = world.path(PICTURED, "share.json");
    let info = async |country: &str| -> anyhow::Result<ShareInfo> {
        Ok(serde_json::from_slice(&world.ask("GET", &path, country, &[]).await?.body)?)
    };
    let india = info("IN").await?;
    assert_eq!((india.share.lines, india.share.seconds), (2, 10));
    assert_eq!(india.clips, [clip(2, 10_000)]);
    let indonesia = info("ID").await?;
    assert!(indonesia.share.is_nothing() && indonesia.clips.is_empty());
    assert_problem(&world.ask("GET", &path, "US", &[]).await?, 451, "territory");
    Ok(())
}
