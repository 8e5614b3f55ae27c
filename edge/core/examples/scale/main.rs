//! A day of a large catalogue, simulated with the edge's own decisions and the catalogue's own rules of change: how large
//! `changes.json` becomes, how often older changes become a floor, what origins are asked, and how long a takedown takes.
//!
//! Usage: `cargo run --release -p nada-edge --example scale [SECONDS]`, SECONDS of the day (86,400 unless given).
#![allow(clippy::unwrap_used)]

mod caches;
mod publishing;
mod sampling;

use caches::Edges;
use publishing::{Publishing, Storage};
use sampling::Sampling;

/// Tracks of the catalogue.
const TRACKS: u64 = 100_000_000;
/// Places where listeners are served, each with a cache of its own.
const COLOS: usize = 300;
/// Plays a day: 100 million a month.
const PLAYS: f64 = 100e6 / 30.0;
/// Seconds that a track is played, and that its listener's player asks for segments.
const TRACK_SECONDS: i64 = 200;
/// 2026-11-27T00:00:00Z, a Friday.
const MIDNIGHT: i64 = 1_795_737_600;

struct Day {
    name: &'static str,
    publishing: Publishing,
}

fn main() {
    let seconds: i64 = std::env::args().nth(1).map_or(86_400, |argument| argument.parse().unwrap());
    let ordinary = Publishing { new: 60_000, changed: 5_000, at_midnight: false, announce_new: false };
    let friday = Publishing { new: 600_000, changed: 50_000, at_midnight: true, announce_new: false };
    let days = [
        Day { name: "ordinary day", publishing: ordinary },
        Day { name: "Friday", publishing: friday },
        Day {
            name: "ordinary day, new tracks announced",
            publishing: Publishing { announce_new: true, ..ordinary },
        },
        Day { name: "Friday, new tracks announced", publishing: Publishing { announce_new: true, ..friday } },
    ];
    println!(
        "| | `changes.json`, at most | floors | origin reads a second: mean, busiest minute | of manifests, mean | takedown, at worst |"
    );
    println!("|---|---|---|---|---|---|");
    for Day { name, publishing } in days {
        let day = simulate(publishing, seconds);
        println!("| {name} | {day} |");
    }
}

/// Passes a day, second by second: publishers first, then listeners.
fn simulate(publishing: Publishing, seconds: i64) -> String {
    let (mut storage, mut edges) = (Storage::new(), Edges::new(COLOS));
    let mut sampling = Sampling::new(7);
    let (mut entries, mut bytes, mut busiest, mut minute) = (0, 0, 0, 0);
    // the track that each place was asked for last, and when
    let mut playing = vec![None; COLOS];
    for now in (MIDNIGHT..).take(seconds as usize) {
        publishing.pass_second(&mut storage, &mut sampling, now, now - MIDNIGHT);
        if now % 60 == 0 {
            let reads = edges.reads.all();
            (busiest, minute) = (busiest.max(reads - minute), reads);
            entries = entries.max(storage.changes.entries.len());
            bytes = bytes.max(serde_json::to_vec(&storage.changes).unwrap().len());
        }
        for _ in 0..sampling.events(PLAYS / 86_400.0) {
            let (colo, track) = (sampling.rank(COLOS as u64) as usize - 1, sampling.rank(TRACKS));
            playing[colo] = Some((track, now));
            edges.play(&storage, colo, track, now);
        }
        // segments: what decisions rest on is asked for again as it runs out
        for colo in (0..COLOS).filter(|colo| (*colo as i64 + now) % 6 == 0) {
            if let Some((track, since)) = playing[colo].filter(|(_, since)| now - since < TRACK_SECONDS) {
                let _ = since;
                edges.play(&storage, colo, track, now);
            }
        }
        if now % 600 == 0 {
            edges.forget(now);
        }
    }
    format!(
        "{entries} entries, {} KiB | {} | {:.1}, {:.1} | {:.1} | {} s of {} takedowns",
        bytes / 1024,
        storage.changes.floor,
        edges.reads.all() as f64 / seconds as f64,
        busiest as f64 / 60.0,
        edges.reads.manifests as f64 / seconds as f64,
        edges.worst_takedown,
        storage.takedowns,
    )
}
