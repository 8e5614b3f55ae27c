//! Rights on many edges at once, by an injected clock: how long a withdrawn track plays on, what that costs the
//! origins, and what happens while they cannot be asked (design of the takedown: this crate's README, "Freshness").
#![allow(clippy::unwrap_used, clippy::panic)]

mod edges;
mod world;

use edges::{Ask, Bucket, Network};
use nada_catalog::{Changes, Manifest, Revocations, Status, to_json};
use nada_edge::{Config, RequestHeaders};
use nada_token::{Claims, Key, KeySet, sign};
use world::{NOW, at, manifest, rights};

/// A takedown is effective everywhere within this, counted from the manifest's switch.
const BOUND: i64 = 60;
/// Edges, of which each has a cache of its own.
const EDGES: usize = 4;

fn config() -> Config {
    let key = Key::hmac("one", &[7; 32]).unwrap();
    Config { keys: Some(KeySet::new(vec![key]).unwrap()), ..Config::default() }
}

fn path(config: &Config, track: &str, file: &str) -> String {
    let key = &config.keys.as_ref().unwrap().keys()[0];
    format!("/~{}/t/{track}/{file}", sign(&Claims::for_track(track, NOW + 86_400), key).unwrap())
}

/// Every file that a player may ask for.
fn files() -> Vec<String> {
    let (version, digest) = (world::version(), world::digest());
    let media = ["media.m3u8", "init.mp4", "00001.m4s", "00003.m4s"];
    let mut all =
        ["multivariant.m3u8", "lossless.m3u8", "track.json", "lyrics.json"].map(str::to_owned).to_vec();
    all.extend(media.map(|file| format!("{version}/aac-128/{file}")));
    all.extend(["aac-128.mp4", "start/aac-128.mp4"].map(str::to_owned));
    all.extend(["aac-128.mp4", "start/aac-128.mp4"].map(|file| format!("{version}/{file}")));
    all.push(format!("{}/aac-128/00003.m4s", world::older()));
    all.extend(["lyrics.json", "hi.json", "hi.vtt"].map(|file| format!("lyrics/{digest}/{file}")));
    all
}

fn network(edges: usize, remembers: bool) -> Network {
    let mut network = Network::new(config(), edges, NOW);
    network.remembers = remembers;
    network.put_manifest(NOW, &manifest("track1"));
    network.put("changes.json", NOW, &to_json(&Changes::default()).unwrap());
    let older = to_json(&world::presentation("track1", world::older())).unwrap();
    network.put(&format!("tracks/track1/{}/presentation.json", world::older()), NOW, &older);
    network.put("revocations.json", NOW, &to_json(&Revocations::default()).unwrap());
    network
}

fn from(country: &'static str, path: &'static str) -> Ask<'static> {
    Ask { path, country, headers: RequestHeaders::default() }
}

/// Test paths live as long as the test.
fn paths(config: &Config) -> Vec<&'static str> {
    files().iter().map(|file| &*path(config, "track1", file).leak()).collect()
}

/// Changes the track at `second` as writers do: `changes.json`, and `gap` seconds later the manifest.
fn change(network: &Network, revision: u64, status: Status, second: i64, gap: i64) {
    let changes = Changes::default().with(&[("track1".parse().unwrap(), revision)], at(second));
    network.put("changes.json", second, &to_json(&changes).unwrap());
    network.put_manifest(second + gap, &Manifest { revision, status, ..manifest("track1") });
}

/// The last second, counted from `switch`, at which any edge still answered `old` to any path, while all paths are
/// asked of all edges every second, some of them conditionally or for a part.
fn lasts(network: &Network, switch: i64, old: &str, new: &str) -> i64 {
    let paths = paths(&network.config);
    let mut last = -1;
    for second in switch..switch + 2 * BOUND {
        network.now.set(second);
        for edge in 0..EDGES {
            for (n, path) in paths.iter().enumerate() {
                // a colo is not asked for everything in every second
                if !(second as usize + edge * 5 + n * 3).is_multiple_of(4) {
                    continue;
                }
                let mut asked = from("IN", path);
                asked.headers.if_none_match = (n % 3 == 1).then_some("*");
                asked.headers.range = (n % 3 == 2).then_some("bytes=0-1");
                let answer = network.ask(edge, &asked);
                assert!(answer == old || answer == new, "{answer} at {path}");
                if answer == old {
                    last = last.max(second - switch);
                }
            }
        }
    }
    last
}

fn threat_46_a_playing_track_is_withdrawn_everywhere_within_60_s_and_restored(remembers: bool) {
    let mut worst = 0;
    for stubborn in [false, true] {
        for (gap, phase) in [(0, 0), (1, 7), (20, 11)] {
            let mut network = network(EDGES, remembers);
            network.stubborn = stubborn;
            // plays everywhere, so that every cache is warm
            let second = NOW + 60 + phase;
            (NOW..second).for_each(|now| {
                network.now.set(now);
                for path in paths(&network.config) {
                    assert_eq!(network.ask(now as usize % EDGES, &from("IN", path)), "served");
                }
            });
            change(&network, 6, Status::Withdrawn, second, gap);
            (second..second + gap).for_each(|now| {
                network.now.set(now);
                (0..EDGES).for_each(|edge| drop(network.ask(edge, &from("IN", paths(&network.config)[0]))));
            });
            let gone = lasts(&network, second + gap, "served", "withdrawn");
            let second = second + gap + 2 * BOUND;
            change(&network, 7, Status::Live, second, gap);
            let back = lasts(&network, second + gap, "withdrawn", "served");
            assert!(
                gone <= BOUND && back <= BOUND,
                "gone {gone}, back {back}, gap {gap}, stubborn {stubborn}"
            );
            worst = worst.max(gone).max(back);
        }
    }
    assert!(worst > 0, "the caches were warm");
    println!("a change was seen everywhere after {worst} s at most");
}

/// Asks for one segment of each track every six seconds, as players do; what the origins are asked in a minute.
fn minute(network: &Network, paths: &[String], from: i64) -> Vec<String> {
    network.reads();
    for second in from..from + 60 {
        network.now.set(second);
        for path in paths.iter().skip(second as usize % 6).step_by(6) {
            network.ask(0, &Ask { path, country: "IN", headers: RequestHeaders::default() });
        }
    }
    network.reads()
}

/// Tracks that have played for a minute through one edge.
fn playing(tracks: usize, remembers: bool) -> (Network, Vec<String>) {
    let network = network(1, remembers);
    let segment = format!("{}/aac-128/00001.m4s", world::version());
    let paths = (0..tracks).map(|n| {
        let track = format!("track{n}");
        network.put_manifest(NOW, &manifest(&track));
        path(&network.config, &track, &segment)
    });
    let paths = paths.collect::<Vec<_>>();
    assert_eq!(minute(&network, &paths, NOW).len(), tracks + 8, "each manifest was read once");
    (network, paths)
}

fn what_plays_costs_the_origins_eight_reads_a_minute(remembers: bool) {
    for tracks in [10, 1000] {
        let (network, paths) = playing(tracks, remembers);
        let reads = minute(&network, &paths, NOW + 60);
        for file in ["changes.json", "revocations.json"] {
            assert_eq!(reads.iter().filter(|read| *read == file).count(), 4, "{tracks} tracks");
        }
        assert_eq!(reads.len(), 8, "{tracks} tracks");
        // one that changed is read once more in 15 s, while it is asked for
        change(&network, 6, Status::Withdrawn, NOW + 120, 0);
        assert_eq!(minute(&network, &paths, NOW + 120).len(), 8 + 4, "{tracks} tracks");
    }
}

/// Asks for one track at one edge in every second; the last, counted from `start`, that was answered with `old`.
fn last_of(network: &Network, path: &str, start: i64, old: &str, new: &str) -> i64 {
    let mut last = -1;
    for second in start..start + 300 {
        network.now.set(second);
        let answer = network.ask(0, &Ask { path, country: "IN", headers: RequestHeaders::default() });
        assert!(answer == old || answer == new, "{answer}");
        if answer == old {
            last = second - start;
        }
    }
    last
}

fn breaks(bucket: &Bucket, keys: &str) {
    *bucket.broken.borrow_mut() = Some(keys.to_owned());
}

/// Then an origin confirms each manifest every 15 s, and a takedown is as effective as ever.
fn fault_19_changes_cannot_be_read(remembers: bool) {
    let (network, paths) = playing(100, remembers);
    breaks(&network.primary, "changes.json");
    breaks(&network.replica, "changes.json");
    let reads = minute(&network, &paths, NOW + 75);
    let confirmed = reads.iter().filter(|read| read.contains("/manifest.json?t=")).count();
    assert_eq!(confirmed, 400, "each of 100 tracks four times");
    change(&network, 6, Status::Withdrawn, NOW + 135, 5);
    minute(&network, &paths[1..2], NOW + 79);
    let last = last_of(&network, &paths[1], NOW + 140, "served", "withdrawn");
    assert!((0..=BOUND).contains(&last), "{last}");
}

/// The primary is down: the replica's lag is added to the bound, and nothing else changes.
fn fault_9_the_primary_cannot_be_reached(remembers: bool) {
    const LAG: i64 = 100;
    let (network, paths) = playing(2, remembers);
    breaks(&network.primary, "");
    let changes = Changes::default().with(&[("track1".parse().unwrap(), 6)], at(NOW + 60));
    network.replica.put("changes.json", NOW + 60 + LAG, to_json(&changes).unwrap());
    let gone = Manifest { revision: 6, status: Status::Withdrawn, ..manifest("track1") };
    // the primary has it at once, and nobody sees it there
    network.primary.put("changes.json", NOW + 60, to_json(&changes).unwrap());
    network.primary.put_manifest(NOW + 60, &gone);
    network.replica.put_manifest(NOW + 60 + LAG, &gone);
    let last = last_of(&network, &paths[1], NOW + 60, "served", "withdrawn");
    assert!((LAG - 1..=LAG + BOUND).contains(&last), "{last}");
    *network.primary.broken.borrow_mut() = None;
    assert_eq!(last_of(&network, &paths[1], NOW + 360, "served", "withdrawn"), -1);
}

/// No origin answers: nothing is decided on what was known for longer than a minute after it was last confirmed.
fn fault_11_no_origin_can_be_reached(remembers: bool) {
    let (network, paths) = playing(2, remembers);
    minute(&network, &paths, NOW + 60);
    breaks(&network.primary, "");
    breaks(&network.replica, "");
    let last = last_of(&network, &paths[1], NOW + 120, "served", "origin_unavailable");
    assert!((60 - 15..=60 + 15).contains(&last), "{last}");
    network.primary.broken.take();
    network.replica.broken.take();
    assert_eq!(last_of(&network, &paths[1], NOW + 420, "origin_unavailable", "served"), -1);
}

/// Windows open and close to the second in each territory, whatever lies in caches.
fn windows_to_the_second_in_each_territory(remembers: bool) {
    let network = network(1, remembers);
    let open = |code: &str, from: i64, until: i64| serde_json::json!({ "code": code, "from": at(NOW + from), "until": at(NOW + until) });
    let windows = serde_json::json!({ "territories": [open("IN", 100, 200), open("ID", 150, 250)] });
    network.put_manifest(NOW, &Manifest { rights: rights(&windows.to_string()), ..manifest("track1") });
    for path in paths(&network.config) {
        for (country, from, until) in [("IN", 100, 200), ("ID", 150, 250)] {
            for (second, expected) in
                [(from - 1, "not_yet"), (from, "served"), (until - 1, "served"), (until, "ended")]
            {
                network.now.set(NOW + second);
                assert_eq!(network.ask(0, &self::from(country, path)), expected, "{country} {second} {path}");
            }
        }
        assert_eq!(network.ask(0, &from("US", path)), "territory");
    }
}

/// A primary that is silent is raced by the replica while the budget lasts, and given up for it beyond: listeners wait
/// 1.5 s for a read, and are answered.
fn a_silent_primary_costs_a_second_and_a_half_and_no_answer(remembers: bool) {
    let (network, paths) = playing(2, remembers);
    network.primary.first_byte_ms.set(None);
    network.replica.first_byte_ms.set(Some(40));
    for minute in 0..30 {
        network.now.set(NOW + 120 + 60 * minute);
        let before = network.waited_ms();
        let answer = network.ask(0, &from("IN", paths[0].clone().leak()));
        assert_eq!((answer.as_str(), network.waited_ms() - before), ("served", 1540), "minute {minute}");
    }
    // one that is slow answers in the end, whoever was asked besides
    let (network, paths) = playing(2, remembers);
    network.primary.first_byte_ms.set(Some(1600));
    network.replica.first_byte_ms.set(None);
    network.now.set(NOW + 120);
    assert_eq!(network.ask(0, &from("IN", paths[0].clone().leak())), "served");
    assert_eq!(network.waited_ms(), 1600);
    // nobody says anything: refused within the bound of two reads
    network.primary.first_byte_ms.set(None);
    network.now.set(NOW + 8000);
    assert_eq!(network.ask(0, &from("IN", paths[0].clone().leak())), "origin_unavailable");
    // the plain copies, then those of this window
    assert_eq!(network.waited_ms() - 1600, 2 * (1500 + 3500));
}

/// Each case on edges that keep what they read between requests, and on edges that read it anew for each.
macro_rules! cases {
    ($($name:ident)*) => {
        mod remembering {
            $(#[test] fn $name() { super::$name(true); })*
        }
        mod forgetful {
            $(#[test] fn $name() { super::$name(false); })*
        }
    };
}

cases! {
    threat_46_a_playing_track_is_withdrawn_everywhere_within_60_s_and_restored
    what_plays_costs_the_origins_eight_reads_a_minute
    fault_19_changes_cannot_be_read
    fault_9_the_primary_cannot_be_reached
    fault_11_no_origin_can_be_reached
    windows_to_the_second_in_each_territory
    a_silent_primary_costs_a_second_and_a_half_and_no_answer
}
