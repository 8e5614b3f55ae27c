//! What a host without a cache of its own keeps between requests of the objects that decisions rest on, parsed. A copy is
//! given for as long as the platform's cache would give it, counted from the origin's answer, and its age is judged anew at
//! each request as that of any other ([`crate::ReadSoFar`]): a hit changes no answer and no bound.

use std::sync::Arc;

use jiff::Timestamp;
use nada_catalog::ObjectKey;

use crate::{
    read::{Fetch, Ttl},
    read_so_far::ReadSoFar,
};

/// The most copies that are kept: a busy isolate plays fewer tracks in a minute.
const COPIES: usize = 512;
/// The most bytes of JSON that they were parsed from, 8 MiB, of the 128 MiB that an isolate has. Parsed they take about
/// as much again.
const BYTES: usize = 8 * 1024 * 1024;
/// What a copy counts at least.
const OVERHEAD: usize = 1024;

/// Copies of objects that decisions rest on, those asked for last at the end.
#[derive(Debug, Default)]
pub struct Memory {
    copies: Vec<Copy>,
    bytes: usize,
}

#[derive(Debug)]
struct Copy {
    key: ObjectKey,
    query: Option<String>,
    until: Timestamp,
    bytes: usize,
    understood: Arc<ReadSoFar>,
}

impl Memory {
    /// The copy that is kept, where it may still be given.
    pub fn recall(&mut self, fetch: &Fetch, now: Timestamp) -> Option<Arc<ReadSoFar>> {
        let copy = self.take(fetch)?;
        if copy.until <= now {
            return None;
        }
        let understood = Arc::clone(&copy.understood);
        self.put(copy);
        Some(understood)
    }

    /// Keeps what was understood of an answer to `fetch`, whose body had so many bytes.
    pub fn keep(&mut self, fetch: &Fetch, understood: &Arc<ReadSoFar>, bytes: usize) {
        let Some((at, found)) = understood.answered() else { return };
        let seconds = if found { fetch.read.ttl.found } else { Ttl::ABSENT };
        let until = at.as_second().saturating_add(seconds.into());
        let Ok(until) = Timestamp::from_second(until) else { return };
        drop(self.take(fetch));
        let (key, query) = (fetch.read.key.clone(), fetch.read.query.clone());
        self.put(Copy { key, query, until, bytes: bytes + OVERHEAD, understood: Arc::clone(understood) });
        while self.copies.len() > COPIES || (self.bytes > BYTES && self.copies.len() > 1) {
            self.bytes -= self.copies.remove(0).bytes;
        }
    }

    fn put(&mut self, copy: Copy) {
        self.bytes += copy.bytes;
        self.copies.push(copy);
    }

    fn take(&mut self, fetch: &Fetch) -> Option<Copy> {
        let same = |copy: &Copy| copy.key == fetch.read.key && copy.query == fetch.read.query;
        // from the end: what is asked for now was most often asked for lately
        let copy = self.copies.iter().rposition(same).map(|at| self.copies.remove(at))?;
        self.bytes -= copy.bytes;
        Some(copy)
    }
}
