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
use futures_util::FutureExt as _;
use http::{HeaderMap, Method, Request, Response, request::Parts};
use hyper::body::Incoming;
use jiff::Timestamp;
use nada_edge::{
    AnswerHead, Body, Cache, Code, Coding, Country, Fetch, LogLine, Media, MutableObjects, Plan, Read,
    ReadSoFar, RequestHeaders, Serve, Timing, admit, license::LicenseTarget, problem, unread,
};

use crate::{
    access,
    config::{Page, PageBody, ServerConfig},
    fields::Fields,
    joined::{Piece, joined},
    license_servers::LicenseClient,
    object_cache::{Found, ObjectCache},
    origin_answer::Asked,
    origins::Origins,
    peer,
    wire::{self, Content, Wire},
};

/// A server's configuration and memory, shared by all its requests.
#[derive(Debug)]
pub struct Host {
    config: ServerConfig,
    objects: Arc<ObjectCache>,
    licenses: LicenseClient,
    requests: AtomicU64,
}

/// An answer, and where it comes from.
#[derive(Debug)]
pub struct Planned {
    response: nada_edge::Response,
    /// What the body is made of.
    content: Content,
    /// What a cache had of it.
    cache: Option<Cache>,
    /// How it was come by, where an origin was asked for it.
    asked: Option<Asked>,
}

impl From<nada_edge::Response> for Planned {
    fn from(response: nada_edge::Response) -> Self {
        Self { response, content: Content::None, cache: None, asked: None }
    }
}

impl Planned {
    /// An answer whose body is made of something that no cache had.
    pub fn with(response: nada_edge::Response, content: Content) -> Self {
        Self { content, ..response.into() }
    }
}

/// 421 Misdirected Request (RFC 9110 §15.5.20): for a host that this is not.
const MISDIRECTED: u16 = 421;

/// What a page says beside its own header fields, unless it says so itself.
const PAGE: [(&str, &str); 3] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// The mutable objects as a request from `country` sees them.
pub struct Objects<'a> {
    /// Where they are kept.
    pub objects: &'a Arc<ObjectCache>,
    /// Where the request comes from.
    pub country: Country,
}

impl MutableObjects for Objects<'_> {
    type Understood = Arc<ReadSoFar>;

    async fn understood(&self, fetch: &Fetch) -> Option<Arc<ReadSoFar>> {
        self.objects.understood(fetch, self.country).await
    }
}

impl Host {
    /// # Errors
    /// See [`Origins::new`] and [`LicenseClient::new`].
    pub fn new(config: ServerConfig) -> io::Result<Self> {
        let origins = Origins::new(
            config.origins.clone(),
            config.credentials.clone(),
            config.metrics.clone(),
            config.clock.clone(),
        )?;
        let objects = Arc::new(ObjectCache::new(origins, config.cache_bytes, config.metrics.clone()));
        let licenses = LicenseClient::new(&config.licenses.servers)?;
        Ok(Self { config, objects, licenses, requests: AtomicU64::default() })
    }

    /// What it was told.
    pub fn config(&self) -> &ServerConfig {
        &self.config
    }

    /// What it has read.
    pub fn objects(&self) -> &Arc<ObjectCache> {
        &self.objects
    }

    /// What licence requests share.
    pub fn licenses(&self) -> &LicenseClient {
        &self.licenses
    }

    /// Answers one request, whatever happens. Its body is not read, unless a licence is granted.
    pub async fn answer(&self, request: Request<Incoming>, peer: SocketAddr) -> Response<Wire> {
        let started = Instant::now();
        let id = self.next_id();
        let (request, body) = request.into_parts();
        let client = peer::client(peer, &request.headers, &self.config.country, &self.config.trusted);
        let fields = Fields::of(&request.headers);
        let asked = nada_edge::Request {
            method: request.method.as_str(),
            scheme: client.scheme,
            // HTTP/2 says it in the URI
            host: request.uri.authority().map(|a| a.as_str()).or(fields.host.as_deref()).unwrap_or(""),
            path: request.uri.path(),
            query: request.uri.query(),
            headers: fields.as_headers(),
            country: client.country,
            client: client.address,
            now: self.now(),
        };
        let Planned { response, content, cache, asked: read } = if self.config.limits.admit(asked.host) {
            let planned = AssertUnwindSafe(self.respond(&request, body, &asked)).catch_unwind().await;
            planned.unwrap_or_else(|_| {
                tracing::error!(id, "a request handler panicked");
                problem(Code::Internal).into()
            })
        } else {
            unread(MISDIRECTED).into()
        };
        let timing = Timing {
            cache,
            origin: read.map(|read| read.origin),
            asked: read.and_then(|read| read.reason),
            origin_ms: read.map(|read| read.ms),
            total_ms: u32::try_from(started.elapsed().as_millis()).unwrap_or(u32::MAX),
        };
        self.tell(&LogLine::new(&id, &asked, &response, &timing), started);
        wire::build(response.timed(&timing).over(asked.scheme), content)
    }

    /// The answer to what could not be read as a request, of which nothing is known but the address it came from.
    pub fn unread(&self, status: u16, peer: SocketAddr) -> Response<Wire> {
        let started = Instant::now();
        let client = peer::client(peer, &HeaderMap::new(), &self.config.country, &self.config.trusted);
        let asked = nada_edge::Request {
            method: "",
            scheme: client.scheme,
            host: "",
            path: "",
            query: None,
            headers: RequestHeaders::default(),
            country: client.country,
            client: None,
            now: self.now(),
        };
        let response = unread(status);
        self.tell(&LogLine::new(&self.next_id(), &asked, &response, &Timing::default()), started);
        wire::build(response, Content::None)
    }

    /// The time, as decisions are made by.
    pub fn now(&self) -> Timestamp {
        self.config.clock.now()
    }

    fn next_id(&self) -> String {
        format!("{:x}", self.requests.fetch_add(1, Ordering::Relaxed))
    }

    fn tell(&self, line: &LogLine, started: Instant) {
        access::log(line);
        self.config.metrics.answered(line, started.elapsed());
    }

    async fn respond(&self, request: &Parts, body: Incoming, asked: &nada_edge::Request<'_>) -> Planned {
        let planned = match LicenseTarget::parse(asked.path) {
            Some(_) => self.license(asked, body).await,
            None => self.plan(asked).await,
        };
        let nothing_here = planned.response.code == Some(Code::NotFound);
        match nothing_here.then(|| self.page(request)).flatten() {
            Some(page) => self.show(page, asked).await,
            None => planned,
        }
    }

    async fn plan(&self, request: &nada_edge::Request<'_>) -> Planned {
        let mut request = *request;
        loop {
            let plan = self.decide(&request).await;
            if let Some(planned) = self.perform(plan, request.country).await {
                return planned;
            }
            // too many bodies are being compressed: as for a client that takes none compressed
            request.headers.accept_encoding = None;
        }
    }

    async fn decide(&self, request: &nada_edge::Request<'_>) -> Plan {
        let admitted = match admit(&self.config.edge, request) {
            Ok(admitted) => admitted,
            Err(response) => return Plan::Respond(*response),
        };
        let objects = Objects { objects: &self.objects, country: request.country };
        let (plan, read) = admitted.plan(self.objects.remembered(), &objects).await;
        self.objects.remember(&read);
        plan
    }

    /// What a plan comes to; `None` where its body would be compressed and cannot be now.
    async fn perform(&self, plan: Plan, country: Country) -> Option<Planned> {
        match plan {
            Plan::Serve(serve) => self.serve(serve, country).await,
            Plan::Media(media) => Some(self.media(media, country).await),
            Plan::Respond(response) => {
                let content = match &response.body {
                    Body::Text(text) if response.coding != Coding::Identity => {
                        Content::Held(self.objects.coded_text(text).await?.body)
                    }
                    Body::Empty | Body::Text(_) | Body::Origin | Body::Pieces | Body::Slice { .. } => {
                        Content::None
                    }
                };
                Some(Planned { content, ..response.into() })
            }
        }
    }

    async fn serve(&self, serve: Serve, country: Country) -> Option<Planned> {
        let coded = serve.coding != Coding::Identity && !serve.head;
        if coded && let Some(kept) = self.objects.kept_coded(&serve.read).await {
            let response = serve.slice(kept.of);
            let content = Content::Held(kept.body);
            return Some(Planned { content, cache: Some(Cache::Hit), ..response.into() });
        }
        let (whole, cache) = match self.objects.object(&serve.read, country).await {
            Ok(found) => found,
            Err(why) => {
                tracing::warn!(object = %serve.read.key, %why, "nothing to serve");
                return Some(serve.unavailable().into());
            }
        };
        let found = whole.status == 200;
        let response = match whole.status {
            200 => serve.slice(whole.body.len() as u64),
            status => serve.answer(&AnswerHead { status, ..AnswerHead::default() }),
        };
        let held = match coded && found {
            true => self.objects.coded(&serve.read, &whole).await?.body,
            false => whole.body.clone(),
        };
        let asked = (cache == Cache::Miss).then_some(whole.asked);
        Some(Planned { response, content: Content::Held(held), cache: Some(cache), asked })
    }

    async fn media(&self, media: Media, country: Country) -> Planned {
        let (absent, unavailable) = (media.absent(), media.unavailable());
        let Media { response, pieces, next, .. } = media;
        let length: u64 =
            pieces.iter().filter_map(|piece| piece.bytes.as_ref()).map(|b| b.range.end - b.range.start).sum();
        let mut pieces = pieces.into_iter();
        let Some(first) = pieces.next() else { return unavailable.into() };
        let Found { piece, outcome, asked } = match self.objects.piece(&first, country).await {
            Ok(found) => found,
            Err(why) => {
                tracing::warn!(object = %first.key, %why, "nothing to serve");
                return unavailable.into();
            }
        };
        let cache = Some(outcome);
        let Some(piece) = piece else { return Planned { cache, asked, ..absent.into() } };
        if let Some(next) = next {
            self.warm(next.whole(), country);
        }
        let content = match piece {
            Piece::Held(bytes) if pieces.as_slice().is_empty() => Content::Held(bytes),
            piece @ (Piece::Held(_) | Piece::Streamed(..)) => {
                Content::Streamed(Box::pin(joined(piece, pieces, Arc::clone(&self.objects), country)), length)
            }
        };
        Planned { response, content, cache, asked }
    }

    /// Reads what a player asks for next, while nobody waits for it.
    fn warm(&self, next: Read, country: Country) {
        if !self.objects.has(&next) {
            let objects = Arc::clone(&self.objects);
            tokio::spawn(async move { objects.warm(&next, country).await });
        }
    }

    /// The static page for what the edge has no route for, if there is one.
    fn page(&self, request: &Parts) -> Option<Page> {
        let asked = [Method::GET, Method::HEAD].contains(&request.method);
        (self.config.pages.as_ref().filter(|_| asked)?.0)(request.uri.path())
    }

    async fn show(
        &self,
        Page { media_type, mut headers, body }: Page,
        asked: &nada_edge::Request<'_>,
    ) -> Planned {
        for (name, value) in PAGE {
            if headers.iter().all(|(present, _)| *present != name) {
                headers.push((name, value.to_owned()));
            }
        }
        let text = match body {
            PageBody::Text(text) => text.into_owned(),
            PageBody::File(bytes) => {
                let content = Content::Held(Bytes::from_static(bytes));
                return Planned { content, ..nada_edge::page_file(bytes, media_type, headers, asked).into() };
            }
        };
        let mut request = *asked;
        loop {
            let response = nada_edge::page(text.clone(), media_type, headers.clone(), &request);
            if let Some(planned) = self.perform(Plan::Respond(response), request.country).await {
                return planned;
            }
            // as in `plan`
            request.headers.accept_encoding = None;
        }
    }
}
