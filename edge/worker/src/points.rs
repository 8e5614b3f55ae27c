//! One data point for each request, into the Analytics Engine data set that is bound, if one is.

use nada_edge::LogLine;
use wasm_bindgen::{JsCast as _, JsValue};
use worker::{
    Env,
    js_sys::{Array, Function, Object, Reflect},
};

/// The binding's name.
const BINDING: &str = "NADA_POINTS";

/// Writes the line as a point. One that cannot be written is a line in the log: nobody's answer waits for it.
pub fn write(env: &Env, line: &LogLine) {
    let Ok(set) = Reflect::get(env, &BINDING.into()) else { return };
    if set.is_object()
        && let Err(error) = point(&set, line)
    {
        worker::console_error!("{BINDING}: {error:?}");
    }
}

fn point(set: &JsValue, line: &LogLine) -> Result<(), JsValue> {
    let values = line.point();
    let point = Object::new();
    let blobs: Array = values.blobs.iter().map(|blob| JsValue::from_str(blob)).collect();
    let doubles: Array = values.doubles.iter().map(|double| JsValue::from_f64(*double)).collect();
    Reflect::set(&point, &"indexes".into(), &Array::of1(&values.index.into()))?;
    Reflect::set(&point, &"blobs".into(), &blobs)?;
    Reflect::set(&point, &"doubles".into(), &doubles)?;
    let write: Function = Reflect::get(set, &"writeDataPoint".into())?.dyn_into()?;
    write.call1(set, &point)?;
    Ok(())
}
