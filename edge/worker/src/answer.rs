//! From a response value to a response of the platform.

use nada_edge::{Body, Response, Serve};
use wasm_bindgen::JsValue;
use worker::web_sys::{self, ReadableStream};

use crate::{
    origins::{ResponseHead, discard},
    platform,
};

/// The answer to a request for a stored text, by an origin's answer: its body is handed on as it streams, or
/// given up. Not a byte of it passes through here.
pub fn stream(
    serve: &Serve,
    head: &ResponseHead,
    origin: &web_sys::Response,
) -> (Response, Option<ReadableStream>) {
    let planned = serve.answer(&head.judged());
    if planned.body == Body::Origin {
        return (planned, origin.body());
    }
    discard(origin);
    (planned, None)
}

/// The response that a plan describes. One that says `Content-Encoding: gzip` is compressed by the platform.
pub fn build(planned: &Response, stream: Option<ReadableStream>) -> Result<web_sys::Response, JsValue> {
    let body = match &planned.body {
        Body::Text(text) => JsValue::from_str(text),
        Body::Origin | Body::Pieces => stream.map_or(JsValue::NULL, JsValue::from),
        // a slice is asked only of a host that holds the whole
        Body::Empty | Body::Slice { .. } => JsValue::NULL,
    };
    let header = platform::header(planned.headers.iter().map(|(name, value)| (*name, value.as_str())));
    platform::answer(planned.status, &header, &body)
}
