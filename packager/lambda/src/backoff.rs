//! How long a message that failed stays invisible before it is delivered again.

use std::time::Duration;

/// The longest pause.
const LONGEST: Duration = Duration::from_secs(3600);
/// The pause of what nobody expects to succeed: long enough for a permission that was just granted to arrive, short
/// enough to reach the dead-letter queue within a minute.
const HOPELESS: Duration = Duration::from_secs(5);

/// What is to be expected of another delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prospect {
    /// It goes on where this one stopped.
    GoesOn,
    /// It may succeed, when some time has passed.
    MaySucceed,
    /// It fails like this one.
    Fails,
}

/// The pause after delivery number `receives` (from 1): doubled each time from `first` on, of which a random half
/// (`jitter` in 0..1) keeps messages that failed together from coming back together.
pub fn pause(prospect: Prospect, receives: u32, first: Duration, jitter: f64) -> Duration {
    match prospect {
        Prospect::GoesOn => Duration::ZERO,
        Prospect::Fails => HOPELESS.min(first),
        Prospect::MaySucceed => {
            let doubled = first.saturating_mul(1 << receives.saturating_sub(1).min(16)).min(LONGEST);
            doubled / 2 + (doubled / 2).mul_f64(jitter.clamp(0.0, 1.0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What README.md and infra's default of eight deliveries promise.
    #[test]
    fn eight_deliveries_give_storage_an_hour_at_most_and_half_of_it_at_least() {
        let first = Duration::from_secs(30);
        // the eighth delivery is the last: seven pauses lie before it
        let all = |jitter| (1..8).map(|n| pause(Prospect::MaySucceed, n, first, jitter)).sum::<Duration>();
        assert_eq!((all(0.0).as_secs(), all(1.0).as_secs()), (1_905, 3_810));
        let hopeless: Duration = (1..8).map(|n| pause(Prospect::Fails, n, first, 1.0)).sum();
        assert_eq!(hopeless.as_secs(), 35);
    }

    #[test]
    fn pauses_double_up_to_an_hour() {
        let first = Duration::from_secs(30);
        for (receives, jitter, seconds) in
            [(1, 0.0, 15), (1, 1.0, 30), (2, 1.0, 60), (5, 0.5, 360), (8, 1.0, 3600), (u32::MAX, 0.0, 1800)]
        {
            let pause = pause(Prospect::MaySucceed, receives, first, jitter);
            assert_eq!(pause, Duration::from_secs(seconds), "{receives} {jitter}");
        }
        assert_eq!(pause(Prospect::Fails, 3, first, 1.0), Duration::from_secs(5));
        assert_eq!(pause(Prospect::GoesOn, 3, first, 1.0), Duration::ZERO);
    }
}
