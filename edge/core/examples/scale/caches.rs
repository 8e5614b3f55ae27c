//! The edges: a cache for each place and one above them for each origin's region, and the core that decides.

use std::{collections::HashMap, rc::Rc};

use jiff::Timestamp;
use nada_catalog::{
    ByteLengths, Country, FORMAT, KeptVersion, Manifest, ObjectKey, Presentation, Rendition, Revocations,
    Status, Timeline, TrackFileLayout, Version, to_json,
};
use nada_edge::{Config, Decision, Fetch, Plan, ReadAnswer, ReadSoFar, Request, RequestHeaders, admit};
use nada_token::{Claims, Key, KeySet, sign};

use crate::publishing::{Storage, Stored, at, id};

/// Caches above those of the places: one for each origin.
const TIERS: usize = 2;

/// An answer in a cache.
#[derive(Clone)]
struct Kept {
    until: i64,
    understood: Rc<ReadSoFar>,
}

type Cache = HashMap<String, Kept>;

/// Reads that reached an origin.
#[derive(Default)]
pub struct Reads {
    pub manifests: u64,
    pub others: u64,
}

impl Reads {
    pub fn all(&self) -> u64 {
        self.manifests + self.others
    }
}

/// All places.
pub struct Edges {
    pub reads: Reads,
    /// The most seconds after its takedown that a track was served.
    pub worst_takedown: i64,
    config: Config,
    colos: Vec<Cache>,
    tiers: Vec<Cache>,
}

impl Edges {
    pub fn new(colos: usize) -> Self {
        let keys = KeySet::new(vec![Key::hmac("one", &[7; 32]).unwrap()]).unwrap();
        Self {
            reads: Reads::default(),
            worst_takedown: 0,
            config: Config { keys: Some(keys), ..Config::default() },
            colos: vec![Cache::new(); colos],
            tiers: vec![Cache::new(); TIERS],
        }
    }

    /// A listener asks for a track.
    pub fn play(&mut self, storage: &Storage, colo: usize, track: u64, now: i64) {
        let name = id(track);
        let claims = Claims::for_track(name.as_str(), now + 3600);
        let token = sign(&claims, &self.config.keys.as_ref().unwrap().keys()[0]).unwrap();
        let path = format!("/~{token}/t/{name}/track.json");
        let request = Request {
            method: "GET",
            scheme: "https",
            host: "cdn.example",
            path: &path,
            query: None,
            headers: RequestHeaders::default(),
            country: Country::from_code("IN"),
            client: None,
            now: at(now),
        };
        let config = self.config.clone();
        let admitted = admit(&config, &request).unwrap();
        let mut read = ReadSoFar::default();
        let plan = loop {
            match admitted.decide(&read) {
                Decision::Plan(plan) => break plan,
                Decision::Need(fetches) => {
                    for fetch in fetches {
                        read.add(&self.fetch(storage, colo, track, &fetch, now));
                    }
                }
            }
        };
        let Plan::Respond(response) = plan else { unreachable!("track.json is rendered") };
        if let Some(withdrawn) = storage.manifest(track).withdrawn.filter(|_| response.status == 200) {
            self.worst_takedown = self.worst_takedown.max(now - withdrawn);
        }
    }

    /// What a place's cache, the one above it, or else the origin answers.
    fn fetch(
        &mut self,
        storage: &Storage,
        colo: usize,
        track: u64,
        fetch: &Fetch,
        now: i64,
    ) -> Rc<ReadSoFar> {
        let name = match &fetch.read.query {
            Some(query) => format!("{}?{query}", fetch.read.key),
            None => fetch.read.key.to_string(),
        };
        let fresh = |cache: &Cache| cache.get(&name).filter(|kept| kept.until > now).cloned();
        if let Some(kept) = fresh(&self.colos[colo]) {
            return kept.understood;
        }
        let tier = colo % TIERS;
        let kept = fresh(&self.tiers[tier]).unwrap_or_else(|| {
            let body = match &fetch.read.key {
                ObjectKey::Changes => to_json(&storage.changes),
                ObjectKey::Revocations => to_json(&Revocations::default()),
                _ => to_json(&manifest(track, storage.manifest(track))),
            };
            match &fetch.read.key {
                ObjectKey::Manifest(_) => self.reads.manifests += 1,
                _ => self.reads.others += 1,
            }
            let answer = ReadAnswer { status: 200, at: at(now), primary: true, body: &body.unwrap() };
            let understood = Rc::new(fetch.understood(answer).unwrap());
            Kept { until: now + i64::from(fetch.read.ttl.found), understood }
        });
        self.tiers[tier].insert(name.clone(), kept.clone());
        self.colos[colo].insert(name, kept.clone());
        kept.understood
    }

    /// Drops what has run out.
    pub fn forget(&mut self, now: i64) {
        for cache in self.colos.iter_mut().chain(&mut self.tiers) {
            cache.retain(|_, kept| kept.until > now);
        }
    }
}

/// A track's manifest, as short as one can be.
fn manifest(track: u64, stored: Stored) -> Manifest {
    let track = id(track);
    let version = Version::from_input(&[b"v"]);
    let rendition = Rendition {
        name: "aac-128".parse().unwrap(),
        rate: 44_100,
        samples: 8_820_000,
        channels: 2,
        file: TrackFileLayout {
            header: 700,
            index: 68,
            segments: ByteLengths::pack([1]).unwrap(),
            parts: vec![1],
        },
        bandwidth: 1,
        average_bandwidth: 1,
        stream_inf: String::new(),
        session_keys: None,
    };
    let since = Timestamp::UNIX_EPOCH;
    Manifest {
        format: FORMAT,
        revision: stored.revision,
        track: track.clone(),
        release: "r".parse().unwrap(),
        title: String::new(),
        artists: Vec::new(),
        album: String::new(),
        label: None,
        status: if stored.withdrawn.is_some() { Status::Withdrawn } else { Status::Live },
        rights: serde_json::from_str(r#"{"territories":[{"code":"*"}]}"#).unwrap(),
        presentation: Presentation {
            format: FORMAT,
            track,
            version: version.clone(),
            timeline: Timeline { rate: 44_100, priming: 2048, samples: 8_820_000 },
            segment_samples: [131_072, 262_144],
            loudness: None,
            renditions: vec![rendition],
        },
        album_loudness: None,
        versions: vec![KeptVersion { version, at: since }],
        lyrics: None,
        previous_lyrics: Vec::new(),
        artwork: None,
        clips: Vec::new(),
        updated: since,
    }
}
