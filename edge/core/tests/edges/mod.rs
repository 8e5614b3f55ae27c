//! Edges of one network, simulated: each executes decisions behind a cache of its own, all share an upper tier, and
//! both tiers keep what the plan's lifetimes say, counted anew in each. The clock is a number.
#![allow(clippy::unwrap_used, clippy::panic, dead_code)]

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
};

use jiff::Timestamp;
use nada_catalog::{Country, Manifest, to_json};
use nada_edge::{
    Answer, Budget, Config, Decision, Fetch, Head, Known, Origin, Plan, Race, Read, Request, RequestHeaders,
    Step, Ttl, decide,
};

/// What an object is from a second on.
type Written = (i64, Rc<Vec<u8>>);

/// One origin's bucket: bytes by key, from the second on at which they are seen there.
#[derive(Default)]
pub struct Bucket {
    objects: RefCell<BTreeMap<String, Vec<Written>>>,
    /// Keys it answers 503 for; all of them where the text is empty.
    pub broken: RefCell<Option<String>>,
    /// What was asked of it, with its query.
    pub reads: RefCell<Vec<String>>,
}

impl Bucket {
    pub fn put(&self, key: &str, second: i64, body: Vec<u8>) {
        self.objects.borrow_mut().entry(key.to_owned()).or_default().push((second, Rc::new(body)));
    }

    pub fn put_manifest(&self, second: i64, manifest: &Manifest) {
        self.put(&format!("tracks/{}/manifest.json", manifest.track), second, to_json(manifest).unwrap());
    }

    fn get(&self, read: &Read, now: i64) -> Kept {
        let key = read.key.to_string();
        self.reads.borrow_mut().push(name(read));
        let broken = self.broken.borrow().as_ref().is_some_and(|broken| key.contains(broken.as_str()));
        let objects = self.objects.borrow();
        let seen = objects.get(&key).and_then(|all| all.iter().rev().find(|(second, _)| *second <= now));
        let (status, body) = match seen {
            _ if broken => (503, Rc::default()),
            Some((_, body)) => (200, Rc::clone(body)),
            None => (403, Rc::default()),
        };
        Kept { status, body, answered: now, until: now }
    }
}

/// An answer in a cache.
#[derive(Clone)]
struct Kept {
    status: u16,
    body: Rc<Vec<u8>>,
    /// When the origin gave it, which a cache tells by `Age`.
    answered: i64,
    until: i64,
}

#[derive(Default)]
struct Tier(RefCell<BTreeMap<String, Kept>>);

impl Tier {
    /// What is kept under `name`, else what `fill` gives, kept as long as `ttl` says. A stubborn cache never lets
    /// anything go.
    fn get(&self, name: &str, ttl: Ttl, now: i64, stubborn: bool, fill: impl FnOnce() -> Kept) -> Kept {
        let kept = self.0.borrow().get(name).cloned();
        if let Some(kept) = kept.filter(|kept| stubborn || now < kept.until) {
            return kept;
        }
        let mut answer = fill();
        let seconds = match answer.status {
            200 => i64::from(ttl.found),
            403 => i64::from(Ttl::ABSENT),
            _ => 0,
        };
        answer.until = now + seconds;
        if seconds > 0 {
            self.0.borrow_mut().insert(name.to_owned(), answer.clone());
        }
        answer
    }
}

fn name(read: &Read) -> String {
    match &read.query {
        None => read.key.to_string(),
        Some(query) => format!("{}?{query}", read.key),
    }
}

/// A network: its edges, their caches and the origins.
pub struct Network {
    pub config: Config,
    pub now: Cell<i64>,
    pub primary: Bucket,
    pub replica: Bucket,
    /// Whether caches ignore lifetimes.
    pub stubborn: bool,
    origins: Vec<Origin>,
    upper: Tier,
    edges: Vec<(Tier, RefCell<Known>)>,
}

/// What a player sends.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    pub path: &'a str,
    pub country: &'a str,
    pub headers: RequestHeaders<'a>,
}

impl Network {
    pub fn new(config: Config, edges: usize, now: i64) -> Self {
        let origin = |name: &str| Origin::new(name, "nada-demo", "r", true).unwrap();
        Self {
            config,
            now: Cell::new(now),
            primary: Bucket::default(),
            replica: Bucket::default(),
            stubborn: false,
            origins: vec![origin("https://mumbai"), origin("https://jakarta")],
            upper: Tier::default(),
            edges: (0..edges).map(|_| Default::default()).collect(),
        }
    }

    /// Both origins have it from then on.
    pub fn put(&self, key: &str, second: i64, body: &[u8]) {
        self.primary.put(key, second, body.to_vec());
        self.replica.put(key, second, body.to_vec());
    }

    pub fn put_manifest(&self, second: i64, manifest: &Manifest) {
        self.primary.put_manifest(second, manifest);
        self.replica.put_manifest(second, manifest);
    }

    /// The code of the answer that edge `edge` gives, or `served`.
    pub fn ask(&self, edge: usize, asked: &Asked<'_>) -> String {
        let request = Request {
            method: "GET",
            scheme: "https",
            host: "cdn.example",
            path: asked.path,
            query: None,
            headers: asked.headers,
            country: Country::from_code(asked.country),
            client: None,
            now: Timestamp::from_second(self.now.get()).unwrap(),
        };
        let (tier, memory) = &self.edges[edge];
        let mut known = memory.borrow().clone();
        for _ in 0..5 {
            match decide(&self.config, &request, &known) {
                Decision::Need(fetches) => {
                    fetches.iter().for_each(|fetch| self.fetch(tier, fetch, &mut known))
                }
                Decision::Plan(plan) => {
                    *memory.borrow_mut() = known.lasting();
                    return match plan {
                        Plan::Respond(response) => {
                            response.code.map_or("served".to_owned(), |code| code.name().to_owned())
                        }
                        Plan::Serve(_) => "served".to_owned(),
                    };
                }
            }
        }
        panic!("no plan after five looks")
    }

    fn fetch(&self, tier: &Tier, fetch: &Fetch, known: &mut Known) {
        let (now, read) = (self.now.get(), &fetch.read);
        let mut budget = Budget::default();
        let mut race = Race::new(&self.origins, read, None, Country::Unknown, 0);
        let mut step = race.start(&mut budget);
        let at = |second| Timestamp::from_second(second).unwrap();
        while let Step::Ask { origin, .. } = step {
            let primary = race.is_primary(origin);
            let bucket = if primary { &self.primary } else { &self.replica };
            let name = format!("{origin}/{}", name(read));
            let kept = tier.get(&name, read.ttl, now, self.stubborn, || {
                self.upper.get(&name, read.ttl, now, self.stubborn, || bucket.get(read, now))
            });
            let head = Head { status: kept.status, content_type: None, retry_after: None };
            let answer = Answer { status: kept.status, at: at(kept.answered), primary, body: &kept.body };
            step = race.answered(origin, Some(head), &mut budget);
            if step == Step::Take && (kept.status != 200 || fetch.understands(answer)) {
                return known.put(fetch, at(now), Some(answer));
            }
            if step == Step::Take {
                step = race.answered(origin, None, &mut budget);
            }
        }
        known.put(fetch, at(now), None);
    }

    /// What the origins were asked since the last look.
    pub fn reads(&self) -> Vec<String> {
        [self.primary.reads.take(), self.replica.reads.take()].concat()
    }
}
