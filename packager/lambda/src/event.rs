//! What arrives: a batch of SQS messages whose bodies are S3 event notifications.
//!
//! The types read only what the job needs and tolerate whatever else is there or missing: S3-compatible stores
//! leave fields out that AWS always sends, and AWS adds fields over time.

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

/// The largest message body that is read, in bytes: SQS's own limit is 1 MiB.
const MAX_BODY: usize = 1024 * 1024;

/// A batch of SQS messages.
#[derive(Debug, Clone, Deserialize)]
pub struct Batch {
    /// The messages.
    #[serde(rename = "Records", default)]
    pub messages: Vec<Message>,
}

/// One SQS message.
#[derive(Debug, Clone, Deserialize)]
pub struct Message {
    /// Names the message in the answer.
    #[serde(rename = "messageId")]
    pub id: String,
    /// An S3 event notification as JSON.
    #[serde(default)]
    pub body: String,
}

/// The answer: messages that are to be delivered again (`ReportBatchItemFailures`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct BatchResponse {
    /// The messages that failed; those not named are done.
    #[serde(rename = "batchItemFailures")]
    pub failures: Vec<BatchItemFailure>,
}

/// A message that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BatchItemFailure {
    /// The message's id.
    #[serde(rename = "itemIdentifier")]
    pub id: String,
}

/// A release that was put into the inbox: `inbox/{release}/release.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbox {
    /// The masters bucket.
    pub bucket: String,
    /// The prefix all of the release's files share: `inbox/{release}/`.
    pub prefix: String,
}

/// A message that is no S3 event.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// More than a message may have.
    #[error("a body of {0} bytes, more than the {MAX_BODY} of a message")]
    TooLarge(usize),
    /// Not JSON, or not of the shape.
    #[error("the body is no S3 event: {0}")]
    Json(#[from] serde_json::Error),
    /// A key that does not decode to UTF-8.
    #[error("the object key {0:?} is not URL-encoded UTF-8")]
    Key(String),
}

#[derive(Deserialize)]
struct Notification {
    #[serde(rename = "Records", default)]
    records: Vec<Record>,
}

#[derive(Deserialize)]
struct Record {
    #[serde(rename = "eventName", default)]
    name: String,
    s3: Option<Entity>,
}

#[derive(Deserialize)]
struct Entity {
    bucket: Bucket,
    object: Object,
}

#[derive(Deserialize)]
struct Bucket {
    name: String,
}

#[derive(Deserialize)]
struct Object {
    key: String,
}

/// The releases a message announces. None for `s3:TestEvent`, for removals, and for objects other than
/// `inbox/{release}/release.toml`, which is uploaded last.
///
/// # Errors
/// Where the body is no S3 event: delivering it again would not help.
pub fn inboxes(body: &str) -> Result<Vec<Inbox>, EventError> {
    if body.len() > MAX_BODY {
        return Err(EventError::TooLarge(body.len()));
    }
    let notification: Notification = serde_json::from_str(body)?;
    let mut found: Vec<Inbox> = Vec::new();
    for record in notification.records {
        let Some(s3) = record.s3 else { continue };
        if record.name.contains("ObjectRemoved") {
            continue;
        }
        let key = decode(&s3.object.key)?;
        if let Some(prefix) = inbox_prefix(&key) {
            let inbox = Inbox { bucket: s3.bucket.name, prefix };
            if !found.contains(&inbox) {
                found.push(inbox);
            }
        }
    }
    Ok(found)
}

/// Keys arrive URL-encoded as in a form: `+` is a space.
fn decode(key: &str) -> Result<String, EventError> {
    let spaced = key.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8().map_err(|_| EventError::Key(key.to_owned()))?;
    Ok(decoded.into_owned())
}

/// `inbox/{release}/` of `inbox/{release}/release.toml`.
fn inbox_prefix(key: &str) -> Option<String> {
    let prefix = key.strip_suffix("release.toml")?;
    let release = prefix.strip_prefix("inbox/")?.strip_suffix('/')?;
    (!release.is_empty() && !release.contains('/')).then(|| prefix.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(key: &str) -> String {
        serde_json::json!({
            "Records": [{ "eventName": "ObjectCreated:Put", "s3": { "bucket": { "name": "m" }, "object": { "key": key } } }]
        })
        .to_string()
    }

    #[test]
    fn a_release_file_in_the_inbox_is_a_release() {
        let found = inboxes(&event("inbox%2Fkabir-dohe%2Frelease.toml")).unwrap();
        assert_eq!(found, [Inbox { bucket: "m".into(), prefix: "inbox/kabir-dohe/".into() }]);
        assert_eq!(inboxes(&event("inbox/a+b/release.toml")).unwrap()[0].prefix, "inbox/a b/");
    }

    #[test]
    fn other_objects_and_events_are_none() {
        for key in [
            "inbox/a/01.flac",
            "inbox/release.toml",
            "inbox//release.toml",
            "inbox/a/b/release.toml",
            "x/a/release.toml",
            "inbox/a/",
        ] {
            assert_eq!(inboxes(&event(key)).unwrap(), [], "{key}");
        }
        assert_eq!(inboxes(r#"{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"m"}"#).unwrap(), []);
        let removed = event("inbox/a/release.toml").replace("ObjectCreated:Put", "ObjectRemoved:Delete");
        assert_eq!(inboxes(&removed).unwrap(), []);
    }

    #[test]
    fn what_is_no_event_says_so() {
        assert!(matches!(inboxes("not json"), Err(EventError::Json(_))));
        assert!(matches!(inboxes(&event("inbox/%ff/release.toml")), Err(EventError::Key(_))));
        assert!(matches!(inboxes(&" ".repeat(MAX_BODY + 1)), Err(EventError::TooLarge(_))));
    }

    #[test]
    fn duplicates_in_one_message_are_one() {
        let one: serde_json::Value = serde_json::from_str(&event("inbox/a/release.toml")).unwrap();
        let twice = serde_json::json!({ "Records": [one["Records"][0], one["Records"][0]] }).to_string();
        assert_eq!(inboxes(&twice).unwrap().len(), 1);
    }
}
