//! What the bindings say, read once per isolate, and what an isolate remembers between requests.

use std::{cell::RefCell, rc::Rc};

use nada_edge::{Config, Credentials, KeySet, Known, Origin, Parsed, sigv4::DayKey};
use wasm_bindgen::JsValue;
use worker::{Env, js_sys::Reflect};

use crate::points;

/// The text bindings, in the order that [`Setup::of`] takes them apart.
const NAMES: [&str; 6] = [
    "NADA_KEYS",
    "NADA_ORIGINS",
    "NADA_S3_ACCESS_KEY_ID",
    "NADA_S3_SECRET_ACCESS_KEY",
    "NADA_ISSUER",
    "NADA_AUDIENCE",
];

/// What does not change from request to request.
#[derive(Debug)]
pub struct Setup {
    /// The bindings that all of this was read from.
    env: JsValue,
    /// The data set for points, where one is bound.
    pub points: JsValue,
    /// What was parsed lately.
    pub parsed: RefCell<Parsed>,
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
    static MEMORY: RefCell<Known> = RefCell::new(Known::default());
}

/// The isolate's setup, made anew when a binding has changed.
pub fn of(env: &Env) -> Rc<Setup> {
    let bindings: &JsValue = env.as_ref();
    SETUP.with_borrow_mut(|kept| match kept {
        // the same object has the same bindings: reading each of them on every request would cost more than this
        Some(setup) if setup.env == *bindings => Rc::clone(setup),
        _ => Rc::clone(kept.insert(Rc::new(Setup::of(env, bindings)))),
    })
}

impl Setup {
    fn of(env: &Env, bindings: &JsValue) -> Self {
        let [keys, origins, id, secret, issuer, audience] =
            NAMES.map(|name| env.var(name).ok().map(|value| value.to_string()));
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
        let origins = serde_json::from_str(origins.as_deref().unwrap_or("[]")).unwrap_or_else(|why| {
            complain("NADA_ORIGINS", why.to_string());
            Vec::new()
        });
        let credentials = Credentials {
            access_key: id.unwrap_or_default(),
            secret_key: secret.unwrap_or_default(),
            session_token: None,
        };
        let version = format!("nada {}", env!("CARGO_PKG_VERSION"));
        Self {
            env: bindings.clone(),
            points: Reflect::get(bindings, &points::BINDING.into()).unwrap_or(JsValue::UNDEFINED),
            parsed: RefCell::default(),
            day_keys: RefCell::default(),
            config: Config { keys, issuer, audience, version },
            origins,
            credentials,
        }
    }
}

/// What a request starts with: what bridges an outage.
pub fn remembered() -> Known {
    MEMORY.with_borrow(Known::clone)
}

/// Keeps what is worth it for the next request.
pub fn remember(known: &Known) {
    MEMORY.set(known.lasting());
}
