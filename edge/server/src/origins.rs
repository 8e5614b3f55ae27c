//! Reading one whole object from the origins, by the core's [`OriginReads`].

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response, header::RANGE};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Builder, Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use nada_edge::{
    AnswerHead, Budget, Country, Credentials, Origin, OriginReads, OriginSelection, Platform, Read,
    ReadEvent, Taken, sigv4::sign,
};
use tokio::time::{Instant, sleep};

use crate::{
    clock::Clock,
    memory::Memory,
    metrics::Metrics,
    origin_answer::{Asked, Failure, OriginAnswer, chain, text},
};

/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(1000);

/// No origin gave an answer.
#[derive(Debug, thiserror::Error)]
#[error("no origin answers; the last: {0}")]
pub struct Unavailable(String);

impl Unavailable {
    /// Reading panicked.
    pub fn panicked() -> Self {
        Self("the read panicked".to_owned())
    }
}

/// The origins and the connections to them.
#[derive(Debug)]
pub struct Origins {
    list: Vec<Origin>,
    credentials: Credentials,
    client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
    budget: Mutex<Budget>,
    metrics: Metrics,
    clock: Clock,
}

impl Origins {
    /// A client for `list`, the primary first.
    ///
    /// # Errors
    /// The list is empty, or an origin wants TLS and this system trusts nobody.
    pub fn new(
        list: Vec<Origin>,
        credentials: Credentials,
        metrics: Metrics,
        clock: Clock,
    ) -> io::Result<Self> {
        if list.is_empty() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "no origin is given"));
        }
        let client = pooled().build(connector(list.iter().any(Origin::is_https))?);
        Ok(Self { list, credentials, client, budget: Mutex::default(), metrics, clock })
    }

    /// Asks the origins until one has given a whole answer that `understand` makes something of. Its body takes `memory`,
    /// where that is bounded.
    ///
    /// # Errors
    /// No origin has.
    pub async fn read<T>(
        &self,
        read: &Read,
        country: Country,
        memory: Option<&Arc<Memory>>,
        mut understand: impl FnMut(&OriginAnswer) -> Option<T>,
    ) -> Result<(OriginAnswer, T), Unavailable> {
        let jitter = u64::from(self.clock.now().subsec_nanosecond().unsigned_abs());
        let selection = OriginSelection::new(&self.list, read, None, country, jitter);
        let reading = Reading { origins: self, memory, began: Instant::now(), last: Mutex::default() };
        let found = OriginReads::new(&reading, selection, read, None).whole(|answer: OriginAnswer| {
            let understood = understand(&answer).ok_or(Failure::Strange)?;
            self.metrics.taken(answer.asked.origin, reading.began.elapsed());
            Ok((answer, understood))
        });
        match found.await {
            Some(found) => Ok(found),
            None => Err(reading.unavailable()),
        }
    }

    /// Asks the origins for the bytes that `read` names, until one begins to send them. `None` where there are none.
    ///
    /// # Errors
    /// No origin does.
    pub async fn open(
        &self,
        read: &Read,
        country: Country,
    ) -> Result<Option<(Incoming, Asked)>, Unavailable> {
        let jitter = u64::from(self.clock.now().subsec_nanosecond().unsigned_abs());
        let selection = OriginSelection::new(&self.list, read, None, country, jitter);
        let reading = Reading { origins: self, memory: None, began: Instant::now(), last: Mutex::default() };
        let range = read.range();
        let Some(taken) = OriginReads::new(&reading, selection, read, range.as_deref()).head().await else {
            return Err(reading.unavailable());
        };
        let asked = Asked::of(&taken, reading.began);
        self.metrics.taken(asked.origin, reading.began.elapsed());
        let found = taken.answer.status().is_success();
        Ok(found.then(|| (taken.answer.into_body(), asked)))
    }

    /// Whether one read more may be made that nobody waits for.
    pub fn may_warm(&self) -> bool {
        let allowed = self.with_budget(Budget::spare);
        self.metrics.warming(allowed);
        allowed
    }

    fn with_budget<T>(&self, to: impl FnOnce(&mut Budget) -> T) -> T {
        to(&mut self.budget.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn request(
        &self,
        origin: &Origin,
        read: &Read,
        range: Option<&str>,
    ) -> Result<Request<Empty<Bytes>>, Failure> {
        let address = origin.address(&read.key, read.query.as_deref());
        let mut request = Request::get(&address.url);
        if origin.is_signed() {
            for (name, value) in sign(&self.credentials, origin.region(), &address, self.clock.now()) {
                request = request.header(name, value);
            }
        }
        if let Some(range) = range {
            request = request.header(RANGE, range);
        }
        request.body(Empty::new()).map_err(|e| Failure::Request(e.to_string()))
    }
}

/// One read, as it goes on.
struct Reading<'a> {
    origins: &'a Origins,
    memory: Option<&'a Arc<Memory>>,
    began: Instant,
    /// Why there is no answer yet.
    last: Mutex<String>,
}

impl Reading<'_> {
    fn unavailable(self) -> Unavailable {
        Unavailable(self.last.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    fn failed(&self, why: String) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = why;
    }
}

impl Platform for Reading<'_> {
    type Answer = Response<Incoming>;
    type Whole = OriginAnswer;
    type Failure = Failure;

    async fn ask(
        &self,
        origin: &Origin,
        read: &Read,
        range: Option<&str>,
    ) -> Result<Response<Incoming>, Failure> {
        let request = self.origins.request(origin, read, range)?;
        self.origins.client.request(request).await.map_err(|e| Failure::Connection(chain(&e)))
    }

    fn head<'a>(&self, answer: &'a Response<Incoming>) -> AnswerHead<'a> {
        AnswerHead {
            status: answer.status().as_u16(),
            content_length: text(answer.headers(), "content-length").and_then(|length| length.parse().ok()),
            content_range: text(answer.headers(), "content-range"),
            content_encoding: text(answer.headers(), "content-encoding"),
            content_type: text(answer.headers(), "content-type"),
            retry_after: text(answer.headers(), "retry-after"),
        }
    }

    async fn whole(&self, taken: Taken<'_, Response<Incoming>>) -> Result<OriginAnswer, Failure> {
        OriginAnswer::read(taken, self.began, &self.origins.clock, self.memory).await
    }

    fn is_final(&self, failure: &Failure) -> bool {
        // another origin's would take as much
        matches!(failure, Failure::NoRoom)
    }

    async fn pause(&self, ms: u64) {
        sleep(Duration::from_millis(ms)).await;
    }

    fn with_budget<T>(&self, take: impl FnOnce(&mut Budget) -> T) -> T {
        self.origins.with_budget(take)
    }

    fn note(&self, read: &Read, event: ReadEvent<'_, Response<Incoming>, Failure>) {
        let (metrics, key) = (&self.origins.metrics, &read.key);
        match event {
            ReadEvent::Asked { place, reason } => metrics.asked(place, reason),
            ReadEvent::Silent => {
                metrics.silent();
                tracing::warn!(%key, "no first byte in time");
                self.failed("no first byte in time".to_owned());
            }
            ReadEvent::PassedBy { origin, place, answer } => {
                metrics.failed(place);
                let status = answer.status().as_u16();
                tracing::warn!(%origin, %key, status, "an origin does not have the last word");
                self.failed(format!("status {status}"));
            }
            ReadEvent::Failed { failure: failure @ Failure::NoRoom, .. } => {
                metrics.no_room();
                self.failed(failure.to_string());
            }
            ReadEvent::Failed { origin, place, failure } => {
                metrics.failed(place);
                tracing::warn!(%origin, %key, %failure, "an origin failed");
                self.failed(failure.to_string());
            }
        }
    }
}

/// What makes connections; over TLS where that is `wanted`.
pub fn connector(wanted: bool) -> io::Result<HttpsConnector<HttpConnector>> {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
    Ok(HttpsConnectorBuilder::new()
        .with_tls_config(tls(wanted)?)
        .https_or_http()
        .enable_http1()
        .wrap_connector(tcp))
}

/// How connections are kept.
pub fn pooled() -> Builder {
    let mut builder = Client::builder(TokioExecutor::new());
    builder.pool_timer(TokioTimer::new()).pool_idle_timeout(Duration::from_secs(15));
    builder
}

/// The certificate authorities that the system trusts; read only where an origin uses TLS.
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
