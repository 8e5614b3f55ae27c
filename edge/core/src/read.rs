//! One read: what, how long it may be kept, and which origins are asked.

use nada_catalog::ObjectKey;

/// Which of the three mutable objects a decision rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Slot {
    /// The track's manifest.
    Manifest,
    /// `changes.json`
    Changes,
    /// `revocations.json`
    Revocations,
}

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
}

/// A whole mutable object that is needed before anything can be decided. A host reads at most
/// [`nada_catalog::stored::MAX_JSON`] bytes of it, and [`Fetch::understood`] reads them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetch {
    /// What it is for.
    pub slot: Slot,
    /// What to read.
    pub read: Read,
}
