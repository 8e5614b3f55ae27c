//! What verifying a token costs in wasm: built as the worker is, and no part of it. `tests/bench/worker` runs it.

use nada_token::{KeySet, verify};
use wasm_bindgen::prelude::*;

/// Verifies these tokens (a line each) in turns, `times` in all. How many were good.
///
/// # Errors
/// The keys cannot be read.
#[wasm_bindgen]
pub fn verified(keys: &str, tokens: &str, times: u32) -> Result<u32, JsError> {
    let keys = KeySet::from_json(keys)?;
    let all = tokens.lines().cycle().take(times as usize);
    Ok(all.map(|token| u32::from(verify(token, &keys).is_ok())).sum())
}
