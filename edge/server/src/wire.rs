//! From a response value to bytes on the wire.

use std::{
    fmt, io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_util::Stream;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use hyper::body::{Frame, SizeHint};
use jiff::Timestamp;
use nada_edge::{Body, Coding, Header};

use crate::traffic::{Making, Sending};

/// What HTTP/2 is given of a body at once: as much as a frame holds where its client asks for no more.
const PIECE: usize = 16 * 1024;

/// Bytes as they come.
pub type Streamed = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// What a body is made of.
pub enum Content {
    /// Nothing but what the plan holds.
    None,
    /// The object that it is cut from, or the body itself, coded or a piece of a part.
    Held(Bytes),
    /// All of another server's body, whose length the plan does not know.
    Whole(Bytes),
    /// So many bytes, as they come.
    Streamed(Streamed, u64),
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Held(bytes) => write!(f, "Held({})", bytes.len()),
            Self::Whole(bytes) => write!(f, "Whole({})", bytes.len()),
            Self::Streamed(_, length) => write!(f, "Streamed({length})"),
        }
    }
}

/// The response body of this server: bytes it holds, and perhaps more that come.
#[derive(Default)]
pub struct Wire {
    rest: Bytes,
    /// How much of it goes out at once; 0 for all of it.
    piece: usize,
    /// What comes after `rest`, and how many bytes that is.
    more: Option<(Streamed, u64)>,
    sending: Option<Arc<Sending>>,
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire").field("left", &self.left()).finish_non_exhaustive()
    }
}

/// A piece of a body, until it is sent.
struct Piece(Bytes, Arc<Sending>);

impl Wire {
    /// The same body, with what is still to be sent of it counted; in pieces, where HTTP/2 sends it.
    pub fn counted(self, making: &Making, http2: bool) -> Self {
        let sending = (self.left() > 0).then(|| making.sending());
        Self { piece: if http2 { PIECE } else { 0 }, sending, ..self }
    }

    /// Bytes that have yet to go out.
    fn left(&self) -> u64 {
        self.rest.len() as u64 + self.more.as_ref().map_or(0, |(_, length)| *length)
    }
}

impl hyper::body::Body for Wire {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        while self.rest.is_empty() {
            let Some((more, left)) = &mut self.more else { return Poll::Ready(None) };
            let bytes = match ready!(more.as_mut().poll_next(context)) {
                Some(Ok(bytes)) if bytes.len() as u64 <= *left => bytes,
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None if *left == 0 => return Poll::Ready(None),
                // whatever was sent must not look complete
                Some(Ok(_)) | None => return Poll::Ready(Some(Err(io::ErrorKind::InvalidData.into()))),
            };
            *left -= bytes.len() as u64;
            self.rest = bytes;
        }
        let length = self.rest.len();
        let piece = if self.piece == 0 { length } else { length.min(self.piece) };
        let bytes = self.rest.split_to(piece);
        Poll::Ready(Some(Ok(Frame::data(match &self.sending {
            Some(sending) => Bytes::from_owner(Piece(bytes, Arc::clone(sending))),
            None => bytes,
        }))))
    }

    fn is_end_stream(&self) -> bool {
        self.left() == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left())
    }
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        self.1.taken(self.0.len());
    }
}

/// The response that a plan describes, its body made of `content`.
pub fn build(planned: nada_edge::Response, content: Content) -> Response<Wire> {
    let coded = planned.coding != Coding::Identity;
    let counted = coded || matches!(content, Content::Whole(_));
    let (held, more) = match content {
        Content::None => (None, None),
        Content::Held(bytes) | Content::Whole(bytes) => (Some(bytes), None),
        Content::Streamed(more, length) => (None, Some((more, length))),
    };
    let body = match (planned.body, held) {
        (Body::Empty, _) => Bytes::new(),
        (_, held) if coded => held.unwrap_or_default(),
        (Body::Text(text), _) => Bytes::from(text),
        (Body::Origin | Body::Pieces, held) => held.unwrap_or_default(),
        (Body::Slice { first, length }, held) => cut(held.as_ref(), first, length).unwrap_or_default(),
    };
    let length = counted.then_some(body.len());
    let mut response = response(planned.status, planned.headers, body);
    response.body_mut().more = more;
    if let Some(length) = length {
        response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    }
    response
}

/// `length` bytes from `first` on, sharing the object's memory.
fn cut(whole: Option<&Bytes>, first: u64, length: u64) -> Option<Bytes> {
    let (whole, first) = (whole?, usize::try_from(first).ok()?);
    let end = first.checked_add(usize::try_from(length).ok()?)?;
    (end <= whole.len()).then(|| whole.slice(first..end))
}

/// A response of these parts.
pub fn response(status: u16, headers: Vec<Header>, body: Bytes) -> Response<Wire> {
    let mut response = Response::new(Wire { rest: body, ..Wire::default() });
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in headers {
        // the core writes visible ASCII alone; what no header can hold is left out, never sent in part
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().append(HeaderName::from_static(name), value);
        }
    }
    response
}

/// The whole of an answer as HTTP/1.1 sends it, the last on its connection.
pub fn http1(answer: Response<Wire>, now: Timestamp) -> Vec<u8> {
    let (head, body) = answer.into_parts();
    let reason = head.status.canonical_reason().unwrap_or_default();
    let mut bytes = format!("HTTP/1.1 {} {reason}\r\n", head.status.as_u16()).into_bytes();
    for (name, value) in &head.headers {
        bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    let date = now.strftime("%a, %d %b %Y %H:%M:%S GMT");
    bytes.extend_from_slice(format!("connection: close\r\ndate: {date}\r\n\r\n").as_bytes());
    bytes.extend_from_slice(&body.rest);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_answer_over_http1() {
        let headers = vec![("content-length", "3".to_owned())];
        let bytes = http1(response(400, headers, Bytes::from_static(b"no\n")), Timestamp::UNIX_EPOCH);
        let expected = "HTTP/1.1 400 Bad Request\r\ncontent-length: 3\r\nconnection: close\r\n\
                        date: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\nno\n";
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    }

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
