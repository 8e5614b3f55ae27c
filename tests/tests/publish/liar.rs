//! Something that answers 200 and is no store, and stores that say little of what they keep.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
    sync::{Arc, Mutex},
    thread,
};

use bytes::Bytes;
use nada_catalog::ObjectKey;
use nada_publish::store::{Put, Store, StoreError};

use crate::catalogue::store;

/// How an answer to a PUT, and what is said of an object later, come about: given the bytes that were sent last.
type AnswerFn = fn(method: &str, kept: Option<&[u8]>) -> (String, Vec<u8>);

/// Answers everything, one request a connection, and ends with the process.
async fn answering(answer: AnswerFn) -> Store {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let kept = Arc::new(Mutex::new(None::<Vec<u8>>));
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let kept = Arc::clone(&kept);
            thread::spawn(move || {
                let mut reader = BufReader::new(&stream);
                let (mut method, mut length) = (String::new(), 0);
                loop {
                    let mut line = String::new();
                    if reader.read_line(&mut line).unwrap_or(0) == 0 {
                        return;
                    }
                    let line = line.trim_end();
                    if method.is_empty() {
                        method = line.split(' ').next().unwrap_or_default().to_owned();
                    }
                    if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
                        length = value.parse().unwrap();
                    }
                    if line.is_empty() {
                        break;
                    }
                }
                let mut kept = kept.lock().unwrap();
                if method == "PUT" {
                    let mut body = vec![0; length];
                    reader.read_exact(&mut body).unwrap();
                    *kept = Some(body);
                }
                let (head, body) = answer(&method, kept.as_deref());
                let body = if method == "HEAD" { Vec::new() } else { body };
                let head = format!("HTTP/1.1 {head}Connection: close\r\n\r\n");
                let _ = (&stream).write_all(head.as_bytes()).and_then(|()| (&stream).write_all(&body));
            });
        }
    });
    store(url).await
}

fn ok(fields: &str, body: &[u8]) -> (String, Vec<u8>) {
    (format!("200 OK\r\n{fields}Content-Length: {}\r\n", body.len()), body.to_vec())
}

fn absent() -> (String, Vec<u8>) {
    ("404 Not Found\r\nContent-Length: 0\r\n".to_owned(), Vec::new())
}

/// A portal that shows its page whatever is asked.
const PORTAL: AnswerFn = |_, _| ok("Content-Type: text/html\r\n", b"<html>Please log in</html>");
/// Something that says yes, and knows nothing.
const YES: AnswerFn = |_, _| ok("", b"");
/// It takes writes, keeps nothing, and says so when it is asked.
const FORGETS: AnswerFn = |method, _| if method == "PUT" { ok("ETag: \"x\"\r\n", b"") } else { absent() };
/// It says the sum of something else (of nothing).
const OTHERS: AnswerFn = |_, kept| {
    let sum = "x-amz-checksum-sha256: 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\r\n";
    ok(&format!("{sum}ETag: \"d41d8cd98f00b204e9800998ecf8427e\"\r\n"), kept.unwrap_or_default())
};
/// It keeps half of what it is sent.
const HALF: AnswerFn = |method, kept| match (method, kept) {
    ("PUT", _) => ok("ETag: \"x\"\r\n", b""),
    (_, Some(kept)) => ok("ETag: \"x\"\r\n", &kept[..kept.len() / 2]),
    (_, None) => absent(),
};
/// It keeps what it is sent, and knows neither sums nor tags of a known form.
const TACITURN: AnswerFn = |method, kept| match (method, kept) {
    ("PUT", _) => ok("", b""),
    (_, Some(kept)) => ok("ETag: \"of-its-own\"\r\n", kept),
    (_, None) => absent(),
};

const TEXT: &[u8] = b"WEBVTT\n\n";

fn key() -> ObjectKey {
    "tracks/one/lyrics/0123456789abcdef0123456789abcdef/hi.vtt".parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_yes_is_no_write() {
    for (name, answer) in
        [("portal", PORTAL), ("yes", YES), ("forgets", FORGETS), ("others", OTHERS), ("half", HALF)]
    {
        let store = answering(answer).await;
        let error = store.put_new(&key(), Bytes::from_static(TEXT)).await.unwrap_err();
        assert!(matches!(error, StoreError::Unconfirmed { .. }), "{name}: {error}");
        assert!(error.to_string().contains("--endpoint-url"), "{error}");
        assert!(!error.is_retryable(), "{name}");
        let error = store.swap(&ObjectKey::Changes, None, Bytes::from_static(TEXT)).await.unwrap_err();
        assert!(matches!(error, StoreError::Unconfirmed { .. }), "{name}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_of_few_words_is_one_where_the_bytes_are_there() {
    let store = answering(TACITURN).await;
    assert_eq!(store.put_new(&key(), Bytes::from_static(TEXT)).await.unwrap(), Put::Written);
    let tag = store.swap(&ObjectKey::Changes, None, Bytes::from_static(b"{}")).await.unwrap();
    let there = store.get(&ObjectKey::Changes).await.unwrap().unwrap();
    assert_eq!((Some(there.etag), there.bytes), (tag, Bytes::from_static(b"{}")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_object_is_bounded_though_nobody_says_its_length() {
    // chunks without an end
    let chunked: AnswerFn = |_, _| {
        let chunk = [b"100000\r\n", &[b' '; 0x100000][..], b"\r\n"].concat();
        ("200 OK\r\nETag: \"x\"\r\nTransfer-Encoding: chunked\r\n".to_owned(), chunk.repeat(16))
    };
    let store = answering(chunked).await;
    let error = store.get(&ObjectKey::Changes).await.unwrap_err();
    assert!(matches!(error, StoreError::Unreadable { .. }), "{error}");
}
