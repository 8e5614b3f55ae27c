//! What an edge is to do: data that a host executes and never reasons about.

use crate::{
    code::Code,
    media::Media,
    range::ByteRange,
    read::{Fetch, Read},
};

/// What [`crate::Admitted::decide`] says.
#[derive(Debug, Clone)]
pub enum Decision<P = Plan> {
    /// All that is still needed at once: read it in parallel, [`crate::ReadSoFar::add`] each, decide again. That is what
    /// [`crate::Admitted::plan`] does.
    Need(Vec<Fetch>),
    /// What to do.
    Plan(P),
}

/// What to do.
#[derive(Debug, Clone)]
pub enum Plan {
    /// Answer with this; no origin is needed.
    Respond(Response),
    /// Answer with a stored text or picture.
    Serve(Serve),
    /// Answer with bytes of a track file.
    Media(Media),
}

/// How a body is coded on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Coding {
    /// As it is.
    Identity,
    /// The host compresses the whole body with gzip (workerd does it by itself for a response that says
    /// `Content-Encoding: gzip`). The head then has no `Content-Length`; a host that knows it may add it.
    Gzip,
}

/// A header field to send: lowercase name, value.
pub type Header = (&'static str, String);

/// An answer to the client, complete but for the bytes of a stored object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Every header field there is to send, `Content-Length` included where it is known. A host adds none but
    /// `Date` and what its protocol demands.
    pub headers: Vec<Header>,
    /// The body; empty in an answer to HEAD.
    pub body: Body,
    /// How the host codes the body. `Content-Encoding` stands in `headers` already.
    pub coding: Coding,
    /// Why it was denied, for the log; `None` where it was not.
    pub code: Option<Code>,
    /// More about a denied token, for the log alone. Holds no byte of a token.
    pub reason: Option<String>,
}

/// Where the bytes of an answer come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// None.
    Empty,
    /// This text.
    Text(String),
    /// The origin's body as it streams, all of it: see [`Serve::answer`]. Fewer or more bytes than
    /// `Content-Length` says end the connection, never the answer.
    Origin,
    /// The bytes of [`Media::pieces`], one after the other. One that cannot be had ends the connection, never the answer.
    Pieces,
    /// `length` bytes of the whole object that the host holds, from byte `first`: see [`Serve::slice`].
    Slice {
        /// The first byte, from 0.
        first: u64,
        /// How many bytes.
        length: u64,
    },
}

/// A stored object to answer with: a playlist, lyrics, artwork or a clip. Either hand [`Serve::origin_range`] on to an origin with a GET
/// (never a HEAD: caches turn it into a GET, and then its signature is wrong) and ask [`Serve::answer`] for the
/// client's head, or hold the whole object and ask [`Serve::slice`]. Where no origin answers, ask
/// [`Serve::unavailable`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Serve {
    /// What to read.
    pub read: Read,
    /// The range that the client asked for and may have, if it can be satisfied.
    pub range: Option<ByteRange>,
    /// How the host codes the body.
    pub coding: Coding,
    /// Whether only the head is asked for.
    pub head: bool,
    /// What an object that is absent at the origin means now.
    pub(crate) absent: Code,
    /// `Cache-Control` of the answer.
    pub(crate) cache_control: String,
    /// `ETag` of the answer, the coding's suffix included.
    pub(crate) etag: String,
}

impl Response {
    /// An answer without a body.
    pub(crate) fn empty(status: u16, headers: Vec<Header>) -> Self {
        Self { status, headers, body: Body::Empty, coding: Coding::Identity, code: None, reason: None }
    }

    /// The value of a header field, by its lowercase name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn because(self, reason: String) -> Self {
        Self { reason: Some(reason), ..self }
    }

    /// The same head; HEAD has no body (RFC 9110 §9.3.2).
    pub(crate) fn without_body_if(self, head: bool) -> Self {
        if head { Self { body: Body::Empty, coding: Coding::Identity, ..self } } else { self }
    }
}
