//! Reading one whole object from the origins, in the course that [`Race`] sets.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream::FuturesUnordered};
use http::{Request, Response};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use nada_edge::{Answer, Budget, Country, Credentials, Head, Origin, Race, Read, Step, sigv4::sign};
use tokio::time::{Instant, sleep, timeout};

use crate::{
    clock::Clock,
    metrics::Metrics,
    room::Room,
    whole::{Failure, Whole, chain, text},
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
        Ok(Self { list, credentials, client, budget: Mutex::default(), metrics, clock })
    }

    /// Asks the origins until one has given a whole answer that is `understood`. Its body takes `room`, where that is
    /// bounded.
    ///
    /// # Errors
    /// None has.
    pub async fn read(
        &self,
        read: &Read,
        country: Country,
        room: Option<&Arc<Room>>,
        understood: impl Fn(Answer<'_>) -> bool,
    ) -> Result<Whole, Unavailable> {
        let began = Instant::now();
        let jitter = u64::from(self.clock.now().subsec_nanosecond().unsigned_abs());
        let mut race = Race::new(&self.list, read, None, country, jitter);
        let mut running = FuturesUnordered::new();
        let mut last = "there is none".to_owned();
        let mut step = self.lend(|budget| race.start(budget));
        loop {
            match step {
                Step::Ask { origin, after_ms, alone } => {
                    if alone {
                        running.clear();
                    }
                    if let (Some(place), Some(asked)) = (race.place(origin), race.asked(origin)) {
                        self.metrics.asked(place, asked);
                    }
                    running.push(self.ask(origin, read, Duration::from_millis(after_ms)));
                }
                Step::Wait | Step::Take => {}
                Step::Over => return Err(Unavailable(last)),
            }
            let Ok(answered) = timeout(Duration::from_millis(race.wait_ms()), running.next()).await else {
                self.metrics.silent();
                tracing::warn!(key = %read.key, "no first byte in time");
                last = "no first byte in time".to_owned();
                step = self.lend(|budget| race.silent(budget));
                continue;
            };
            let Some((origin, answer)) = answered else { return Err(Unavailable(last)) };
            let place = race.place(origin).unwrap_or_default();
            let failure = match answer {
                Err(failure) => failure,
                Ok(response) => {
                    let status = response.status().as_u16();
                    let head = Head {
                        status,
                        content_type: text(response.headers(), "content-type"),
                        retry_after: text(response.headers(), "retry-after"),
                    };
                    step = self.lend(|budget| race.answered(origin, Some(head), budget));
                    if step != Step::Take {
                        self.metrics.failed(place);
                        tracing::warn!(%origin, key = %read.key, status, "an origin does not have the last word");
                        last = format!("status {status}");
                        continue;
                    }
                    // whoever lost is cancelled
                    running.clear();
                    match Whole::read(response, place, began, &self.clock, room).await {
                        Ok(whole) if whole.status != 200 || understood(whole.lent()) => {
                            self.metrics.taken(place, began.elapsed());
                            return Ok(Whole { asked: race.asked(origin), ..whole });
                        }
                        Ok(_) => Failure::Strange,
                        // another origin's would take as much
                        Err(Failure::NoRoom) => {
                            self.metrics.no_room();
                            return Err(Unavailable(Failure::NoRoom.to_string()));
                        }
                        Err(failure) => failure,
                    }
                }
            };
            self.metrics.failed(place);
            tracing::warn!(%origin, key = %read.key, %failure, "an origin failed");
            last = failure.to_string();
            step = self.lend(|budget| race.answered(origin, None, budget));
        }
    }

    /// Whether one read more may be made that nobody waits for.
    pub fn may_warm(&self) -> bool {
        let allowed = self.lend(Budget::spare);
        self.metrics.warming(allowed);
        allowed
    }

    fn lend<T>(&self, to: impl FnOnce(&mut Budget) -> T) -> T {
        to(&mut self.budget.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn ask<'o>(
        &self,
        origin: &'o Origin,
        read: &Read,
        after: Duration,
    ) -> (&'o Origin, Result<Response<Incoming>, Failure>) {
        sleep(after).await;
        let answer = async {
            let request = self.request(origin, read)?;
            self.client.request(request).await.map_err(|e| Failure::Connection(chain(&e)))
        };
        (origin, answer.await)
    }

    fn request(&self, origin: &Origin, read: &Read) -> Result<Request<Empty<Bytes>>, Failure> {
        let address = origin.address(&read.key, read.query.as_deref());
        let mut request = Request::get(&address.url);
        for (name, value) in sign(&self.credentials, origin.region(), &address, self.clock.now()) {
            request = request.header(name, value);
        }
        request.body(Empty::new()).map_err(|e| Failure::Request(e.to_string()))
    }
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
