//! From a response value to a response of the platform.

use nada_edge::{Body, OriginHead, Response, Serve};
use wasm_bindgen::JsValue;
use worker::web_sys::{self, Headers, ReadableStream, ResponseInit};

use crate::origins::{discard, text};

/// The answer to a request for a stored object, by an origin's answer: its body is handed on as it streams, or
/// given up. Not a byte of it passes through here.
pub fn stream(serve: &Serve, origin: &web_sys::Response) -> (Response, Option<ReadableStream>) {
    let head = origin.headers();
    let (length, range) = (text(&head, "content-length"), text(&head, "content-range"));
    let coding = text(&head, "content-encoding");
    let planned = serve.answer(&OriginHead {
        status: origin.status(),
        content_length: length.and_then(|length| length.parse().ok()),
        content_range: range.as_deref(),
        content_encoding: coding.as_deref(),
    });
    if planned.body == Body::Origin {
        return (planned, origin.body());
    }
    discard(origin);
    (planned, None)
}

/// The response that a plan describes. One that says `Content-Encoding: gzip` is compressed by the platform.
pub fn build(planned: &Response, stream: Option<ReadableStream>) -> Result<web_sys::Response, JsValue> {
    let headers = Headers::new()?;
    for (name, value) in &planned.headers {
        headers.append(name, value)?;
    }
    let init = ResponseInit::new();
    init.set_status(planned.status);
    init.set_headers(&headers);
    match &planned.body {
        Body::Text(text) => web_sys::Response::new_with_opt_str_and_init(Some(text), &init),
        Body::Origin => web_sys::Response::new_with_opt_readable_stream_and_init(stream.as_ref(), &init),
        // a slice is asked only of a host that holds the whole
        Body::Empty | Body::Slice { .. } => web_sys::Response::new_with_opt_str_and_init(None, &init),
    }
}
