//! How long a store is given to recover: the AWS SDK's standard retries, with a budget of this store's own.
//!
//! What is retried: HTTP 500, 502, 503 and 504, `SlowDown` and the other codes that ask for patience, requests
//! without an answer, connections that break, and a 409 to a conditional write. Between two attempts lies a
//! random part (full jitter) of a time that doubles: from 50 ms, from 1 s where the store asks to slow down, up to
//! [`Retries::longest_pause`].
//!
//! The budget is a token bucket that all requests of one [`Store`](super::Store) share. A retry takes 14 tokens,
//! 5 where the store asks to slow down; a retry that succeeds gives them back, and so does any other success one.
//! A store that is dead for good thus costs 35 retries in all, one that only asks to slow down 100, however many
//! requests were to be made.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_sdk_s3::config::retry::{RetryPartition, TokenBucket};
use aws_smithy_types::retry::RetrySpec;

/// How often, how slowly and how much in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retries {
    /// Attempts at one request, the first included.
    pub attempts: u32,
    /// The first pause where the store asks to slow down, before jitter. Others are a twentieth of it.
    pub first_pause: Duration,
    /// The longest pause, before jitter.
    pub longest_pause: Duration,
    /// Tokens for all requests of one store.
    pub budget: usize,
}

impl Default for Retries {
    fn default() -> Self {
        Self {
            attempts: 8,
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(10),
            budget: 500,
        }
    }
}

/// Tokens that one retry takes.
const COST: u32 = 14;
/// Tokens that one retry takes where the store asks to slow down.
const SLOW_DOWN_COST: u32 = 5;

impl Retries {
    pub(super) fn config(&self) -> RetryConfig {
        let spec = RetrySpec::v2_1().with_non_throttling_initial_backoff(self.first_pause / 20);
        RetryConfig::standard()
            .with_retry_spec(spec)
            .with_max_attempts(self.attempts)
            .with_initial_backoff(self.first_pause)
            .with_max_backoff(self.longest_pause)
    }

    /// A bucket of its own, so that one run's budget is not another's.
    pub(super) fn partition(&self) -> RetryPartition {
        let bucket = TokenBucket::builder()
            .capacity(self.budget)
            .retry_cost(COST)
            .timeout_retry_cost(COST)
            .throttling_retry_cost(SLOW_DOWN_COST)
            .build();
        RetryPartition::custom("nada").token_bucket(bucket).build()
    }

    /// The pause before the attempt numbered from 0, with full jitter.
    pub(super) async fn pause(&self, attempt: u32) {
        let longest = self.longest_pause.min(self.first_pause / 20 * (1 << attempt.min(8)));
        tokio::time::sleep(longest.mul_f64(fastrand::f64())).await;
    }
}
