//! Reading one whole object from the origins in their order, verified before anyone sees a byte of it.

use std::{io, sync::Arc, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Request, header};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use jiff::Timestamp;
use nada_edge::{
    Country, Credentials, Origin, Read,
    origin::{FIRST_BYTE_MS, answered_at, order, settles},
    sigv4::sign,
};
use sha2::{Digest as _, Sha256};
use tokio::time::{Instant, timeout, timeout_at};

use crate::clock;

/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(1000);
/// How long a whole object may take.
const BODY_TIMEOUT: Duration = Duration::from_secs(20);
/// The longest silence within one.
const STALL_TIMEOUT: Duration = Duration::from_secs(5);
/// The largest object that is read: a FLAC segment of 192 kHz stereo is a tenth of it.
const MAX_OBJECT: u64 = 64 * 1024 * 1024;

/// One origin's whole answer: an object, or that it has none.
#[derive(Debug)]
pub struct Whole {
    /// 200, 403 or 404.
    pub status: u16,
    /// When the origin gave it.
    pub at: Timestamp,
    /// The object; empty where there is none.
    pub body: Bytes,
}

/// Why one origin gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("no first byte in time")]
    Silent,
    #[error("the body took too long")]
    Slow,
    #[error("{0}")]
    Connection(String),
    #[error("status {0}")]
    Status(u16),
    #[error("{found} bytes of {promised}")]
    Length { found: u64, promised: u64 },
    #[error("no Content-Length")]
    NoLength,
    #[error("more bytes than are read")]
    TooLarge,
    #[error("coded as {0}")]
    Coded(String),
    #[error("the SHA-256 is not the one the store has")]
    Checksum,
    #[error("cannot be asked: {0}")]
    Request(String),
}

/// No origin gave an answer.
#[derive(Debug, thiserror::Error)]
#[error("no origin answers; the last: {0}")]
pub struct Unavailable(String);

/// The origins and the connections to them.
#[derive(Debug)]
pub struct Origins {
    list: Vec<Origin>,
    credentials: Credentials,
    client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
}

impl Origins {
    /// A client for `list`, the primary first.
    ///
    /// # Errors
    /// The list is empty, or an origin wants TLS and this system trusts nobody.
    pub fn new(list: Vec<Origin>, credentials: Credentials) -> io::Result<Self> {
        if list.is_empty() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "no origin is given"));
        }
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls(list.iter().any(Origin::is_https))?)
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(15))
            .build(connector);
        Ok(Self { list, credentials, client })
    }

    /// Asks one origin after the other, until one has the final word.
    ///
    /// # Errors
    /// None has.
    pub async fn read(&self, read: &Read, country: Country) -> Result<Whole, Unavailable> {
        let mut last = String::new();
        for origin in order(&self.list, read.source, None, country) {
            let is_primary = self.list.first().is_some_and(|primary| std::ptr::eq(primary, origin));
            match self.ask(origin, read).await {
                Ok(whole) if settles(is_primary, whole.status) => return Ok(whole),
                Ok(_) => last = "a replica lacks it".to_owned(),
                Err(failure) => {
                    tracing::warn!(%origin, key = %read.key, %failure, "an origin failed");
                    last = failure.to_string();
                }
            }
        }
        Err(Unavailable(last))
    }

    async fn ask(&self, origin: &Origin, read: &Read) -> Result<Whole, Failure> {
        let request = self.request(origin, read)?;
        let head = timeout(Duration::from_millis(FIRST_BYTE_MS), self.client.request(request)).await;
        let response = head.map_err(|_| Failure::Silent)?.map_err(|e| Failure::Connection(chain(&e)))?;
        let (head, body) = response.into_parts();
        let at = answered_at(clock::now(), text(&head.headers, "age"));
        match head.status.as_u16() {
            200 => Ok(Whole { status: 200, at, body: whole(&head.headers, body).await? }),
            status @ (403 | 404) => Ok(Whole { status, at, body: Bytes::new() }),
            status => Err(Failure::Status(status)),
        }
    }

    fn request(&self, origin: &Origin, read: &Read) -> Result<Request<Empty<Bytes>>, Failure> {
        let address = origin.address(&read.key, read.query.as_deref());
        let mut request = Request::get(&address.url);
        for (name, value) in sign(&self.credentials, origin.region(), &address, clock::now()) {
            request = request.header(name, value);
        }
        request.body(Empty::new()).map_err(|e| Failure::Request(e.to_string()))
    }
}

/// Reads the body to its end: as long as was promised, in time, and of the checksum the store knows.
async fn whole(head: &HeaderMap, mut body: Incoming) -> Result<Bytes, Failure> {
    if let Some(coding) = head.get(header::CONTENT_ENCODING).filter(|coding| *coding != "identity") {
        return Err(Failure::Coded(String::from_utf8_lossy(coding.as_bytes()).into_owned()));
    }
    let promised = text(head, "content-length").and_then(|v| v.parse().ok()).ok_or(Failure::NoLength)?;
    if promised > MAX_OBJECT {
        return Err(Failure::TooLarge);
    }
    let mut bytes = BytesMut::with_capacity(promised as usize);
    let deadline = Instant::now() + BODY_TIMEOUT;
    loop {
        let stalled = deadline.min(Instant::now() + STALL_TIMEOUT);
        let frame = timeout_at(stalled, body.frame()).await.map_err(|_| Failure::Slow)?;
        let Some(frame) = frame else { break };
        let frame = frame.map_err(|e| Failure::Connection(chain(&e)))?;
        bytes.extend_from_slice(frame.data_ref().map_or(&[], |data| data));
    }
    let found = bytes.len() as u64;
    if found != promised {
        return Err(Failure::Length { found, promised });
    }
    // a sum of sums, as of a multipart upload, ends in its number of parts; nothing can be told from it here
    let known = text(head, "x-amz-checksum-sha256").filter(|sum| !sum.contains('-'));
    if known.is_some_and(|sum| sum != BASE64_STANDARD.encode(Sha256::digest(&bytes))) {
        return Err(Failure::Checksum);
    }
    Ok(bytes.freeze())
}

fn text<'a>(head: &'a HeaderMap, name: &str) -> Option<&'a str> {
    head.get(name)?.to_str().ok()
}

/// An error and what caused it, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |line, cause| format!("{line}: {cause}"))
}

/// Trusts whom the system trusts; read only where an origin wants it.
fn tls(wanted: bool) -> io::Result<rustls::ClientConfig> {
    let mut roots = rustls::RootCertStore::empty();
    if wanted {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            return Err(io::Error::new(
                io::ErrorKind::NotFound,
                "no trusted certificates (install ca-certificates)",
            ));
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| io::Error::other(e.to_string()))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}
