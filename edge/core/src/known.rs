//! What a decision needs from storage, and what a host has read of it so far.

use std::sync::Arc;

use jiff::Timestamp;
use nada_catalog::{Changes, Manifest, ObjectKey, Revocations};

use crate::parsed::Parsed;

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
    /// What.
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
/// [`nada_catalog::stored::MAX_JSON`] bytes of it and hands the answer to [`Known::put`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetch {
    /// What it is for.
    pub slot: Slot,
    /// What to read.
    pub read: Read,
}

/// An origin's answer to a [`Fetch`].
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// The HTTP status.
    pub status: u16,
    /// When the origin gave it: now, less its age in caches (see [`crate::origin::answered_at`]).
    pub at: Timestamp,
    /// Whether the primary gave it: a replica's word says nothing of what the primary lets be read.
    pub primary: bool,
    /// The whole body.
    pub body: &'a [u8],
}

/// What a fetch came to.
#[derive(Debug, Clone)]
pub enum Outcome<T> {
    /// The object, read and understood. Shared, so that a host may keep what it parsed.
    Found(Arc<T>),
    /// There is none (404, or 403 where the key may not list).
    Absent,
    /// No origin answered, or not with something that is understood.
    Failed,
}

/// One object as it was read.
#[derive(Debug, Clone)]
pub struct Fetched<T> {
    /// The query it was read under.
    pub query: Option<String>,
    /// When the origin answered.
    pub at: Timestamp,
    /// Whether the primary answered, or a replica.
    pub primary: bool,
    /// What came of it.
    pub outcome: Outcome<T>,
}

impl<T> Fetched<T> {
    /// The object, if there is one.
    pub fn found(&self) -> Option<&Arc<T>> {
        match &self.outcome {
            Outcome::Found(value) => Some(value),
            Outcome::Absent | Outcome::Failed => None,
        }
    }
}

/// What a host has read for one request. It starts empty (or with what the host remembers) and grows by
/// [`Known::put`] until the decision is a plan.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The manifest, once for each query it was read under.
    pub manifest: Vec<Fetched<Manifest>>,
    /// `changes.json`, likewise.
    pub changes: Vec<Fetched<Changes>>,
    /// `revocations.json`, likewise.
    pub revocations: Vec<Fetched<Revocations>>,
    /// The last `changes.json` that was understood, from earlier requests. A host may leave it empty: it only
    /// bridges outages.
    pub last_changes: Option<Fetched<Changes>>,
    /// The last `revocations.json` that was understood, likewise.
    pub last_revocations: Option<Fetched<Revocations>>,
}

impl Fetch {
    /// Whether an answer says anything. If not, it is a failure of the origin that gave it.
    pub fn understands(&self, answer: Answer<'_>) -> bool {
        self.understood(answer, &mut Parsed::default()).is_some()
    }

    /// What an answer says, for [`Known::add`]; `None` where it is a failure of the origin that gave it.
    pub fn understood(&self, answer: Answer<'_>, parsed: &mut Parsed) -> Option<Known> {
        let mut known = Known::default();
        known.record(self, answer.at, Some(answer), parsed);
        fn failed<T>(read: &[Fetched<T>]) -> bool {
            read.iter().any(|read| matches!(read.outcome, Outcome::Failed))
        }
        let says = !(failed(&known.manifest) || failed(&known.changes) || failed(&known.revocations));
        says.then_some(known)
    }
}

impl Known {
    /// Records the answer to `fetch`; `None` where no origin gave one. Statuses other than 200, 403 and 404,
    /// and bodies that are not understood, count as failed.
    pub fn put(&mut self, fetch: &Fetch, now: Timestamp, answer: Option<Answer<'_>>) {
        self.record(fetch, now, answer, &mut Parsed::default());
    }

    fn record(&mut self, fetch: &Fetch, now: Timestamp, answer: Option<Answer<'_>>, parsed: &mut Parsed) {
        let query = fetch.read.query.clone();
        match fetch.slot {
            Slot::Manifest => {
                let mut fetched = read(query, now, answer, |body| parsed.manifest(body));
                // a manifest in the wrong place would open one track with the rights of another
                let key = fetched.found().map(|manifest| ObjectKey::Manifest(manifest.track.clone()));
                if key.is_some_and(|key| key != fetch.read.key) {
                    fetched.outcome = Outcome::Failed;
                }
                self.manifest.push(fetched);
            }
            Slot::Changes => self.changes.push(read(query, now, answer, |body| parsed.changes(body))),
            Slot::Revocations => {
                self.revocations.push(read(query, now, answer, |body| parsed.revocations(body)));
            }
        }
    }

    /// Records what [`Fetch::understood`] made of an answer.
    pub fn add(&mut self, understood: Self) {
        self.manifest.extend(understood.manifest);
        self.changes.extend(understood.changes);
        self.revocations.extend(understood.revocations);
    }
}

impl Known {
    /// What is worth remembering for the next request: the newest copies that were understood, which
    /// [`Known::last_changes`] and [`Known::last_revocations`] then hold.
    #[must_use]
    pub fn lasting(&self) -> Self {
        // that there is no revocations.json is believed while changes.json is read from the same origin
        let trusted = self.changes.iter().any(|read| read.primary && read.found().is_some());
        let none = self.revocations.iter().find(|read| trusted && matches!(read.outcome, Outcome::Absent));
        let none = none.map(|read| Fetched { outcome: Outcome::Found(Arc::default()), ..read.clone() });
        Self {
            last_changes: newest(self.changes.iter().chain(&self.last_changes)),
            last_revocations: newest(self.revocations.iter().chain(&none).chain(&self.last_revocations)),
            ..Self::default()
        }
    }
}

fn newest<'a, T: Clone + 'a>(read: impl Iterator<Item = &'a Fetched<T>>) -> Option<Fetched<T>> {
    read.filter(|read| read.found().is_some()).max_by_key(|read| read.at).cloned()
}

fn read<T>(
    query: Option<String>,
    now: Timestamp,
    answer: Option<Answer<'_>>,
    understand: impl FnOnce(&[u8]) -> Option<Arc<T>>,
) -> Fetched<T> {
    let Some(answer) = answer else {
        return Fetched { query, at: now, primary: false, outcome: Outcome::Failed };
    };
    let outcome = match answer.status {
        200 => understand(answer.body).map_or(Outcome::Failed, Outcome::Found),
        403 | 404 => Outcome::Absent,
        _ => Outcome::Failed,
    };
    Fetched { query, at: answer.at, primary: answer.primary, outcome }
}
