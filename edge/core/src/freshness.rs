//! How a takedown reaches every edge within 60 s at a cost that does not grow with the catalogue: which copies
//! of the mutable objects a decision may rest on, and which must be read once more.
//!
//! A manifest is kept one hour under its plain key; `changes.json`, never older than 15 s, names those that
//! changed since, and they are read again under a query. Each round asks only for what it has not been given
//! yet, and a query follows from what is known and the time, so that a request ends after a few rounds.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use nada_catalog::{Changes, Manifest, ObjectKey, Revocations, TrackId};

use crate::{
    code::Code,
    read::{Fetch, Read, Source, Ttl},
    read_so_far::{Fetched, ReadOutcome, ReadSoFar},
};

/// No request is decided on an older copy of `changes.json`. Also the window of `?t=`.
const FRESH: SignedDuration = SignedDuration::from_secs(15);
/// A manifest under its plain key counts no longer.
const KEPT: SignedDuration = SignedDuration::from_hours(1);
/// While `changes.json` cannot be read, a manifest that no origin confirms counts so much longer.
const UNCONFIRMED: SignedDuration = SignedDuration::from_secs(60);
/// The last known revocations count so long while they cannot be read.
const LAST_REVOCATIONS: SignedDuration = SignedDuration::from_hours(1);

/// What may be rested on.
#[derive(Debug)]
pub(crate) struct Standing {
    /// The manifest, or why there is none.
    pub manifest: Result<Arc<Manifest>, Code>,
    /// The revocations, or that they cannot be read.
    pub revocations: Result<Arc<Revocations>, Code>,
    /// What an object that an origin does not have means: the key may not list, so absence is believed only
    /// while the origin is seen to honour it.
    pub absent: Code,
}

/// What may be rested on for `track`, by what is known of it.
///
/// # Errors
/// What is to be read before anything can be decided.
pub(crate) fn standing(track: &TrackId, known: &ReadSoFar, now: Timestamp) -> Result<Standing, Vec<Fetch>> {
    let freshness = Freshness { track, known, now };
    let mut need = Vec::new();
    let changes = freshness.changes().map_err(|fetch| need.push(fetch));
    let revocations =
        freshness.fresh(ObjectKey::Revocations, &known.revocations).map_err(|fetch| need.push(fetch));
    let plain = freshness.plain(freshness.manifest_key(), &known.manifest).map_err(|fetch| need.push(fetch));
    let (Ok(changes), Ok(revocations), Ok(plain)) = (changes, revocations, plain) else { return Err(need) };
    // the primary's absence is believed while it is seen to honour the key
    let trusted = changes.is_some_and(|(_, primary)| primary);
    let manifest = match changes {
        Some(_) if matches!(plain.outcome, ReadOutcome::Absent) && !trusted => {
            freshness.manifest_alone(plain)
        }
        Some((changes, _)) => freshness.manifest(plain, changes, trusted),
        None => freshness.manifest_alone(plain),
    };
    let manifest = match manifest {
        Verdict::Read(fetch) => return Err(vec![fetch]),
        Verdict::Known(manifest) => manifest,
    };
    Ok(Standing {
        manifest,
        revocations: freshness.revocations(revocations, trusted),
        absent: if trusted { Code::NotFound } else { Code::OriginUnavailable },
    })
}

struct Freshness<'a> {
    track: &'a TrackId,
    known: &'a ReadSoFar,
    now: Timestamp,
}

/// The manifest as far as it is decided.
enum Verdict {
    Read(Fetch),
    Known(Result<Arc<Manifest>, Code>),
}

impl From<Code> for Verdict {
    fn from(code: Code) -> Self {
        Self::Known(Err(code))
    }
}

impl<'a> Freshness<'a> {
    fn age(&self, at: Timestamp) -> SignedDuration {
        self.now.duration_since(at)
    }

    /// Names the window of `length` that `now` lies in: a copy read under it is no older than that.
    fn window(&self, name: char, length: SignedDuration) -> String {
        format!("{name}={}", self.now.as_second().div_euclid(length.as_secs()))
    }

    fn manifest_key(&self) -> ObjectKey {
        ObjectKey::Manifest(self.track.clone())
    }

    fn fetch(&self, key: ObjectKey, query: Option<String>) -> Fetch {
        let plain = query.is_none() && matches!(key, ObjectKey::Manifest(_));
        let ttl = if plain { Ttl::MANIFEST } else { Ttl::FRESH };
        // changes.json exists wherever something was ever published
        let absence_counts = key != ObjectKey::Changes;
        Fetch { read: Read { key, query, ttl, source: Source::Primary, absence_counts, bytes: None } }
    }

    fn plain<T>(&self, key: ObjectKey, read: &'a [Fetched<T>]) -> Result<&'a Fetched<T>, Fetch> {
        under(read, None).ok_or_else(|| self.fetch(key, None))
    }

    /// The plain copy, or, where it is older than [`FRESH`] (a cache that gave what had run out), one of this window.
    fn fresh<T>(&self, key: ObjectKey, read: &'a [Fetched<T>]) -> Result<&'a Fetched<T>, Fetch> {
        let plain = self.plain(key.clone(), read)?;
        if matches!(plain.outcome, ReadOutcome::Failed) || self.age(plain.at) <= FRESH {
            return Ok(plain);
        }
        let query = self.window('t', FRESH);
        under(read, Some(&query)).ok_or_else(|| self.fetch(key, Some(query)))
    }

    /// `changes.json` in a copy that is fresh enough, and whether the primary gave it; `None` where it cannot be
    /// read. It always exists where something was ever published, so its absence is no answer either.
    fn changes(&self) -> Result<Option<(&'a Changes, bool)>, Fetch> {
        let read = self.fresh(ObjectKey::Changes, &self.known.changes)?;
        Ok(read.found().map(|changes| (&**changes, read.primary)))
    }

    /// The manifest by `changes`: read again where a newer revision is named, where older changes were folded
    /// into a floor, where the copy is over an hour old, or where it is not understood.
    fn manifest(&self, plain: &Fetched<Manifest>, changes: &Changes, trusted: bool) -> Verdict {
        let named = changes.revision_of(self.track, self.now);
        let (have, at) = match &plain.outcome {
            // changes.json can be read, so this may be an answer without sense that a cache keeps
            ReadOutcome::Failed => return self.again(plain, self.window('t', FRESH), trusted),
            ReadOutcome::Absent => (0, None),
            ReadOutcome::Found(manifest) => (manifest.revision, Some(plain.at)),
        };
        let query = match (named, at) {
            (Some(revision), _) if revision > have => format!("r={revision}"),
            (_, None) => return Code::NotFound.into(),
            (_, Some(at)) if self.age(at) > KEPT => self.window('t', FRESH),
            (None, Some(_)) if changes.floor > 0 => format!("f={}", changes.floor),
            _ => return Verdict::Known(newest(plain, plain)),
        };
        let lacks = |manifest: &Arc<Manifest>| named.is_some_and(|named| manifest.revision < named);
        match under(&self.known.manifest, Some(&query)) {
            // a cache gave what had run out
            Some(again) if self.age(again.at) > FRESH && again.found().is_none_or(lacks) => {
                self.again(plain, self.window('t', FRESH), trusted)
            }
            _ => self.again(plain, query, trusted),
        }
    }

    /// The manifest as it is read under `query`, or the copy in hand where that is newer.
    fn again(&self, plain: &Fetched<Manifest>, query: String, trusted: bool) -> Verdict {
        let Some(again) = under(&self.known.manifest, Some(&query)) else {
            return Verdict::Read(self.fetch(self.manifest_key(), Some(query)));
        };
        match again.outcome {
            ReadOutcome::Found(_) => Verdict::Known(newest(plain, again)),
            ReadOutcome::Absent if trusted => Code::NotFound.into(),
            ReadOutcome::Absent | ReadOutcome::Failed => Code::OriginUnavailable.into(),
        }
    }

    /// The manifest while `changes.json` cannot be read: confirmed by an origin in this window, or a copy that
    /// was confirmed a minute ago at most.
    fn manifest_alone(&self, plain: &Fetched<Manifest>) -> Verdict {
        let query = self.window('t', FRESH);
        let Some(again) = under(&self.known.manifest, Some(&query)) else {
            let mut fetch = self.fetch(self.manifest_key(), Some(query));
            fetch.read.absence_counts = false;
            return Verdict::Read(fetch);
        };
        match (&again.outcome, plain.found()) {
            (ReadOutcome::Found(_), _) => Verdict::Known(newest(plain, again)),
            (_, Some(manifest)) if self.age(self.confirmed(plain, manifest)) <= UNCONFIRMED => {
                Verdict::Known(Ok(Arc::clone(manifest)))
            }
            _ => Code::OriginUnavailable.into(),
        }
    }

    /// When the copy in hand was last known to be current: when it was read, or when a later `changes.json`
    /// named nothing newer.
    fn confirmed(&self, plain: &Fetched<Manifest>, manifest: &Manifest) -> Timestamp {
        let silent = |last: &&Fetched<Changes>| {
            last.found().is_some_and(|changes| {
                let named = changes.revision_of(self.track, self.now);
                changes.floor == 0 && named.is_none_or(|revision| revision <= manifest.revision)
            })
        };
        let last = self.known.last_changes.as_ref().filter(silent);
        last.filter(|_| self.age(plain.at) <= KEPT).map_or(plain.at, |last| plain.at.max(last.at))
    }

    /// The revocations in a copy that is fresh enough, else the last known for an hour.
    fn revocations(&self, read: &Fetched<Revocations>, trusted: bool) -> Result<Arc<Revocations>, Code> {
        match &read.outcome {
            ReadOutcome::Found(revocations) => return Ok(Arc::clone(revocations)),
            ReadOutcome::Absent if trusted => return Ok(Arc::default()),
            ReadOutcome::Absent | ReadOutcome::Failed => {}
        }
        let known = self.known.revocations.iter().chain(&self.known.last_revocations);
        let known = known.filter(|read| read.found().is_some() && self.age(read.at) <= LAST_REVOCATIONS);
        let last = known.max_by_key(|read| read.at).and_then(Fetched::found);
        last.cloned().ok_or(Code::OriginUnavailable)
    }
}

fn under<'a, T>(read: &'a [Fetched<T>], query: Option<&str>) -> Option<&'a Fetched<T>> {
    read.iter().find(|fetched| fetched.query.as_deref() == query)
}

/// The copy with the higher revision.
fn newest(one: &Fetched<Manifest>, other: &Fetched<Manifest>) -> Result<Arc<Manifest>, Code> {
    let found = [one, other].into_iter().filter_map(Fetched::found);
    found.max_by_key(|manifest| manifest.revision).cloned().ok_or(Code::OriginUnavailable)
}
