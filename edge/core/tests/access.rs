//! Access control: every code, the order of the checks, and the attacks of this level.
#![allow(clippy::unwrap_used, clippy::panic)]

mod world;

use nada_catalog::{Revocations, Status, to_json};
use nada_edge::{
    AskReason, Body, Cache, Code, Coding, Decision, LogLine, Plan, ReadSoFar, RequestHeaders, Timing, problem,
};
use nada_token::{Claims, Key, sign};
use world::{NOW, World, at, claims, decide, digest, manifest, outcome, rights, text, version};

#[test]
fn every_route_serves_what_it_names() {
    let world = World::new();
    let (v, d) = (version(), digest());
    for (file, expected) in [
        ("multivariant.m3u8".to_owned(), "200".to_owned()),
        ("lossless.m3u8".to_owned(), "200".to_owned()),
        ("track.json".to_owned(), "200".to_owned()),
        (format!("{v}/aac-128/media.m3u8"), format!("tracks/track1/{v}/aac-128/media.m3u8")),
        (format!("{v}/flac/init.mp4"), format!("tracks/track1/{v}/flac/1.mp4")),
        (format!("{v}/aac-128/00002.m4s"), format!("tracks/track1/{v}/aac-128/1.mp4")),
        (format!("{v}/aac-128/00003.m4s"), format!("tracks/track1/{v}/aac-128/2.mp4")),
        (format!("{v}/start/flac.mp4"), format!("tracks/track1/{v}/flac/1.mp4")),
        ("start/flac.mp4".to_owned(), format!("tracks/track1/{v}/flac/1.mp4")),
        (format!("{v}/flac.mp4"), format!("tracks/track1/{v}/flac/1.mp4 tracks/track1/{v}/flac/2.mp4")),
        ("flac.mp4".to_owned(), format!("tracks/track1/{v}/flac/1.mp4 tracks/track1/{v}/flac/2.mp4")),
        ("lyrics.json".to_owned(), format!("tracks/track1/lyrics/{d}/lyrics.json")),
        (format!("lyrics/{d}/hi.vtt"), format!("tracks/track1/lyrics/{d}/hi.vtt")),
        (format!("lyrics/{d}/en.json"), format!("tracks/track1/lyrics/{d}/en.json")),
        (format!("lyrics/{d}/hi.ttml"), format!("tracks/track1/lyrics/{d}/hi.ttml")),
    ] {
        assert_eq!(world.get(&world.path(&file)), expected, "{file}");
    }
    for file in [
        format!("{v}/aac-128/00004.m4s"),
        format!("{v}/aac-96/init.mp4"),
        format!("{d}/aac-128/init.mp4"),
        format!("{d}/aac-128.mp4"),
        format!("{d}/start/aac-128.mp4"),
        "aac-96.mp4".to_owned(),
        "start/aac-96.mp4".to_owned(),
        format!("lyrics/{v}/lyrics.json"),
        format!("lyrics/{d}/en.vtt"),
        format!("lyrics/{d}/id.json"),
        format!("lyrics/{d}/id.ttml"),
    ] {
        assert_eq!(world.get(&world.path(&file)), "not_found", "{file}");
    }
}

/// A token that travels in the clear is refused, whatever it opens, and what needs none is answered.
#[test]
fn plain_http() {
    let mut world = World::new();
    let song = world.path("track.json");
    for scheme in ["http", "HTTPS", "ws", ""] {
        let ask = |path| world.respond(&nada_edge::Request { scheme, ..world.request("GET", path) });
        let refused = ask(&song);
        assert_eq!((refused.status, refused.code), (403, Some(Code::HttpsRequired)), "{scheme}");
        assert_eq!(ask("/t/track1/track.json").code, Some(Code::HttpsRequired), "{scheme}");
        assert_eq!(ask("/t/track1/nothing").code, Some(Code::NotFound), "{scheme}");
        assert_eq!((ask("/healthz").status, ask("/version").status), (200, 200), "{scheme}");
    }
    world.config.plain_http = true;
    let request = nada_edge::Request { scheme: "http", ..world.request("GET", &song) };
    assert_eq!(world.respond(&request).status, 200);
}

/// RFC 6797 §7.1 and §7.2: over TLS alone a client is told to use nothing else.
#[test]
fn strict_transport_security() {
    let field =
        |scheme| problem(Code::NotFound).over(scheme).header("strict-transport-security").map(str::to_owned);
    assert_eq!(field("https").as_deref(), Some("max-age=31536000"));
    assert_eq!(field("http"), None);
}

#[test]
fn routes_without_a_token() {
    let world = World::new();
    let respond = |method, path| world.respond(&world.request(method, path));
    assert_eq!(text(&respond("GET", "/healthz")), "ok\n");
    assert_eq!(text(&respond("GET", "/version")), "nada test\n");
    let head = respond("HEAD", "/version");
    assert_eq!((head.body.clone(), head.header("content-length")), (Body::Empty, Some("10")));
    assert_eq!(head.header("cache-control"), Some("no-store"));
    assert!(world.rounds().is_empty());
}

/// Each code of the table once, by a request that earns it.
#[test]
fn every_code_once() {
    let mut seen = Vec::new();
    let mut expect = |world: &World, path: &str, code: Code| {
        let response = world.respond(&world.request("GET", path));
        assert_eq!((response.code, response.status), (Some(code), code.status()), "{path}");
        assert_eq!(response.header("cache-control"), Some("no-store"));
        seen.push(code);
    };
    let world = World::new();
    let with = |claims: &Claims| format!("/~{}/t/track1/track.json", world.token(claims));
    let fine = with(&claims());
    expect(&world, "/t/track1/track.json", Code::TokenMissing);
    expect(&world, "/~AAAA/t/track1/track.json", Code::TokenInvalid);
    expect(&world, &with(&Claims { exp: NOW - 61, ..claims() }), Code::TokenExpired);
    expect(&world, &with(&Claims::for_track("track10", NOW + 9)), Code::TokenScope);
    expect(&world, &world.path("track.xml"), Code::NotFound);
    let changed = |change: fn(&mut nada_catalog::Manifest)| {
        let mut world = World::new();
        world.change_manifest(change);
        world
    };
    let window = |json: &str| {
        let mut world = World::new();
        world.change_manifest(|m| m.rights = rights(json));
        world
    };
    expect(&window(r#"{"territories":[{"code":"IN","from":"2099-01-01T00:00:00Z"}]}"#), &fine, Code::NotYet);
    expect(&window(r#"{"territories":[{"code":"IN","until":"2020-01-01T00:00:00Z"}]}"#), &fine, Code::Ended);
    expect(&window(r#"{"territories":[{"code":"ID"}]}"#), &fine, Code::Territory);
    expect(&changed(|m| m.status = Status::Withdrawn), &fine, Code::Withdrawn);
    let low = world.token(&Claims { ceiling: Some(64_000), ..claims() });
    expect(&world, &format!("/~{low}/t/track1/lossless.m3u8"), Code::RenditionNotAllowed);
    let unshared = changed(|m| m.clips = vec![world::clip(1, 10_000)]);
    let clip = unshared.path(&format!("clips/{}.mp4", world::clip(1, 10_000).id));
    expect(&unshared, &clip, Code::ShareNotAllowed);
    let mut down = World::new();
    down.objects.values_mut().for_each(|object| object.0 = 503);
    expect(&down, &fine, Code::OriginUnavailable);

    let mut request = world.request("GET", &fine);
    request.query = Some("CAT=other");
    assert_eq!(outcome(&world.run(&request)), "bad_request");
    assert_eq!(outcome(&world.run(&world.request("POST", &fine))), "method");
    let clear = nada_edge::Request { scheme: "http", ..world.request("GET", &fine) };
    assert_eq!(outcome(&world.run(&clear)), "https_required");
    let media = world.path(&format!("{}/aac-128/init.mp4", version()));
    let mut request = world.request("GET", &media);
    request.headers.range = Some("bytes=700-");
    assert_eq!(world.respond(&request).code, Some(Code::Range));
    seen.extend([Code::BadRequest, Code::Method, Code::HttpsRequired, Code::Range]);
    // what no request earns: a host answers so when it failed itself
    assert_eq!(problem(Code::Internal).status, 500);
    seen.push(Code::Internal);
    assert!(Code::ALL.iter().all(|code| seen.contains(code)));
}

#[test]
fn threat_38_59_61_62_what_every_answer_says_and_does_not() {
    let world = World::new();
    let media = world.path(&format!("{}/aac-128/init.mp4", version()));
    let playlist = world.path(&format!("{}/aac-128/media.m3u8", version()));
    let mut answers = vec![
        world.respond(&world.request("OPTIONS", "/t/track1/track.json")),
        world.respond(&world.request("GET", "/healthz")),
        world.respond(&world.request("GET", &world.path("track.json"))),
        world.respond(&world.request("GET", &world.path("multivariant.m3u8"))),
        world.media(&world.request("GET", &media)).response,
        world.media(&world.request("GET", &media)).unavailable(),
        world.media(&world.request("GET", &world.path("aac-128.mp4"))).response,
        world.serve(&world.request("GET", &playlist)).slice(10),
    ];
    answers.extend(Code::ALL.map(problem));
    for response in answers {
        assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(response.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(response.header("access-control-allow-origin"), Some("*"));
        assert_eq!(response.header("access-control-allow-credentials"), None);
        assert!(response.header("access-control-expose-headers").unwrap().contains("Content-Range"));
        assert!(response.header("location").is_none() && response.header("set-cookie").is_none());
        let mut names: Vec<&str> = response.headers.iter().map(|(name, _)| *name).collect();
        assert!(names.iter().all(|name| *name == name.to_ascii_lowercase()));
        names.sort_unstable();
        names.windows(2).for_each(|pair| assert_ne!(pair[0], pair[1]));
        for (name, value) in &response.headers {
            assert!(value.bytes().all(|b| (0x20..0x7f).contains(&b)), "{name}: {value:?}");
        }
    }
}

#[test]
fn a_preflight_tells_nothing_about_tracks() {
    let world = World::new();
    let there = world.respond(&world.request("OPTIONS", "/t/track1/track.json"));
    let not_there = world.respond(&world.request("OPTIONS", "/~AAAA/t/nothing/multivariant.m3u8"));
    assert_eq!(there, not_there);
    assert_eq!((there.status, &there.body), (204, &Body::Empty));
    assert_eq!(there.header("access-control-allow-methods"), Some("GET, HEAD, OPTIONS"));
    assert!(there.header("access-control-allow-headers").unwrap().contains("CTA-Common-Access-Token"));
    assert_eq!(there.header("content-length"), None);
    assert_eq!(outcome(&world.run(&world.request("OPTIONS", "/t/track1/../x"))), "not_found");
    assert!(world.rounds().is_empty());
}

/// Invariant: no origin is asked before token and route were judged.
#[test]
fn threat_40_47_nothing_is_fetched_for_a_bad_token_or_route() {
    let world = World::new();
    let other_key = Key::hmac("one", &[8; 32]).unwrap();
    let forged = sign(&claims(), &other_key).unwrap();
    for path in [
        format!("/~{forged}/t/track1/track.json"),
        format!("/~{}/t/track2/track.json", world.token(&claims())),
        format!("/~{}/t/track1/unknown.json", world.token(&claims())),
        format!("/~{}/t/track1/track.json", world.token(&Claims { exp: NOW - 3600, ..claims() })),
        "/t/track1/track.json".to_owned(),
    ] {
        let request = world.request("GET", &path);
        assert!(
            matches!(decide(&world.config, &request, &ReadSoFar::default()), Decision::Plan(_)),
            "{path}"
        );
    }
    // and what is known already opens nothing: the same URL, cached, with a bad token
    let good = world.path("track.json");
    assert_eq!(world.get(&good), "200");
    let bad = good.replacen("/~", "/~A", 1);
    assert_eq!(world.get(&bad), "token_invalid");
}

#[test]
fn threat_15_another_track() {
    let mut world = World::new();
    world.put("tracks/track10/manifest.json", 200, &to_json(&manifest("track10")).unwrap());
    let token = world.token(&claims());
    assert_eq!(world.get(&format!("/~{token}/t/track10/track.json")), "token_scope");
    // a manifest in the wrong place is not served either
    world.put("tracks/track1/manifest.json", 200, &to_json(&manifest("track10")).unwrap());
    assert_eq!(world.get(&format!("/~{token}/t/track1/track.json")), "origin_unavailable");
}

#[test]
fn threats_20_and_21_tokens_by_other_ways() {
    let world = World::new();
    let token = world.token(&claims());
    let other = world.token(&Claims { sub: Some("other".to_owned()), ..claims() });
    let bare = "/t/track1/track.json";
    let in_path = format!("/~{token}{bare}");
    let cat = |token: &str| format!("CAT={token}");
    let cookie = |token: &str| format!("CTA-Common-Access-Token={token}");
    let run = |path: &str, header: Option<&str>, query: Option<String>, cookies: Option<String>| {
        let mut request = world.request("GET", path);
        request.query = query.as_deref();
        request.headers =
            RequestHeaders { token: header, cookie: cookies.as_deref(), ..RequestHeaders::default() };
        outcome(&world.run(&request))
    };
    assert_eq!(run(bare, Some(&token), None, None), "200");
    assert_eq!(run(bare, None, Some(cat(&token)), None), "200");
    assert_eq!(run(bare, None, None, Some(cookie(&token))), "200");
    assert_eq!(run(&in_path, Some(&token), Some(cat(&token)), Some(cookie("junk"))), "200");
    assert_eq!(run(&in_path, Some(&other), None, None), "bad_request");
    assert_eq!(run(&in_path, None, Some(cat(&other)), None), "bad_request");
    assert_eq!(run(bare, Some(&token), Some(cat(&other)), None), "bad_request");
    assert_eq!(run(bare, None, Some(format!("{}&{}", cat(&token), cat(&token))), None), "bad_request");
    assert_eq!(run(bare, Some(&format!("{token}, {token}")), None, None), "token_invalid");
    assert_eq!(run(bare, None, Some(format!("cat={token}")), None), "token_missing");
    assert_eq!(run(bare, None, Some(format!("CAT={token};x")), None), "token_invalid");
    assert_eq!(run(bare, None, Some("CAT=".to_owned()), None), "token_invalid");
    assert_eq!(run(&in_path, None, Some("CMCD=br%3D64%2Cot%3Da&utm=1".to_owned()), None), "200");
}

#[test]
fn a_host_that_cannot_be_read_is_refused() {
    let world = World::new();
    let path = world.path("track.json");
    for host in ["", "a:b", "u@cdn.example", "a:1:2"] {
        let mut request = world.request("GET", &path);
        request.host = host;
        assert_eq!(outcome(&world.run(&request)), "bad_request", "{host}");
    }
}

#[test]
fn unreadable_keys_open_nothing() {
    let mut world = World::new();
    let path = world.path("track.json");
    world.config.keys = None;
    assert_eq!(world.get(&path), "origin_unavailable");
    assert_eq!(world.get("/healthz"), "200");
}

#[test]
fn a_ceiling_holds_for_playlists_and_media() {
    let world = World::new();
    let token = world.token(&Claims { ceiling: Some(64_000), ..claims() });
    let get = |file: &str| world.run(&world.request("GET", &format!("/~{token}/t/track1/{file}")));
    let Plan::Respond(list) = get("multivariant.m3u8") else { panic!("no playlist") };
    assert!(text(&list).contains("/heaac-64/media.m3u8") && !text(&list).contains("aac-128"));
    let v = version();
    assert_eq!(
        outcome(&get(&format!("{v}/heaac-64/00001.m4s"))),
        format!("tracks/track1/{v}/heaac-64/1.mp4")
    );
    for file in ["aac-128/00001.m4s", "aac-128/init.mp4", "aac-128/media.m3u8", "flac/init.mp4"] {
        assert_eq!(outcome(&get(&format!("{v}/{file}"))), "rendition_not_allowed", "{file}");
    }
    for file in ["aac-128.mp4", "start/aac-128.mp4", "flac.mp4", "start/flac.mp4"] {
        assert_eq!(outcome(&get(file)), "rendition_not_allowed", "{file}");
        assert_eq!(outcome(&get(&format!("{v}/{file}"))), "rendition_not_allowed", "{file}");
    }
    assert_eq!(outcome(&get("lossless.m3u8")), "rendition_not_allowed");
    let none = world.token(&Claims { ceiling: Some(0), ..claims() });
    assert_eq!(world.get(&format!("/~{none}/t/track1/multivariant.m3u8")), "rendition_not_allowed");
    let all = world.token(&Claims { ceiling: Some(1 << 31), ..claims() });
    assert_eq!(world.get(&format!("/~{all}/t/track1/lossless.m3u8")), "200");
}

#[test]
fn a_wish_lists_less_and_widens_nothing() {
    let world = World::new();
    let listed = |ceiling: Option<u64>, kind: &str, query: &str| {
        let token = world.token(&Claims { ceiling, ..claims() });
        let path = format!("/~{token}/t/track1/{kind}.m3u8");
        let request = nada_edge::Request { query: Some(query), ..world.request("GET", &path) };
        match world.run(&request) {
            Plan::Respond(list) if list.status == 200 => text(&list).matches("/media.m3u8").count(),
            other => panic!("{query}: {}", outcome(&other)),
        }
    };
    let all = listed(None, "multivariant", "");
    assert!(all >= 2);
    assert_eq!(listed(None, "multivariant", "max=0"), 1, "nothing is so low: the lowest");
    assert!(listed(None, "multivariant", "x=1&max=64") < all);
    assert_eq!(listed(None, "multivariant", "max=127"), listed(None, "multivariant", "max=64"));
    assert_eq!(listed(None, "multivariant", "max=4294967295"), all);
    assert_eq!(
        listed(Some(64_000), "multivariant", "max=128"),
        listed(Some(64_000), "multivariant", ""),
        "the token has the last word"
    );
    assert_eq!(listed(None, "lossless", "max=64"), 1, "of one rendition there is nothing to choose");
    let token = world.token(&claims());
    let path = format!("/~{token}/t/track1/multivariant.m3u8");
    for query in ["max=", "max=-1", "max=64k", "max=6%34", "max=4294967296", "max=64&max=64"] {
        let request = nada_edge::Request { query: Some(query), ..world.request("GET", &path) };
        assert_eq!(outcome(&world.run(&request)), "bad_request", "{query}");
    }
}

#[test]
fn a_track_without_flac_has_no_lossless_playlist() {
    let mut world = World::new();
    world.change_manifest(|m| {
        m.presentation.renditions.pop();
        m.lyrics = None;
    });
    assert_eq!(world.get(&world.path("lossless.m3u8")), "not_found");
    assert_eq!(world.get(&world.path("lyrics.json")), "not_found");
}

#[test]
fn lyrics_by_language() {
    let world = World::new();
    let path = world.path("lyrics.json");
    let run = |query: &'static str| {
        let mut request = world.request("GET", &path);
        request.query = Some(query);
        outcome(&world.run(&request))
    };
    let d = digest();
    assert_eq!(run("lang=hi"), format!("tracks/track1/lyrics/{d}/hi.json"));
    assert_eq!(run("lang=en&x=y"), format!("tracks/track1/lyrics/{d}/en.json"));
    assert_eq!(run("lang=id"), "not_found");
    for bad in ["lang=", "lang=H", "lang=../x", "lang=h%69", "lang=hi&lang=hi"] {
        assert_eq!(run(bad), "bad_request", "{bad}");
    }
    for tag in ["lang=hi-Latn", "lang=hi-latn", "lang=HI-LATN", "lang=Hi-lAtN"] {
        assert_eq!(run(tag), format!("tracks/track1/lyrics/{d}/hi-Latn.json"), "{tag}");
    }
    assert_eq!(run("lang=HI"), format!("tracks/track1/lyrics/{d}/hi.json"));
    let file = |name: &str| world.get(&world.path(&format!("lyrics/{d}/{name}.json")));
    assert_eq!(file("hi-Latn"), format!("tracks/track1/lyrics/{d}/hi-Latn.json"));
    for spelling in ["hi-latn", "hi-LATN", "HI"] {
        assert_eq!(file(spelling), "not_found", "a path has one spelling: {spelling}");
    }
}

#[test]
fn countries_unknown_to_the_platform() {
    let mut world = World::new();
    for country in ["XX", "T1", "US"] {
        world.country = country;
        assert_eq!(world.get(&world.path("track.json")), "territory", "{country}");
    }
    world.change_manifest(|m| m.rights = rights(r#"{"territories":[{"code":"*"}]}"#));
    world.country = "T1";
    assert_eq!(world.get(&world.path("track.json")), "200");
    let bound = world.token(&Claims { countries: vec!["IN".into()], ..claims() });
    assert_eq!(world.get(&format!("/~{bound}/t/track1/track.json")), "token_scope");
}

#[test]
fn revoked_tokens() {
    let mut world = World::new();
    let token =
        Claims { cti: Some(vec![1, 2]), sub: Some("mallory".into()), iat: Some(NOW - 100), ..claims() };
    let path = format!("/~{}/t/track1/track.json", world.token(&token));
    let mut set = |revocations: Revocations| {
        world.put("revocations.json", 200, &to_json(&revocations).unwrap());
        let response = world.respond(&world.request("GET", &path));
        (response.code, response.reason)
    };
    let revoked = (Some(Code::TokenInvalid), Some("revoked".to_owned()));
    assert_eq!(set(Revocations::default()), (None, None));
    assert_eq!(set(Revocations { ids: [("0102".into(), at(NOW))].into(), ..Default::default() }), revoked);
    assert_eq!(
        set(Revocations { subjects: [("mallory".into(), at(NOW))].into(), ..Default::default() }),
        revoked
    );
    assert_eq!(set(Revocations { issued_before: Some(at(NOW)), ..Default::default() }), revoked);
    assert_eq!(set(Revocations { issued_before: Some(at(NOW - 100)), ..Default::default() }), (None, None));
}

/// Each check hides those after it.
#[test]
fn the_order_of_the_checks() {
    let mut world = World::new();
    world.change_manifest(|m| {
        m.status = Status::Withdrawn;
        m.rights = rights(r#"{"territories":[]}"#);
    });
    let missing = world.path(&format!("{}/aac-96/00009.m4s", version()));
    assert_eq!(world.get(&missing), "withdrawn");
    world.change_manifest(|m| m.rights = rights(r#"{"territories":[]}"#));
    assert_eq!(world.get(&missing), "territory");
    world.change_manifest(|_| {});
    assert_eq!(world.get(&missing), "not_found");
    world.put("revocations.json", 503, b"");
    assert_eq!(world.get(&missing), "origin_unavailable");
    assert_eq!(outcome(&world.run(&world.request("PUT", "/nowhere"))), "method");
    assert_eq!(world.get("/~AAAA/nowhere"), "not_found");
}

#[test]
fn threat_26_a_log_line_holds_no_token() {
    let world = World::new();
    let token = world.token(&claims());
    let path = format!("/~{token}/t/track1/{}/aac-128/00002.m4s", version());
    let query = format!("CAT={token}&CMCD=bl%3D2100%2Cmtp%3D900%2Csid%3D%22s%22");
    let mut request = world.request("GET", &path);
    request.query = Some(&query);
    let response = world.media(&request).response;
    let timing = Timing {
        cache: Some(Cache::Miss),
        origin: Some(2),
        asked: Some(AskReason::Failover),
        origin_ms: Some(40),
        total_ms: 45,
    };
    let line = LogLine::new("r1", &request, &response, &timing);
    let point = line.point();
    assert_eq!(
        (point.index, point.blobs),
        ("track1", ["media", "ok", "IN", "aac-128", "miss", "2", "failover"].map(Into::into))
    );
    assert_eq!(point.doubles, [200.0, 45.0, 40.0, 2100.0, 900.0, 0.0, 0.0, 2.0, 1.0]);
    let line = line.to_json();
    assert_eq!(
        line,
        r#"{"id":"r1","method":"GET","track":"track1","route":"media","rendition":"aac-128","segment":2,"status":200,"country":"IN","origin":2,"asked":"failover","cache":"miss","ms":45,"origin_ms":40,"buffer_ms":2100,"throughput_kbps":900}"#
    );
    let bad = format!("/~{token}x/t/track1/track.json");
    let mut request = world.request("BREW\n", &bad);
    assert!(
        LogLine::new("r2", &request, &world.respond(&request), &Timing::default())
            .to_json()
            .contains(r#""method":"other""#)
    );
    request.method = "GET";
    let denied = LogLine::new("r3", &request, &world.respond(&request), &Timing::default()).to_json();
    assert!(denied.contains(r#""status":403,"code":"token_invalid","reason":"#), "{denied}");
    for path in ["/x\n/~secret", "/~secret/..%2f", "/~secret/t/a"] {
        let request = world.request("GET", path);
        let line = LogLine::new("r4", &request, &world.respond(&request), &Timing::default()).to_json();
        assert!(!line.contains("secret") && line.contains("not_found"), "{line}");
    }
    assert!(!denied.contains(&token) && !line.contains(&token));
}

#[test]
fn playlists_never_hold_the_token() {
    let world = World::new();
    let path = world.path("multivariant.m3u8");
    let response = world.respond(&world.request("GET", &path));
    assert_eq!(response.coding, Coding::Identity);
    assert!(
        !text(&response).contains('~')
            && text(&response).contains(&format!("\n{}/aac-128/media.m3u8\n", version()))
    );
    // the same bytes for every token, so one entity tag
    let other =
        format!("/~{}/t/track1/multivariant.m3u8", world.token(&Claims { exp: NOW + 60, ..claims() }));
    assert_eq!(world.respond(&world.request("GET", &other)), response);
}
