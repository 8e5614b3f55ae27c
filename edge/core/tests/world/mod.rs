//! A catalogue in memory behind an S3 that may not list, and a host that executes decisions on it.
#![allow(clippy::unwrap_used, clippy::panic, dead_code)]

use std::{cell::RefCell, collections::BTreeMap};

use jiff::{SignedDuration, Timestamp};
use nada_catalog::{
    Artwork, ArtworkDigest, ByteLengths, Changes, Clip, ClipId, ClipKind, Country, KeptVersion, LayerKind,
    LyricsDigest, LyricsIndex, LyricsLayer, Manifest, PictureFormat, Presentation, Rendition, Rights, Status,
    SyncUnit, Timeline, TrackFileLayout, Version, to_json,
};
use nada_edge::{
    Body, Coding, Config, Decision, Fetch, Media, ObjectKey, Plan, ReadAnswer, ReadSoFar, Request,
    RequestHeaders, Response, Serve, Ttl, admit,
};
use nada_token::{Claims, Key, KeySet, sign};

pub const NOW: i64 = 1_800_000_000;
pub const HOST: &str = "cdn.example";

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

pub fn version() -> Version {
    Version::from_input(&[b"v"])
}

/// An older one.
pub fn older() -> Version {
    Version::from_input(&[b"older"])
}

/// The presentation of `version`. Its renditions have 768 bytes before three segments of 300, 400 and 500, the last of
/// which is a part of its own.
pub fn presentation(track: &str, version: Version) -> Presentation {
    let rendition = |name: &str| Rendition {
        name: name.parse().unwrap(),
        rate: 44_100,
        samples: 44_100,
        channels: 2,
        file: TrackFileLayout {
            header: 700,
            index: 68,
            segments: ByteLengths::pack([300, 400, 500]).unwrap(),
            parts: vec![2, 1],
        },
        bandwidth: 1000,
        average_bandwidth: 900,
        stream_inf: "BANDWIDTH=1000,CODECS=\"mp4a.40.2\"".to_owned(),
        session_keys: None,
    };
    Presentation {
        format: nada_catalog::FORMAT,
        track: track.parse().unwrap(),
        version,
        timeline: Timeline { rate: 44_100, priming: 2048, samples: 44_100 },
        segment_samples: [16_384, 16_384],
        loudness: None,
        renditions: ["heaac2-32", "heaac-64", "aac-128", "flac"].map(rendition).to_vec(),
    }
}

pub fn digest() -> LyricsDigest {
    LyricsDigest::from_input(&[b"l"])
}

pub fn manifest(track: &str) -> Manifest {
    let layer = |lang: &str, kind, sync| LyricsLayer {
        lang: lang.parse().unwrap(),
        kind,
        name: lang.to_owned(),
        sync,
    };
    Manifest {
        format: nada_catalog::FORMAT,
        revision: 5,
        track: track.parse().unwrap(),
        release: "kabir-dohe".parse().unwrap(),
        title: "बुरा जो देखन मैं चला".to_owned(),
        artists: vec!["Nada".to_owned()],
        album: "Kabir".to_owned(),
        label: None,
        status: Status::Live,
        rights: rights(r#"{"territories":[{"code":"IN"},{"code":"ID"}]}"#),
        versions: [version(), older()].map(|version| KeptVersion { version, at: at(NOW) }).to_vec(),
        presentation: presentation(track, version()),
        album_loudness: None,
        lyrics: Some(LyricsIndex {
            digest: digest(),
            layers: vec![
                layer("hi", LayerKind::Main, SyncUnit::Word),
                layer("hi-Latn", LayerKind::Pronunciation, SyncUnit::Word),
                layer("en", LayerKind::Translation, SyncUnit::None),
            ],
        }),
        previous_lyrics: vec![],
        artwork: None,
        clips: Vec::new(),
        updated: at(NOW),
    }
}

pub fn artwork() -> Artwork {
    Artwork {
        digest: ArtworkDigest::from_input(&[b"a"]),
        sizes: vec![96, 320],
        formats: PictureFormat::ARTWORK.to_vec(),
        background: "#103050".to_owned(),
        text: "#ffffff".to_owned(),
        placeholder: "data:image/png;base64,AA==".to_owned(),
    }
}

/// A film of so many lines and milliseconds.
pub fn clip(lines: u32, ms: u64) -> Clip {
    Clip {
        id: ClipId::from_input(&[&lines.to_be_bytes(), &ms.to_be_bytes()]),
        kind: ClipKind::Film,
        format: PictureFormat::Mp4,
        width: 1080,
        height: 1920,
        bytes: 1000,
        lines: Some((3, 2 + lines)),
        ms: (5_000, 5_000 + ms),
        layers: vec!["hi".parse().unwrap()],
        created: at(NOW),
    }
}

pub fn rights(json: &str) -> Rights {
    serde_json::from_str(json).unwrap()
}

pub fn claims() -> Claims {
    Claims::for_track("track1", NOW + 3600)
}

/// Storage, clock and settings.
pub struct World {
    pub now: i64,
    pub country: &'static str,
    pub config: Config,
    /// By key, or by key and query; S3 ignores a query that has no entry of its own. 403 where there is none.
    pub objects: BTreeMap<String, (u16, Vec<u8>)>,
    /// Seconds that an answer has lain in caches, by key and query.
    pub ages: BTreeMap<String, i64>,
    /// Whether a replica answers, not the primary.
    pub replica: bool,
    /// What the host remembers.
    pub memory: ReadSoFar,
    /// What was fetched, as key and query, a line for each round.
    pub fetched: RefCell<Vec<String>>,
}

impl World {
    pub fn new() -> Self {
        let key = Key::hmac("one", &[7; 32]).unwrap();
        let config = Config {
            keys: Some(KeySet::new(vec![key]).unwrap()),
            version: "nada test".to_owned(),
            ..Config::default()
        };
        let mut world = Self {
            now: NOW,
            country: "IN",
            config,
            objects: BTreeMap::new(),
            ages: BTreeMap::new(),
            replica: false,
            memory: ReadSoFar::default(),
            fetched: RefCell::default(),
        };
        world.put_manifest("", &manifest("track1"));
        world.put_changes("", &Changes::default());
        world
    }

    pub fn put(&mut self, name: &str, status: u16, body: &[u8]) {
        self.objects.insert(name.to_owned(), (status, body.to_vec()));
    }

    pub fn put_manifest(&mut self, query: &str, manifest: &Manifest) {
        let name = format!("tracks/track1/manifest.json{query}");
        self.put(&name, 200, &to_json(manifest).unwrap());
    }

    pub fn put_changes(&mut self, query: &str, changes: &Changes) {
        self.put(&format!("changes.json{query}"), 200, &to_json(changes).unwrap());
    }

    pub fn change_manifest(&mut self, change: impl FnOnce(&mut Manifest)) {
        let mut manifest = manifest("track1");
        change(&mut manifest);
        self.put_manifest("", &manifest);
    }

    pub fn token(&self, claims: &Claims) -> String {
        sign(claims, &self.config.keys.as_ref().unwrap().keys()[0]).unwrap()
    }

    /// `/~{token}` before `/t/track1/{file}`.
    pub fn path(&self, file: &str) -> String {
        format!("/~{}/t/track1/{file}", self.token(&claims()))
    }

    pub fn request<'a>(&self, method: &'a str, path: &'a str) -> Request<'a> {
        Request {
            method,
            scheme: "https",
            host: HOST,
            path,
            query: None,
            headers: RequestHeaders::default(),
            country: Country::from_code(self.country),
            client: Some("192.0.2.7".parse().unwrap()),
            now: at(self.now),
        }
    }

    /// Executes decisions until there is a plan, as a host does.
    pub fn run(&self, request: &Request<'_>) -> Plan {
        self.run_with(request).0
    }

    /// The same, with all that was read.
    pub fn run_with(&self, request: &Request<'_>) -> (Plan, ReadSoFar) {
        let mut read = self.memory.clone();
        for _ in 0..5 {
            match decide(&self.config, request, &read) {
                Decision::Plan(plan) => return (plan, read),
                Decision::Need(fetches) => {
                    let names: Vec<String> = fetches.iter().map(name).collect();
                    self.fetched.borrow_mut().push(names.join(" "));
                    for fetch in &fetches {
                        read.add(&self.fetch(fetch, request.now));
                    }
                }
            }
        }
        panic!("no plan after five rounds: {:?}", self.fetched.borrow());
    }

    /// What an origin's answer comes to.
    pub fn fetch(&self, fetch: &Fetch, now: Timestamp) -> ReadSoFar {
        let ttl = match (&fetch.read.key, &fetch.read.query) {
            (ObjectKey::Presentation(..), None) => Ttl::IMMUTABLE,
            (ObjectKey::Manifest(_), None) => Ttl::MANIFEST,
            _ => Ttl::FRESH,
        };
        assert_eq!(fetch.read.ttl, ttl);
        let name = name(fetch);
        let found = self.objects.get(&name).or_else(|| self.objects.get(&fetch.read.key.to_string()));
        let (status, body) = found.cloned().unwrap_or((403, b"<Error>AccessDenied</Error>".to_vec()));
        let age = SignedDuration::from_secs(self.ages.get(&name).copied().unwrap_or(0));
        let answer = ReadAnswer { status, at: now - age, primary: !self.replica, body: &body };
        // status 0 stands for an origin that does not answer
        fetch.understood(answer).unwrap_or_else(|| fetch.failed(now))
    }

    pub fn respond(&self, request: &Request<'_>) -> Response {
        match self.run(request) {
            Plan::Respond(response) => response,
            plan => panic!("served {}", outcome(&plan)),
        }
    }

    pub fn media(&self, request: &Request<'_>) -> Media {
        match self.run(request) {
            Plan::Media(media) => media,
            plan => panic!("{}", outcome(&plan)),
        }
    }

    pub fn serve(&self, request: &Request<'_>) -> Serve {
        match self.run(request) {
            Plan::Serve(serve) => serve,
            plan => panic!("{}", outcome(&plan)),
        }
    }

    /// The code of the answer to a GET, or the key that is served, or the status of what is rendered.
    pub fn get(&self, path: &str) -> String {
        outcome(&self.run(&self.request("GET", path)))
    }

    pub fn rounds(&self) -> Vec<String> {
        self.fetched.take()
    }
}

/// One round of a decision.
pub fn decide(config: &Config, request: &Request<'_>, read: &ReadSoFar) -> Decision {
    match admit(config, request) {
        Ok(admitted) => admitted.decide(read),
        Err(response) => Decision::Plan(Plan::Respond(*response)),
    }
}

pub fn outcome(plan: &Plan) -> String {
    match plan {
        Plan::Serve(serve) => serve.read.key.to_string(),
        Plan::Media(media) => {
            let keys: Vec<String> = media.pieces.iter().map(|piece| piece.key.to_string()).collect();
            keys.join(" ")
        }
        Plan::Respond(Response { code: Some(code), .. }) => code.name().to_owned(),
        Plan::Respond(response) => response.status.to_string(),
    }
}

pub fn name(fetch: &Fetch) -> String {
    match &fetch.read.query {
        None => fetch.read.key.to_string(),
        Some(query) => format!("{}?{query}", fetch.read.key),
    }
}

pub fn text(response: &Response) -> &str {
    match &response.body {
        Body::Text(text) => text,
        other => panic!("{other:?}"),
    }
}

pub fn is_gzip(response: &Response) -> bool {
    response.coding == Coding::Gzip
}
