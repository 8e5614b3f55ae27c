//! The queue that messages come from: when those that failed are delivered again.

use std::time::Duration;

use aws_sdk_sqs::Client;
use nada_publish::store::{Location, Retries, error_text, shared_config};

use crate::event::Message;

/// An SQS queue.
#[derive(Debug, Clone)]
pub struct Queue {
    client: Client,
    url: String,
}

impl Queue {
    /// The queue at this URL, with the credentials and the region of the function.
    pub async fn connect(url: &str) -> Self {
        Self { client: client().await, url: url.to_owned() }
    }

    /// Delivers a message again after a pause. Where that fails it comes back all the same, when the queue's own
    /// visibility timeout is over.
    pub async fn deliver_after(&self, message: &Message, pause: Duration) {
        let Some(receipt) = &message.receipt else { return };
        let seconds = i32::try_from(pause.as_secs()).unwrap_or(i32::MAX);
        let change = self.client.change_message_visibility().queue_url(&self.url);
        if let Err(error) = change.receipt_handle(receipt).visibility_timeout(seconds).send().await {
            let error = error_text(&error);
            tracing::warn!(message_id = message.id, error, "its visibility cannot be changed");
        }
    }
}

/// A client for all queues of the function's region.
pub(crate) async fn client() -> Client {
    let environment = Location { bucket: String::new(), endpoint_url: None, region: None, credentials: None };
    Client::new(&shared_config(&environment, &Retries { attempts: 3, ..Retries::default() }).await)
}
