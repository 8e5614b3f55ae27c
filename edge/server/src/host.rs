//! One request: asked of `nada-edge`, executed here.

use std::{
    io,
    net::SocketAddr,
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use bytes::Bytes;
use futures_util::{FutureExt as _, future::join_all};
use http::{Method, Request, Response};
use hyper::body::Incoming;
use nada_edge::{Cache, Code, Coding, Decision, LogLine, OriginHead, Plan, Timing, admit, problem};

use crate::{
    access,
    config::ServerConfig,
    fields::Fields,
    origins::Origins,
    peer,
    store::Store,
    whole::Whole,
    wire::{self, Wire},
};

/// A server's configuration and memory, shared by all its requests.
#[derive(Debug)]
pub struct Host {
    config: ServerConfig,
    store: Arc<Store>,
    requests: AtomicU64,
}

/// An answer, and the object that its body is cut from with what a cache had of it.
type Planned = (nada_edge::Response, Option<(Arc<Whole>, Cache)>);

enum Answered {
    Planned(Planned),
    Page(Response<Wire>),
}

impl Host {
    /// # Errors
    /// See [`Origins::new`].
    pub fn new(config: ServerConfig) -> io::Result<Self> {
        let origins = Origins::new(
            config.origins.clone(),
            config.credentials.clone(),
            config.metrics.clone(),
            config.clock.clone(),
        )?;
        let store = Arc::new(Store::new(origins, config.cache_bytes));
        Ok(Self { config, store, requests: AtomicU64::default() })
    }

    /// Answers one request, whatever happens. Its body is not read.
    pub async fn answer(&self, request: Request<Incoming>, peer: SocketAddr) -> Response<Wire> {
        let started = Instant::now();
        let id = format!("{:x}", self.requests.fetch_add(1, Ordering::Relaxed));
        let client = peer::client(peer, request.headers(), &self.config.country, &self.config.trusted);
        let fields = Fields::of(request.headers());
        let asked = nada_edge::Request {
            method: request.method().as_str(),
            scheme: client.scheme,
            // HTTP/2 says it in the URI
            host: request.uri().authority().map(|a| a.as_str()).or(fields.host.as_deref()).unwrap_or(""),
            path: request.uri().path(),
            query: request.uri().query(),
            headers: fields.lent(),
            country: client.country,
            client: Some(client.address),
            now: self.config.clock.now(),
        };
        let answered = AssertUnwindSafe(self.respond(&request, &asked)).catch_unwind().await;
        let (response, object) = match answered {
            Ok(Answered::Page(page)) => return page,
            Ok(Answered::Planned(planned)) => planned,
            Err(_) => {
                tracing::error!(id, "a request handler panicked");
                (problem(Code::Internal), None)
            }
        };
        let asked_origin = object.as_ref().filter(|(_, cache)| *cache == Cache::Miss).map(|(whole, _)| whole);
        let timing = Timing {
            cache: object.as_ref().map(|(_, cache)| *cache),
            origin: asked_origin.map(|whole| whole.origin),
            asked: asked_origin.and_then(|whole| whole.asked),
            origin_ms: asked_origin.map(|whole| whole.ms),
            total_ms: u32::try_from(started.elapsed().as_millis()).unwrap_or(u32::MAX),
        };
        let line = LogLine::new(&id, &asked, &response, &timing);
        access::log(&line);
        self.config.metrics.answered(&line, started.elapsed());
        wire::build(response.timed(&timing), object.map(|(whole, _)| whole.body.clone()))
    }

    async fn respond(&self, request: &Request<Incoming>, asked: &nada_edge::Request<'_>) -> Answered {
        let planned = self.plan(asked).await;
        let nothing_here = planned.0.code == Some(Code::NotFound);
        match nothing_here.then(|| self.page(request)).flatten() {
            Some(page) => Answered::Page(page),
            None => Answered::Planned(planned),
        }
    }

    async fn plan(&self, request: &nada_edge::Request<'_>) -> Planned {
        let pass = match admit(&self.config.edge, request) {
            Ok(pass) => pass,
            Err(response) => return (*response, None),
        };
        let mut known = self.store.remembered();
        let plan = loop {
            match pass.decide(&known) {
                Decision::Plan(plan) => break plan,
                Decision::Need(fetches) => {
                    let facts = join_all(fetches.iter().map(|fetch| self.store.fact(fetch, request.country)));
                    for (fetch, fact) in fetches.iter().zip(facts.await) {
                        match fact {
                            Some(fact) => fact.add_to(&mut known),
                            None => known.put(fetch, request.now, None),
                        }
                    }
                }
            }
        };
        self.store.remember(&known);
        let serve = match plan {
            Plan::Respond(response) => return (response, None),
            Plan::Serve(serve) => serve,
        };
        match self.store.object(&serve.read, request.country).await {
            Ok((whole, cache)) => {
                let response = match whole.status {
                    200 => serve.slice(whole.body.len() as u64),
                    status => serve.answer(&OriginHead { status, ..OriginHead::default() }),
                };
                if let Some(next) = serve.next.filter(|_| cache == Cache::Miss && whole.status == 200) {
                    let (store, country) = (Arc::clone(&self.store), request.country);
                    tokio::spawn(async move { store.warm(&next, country).await });
                }
                (response, Some((whole, cache)))
            }
            Err(why) => {
                tracing::warn!(object = %serve.read.key, %why, "nothing to serve");
                (serve.unavailable(), None)
            }
        }
    }

    /// The static page for what the edge has no route for, if there is one.
    fn page(&self, request: &Request<Incoming>) -> Option<Response<Wire>> {
        let asked = matches!(*request.method(), Method::GET | Method::HEAD);
        let page = (self.config.pages.as_ref().filter(|_| asked)?.0)(request.uri().path())?;
        let mut headers = page.headers;
        headers.push(("content-length", page.body.len().to_string()));
        let body = if request.method() == Method::HEAD { Bytes::new() } else { page.body };
        Some(wire::response(200, headers, body, Coding::Identity))
    }
}
