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
use nada_edge::{Code, Coding, Decision, LogLine, OriginHead, Plan, admit, problem};

use crate::{
    clock,
    config::ServerConfig,
    fields::Fields,
    origins::{Origins, Whole},
    peer,
    store::Store,
    wire::{self, Wire},
};

/// A server's configuration and memory, shared by all its requests.
#[derive(Debug)]
pub struct Host {
    config: ServerConfig,
    store: Store,
    requests: AtomicU64,
}

/// An answer, and the object that its body is cut from.
type Planned = (nada_edge::Response, Option<Arc<Whole>>);

impl Host {
    /// # Errors
    /// See [`Origins::new`].
    pub fn new(config: ServerConfig) -> io::Result<Self> {
        let origins = Origins::new(config.origins.clone(), config.credentials.clone())?;
        let store = Store::new(origins, config.cache_bytes);
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
            now: clock::now(),
        };
        let planned = AssertUnwindSafe(self.plan(&asked)).catch_unwind().await;
        let (response, whole) = planned.unwrap_or_else(|_| {
            tracing::error!(id, "a request handler panicked");
            (problem(Code::Internal), None)
        });
        if response.code == Some(Code::NotFound)
            && let Some(page) = self.page(&request)
        {
            return page;
        }
        let line = LogLine::new(&id, &asked, &response).to_json();
        tracing::info!(target: "nada::access", micros = started.elapsed().as_micros() as u64, "{line}");
        wire::build(response, whole.map(|whole| whole.body.clone()))
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
            Ok(whole) if whole.status == 200 => (serve.slice(whole.body.len() as u64), Some(whole)),
            Ok(absent) => {
                (serve.answer(&OriginHead { status: absent.status, ..OriginHead::default() }), None)
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
