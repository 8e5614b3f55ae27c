//! Whether anything happens on a connection: a client that neither asks nor reads, or reads too slowly, is disconnected.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::time::sleep;

/// What happens on one connection.
#[derive(Debug, Default)]
pub struct Traffic {
    /// Requests so far.
    asked: AtomicU64,
    /// Requests whose answer is being made.
    making: AtomicUsize,
    /// Answers of which a byte has yet to be sent.
    sending: AtomicUsize,
    /// How often there was none such any more.
    rested: AtomicU64,
    /// Bytes of answers that the client has taken.
    taken: AtomicU64,
    /// Whether it is HTTP/2, where what is sent are not answers alone.
    http2: AtomicBool,
}

/// What was seen of a connection at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seen {
    asked: u64,
    making: usize,
    sending: usize,
    rested: u64,
    taken: u64,
}

/// A request whose answer is being made.
#[derive(Debug)]
pub struct Making(Arc<Traffic>);

/// An answer that is being sent, until the last copy of this is dropped.
#[derive(Debug)]
pub struct Sending(Arc<Traffic>);

impl Traffic {
    /// A request has come.
    pub fn asked(self: &Arc<Self>, http2: bool) -> Making {
        self.http2.store(http2, Ordering::Relaxed);
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.making.fetch_add(1, Ordering::Relaxed);
        Making(Arc::clone(self))
    }

    /// Bytes went out. Over HTTP/1.1 these are answers.
    pub fn sent(&self, bytes: usize) {
        if !self.http2.load(Ordering::Relaxed) {
            self.taken.fetch_add(bytes as u64, Ordering::Relaxed);
        }
    }

    /// Whether anything was ever asked.
    pub fn any(&self) -> bool {
        self.asked.load(Ordering::Relaxed) > 0
    }

    /// Whether an answer is being made or sent.
    pub fn busy(&self) -> bool {
        let seen = self.seen();
        seen.making > 0 || seen.sending > 0
    }

    /// Returns once the connection is not worth keeping, at most twice as long as `stall` after that began: nothing is
    /// asked and nothing goes out, or for all of the time there was something to read, and the client took less than
    /// `rate` bytes a second. What it asks for meanwhile, pings or resets, does not count.
    pub async fn stalled(&self, stall: Duration, rate: u64) {
        let least = (stall.as_secs_f64() * rate as f64) as u64;
        let mut before = self.seen();
        loop {
            sleep(stall).await;
            let now = self.seen();
            if now.idle(before) || now.slow(before, least) {
                return;
            }
            before = now;
        }
    }

    fn seen(&self) -> Seen {
        Seen {
            asked: self.asked.load(Ordering::Relaxed),
            making: self.making.load(Ordering::Relaxed),
            sending: self.sending.load(Ordering::Relaxed),
            rested: self.rested.load(Ordering::Relaxed),
            taken: self.taken.load(Ordering::Relaxed),
        }
    }
}

impl Seen {
    fn idle(self, before: Self) -> bool {
        self == before && self.making == 0 && self.sending == 0
    }

    /// Whether it took less than `least` bytes, with something there to take all the while.
    fn slow(self, before: Self, least: u64) -> bool {
        let always = before.sending > 0 && self.sending > 0 && self.rested == before.rested;
        always && self.taken - before.taken < least
    }
}

impl Making {
    /// The answer is made, and has something to send.
    pub fn sending(&self) -> Arc<Sending> {
        self.0.sending.fetch_add(1, Ordering::Relaxed);
        Arc::new(Sending(Arc::clone(&self.0)))
    }
}

impl Drop for Making {
    fn drop(&mut self) {
        self.0.making.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Sending {
    /// A piece of it went out. Over HTTP/1.1 what goes out is counted as it does.
    pub fn taken(&self, bytes: usize) {
        if self.0.http2.load(Ordering::Relaxed) {
            self.0.taken.fetch_add(bytes as u64, Ordering::Relaxed);
        }
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        if self.0.sending.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.0.rested.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: u64 = 1000;

    /// Whether the connection is kept, by what happens on it between two looks.
    fn kept(happens: impl FnOnce(&Arc<Traffic>)) -> bool {
        let traffic = Arc::new(Traffic::default());
        let before = traffic.seen();
        happens(&traffic);
        let now = traffic.seen();
        !now.idle(before) && !now.slow(before, LEAST)
    }

    /// The same with an answer that is being sent from the beginning to the end.
    fn kept_while_sending(http2: bool, happens: impl FnOnce(&Arc<Traffic>, &Sending)) -> bool {
        let traffic = Arc::new(Traffic::default());
        let sending = traffic.asked(http2).sending();
        let before = traffic.seen();
        happens(&traffic, &sending);
        let now = traffic.seen();
        !now.idle(before) && !now.slow(before, LEAST)
    }

    #[test]
    fn who_asks_and_reads_is_kept() {
        assert!(!kept(|_| {}));
        assert!(kept(|traffic| drop(traffic.asked(false))));
        assert!(kept(|traffic| drop(traffic.asked(true).sending())));
        assert!(kept(|traffic| traffic.sent(1)), "an answer to what was asked before");
        let making = Arc::new(Traffic::default());
        let _made = making.asked(false);
        let seen = making.seen();
        assert!(!seen.idle(seen) && !seen.slow(seen, LEAST), "it waits for the server");
    }

    #[test]
    fn who_reads_too_slowly_is_not_whatever_else_it_does() {
        for http2 in [false, true] {
            assert!(!kept_while_sending(http2, |_, _| {}));
            assert!(!kept_while_sending(http2, |traffic, _| drop(traffic.asked(http2))));
            assert!(!kept_while_sending(http2, |traffic, _| drop(traffic.asked(http2).sending())));
            let trickle = |traffic: &Arc<Traffic>, sending: &Sending, bytes| {
                if http2 { sending.taken(bytes) } else { traffic.sent(bytes) }
            };
            assert!(!kept_while_sending(http2, |traffic, sending| trickle(traffic, sending, 999)));
            assert!(kept_while_sending(http2, |traffic, sending| trickle(traffic, sending, 1000)));
        }
        assert!(!kept_while_sending(true, |traffic, _| traffic.sent(1_000_000)), "pings are no answers");
    }

    #[test]
    fn who_had_read_all_in_between_is_kept() {
        let traffic = Arc::new(Traffic::default());
        let first = traffic.asked(true).sending();
        let before = traffic.seen();
        let copy = Arc::clone(&first);
        drop(first);
        assert!(traffic.seen().slow(before, LEAST), "a piece of it is still there");
        drop(copy);
        let _second = traffic.asked(true).sending();
        assert!(!traffic.seen().slow(before, LEAST));
    }
}
