//! The origin of the tests: `nada-endpoint`, which answers an absent key as S3 does a caller without ListBucket, and
//! whose SigV4 is verified by code that is not ours (s3s), or a bucket of R2 in workerd, behind what stands for its custom
//! domain ([`R2`]). It counts what it is asked, and fails on demand.

use std::{
    io::Write as _,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::Context as _;
use bytes::Bytes;
use data_encoding::BASE64;
use futures_util::stream;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::{
    StatusCode,
    body::Frame,
    header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderName, HeaderValue},
};
use nada_edge::origin::FIRST_BYTE_MS;
use nada_endpoint::{Body, Endpoint, Intercept, Key, Next, Permission, Request, Response};
use sha2::{Digest as _, Sha256};
use tokio::sync::Barrier;

use crate::r2::R2;

/// The bucket.
pub const BUCKET: &str = "nada-test";
/// The region its signatures name.
pub const REGION: &str = "ap-south-1";
/// The read-only key.
pub const ACCESS_KEY: &str = "AKIDNADATEST";
/// Its secret.
pub const SECRET_KEY: &str = "test-secret-of-no-account";

const CHECKSUM: HeaderName = HeaderName::from_static("x-amz-checksum-sha256");

/// What the origin does to requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OriginFault {
    /// It answers as it should.
    None,
    /// It answers 503.
    Unavailable,
    /// It answers every third request with 503.
    UnavailableAtTimes,
    /// It answers 200 with an error in XML, as S3 may.
    ErrorUnder200,
    /// It answers, but not before a hedge was sent.
    Slow,
    /// It takes requests and never answers.
    Silent,
    /// It answers, and says that no cache had it, as Cloudflare does on a miss.
    CacheMiss,
    /// It sends half of the bytes it promised of each JSON.
    TruncatedJson,
    /// It sends each JSON, and spaces after it without an end, and promised no length.
    EndlessJson,
    /// It sends each JSON in chunks and promises no length, as proxies on the way may.
    JsonWithoutLength,
    /// It sends each JSON coded by gzip, as a platform's cache between may.
    CodedJson,
    /// It sends half of the bytes it promised of each part of a track file.
    TruncatedMedia,
    /// It sends half of each part of a track file, in chunks that end well, without having promised any length.
    HalfOfMediaWithoutLength,
    /// It does not say how long parts are.
    MediaWithoutLength,
    /// It promises a part of a terabyte.
    MediaOfATerabyte,
    /// It promises half of each part of a track file and sends more, beside the SHA-256 of the whole.
    MediaLongerThanPromised,
    /// It tells the SHA-256 of each part of a track file.
    MediaWithChecksum,
    /// It tells the SHA-256 of each part of a track file, and sends it with one bit flipped.
    MediaWithFlippedBit,
}

/// One request as the origin saw it.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Path and query.
    pub target: String,
    /// Its `Range` header.
    pub range: Option<String>,
    /// Its `Authorization` header.
    pub authorization: String,
    /// The status it was answered with.
    pub status: u16,
}

/// An S3 endpoint, or the host name of a bucket of R2, on 127.0.0.1; it ends when dropped.
#[derive(Debug)]
pub struct Origin {
    endpoint: Endpoint,
    folder: tempfile::TempDir,
    state: Arc<State>,
}

#[derive(Debug)]
struct State {
    seen: Mutex<Vec<Seen>>,
    fault: Mutex<OriginFault>,
    cancelled: AtomicUsize,
    /// Requests while it is unavailable at times.
    asked: AtomicUsize,
    gate: Mutex<Option<Arc<Barrier>>>,
    /// What answers instead of the endpoint's folder.
    r2: Option<R2>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Origin {
    /// Starts with an empty bucket.
    ///
    /// # Errors
    /// No socket or no folder.
    pub async fn start() -> anyhow::Result<Self> {
        Self::start_before(None).await
    }

    /// Starts with an empty bucket of R2, which is asked by key alone and without a signature.
    ///
    /// # Errors
    /// As [`Origin::start`], and where Node 22 or miniflare are missing or workerd does not start.
    pub async fn start_r2() -> anyhow::Result<Self> {
        Self::start_before(Some(R2::start().await?)).await
    }

    async fn start_before(r2: Option<R2>) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let state = Arc::new(State {
            seen: Mutex::default(),
            fault: Mutex::new(OriginFault::None),
            cancelled: AtomicUsize::default(),
            asked: AtomicUsize::default(),
            gate: Mutex::default(),
            r2,
        });
        let key = Key { id: ACCESS_KEY.into(), secret: SECRET_KEY.into(), permission: Permission::ReadOnly };
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let faults: Arc<State> = Arc::clone(&state);
        let endpoint = Endpoint::start_with(folder.path(), any, &[key], &[BUCKET], faults).await?;
        Ok(Self { endpoint, folder, state })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn endpoint(&self) -> String {
        self.endpoint.url()
    }

    /// Whether it is a bucket of R2.
    pub fn is_r2(&self) -> bool {
        self.state.r2.is_some()
    }

    /// Puts an object there, as a publisher would have.
    ///
    /// # Errors
    /// What the file system or R2 says.
    pub fn put(&self, key: &str, bytes: &[u8]) -> anyhow::Result<()> {
        if let Some(r2) = &self.state.r2 {
            return r2.put(key, bytes);
        }
        let path = self.path(key);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))
    }

    /// Takes an object away.
    ///
    /// # Errors
    /// What the file system or R2 says.
    pub fn delete(&self, key: &str) -> anyhow::Result<()> {
        if let Some(r2) = &self.state.r2 {
            return r2.delete(key);
        }
        std::fs::remove_file(self.path(key)).with_context(|| format!("cannot delete {key}"))
    }

    fn path(&self, key: &str) -> PathBuf {
        self.folder.path().join(BUCKET).join(key)
    }

    /// Changes how it answers from now on.
    pub fn set_fault(&self, fault: OriginFault) {
        *lock(&self.state.fault) = fault;
    }

    /// How many requests ended without their answer because the client hung up.
    pub fn cancelled(&self) -> usize {
        self.state.cancelled.load(Ordering::SeqCst)
    }

    /// From now on, answers are held back until `together` requests wait for one: a client that asks for one thing
    /// after the other never gets the first.
    pub fn hold_for(&self, together: usize) {
        *lock(&self.state.gate) = Some(Arc::new(Barrier::new(together)));
    }

    /// What was asked since the last call.
    pub fn take_seen(&self) -> Vec<Seen> {
        std::mem::take(&mut *lock(&self.state.seen))
    }
}

/// Counts a request whose answer was not waited for.
struct Waiting<'a>(Option<&'a State>);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if let Some(state) = self.0 {
            state.cancelled.fetch_add(1, Ordering::SeqCst);
        }
    }
}

#[async_trait::async_trait]
impl Intercept for State {
    async fn answer(&self, request: Request, next: Next<'_>) -> Response {
        let target = request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
        let authorization = request.headers().get("authorization").and_then(|v| v.to_str().ok());
        let authorization = authorization.unwrap_or_default().to_owned();
        let range = request.headers().get("range").and_then(|v| v.to_str().ok()).map(str::to_owned);
        let gate = lock(&self.gate).clone();
        if let Some(gate) = gate {
            gate.wait().await;
        }
        let fault = *lock(&self.fault);
        let see = |target, authorization, status| {
            lock(&self.seen).push(Seen { target, range: range.clone(), authorization, status })
        };
        if matches!(fault, OriginFault::Silent | OriginFault::Slow) {
            see(target.clone(), authorization.clone(), 0);
            let mut waiting = Waiting(Some(self));
            if fault == OriginFault::Silent {
                std::future::pending::<()>().await;
            }
            tokio::time::sleep(Duration::from_millis(FIRST_BYTE_MS + 1000)).await;
            waiting.0 = None;
        }
        let third = || self.asked.fetch_add(1, Ordering::SeqCst) % 3 == 2;
        let response = match fault {
            OriginFault::Unavailable => error(StatusCode::SERVICE_UNAVAILABLE, "SlowDown"),
            OriginFault::UnavailableAtTimes if third() => error(StatusCode::SERVICE_UNAVAILABLE, "SlowDown"),
            OriginFault::ErrorUnder200 => error(StatusCode::OK, "InternalError"),
            _ => {
                let well = match &self.r2 {
                    Some(r2) => {
                        let (head, _) = request.into_parts();
                        r2.answer(&head.method, &target, &head.headers).await
                    }
                    None => next.answer(request).await,
                };
                spoilt(well, fault, &target).await
            }
        };
        see(target, authorization, response.status().as_u16());
        response
    }
}

/// Whether a part of a track file is asked for.
fn is_media(target: &str) -> bool {
    target.ends_with(".mp4")
}

fn error(status: StatusCode, code: &str) -> Response {
    let text = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code></Error>");
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/xml"));
    response
}

/// What a fault makes of the answer that is well.
async fn spoilt(response: Response, fault: OriginFault, target: &str) -> Response {
    let (mut head, body) = response.into_parts();
    let concerned = match fault {
        OriginFault::CacheMiss => {
            head.headers.insert("cf-cache-status", HeaderValue::from_static("MISS"));
            false
        }
        OriginFault::TruncatedJson
        | OriginFault::EndlessJson
        | OriginFault::JsonWithoutLength
        | OriginFault::CodedJson => target.ends_with(".json"),
        OriginFault::TruncatedMedia
        | OriginFault::HalfOfMediaWithoutLength
        | OriginFault::MediaWithoutLength
        | OriginFault::MediaOfATerabyte
        | OriginFault::MediaLongerThanPromised
        | OriginFault::MediaWithChecksum
        | OriginFault::MediaWithFlippedBit => is_media(target),
        OriginFault::None
        | OriginFault::Unavailable
        | OriginFault::UnavailableAtTimes
        | OriginFault::ErrorUnder200
        | OriginFault::Slow
        | OriginFault::Silent => false,
    };
    if !concerned || !head.status.is_success() {
        return Response::from_parts(head, body);
    }
    let whole = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let half = whole.slice(..whole.len() / 2);
    let cut = || Err(anyhow::anyhow!("cut on purpose"));
    let mut length = Some(whole.len() as u64);
    let has_sum = matches!(
        fault,
        OriginFault::MediaWithChecksum
            | OriginFault::MediaWithFlippedBit
            | OriginFault::MediaLongerThanPromised
    );
    if has_sum {
        let sum = BASE64.encode(&Sha256::digest(&whole));
        head.headers.extend(HeaderValue::from_str(&sum).ok().map(|sum| (CHECKSUM, sum)));
    }
    let parts: Vec<anyhow::Result<Bytes>> = match fault {
        OriginFault::TruncatedJson | OriginFault::TruncatedMedia => vec![Ok(half), cut()],
        OriginFault::MediaOfATerabyte => {
            length = Some(1 << 40);
            vec![Ok(half), cut()]
        }
        OriginFault::MediaWithFlippedBit => {
            let mut bytes = whole.to_vec();
            bytes.iter_mut().skip(half.len()).take(1).for_each(|byte| *byte ^= 1);
            vec![Ok(bytes.into())]
        }
        OriginFault::MediaLongerThanPromised => {
            length = Some(half.len() as u64);
            vec![Ok(whole)]
        }
        OriginFault::HalfOfMediaWithoutLength => {
            length = None;
            vec![Ok(half)]
        }
        OriginFault::MediaWithoutLength | OriginFault::EndlessJson | OriginFault::JsonWithoutLength => {
            length = None;
            vec![Ok(whole)]
        }
        OriginFault::CodedJson => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            let coded = encoder.write_all(&whole).and_then(|()| encoder.finish()).unwrap_or_default();
            head.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            length = Some(coded.len() as u64);
            vec![Ok(coded.into())]
        }
        _ => vec![Ok(whole)],
    };
    match length {
        Some(length) => head.headers.insert(CONTENT_LENGTH, length.into()),
        None => head.headers.remove(CONTENT_LENGTH),
    };
    let spaces = (fault == OriginFault::EndlessJson)
        .then(|| std::iter::repeat_with(|| Ok(vec![b' '; 1 << 16].into())));
    let parts = parts.into_iter().chain(spaces.into_iter().flatten());
    let body = StreamBody::new(stream::iter(parts.map(|part| part.map(Frame::data))));
    Response::from_parts(head, Body::http_body(body))
}
