//! A host, its origin, and a client that asks.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use jiff::Timestamp;
use nada_tests::{
    catalogue,
    client::{Client, HttpAnswer},
    host::{Fill, Host, Setup},
    origin::Origin,
};
use nada_token::{Algorithm, Claims, Key, KeySet, sign};

use crate::schemas;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostKind {
    Native,
    Worker,
}

pub struct World {
    pub kind: HostKind,
    pub origin: Arc<Origin>,
    pub keys: KeySet,
    host: Arc<Host>,
    client: Client,
    /// Whether a platform's cache stands between the worker and the origin.
    cached: bool,
}

/// Seconds since 1970.
pub fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64
}

/// The suite's own key, which signs, keys before, in and after a rotation, and those of the published vectors.
pub fn keys() -> KeySet {
    let own = Key::generate(Algorithm::Hs256, "suite", [7; 32]).unwrap();
    let key = |kid, byte, nbf, exp| Key::hmac(kid, &[byte; 32]).unwrap().with_window(nbf, exp).unwrap();
    let rotated = [
        key("before", 9, None, Some(now() - 3600)),
        key("outgoing", 10, None, Some(now() + 3600)),
        key("after", 11, Some(now() + 3600), None),
    ];
    let theirs = KeySet::from_json(include_str!("../../../edge/token/vectors/keys.json")).unwrap();
    KeySet::new([&[own][..], &rotated, theirs.keys()].concat()).unwrap()
}

/// An origin with everything in it.
pub async fn full_origin() -> anyhow::Result<Origin> {
    filled(Origin::start().await?)
}

fn filled(origin: Origin) -> anyhow::Result<Origin> {
    catalogue::publish(&origin, Timestamp::from_second(now()).unwrap())?;
    Ok(origin)
}

pub async fn start(kind: HostKind, setup: &Setup) -> anyhow::Result<Host> {
    match kind {
        HostKind::Native => Host::native(setup).await,
        HostKind::Worker => Host::worker(setup).await,
    }
}

impl World {
    pub async fn start(kind: HostKind) -> anyhow::Result<Self> {
        let origin = full_origin().await?;
        let host = start(kind, &Setup::new(&keys().to_json(), &origin)).await?;
        Ok(Self::around(kind, origin, host))
    }

    /// A host of either kind with a cache, cold, and with a clock that can be set.
    pub async fn cached(kind: HostKind) -> anyhow::Result<Self> {
        Self::before(kind, Fill::Whole).await
    }

    /// The same, where the platform's cache is filled in this way.
    pub async fn before(kind: HostKind, fill: Fill) -> anyhow::Result<Self> {
        let origin = full_origin().await?;
        let setup = Setup { platform: Some(fill), ..Setup::new(&keys().to_json(), &origin) };
        let host = start(kind, &setup).await?;
        Ok(Self { cached: true, ..Self::around(kind, origin, host) })
    }

    /// The worker before a platform's cache, with nothing in its own memory at any request.
    pub async fn forgetful() -> anyhow::Result<Self> {
        let origin = full_origin().await?;
        let setup = Setup { forgets: true, ..Setup::new(&keys().to_json(), &origin).cached() };
        let host = Host::worker(&setup).await?;
        Ok(Self { cached: true, ..Self::around(HostKind::Worker, origin, host) })
    }

    /// The worker before a bucket of R2, and before the platform's cache, if any.
    pub async fn r2(platform: Option<Fill>) -> anyhow::Result<Self> {
        let origin = filled(Origin::start_r2().await?)?;
        let setup = Setup { platform, ..Setup::new(&keys().to_json(), &origin) };
        let host = start(HostKind::Worker, &setup).await?;
        Ok(Self { cached: platform.is_some(), ..Self::around(HostKind::Worker, origin, host) })
    }

    /// This host before that origin, whose keys are [`keys`].
    pub fn around(kind: HostKind, origin: Origin, host: Host) -> Self {
        Self {
            kind,
            origin: Arc::new(origin),
            keys: keys(),
            host: Arc::new(host),
            client: Client::default(),
            cached: false,
        }
    }

    /// The same world seen through a host that remembers nothing.
    pub async fn fresh(&self) -> anyhow::Result<Self> {
        let setup = Setup::new(&self.keys.to_json(), &self.origin);
        let setup = if self.cached { setup.cached() } else { setup };
        let host = Arc::new(start(self.kind, &setup).await?);
        let (origin, keys, client) = (Arc::clone(&self.origin), self.keys.clone(), self.client.clone());
        Ok(Self { kind: self.kind, origin, keys, host, client, cached: self.cached })
    }

    pub fn sign(&self, claims: &Claims) -> String {
        sign(claims, &self.keys.keys()[0]).unwrap()
    }

    /// A token for one track, good for ten minutes.
    pub fn token(&self, track: &str) -> String {
        self.sign(&Claims { iat: Some(now()), ..Claims::for_track(track, now() + 600) })
    }

    /// The signed path of a track's file.
    pub fn path(&self, track: &str, file: &str) -> String {
        format!("/~{}/t/{track}/{file}", self.token(track))
    }

    /// The path of a media file of the current version.
    pub fn media(&self, track: &str, rendition: &str, file: &str) -> String {
        self.path(track, &format!("{}/{rendition}/{file}", catalogue::version()))
    }

    /// A request from India.
    pub async fn get(&self, path: &str) -> anyhow::Result<HttpAnswer> {
        self.ask("GET", path, "IN", &[]).await
    }

    /// Where the host listens.
    pub fn address(&self) -> SocketAddr {
        self.host.base().trim_start_matches("http://").parse().unwrap()
    }

    /// Whether what the origin was asked for is what a host with a cache asks: one read, or, of a large part that the
    /// native server did not have, a range of it and the whole behind that.
    pub fn once(&self, reads: usize) -> bool {
        reads == 1 || (self.kind == HostKind::Native && reads == 2)
    }

    /// The header that says so, for another client.
    pub fn indian(&self) -> (&'static str, String) {
        self.host.from_country("IN", None)
    }

    pub async fn ask(
        &self,
        method: &str,
        path: &str,
        country: &str,
        headers: &[(&str, &str)],
    ) -> anyhow::Result<HttpAnswer> {
        let accepts = headers.iter().find(|(name, _)| *name == "accept-encoding").map(|(_, value)| *value);
        let (name, value) = self.host.from_country(country, accepts);
        let mut all = vec![(name, value.as_str())];
        all.extend_from_slice(headers);
        self.client.send(method, &format!("{}{path}", self.host.base()), &all).await
    }

    /// A POST with a body.
    pub async fn post(
        &self,
        path: &str,
        country: &str,
        headers: &[(&str, &str)],
        body: impl Into<bytes::Bytes>,
    ) -> anyhow::Result<HttpAnswer> {
        let (name, value) = self.host.from_country(country, None);
        // workerd ends a connection without a word whose request had a body that it did not read
        let mut all = vec![(name, value.as_str()), ("connection", "close")];
        all.extend_from_slice(headers);
        self.client.send_body("POST", &format!("{}{path}", self.host.base()), &all, body.into()).await
    }

    /// Sets the host's clock so many seconds ahead.
    pub async fn set_clock(&self, ahead: i64) -> anyhow::Result<()> {
        self.host.set_clock(ahead).await
    }

    /// A request from India whose answer is not read yet.
    pub async fn open(&self, path: &str) -> anyhow::Result<http::Response<hyper::body::Incoming>> {
        let (name, value) = self.host.from_country("IN", None);
        self.client.open("GET", &format!("{}{path}", self.host.base()), &[(name, &value)]).await
    }

    /// What the worker wrote to its console since the last look.
    pub async fn console(&self) -> anyhow::Result<Vec<String>> {
        self.host.console().await
    }

    /// The process whose memory holds the worker.
    pub async fn workerd(&self) -> anyhow::Result<u32> {
        self.host.workerd().await
    }

    /// That no origin was asked since the last look, and no cache written: a host's own cache holds nothing but what
    /// an origin gave, and the platform's tells what it wrote.
    pub async fn assert_untouched(&self) -> anyhow::Result<()> {
        assert_eq!(self.read_keys(), [""; 0], "no origin is asked");
        if self.cached && self.kind == HostKind::Worker {
            assert_eq!(self.host.kept().await?, [""; 0], "no cache is written");
        }
        Ok(())
    }

    /// Forgets what the origin was asked and the platform's cache wrote.
    pub async fn reset_counters(&self) -> anyhow::Result<()> {
        self.origin.take_seen();
        if self.cached && self.kind == HostKind::Worker {
            self.host.kept().await?;
        }
        Ok(())
    }

    /// How often the origin was asked for a stored object since the last look.
    pub fn object_reads(&self) -> usize {
        self.read_keys().iter().filter(|key| !MUTABLE.iter().any(|name| key.contains(name))).count()
    }

    /// That the native server counts this sample: its name, labels and value.
    pub fn assert_counted(&self, sample: &str) {
        let text = self.host.metrics();
        let counted = text.lines().any(|line| line == sample);
        assert!(self.kind == HostKind::Worker || counted, "no {sample} in {text}");
    }

    /// What the native server counts of this sample; 0 where it has none.
    pub fn counted(&self, sample: &str) -> u64 {
        let text = self.host.metrics();
        let count = text.lines().find_map(|line| line.strip_prefix(sample)?.strip_prefix(' ')?.parse().ok());
        count.unwrap_or_default()
    }

    /// What the origin was asked for since the last look, object keys alone.
    pub fn read_keys(&self) -> Vec<String> {
        let key = |target: &str| {
            let key = target.strip_prefix("/nada-test/").or_else(|| target.strip_prefix('/'));
            key.unwrap_or(target).to_owned()
        };
        self.origin.take_seen().iter().map(|seen| key(&seen.target)).collect()
    }
}

/// That the answer is the problem of this status and code, and looks like every problem.
#[track_caller]
pub fn assert_problem(answer: &HttpAnswer, status: u16, code: &str) {
    assert_eq!(
        (answer.status.as_u16(), answer.header("content-type").as_str()),
        (status, PROBLEM),
        "{answer:?}"
    );
    let json = answer.json().unwrap();
    schemas::assert_problem(&json);
    assert_eq!((json["code"].as_str(), json["status"].as_u64()), (Some(code), Some(status.into())), "{json}");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("content-length"), answer.body.len().to_string());
}

/// The objects that decisions rest on.
const MUTABLE: [&str; 3] = ["manifest.json", "changes.json", "revocations.json"];
const PROBLEM: &str = "application/problem+json";
