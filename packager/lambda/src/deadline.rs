//! When to stop, so that the answer is given before the platform ends the invocation.

use std::time::Duration;

/// The most that is kept for recording, visibilities and the answer.
const MARGIN: Duration = Duration::from_secs(10);

/// For how long work may go on when `left` is left of the invocation: all but ten seconds, or all but a fifth where
/// that is less.
pub fn working_time(left: Duration) -> Duration {
    left.saturating_sub(MARGIN.min(left / 5))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_the_time_is_kept() {
        for (left, work) in [(900, 890), (50, 40), (10, 8), (0, 0)] {
            assert_eq!(working_time(Duration::from_secs(left)), Duration::from_secs(work));
        }
    }
}
