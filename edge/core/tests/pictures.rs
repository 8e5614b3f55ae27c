//! Artwork, clips and `share.json`: what is served of them, where, and how.
#![allow(clippy::unwrap_used, clippy::panic)]

mod world;

use nada_catalog::ShareInfo;
use nada_edge::{AnswerHead, Coding, Plan};
use world::{World, artwork, clip, outcome, rights, text};

/// India shares five lines and 30 s, Indonesia nothing.
const RIGHTS: &str = r#"{"territories":[{"code":"IN","share":{"lines":5,"seconds":30}},{"code":"ID"}]}"#;

fn world() -> World {
    let mut world = World::new();
    world.change_manifest(|manifest| {
        manifest.rights = rights(RIGHTS);
        manifest.artwork = Some(artwork());
        manifest.clips = vec![clip(5, 30_000), clip(6, 10_000), clip(1, 30_001)];
    });
    world
}

fn path(world: &World, lines: u32, ms: u64) -> String {
    world.path(&format!("clips/{}.mp4", clip(lines, ms).id))
}

#[test]
fn artwork_is_what_the_manifest_names() {
    let world = world();
    let digest = artwork().digest;
    for file in ["96.avif", "96.webp", "320.jpg"] {
        assert_eq!(
            world.get(&world.path(&format!("artwork/{file}"))),
            format!("tracks/track1/artwork/{digest}/{file}")
        );
    }
    assert_eq!(world.get(&world.path("artwork/640.jpg")), "not_found");
    assert_eq!(World::new().get(&World::new().path("artwork/96.jpg")), "not_found");
    assert_eq!(world.get("/t/track1/artwork/96.jpg"), "token_missing");
    let elsewhere = World { country: "US", ..self::world() };
    assert_eq!(elsewhere.get(&elsewhere.path("artwork/96.jpg")), "territory");
}

#[test]
fn artwork_is_asked_again_and_never_compressed_on_the_way() {
    let world = world();
    let path = world.path("artwork/96.jpg");
    let mut request = world.request("GET", &path);
    request.headers.accept_encoding = Some("gzip");
    let serve = world.serve(&request);
    assert_eq!(serve.coding, Coding::Identity);
    let response = serve.slice(10);
    let header = |name| response.header(name);
    assert_eq!(header("content-type"), Some("image/jpeg"));
    assert_eq!((header("cache-control"), header("vary")), (Some("private, no-cache"), None));
    let etag = header("etag").unwrap().to_owned();
    request.headers.if_none_match = Some(&etag);
    let Plan::Respond(fresh) = world.run(&request) else { panic!("served") };
    assert_eq!((fresh.status, fresh.header("vary")), (304, None));
}

#[test]
fn a_clip_is_served_where_the_rights_share_so_much() {
    let world = world();
    let clip = clip(5, 30_000);
    let fine = path(&world, 5, 30_000);
    assert_eq!(world.get(&fine), format!("tracks/track1/clips/{}.mp4", clip.id));
    assert_eq!(world.get(&path(&world, 6, 10_000)), "share_not_allowed");
    assert_eq!(world.get(&path(&world, 1, 30_001)), "share_not_allowed");
    // that it is not there is said before what may be shared
    assert_eq!(world.get(&path(&world, 2, 1)), "not_found");
    assert_eq!(world.get(&world.path(&format!("clips/{}.webp", clip.id))), "not_found");
    assert_eq!(world.get(&format!("/t/track1/clips/{}.mp4", clip.id)), "token_missing");
    let indonesia = World { country: "ID", ..self::world() };
    assert_eq!(indonesia.get(&fine), "share_not_allowed");
    let elsewhere = World { country: "US", ..self::world() };
    assert_eq!(elsewhere.get(&fine), "territory");
    let mut withdrawn = self::world();
    withdrawn.change_manifest(|manifest| {
        manifest.clips = vec![clip.clone()];
        manifest.status = nada_catalog::Status::Withdrawn;
    });
    assert_eq!(withdrawn.get(&fine), "withdrawn");
}

#[test]
fn a_clip_is_kept_for_as_long_as_the_token_lives_and_has_ranges() {
    let world = world();
    let fine = path(&world, 5, 30_000);
    let mut request = world.request("GET", &fine);
    request.headers.accept_encoding = Some("gzip");
    let whole = world.serve(&request).slice(1000);
    assert_eq!(whole.header("content-type"), Some("video/mp4"));
    assert_eq!(whole.header("cache-control"), Some("private, max-age=3600, immutable"));
    assert_eq!(whole.header("accept-ranges"), Some("bytes"));
    assert_eq!(whole.header("content-encoding"), None);
    request.headers.range = Some("bytes=100-199");
    let serve = world.serve(&request);
    let part = serve.answer(&AnswerHead {
        status: 206,
        content_length: Some(100),
        content_range: Some("bytes 100-199/1000"),
        ..AnswerHead::default()
    });
    assert_eq!((part.status, part.header("content-range")), (206, Some("bytes 100-199/1000")));
    assert_eq!(outcome(&world.run(&world.request("HEAD", &fine))), world.get(&fine));
}

#[test]
fn what_may_be_shared_is_told_by_country() {
    let info = |country| {
        let world = World { country, ..world() };
        let path = world.path("share.json");
        let response = world.respond(&world.request("GET", &path));
        assert_eq!(response.header("cache-control"), Some("private, no-cache"));
        serde_json::from_str::<ShareInfo>(text(&response)).unwrap()
    };
    let india = info("IN");
    assert_eq!((india.share.lines, india.share.seconds), (5, 30));
    assert_eq!(india.clips, [clip(5, 30_000)]);
    let indonesia = info("ID");
    assert!(indonesia.share.is_nothing() && indonesia.clips.is_empty());
    let elsewhere = World { country: "US", ..world() };
    assert_eq!(elsewhere.get(&elsewhere.path("share.json")), "territory");
}

#[test]
fn track_json_has_the_artwork() {
    let world = world();
    let response = world.respond(&world.request("GET", &world.path("track.json")));
    let info: serde_json::Value = serde_json::from_str(text(&response)).unwrap();
    assert_eq!(info["artwork"]["sizes"], serde_json::json!([96, 320]));
    assert_eq!(info["artwork"]["formats"], serde_json::json!(["avif", "webp", "jpg"]));
    assert_eq!(info["artwork"]["background"], "#103050");
    assert!(info.get("clips").is_none());
}
