//! What is counted, for Prometheus, on a port of its own: who may fetch music has no business with it.

use std::{fmt, io, sync::Arc, time::Duration};

use http::{Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use nada_edge::LogLine;
use prometheus_client::{
    encoding::text::encode,
    metrics::{
        counter::Counter,
        family::Family,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Registry, Unit},
};
use tokio::net::TcpListener;

use crate::wire::Wire;

/// How long a scraper may take to send a request head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);

type Labels<const N: usize> = [(&'static str, String); N];

/// Counters that a server adds to. A clone counts into the same.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
    requests: Family<Labels<4>, Counter>,
    objects: Family<Labels<1>, Counter>,
    origins: Family<Labels<2>, Counter>,
    silences: Counter,
    refusals: Counter,
    seconds: Histogram,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("nada");
        let requests = Family::default();
        let objects = Family::default();
        let origins = Family::default();
        let silences = Counter::default();
        let refusals = Counter::default();
        // 1 ms to 8 s
        let seconds = Histogram::new(exponential_buckets(0.001, 2.0, 14));
        registry.register("requests", "Requests answered", requests.clone());
        registry.register("objects", "Stored objects answered with, by cache outcome", objects.clone());
        registry.register(
            "origin_answers",
            "Answers of origins, by place and whether they counted",
            origins.clone(),
        );
        registry.register(
            "origin_silences",
            "Waits of an origin's first byte that were too long",
            silences.clone(),
        );
        registry.register(
            "refused_connections",
            "Connections closed at once since there were too many",
            refusals.clone(),
        );
        registry.register_with_unit(
            "request",
            "Time to the head of the answer",
            Unit::Seconds,
            seconds.clone(),
        );
        Self { registry: Arc::new(registry), requests, objects, origins, silences, refusals, seconds }
    }
}

impl Metrics {
    /// A request was answered.
    pub(crate) fn answered(&self, line: &LogLine, took: Duration) {
        let labels = [
            ("route", line.route.unwrap_or("none").to_owned()),
            ("status", line.status.to_string()),
            ("code", line.code.unwrap_or("ok").to_owned()),
            ("country", line.country.clone()),
        ];
        self.requests.get_or_create(&labels).inc();
        if let Some(cache) = line.cache {
            self.objects.get_or_create(&[("cache", cache.to_owned())]).inc();
        }
        self.seconds.observe(took.as_secs_f64());
    }

    /// The origin at this place gave an answer that counts, or one that does not.
    pub(crate) fn origin(&self, place: usize, counts: bool) {
        let outcome = if counts { "taken" } else { "failed" };
        let labels = [("origin", place.to_string()), ("outcome", outcome.to_owned())];
        self.origins.get_or_create(&labels).inc();
    }

    /// An origin sent no first byte in time.
    pub(crate) fn silent(&self) {
        self.silences.inc();
    }

    /// A connection was one too many.
    pub(crate) fn refused(&self) {
        self.refusals.inc();
    }

    /// All of it in the text format of OpenMetrics 1.0.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // writing to memory does not fail
        let _ = encode(&mut text, &self.registry);
        text
    }
}

/// Answers `GET /metrics` on `listener`, and nothing else, until it is dropped.
///
/// # Errors
/// The listener is gone.
pub async fn serve_metrics(listener: TcpListener, metrics: Metrics) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        let metrics = metrics.clone();
        tokio::spawn(async move {
            let answer = service_fn(move |request: Request<Incoming>| {
                let answer = shown(&request, &metrics);
                async move { Ok::<_, std::convert::Infallible>(answer) }
            });
            let served = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD_TIMEOUT)
                .serve_connection(TokioIo::new(stream), answer);
            if let Err(error) = served.await {
                tracing::debug!(%error, "a scrape ended early");
            }
        });
    }
}

fn shown(request: &Request<Incoming>, metrics: &Metrics) -> Response<Wire> {
    let (status, text) = match (request.method(), request.uri().path()) {
        (&Method::GET, "/metrics") => (StatusCode::OK, metrics.text()),
        _ => (StatusCode::NOT_FOUND, String::new()),
    };
    let mut response = Response::new(Full::from(text));
    *response.status_mut() = status;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
    response
}
