//! Reading from the origins in the course that [`Race`] sets, through the platform's cache.

use std::{cell::RefCell, time::Duration};

use futures_util::{
    StreamExt as _,
    future::{Either, select},
    stream::FuturesUnordered,
};
use jiff::Timestamp;
use nada_edge::{
    Address, Answer, Asked, Budget, Country, Fetch, Known, MAX_JSON, Origin, Race, Read, Step, Ttl,
    origin::answered_at, sigv4::DayKey,
};
use wasm_bindgen::JsValue;
use worker::{
    Delay,
    js_sys::{self, Object, Reflect},
    wasm_bindgen_futures::JsFuture,
    web_sys,
};

use crate::{
    platform::{self, Lines, Sent},
    setup::Setup,
};

/// How long the body of a mutable object may take, in milliseconds.
const BODY_MS: u32 = 5000;

/// The origins as one request sees them.
#[derive(Clone, Copy)]
pub struct Origins<'a> {
    /// Which they are.
    pub setup: &'a Setup,
    /// The platform's colo that serves the request (`SIN`).
    pub colo: Option<&'a str>,
    /// Where the request comes from.
    pub country: Country,
    /// When it came.
    pub now: Timestamp,
}

/// What matters of the head of an answer.
pub struct Head {
    /// The HTTP status.
    pub status: u16,
    /// `Content-Length`
    pub content_length: Option<u64>,
    /// `Content-Range`
    pub content_range: Option<String>,
    /// `Content-Encoding`
    pub content_encoding: Option<String>,
    /// `CF-Cache-Status`
    pub cache_status: Option<String>,
    age: Option<String>,
    content_type: Option<String>,
    retry_after: Option<String>,
}

impl Head {
    fn of(response: &web_sys::Response) -> Self {
        let text = platform::head(response);
        // as many as platform.js writes: a header field has no line feed
        let mut lines = Lines::of(&text, 8);
        let mut next = || lines.as_mut()?.next().map(str::to_owned);
        Self {
            status: next().and_then(|status| status.parse().ok()).unwrap_or(0),
            content_length: next().and_then(|length| length.parse().ok()),
            content_range: next(),
            content_encoding: next(),
            cache_status: next(),
            age: next(),
            content_type: next(),
            retry_after: next(),
        }
    }

    /// What the race judges it by.
    fn told(&self) -> nada_edge::Head<'_> {
        nada_edge::Head {
            status: self.status,
            content_type: self.content_type.as_deref(),
            retry_after: self.retry_after.as_deref(),
        }
    }
}

/// The head of an answer that counts, with its body untouched.
pub struct Found {
    /// It.
    pub response: web_sys::Response,
    /// What it says.
    pub head: Head,
    /// The place in the list, from 1, of the origin that gave it.
    pub place: usize,
    /// Why it was asked.
    pub asked: Option<Asked>,
}

/// An origin and what came of asking it.
type Answered<'o> = (&'o Origin, Result<(web_sys::Response, Head), JsValue>);

impl<'a> Origins<'a> {
    /// Reads a whole mutable object, or that there is none; `None` where no origin says anything that is
    /// understood.
    pub async fn whole(&self, fetch: &Fetch) -> Option<Known> {
        let mut race = self.race(&fetch.read);
        let mut step = lend(|budget| race.start(budget));
        loop {
            let (origin, response, head) = self.run(&mut race, step, &fetch.read, None).await?;
            let (status, primary) = (head.status, race.is_primary(origin));
            let at = answered_at(self.now, head.age.as_deref());
            let body = read(&response, &head).await;
            let known = body.and_then(|body| {
                let answer = Answer { status, at, primary, body: &body };
                fetch.understood(answer, &mut self.setup.parsed.borrow_mut())
            });
            match known {
                Some(known) => return Some(known),
                None => {
                    worker::console_warn!("{origin}: {}: not a whole answer", fetch.read.key);
                    step = lend(|budget| race.answered(origin, None, budget));
                }
            }
        }
    }

    /// Begins to read a stored object: the head, and the body as a stream that nobody has touched.
    pub async fn object(&self, read: &Read, range: Option<String>) -> Option<Found> {
        let mut race = self.race(read);
        let step = lend(|budget| race.start(budget));
        let (origin, response, head) = self.run(&mut race, step, read, range.as_deref()).await?;
        Some(Found {
            response,
            head,
            place: race.place(origin).unwrap_or_default(),
            asked: race.asked(origin),
        })
    }

    /// Reads an object that someone is going to ask for into the platform's cache, where the budget allows it.
    pub async fn warm(&self, read: &Read) {
        if !lend(Budget::spare) {
            return;
        }
        let Some(found) = self.object(read, None).await else { return };
        // the cache keeps what was read to its end; the platform does that, not a byte of it comes in here
        if let (Some(body), Ok(nowhere)) = (found.response.body(), web_sys::WritableStream::new()) {
            let _ = JsFuture::from(body.pipe_to(&nowhere)).await;
        }
    }

    fn race(&self, read: &Read) -> Race<'a> {
        let jitter = (js_sys::Math::random() * 1000.0) as u64;
        Race::new(&self.setup.origins, read, self.colo, self.country, jitter)
    }

    /// Goes on with a race until an answer counts.
    async fn run(
        &self,
        race: &mut Race<'a>,
        mut step: Step<'a>,
        read: &Read,
        range: Option<&str>,
    ) -> Option<(&'a Origin, web_sys::Response, Head)> {
        let mut running = FuturesUnordered::new();
        loop {
            match step {
                Step::Ask { origin, after_ms, alone } => {
                    if alone {
                        running.clear();
                    }
                    running.push(self.ask(origin, read, range, after_ms));
                }
                Step::Wait | Step::Take => {}
                Step::Over => return None,
            }
            let silence = Delay::from(Duration::from_millis(race.wait_ms()));
            let answered: Option<Answered<'a>> = match select(running.next(), silence).await {
                Either::Left((answered, _)) => answered,
                Either::Right(_) => {
                    worker::console_warn!("{}: no first byte in time", read.key);
                    step = lend(|budget| race.silent(budget));
                    continue;
                }
            };
            let (origin, answer) = answered?;
            let told = answer.as_ref().ok().map(|(_, head)| head.told());
            step = lend(|budget| race.answered(origin, told, budget));
            match answer {
                // whoever lost is cancelled with `running`
                Ok((response, head)) if step == Step::Take => return Some((origin, response, head)),
                Ok((response, head)) => {
                    worker::console_warn!("{origin}: {}: status {}", read.key, head.status);
                    discard(&response);
                }
                Err(error) => worker::console_warn!("{origin}: {}: {error:?}", read.key),
            }
        }
    }

    async fn ask(&self, origin: &'a Origin, read: &Read, range: Option<&str>, after_ms: u64) -> Answered<'a> {
        if after_ms > 0 {
            Delay::from(Duration::from_millis(after_ms)).await;
        }
        (origin, self.fetch(origin, read, range).await)
    }

    /// Sends one signed request and waits for the head of its answer. Dropped before, it is cancelled.
    async fn fetch(
        &self,
        origin: &Origin,
        read: &Read,
        range: Option<&str>,
    ) -> Result<(web_sys::Response, Head), JsValue> {
        let address = origin.address(&read.key, read.query.as_deref());
        let signed = self.sign(origin.region(), &address);
        let fields = signed.iter().map(|(name, value)| (*name, value.as_str()));
        let header = platform::header(fields.chain(range.map(|range| ("range", range))));
        let mut abort = Abort { sent: Sent::new(&address.url, &header, &cf(read.ttl)?)?, answered: false };
        let answer = JsFuture::from(abort.sent.answer()).await;
        abort.answered = true;
        let response = answer?;
        let head = Head::of(&response);
        Ok((response, head))
    }

    /// The fields of a signed request, by a key that is made once a day.
    fn sign(&self, region: &str, address: &Address) -> Vec<(&'static str, String)> {
        let mut keys = self.setup.day_keys.borrow_mut();
        let place = keys.iter().position(|key| key.is_of(region)).unwrap_or_else(|| {
            keys.push(DayKey::new(&self.setup.credentials, region, self.now));
            keys.len() - 1
        });
        let key = &mut keys[place];
        if !key.is_for(self.now) {
            *key = DayKey::new(&self.setup.credentials, region, self.now);
        }
        key.sign(address, self.now)
    }
}

/// Cancels a request when it is dropped, unless its answer is there.
struct Abort {
    sent: Sent,
    answered: bool,
}

impl Drop for Abort {
    fn drop(&mut self) {
        if !self.answered {
            self.sent.abort();
        }
    }
}

/// Reads the body of a whole answer, of a bounded length and in bounded time; `None` where it is not one. Of what
/// is no 200 the body says nothing.
async fn read(response: &web_sys::Response, head: &Head) -> Option<Vec<u8>> {
    if head.status != 200 || head.content_length.is_some_and(|length| length > MAX_JSON as u64) {
        discard(response);
        return (head.status != 200).then(Vec::new);
    }
    let body = JsFuture::from(platform::body(response, BODY_MS)).await.ok()?;
    Some(body.to_vec())
}

/// The isolate's budget of extra requests.
fn lend<T>(to: impl FnOnce(&mut Budget) -> T) -> T {
    thread_local! {
        static BUDGET: RefCell<Budget> = RefCell::default();
    }
    BUDGET.with_borrow_mut(to)
}

/// What the platform's cache is told, and nothing more: `CfProperties` of crate `worker` would send
/// `cacheTtl: 0`, which means "never", for what is not set. There are three of them, made once.
fn cf(ttl: Ttl) -> Result<Object, JsValue> {
    thread_local! {
        static MADE: RefCell<Vec<(Ttl, Object)>> = const { RefCell::new(Vec::new()) };
    }
    MADE.with_borrow_mut(|made| {
        if let Some((_, cf)) = made.iter().find(|(known, _)| *known == ttl) {
            return Ok(cf.clone());
        }
        let by_status = Object::new();
        for (statuses, seconds) in ttl.by_status() {
            Reflect::set(&by_status, &statuses.into(), &(seconds as f64).into())?;
        }
        let cf = Object::new();
        Reflect::set(&cf, &"cacheEverything".into(), &true.into())?;
        Reflect::set(&cf, &"cacheTtlByStatus".into(), &by_status)?;
        made.push((ttl, cf.clone()));
        Ok(cf)
    })
}

/// Gives up a body, and with it one of the six connections a request may hold.
pub fn discard(response: &web_sys::Response) {
    if let Some(body) = response.body() {
        let _ = body.cancel();
    }
}
