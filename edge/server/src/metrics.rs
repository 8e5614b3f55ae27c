//! Metrics for Prometheus, on a port of their own, which listeners do not reach.

use std::{fmt, io, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use nada_edge::{AskReason, Cache, LogLine};
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

/// How long a scraper may take to send a request head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);

type Labels<const N: usize> = [(&'static str, String); N];

/// Counters that a server adds to. A clone counts into the same.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
    requests: Family<Labels<4>, Counter>,
    objects: Family<Labels<1>, Counter>,
    asks: Family<Labels<2>, Counter>,
    origins: Family<Labels<2>, Counter>,
    origin_seconds: Family<Labels<1>, Histogram>,
    silences: Counter,
    refusals: Family<Labels<1>, Counter>,
    warmings: Family<Labels<1>, Counter>,
    compressions: Family<Labels<1>, Counter>,
    unheld: Counter,
    unlogged: Counter,
    seconds: Histogram,
    startup_seconds: Family<Labels<1>, Histogram>,
    starved: Family<Labels<1>, Counter>,
}

/// 1 ms to 8 s.
fn durations() -> Histogram {
    Histogram::new(exponential_buckets(0.001, 2.0, 14))
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
        let asks = Family::default();
        let origins = Family::default();
        let origin_seconds = Family::new_with_constructor(durations as fn() -> Histogram);
        let silences = Counter::default();
        let refusals = Family::default();
        let warmings = Family::default();
        let compressions = Family::default();
        let unheld = Counter::default();
        let unlogged = Counter::default();
        let seconds = durations();
        let startup_seconds = Family::new_with_constructor(durations as fn() -> Histogram);
        let starved = Family::default();
        registry.register("requests", "Requests answered", requests.clone());
        registry.register("objects", "Stored objects answered with, by cache outcome", objects.clone());
        registry.register("origin_asks", "Questions to origins, by place and why it was asked", asks.clone());
        registry.register(
            "origin_answers",
            "Answers of origins, by place and whether they counted",
            origins.clone(),
        );
        registry.register_with_unit(
            "origin",
            "Time until an origin's answer that counts was whole, by place",
            Unit::Seconds,
            origin_seconds.clone(),
        );
        registry.register(
            "origin_silences",
            "Waits of an origin's first byte that were too long",
            silences.clone(),
        );
        registry.register(
            "refused_connections",
            "Connections closed at once since there were too many, of all or of their address",
            refusals.clone(),
        );
        registry.register(
            "warmings",
            "Segments worth warming, by whether the budget allowed the read",
            warmings.clone(),
        );
        registry.register(
            "compressions",
            "Bodies to compress, by whether they were or too many were at once and they were sent plain",
            compressions.clone(),
        );
        registry.register(
            "unheld_objects",
            "Objects not read since clients have yet to read too much of what they asked for",
            unheld.clone(),
        );
        registry.register(
            "dropped_log_lines",
            "Log lines that were not written since nobody read them in time",
            unlogged.clone(),
        );
        registry.register_with_unit(
            "request",
            "Time to the head of the answer",
            Unit::Seconds,
            seconds.clone(),
        );
        registry.register_with_unit(
            "startup",
            "Time to the head of the answer where a player starts, seeks or ran empty (CMCD su)",
            Unit::Seconds,
            startup_seconds.clone(),
        );
        registry.register(
            "starved_requests",
            "Requests of players that ran empty (CMCD bs)",
            starved.clone(),
        );
        let metrics = Self {
            registry: Arc::new(registry),
            requests,
            objects,
            asks,
            origins,
            origin_seconds,
            silences,
            refusals,
            warmings,
            compressions,
            unheld,
            unlogged,
            seconds,
            startup_seconds,
            starved,
        };
        metrics.begin();
        metrics
    }
}

impl Metrics {
    /// Names what may never happen, so that its rate has a beginning.
    fn begin(&self) {
        for cache in [Cache::Hit, Cache::Miss] {
            drop(self.objects.get_or_create(&[("cache", cache.name().to_owned())]));
        }
        for asked in AskReason::ALL {
            drop(self.asks.get_or_create(&asking(1, asked)));
        }
        for taken in [true, false] {
            drop(self.origins.get_or_create(&outcome(1, taken)));
            drop(self.warmings.get_or_create(&warming(taken)));
            drop(self.compressions.get_or_create(&compression(taken)));
            drop(self.refusals.get_or_create(&refusal(taken)));
        }
    }

    /// A request was answered.
    pub(crate) fn answered(&self, line: &LogLine, took: Duration) {
        let labels = [
            ("route", line.route.unwrap_or("none").to_owned()),
            ("status", line.status.to_string()),
            ("code", line.code.unwrap_or(if line.status < 400 { "ok" } else { "none" }).to_owned()),
            ("country", line.country.clone()),
        ];
        self.requests.get_or_create(&labels).inc();
        if let Some(cache) = line.cache {
            self.objects.get_or_create(&[("cache", cache.to_owned())]).inc();
        }
        self.seconds.observe(took.as_secs_f64());
        let country = || [("country", line.country.clone())];
        if line.startup {
            self.startup_seconds.get_or_create(&country()).observe(took.as_secs_f64());
        }
        if line.starved {
            self.starved.get_or_create(&country()).inc();
        }
    }

    /// The origin at this place is asked.
    pub(crate) fn asked(&self, place: usize, asked: AskReason) {
        self.asks.get_or_create(&asking(place, asked)).inc();
    }

    /// The origin at this place gave an answer that counts, after so long.
    pub(crate) fn taken(&self, place: usize, took: Duration) {
        self.origins.get_or_create(&outcome(place, true)).inc();
        let origin = [("origin", place.to_string())];
        self.origin_seconds.get_or_create(&origin).observe(took.as_secs_f64());
    }

    /// The origin at this place gave an answer that does not count.
    pub(crate) fn failed(&self, place: usize) {
        self.origins.get_or_create(&outcome(place, false)).inc();
    }

    /// A segment was worth warming, and the budget allowed it or not.
    pub(crate) fn warming(&self, allowed: bool) {
        self.warmings.get_or_create(&warming(allowed)).inc();
    }

    /// A body is compressed, or would have been one too many at once.
    pub(crate) fn compression(&self, made: bool) {
        self.compressions.get_or_create(&compression(made)).inc();
    }

    /// An object found no room in memory.
    pub(crate) fn no_room(&self) {
        self.unheld.inc();
    }

    /// An origin sent no first byte in time.
    pub(crate) fn silent(&self) {
        self.silences.inc();
    }

    /// A connection was one too many: of all, or of its address.
    pub(crate) fn refused(&self, of_address: bool) {
        self.refusals.get_or_create(&refusal(of_address)).inc();
    }

    /// The host has dropped a line of its log.
    pub fn log_line_dropped(&self) {
        self.unlogged.inc();
    }

    /// All of it in the text format of OpenMetrics 1.0.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // writing to memory does not fail
        let _ = encode(&mut text, &self.registry);
        text
    }
}

fn asking(place: usize, asked: AskReason) -> Labels<2> {
    [("origin", place.to_string()), ("asked", asked.name().to_owned())]
}

fn outcome(place: usize, taken: bool) -> Labels<2> {
    let outcome = if taken { "taken" } else { "failed" };
    [("origin", place.to_string()), ("outcome", outcome.to_owned())]
}

fn warming(allowed: bool) -> Labels<1> {
    [("outcome", if allowed { "read" } else { "refused" }.to_owned())]
}

fn refusal(of_address: bool) -> Labels<1> {
    [("limit", if of_address { "address" } else { "all" }.to_owned())]
}

fn compression(made: bool) -> Labels<1> {
    [("outcome", if made { "made" } else { "refused" }.to_owned())]
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

fn shown(request: &Request<Incoming>, metrics: &Metrics) -> Response<Full<Bytes>> {
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
