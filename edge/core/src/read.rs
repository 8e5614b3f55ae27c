//! One read: what, how long it may be kept, and which origins are asked.

use std::ops::Range;

use nada_catalog::ObjectKey;

use crate::{
    origin_selection::AnswerHead,
    range::{ByteRange, ContentRange},
};

/// In which order the origins are asked, see [`crate::origin::order`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The primary, and a replica only while the primary gives no answer: for mutable objects.
    Primary,
    /// The nearest, then the others, and the primary where a replica lacks the object: for immutable ones.
    Nearest,
}

/// How long the platform's cache keeps an origin's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ttl {
    /// Seconds for a 200 or 206.
    pub found: u32,
}

impl Ttl {
    /// A manifest under its plain key: one hour.
    pub const MANIFEST: Self = Self { found: 3600 };
    /// What must be fresh: `changes.json`, `revocations.json`, manifests under a query: 15 s.
    pub const FRESH: Self = Self { found: 15 };
    /// Immutable objects: one year.
    pub const IMMUTABLE: Self = Self { found: 31_536_000 };
    /// Seconds for a 403 or 404, so that a lagging replica or a new track is seen soon.
    pub const ABSENT: u32 = 5;

    /// The entries of Cloudflare's `cf.cacheTtlByStatus`: seconds by status or range of statuses. Negative
    /// means never: no error is ever kept but absence.
    pub fn by_status(self) -> [(&'static str, i64); 4] {
        [
            ("200-206", i64::from(self.found)),
            ("207-402", -1),
            ("403-404", i64::from(Self::ABSENT)),
            ("405-599", -1),
        ]
    }
}

/// One object to read from an origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// The object.
    pub key: ObjectKey,
    /// A query that S3 ignores and caches tell apart. It is part of the signed URL.
    pub query: Option<String>,
    /// How long the platform's cache keeps the answer.
    pub ttl: Ttl,
    /// Which origins are asked, in which order.
    pub source: Source,
    /// Whether the primary's 403 or 404 means that there is none. Else it is a failure of the primary: the key
    /// opens nothing there.
    pub absence_counts: bool,
    /// Which bytes, where its length is known; an answer of others is a failure. Else the answer says what it has.
    pub bytes: Option<Extent>,
}

impl Read {
    /// The same read of the whole object.
    #[must_use]
    pub fn whole(&self) -> Self {
        let bytes =
            self.bytes.as_ref().map(|Extent { length, .. }| Extent { range: 0..*length, length: *length });
        Self { bytes, ..self.clone() }
    }

    /// The `Range` to ask for: none for the whole object.
    pub fn range(&self) -> Option<String> {
        self.bytes.as_ref().and_then(Extent::field)
    }
}

/// Bytes of an object whose length is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extent {
    /// The bytes, from the object's first one. One at least.
    pub range: Range<u64>,
    /// Bytes of the whole object.
    pub length: u64,
}

impl Extent {
    /// Whether they are all there are.
    pub fn is_whole(&self) -> bool {
        self.range == (0..self.length)
    }

    fn field(&self) -> Option<String> {
        let range = ByteRange::Within { first: self.range.start, last: self.range.end.saturating_sub(1) };
        (!self.is_whole()).then(|| range.to_string())
    }

    /// Whether an answer with this head has just these bytes. What was coded on the way has others.
    pub(crate) fn is_given_by(&self, head: &AnswerHead<'_>) -> bool {
        let Range { start, end } = self.range;
        let length = self.length;
        !head.is_coded()
            // a body whose length is not told could be cut short without anyone seeing it
            && head.content_length == Some(end - start)
            && match head.status {
                200 => self.is_whole(),
                206 => {
                    let part = ContentRange::Part { first: start, last: end.saturating_sub(1), length };
                    !self.is_whole()
                        && head.content_range.and_then(ContentRange::parse) == Some(part)
                }
                _ => false,
            }
    }
}

/// A whole object that is needed before anything can be decided: a manifest, `changes.json`, `revocations.json`, or the
/// `presentation.json` of a version that is kept and not the current one. A host reads at most
/// [`nada_catalog::stored::MAX_JSON`] bytes of it, and [`Fetch::understood`] reads them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetch {
    /// What to read.
    pub read: Read,
}
