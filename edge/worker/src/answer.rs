//! From a response value to a response of the platform.

use nada_edge::{Body, Code, OriginHead, Response, Serve};
use wasm_bindgen::JsValue;
use worker::web_sys::{self, Headers, ReadableStream, ResponseInit};

use crate::origins::{discard, text};

/// An answer and what its log line says of it.
pub struct Answered {
    /// The answer.
    pub response: web_sys::Response,
    /// Why it was denied.
    pub code: Option<Code>,
    /// More about it.
    pub reason: Option<String>,
}

/// An answer made of values alone.
pub fn respond(response: Response) -> Result<Answered, JsValue> {
    build(response, None)
}

/// An answer whose body is the origin's, as it streams: not a byte of it passes through here.
pub fn stream(serve: &Serve, origin: &web_sys::Response) -> Result<Answered, JsValue> {
    let head = origin.headers();
    let (length, range) = (text(&head, "content-length"), text(&head, "content-range"));
    let coding = text(&head, "content-encoding");
    let response = serve.answer(OriginHead {
        status: origin.status(),
        content_length: length.and_then(|length| length.parse().ok()),
        content_range: range.as_deref(),
        content_encoding: coding.as_deref(),
    });
    if !matches!(response.body, Body::Origin) {
        discard(origin);
        return build(response, None);
    }
    build(response, origin.body())
}

fn build(response: Response, stream: Option<ReadableStream>) -> Result<Answered, JsValue> {
    let headers = Headers::new()?;
    for (name, value) in &response.headers {
        headers.append(name, value)?;
    }
    // a response that says `Content-Encoding: gzip` is compressed by the platform
    let init = ResponseInit::new();
    init.set_status(response.status);
    init.set_headers(&headers);
    let built = match response.body {
        Body::Text(text) => web_sys::Response::new_with_opt_str_and_init(Some(&text), &init),
        Body::Origin => web_sys::Response::new_with_opt_readable_stream_and_init(stream.as_ref(), &init),
        // a slice is only asked of a host that holds the whole
        Body::Empty | Body::Slice { .. } => web_sys::Response::new_with_opt_str_and_init(None, &init),
    }?;
    Ok(Answered { response: built, code: response.code, reason: response.reason })
}
