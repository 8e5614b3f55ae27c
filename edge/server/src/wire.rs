//! From a response value to bytes on the wire.

use std::io::Write as _;

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use http_body_util::Full;
use nada_edge::{Body, Coding, Header};

/// The response body of this server: bytes it holds.
pub type Wire = Full<Bytes>;

/// The response that a plan describes; `whole` is the object that it may cut its body from.
pub fn build(planned: nada_edge::Response, whole: Option<Bytes>) -> Response<Wire> {
    let body = match planned.body {
        Body::Text(text) => Bytes::from(text),
        Body::Slice { first, length } => cut(whole.as_ref(), first, length).unwrap_or_default(),
        Body::Empty | Body::Origin => Bytes::new(),
    };
    response(planned.status, planned.headers, body, planned.coding)
}

/// `length` bytes from `first` on, sharing the object's memory.
fn cut(whole: Option<&Bytes>, first: u64, length: u64) -> Option<Bytes> {
    let (whole, first) = (whole?, usize::try_from(first).ok()?);
    let end = first.checked_add(usize::try_from(length).ok()?)?;
    (end <= whole.len()).then(|| whole.slice(first..end))
}

/// A response of these parts, its body coded as `coding` says.
pub fn response(status: u16, headers: Vec<Header>, body: Bytes, coding: Coding) -> Response<Wire> {
    let gzipped = (coding == Coding::Gzip && !body.is_empty()).then(|| gzip(&body));
    let length = gzipped.as_ref().map(Bytes::len);
    let mut response = Response::new(Full::new(gzipped.unwrap_or(body)));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in headers {
        // the core writes visible ASCII alone; what no header can hold is left out, never sent in part
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().append(HeaderName::from_static(name), value);
        }
    }
    if let Some(length) = length {
        response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    }
    response
}

fn gzip(body: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 2), Compression::default());
    // writing to memory does not fail
    let _ = encoder.write_all(body);
    encoder.finish().unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_never_leaves_the_object() {
        let whole = Bytes::from_static(b"0123456789");
        assert_eq!(cut(Some(&whole), 2, 3).unwrap(), "234");
        assert_eq!(cut(Some(&whole), 10, 0).unwrap(), "");
        for (first, length) in [(0, 11), (10, 1), (u64::MAX, 1), (1, u64::MAX)] {
            assert_eq!(cut(Some(&whole), first, length), None);
        }
        assert_eq!(cut(None, 0, 0), None);
    }
}
