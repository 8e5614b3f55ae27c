//! What a host has read for one request so far, and what an origin's answer adds to it.

use std::sync::Arc;

use jiff::Timestamp;
use nada_catalog::{Changes, Manifest, ObjectKey, Presentation, Revocations, from_json};
use serde::de::DeserializeOwned;

use crate::read::Fetch;

/// An origin's answer to a [`Fetch`].
#[derive(Debug, Clone, Copy)]
pub struct ReadAnswer<'a> {
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
pub enum ReadOutcome<T> {
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
    pub outcome: ReadOutcome<T>,
}

impl<T> Fetched<T> {
    /// The object, if there is one.
    pub fn found(&self) -> Option<&Arc<T>> {
        match &self.outcome {
            ReadOutcome::Found(value) => Some(value),
            ReadOutcome::Absent | ReadOutcome::Failed => None,
        }
    }
}

/// What a host has read for one request. It starts empty (or with what the host remembers) and grows by
/// [`ReadSoFar::add`] until the decision is a plan.
#[derive(Debug, Clone, Default)]
pub struct ReadSoFar {
    /// The manifest, once for each query it was read under.
    pub manifest: Vec<Fetched<Manifest>>,
    /// `changes.json`, likewise.
    pub changes: Vec<Fetched<Changes>>,
    /// `revocations.json`, likewise.
    pub revocations: Vec<Fetched<Revocations>>,
    /// The `presentation.json` of the older version that is asked for.
    pub presentation: Vec<Fetched<Presentation>>,
    /// The last `changes.json` that was understood, from earlier requests. A host may leave it empty: it only
    /// bridges outages.
    pub last_changes: Option<Fetched<Changes>>,
    /// The last `revocations.json` that was understood, likewise.
    pub last_revocations: Option<Fetched<Revocations>>,
}

impl Fetch {
    /// What an answer says, for [`ReadSoFar::add`]; `None` where it is a failure of the origin that gave it: another status
    /// than 200, 403 and 404, or a body that is not understood.
    pub fn understood(&self, answer: ReadAnswer<'_>) -> Option<ReadSoFar> {
        let mut read = ReadSoFar::default();
        let query = self.read.query.clone();
        // a manifest in the wrong place would open one track with the rights of another
        let place = match &self.read.key {
            ObjectKey::Manifest(_) => {
                let manifest: Fetched<Manifest> = fetched(query, answer)?;
                let place = manifest.found().map(|found| ObjectKey::Manifest(found.track.clone()));
                read.manifest.push(manifest);
                place
            }
            ObjectKey::Presentation(..) => {
                let presentation: Fetched<Presentation> = fetched(query, answer)?;
                let found = presentation.found();
                let place =
                    found.map(|found| ObjectKey::Presentation(found.track.clone(), found.version.clone()));
                read.presentation.push(presentation);
                place
            }
            ObjectKey::Changes => {
                read.changes.push(fetched(query, answer)?);
                None
            }
            ObjectKey::Revocations => {
                read.revocations.push(fetched(query, answer)?);
                None
            }
            ObjectKey::Loudness(..)
            | ObjectKey::Part(..)
            | ObjectKey::Playlist(..)
            | ObjectKey::Lyrics(..)
            | ObjectKey::Artwork(..)
            | ObjectKey::Clip(..)
            | ObjectKey::Release(_) => return None,
        };
        place.is_none_or(|place| place == self.read.key).then_some(read)
    }

    /// That no origin gave an answer that is understood, at `now`, for [`ReadSoFar::add`].
    pub fn failed(&self, now: Timestamp) -> ReadSoFar {
        fn failed<T>(query: &Option<String>, at: Timestamp) -> Vec<Fetched<T>> {
            vec![Fetched { query: query.clone(), at, primary: false, outcome: ReadOutcome::Failed }]
        }
        let (mut read, query) = (ReadSoFar::default(), &self.read.query);
        match &self.read.key {
            ObjectKey::Manifest(_) => read.manifest = failed(query, now),
            ObjectKey::Changes => read.changes = failed(query, now),
            ObjectKey::Revocations => read.revocations = failed(query, now),
            ObjectKey::Presentation(..) => read.presentation = failed(query, now),
            ObjectKey::Loudness(..)
            | ObjectKey::Part(..)
            | ObjectKey::Playlist(..)
            | ObjectKey::Lyrics(..)
            | ObjectKey::Artwork(..)
            | ObjectKey::Clip(..)
            | ObjectKey::Release(_) => {}
        }
        read
    }
}

impl ReadSoFar {
    /// Adds what [`Fetch::understood`] made of an answer, or [`Fetch::failed`] of none.
    pub fn add(&mut self, read: &Self) {
        self.manifest.extend_from_slice(&read.manifest);
        self.changes.extend_from_slice(&read.changes);
        self.revocations.extend_from_slice(&read.revocations);
        self.presentation.extend_from_slice(&read.presentation);
    }

    /// When the first answer in it was given, and whether it found something; `None` where there is none that counts.
    pub(crate) fn answered(&self) -> Option<(Timestamp, bool)> {
        fn of<T>(read: &[Fetched<T>]) -> Option<(Timestamp, bool)> {
            let first = read.first().filter(|read| !matches!(read.outcome, ReadOutcome::Failed))?;
            Some((first.at, first.found().is_some()))
        }
        let mutable = of(&self.manifest).or_else(|| of(&self.changes)).or_else(|| of(&self.revocations));
        mutable.or_else(|| of(&self.presentation))
    }

    /// What is worth remembering for the next request: the newest copies that were understood, which
    /// [`ReadSoFar::last_changes`] and [`ReadSoFar::last_revocations`] then hold.
    #[must_use]
    pub fn lasting(&self) -> Self {
        // that there is no revocations.json is believed while changes.json is read from the same origin
        let trusted = self.changes.iter().any(|read| read.primary && read.found().is_some());
        let none =
            self.revocations.iter().find(|read| trusted && matches!(read.outcome, ReadOutcome::Absent));
        let none = none.map(|read| Fetched { outcome: ReadOutcome::Found(Arc::default()), ..read.clone() });
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

/// One object by an answer; `None` where it says nothing.
fn fetched<T: DeserializeOwned>(query: Option<String>, answer: ReadAnswer<'_>) -> Option<Fetched<T>> {
    let outcome = match answer.status {
        200 => ReadOutcome::Found(Arc::new(from_json(answer.body).ok()?)),
        403 | 404 => ReadOutcome::Absent,
        _ => return None,
    };
    Some(Fetched { query, at: answer.at, primary: answer.primary, outcome })
}
