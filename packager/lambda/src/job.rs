//! What batches of messages are worked on with.

use std::{path::PathBuf, time::Duration};

use nada_publish::{publish::PublishSettings, store::Store};

use crate::{dead_letters::DeadLetters, queue::Queue};

/// What a batch is worked on with.
#[derive(Debug, Clone)]
pub struct Job {
    /// Where masters lie, in whichever bucket an event names.
    pub masters: Store,
    /// Where releases are published.
    pub releases: Store,
    /// How releases are published.
    pub settings: PublishSettings,
    /// Where messages come from; `None` leaves those that failed to the queue's own timeout.
    pub queue: Option<Queue>,
    /// Where messages go that are given up; `None` leaves it to the queue to move them, without a reason.
    pub dead_letters: Option<DeadLetters>,
    /// Deliveries after which a message is given up, where that is known.
    pub deliveries: Option<u32>,
    /// The pause before the first retry.
    pub first_pause: Duration,
    /// The folder for masters.
    pub scratch: PathBuf,
    /// The function's name, for metrics.
    pub function: String,
}

impl Job {
    /// Whether a message that was delivered so often is not delivered again.
    pub(crate) fn is_last(&self, receives: u32) -> bool {
        self.deliveries.is_some_and(|most| receives >= most)
    }
}
