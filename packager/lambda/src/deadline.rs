//! When to stop, so that the answer is given before the platform ends the invocation.

use std::time::Duration;

use tokio::time::Instant;

/// The most that is kept for results, visibilities and the answer.
const MARGIN: Duration = Duration::from_secs(10);
/// The most of it that is kept for the answer alone.
const LAST: Duration = Duration::from_secs(1);

/// The moments of one invocation after which something is not waited for any more. An answer that comes too late is
/// none: the messages would stay hidden for the whole of the queue's visibility timeout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    /// Work: downloads, encoding, uploads.
    pub work: Instant,
    /// Results in the inbox.
    pub results: Instant,
    /// The queues. What follows is the answer.
    pub queues: Instant,
}

impl Deadline {
    /// The moments of an invocation that ends when `left` has passed from `now` on: all but ten seconds, or all but a
    /// fifth where that is less, is for work; the last second, or a quarter of what is kept, for the answer.
    pub fn new(now: Instant, left: Duration) -> Self {
        let margin = MARGIN.min(left / 5);
        let work = now + left.saturating_sub(margin);
        let queues = now + left.saturating_sub(LAST.min(margin / 4));
        Self { work, results: work + (queues - work) / 2, queues }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_the_time_is_kept() {
        let now = Instant::now();
        for (left, work, results, queues) in [
            (900_000, 890_000, 894_500, 899_000),
            (50_000, 40_000, 44_500, 49_000),
            (10_000, 8_000, 8_750, 9_500),
            (0, 0, 0, 0),
        ] {
            let deadline = Deadline::new(now, Duration::from_millis(left));
            let [work, results, queues] = [work, results, queues].map(|ms| now + Duration::from_millis(ms));
            assert_eq!(deadline, Deadline { work, results, queues }, "{left} ms");
        }
    }
}
