//! What S3 says when it refuses, in its own words, and what a publish makes of it.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{SocketAddr, TcpListener},
    thread,
};

use nada_publish::store::{Retries, Store};

use crate::catalogue::{location, publish_at, release};

/// A store that answers everything in the same way. It ends with the process.
fn store_that_says(status: &str, headers: &str, body: &str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let length = body.len();
    let answer =
        format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}");
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
            if lines.any(|line| line.is_empty()) {
                let _ = (&stream).write_all(answer.as_bytes());
            }
        }
    });
    addr
}

/// Status line, headers, and the XML as S3, R2 or MinIO write it; what is to be said, and whether it may pass.
const ANSWERS: [(&str, &str, &str, &[&str], bool); 15] = [
    (
        "403 Forbidden",
        "x-amz-request-id: 4442587FB7D0A2F9\r\ncontent-type: application/xml\r\n",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code><Message>User: \
         arn:aws:iam::123456789012:user/ci is not authorized to perform: s3:GetObject on resource: \
         \"arn:aws:s3:::songs/releases/album.json\" because no identity-based policy allows the s3:GetObject \
         action</Message><RequestId>4442587FB7D0A2F9</RequestId><HostId>x</HostId></Error>",
        &["not allowed to read releases/album.json in bucket songs", "give these credentials s3:GetObject"],
        false,
    ),
    (
        "400 Bad Request",
        "content-type: application/xml\r\n",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>ExpiredToken</Code><Message>The provided token \
         has expired.</Message><Token-0>x</Token-0><RequestId>1</RequestId></Error>",
        &["credentials have expired", "aws sso login"],
        false,
    ),
    (
        "403 Forbidden",
        "content-type: application/xml\r\n",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>InvalidAccessKeyId</Code><Message>The AWS Access \
         Key Id you provided does not exist in our records.</Message><AWSAccessKeyId>AKIA</AWSAccessKeyId></Error>",
        &["InvalidAccessKeyId", "check the access key"],
        false,
    ),
    (
        "403 Forbidden",
        "content-type: application/xml\r\n",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>SignatureDoesNotMatch</Code><Message>The request \
         signature we calculated does not match the signature you provided. Check your key and signing \
         method.</Message><StringToSign>AWS4-HMAC-SHA256</StringToSign></Error>",
        &["SignatureDoesNotMatch", "its secret"],
        false,
    ),
    (
        "503 Slow Down",
        "content-type: application/xml\r\n",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>SlowDown</Code><Message>Please reduce your \
         request rate.</Message><RequestId>1</RequestId></Error>",
        &["asks to slow down (503 SlowDown)", "fewer --jobs"],
        true,
    ),
    (
        "429 Too Many Requests",
        "content-type: application/xml\r\n",
        "<Error><Code>TooManyRequests</Code><Message>Rate exceeded</Message></Error>",
        &["asks to slow down (429 TooManyRequests)"],
        true,
    ),
    (
        "301 Moved Permanently",
        "x-amz-bucket-region: ap-south-1\r\ncontent-type: application/xml\r\n",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>PermanentRedirect</Code><Message>The bucket you \
         are attempting to access must be addressed using the specified endpoint.</Message>\
         <Endpoint>songs.s3.ap-south-1.amazonaws.com</Endpoint><Bucket>songs</Bucket></Error>",
        &["bucket songs is not in this region, but in ap-south-1", "--region"],
        false,
    ),
    (
        "400 Bad Request",
        "content-type: application/xml\r\n",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AuthorizationHeaderMalformed</Code><Message>The \
         authorization header is malformed; the region 'us-east-1' is wrong; expecting 'ap-southeast-3'</Message>\
         <Region>ap-southeast-3</Region></Error>",
        &["not in this region, but in ap-southeast-3", "--region"],
        false,
    ),
    (
        "404 Not Found",
        "content-type: application/xml\r\n",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NoSuchBucket</Code><Message>The specified bucket \
         does not exist</Message><BucketName>songs</BucketName></Error>",
        &["bucket songs does not exist", "create it, or check its name"],
        false,
    ),
    (
        "403 Forbidden",
        "date: Sun, 22 Nov 2026 12:00:00 GMT\r\ncontent-type: application/xml\r\n",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>RequestTimeTooSkewed</Code><Message>The difference \
         between the request time and the current time is too large.</Message>\
         <ServerTime>2026-11-22T12:00:00Z</ServerTime></Error>",
        &["refuses this machine's time (its own is Sun, 22 Nov 2026 12:00:00 GMT)", "set the clock right"],
        false,
    ),
    (
        "500 Internal Server Error",
        "content-type: application/xml\r\n",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>InternalError</Code><Message>We encountered an \
         internal error. Please try again.</Message></Error>",
        &["unavailable (500 InternalError)", "run this again later"],
        true,
    ),
    (
        "502 Bad Gateway",
        "content-type: text/html\r\n",
        "<html><body>Bad Gateway</body></html>",
        &["unavailable (502)"],
        true,
    ),
    (
        "507 Insufficient Storage",
        "content-type: application/xml\r\n",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>XMinioStorageFull</Code><Message>Storage backend \
         has reached its minimum free drive threshold.</Message></Error>",
        &["the store is full (507 XMinioStorageFull)", "make room"],
        false,
    ),
    ("400 Bad Request", "", "", &["expired credentials and a wrong region do that"], false),
    (
        "400 Bad Request",
        "content-type: application/xml\r\n",
        "<Error><Code>InvalidBucketName</Code><Message>The specified bucket is not valid.</Message></Error>",
        &[
            "cannot read releases/album.json in bucket songs: InvalidBucketName: The specified bucket is not valid.",
        ],
        false,
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_refusal_says_what_to_do() {
    let release = release(300.0);
    let Retries { first_pause, longest_pause, .. } = Retries::default();
    let hasty = Retries {
        attempts: 3,
        first_pause: first_pause / 100,
        longest_pause: longest_pause / 100,
        ..Retries::default()
    };
    for (status, headers, body, expected, retryable) in ANSWERS {
        let addr = store_that_says(status, headers, body);
        let store = Store::connect_with(&location(format!("http://{addr}")), hasty).await.unwrap();
        let error = publish_at(&store, &release).await.unwrap_err();
        let message = error.to_string();
        for expected in expected {
            assert!(message.contains(expected), "{status}: {message}");
        }
        assert!(!message.contains("<Error>"), "{message}");
        assert_eq!(error.is_retryable(), retryable, "{message}");
    }
}
