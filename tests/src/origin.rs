//! The origin of the tests: s3s over a folder, which verifies SigV4 by code that is not ours. It counts what
//! it is asked, answers an absent key as S3 does a caller without ListBucket and a suffix range longer than the
//! object as S3 does, and can fail on demand.

use std::{
    convert::Infallible,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU8, AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::Context as _;
use bytes::Bytes;
use data_encoding::BASE64;
use http_body_util::{BodyExt as _, Full, combinators::UnsyncBoxBody};
use hyper::{
    Request, Response, StatusCode,
    body::Incoming,
    header::{HeaderName, HeaderValue},
    service::service_fn,
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use nada_edge::origin::FIRST_BYTE_MS;
use s3s::{
    auth::SimpleAuth,
    service::{S3Service, S3ServiceBuilder},
};
use sha2::{Digest as _, Sha256};
use tokio::{net::TcpListener, sync::Barrier, task::JoinHandle};

/// The bucket.
pub const BUCKET: &str = "nada-test";
/// The region its signatures name.
pub const REGION: &str = "ap-south-1";
/// The read-only key.
pub const ACCESS_KEY: &str = "AKIDNADATEST";
/// Its secret.
pub const SECRET_KEY: &str = "test-secret-of-no-account";

const CHECKSUM: HeaderName = HeaderName::from_static("x-amz-checksum-sha256");

/// What the origin does to requests that are well signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Mood {
    /// It answers.
    Well,
    /// It answers 503.
    Down,
    /// It answers every third request with 503.
    Flaky,
    /// It sends half of the bytes it promised of each media segment.
    Cut,
    /// It does not say how long media segments are.
    Unsized,
    /// It sends half of the bytes it promised of each JSON.
    Torn,
    /// It sends each JSON, and spaces after it without an end, and promised no length.
    Endless,
    /// It answers 200 with an error in XML, as S3 may.
    Strange,
    /// It tells the SHA-256 of each media segment.
    Checked,
    /// It tells the SHA-256 of each media segment, and sends it with one bit flipped.
    Flipped,
    /// It promises half of each media segment and sends more, beside the SHA-256 of the whole.
    Longer,
    /// It sends half of each media segment, in chunks that end well, without having promised any length.
    Lengthless,
    /// It promises a media segment of a terabyte.
    Huge,
    /// It answers, but not before a hedge was sent.
    Slow,
    /// It takes requests and never answers.
    Stalled,
    /// It answers, and says that no cache had it, as Cloudflare does on a miss.
    Miss,
}

/// One request as the origin saw it.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Path and query.
    pub target: String,
    /// Its `Authorization` header.
    pub authorization: String,
    /// The status it was answered with.
    pub status: u16,
}

type Body = UnsyncBoxBody<Bytes, anyhow::Error>;

/// An S3 endpoint on 127.0.0.1; it ends when dropped.
#[derive(Debug)]
pub struct Origin {
    address: SocketAddr,
    folder: tempfile::TempDir,
    state: Arc<State>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct State {
    bucket: PathBuf,
    seen: Mutex<Vec<Seen>>,
    mood: AtomicU8,
    cancelled: AtomicUsize,
    /// Requests while it is flaky.
    asked: AtomicUsize,
    gate: Mutex<Option<Arc<Barrier>>>,
}

impl State {
    fn seen(&self) -> MutexGuard<'_, Vec<Seen>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn gate(&self) -> MutexGuard<'_, Option<Arc<Barrier>>> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Origin {
    /// Starts with an empty bucket.
    ///
    /// # Errors
    /// No socket or no folder.
    pub async fn start() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let bucket = folder.path().join(BUCKET);
        std::fs::create_dir(&bucket)?;
        let files = s3s_fs::FileSystem::new(folder.path()).map_err(|e| anyhow::anyhow!("s3s-fs: {e:?}"))?;
        let mut builder = S3ServiceBuilder::new(files);
        builder.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
        let service = builder.build();
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let mood = AtomicU8::new(Mood::Well as u8);
        let (seen, cancelled, gate) = (Mutex::default(), AtomicUsize::default(), Mutex::default());
        let state = Arc::new(State { bucket, seen, mood, cancelled, asked: AtomicUsize::default(), gate });
        let task = tokio::spawn(accept(listener, service, Arc::clone(&state)));
        Ok(Self { address, folder, state, task })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Puts an object there, as a publisher would have.
    ///
    /// # Errors
    /// What the file system says.
    pub fn put(&self, key: &str, bytes: &[u8]) -> anyhow::Result<()> {
        let path = self.path(key);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))
    }

    /// Takes an object away.
    ///
    /// # Errors
    /// What the file system says.
    pub fn delete(&self, key: &str) -> anyhow::Result<()> {
        std::fs::remove_file(self.path(key)).with_context(|| format!("cannot delete {key}"))
    }

    fn path(&self, key: &str) -> PathBuf {
        self.folder.path().join(BUCKET).join(key)
    }

    /// Changes how it answers from now on.
    pub fn set_mood(&self, mood: Mood) {
        self.state.mood.store(mood as u8, Ordering::SeqCst);
    }

    /// How many requests ended without their answer because the client hung up.
    pub fn cancelled(&self) -> usize {
        self.state.cancelled.load(Ordering::SeqCst)
    }

    /// From now on, answers are held back until `together` requests wait for one: whoever asks for one thing after
    /// the other never gets the first.
    pub fn hold_for(&self, together: usize) {
        *self.state.gate() = Some(Arc::new(Barrier::new(together)));
    }

    /// What was asked since the last call.
    pub fn take_seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.state.seen())
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, service: S3Service, state: Arc<State>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let (service, state) = (service.clone(), Arc::clone(&state));
        tokio::spawn(async move {
            let answer = service_fn(move |request| {
                let (service, state) = (service.clone(), Arc::clone(&state));
                async move { Ok::<_, Infallible>(answer(request, service, state).await) }
            });
            // a client that hangs up, or a body cut on purpose
            let _ =
                auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), answer).await;
        });
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

async fn answer(request: Request<Incoming>, service: S3Service, state: Arc<State>) -> Response<Body> {
    let target = request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
    let authorization = request.headers().get("authorization").and_then(|v| v.to_str().ok()).unwrap_or("");
    let authorization = authorization.to_owned();
    let gate = state.gate().clone();
    if let Some(gate) = gate {
        gate.wait().await;
    }
    let mood = state.mood.load(Ordering::SeqCst);
    if mood == Mood::Stalled as u8 || mood == Mood::Slow as u8 {
        state.seen().push(Seen { target: target.clone(), authorization: authorization.clone(), status: 0 });
        let mut waiting = Waiting(Some(&state));
        if mood == Mood::Stalled as u8 {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(Duration::from_millis(FIRST_BYTE_MS + 1000)).await;
        waiting.0 = None;
    }
    let third = || state.asked.fetch_add(1, Ordering::SeqCst) % 3 == 2;
    let response = if mood == Mood::Down as u8 || (mood == Mood::Flaky as u8 && third()) {
        error(StatusCode::SERVICE_UNAVAILABLE, "SlowDown")
    } else if mood == Mood::Strange as u8 {
        let mut response = error(StatusCode::OK, "InternalError");
        response.headers_mut().insert("content-type", HeaderValue::from_static("application/xml"));
        response
    } else {
        match service.call(clamped(request, &state.bucket).map(Into::into)).await {
            Ok(found) if found.status() == StatusCode::NOT_FOUND => {
                error(StatusCode::FORBIDDEN, "AccessDenied")
            }
            Ok(found) => {
                let found = found.map(|body| body.map_err(|e| anyhow::anyhow!("{e}")).boxed_unsync());
                let is_media = target.ends_with(".m4s");
                let mut found = if is_media || (mood == Mood::Torn as u8 && target.ends_with(".json")) {
                    spoilt(found, mood).await
                } else {
                    found
                };
                if mood == Mood::Endless as u8 && target.ends_with(".json") {
                    found.headers_mut().remove("content-length");
                    found = endless(found).await;
                }
                if mood == Mood::Unsized as u8 && target.ends_with(".m4s") {
                    found.headers_mut().remove("content-length");
                    found = found.map(unmeasured);
                }
                if mood == Mood::Miss as u8 {
                    found.headers_mut().insert("cf-cache-status", HeaderValue::from_static("MISS"));
                }
                found
            }
            Err(e) => error(StatusCode::INTERNAL_SERVER_ERROR, &format!("{e:?}")),
        }
    };
    state.seen().push(Seen { target, authorization, status: response.status().as_u16() });
    response
}

/// S3 sends the whole object for a longer suffix of it; s3s-fs 0.14.1 fails.
fn clamped(mut request: Request<Incoming>, bucket: &Path) -> Request<Incoming> {
    let key = request.uri().path().strip_prefix("/nada-test/").unwrap_or_default().to_owned();
    let length = std::fs::metadata(bucket.join(key)).map_or(0, |file| file.len());
    let range = request.headers_mut().get_mut("range");
    let suffix = |range: &HeaderValue| range.to_str().ok()?.strip_prefix("bytes=-")?.parse::<u64>().ok();
    if let Some(range) = range
        && suffix(range).is_some_and(|suffix| suffix > length)
        && let Ok(clamped) = HeaderValue::from_str(&format!("bytes=-{length}"))
    {
        *range = clamped;
    }
    request
}

fn error(status: StatusCode, code: &str) -> Response<Body> {
    let text = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code></Error>");
    let body = Full::new(Bytes::from(text)).map_err(|never| match never {}).boxed_unsync();
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}

/// The same body, whose length nobody can tell before its end.
fn unmeasured(body: Body) -> Body {
    http_body_util::StreamBody::new(http_body_util::BodyStream::new(body)).boxed_unsync()
}

/// The same body, and spaces after it.
async fn endless(response: Response<Body>) -> Response<Body> {
    let (head, body) = response.into_parts();
    let whole = body.collect().await.map(|b| b.to_bytes()).unwrap_or_default();
    let spaces = std::iter::repeat(Bytes::from(vec![b' '; 1 << 16]));
    let frames = std::iter::once(whole).chain(spaces).map(|part| Ok(hyper::body::Frame::data(part)));
    let stream = futures_util::stream::iter(frames);
    Response::from_parts(head, http_body_util::StreamBody::new(stream).boxed_unsync())
}

/// The same head and what a mood makes of the body.
async fn spoilt(response: Response<Body>, mood: u8) -> Response<Body> {
    let (mut head, body) = response.into_parts();
    let whole = body.collect().await.map(|b| b.to_bytes()).unwrap_or_default();
    let is = |other: Mood| mood == other as u8;
    let half = whole.slice(..whole.len() / 2);
    head.headers.insert("content-length", whole.len().into());
    if is(Mood::Checked) || is(Mood::Flipped) || is(Mood::Longer) {
        let sum = BASE64.encode(&Sha256::digest(&whole));
        head.headers.extend(HeaderValue::from_str(&sum).ok().map(|sum| (CHECKSUM, sum)));
    }
    let frames = if is(Mood::Cut) || is(Mood::Torn) || is(Mood::Huge) {
        if is(Mood::Huge) {
            head.headers.insert("content-length", (1_u64 << 40).into());
        }
        vec![Ok(half), Err(anyhow::anyhow!("cut on purpose"))]
    } else if is(Mood::Flipped) {
        let mut bytes = whole.to_vec();
        bytes.iter_mut().skip(half.len()).take(1).for_each(|byte| *byte ^= 1);
        vec![Ok(bytes.into())]
    } else if is(Mood::Longer) {
        head.headers.insert("content-length", half.len().into());
        vec![Ok(whole)]
    } else if is(Mood::Lengthless) {
        head.headers.remove("content-length");
        vec![Ok(half)]
    } else {
        vec![Ok(whole)]
    };
    let stream =
        futures_util::stream::iter(frames.into_iter().map(|frame| frame.map(hyper::body::Frame::data)));
    Response::from_parts(head, http_body_util::StreamBody::new(stream).boxed_unsync())
}
