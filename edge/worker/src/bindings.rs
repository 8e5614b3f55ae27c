//! Texts that the worker is bound to: variables, a worker's own secrets, and secrets of the account's Secrets Store, whose
//! values come as promises.

use wasm_bindgen::{JsCast as _, JsValue};
use worker::{
    js_sys::{Array, Function, Promise, Reflect},
    wasm_bindgen_futures::JsFuture,
};

/// The texts of the bindings of these names, where there are any. All promises at once.
///
/// # Errors
/// The Secrets Store does not give one: it is out of order, or has no secret of the name that is bound.
pub async fn texts<const N: usize>(env: &JsValue, names: [&str; N]) -> Result<[Option<String>; N], JsValue> {
    let values = Array::new();
    for name in names {
        let binding = Reflect::get(env, &name.into())?;
        values.push(&if binding.is_object() { get(&binding)? } else { binding });
    }
    let values: Array = JsFuture::from(Promise::all(&values)).await?.unchecked_into();
    let mut values = values.iter();
    Ok(names.map(|_| values.next()?.as_string()))
}

/// `binding.get()`: a remote procedure, no Function by its prototype, so it is applied rather than called.
fn get(binding: &JsValue) -> Result<JsValue, JsValue> {
    let get = Reflect::get(binding, &"get".into())?;
    Reflect::apply(get.unchecked_ref::<Function>(), binding, &Array::new())
}
