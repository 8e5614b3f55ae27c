//! The crossings to the platform's JavaScript (`platform.js`): many texts go over as one.

use std::cell::Cell;

use wasm_bindgen::prelude::*;
use worker::{
    js_sys::{Array, Object, Promise, Uint8Array},
    web_sys,
};

use crate::fields::{AnswerField, Field as _, RequestField};

#[wasm_bindgen(module = "/src/platform.js")]
extern "C" {
    /// The promise of the texts of these bindings, named on a line each: null where there is none, undefined where the
    /// Secrets Store does not give it.
    pub fn texts(env: &JsValue, names: &str) -> Promise<Array>;

    /// Tells the names of what matters of a request and of an answer, a line each.
    fn describe(request: &str, answer: &str);

    fn asked(request: &web_sys::Request) -> String;

    /// A GET that was sent.
    pub type Sent;

    /// Sends one with these header fields, and `cf` for the platform's cache.
    #[wasm_bindgen(constructor, catch)]
    pub fn new(url: &str, header: &str, cf: &Object) -> Result<Sent, JsValue>;

    /// The promise of its answer.
    #[wasm_bindgen(method, getter)]
    pub fn answer(this: &Sent) -> Promise<web_sys::Response>;

    /// Cancels it.
    #[wasm_bindgen(method)]
    pub fn abort(this: &Sent);

    fn head(response: &web_sys::Response) -> String;

    /// The promise of a whole body, in so many milliseconds.
    pub fn body(response: &web_sys::Response, ms: u32) -> Promise<Uint8Array>;

    /// A stream of many pieces.
    pub type Joined;

    /// One of so many bytes.
    #[wasm_bindgen(constructor)]
    pub fn new(length: f64) -> Joined;

    /// What comes out of it.
    #[wasm_bindgen(method, getter)]
    pub fn body(this: &Joined) -> web_sys::ReadableStream;

    /// The promise that a piece went in.
    #[wasm_bindgen(method)]
    pub fn append(this: &Joined, piece: &web_sys::ReadableStream) -> Promise;

    /// Ends it: well where all bytes went in, else as a failure.
    #[wasm_bindgen(method)]
    pub fn end(this: &Joined, whole: bool) -> Promise;

    /// Gives the callback that `follow` and `after` call: with the number of a wait, what it came to, and whether well.
    pub fn tell(callback: &JsValue);

    /// Tells once what a promise comes to.
    pub fn follow(promise: &JsValue, number: u32);

    /// Tells once so many milliseconds have passed. Returns the timer.
    pub fn after(number: u32, ms: u32) -> i32;

    /// Stops a timer.
    pub fn forget(timer: i32);

    /// An answer to the client: `body` is a string, a stream or null.
    #[wasm_bindgen(catch)]
    pub fn answer(status: u16, header: &str, body: &JsValue) -> Result<web_sys::Response, JsValue>;

    /// Writes a data point: the index and the blobs as lines.
    #[wasm_bindgen(catch)]
    pub fn point(set: &JsValue, texts: &str, doubles: &[f64]) -> Result<(), JsValue>;
}

/// What matters of a request, a line for each [`RequestField`].
pub fn request_lines(request: &web_sys::Request) -> String {
    described();
    asked(request)
}

/// What matters of an origin's answer, a line for each [`AnswerField`].
pub fn answer_lines(response: &web_sys::Response) -> String {
    described();
    head(response)
}

/// Tells the platform's side the names of the fields, once in an isolate.
fn described() {
    thread_local! {
        static DESCRIBED: Cell<bool> = const { Cell::new(false) };
    }
    if !DESCRIBED.replace(true) {
        describe(&RequestField::NAMES.join("\n"), &AnswerField::NAMES.join("\n"));
    }
}

/// Header fields as one text: names and values by turns, a line each. No name may stand there twice.
pub fn header<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut text = String::with_capacity(512);
    for (name, value) in fields {
        for part in [name, value] {
            text.push_str(part);
            text.push('\n');
        }
    }
    text.pop();
    text
}
