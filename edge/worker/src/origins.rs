//! Reading from the origins in the course that [`Race`] sets, through the platform's cache.

use std::{cell::RefCell, time::Duration};

use futures_util::{
    StreamExt as _,
    future::{Either, select},
    stream::FuturesUnordered,
};
use jiff::Timestamp;
use nada_edge::{
    Answer, Asked, Budget, Country, Fetch, MAX_JSON, Origin, Race, Read, Step, Ttl, origin::answered_at,
    sigv4::sign,
};
use wasm_bindgen::{JsCast as _, JsValue};
use worker::{
    Delay,
    js_sys::{self, Object, Reflect, Uint8Array},
    wasm_bindgen_futures::JsFuture,
    web_sys,
};

use crate::setup::Setup;

/// How long the body of a mutable object may take.
const BODY_TIMEOUT: Duration = Duration::from_secs(5);

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

/// A whole mutable object, or that there is none.
pub struct Whole {
    status: u16,
    at: Timestamp,
    primary: bool,
    body: Vec<u8>,
}

impl Whole {
    /// As a decision takes it.
    pub fn lent(&self) -> Answer<'_> {
        Answer { status: self.status, at: self.at, primary: self.primary, body: &self.body }
    }
}

/// The head of an answer that counts, with its body untouched.
pub struct Found {
    /// It.
    pub response: web_sys::Response,
    /// The place in the list, from 1, of the origin that gave it.
    pub place: usize,
    /// Why it was asked.
    pub asked: Option<Asked>,
}

/// An origin and what came of asking it.
type Answered<'o> = (&'o Origin, Result<web_sys::Response, JsValue>);

impl<'a> Origins<'a> {
    /// Reads a whole mutable object; `None` where no origin gives one that is understood.
    pub async fn whole(&self, fetch: &Fetch) -> Option<Whole> {
        let mut race = self.race(&fetch.read);
        let mut step = lend(|budget| race.start(budget));
        loop {
            let (origin, response) = self.run(&mut race, step, &fetch.read, None).await?;
            let whole = read(&response, race.is_primary(origin), self.now).await;
            match whole.filter(|whole| whole.status != 200 || fetch.understands(whole.lent())) {
                Some(whole) => return Some(whole),
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
        let (origin, response) = self.run(&mut race, step, read, range.as_deref()).await?;
        Some(Found { response, place: race.place(origin).unwrap_or_default(), asked: race.asked(origin) })
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
    ) -> Option<(&'a Origin, web_sys::Response)> {
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
            let status = answer.as_ref().ok().map(web_sys::Response::status);
            step = lend(|budget| race.answered(origin, status, budget));
            match answer {
                // whoever lost is cancelled with `running`
                Ok(response) if step == Step::Take => return Some((origin, response)),
                Ok(response) => {
                    worker::console_warn!("{origin}: {}: status {}", read.key, response.status());
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
    ) -> Result<web_sys::Response, JsValue> {
        let address = origin.address(&read.key, read.query.as_deref());
        let headers = web_sys::Headers::new()?;
        for (name, value) in sign(&self.setup.credentials, origin.region(), &address, self.now) {
            headers.append(name, &value)?;
        }
        if let Some(range) = range {
            headers.append("range", range)?;
        }
        let abort = Abort(Some(web_sys::AbortController::new()?));
        let init = web_sys::RequestInit::new();
        init.set_method("GET");
        init.set_headers(&headers);
        init.set_redirect(web_sys::RequestRedirect::Manual);
        init.set_signal(abort.0.as_ref().map(web_sys::AbortController::signal).as_ref());
        Reflect::set(&init, &"cf".into(), &cf(read.ttl)?.into())?;
        let global: web_sys::WorkerGlobalScope = js_sys::global().unchecked_into();
        let answer = JsFuture::from(global.fetch_with_str_and_init(&address.url, &init)).await;
        abort.keep();
        answer?.dyn_into()
    }
}

/// Cancels a request when it is dropped, unless its answer is kept.
struct Abort(Option<web_sys::AbortController>);

impl Abort {
    fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for Abort {
    fn drop(&mut self) {
        if let Some(controller) = &self.0 {
            controller.abort();
        }
    }
}

/// Reads a whole answer, of a bounded length and in bounded time; `None` where it is not one.
async fn read(response: &web_sys::Response, primary: bool, now: Timestamp) -> Option<Whole> {
    let head = response.headers();
    let length = text(&head, "content-length").and_then(|length| length.parse::<usize>().ok());
    let (status, at) = (response.status(), answered_at(now, text(&head, "age").as_deref()));
    if status != 200 || length.is_some_and(|length| length > MAX_JSON) {
        discard(response);
        return (status != 200).then(|| Whole { status, at, primary, body: Vec::new() });
    }
    // a body that ends early is an exception here
    let buffer = JsFuture::from(response.array_buffer().ok()?);
    match select(buffer, Delay::from(BODY_TIMEOUT)).await {
        Either::Left((buffer, _)) => {
            Some(Whole { status, at, primary, body: Uint8Array::new(&buffer.ok()?).to_vec() })
        }
        Either::Right(_) => None,
    }
}

/// The isolate's budget of extra requests.
fn lend<T>(to: impl FnOnce(&mut Budget) -> T) -> T {
    thread_local! {
        static BUDGET: RefCell<Budget> = RefCell::default();
    }
    BUDGET.with_borrow_mut(to)
}

/// What the platform's cache is told, and nothing more: `CfProperties` of crate `worker` would send
/// `cacheTtl: 0`, which means "never", for what is not set.
fn cf(ttl: Ttl) -> Result<Object, JsValue> {
    let by_status = Object::new();
    for (statuses, seconds) in ttl.by_status() {
        Reflect::set(&by_status, &statuses.into(), &(seconds as f64).into())?;
    }
    let cf = Object::new();
    Reflect::set(&cf, &"cacheEverything".into(), &true.into())?;
    Reflect::set(&cf, &"cacheTtlByStatus".into(), &by_status)?;
    Ok(cf)
}

/// Gives up a body, and with it one of the six connections a request may hold.
pub fn discard(response: &web_sys::Response) {
    if let Some(body) = response.body() {
        let _ = body.cancel();
    }
}

/// A header's value.
pub fn text(headers: &web_sys::Headers, name: &str) -> Option<String> {
    headers.get(name).ok().flatten()
}
