//! What the bindings say, read once per isolate, and what an isolate remembers between requests.

use std::{cell::RefCell, rc::Rc};

use nada_edge::{Config, Credentials, KeySet, Memory, Origin, ReadSoFar, sigv4::DayKey};
use wasm_bindgen::JsValue;
use worker::{Env, js_sys::Reflect, wasm_bindgen_futures::JsFuture};

use crate::{platform, points};

/// The text bindings, in the order of [`Texts`].
const NAMES: [&str; 8] = [
    "NADA_KEYS",
    "NADA_ORIGINS",
    "NADA_S3_ACCESS_KEY_ID",
    "NADA_S3_SECRET_ACCESS_KEY",
    "NADA_ISSUER",
    "NADA_AUDIENCE",
    "NADA_SAMPLING",
    "NADA_PLAIN_HTTP",
];

type Texts = [Option<String>; NAMES.len()];

/// What does not change from request to request.
#[derive(Debug)]
pub struct Setup {
    /// The bindings that all of this was read from.
    env: JsValue,
    /// The data set for points, where one is bound.
    pub points: JsValue,
    /// Of what goes well, one request in so many is told of.
    pub one_in: u32,
    /// What decisions rest on, as it was read lately.
    pub memory: RefCell<Memory>,
    /// The keys of the day, one for each region.
    pub day_keys: RefCell<Vec<DayKey>>,
    /// What decisions depend on. Keys that cannot be read are none, and the edge refuses.
    pub config: Config,
    /// The origins, the primary first; none where they cannot be read.
    pub origins: Vec<Origin>,
    /// The read-only key they are asked with.
    pub credentials: Credentials,
}

thread_local! {
    static SETUP: RefCell<Option<Rc<Setup>>> = const { RefCell::new(None) };
    static LAST: RefCell<ReadSoFar> = RefCell::new(ReadSoFar::default());
}

/// The isolate's setup, made anew when its bindings are others. While the Secrets Store does not give all of it, every
/// request asks again.
pub async fn of(env: &Env) -> Rc<Setup> {
    let env: &JsValue = env.as_ref();
    // the same object has the same bindings: reading each of them on every request would cost more than this
    let kept = SETUP.with_borrow(|kept| kept.as_ref().filter(|setup| setup.env == *env).map(Rc::clone));
    if let Some(setup) = kept {
        return setup;
    }
    let read = JsFuture::from(platform::texts(env, &NAMES.join("\n"))).await.unwrap_or_default();
    let mut texts = Texts::default();
    let mut whole = true;
    for (text, value) in texts.iter_mut().zip(read.iter()) {
        whole &= !value.is_undefined();
        *text = value.as_string();
    }
    let setup = Rc::new(Setup::of(env, texts));
    if whole {
        SETUP.set(Some(Rc::clone(&setup)));
    }
    setup
}

impl Setup {
    fn of(env: &JsValue, texts: Texts) -> Self {
        let [keys, origins, id, secret, issuer, audience, sampling, plain_http] = texts;
        let complain = |name: &str, why: String| worker::console_error!("binding {name}: {why}");
        let keys = match keys.as_deref().map(KeySet::from_json) {
            Some(Ok(keys)) => Some(keys),
            Some(Err(why)) => {
                complain("NADA_KEYS", why.to_string());
                None
            }
            None => {
                complain("NADA_KEYS", "missing".to_owned());
                None
            }
        };
        let origins =
            serde_json::from_slice(origins.as_deref().unwrap_or("[]").as_bytes()).unwrap_or_else(|why| {
                complain("NADA_ORIGINS", why.to_string());
                Vec::new()
            });
        // what is no number tells of every request
        let one_in = sampling.and_then(|number| number.parse().ok()).unwrap_or(1);
        let credentials = Credentials {
            access_key: id.unwrap_or_default(),
            secret_key: secret.unwrap_or_default(),
            session_token: None,
        };
        let version = format!("nada {}", env!("CARGO_PKG_VERSION"));
        Self {
            env: env.clone(),
            points: Reflect::get(env, &points::BINDING.into()).unwrap_or(JsValue::UNDEFINED),
            one_in,
            memory: RefCell::default(),
            day_keys: RefCell::default(),
            config: Config { keys, issuer, audience, plain_http: plain_http.is_some(), version },
            origins,
            credentials,
        }
    }
}

/// What a request starts with: what bridges an outage.
pub fn remembered() -> ReadSoFar {
    LAST.with_borrow(ReadSoFar::clone)
}

/// Keeps what is worth it for the next request.
pub fn remember(known: &ReadSoFar) {
    LAST.set(known.lasting());
}
