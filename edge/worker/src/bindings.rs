//! Texts that the worker is bound to: variables, a worker's own secrets, and secrets of the account's Secrets Store, whose
//! values come as promises.

use wasm_bindgen::{JsCast as _, JsValue};
use worker::{
    js_sys::{Array, Function, Promise, Reflect},
    wasm_bindgen_futures::JsFuture,
};

/// The text of a binding, if there is one of that name.
///
/// # Errors
/// The Secrets Store does not give it: the store is out of order, or has no secret of the name that is bound.
pub async fn text(env: &JsValue, name: &str) -> Result<Option<String>, JsValue> {
    let binding = Reflect::get(env, &name.into())?;
    if !binding.is_object() {
        return Ok(binding.as_string());
    }
    // a remote procedure: no Function by its prototype, so it is applied rather than called
    let get = Reflect::get(&binding, &"get".into())?;
    let value = Reflect::apply(get.unchecked_ref::<Function>(), &binding, &Array::new())?;
    Ok(JsFuture::from(Promise::resolve(&value)).await?.as_string())
}
