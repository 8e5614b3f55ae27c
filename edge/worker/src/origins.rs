//! Reading from the origins in their order, through the platform's cache.

use std::time::Duration;

use futures_util::future::{Either, select};
use jiff::Timestamp;
use nada_edge::{
    Country, MAX_JSON, Origin, Read, Serve, Ttl,
    origin::{FIRST_BYTE_MS, answered_at, order, settles},
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

/// The origins as one request sees them.
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
    /// 200, 403 or 404.
    pub status: u16,
    /// When the origin gave it.
    pub at: Timestamp,
    /// The object; empty where there is none.
    pub body: Vec<u8>,
}

impl Origins<'_> {
    /// Reads a whole mutable object; `None` where no origin gives one.
    pub async fn whole(&self, read: &Read) -> Option<Whole> {
        let response = self.ask(read, None).await?;
        let head = response.headers();
        let length = text(&head, "content-length").and_then(|length| length.parse::<usize>().ok());
        let (status, at) = (response.status(), answered_at(self.now, text(&head, "age").as_deref()));
        if status != 200 || length.is_some_and(|length| length > MAX_JSON) {
            discard(&response);
            return (status != 200).then(|| Whole { status, at, body: Vec::new() });
        }
        // a body that ends early is an exception here
        let buffer = JsFuture::from(response.array_buffer().ok()?).await.ok()?;
        Some(Whole { status, at, body: Uint8Array::new(&buffer).to_vec() })
    }

    /// Begins to read a stored object: the head, and the body as a stream that nobody has touched.
    pub async fn object(&self, serve: &Serve) -> Option<web_sys::Response> {
        self.ask(&serve.read, serve.origin_range()).await
    }

    /// Asks one origin after the other, until one has the final word.
    async fn ask(&self, read: &Read, range: Option<String>) -> Option<web_sys::Response> {
        let list = &self.setup.origins;
        for origin in order(list, read.source, self.colo, self.country) {
            let is_primary = list.first().is_some_and(|primary| std::ptr::eq(primary, origin));
            match self.fetch(origin, read, range.as_deref()).await {
                Ok(response) if settles(is_primary, response.status()) => return Some(response),
                Ok(response) => {
                    worker::console_warn!("{origin}: {}: status {}", read.key, response.status());
                    discard(&response);
                }
                Err(error) => worker::console_warn!("{origin}: {}: {error:?}", read.key),
            }
        }
        None
    }

    /// Sends one signed request and waits for the head of its answer, not for ever.
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
        let abort = web_sys::AbortController::new()?;
        let init = web_sys::RequestInit::new();
        init.set_method("GET");
        init.set_headers(&headers);
        init.set_redirect(web_sys::RequestRedirect::Manual);
        init.set_signal(Some(&abort.signal()));
        Reflect::set(&init, &"cf".into(), &cf(read.ttl)?.into())?;
        let global: web_sys::WorkerGlobalScope = js_sys::global().unchecked_into();
        let answer = JsFuture::from(global.fetch_with_str_and_init(&address.url, &init));
        let silence = Delay::from(Duration::from_millis(FIRST_BYTE_MS));
        match select(answer, silence).await {
            Either::Left((answer, _)) => answer?.dyn_into(),
            Either::Right(_) => {
                abort.abort();
                Err("no first byte in time".into())
            }
        }
    }
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
