//! How a stored text is answered: ranges, conditions, codings, HEAD, and origins that say odd things.
#![allow(clippy::unwrap_used, clippy::panic)]

mod world;

use nada_edge::{AnswerHead, Body, ByteRange, Code, Coding, Plan, Request, Response, Serve, Source, Ttl};
use proptest::prelude::*;
use world::{World, digest, is_gzip, text, version};

fn playlist(world: &World) -> String {
    world.path(&format!("{}/aac-128/media.m3u8", version()))
}

fn ranged<'a>(world: &World, path: &'a str, range: &'a str) -> Request<'a> {
    let mut request = world.request("GET", path);
    request.headers.range = Some(range);
    request
}

/// An origin that holds `length` bytes and knows RFC 9110.
fn origin(serve: &Serve, length: u64) -> (u16, Option<u64>, Option<String>) {
    match serve.origin_range().map(|range| ByteRange::parse(&range).unwrap().within(length)) {
        None => (200, Some(length), None),
        Some(None) => (416, Some(300), Some(format!("bytes */{length}"))),
        Some(Some((a, b))) => (206, Some(b - a + 1), Some(format!("bytes {a}-{b}/{length}"))),
    }
}

fn answer(
    serve: &Serve,
    (status, content_length, content_range): (u16, Option<u64>, Option<String>),
) -> Response {
    let content_range = content_range.as_deref();
    serve.answer(&AnswerHead { status, content_length, content_range, ..AnswerHead::default() })
}

fn fields(response: &Response) -> (u16, Option<&str>, Option<&str>) {
    (response.status, response.header("content-length"), response.header("content-range"))
}

#[test]
fn a_whole_text() {
    let world = World::new();
    let serve = world.serve(&world.request("GET", &playlist(&world)));
    assert_eq!(
        (serve.read.ttl, serve.read.source, serve.coding),
        (Ttl::IMMUTABLE, Source::Nearest, Coding::Identity)
    );
    assert_eq!((serve.origin_range(), serve.read.query.clone()), (None, None));
    let response = answer(&serve, origin(&serve, 1000));
    assert_eq!(fields(&response), (200, Some("1000"), None));
    assert_eq!(response.body, Body::Origin);
    assert_eq!(response.header("content-type"), Some("application/vnd.apple.mpegurl"));
    assert_eq!(response.header("accept-ranges"), Some("bytes"));
    assert_eq!(response.header("cache-control"), Some("private, max-age=3600, immutable"));
    assert_eq!(response.header("etag"), serve.read.key.etag().as_deref());
    assert_eq!(
        (response.header("vary"), response.header("content-encoding")),
        (Some("Accept-Encoding"), None)
    );
    assert_eq!(serve.slice(1000).body, Body::Slice { first: 0, length: 1000 });
}

#[test]
fn threats_48_and_50_ranges() {
    let world = World::new();
    let path = playlist(&world);
    for (range, expected) in [
        ("bytes=0-0", (206, Some("1"), Some("bytes 0-0/1000"))),
        ("bytes=10-19", (206, Some("10"), Some("bytes 10-19/1000"))),
        ("bytes=990-2000", (206, Some("10"), Some("bytes 990-999/1000"))),
        ("bytes=999-", (206, Some("1"), Some("bytes 999-999/1000"))),
        ("bytes=-100", (206, Some("100"), Some("bytes 900-999/1000"))),
        ("bytes=-5000", (206, Some("1000"), Some("bytes 0-999/1000"))),
        ("bytes=0-0,5-5", (200, Some("1000"), None)),
        ("bytes=9-1", (200, Some("1000"), None)),
        ("items=0-1", (200, Some("1000"), None)),
    ] {
        let serve = world.serve(&ranged(&world, &path, range));
        assert_eq!(fields(&serve.slice(1000)), expected, "{range}");
        assert_eq!(fields(&answer(&serve, origin(&serve, 1000))), expected, "{range}");
    }
    for range in ["bytes=1000-", "bytes=-0", "bytes=99999999999999999999-"] {
        let serve = world.serve(&ranged(&world, &path, range));
        for response in [serve.slice(1000), answer(&serve, origin(&serve, 1000))] {
            assert_eq!((response.status, response.code), (416, Some(Code::Range)), "{range}");
            assert_eq!(response.header("content-range"), Some("bytes */1000"), "{range}");
            assert_eq!(response.header("cache-control"), Some("no-store"));
            assert!(text(&response).contains("\"code\":\"range\""));
        }
    }
}

#[test]
fn threat_51_if_range() {
    let world = World::new();
    let path = playlist(&world);
    let mut request = ranged(&world, &path, "bytes=1-2");
    let etag = world.serve(&request).slice(10).header("etag").unwrap().to_owned();
    let weak = format!("W/{etag}");
    for (field, status) in [
        (etag.as_str(), 206),
        (weak.as_str(), 200),
        ("\"other\"", 200),
        ("Sun, 22 Nov 2026 10:00:00 GMT", 200),
    ] {
        request.headers.if_range = Some(field);
        let serve = world.serve(&request);
        assert_eq!((serve.slice(10).status, serve.range.is_some()), (status, status == 206), "{field}");
    }
}

#[test]
fn threat_52_head_and_range() {
    let world = World::new();
    let path = playlist(&world);
    let mut request = ranged(&world, &path, "bytes=1-2");
    request.method = "HEAD";
    let serve = world.serve(&request);
    // a GET of one byte, since caches turn a HEAD into a GET, which breaks its signature
    assert_eq!((serve.head, serve.origin_range().as_deref()), (true, Some("bytes=0-0")));
    for response in
        [serve.slice(1000), answer(&serve, origin(&serve, 1000)), answer(&serve, (200, Some(1000), None))]
    {
        assert_eq!(fields(&response), (200, Some("1000"), None));
        assert_eq!(response.body, Body::Empty);
    }
    assert_eq!(fields(&answer(&serve, origin(&serve, 0))), (200, Some("0"), None));
    for response in
        [serve.unavailable(), answer(&serve, (404, None, None)), answer(&serve, (500, None, None))]
    {
        assert!(response.status >= 404 && response.body == Body::Empty);
    }
}

#[test]
fn threat_53_conditions_are_answered_without_the_object() {
    let world = World::new();
    let path = playlist(&world);
    let etag = world.serve(&world.request("GET", &path)).slice(10).header("etag").unwrap().to_owned();
    for method in ["GET", "HEAD"] {
        for field in [etag.clone(), format!("\"x\", W/{etag}"), "*".to_owned()] {
            let mut request = world.request(method, &path);
            request.headers.if_none_match = Some(&field);
            // a condition comes before a range
            request.headers.range = Some("bytes=0-1");
            let response = world.respond(&request);
            assert_eq!((response.status, &response.body), (304, &Body::Empty), "{field}");
            assert_eq!(response.header("etag"), Some(etag.as_str()));
            assert_eq!(response.header("cache-control"), Some("private, max-age=3600, immutable"));
            assert_eq!((response.header("content-type"), response.header("content-length")), (None, None));
        }
    }
    // never before access is decided, never for what does not exist
    let mut request = world.request("GET", "/t/track1/track.json");
    request.headers.if_none_match = Some("*");
    assert_eq!(world.respond(&request).status, 401);
    let missing = world.path(&format!("{}/aac-128/00099.m4s", version()));
    let mut request = world.request("GET", &missing);
    request.headers.if_none_match = Some("*");
    assert_eq!(world.respond(&request).status, 404);
}

#[test]
fn threat_44_text_is_coded_as_asked() {
    let world = World::new();
    let path = playlist(&world);
    let mut request = world.request("GET", &path);
    let plain = world.serve(&request);
    request.headers.accept_encoding = Some("br, gzip");
    let coded = world.serve(&request);
    assert_eq!((plain.coding, coded.coding), (Coding::Identity, Coding::Gzip));
    let (plain, response) = (plain.slice(700), coded.slice(700));
    assert_eq!(response.header("content-encoding"), Some("gzip"));
    assert!(is_gzip(&response) && response.header("content-length").is_none());
    assert_eq!(response.body, Body::Slice { first: 0, length: 700 });
    for response in [&plain, &response] {
        assert_eq!(response.header("vary"), Some("Accept-Encoding"));
    }
    assert_ne!(plain.header("etag"), response.header("etag"));
    // each tag answers for its own coding
    let tag = response.header("etag").unwrap().to_owned();
    request.headers.if_none_match = Some(&tag);
    let not_modified = world.respond(&request);
    assert_eq!((not_modified.status, not_modified.header("vary")), (304, Some("Accept-Encoding")));
    request.headers.accept_encoding = Some("gzip;q=0");
    assert_eq!(world.serve(&request).coding, Coding::Identity);
    // a range is of the bytes as they are
    request.headers.if_none_match = None;
    request.headers.accept_encoding = Some("gzip");
    request.headers.range = Some("bytes=0-9");
    let part = world.serve(&request).slice(700);
    assert_eq!(
        (part.status, part.coding, part.header("etag")),
        (206, Coding::Identity, plain.header("etag"))
    );
    // HEAD says what GET would, without a body to code
    let mut head = world.request("HEAD", &path);
    head.headers.accept_encoding = Some("gzip");
    let head = world.serve(&head).slice(700);
    assert_eq!(
        (head.header("content-encoding"), &head.body, head.coding),
        (Some("gzip"), &Body::Empty, Coding::Identity)
    );
}

/// What is read, and so what caches are keyed by, follows from the route alone.
#[test]
fn threat_39_a_query_is_part_of_no_key() {
    let world = World::new();
    let path = playlist(&world);
    let read = |query| {
        let mut request = world.request("GET", &path);
        request.query = query;
        world.serve(&request).read
    };
    let plain = read(None);
    assert_eq!(plain.query, None);
    for query in ["a=1&b=2", "b=2&a=1", "r=7", "t=1&t=2", "CMCD=br%3D64", "x=%26", "%00", "#x", "..%2f"] {
        assert_eq!(read(Some(query)), plain, "{query}");
    }
}

#[test]
fn rendered_texts_have_tags_of_their_bytes() {
    let mut world = World::new();
    let path = world.path("multivariant.m3u8");
    let mut request = world.request("GET", &path);
    let first = world.respond(&request);
    assert_eq!(first.header("cache-control"), Some("private, no-cache"));
    assert_eq!(first.header("content-type"), Some("application/vnd.apple.mpegurl"));
    assert_eq!(first.header("content-length"), Some(text(&first).len().to_string().as_str()));
    let tag = first.header("etag").unwrap().to_owned();
    request.headers.if_none_match = Some(&tag);
    assert_eq!(world.respond(&request).status, 304);
    world.change_manifest(|m| m.lyrics = None);
    assert_eq!(world.respond(&request).status, 200);
    request.headers.accept_encoding = Some("gzip");
    let coded = world.respond(&request);
    assert!(is_gzip(&coded) && coded.header("content-length").is_none());
    assert!(coded.header("etag").unwrap().ends_with("-gzip\""));
    let head = world.request("HEAD", &path);
    let head = world.respond(&head);
    assert!(head.body == Body::Empty && head.header("content-length").is_some());
}

#[test]
fn an_alias_is_asked_again_before_each_use() {
    let world = World::new();
    let alias = world.serve(&world.request("GET", &world.path("lyrics.json"))).slice(9);
    let path = world.path(&format!("lyrics/{}/lyrics.json", digest()));
    let stored = world.serve(&world.request("GET", &path)).slice(9);
    assert_eq!(alias.header("cache-control"), Some("private, no-cache"));
    assert_eq!(stored.header("cache-control"), Some("private, max-age=3600, immutable"));
    assert_eq!(alias.header("etag"), stored.header("etag"));
}

/// Nothing truncated, mismatched or erroneous looks complete.
#[test]
fn threat_42_43_origins_that_say_odd_things() {
    let world = World::new();
    let path = playlist(&world);
    let whole = world.serve(&world.request("GET", &path));
    let part = world.serve(&ranged(&world, &path, "bytes=10-19"));
    let of = |range: &str| Some(range.to_owned());
    for (serve, head) in [
        (&whole, (206, Some(10), of("bytes 10-19/1000"))),
        (&whole, (204, Some(0), None)),
        (&whole, (301, Some(0), None)),
        (&whole, (304, None, None)),
        (&whole, (416, None, of("bytes */1000"))),
        (&whole, (429, None, None)),
        (&whole, (500, Some(3), None)),
        (&whole, (503, Some(3), None)),
        (&part, (206, Some(10), None)),
        (&part, (206, Some(10), of("bytes 10-19/*"))),
        (&part, (206, Some(10), of("bytes 11-20/1000"))),
        (&part, (206, Some(11), of("bytes 10-20/1000"))),
        (&part, (206, Some(9), of("bytes 10-19/1000"))),
        (&part, (206, Some(10), of("bytes 10-19/15"))),
        (&part, (416, None, of("bytes */1000"))),
        (&part, (206, Some(10), of("multipart/byteranges"))),
    ] {
        let response = answer(serve, head.clone());
        assert_eq!(response.code, Some(Code::OriginUnavailable), "{head:?}");
        assert_eq!(response.header("retry-after"), Some("2"));
        assert!(matches!(response.body, Body::Text(_)));
    }
    // an origin that does not know ranges sends the whole, and so does the edge
    let response = answer(&part, (200, Some(1000), None));
    assert_eq!((fields(&response), &response.body), ((200, Some("1000"), None), &Body::Origin));
    // text may be coded on the way, and then has another length
    let coded = |path: &str| {
        let head = AnswerHead {
            status: 200,
            content_length: Some(9),
            content_encoding: Some("gzip"),
            ..AnswerHead::default()
        };
        world.serve(&world.request("GET", path)).answer(&head)
    };
    let text = playlist(&world);
    let head = AnswerHead {
        status: 206,
        content_length: Some(10),
        content_range: Some("bytes 10-19/1000"),
        content_encoding: Some("gzip"),
        ..AnswerHead::default()
    };
    assert_eq!(world.serve(&ranged(&world, &text, "bytes=10-19")).answer(&head).status, 503);
    let text = coded(&playlist(&world));
    assert_eq!((text.status, text.header("content-length")), (200, None));
}

#[test]
fn what_may_be_kept_lasts_no_longer_than_the_token() {
    let mut world = World::new();
    let path = playlist(&world);
    for (later, expected) in [(0, 3600), (3599, 1), (3600, 0), (3630, 0)] {
        world.now = world::NOW + later;
        let response = world.serve(&world.request("GET", &path)).slice(1);
        let kept = format!("private, max-age={expected}, immutable");
        assert_eq!(response.header("cache-control"), Some(kept.as_str()));
    }
}

proptest! {
    /// Whether the host holds the object or streams it from an origin, the answer is the same, and it is what
    /// its own head says.
    #[test]
    fn both_hosts_answer_alike(
        field in prop_oneof![
            (0..1200u64, 0..1200u64).prop_map(|(a, b)| format!("bytes={a}-{b}")),
            (0..1200u64).prop_map(|a| format!("bytes={a}-")),
            (0..1200u64).prop_map(|a| format!("bytes=-{a}")),
            "bytes=[0-9,-]{0,12}",
        ],
        length in 0..1000u64,
        method in prop_oneof![Just("GET"), Just("HEAD")],
    ) {
        let world = World::new();
        let path = playlist(&world);
        let mut request = ranged(&world, &path, &field);
        request.method = method;
        let Plan::Serve(serve) = world.run(&request) else { panic!("not served") };
        let held = serve.slice(length);
        let streamed = answer(&serve, origin(&serve, length));
        prop_assert_eq!(held.status, streamed.status);
        prop_assert_eq!(&held.headers, &streamed.headers);
        prop_assert!([200, 206, 416].contains(&held.status));
        if let Body::Slice { first, length: part } = held.body {
            prop_assert!(first + part <= length);
            let part = part.to_string();
            prop_assert_eq!(held.header("content-length"), Some(part.as_str()));
            prop_assert_eq!(streamed.body, Body::Origin);
            if held.status == 206 {
                let range = held.header("content-range").unwrap();
                let expected = format!("bytes {first}-{}/{length}", first + part.parse::<u64>().unwrap() - 1);
                prop_assert_eq!(range, expected);
            }
        }
    }

    /// No head of an origin makes the edge promise bytes that it will not get.
    #[test]
    fn no_origin_head_is_believed_blindly(
        status in prop_oneof![Just(200u16), Just(206), Just(416), Just(404), any::<u16>()],
        content_length in proptest::option::of(0..40u64),
        content_range in proptest::option::of("(bytes )?[0-9*]{1,2}(-[0-9]{1,2})?/[0-9*]{1,2}"),
        range in proptest::option::of("bytes=[0-9]{0,2}-[0-9]{0,2}"),
    ) {
        let world = World::new();
        let path = playlist(&world);
        let mut request = world.request("GET", &path);
        request.headers.range = range.as_deref();
        let response = answer(&world.serve(&request), (status, content_length, content_range));
        if response.body == Body::Origin {
            prop_assert_eq!(response.status, status);
            if let Some(sent) = content_length {
                let sent = sent.to_string();
                prop_assert_eq!(response.header("content-length"), Some(sent.as_str()));
            }
        } else {
            prop_assert!([404, 416, 503].contains(&response.status));
        }
    }
}
