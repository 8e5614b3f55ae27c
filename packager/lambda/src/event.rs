//! What arrives: a batch of SQS messages whose bodies are S3 event notifications.
//!
//! Only what the job needs is read, by name, and whatever else is there, missing or of another type is left alone:
//! S3-compatible stores leave fields out that AWS always sends, and AWS adds fields over time.

use std::cmp::Ordering;

use nada_publish::inbox::Inbox;
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use serde_json::Value;

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
    /// Names this delivery of it to the queue.
    #[serde(rename = "receiptHandle")]
    pub receipt: Option<String>,
    /// An S3 event notification as JSON.
    pub body: Option<String>,
    /// What the queue says of it.
    attributes: Option<Attributes>,
}

#[derive(Debug, Clone, Deserialize)]
struct Attributes {
    #[serde(rename = "ApproximateReceiveCount")]
    receives: Option<String>,
}

impl Message {
    /// How often it was delivered, this time included; 1 where the queue does not say.
    pub fn receives(&self) -> u32 {
        let receives = self.attributes.as_ref().and_then(|attributes| attributes.receives.as_deref());
        receives.and_then(|count| count.parse().ok()).unwrap_or(1).max(1)
    }
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

/// A release file that was put into the inbox: `inbox/{folder}/release.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// The masters bucket.
    pub bucket: String,
    /// The release's folder in the inbox.
    pub folder: String,
    /// The file's entity tag, without quotes; `None` where the store does not say, or where nothing says which of
    /// several events is the newest: then whatever lies there counts.
    pub etag: Option<String>,
    /// Orders the events of one key; empty where the store does not say.
    sequencer: String,
}

/// A message that is no S3 event.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// More than a message may have.
    #[error("a body of {0} bytes, more than the {MAX_BODY} of a message")]
    TooLarge(usize),
    /// Not JSON.
    #[error("the body is no S3 event: {0}")]
    Json(#[from] serde_json::Error),
    /// Not of the shape.
    #[error("the body is no S3 event: it has no {0}")]
    Lacks(&'static str),
    /// A key that does not decode to UTF-8.
    #[error("the object key {0:?} is not URL-encoded UTF-8")]
    Key(String),
}

/// The release files that a message announces, the newest of each folder. None for `s3:TestEvent`, for removals,
/// and for whatever is no `inbox/{folder}/release.toml` or has no bytes.
///
/// # Errors
/// Where the body is no S3 event: delivering it again would not help.
pub fn announcements(body: &str) -> Result<Vec<Announcement>, EventError> {
    if body.len() > MAX_BODY {
        return Err(EventError::TooLarge(body.len()));
    }
    let event: Value = serde_json::from_str(body)?;
    if event["Event"] == "s3:TestEvent" {
        return Ok(Vec::new());
    }
    let mut newest: Vec<Announcement> = Vec::new();
    for record in event["Records"].as_array().ok_or(EventError::Lacks("Records"))? {
        let Some(found) = announcement(record)? else { continue };
        match newest.iter_mut().find(|a| (&a.bucket, &a.folder) == (&found.bucket, &found.folder)) {
            None => newest.push(found),
            Some(kept) => match order(&found.sequencer, &kept.sequencer) {
                Some(Ordering::Greater) => *kept = found,
                Some(Ordering::Less) => {}
                _ if found.etag == kept.etag => {}
                // a tag taken from the wrong one would have the newest upload left alone as superseded
                _ => *kept = Announcement { etag: None, sequencer: String::new(), ..found },
            },
        }
    }
    Ok(newest)
}

fn announcement(record: &Value) -> Result<Option<Announcement>, EventError> {
    let name = record["eventName"].as_str().unwrap_or_default();
    if name.contains("ObjectRemoved") || name.contains("LifecycleExpiration") {
        return Ok(None);
    }
    let object = &record["s3"]["object"];
    let key = decode(object["key"].as_str().ok_or(EventError::Lacks("s3.object.key"))?)?;
    let Some(folder) = Inbox::folder_of(&key).filter(|_| object["size"] != 0) else { return Ok(None) };
    let bucket = record["s3"]["bucket"]["name"].as_str().ok_or(EventError::Lacks("s3.bucket.name"))?;
    Ok(Some(Announcement {
        bucket: bucket.to_owned(),
        folder: folder.to_owned(),
        etag: object["eTag"].as_str().map(|tag| tag.trim_matches('"').to_owned()),
        sequencer: object["sequencer"].as_str().unwrap_or_default().to_owned(),
    }))
}

/// Keys arrive URL-encoded as in a form: `+` is a space.
fn decode(key: &str) -> Result<String, EventError> {
    let spaced = key.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8().map_err(|_| EventError::Key(key.to_owned()))?;
    Ok(decoded.into_owned())
}

/// How sequencer `a` stands to `b`: hexadecimal, the shorter one continued with zeros
/// (Amazon S3 User Guide, "Event message structure"). `None` where one of them is missing.
fn order(a: &str, b: &str) -> Option<Ordering> {
    let length = a.len().max(b.len());
    let padded = |text: &str| format!("{:0<length$}", text.to_ascii_uppercase());
    (!a.is_empty() && !b.is_empty()).then(|| padded(a).cmp(&padded(b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(key: &str, etag: &str, sequencer: &str) -> Value {
        serde_json::json!({ "eventName": "ObjectCreated:Put", "s3": { "bucket": { "name": "m" },
            "object": { "key": key, "eTag": etag, "sequencer": sequencer } } })
    }

    fn event(records: &[Value]) -> String {
        serde_json::json!({ "Records": records }).to_string()
    }

    fn folders(key: &str) -> Vec<String> {
        let found = announcements(&event(&[record(key, "e", "01")])).unwrap();
        found.into_iter().map(|a| a.folder).collect()
    }

    /// Fault 27.
    #[test]
    fn keys_are_decoded_as_forms_are() {
        for (key, folder) in [
            ("inbox%2Fkabir-dohe%2Frelease.toml", "kabir-dohe"),
            ("inbox/kabir-dohe/release.toml", "kabir-dohe"),
            ("inbox/a+b/release.toml", "a b"),
            ("inbox/a%2Bb/release.toml", "a+b"),
            ("inbox/%E0%A4%95%E0%A4%AC%E0%A5%80%E0%A4%B0/release.toml", "कबीर"),
            ("inbox/कबीर/release.toml", "कबीर"),
        ] {
            assert_eq!(folders(key), [folder], "{key}");
        }
        assert!(matches!(
            announcements(&event(&[record("inbox/%ff/release.toml", "e", "01")])),
            Err(EventError::Key(_))
        ));
    }

    /// Keys as a hostile writer of the inbox may form them: none names a folder that is not one of its own.
    #[test]
    fn hostile_keys_are_nobodys() {
        for key in [
            "inbox/../release.toml",
            "inbox/./release.toml",
            "inbox/%2e%2e/release.toml",
            "inbox/..%2F..%2Freleases/release.toml",
            "inbox/%2Fetc/release.toml",
            "inbox/a%5C..%5Cb/release.toml",
            "inbox/a%00b/release.toml",
            "inbox/a%0A%3A%3Aset-output%3A%3A/release.toml",
            "inbox/%1B%5B2J/release.toml",
            "inbox/%E2%80%AEbad/release.toml",
            "inbox//release.toml",
            "/inbox/a/release.toml",
            "Inbox/a/release.toml",
            "inbox/a/release.toml%00",
            "inbox/a/release.toml/",
        ] {
            assert!(folders(key).is_empty(), "{key}");
        }
        for key in ["inbox/%/release.toml", "inbox/%zz/release.toml", "inbox/%C0%AE%C0%AE/release.toml"] {
            let found = announcements(&event(&[record(key, "e", "01")]));
            let refused =
                found.as_ref().map_or(true, |found| found.iter().all(|one| one.folder.contains('%')));
            assert!(refused, "{key}: {found:?}");
        }
    }

    /// Fault 27.
    #[test]
    fn folders_empty_objects_and_others_are_ignored() {
        for key in [
            "inbox/a/",
            "inbox/a/01.flac",
            "inbox/a/result.json",
            "inbox/release.toml",
            "inbox/a/b/release.toml",
        ] {
            assert!(folders(key).is_empty(), "{key}");
        }
        let mut empty = record("inbox/a/release.toml", "e", "01");
        empty["s3"]["object"]["size"] = 0.into();
        let mut removed = record("inbox/a/release.toml", "e", "01");
        removed["eventName"] = "s3:ObjectRemoved:Delete".into();
        assert_eq!(announcements(&event(&[empty, removed])).unwrap(), []);
        assert_eq!(
            announcements(r#"{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"m"}"#).unwrap(),
            []
        );
        assert_eq!(announcements(r#"{"Records":[]}"#).unwrap(), []);
    }

    #[test]
    fn what_the_job_does_not_need_may_be_missing_or_strange() {
        let bare = r#"{"Records":[{"s3":{"bucket":{"name":"m"},"object":{"key":"inbox/a/release.toml"}}}]}"#;
        assert_eq!(announcements(bare).unwrap()[0].etag, None);
        let mut strange = record("inbox/a/release.toml", "\"e\"", "01");
        strange["userIdentity"] = Value::Null;
        strange["eventTime"] = 17.into();
        strange["s3"]["object"]["size"] = "12".into();
        strange["s3"]["object"]["versionId"] = Value::Null;
        assert_eq!(announcements(&event(&[strange])).unwrap()[0].etag.as_deref(), Some("e"));
        let message =
            r#"{"messageId":"1","body":"x","attributes":{"ApproximateReceiveCount":"3"},"md5OfBody":null}"#;
        assert_eq!(serde_json::from_str::<Message>(message).unwrap().receives(), 3);
        for message in [r#"{"messageId":"1"}"#, r#"{"messageId":"1","body":null,"attributes":{}}"#] {
            assert_eq!(serde_json::from_str::<Message>(message).unwrap().receives(), 1);
        }
    }

    /// Fault 24.
    #[test]
    fn of_several_records_the_newest_counts_in_whatever_order() {
        let (old, new) = ("0055AED6DCD90281E5", "0055AED6DCD90281E6");
        let key = "inbox/a/release.toml";
        for records in [
            [record(key, "v1", old), record(key, "v2", new)],
            [record(key, "v2", new), record(key, "v1", old)],
            [record(key, "v1", "00"), record(key, "v2", &new.to_lowercase())],
            [record(key, "v1", "0055AED6DCD90281E"), record(key, "v2", "0055AED6DCD90281E1")],
        ] {
            let found = announcements(&event(&records)).unwrap();
            assert_eq!(found.len(), 1);
            assert_eq!(found[0].etag.as_deref(), Some("v2"), "{records:?}");
        }
        let two = event(&[record(key, "e", old), record("inbox/b/release.toml", "e", old)]);
        assert_eq!(announcements(&two).unwrap().len(), 2);
    }

    #[test]
    fn where_no_record_is_the_newest_none_speaks_for_the_file() {
        let key = "inbox/a/release.toml";
        let bare = |etag| {
            let mut record = record(key, etag, "");
            record["s3"]["object"].as_object_mut().unwrap().remove("sequencer");
            record
        };
        for (records, etag) in [
            (vec![bare("v1"), bare("v2")], None),
            (vec![record(key, "v1", "01"), record(key, "v2", "01")], None),
            (vec![record(key, "v1", "01"), record(key, "v2", "0100")], None),
            (vec![bare("v1"), record(key, "v2", "01")], None),
            (vec![record(key, "v1", "01"), bare("v2")], None),
            // what is not known once is not known again
            (vec![record(key, "v1", "01"), bare("v2"), record(key, "v3", "02")], None),
            // of the same file it does not matter
            (vec![bare("v1"), bare("v1")], Some("v1")),
            (vec![record(key, "v1", "01"), record(key, "v1", "01")], Some("v1")),
        ] {
            let found = announcements(&event(&records)).unwrap();
            assert_eq!(found.len(), 1);
            assert_eq!(found[0].etag.as_deref(), etag, "{records:?}");
        }
    }

    #[test]
    fn what_is_no_event_says_so() {
        for (body, expected) in [
            ("not json", "no S3 event"),
            ("", "no S3 event"),
            ("[]", "no Records"),
            (r#"{"Records":{}}"#, "no Records"),
            (r#"{"hello":1}"#, "no Records"),
            (r#"{"Records":[7]}"#, "no s3.object.key"),
            (r#"{"Records":[{"s3":{"object":{"key":"inbox/a/release.toml"}}}]}"#, "no s3.bucket.name"),
        ] {
            let error = announcements(body).unwrap_err().to_string();
            assert!(error.contains(expected), "{body}: {error}");
        }
        assert!(matches!(announcements(&" ".repeat(MAX_BODY + 1)), Err(EventError::TooLarge(_))));
    }
}
