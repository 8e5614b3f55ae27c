//! Edges of one network, simulated: each executes decisions behind a cache of its own, all share an upper tier, and
//! both tiers keep what the plan's lifetimes say, counted anew in each. Reads run as in the hosts, on a clock that is a
//! number.
#![allow(clippy::unwrap_used, clippy::panic, dead_code)]

mod clock;

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
    sync::Arc,
};

use jiff::Timestamp;
use nada_catalog::{Country, Manifest, to_json};
use nada_edge::{
    AnswerHead, Budget, Config, Fetch, Memory, MutableObjects, Origin, OriginReads, OriginSelection, Plan,
    Platform, Read, ReadAnswer, ReadEvent, ReadSoFar, Request, RequestHeaders, Taken, Ttl, admit,
};

use clock::VirtualClock;

/// What an object is from a second on.
type Written = (i64, Rc<Vec<u8>>);

/// One origin's bucket: bytes by key, from the second on at which they are seen there.
pub struct Bucket {
    objects: RefCell<BTreeMap<String, Vec<Written>>>,
    /// Keys it answers 503 for; all of them where the text is empty.
    pub broken: RefCell<Option<String>>,
    /// Milliseconds until the first byte of an answer; `None` where it is silent.
    pub first_byte_ms: Cell<Option<u64>>,
    /// What was asked of it, with its query.
    pub reads: RefCell<Vec<String>>,
}

impl Default for Bucket {
    fn default() -> Self {
        let first_byte_ms = Cell::new(Some(0));
        Self {
            first_byte_ms,
            objects: RefCell::default(),
            broken: RefCell::default(),
            reads: RefCell::default(),
        }
    }
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
pub struct Kept {
    status: u16,
    body: Rc<Vec<u8>>,
    /// When the origin gave it, which a cache tells by `Age`.
    answered: i64,
    until: i64,
}

#[derive(Default)]
struct Tier(RefCell<BTreeMap<String, Kept>>);

impl Tier {
    fn has(&self, name: &str, now: i64, stubborn: bool) -> bool {
        self.0.borrow().get(name).is_some_and(|kept| stubborn || now < kept.until)
    }

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
    /// Whether edges keep what they read between requests.
    pub remembers: bool,
    origins: Vec<Origin>,
    upper: Tier,
    edges: Vec<Edge>,
    clock: VirtualClock,
}

/// One edge: its cache, what it remembers, and the budget of its reads.
#[derive(Default)]
struct Edge {
    tier: Tier,
    last: RefCell<ReadSoFar>,
    memory: RefCell<Memory>,
    budget: RefCell<Budget>,
}

/// What a player sends.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
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
            remembers: true,
            origins: vec![origin("https://mumbai"), origin("https://jakarta")],
            upper: Tier::default(),
            edges: (0..edges).map(|_| Edge::default()).collect(),
            clock: VirtualClock::default(),
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
    pub fn ask(&self, edge: usize, asked: &Ask<'_>) -> String {
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
        let edge = &self.edges[edge];
        let admitted = match admit(&self.config, &request) {
            Ok(admitted) => admitted,
            Err(response) => return code(&response),
        };
        let remembered = edge.last.borrow().clone();
        let reading = Reading { network: self, edge };
        let (plan, read) = self.clock.run(admitted.plan(remembered, &reading));
        *edge.last.borrow_mut() = read.lasting();
        match plan {
            Plan::Respond(response) => code(&response),
            Plan::Serve(_) | Plan::Media(_) => "served".to_owned(),
        }
    }

    /// Milliseconds that have been waited for origins, in all.
    pub fn waited_ms(&self) -> u64 {
        self.clock.ms()
    }

    /// What the origins were asked since the last look.
    pub fn reads(&self) -> Vec<String> {
        [self.primary.reads.take(), self.replica.reads.take()].concat()
    }
}

fn code(response: &nada_edge::Response) -> String {
    response.code.map_or("served".to_owned(), |code| code.name().to_owned())
}

/// What an edge reads.
struct Reading<'a> {
    network: &'a Network,
    edge: &'a Edge,
}

impl Platform for Reading<'_> {
    type Answer = Kept;
    type Whole = (Kept, bool);
    type Failure = &'static str;

    async fn ask(&self, origin: &Origin, read: &Read, _: Option<&str>) -> Result<Kept, &'static str> {
        let Network { now, stubborn, upper, clock, .. } = self.network;
        let (now, name) = (now.get(), format!("{origin}/{}", name(read)));
        let is_primary = std::ptr::eq(origin, &self.network.origins[0]);
        let bucket = if is_primary { &self.network.primary } else { &self.network.replica };
        let fresh = |tier: &Tier| tier.has(&name, now, *stubborn);
        if !fresh(&self.edge.tier) && !fresh(upper) {
            clock.pause(bucket.first_byte_ms.get()).await;
        }
        Ok(self.edge.tier.get(&name, read.ttl, now, *stubborn, || {
            upper.get(&name, read.ttl, now, *stubborn, || bucket.get(read, now))
        }))
    }

    fn head<'a>(&self, answer: &'a Kept) -> AnswerHead<'a> {
        AnswerHead { status: answer.status, ..AnswerHead::default() }
    }

    async fn whole(&self, taken: Taken<'_, Kept>) -> Result<(Kept, bool), &'static str> {
        Ok((taken.answer, taken.primary))
    }

    async fn pause(&self, ms: u64) {
        self.network.clock.pause(Some(ms)).await;
    }

    fn with_budget<T>(&self, take: impl FnOnce(&mut Budget) -> T) -> T {
        take(&mut self.edge.budget.borrow_mut())
    }

    fn note(&self, _: &Read, _: ReadEvent<'_, Kept, &'static str>) {}
}

impl MutableObjects for Reading<'_> {
    type Understood = Arc<ReadSoFar>;

    async fn understood(&self, fetch: &Fetch) -> Option<Arc<ReadSoFar>> {
        let now = Timestamp::from_second(self.network.now.get()).unwrap();
        let remembers = self.network.remembers;
        if let Some(kept) = self.edge.memory.borrow_mut().recall(fetch, now).filter(|_| remembers) {
            return Some(kept);
        }
        let selection = OriginSelection::new(&self.network.origins, &fetch.read, None, Country::Unknown, 0);
        let reads = OriginReads::new(self, selection, &fetch.read, None);
        let understand = |(kept, primary): (Kept, bool)| {
            let at = Timestamp::from_second(kept.answered).unwrap();
            let answer = ReadAnswer { status: kept.status, at, primary, body: &kept.body };
            let understood = Arc::new(fetch.understood(answer).ok_or("not understood")?);
            self.edge.memory.borrow_mut().keep(fetch, &understood, kept.body.len());
            Ok(understood)
        };
        reads.whole(understand).await
    }
}
