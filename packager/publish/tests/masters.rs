//! MasterSource from a store whose bodies break off: an HTTP server on 127.0.0.1 that keeps one object, reads `Range` and
//! `If-Match` as S3 does, and closes the connection in mid-body.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use nada_publish::{
    inbox::{Download, Inbox},
    publish::{MasterInfo, MasterSource as _, PublishError},
    store::{Location, Store},
};
use sha2::{Digest as _, Sha256};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// Bytes of a body that are sent before it breaks off.
const SENT: usize = 300_000;
/// Requests for one object, the first included.
const ATTEMPTS: usize = 5;

/// What lies in the store.
#[derive(Debug, Clone)]
struct Object {
    bytes: Vec<u8>,
    etag: &'static str,
}

/// One GET: its `Range`, its `If-Match`.
type Asked = (Option<String>, Option<String>);

/// A store of one object.
#[derive(Debug)]
struct OneObject {
    object: Mutex<Object>,
    /// So many bodies break off.
    breaks: usize,
    /// What replaces the object when a body has broken off.
    next: Option<Object>,
    /// Whether `If-Match` is respected, as it is not by every store.
    conditions: bool,
    asked: Mutex<Vec<Asked>>,
}

impl OneObject {
    fn new(breaks: usize) -> Self {
        let object = Mutex::new(object(1, "\"one\""));
        Self { object, breaks, next: None, conditions: true, asked: Mutex::default() }
    }

    /// Serves until the runtime ends; the masters of a release in it, below `here`.
    async fn serve(self, here: &Path) -> (Arc<Self>, Download) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let location = Location {
            bucket: "masters".to_owned(),
            endpoint_url: Some(format!("http://{}", listener.local_addr().unwrap())),
            region: Some("ap-south-1".to_owned()),
            credentials: Some(("AKIDNADATEST".to_owned(), "test-secret-of-no-account".to_owned())),
        };
        let store = Arc::new(self);
        let shared = Arc::clone(&store);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.answer(stream).await;
            }
        });
        (store, Download::new(Inbox::new(Store::connect(&location).await.unwrap(), "kabir-dohe"), here))
    }

    /// Answers one request and closes the connection.
    async fn answer(&self, mut stream: TcpStream) {
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            request.push(stream.read_u8().await.unwrap());
        }
        let answer = self.answer_to(&String::from_utf8(request).unwrap());
        stream.write_all(&answer).await.unwrap();
        stream.shutdown().await.unwrap();
    }

    fn answer_to(&self, request: &str) -> Vec<u8> {
        let header = |wanted: &str| {
            let mut headers = request.lines().filter_map(|line| line.split_once(':'));
            headers
                .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
                .map(|(_, value)| value.trim().to_owned())
        };
        let mut object = self.object.lock().unwrap();
        let length = object.bytes.len();
        if request.starts_with("HEAD ") {
            return answer("200 OK", length, object.etag, "").into_bytes();
        }
        let (range, if_match) = (header("range"), header("if-match"));
        let mut asked = self.asked.lock().unwrap();
        asked.push((range.clone(), if_match.clone()));
        if self.conditions && if_match.is_some_and(|tag| tag != object.etag) {
            return answer("412 Precondition Failed", 0, object.etag, "").into_bytes();
        }
        let from = range.map(|range| range["bytes=".len()..].trim_end_matches('-').parse().unwrap());
        let (status, range) = match from {
            Some(from) => {
                ("206 Partial Content", format!("content-range: bytes {from}-{}/{length}\r\n", length - 1))
            }
            None => ("200 OK", String::new()),
        };
        let rest = &object.bytes[from.unwrap_or(0)..];
        let head = answer(status, rest.len(), object.etag, &range);
        let breaks = asked.len() <= self.breaks;
        let answer = [head.as_bytes(), if breaks { &rest[..SENT] } else { rest }].concat();
        if let (true, Some(next)) = (breaks, &self.next) {
            *object = next.clone();
        }
        answer
    }
}

fn answer(status: &str, length: usize, etag: &str, more: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\netag: {etag}\r\n{more}\r\n"
    )
}

/// Two MiB that differ with the seed.
fn object(seed: u8, etag: &'static str) -> Object {
    let bytes = (0..2_u32 << 20).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8 ^ seed).collect();
    Object { bytes, etag }
}

/// What [`object`] with seed 1 looks like.
fn seen() -> MasterInfo {
    let Object { bytes, .. } = object(1, "");
    MasterInfo { sha256: Sha256::digest(&bytes).into(), bytes: bytes.len() as u64, modified: None }
}

fn read_on(from: usize) -> Asked {
    (Some(format!("bytes={from}-")), Some("\"one\"".to_owned()))
}

#[tokio::test]
async fn a_body_that_breaks_off_is_read_on_from_there() {
    let folder = tempfile::tempdir().unwrap();
    let master = folder.path().join("01.flac");
    let (store, masters) = OneObject::new(2).serve(folder.path()).await;
    let fetched = masters.fetch(&master, &seen()).await.unwrap();
    assert_eq!(fetched.path(), master);
    assert!(std::fs::read(&master).unwrap() == object(1, "").bytes, "the file is another one");
    assert_eq!(*store.asked.lock().unwrap(), [(None, None), read_on(SENT), read_on(2 * SENT)]);
    drop(fetched);
    assert!(!master.exists());
}

#[tokio::test]
async fn a_master_replaced_in_between_is_never_spliced() {
    for conditions in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let master = folder.path().join("01.flac");
        let replaced = || OneObject { next: Some(object(2, "\"two\"")), conditions, ..OneObject::new(1) };
        let (fetched_from, masters) = replaced().serve(folder.path()).await;
        let fetched = masters.fetch(&master, &seen()).await.map(|_| ()).unwrap_err();
        let (read_from, masters) = replaced().serve(folder.path()).await;
        // no sum is stored beside it, so it is read once
        let stat = masters.stat(&master).await.map(|_| ()).unwrap_err();
        for error in [fetched, stat] {
            assert!(matches!(&error, PublishError::Changed(path) if *path == master), "{error}");
            assert!(error.is_retryable());
        }
        for store in [fetched_from, read_from] {
            assert_eq!(*store.asked.lock().unwrap(), [(None, None), read_on(SENT)]);
        }
        assert!(!master.exists(), "If-Match respected: {conditions}");
    }
}

#[tokio::test]
async fn a_store_that_breaks_off_again_and_again_is_left_for_later() {
    let folder = tempfile::tempdir().unwrap();
    let master = folder.path().join("01.flac");
    let (store, masters) = OneObject::new(ATTEMPTS).serve(folder.path()).await;
    let error = masters.fetch(&master, &seen()).await.map(|_| ()).unwrap_err();
    assert!(error.is_retryable() && error.to_string().contains("broke off"), "{error}");
    assert_eq!(store.asked.lock().unwrap().len(), ATTEMPTS);
    assert!(!master.exists());
}
