//! What a host without a cache of its own keeps between requests of the objects that decisions rest on, parsed. A copy is
//! given for as long as the platform's cache would give it, counted from the origin's answer, and its age is judged anew at
//! each request as that of any other ([`crate::ReadSoFar`]): a hit changes no answer and no bound.

use std::collections::VecDeque;

use jiff::Timestamp;

use crate::{
    read::{Fetch, Read, Ttl},
    read_so_far::ReadSoFar,
};

/// The most copies that are kept: a busy isolate plays fewer tracks in a minute.
const COPIES: usize = 512;
/// The most bytes of JSON that they were parsed from, 8 MiB, of the 128 MiB that an isolate has. Parsed they take about
/// as much again.
const BYTES: usize = 8 * 1024 * 1024;
/// What a copy counts at least.
const OVERHEAD: usize = 1024;

/// Copies of objects that decisions rest on, those asked for last first.
#[derive(Debug, Default)]
pub struct Memory {
    copies: VecDeque<Copy>,
    bytes: usize,
}

#[derive(Debug)]
struct Copy {
    read: Read,
    until: Timestamp,
    bytes: usize,
    understood: ReadSoFar,
}

impl Memory {
    /// The copy that is kept, where it may still be given.
    pub fn recall(&mut self, fetch: &Fetch, now: Timestamp) -> Option<ReadSoFar> {
        let copy = self.take(fetch)?;
        if copy.until <= now {
            return None;
        }
        let understood = copy.understood.clone();
        self.bytes += copy.bytes;
        self.copies.push_front(copy);
        Some(understood)
    }

    /// Keeps what was understood of an answer to `fetch`, whose body had so many bytes.
    pub fn keep(&mut self, fetch: &Fetch, understood: &ReadSoFar, bytes: usize) {
        let Some((at, found)) = understood.answered() else { return };
        let seconds = if found { fetch.read.ttl.found } else { Ttl::ABSENT };
        let until = at.as_second().saturating_add(seconds.into());
        let Ok(until) = Timestamp::from_second(until) else { return };
        drop(self.take(fetch));
        let copy =
            Copy { read: fetch.read.clone(), until, bytes: bytes + OVERHEAD, understood: understood.clone() };
        self.bytes += copy.bytes;
        self.copies.push_front(copy);
        while self.copies.len() > COPIES || (self.bytes > BYTES && self.copies.len() > 1) {
            let Some(last) = self.copies.pop_back() else { break };
            self.bytes -= last.bytes;
        }
    }

    fn take(&mut self, fetch: &Fetch) -> Option<Copy> {
        let same = |copy: &Copy| copy.read.key == fetch.read.key && copy.read.query == fetch.read.query;
        let copy = self.copies.iter().position(same).and_then(|at| self.copies.remove(at))?;
        self.bytes -= copy.bytes;
        Some(copy)
    }
}
