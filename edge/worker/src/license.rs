//! One licence request: decided by `nada-edge`, its body read after that, its licence made or fetched.

use std::{cell::RefCell, rc::Rc};

use nada_edge::{
    Body, Code,
    license::{self, DerivedKeys, Forward, LicensePlan, LicenseServers, LicenseTarget, Licenses, Seed},
    problem, unread,
};
use wasm_bindgen::prelude::*;
use worker::{
    Env,
    js_sys::{Array, Promise, Uint8Array},
    web_sys::{self, ReadableStream},
};

use crate::{
    Planned,
    incoming::Incoming,
    origins::Origins,
    platform,
    setup::{self, Setup},
    wait::settled,
};

#[wasm_bindgen(module = "/src/license.js")]
extern "C" {
    /// The promise of a request's body, or of the status of what is wrong with it.
    fn asked(request: &web_sys::Request, most: u32, ms: u32) -> Promise<JsValue>;

    /// The promise of the status and the body of the answer to a POST.
    fn forward(url: &str, header: &str, body: &Uint8Array, most: u32, ms: u32) -> Promise<Array>;

    /// Bytes as the body of an answer.
    fn stream(bytes: &[u8]) -> Option<ReadableStream>;
}

/// The text bindings.
const NAMES: [&str; 2] = ["NADA_SEED", "NADA_LICENSE_SERVERS"];

thread_local! {
    static LICENSES: RefCell<Option<(JsValue, Rc<Licenses>)>> = const { RefCell::new(None) };
}

/// Whether a request is one for a licence.
pub fn concerns(incoming: &Incoming) -> bool {
    LicenseTarget::parse(incoming.request().path).is_some()
}

/// What to answer, once the body was read.
pub async fn plan(setup: &Setup, env: &Env, incoming: &Incoming, request: &web_sys::Request) -> Planned {
    let licenses = licenses(env.as_ref()).await;
    let asked = incoming.request();
    let admitted = match license::admit(&setup.config, &licenses, &asked) {
        Ok(admitted) => admitted,
        Err(response) => {
            let mut response = *response;
            let certificate = licenses.servers.certificate().unwrap_or_default();
            let body = matches!(response.body, Body::Slice { .. }).then(|| stream(certificate)).flatten();
            if body.is_some() {
                response.body = Body::Origin;
            }
            return Planned { body, ..response.into() };
        }
    };
    let origins = Origins { setup, colo: incoming.colo(), country: asked.country, now: asked.now };
    let (plan, read) = admitted.plan(setup::remembered(), &origins).await;
    setup::remember(&read);
    match plan {
        LicensePlan::Respond(response) => response.into(),
        LicensePlan::Grant(grant) => match body(request).await {
            Ok(body) => grant.answer(&body.to_vec()).into(),
            Err(status) => unread(status).into(),
        },
        LicensePlan::Forward(forward) => match body(request).await {
            Ok(body) => forwarded(&forward, &body).await,
            Err(status) => unread(status).into(),
        },
    }
}

/// The body of a licence request, or the status of what is wrong with it.
async fn body(request: &web_sys::Request) -> Result<Uint8Array, u16> {
    let body = settled(&asked(request, license::MOST_ASKED as u32, license::ASKED_MS)).await;
    let body = body.map_err(|_| Code::Internal.status())?;
    body.dyn_into().map_err(|status| status.as_f64().map_or(400, |status| status as u16))
}

async fn forwarded(forward: &Forward, body: &Uint8Array) -> Planned {
    let header =
        platform::header(forward.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let answer =
        self::forward(&forward.url, &header, body, license::MOST_ANSWERED as u32, license::ANSWERED_MS);
    let answer = match settled(&answer).await {
        Ok(answer) => answer,
        Err(why) => {
            let why = why.as_string().unwrap_or_default();
            worker::console_warn!("a licence server failed: {why}");
            return forward.unavailable(&format!("the licence server cannot be reached: {why}")).into();
        }
    };
    let Some(status) = answer.get(0).as_f64() else { return problem(Code::Internal).into() };
    let response = forward.answer(status as u16);
    let body = (response.body == Body::Origin).then(|| answer.get(1).dyn_into().ok()).flatten();
    Planned { body, ..response.into() }
}

/// What licences are made of, read once in an isolate, and again when the bindings are others or the Secrets Store did not give
/// all of it.
async fn licenses(env: &JsValue) -> Rc<Licenses> {
    let kept = LICENSES.with_borrow(|kept| {
        kept.as_ref().filter(|(of, _)| of == env).map(|(_, licenses)| Rc::clone(licenses))
    });
    if let Some(licenses) = kept {
        return licenses;
    }
    let read = settled(&platform::texts(env, &NAMES.join("\n"))).await.unwrap_or_default();
    let [seed, servers] = [0, 1].map(|place| read.get(place).as_string());
    let complain = |name: &str, why: &dyn std::fmt::Display| worker::console_error!("binding {name}: {why}");
    let keys = seed.and_then(|text| {
        let seed = Seed::parse(&text).map_err(|why| complain(NAMES[0], &why)).ok()?;
        Some(DerivedKeys::new(seed))
    });
    let servers = servers
        .and_then(|text| LicenseServers::from_json(&text).map_err(|why| complain(NAMES[1], &why)).ok());
    let licenses = Rc::new(Licenses { keys, servers: servers.unwrap_or_default() });
    let whole = read.length() == NAMES.len() as u32 && read.iter().all(|value| !value.is_undefined());
    if whole {
        LICENSES.set(Some((env.clone(), Rc::clone(&licenses))));
    }
    licenses
}
