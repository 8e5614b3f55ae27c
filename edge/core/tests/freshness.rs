//! Which copies a decision rests on: the takedown scheme, by an injected clock.
#![allow(clippy::unwrap_used, clippy::panic)]

mod world;

use std::sync::Arc;

use nada_catalog::{Changes, Manifest, Revocations, Status, TrackId, to_json};
use nada_edge::{AnswerHead, Decision, Fetched, ReadOutcome, ReadSoFar, Source, Ttl};
use world::{NOW, World, at, claims, decide, manifest};

const MANIFEST: &str = "tracks/track1/manifest.json";
const FIRST: &str = "changes.json revocations.json tracks/track1/manifest.json";

fn track() -> TrackId {
    "track1".parse().unwrap()
}

fn named(revision: u64, second: i64) -> Changes {
    Changes::default().with(&[(track(), revision)], at(second))
}

fn withdrawn(revision: u64) -> Manifest {
    Manifest { revision, status: Status::Withdrawn, ..manifest("track1") }
}

fn get(world: &World) -> String {
    world.get(&world.path("track.json"))
}

fn under(query: &str) -> String {
    format!("{MANIFEST}{query}")
}

#[test]
fn all_that_is_needed_is_asked_at_once() {
    let world = World::new();
    assert_eq!(get(&world), "200");
    assert_eq!(world.rounds(), [FIRST]);
    let path = world.path("track.json");
    let Decision::Need(fetches) = decide(&world.config, &world.request("GET", &path), &ReadSoFar::default())
    else {
        panic!("nothing needed")
    };
    let ttls: Vec<Ttl> = fetches.iter().map(|fetch| fetch.read.ttl).collect();
    assert_eq!(ttls, [Ttl::FRESH, Ttl::FRESH, Ttl::MANIFEST]);
    assert!(fetches.iter().all(|fetch| fetch.read.source == Source::Primary && fetch.read.query.is_none()));
    assert_eq!(
        Ttl::MANIFEST.by_status(),
        [("200-206", 3600), ("207-402", -1), ("403-404", 5), ("405-599", -1)]
    );
    assert_eq!((Ttl::FRESH.found, Ttl::IMMUTABLE.found), (15, 31_536_000));
}

/// The cache still holds the old manifest; `changes.json` names the new one.
#[test]
fn threat_46_a_takedown_reaches_bytes_in_caches() {
    let mut world = World::new();
    world.put_changes("", &named(6, NOW - 10));
    world.put_manifest("?r=6", &withdrawn(6));
    assert_eq!(get(&world), "withdrawn");
    assert_eq!(world.rounds(), [FIRST, &under("?r=6")]);
    // once the plain copy is new enough, nothing is read twice
    world.put_manifest("", &withdrawn(6));
    assert_eq!(get(&world), "withdrawn");
    assert_eq!(world.rounds(), [FIRST]);
    // and an entry ends two hours after it was written, as the edge judges
    world.put_manifest("", &manifest("track1"));
    world.put_changes("", &named(6, NOW - 7200));
    assert_eq!(get(&world), "200");
    assert_eq!(world.rounds(), [FIRST]);
}

#[test]
fn a_writer_that_has_not_switched_yet_leaves_the_copy_in_hand() {
    let mut world = World::new();
    world.put_changes("", &named(6, NOW - 1));
    assert_eq!(get(&world), "200");
    assert_eq!(world.rounds(), [FIRST, &under("?r=6")]);
    // an unreadable second copy is no such leave
    for status in [0, 500, 503] {
        world.put(&under("?r=6"), status, b"");
        assert_eq!(get(&world), "origin_unavailable");
    }
    world.put(&under("?r=6"), 404, b"");
    assert_eq!(get(&world), "not_found");
    world.put(&under("?r=6"), 200, b"{\"format\":2}");
    assert_eq!(get(&world), "origin_unavailable");
}

#[test]
fn the_higher_revision_counts() {
    let mut world = World::new();
    world.put_changes("", &named(9, NOW - 1));
    world.put_manifest("", &withdrawn(8));
    world.put_manifest("?r=9", &manifest("track1"));
    assert_eq!(get(&world), "withdrawn");
}

#[test]
fn a_new_track_is_seen_through_its_cached_absence() {
    let mut world = World::new();
    world.objects.remove(MANIFEST);
    assert_eq!(get(&world), "not_found");
    assert_eq!(world.rounds(), [FIRST]);
    world.put_changes("", &named(1, NOW - 1));
    world.put_manifest("?r=1", &Manifest { revision: 1, ..manifest("track1") });
    assert_eq!(get(&world), "200");
}

#[test]
fn a_floor_renews_every_manifest_not_read_under_it() {
    let mut world = World::new();
    world.put_changes("", &Changes { floor: 3, ..Changes::default() });
    world.put_manifest("?f=3", &withdrawn(6));
    assert_eq!(get(&world), "withdrawn");
    assert_eq!(world.rounds(), [FIRST, &under("?f=3")]);
    // a named revision is newer than what was folded
    world.put_changes("", &Changes { floor: 3, ..named(7, NOW - 1) });
    world.put_manifest("?r=7", &Manifest { revision: 7, ..manifest("track1") });
    assert_eq!(get(&world), "200");
    assert_eq!(world.rounds(), [FIRST, &under("?r=7")]);
}

#[test]
fn no_request_rests_on_changes_older_than_15_s() {
    let mut world = World::new();
    let window = format!("?t={}", NOW / 15);
    world.ages.insert("changes.json".into(), 15);
    assert_eq!(get(&world), "200");
    assert_eq!(world.rounds(), [FIRST]);
    world.ages.insert("changes.json".into(), 16);
    world.put_changes(&window, &named(6, NOW - 1));
    world.put_manifest("?r=6", &withdrawn(6));
    assert_eq!(get(&world), "withdrawn");
    assert_eq!(world.rounds(), [FIRST, &format!("changes.json{window}"), &under("?r=6")]);
    // not even when the newer one cannot be read: then an origin has to confirm the manifest
    world.put("revocations.json", 200, &to_json(&Revocations::default()).unwrap());
    world.put(&format!("changes.json{window}"), 503, b"");
    world.put_manifest(&window, &withdrawn(6));
    assert_eq!(get(&world), "withdrawn");
}

#[test]
fn a_manifest_counts_one_hour_over_all_caches() {
    let mut world = World::new();
    let window = format!("?t={}", NOW / 15);
    world.put_manifest(&window, &withdrawn(6));
    world.ages.insert(MANIFEST.into(), 3600);
    assert_eq!(get(&world), "200");
    world.ages.insert(MANIFEST.into(), 3601);
    assert_eq!(get(&world), "withdrawn");
}

#[test]
fn without_changes_an_origin_confirms_the_manifest() {
    for status in [0, 403, 500] {
        let mut world = World::new();
        let window = format!("?t={}", NOW / 15);
        world.put("changes.json", status, b"");
        world.put("revocations.json", 200, &to_json(&Revocations::default()).unwrap());
        assert_eq!(get(&world), "200", "{status}");
        assert_eq!(world.rounds(), [FIRST, &under(&window)]);
        // absence is not believed while the origin is not seen to honour the key
        world.objects.remove(MANIFEST);
        assert_eq!(get(&world), "origin_unavailable", "{status}");
        // a copy that nobody confirms counts a minute
        world.put_manifest("", &manifest("track1"));
        world.put(&under(&window), 0, b"");
        for (age, expected) in [(60, "200"), (61, "origin_unavailable")] {
            world.ages.insert(MANIFEST.into(), age);
            assert_eq!(get(&world), expected, "{status} {age}");
        }
        // or a minute since the last that was heard of changes
        let last = |at: i64, changes: Changes| {
            Some(Fetched {
                query: None,
                at: world::at(at),
                primary: true,
                outcome: ReadOutcome::Found(Arc::new(changes)),
            })
        };
        for (changes, expected) in [
            (last(NOW - 60, Changes::default()), "200"),
            (last(NOW - 60, named(5, NOW - 100)), "200"),
            (last(NOW - 60, named(6, NOW - 100)), "origin_unavailable"),
            (last(NOW - 61, Changes::default()), "origin_unavailable"),
            (last(NOW - 60, Changes { floor: 1, ..Changes::default() }), "origin_unavailable"),
        ] {
            world.memory.last_changes = changes;
            assert_eq!(get(&world), expected);
        }
    }
}

/// A replica that gives `changes.json` says nothing of what the primary lets be read.
#[test]
fn what_the_primary_denies_is_not_absent_because_a_replica_answers() {
    let window = under(&format!("?t={}", NOW / 15));
    let mut world = World::new();
    world.replica = true;
    world.put("revocations.json", 200, &to_json(&Revocations::default()).unwrap());
    assert_eq!(get(&world), "200");
    let object = world.path(&format!("{}/aac-128/init.mp4", world::version()));
    assert_eq!(world.media(&world.request("GET", &object)).absent().status, 503);
    let object = world.path(&format!("{}/aac-128/media.m3u8", world::version()));
    let head = AnswerHead { status: 403, ..AnswerHead::default() };
    assert_eq!(world.serve(&world.request("GET", &object)).answer(&head).status, 503);
    // an origin has to confirm a manifest that was denied
    world.rounds();
    world.put(MANIFEST, 403, b"");
    world.put_manifest(&format!("?t={}", NOW / 15), &manifest("track1"));
    assert_eq!(get(&world), "200");
    assert_eq!(world.rounds(), [FIRST, &window]);
    world.put(&window, 403, b"");
    assert_eq!(get(&world), "origin_unavailable");
    // and revocations that are denied are not none
    let mut world = World::new();
    world.replica = true;
    assert_eq!(get(&world), "origin_unavailable");
    world.replica = false;
    assert_eq!(get(&world), "200");
}

/// A key that opens nothing is no answer either: the copy in hand counts as long as without any.
#[test]
fn a_denied_confirmation_is_a_failed_one() {
    let mut world = World::new();
    world.put("changes.json", 403, b"");
    world.put("revocations.json", 200, &to_json(&Revocations::default()).unwrap());
    world.put(&under(&format!("?t={}", NOW / 15)), 403, b"");
    for (age, expected) in [(60, "200"), (61, "origin_unavailable")] {
        world.ages.insert(MANIFEST.into(), age);
        assert_eq!(get(&world), expected, "{age}");
    }
}

#[test]
fn whose_absence_counts() {
    let mut world = World::new();
    let path = world.path("track.json");
    let request = world.request("GET", &path);
    let Decision::Need(fetches) = decide(&world.config, &request, &ReadSoFar::default()) else { panic!() };
    let counts: Vec<bool> = fetches.iter().map(|fetch| fetch.read.absence_counts).collect();
    assert_eq!(counts, [false, true, true], "{FIRST}");
    let object = world.path(&format!("{}/aac-128/00002.m4s", world::version()));
    assert!(world.media(&world.request("GET", &object)).pieces[0].absence_counts);
    world.put("changes.json", 503, b"");
    world.put("revocations.json", 200, &to_json(&Revocations::default()).unwrap());
    assert!(!world.media(&world.request("GET", &object)).pieces[0].absence_counts);
}

#[test]
fn a_stored_object_is_absent_only_where_absence_is_believed() {
    let mut world = World::new();
    let path = |file| World::new().path(&format!("{}/aac-128/{file}", world::version()));
    let (text, media) = (path("media.m3u8"), path("init.mp4"));
    let head = |status| AnswerHead { status, content_length: Some(3), ..AnswerHead::default() };
    let absent = |world: &World| {
        let texts =
            [403, 404].map(|status| world.serve(&world.request("GET", &text)).answer(&head(status)).status);
        assert_eq!(texts[0], texts[1]);
        assert_eq!(world.media(&world.request("GET", &media)).absent().status, texts[0]);
        texts[0]
    };
    assert_eq!(absent(&world), 404);
    world.put("changes.json", 403, b"");
    world.put("revocations.json", 200, &to_json(&Revocations::default()).unwrap());
    assert_eq!(absent(&world), 503);
}

#[test]
fn absent_revocations_are_none_only_while_changes_are_read() {
    let mut world = World::new();
    assert_eq!(get(&world), "200");
    world.put("changes.json", 403, b"");
    assert_eq!(get(&world), "origin_unavailable");
    world.put_changes("", &Changes::default());
    for (status, body) in [(0, ""), (503, ""), (200, "{"), (200, "{\"format\":1,\"unknown\":1}")] {
        world.put("revocations.json", status, body.as_bytes());
        assert_eq!(get(&world), "origin_unavailable", "{status} {body}");
    }
    // the last known ones count an hour
    let last = |at: i64, revocations: Revocations| {
        Some(Fetched {
            query: None,
            at: world::at(at),
            primary: true,
            outcome: ReadOutcome::Found(Arc::new(revocations)),
        })
    };
    let all = Revocations { issued_before: Some(at(NOW)), ..Revocations::default() };
    for (revocations, expected) in [
        (last(NOW - 3600, Revocations::default()), "200"),
        (last(NOW - 3600, all), "token_invalid"),
        (last(NOW - 3601, Revocations::default()), "origin_unavailable"),
    ] {
        world.memory.last_revocations = revocations;
        assert_eq!(get(&world), expected);
    }
}

/// A cache that gives what had run out (the platform does, while it renews a copy or its origin is down) prolongs
/// nothing: neither a revocation's absence, nor a copy from before a takedown.
#[test]
fn fault_3_what_a_cache_gives_stale_is_read_again() {
    let window = format!("?t={}", NOW / 15);
    let all = to_json(&Revocations { issued_before: Some(at(NOW)), ..Revocations::default() }).unwrap();
    for (status, body) in [(200, to_json(&Revocations::default()).unwrap()), (404, Vec::new())] {
        let mut world = World::new();
        world.put("revocations.json", status, &body);
        world.put(&format!("revocations.json{window}"), 200, &all);
        world.ages.insert("revocations.json".into(), 15);
        assert_eq!(get(&world), "200");
        world.rounds();
        world.ages.insert("revocations.json".into(), 16);
        assert_eq!(get(&world), "token_invalid");
        assert_eq!(world.rounds(), [FIRST, &format!("revocations.json{window}")]);
        // where no origin gives a newer one, it is the last known, for an hour
        world.put(&format!("revocations.json{window}"), 503, b"");
        for (age, expected) in [(3600, "200"), (3601, "origin_unavailable")] {
            world.ages.insert("revocations.json".into(), age);
            assert_eq!(get(&world), if status == 200 { expected } else { "origin_unavailable" }, "{age}");
        }
    }
    // `?r=` that was read before the manifest was switched
    let mut world = World::new();
    world.put_changes("", &named(6, NOW - 20));
    world.put_manifest("?r=6", &manifest("track1"));
    world.put_manifest(&window, &withdrawn(6));
    for (age, expected) in [(15, "200"), (16, "withdrawn")] {
        world.ages.insert(under("?r=6"), age);
        assert_eq!(get(&world), expected, "{age}");
    }
    assert_eq!(world.rounds().last().unwrap(), &under(&window));
    world.put(&under(&window), 503, b"");
    assert_eq!(get(&world), "origin_unavailable");
    // one that holds the revision counts like any
    world.put_manifest("?r=6", &Manifest { revision: 6, ..manifest("track1") });
    assert_eq!(get(&world), "200");
}

/// What a cache keeps for an hour because its status was 200 does not keep a track away for an hour.
#[test]
fn fault_2_an_answer_without_sense_is_passed_by() {
    let window = under(&format!("?t={}", NOW / 15));
    let mut world = World::new();
    world.put(MANIFEST, 200, b"<Error><Code>InternalError</Code></Error>");
    world.put(&window, 200, &to_json(&manifest("track1")).unwrap());
    assert_eq!(get(&world), "200");
    assert_eq!(world.rounds(), [FIRST, &window]);
    world.put(&window, 200, &to_json(&withdrawn(5)).unwrap());
    assert_eq!(get(&world), "withdrawn");
    world.put(&window, 404, b"");
    assert_eq!(get(&world), "not_found");
}

#[test]
fn a_host_may_remember_what_bridges_an_outage() {
    let mut world = World::new();
    let path = world.path("track.json");
    let request = world.request("GET", &path);
    let memory = world.run_with(&request).1.lasting();
    assert!(memory.manifest.is_empty() && memory.changes.is_empty() && memory.revocations.is_empty());
    // that there are no revocations is knowledge too, and a failure never replaces what is known
    assert_eq!(memory.last_revocations.as_ref().unwrap().at, at(NOW));
    world.now += 30;
    world.objects.values_mut().for_each(|object| object.0 = 0);
    let request = world.request("GET", &path);
    world.memory = memory;
    let again = world.run_with(&request).1.lasting();
    assert_eq!(again.last_changes.unwrap().at, at(NOW));
    assert_eq!(again.last_revocations.unwrap().at, at(NOW));
    // the copy in hand was last confirmed 60 s ago at most, whatever caches say of its age
    world.put_manifest("", &manifest("track1"));
    world.put(&under(&format!("?t={}", (NOW + 30) / 15)), 0, b"");
    world.put(&under(&format!("?t={}", (NOW + 61) / 15)), 0, b"");
    world.ages.insert(MANIFEST.into(), 1000);
    assert_eq!(get(&world), "200");
    world.now = NOW + 61;
    assert_eq!(get(&world), "origin_unavailable");
}

#[test]
fn a_manifest_that_is_not_understood_is_not_served() {
    for body in ["", "{}", "{\"format\":2}", "<html>", "null"] {
        let mut world = World::new();
        world.put(MANIFEST, 200, body.as_bytes());
        assert_eq!(get(&world), "origin_unavailable", "{body}");
    }
    let mut world = World::new();
    let mut json: serde_json::Value = serde_json::to_value(manifest("track1")).unwrap();
    json["embargo"] = "2099".into();
    world.put(MANIFEST, 200, json.to_string().as_bytes());
    assert_eq!(get(&world), "origin_unavailable");
}

#[test]
fn the_clock_decides_windows_and_expiry() {
    let mut world = World::new();
    let path = format!("/~{}/t/track1/track.json", world.token(&claims()));
    for (now, expected) in [(NOW, "200"), (NOW + 3659, "200"), (NOW + 3660, "token_expired")] {
        world.now = now;
        assert_eq!(world.get(&path), expected);
    }
}
