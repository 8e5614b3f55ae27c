//! One data point for each request, into the Analytics Engine data set that is bound, if one is.

use nada_edge::LogLine;
use wasm_bindgen::JsValue;

use crate::platform;

/// The binding's name.
pub const BINDING: &str = "NADA_POINTS";

/// Writes the line as a point. One that cannot be written is a line in the log: nobody's answer waits for it.
pub fn write(set: &JsValue, line: &LogLine) {
    if !set.is_object() {
        return;
    }
    let values = line.point();
    let mut texts = values.index.to_owned();
    for blob in &values.blobs {
        texts.push('\n');
        texts.push_str(blob);
    }
    if let Err(error) = platform::point(set, &texts, &values.doubles) {
        worker::console_error!("{BINDING}: {error:?}");
    }
}
