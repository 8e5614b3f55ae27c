//! What a host keeps between requests: as long as a cache would, within bounds, and nothing that says nothing.
#![allow(clippy::unwrap_used, clippy::panic)]

mod world;

use std::sync::Arc;

use jiff::Timestamp;
use nada_catalog::{Changes, to_json};
use nada_edge::{Fetch, Memory, ObjectKey, Read, ReadAnswer, ReadSoFar, Source, Ttl};
use world::{NOW, at, manifest};

fn fetch(key: &str, query: Option<&str>, ttl: Ttl) -> Fetch {
    let (key, query) = (key.parse().unwrap(), query.map(str::to_owned));
    Fetch { read: Read { key, query, ttl, source: Source::Primary, absence_counts: true, bytes: None } }
}

fn understood(fetch: &Fetch, status: u16, at: Timestamp, body: &[u8]) -> Arc<ReadSoFar> {
    Arc::new(fetch.understood(ReadAnswer { status, at, primary: true, body }).unwrap())
}

fn changes() -> Vec<u8> {
    to_json(&Changes::default()).unwrap()
}

/// A copy counts from the origin's answer, not from when it was kept.
#[test]
fn a_copy_lasts_as_long_as_its_read_says() {
    let body = to_json(&manifest("track1")).unwrap();
    let key = "tracks/track1/manifest.json";
    let mut memory = Memory::default();
    for (fetch, body, seconds) in [
        (fetch("changes.json", None, Ttl::FRESH), changes(), 15),
        (fetch("changes.json", Some("t=1"), Ttl::FRESH), changes(), 15),
        (fetch(key, None, Ttl::MANIFEST), body.clone(), 3600),
        (fetch(key, Some("r=6"), Ttl::FRESH), body, 15),
    ] {
        assert!(memory.recall(&fetch, at(NOW)).is_none());
        memory.keep(&fetch, &understood(&fetch, 200, at(NOW - 5), &body), body.len());
        let kept = memory.recall(&fetch, at(NOW)).unwrap();
        let copies = kept.changes.iter().map(|read| read.at).chain(kept.manifest.iter().map(|read| read.at));
        assert_eq!(copies.collect::<Vec<_>>(), [at(NOW - 5)], "its age is told");
        assert!(memory.recall(&fetch, at(NOW - 5 + seconds - 1)).is_some());
        assert!(memory.recall(&fetch, at(NOW - 5 + seconds)).is_none());
    }
}

#[test]
fn absence_lasts_five_seconds_and_a_failure_none() {
    let mut memory = Memory::default();
    let fetch = fetch("revocations.json", None, Ttl::FRESH);
    memory.keep(&fetch, &understood(&fetch, 403, at(NOW), b""), 0);
    assert!(memory.recall(&fetch, at(NOW + 4)).is_some());
    assert!(memory.recall(&fetch, at(NOW + 5)).is_none());
    memory.keep(&fetch, &Arc::new(fetch.failed(at(NOW))), 0);
    assert!(memory.recall(&fetch, at(NOW)).is_none());
}

#[test]
fn what_is_kept_is_bounded_and_what_was_asked_for_last_stays() {
    let named = |n: usize| fetch("changes.json", Some(&format!("t={n}")), Ttl::FRESH);
    let kept = |memory: &mut Memory, among: usize| {
        (0..among).filter(|n| memory.recall(&named(*n), at(NOW)).is_some()).count()
    };
    for (bytes, most) in [(1000, 512), (1024 * 1024, 7), (64 * 1024 * 1024, 1)] {
        let mut memory = Memory::default();
        for n in 0..1000 {
            memory.keep(&named(n), &understood(&named(n), 200, at(NOW), &changes()), bytes);
            assert!(memory.recall(&named(n), at(NOW)).is_some(), "one is always kept");
            memory.recall(&named(0), at(NOW));
        }
        assert_eq!(kept(&mut memory, 1000), most, "{bytes}");
        assert_eq!(memory.recall(&named(0), at(NOW)).is_some(), most > 1, "{bytes}");
    }
}

#[test]
fn one_object_is_not_mistaken_for_another() {
    let mut memory = Memory::default();
    let one = fetch("changes.json", None, Ttl::FRESH);
    memory.keep(&one, &understood(&one, 200, at(NOW), &changes()), 1);
    for other in [
        fetch("changes.json", Some("t=1"), Ttl::FRESH),
        fetch("revocations.json", None, Ttl::FRESH),
        fetch("tracks/changes/manifest.json", None, Ttl::MANIFEST),
    ] {
        assert!(memory.recall(&other, at(NOW)).is_none(), "{:?}", other.read.key);
    }
    assert_eq!(one.read.key, ObjectKey::Changes);
}
