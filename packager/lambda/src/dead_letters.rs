//! The dead-letter queue: where messages that are given up go, with the reason.

use aws_sdk_sqs::{Client, types::MessageAttributeValue};
use nada_publish::{ErrorClass, store::error_text};

use crate::{event::Message, queue};

/// Characters of an attribute at most.
const LONGEST: usize = 1_000;

/// The dead-letter queue of the queue that messages come from.
#[derive(Debug, Clone)]
pub struct DeadLetters {
    client: Client,
    url: String,
}

/// Why a message is given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reason<'a> {
    /// In one line, as `nada` says it.
    pub text: &'a str,
    /// Whose turn it is.
    pub class: ErrorClass,
    /// The release's folder in the inbox, where the message names one.
    pub folder: Option<&'a str>,
}

/// A message that could not be sent to the dead letters.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct DeadLetterError(String);

impl DeadLetters {
    /// The queue at this URL, with the credentials and the region of the function.
    pub async fn connect(url: &str) -> Self {
        Self { client: queue::client().await, url: url.to_owned() }
    }

    /// Sends the body of a message, the reason beside it in the attributes `reason`, `class` and `release`.
    ///
    /// # Errors
    /// Where the queue does not take it, as one without a body or, with its attributes, above SQS's 1 MiB.
    pub async fn send(&self, message: &Message, reason: Reason<'_>) -> Result<(), DeadLetterError> {
        let mut send = self.client.send_message().queue_url(&self.url).set_message_body(message.body.clone());
        for (name, text) in attributes(reason) {
            let value = MessageAttributeValue::builder().data_type("String").string_value(text);
            let value = value.build().map_err(|e| DeadLetterError(e.to_string()))?;
            send = send.message_attributes(name, value);
        }
        let sent = send.send().await;
        sent.map(drop).map_err(|error| DeadLetterError(error_text(&error)))
    }
}

/// The attributes' names and texts.
fn attributes(reason: Reason<'_>) -> Vec<(&'static str, String)> {
    let class = serde_json::to_value(reason.class).ok();
    let class = class.as_ref().and_then(|class| class.as_str()).unwrap_or_default();
    let known = [("reason", Some(reason.text)), ("class", Some(class)), ("release", reason.folder)];
    known.into_iter().filter_map(|(name, text)| Some((name, sendable(text?)))).collect()
}

/// What SQS takes for an attribute: the characters of XML 1.0 (here without line breaks), and at least one.
fn sendable(text: &str) -> String {
    let plain = |c: char| if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') { ' ' } else { c };
    let text: String = text.chars().map(plain).take(LONGEST).collect();
    if text.is_empty() { "?".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_what_sqs_takes() {
        let long = format!("line\n1.wav: \u{1}\u{ffff}{}", "ब".repeat(2_000));
        let reason = Reason { text: &long, class: ErrorClass::Input, folder: Some("kabir") };
        let found = attributes(reason);
        let names: Vec<_> = found.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["reason", "class", "release"]);
        assert_eq!(found[0].1.chars().count(), LONGEST);
        assert!(found[0].1.starts_with("line 1.wav:   ब"), "{}", found[0].1);
        assert_eq!((found[1].1.as_str(), found[2].1.as_str()), ("input", "kabir"));
        let unknown = attributes(Reason { text: "", class: ErrorClass::Unavailable, folder: None });
        assert_eq!(unknown, [("reason", "?".to_owned()), ("class", "unavailable".to_owned())]);
    }
}
