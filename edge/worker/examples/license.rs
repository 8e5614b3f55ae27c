//! What deciding a licence costs in wasm: built as the licence worker is, and no part of it. `tests/bench/license` runs it.

use jiff::Timestamp;
use nada_edge::{
    Config, Country, Decision, Fetch, KeySet, ObjectKey, ReadAnswer, ReadSoFar, Request, RequestHeaders,
    license::{DerivedKeys, LicensePlan, Licenses, Seed, admit},
};
use wasm_bindgen::prelude::*;

/// Decides a ClearKey licence request so many times, from token to keys, all that it rests on being read before. The number of
/// licences given.
///
/// # Errors
/// Keys, seed or time cannot be read.
#[wasm_bindgen]
pub fn licensed(
    keys: &str,
    seed: &str,
    path: &str,
    manifest: &str,
    body: &str,
    times: u32,
) -> Result<u32, JsError> {
    let config = Config { keys: Some(KeySet::from_json(keys)?), ..Config::default() };
    let licenses = Licenses { keys: Some(DerivedKeys::new(Seed::parse(seed)?)), ..Licenses::default() };
    let now = Timestamp::from_second(1_800_000_000).map_err(|why| JsError::new(&why.to_string()))?;
    let request = Request {
        method: "POST",
        scheme: "https",
        host: "cdn.example",
        path,
        query: None,
        headers: RequestHeaders::default(),
        country: Country::from_code("IN"),
        client: None,
        now,
    };
    let mut known = ReadSoFar::default();
    let mut given = 0;
    while given < times {
        let admitted =
            admit(&config, &licenses, &request).map_err(|refused| JsError::new(&format!("{refused:?}")))?;
        match admitted.decide(&known) {
            Decision::Need(fetches) => {
                for fetch in fetches {
                    known.add(&read(&fetch, manifest, now));
                }
            }
            Decision::Plan(LicensePlan::Grant(grant)) => {
                if grant.answer(body.as_bytes()).status != 200 {
                    return Err(JsError::new("no licence"));
                }
                given += 1;
            }
            Decision::Plan(other) => return Err(JsError::new(&format!("{other:?}"))),
        }
    }
    Ok(given)
}

/// What an origin gives: this manifest, no changes and no revocations.
fn read(fetch: &Fetch, manifest: &str, now: Timestamp) -> ReadSoFar {
    let body = match fetch.read.key {
        ObjectKey::Manifest(_) => manifest,
        ObjectKey::Changes => r#"{"format":2,"floor":0,"entries":[]}"#,
        _ => r#"{"format":2}"#,
    };
    let answer = ReadAnswer { status: 200, at: now, primary: true, body: body.as_bytes() };
    fetch.understood(answer).unwrap_or_else(|| fetch.failed(now))
}
