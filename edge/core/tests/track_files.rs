//! Track files and ranges of them: what is read of which part, and what is said of it.
#![allow(clippy::unwrap_used, clippy::panic)]

mod world;

use nada_catalog::{Manifest, RenditionFile, key::etag_of, to_json};
use nada_edge::{
    AnswerHead, Body, Budget, Code, Country, Extent, Media, Origin, OriginSelection, Plan, Read, Request,
    Response, Source, Step, Ttl,
};
use proptest::prelude::*;
use world::{World, manifest, older, outcome, presentation, version};

/// Bytes before the segments.
const BEFORE: u64 = 768;
/// Bytes of the whole file.
const LENGTH: u64 = BEFORE + 1200;

fn fields(response: &Response) -> (u16, Option<&str>, Option<&str>) {
    (response.status, response.header("content-length"), response.header("content-range"))
}

/// The pieces, each as part, first byte, byte after the last one, and length of the part.
fn pieces(media: &Media) -> Vec<(String, u64, u64, u64)> {
    let piece = |read: &Read| {
        let Extent { range, length } = read.bytes.clone().unwrap();
        let key = read.key.to_string();
        (key.rsplit_once('/').unwrap().1.to_owned(), range.start, range.end, length)
    };
    media.pieces.iter().map(piece).collect()
}

fn piece(part: &str, first: u64, end: u64, length: u64) -> (String, u64, u64, u64) {
    (format!("{part}.mp4"), first, end, length)
}

/// Every name of a range of the file, after the track's, and which bytes of the file it has.
fn resources() -> Vec<(String, std::ops::Range<u64>)> {
    let v = version();
    let layout = &presentation("track1", version()).renditions[2].file;
    let mut all: Vec<_> = [RenditionFile::Init, RenditionFile::Segment(1), RenditionFile::Segment(3)]
        .map(|file| (format!("{v}/aac-128/{file}"), layout.range(file).unwrap()))
        .to_vec();
    for base in [String::new(), format!("{v}/")] {
        all.push((format!("{base}aac-128.mp4"), layout.whole()));
        all.push((format!("{base}start/aac-128.mp4"), layout.start()));
    }
    all
}

#[test]
fn init_and_segments_are_ranges_of_parts() {
    let world = World::new();
    for (file, expected) in [
        ("init.mp4", piece("1", 0, 700, 1468)),
        ("00001.m4s", piece("1", 768, 1068, 1468)),
        ("00002.m4s", piece("1", 1068, 1468, 1468)),
        ("00003.m4s", piece("2", 0, 500, 500)),
    ] {
        let path = world.path(&format!("{}/aac-128/{file}", version()));
        let media = world.media(&world.request("GET", &path));
        assert_eq!(pieces(&media), std::slice::from_ref(&expected), "{file}");
        let response = &media.response;
        let length = (expected.2 - expected.1).to_string();
        assert_eq!(fields(response), (200, Some(length.as_str()), None));
        assert_eq!(response.body, Body::Pieces);
        // as it was when each file was an object of its own
        let etag = etag_of(&format!("tracks/track1/{}/aac-128/{file}", version()));
        assert_eq!(response.header("etag"), Some(etag.as_str()));
        for (name, value) in [
            ("content-type", Some("audio/mp4")),
            ("accept-ranges", Some("bytes")),
            ("cache-control", Some("private, max-age=3600, immutable")),
            ("vary", None),
            ("content-encoding", None),
            ("content-location", None),
        ] {
            assert_eq!(response.header(name), value, "{file}: {name}");
        }
        let read = &media.pieces[0];
        assert_eq!((read.ttl, read.source, read.query.as_ref()), (Ttl::IMMUTABLE, Source::Nearest, None));
    }
}

#[test]
fn an_alias_names_the_version_and_is_the_same() {
    let world = World::new();
    let v = version();
    for (alias, named) in [("aac-128.mp4", "aac-128.mp4"), ("start/aac-128.mp4", "../")] {
        let get = |file: &str| world.media(&world.request("GET", &world.path(file)));
        let (alias, stored) = (get(alias), get(&format!("{v}/{alias}")));
        assert_eq!(alias.pieces, stored.pieces);
        assert_eq!(alias.response.header("etag"), stored.response.header("etag"));
        assert_eq!(alias.response.header("cache-control"), Some("private, no-cache"));
        assert_eq!(stored.response.header("cache-control"), Some("private, max-age=3600, immutable"));
        assert_eq!(stored.response.header("content-location"), None);
        let location = alias.response.header("content-location").unwrap().to_owned();
        let expected =
            if named == "../" { format!("../{v}/start/aac-128.mp4") } else { format!("{v}/{named}") };
        assert_eq!(location, expected);
    }
    // each has a tag of its own
    let tags: std::collections::BTreeSet<String> = resources()
        .iter()
        .map(|(file, _)| world.media(&world.request("GET", &world.path(file))).response)
        .map(|response| response.header("etag").unwrap().to_owned())
        .collect();
    assert_eq!(tags.len(), 5);
}

#[test]
fn the_start_is_header_index_and_first_segment() {
    let world = World::new();
    let media = world.media(&world.request("GET", &world.path("start/aac-128.mp4")));
    assert_eq!(pieces(&media), [piece("1", 0, BEFORE + 300, 1468)]);
    assert_eq!(media.next, None);
}

#[test]
fn threats_48_and_50_ranges_over_parts() {
    let world = World::new();
    let path = world.path("aac-128.mp4");
    let mut request = world.request("GET", &path);
    let whole = vec![piece("1", 0, 1468, 1468), piece("2", 0, 500, 500)];
    for (range, status, said, read) in [
        ("bytes=0-", 206, Some((0, LENGTH)), whole.clone()),
        ("bytes=0-0", 206, Some((0, 1)), vec![piece("1", 0, 1, 1468)]),
        (
            "bytes=1460-1470",
            206,
            Some((1460, 1471)),
            vec![piece("1", 1460, 1468, 1468), piece("2", 0, 3, 500)],
        ),
        ("bytes=1467-1467", 206, Some((1467, 1468)), vec![piece("1", 1467, 1468, 1468)]),
        ("bytes=1468-1468", 206, Some((1468, 1469)), vec![piece("2", 0, 1, 500)]),
        ("bytes=-500", 206, Some((1468, LENGTH)), vec![piece("2", 0, 500, 500)]),
        (
            "bytes=-501",
            206,
            Some((1467, LENGTH)),
            vec![piece("1", 1467, 1468, 1468), piece("2", 0, 500, 500)],
        ),
        ("bytes=0-0,5-5", 200, None, whole.clone()),
        ("items=0-1", 200, None, whole.clone()),
    ] {
        request.headers.range = Some(range);
        let media = world.media(&request);
        let said = said.map(|(first, end)| format!("bytes {first}-{}/{LENGTH}", end - 1));
        assert_eq!(media.response.status, status, "{range}");
        assert_eq!(media.response.header("content-range"), said.as_deref(), "{range}");
        assert_eq!(pieces(&media), read, "{range}");
    }
    for range in ["bytes=1968-", "bytes=-0", "bytes=99999999999999999999-"] {
        request.headers.range = Some(range);
        let response = world.respond(&request);
        assert_eq!((response.status, response.code), (416, Some(Code::Range)), "{range}");
        assert_eq!(response.header("content-range"), Some("bytes */1968"), "{range}");
        assert_eq!(response.header("cache-control"), Some("no-store"));
    }
}

/// An interrupted download goes on with the same version or begins anew.
#[test]
fn threat_51_if_range_never_crosses_versions() {
    let mut world = World::new();
    let path = world.path("aac-128.mp4");
    let etag = world.media(&world.request("GET", &path)).response.header("etag").unwrap().to_owned();
    let resumed = |world: &World| {
        let mut request = world.request("GET", &path);
        (request.headers.range, request.headers.if_range) = (Some("bytes=1000-"), Some(etag.as_str()));
        world.media(&request).response
    };
    assert_eq!(fields(&resumed(&world)), (206, Some("968"), Some("bytes 1000-1967/1968")));
    world.change_manifest(|m| {
        m.presentation = presentation("track1", older());
        m.versions.reverse();
    });
    let response = resumed(&world);
    assert_eq!(fields(&response), (200, Some("1968"), None));
    assert_eq!(response.header("content-location"), Some(format!("{}/aac-128.mp4", older()).as_str()));
    for field in [format!("W/{etag}"), "\"other\"".to_owned(), "Sun, 22 Nov 2026 10:00:00 GMT".to_owned()] {
        let mut request = world.request("GET", &path);
        (request.headers.range, request.headers.if_range) = (Some("bytes=1-2"), Some(field.as_str()));
        assert_eq!(world.media(&request).response.status, 200, "{field}");
    }
}

/// All that is said is known without asking an origin, and HEAD sends nothing else.
#[test]
fn threats_52_and_53_head_and_conditions_need_no_origin() {
    let world = World::new();
    for (file, range) in resources() {
        let path = world.path(&file);
        let media = world.media(&world.request("GET", &path));
        let mut head = world.request("HEAD", &path);
        head.headers.range = Some("bytes=1-2");
        let response = world.respond(&head);
        assert_eq!((response.status, &response.headers), (200, &media.response.headers), "{file}");
        assert_eq!(response.header("content-length"), Some((range.end - range.start).to_string().as_str()));
        assert_eq!(response.body, Body::Empty);
        let etag = media.response.header("etag").unwrap().to_owned();
        for method in ["GET", "HEAD"] {
            for field in [etag.clone(), format!("\"x\", W/{etag}"), "*".to_owned()] {
                let mut request = world.request(method, &path);
                request.headers.if_none_match = Some(&field);
                // a condition comes before a range
                request.headers.range = Some("bytes=0-1");
                let response = world.respond(&request);
                assert_eq!((response.status, &response.body), (304, &Body::Empty), "{file} {field}");
                // a 304 has what the 200 says of where it lies and how long it may be kept (RFC 9110 §15.4.5)
                for name in ["etag", "cache-control", "content-location"] {
                    assert_eq!(response.header(name), media.response.header(name), "{file} {name}");
                }
                assert_eq!(
                    (response.header("content-type"), response.header("content-length")),
                    (None, None)
                );
            }
        }
    }
}

/// What is read, and so what caches are keyed by, follows from the route alone; media is never coded.
#[test]
fn threats_39_and_44_neither_query_nor_coding_counts() {
    let world = World::new();
    for (file, _) in resources() {
        let path = world.path(&file);
        let plain = world.media(&world.request("GET", &path));
        for query in ["a=1&b=2", "r=7", "t=1&t=2", "CMCD=br%3D64", "%00", "lang=hi"] {
            let mut request = world.request("GET", &path);
            request.query = Some(query);
            request.headers.accept_encoding = Some("gzip");
            assert_eq!(world.media(&request), plain, "{query}");
        }
    }
}

#[test]
fn what_comes_next_is_the_next_part_where_one_ends() {
    let world = World::new();
    let next = |file: &str| {
        let media = world.media(&world.request("GET", &world.path(file)));
        media.next.map(|read| (read.key.to_string(), read.range(), read.whole().range()))
    };
    let v = version();
    let second = (format!("tracks/track1/{v}/aac-128/2.mp4"), Some("bytes=0-0".to_owned()), None);
    for (file, expected) in [
        ("aac-128/init.mp4", None),
        ("aac-128/00001.m4s", None),
        ("aac-128/00002.m4s", Some(second)),
        ("aac-128/00003.m4s", None),
        ("aac-128.mp4", None),
    ] {
        assert_eq!(next(&format!("{v}/{file}")), expected, "{file}");
    }
}

#[test]
fn an_older_version_is_known_by_its_own_presentation() {
    let mut world = World::new();
    let key = format!("tracks/track1/{}/presentation.json", older());
    let mut stored = presentation("track1", older());
    stored.renditions.truncate(3);
    stored.renditions[2].file = nada_catalog::TrackFileLayout {
        header: 10,
        index: 5,
        segments: nada_catalog::ByteLengths::pack([7]).unwrap(),
        parts: vec![1],
    };
    let file = |file: &str| World::new().path(&format!("{}/{file}", older()));
    let (segment, text, whole) = (file("aac-128/00001.m4s"), file("aac-128/media.m3u8"), file("aac-128.mp4"));
    assert_eq!(world.get(&segment), "not_found", "the origin lost it");
    world.put(&key, 200, &to_json(&stored).unwrap());
    world.rounds();
    assert_eq!(world.get(&text), format!("tracks/track1/{}/aac-128/media.m3u8", older()));
    assert_eq!(world.rounds().last().unwrap(), &key, "asked for when all else is decided");
    let get = |path: &str| world.media(&world.request("GET", path));
    assert_eq!(pieces(&get(&segment)), [piece("1", 15, 22, 22)]);
    assert_eq!(pieces(&get(&whole)), [piece("1", 0, 22, 22)]);
    for missing in ["aac-128/00002.m4s", "flac/init.mp4", "flac/media.m3u8", "flac.mp4", "aac-256.mp4"] {
        assert_eq!(world.get(&file(missing)), "not_found", "{missing}");
    }
    // the current version is never asked for it, nor one that is not listed
    world.rounds();
    world.get(&world.path(&format!("{}/aac-128/00001.m4s", version())));
    assert_eq!(world.rounds().len(), 1);
    world.change_manifest(|m| drop(m.versions.pop()));
    assert_eq!(world.get(&segment), "not_found");
    assert_eq!(world.rounds().len(), 1);
    // in the wrong place it is nobody's
    world.change_manifest(|_| {});
    for (status, body, expected) in [
        (200, to_json(&presentation("track1", version())).unwrap(), "origin_unavailable"),
        (200, to_json(&presentation("song2", older())).unwrap(), "origin_unavailable"),
        (200, b"{}".to_vec(), "origin_unavailable"),
        (503, Vec::new(), "origin_unavailable"),
        (404, Vec::new(), "not_found"),
    ] {
        world.put(&key, status, &body);
        assert_eq!(world.get(&segment), expected, "{status}");
    }
    // whoever may not hear it asks for nothing
    world.change_manifest(|m| m.status = nada_catalog::Status::Withdrawn);
    world.rounds();
    assert_eq!((world.get(&segment), world.rounds().len()), ("withdrawn".to_owned(), 1));
}

#[test]
fn parts_without_sense_serve_nothing() {
    let mut world = World::new();
    for parts in [vec![], vec![2], vec![3, 1]] {
        world.change_manifest(|m| m.presentation.renditions[2].file.parts = parts.clone());
        assert_eq!(world.get(&world.path("aac-128.mp4")), "origin_unavailable", "{parts:?}");
    }
}

/// Nothing truncated, mismatched or erroneous is taken for the bytes that were asked for: the next origin is asked.
#[test]
fn threats_42_43_origins_that_say_odd_things() {
    let world = World::new();
    let origins =
        ["https://mumbai", "https://jakarta"].map(|name| Origin::new(name, "nada-demo", "r", true).unwrap());
    let taken = |read: &Read, head: AnswerHead<'_>| {
        let mut budget = Budget::default();
        let mut selection = OriginSelection::new(&origins, read, None, Country::Unknown, 0);
        assert!(matches!(selection.start(&mut budget), Step::Ask { .. }));
        selection.answered(&origins[0], Some(head), &mut budget) == Step::Take
    };
    let head = |status, content_length, content_range| AnswerHead {
        status,
        content_length,
        content_range,
        ..AnswerHead::default()
    };
    let read = |file: &str| world.media(&world.request("GET", &world.path(file))).pieces.remove(0);
    let segment = read(&format!("{}/aac-128/00001.m4s", version()));
    assert_eq!(segment.range().as_deref(), Some("bytes=768-1067"));
    assert!(taken(&segment, head(206, Some(300), Some("bytes 768-1067/1468"))));
    assert!(taken(&segment, head(404, Some(3), None)), "absence is the primary's to say");
    for (status, length, range) in [
        (200, Some(1468), None),
        (200, Some(300), None),
        (206, Some(300), None),
        (206, None, Some("bytes 768-1067/1468")),
        (206, Some(300), Some("bytes 768-1067/*")),
        (206, Some(300), Some("bytes 768-1067/1469")),
        (206, Some(300), Some("bytes 769-1068/1468")),
        (206, Some(299), Some("bytes 768-1067/1468")),
        (206, Some(301), Some("bytes 768-1068/1468")),
        (206, Some(300), Some("multipart/byteranges")),
        (416, None, Some("bytes */500")),
        (304, None, None),
        (503, None, None),
    ] {
        assert!(!taken(&segment, head(status, length, range)), "{status} {length:?} {range:?}");
    }
    let coded =
        AnswerHead { content_encoding: Some("gzip"), ..head(206, Some(300), Some("bytes 768-1067/1468")) };
    assert!(!taken(&segment, coded));
    let whole = read(&format!("{}/aac-128/00003.m4s", version()));
    assert_eq!(whole.range(), None, "a whole part is asked for without a range");
    assert!(taken(&whole, head(200, Some(500), None)));
    for (status, length, range) in [
        (200, None, None),
        (200, Some(499), None),
        (200, Some(501), None),
        (206, Some(500), Some("bytes 0-499/500")),
        (204, Some(500), None),
    ] {
        assert!(!taken(&whole, head(status, length, range)), "{status} {length:?} {range:?}");
    }
}

#[test]
fn what_may_be_kept_lasts_no_longer_than_the_token() {
    let mut world = World::new();
    let path = world.path(&format!("{}/aac-128.mp4", version()));
    for (later, expected) in [(0, 3600), (3599, 1), (3600, 0), (3630, 0)] {
        world.now = world::NOW + later;
        let kept = format!("private, max-age={expected}, immutable");
        let media = world.media(&world.request("GET", &path));
        assert_eq!(media.response.header("cache-control"), Some(kept.as_str()));
    }
}

fn asked<'a>(world: &World, method: &'a str, path: &'a str, range: &'a str) -> Request<'a> {
    let mut request = world.request(method, path);
    request.headers.range = Some(range);
    request
}

proptest! {
    /// Whatever is asked for of whatever file, the pieces are just the bytes that the head tells of.
    #[test]
    fn the_pieces_are_what_the_head_says(
        field in prop_oneof![
            (0..2500u64, 0..2500u64).prop_map(|(a, b)| format!("bytes={a}-{b}")),
            (0..2500u64).prop_map(|a| format!("bytes={a}-")),
            (0..2500u64).prop_map(|a| format!("bytes=-{a}")),
            "bytes=[0-9,-]{0,12}",
        ],
        lengths in proptest::collection::vec(1..400u32, 1..12),
        cuts in proptest::collection::vec(1..4u32, 12),
        which in 0..6usize,
        method in prop_oneof![Just("GET"), Just("HEAD")],
    ) {
        let mut world = World::new();
        let (mut left, mut parts) = (lengths.len() as u32, Vec::new());
        for cut in cuts {
            if left > 0 {
                parts.push(cut.min(left));
                left -= cut.min(left);
            }
        }
        let segments = nada_catalog::ByteLengths::pack(lengths.iter().copied()).unwrap();
        let layout = nada_catalog::TrackFileLayout { header: 90, index: 10, segments, parts };
        let whole = layout.parts_of(&layout.whole()).unwrap();
        let changed = layout.clone();
        world.change_manifest(|m: &mut Manifest| m.presentation.renditions[2].file = changed);
        let v = version();
        let last = u32::try_from(lengths.len()).unwrap();
        let (file, of) = [
            ("aac-128.mp4".to_owned(), layout.whole()),
            (format!("{v}/aac-128.mp4"), layout.whole()),
            ("start/aac-128.mp4".to_owned(), layout.start()),
            (format!("{v}/aac-128/init.mp4"), layout.range(RenditionFile::Init).unwrap()),
            (format!("{v}/aac-128/00001.m4s"), layout.range(RenditionFile::Segment(1)).unwrap()),
            (format!("{v}/aac-128/{last:05}.m4s"), layout.range(RenditionFile::Segment(last)).unwrap()),
        ][which].clone();
        let path = world.path(&file);
        let plan = world.run(&asked(&world, method, &path, &field));
        let media = match plan {
            Plan::Media(media) => media,
            Plan::Respond(response) => {
                prop_assert!(response.status == 416 || (method == "HEAD" && response.status == 200));
                return Ok(());
            }
            plan @ Plan::Serve(_) => panic!("{}", outcome(&plan)),
        };
        let mut at = None;
        let mut sent = 0;
        for read in &media.pieces {
            let Extent { range, length } = read.bytes.clone().unwrap();
            let number: usize = read.key.to_string().rsplit_once('/').unwrap().1.trim_end_matches(".mp4").parse().unwrap();
            prop_assert_eq!(length, whole[number - 1].length);
            prop_assert!(range.start < range.end && range.end <= length);
            let before: u64 = whole[..number - 1].iter().map(|part| part.length).sum();
            prop_assert!(at.is_none_or(|at| at == before + range.start));
            at = Some(before + range.end);
            sent += range.end - range.start;
        }
        let length = of.end - of.start;
        let sent_said = sent.to_string();
        prop_assert_eq!(media.response.header("content-length"), Some(sent_said.as_str()));
        let first = at.unwrap() - sent - of.start;
        if media.response.status == 206 {
            let said = format!("bytes {first}-{}/{length}", first + sent - 1);
            prop_assert_eq!(media.response.header("content-range"), Some(said.as_str()));
        } else {
            prop_assert_eq!((media.response.status, first, sent), (200, 0, length));
        }
    }
}

#[test]
fn the_manifest_of_these_tests_is_sound() {
    let manifest = manifest("track1");
    assert!(manifest.keeps(&version()) && manifest.keeps(&older()));
    assert_eq!(manifest.presentation.renditions[2].file.length(), LENGTH);
}
