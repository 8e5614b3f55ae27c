//! Reading from the origins by the core's [`OriginReads`], through the platform's cache.

use std::{cell::RefCell, sync::Arc};

use jiff::Timestamp;
use nada_edge::{
    Address, Budget, Country, Fetch, MAX_JSON, MutableObjects, Origin, OriginReads, OriginSelection,
    Platform, Read, ReadAnswer, ReadEvent, ReadSoFar, Taken, Ttl, origin::answered_at, sigv4::DayKey,
};
use wasm_bindgen::JsValue;
use worker::{
    js_sys::{self, Object, Reflect},
    web_sys,
};

use crate::{
    fields::{AnswerField, Lines},
    platform::{self, Sent},
    setup::Setup,
    wait::{passed, settled},
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
pub struct ResponseHead {
    /// The HTTP status.
    pub status: u16,
    /// `CF-Cache-Status`
    pub cache_status: Option<String>,
    content_length: Option<u64>,
    content_range: Option<String>,
    content_encoding: Option<String>,
    age: Option<String>,
    content_type: Option<String>,
    retry_after: Option<String>,
}

impl ResponseHead {
    fn of(response: &web_sys::Response) -> Self {
        let text = platform::answer_lines(response);
        let lines = Lines::of::<AnswerField>(&text);
        // a header field has no line feed: a wrong number of lines is no answer
        let get = |field| lines.as_ref().and_then(|lines| lines.get(field));
        let owned = |field| get(field).map(str::to_owned);
        Self {
            status: get(AnswerField::Status).and_then(|status| status.parse().ok()).unwrap_or(0),
            content_length: get(AnswerField::ContentLength).and_then(|length| length.parse().ok()),
            content_range: owned(AnswerField::ContentRange),
            content_encoding: owned(AnswerField::ContentEncoding),
            cache_status: owned(AnswerField::CacheStatus),
            age: owned(AnswerField::Age),
            content_type: owned(AnswerField::ContentType),
            retry_after: owned(AnswerField::RetryAfter),
        }
    }

    /// Whether it is of an object, and not that there is none.
    pub fn is_found(&self) -> bool {
        matches!(self.status, 200 | 206)
    }

    /// What the core judges it by.
    pub fn judged(&self) -> nada_edge::AnswerHead<'_> {
        nada_edge::AnswerHead {
            status: self.status,
            content_length: self.content_length,
            content_range: self.content_range.as_deref(),
            content_encoding: self.content_encoding.as_deref(),
            content_type: self.content_type.as_deref(),
            retry_after: self.retry_after.as_deref(),
        }
    }
}

/// An origin's answer, its body untouched.
pub struct OriginResponse {
    /// As the platform has it.
    pub response: web_sys::Response,
    /// Its head.
    pub head: ResponseHead,
}

/// A whole answer.
pub struct Whole {
    status: u16,
    at: Timestamp,
    primary: bool,
    body: Vec<u8>,
}

/// Why an origin gave no answer.
pub enum Failure {
    /// The platform says so.
    Platform(JsValue),
    /// It is not whole, or not understood.
    NotWhole,
}

impl From<JsValue> for Failure {
    fn from(error: JsValue) -> Self {
        Self::Platform(error)
    }
}

impl<'a> Origins<'a> {
    /// Begins to read a stored object: the head, and the body as a stream that nobody has touched.
    pub async fn object(&self, read: &Read, range: Option<String>) -> Option<Taken<'a, OriginResponse>> {
        OriginReads::new(self, self.selection(read), read, range.as_deref()).head().await
    }

    /// Reads an object that someone is going to ask for into the platform's cache, where the budget allows it.
    pub async fn warm(&self, read: &Read) {
        if !self.with_budget(Budget::spare) {
            return;
        }
        let Some(taken) = self.object(read, read.range()).await else { return };
        // the cache keeps what was read to its end; the platform does that, not a byte of it comes in here
        if let (Some(body), Ok(nowhere)) = (taken.answer.response.body(), web_sys::WritableStream::new()) {
            let _ = settled(&body.pipe_to(&nowhere)).await;
        }
    }

    fn selection(&self, read: &Read) -> OriginSelection<'a> {
        let jitter = (js_sys::Math::random() * 1000.0) as u64;
        OriginSelection::new(&self.setup.origins, read, self.colo, self.country, jitter)
    }

    /// Sends one signed request and waits for the head of its answer. Dropped before, it is cancelled.
    async fn fetch(
        &self,
        origin: &Origin,
        read: &Read,
        range: Option<&str>,
    ) -> Result<OriginResponse, JsValue> {
        let address = origin.address(&read.key, read.query.as_deref());
        let signed = if origin.is_signed() { self.sign(origin.region(), &address) } else { Vec::new() };
        let fields = signed.iter().map(|(name, value)| (*name, value.as_str()));
        let header = platform::header(fields.chain(range.map(|range| ("range", range))));
        let mut abort = Abort { sent: Sent::new(&address.url, &header, &cf(read.ttl)?)?, answered: false };
        let answer = settled(&abort.sent.answer()).await;
        abort.answered = true;
        let response = answer?;
        let head = ResponseHead::of(&response);
        Ok(OriginResponse { response, head })
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

impl Platform for Origins<'_> {
    type Answer = OriginResponse;
    type Whole = Whole;
    type Failure = Failure;

    async fn ask(
        &self,
        origin: &Origin,
        read: &Read,
        range: Option<&str>,
    ) -> Result<OriginResponse, Failure> {
        Ok(self.fetch(origin, read, range).await?)
    }

    fn head<'a>(&self, answer: &'a OriginResponse) -> nada_edge::AnswerHead<'a> {
        answer.head.judged()
    }

    async fn whole(&self, taken: Taken<'_, OriginResponse>) -> Result<Whole, Failure> {
        let OriginResponse { response, head } = taken.answer;
        let at = answered_at(self.now, head.age.as_deref());
        let body = read(&response, &head).await.ok_or(Failure::NotWhole)?;
        Ok(Whole { status: head.status, at, primary: taken.primary, body })
    }

    async fn pause(&self, ms: u64) {
        let _ = passed(u32::try_from(ms).unwrap_or(u32::MAX)).await;
    }

    fn with_budget<T>(&self, take: impl FnOnce(&mut Budget) -> T) -> T {
        thread_local! {
            static BUDGET: RefCell<Budget> = RefCell::default();
        }
        BUDGET.with_borrow_mut(take)
    }

    fn note(&self, read: &Read, event: ReadEvent<'_, OriginResponse, Failure>) {
        let key = &read.key;
        match event {
            ReadEvent::Asked { .. } => {}
            ReadEvent::Silent => worker::console_warn!("{key}: no first byte in time"),
            ReadEvent::PassedBy { origin, answer, .. } => {
                worker::console_warn!("{origin}: {key}: status {}", answer.head.status);
                discard(&answer.response);
            }
            ReadEvent::Failed { origin, failure: Failure::Platform(error), .. } => {
                worker::console_warn!("{origin}: {key}: {error:?}");
            }
            ReadEvent::Failed { origin, failure: Failure::NotWhole, .. } => {
                worker::console_warn!("{origin}: {key}: not a whole answer");
            }
        }
    }
}

impl MutableObjects for Origins<'_> {
    type Understood = Arc<ReadSoFar>;

    async fn understood(&self, fetch: &Fetch) -> Option<Arc<ReadSoFar>> {
        if let Some(kept) = self.setup.memory.borrow_mut().recall(fetch, self.now) {
            return Some(kept);
        }
        let reads = OriginReads::new(self, self.selection(&fetch.read), &fetch.read, None);
        let understand = |whole: Whole| {
            let Whole { status, at, primary, body } = whole;
            let answer = ReadAnswer { status, at, primary, body: &body };
            let understood = Arc::new(fetch.understood(answer).ok_or(Failure::NotWhole)?);
            self.setup.memory.borrow_mut().keep(fetch, &understood, body.len());
            Ok(understood)
        };
        reads.whole(understand).await
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
async fn read(response: &web_sys::Response, head: &ResponseHead) -> Option<Vec<u8>> {
    if head.status != 200 || head.content_length.is_some_and(|length| length > MAX_JSON as u64) {
        discard(response);
        return (head.status != 200).then(Vec::new);
    }
    let body = settled(&platform::body(response, BODY_MS)).await.ok()?;
    Some(body.to_vec())
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
