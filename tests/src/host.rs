//! The two hosts of the edge, started for a test: the native server in this process, and the built worker in
//! workerd.

use std::{
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, bail};
use jiff::SignedDuration;
use nada_edge::{
    Config, IpNet, KeySet,
    license::{DerivedKeys, LicenseServers, Licenses, Seed},
    sigv4::Credentials,
};
use nada_edge_server::{Clock, CountrySource, Limits, Metrics, ServerConfig, TrustedProxies, serve};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    net::TcpListener,
    process::{Child, ChildStdout, Command},
    sync::Mutex,
    task::JoinHandle,
    time::timeout,
};

use crate::origin::{ACCESS_KEY, BUCKET, Origin, REGION, SECRET_KEY};

/// The header by which the native server is told a request's country.
const COUNTRY_HEADER: &str = "nada-test-country";
/// How long workerd may take to start on a busy machine.
const START: Duration = Duration::from_secs(60);

/// What a platform's cache reads of an immutable object that a range is asked of and that it does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fill {
    /// All of it.
    Whole,
    /// The aligned pieces of 1 MiB that hold the range: Cloudflare's Origin Range Requests.
    Pieces,
}

impl Fill {
    fn name(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Pieces => "pieces",
        }
    }
}

/// What both hosts are configured with.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The JWK Set, as text.
    pub keys: String,
    /// `iss` that tokens must have.
    pub issuer: Option<String>,
    /// `aud` that tokens must name.
    pub audience: Option<String>,
    /// The endpoints, the primary first.
    pub endpoints: Vec<String>,
    /// Whether they are host names of buckets of R2, which are asked without a signature.
    pub r2: bool,
    /// Whether what comes without TLS is answered, as all requests of the suites are.
    pub plain_http: bool,
    /// Whose word on country and client the native server takes.
    pub proxies: Vec<IpNet>,
    /// Whether the worker stands before a platform's cache, which is filled in this way, and under a clock that
    /// [`Host::set_clock`] sets. The native server has a cache of its own, and its clock can always be set.
    pub platform: Option<Fill>,
    /// Whether the worker, under such a clock, remembers nothing from one request to the next.
    pub forgets: bool,
    /// What the native server lets clients take.
    pub limits: Limits,
    /// What licences are made of. The worker is then the one that answers licence requests.
    pub licenses: Option<LicenseSetup>,
}

/// What licences of protected tracks are made of.
#[derive(Debug, Clone)]
pub struct LicenseSetup {
    /// The seed, as text.
    pub seed: String,
    /// The licence servers, as JSON.
    pub servers: String,
}

impl Setup {
    /// These keys and this one origin.
    pub fn new(keys: &str, origin: &Origin) -> Self {
        let loopback = IpNet::from(IpAddr::from(Ipv4Addr::LOCALHOST));
        Self {
            keys: keys.to_owned(),
            issuer: None,
            audience: None,
            endpoints: vec![origin.endpoint()],
            r2: origin.is_r2(),
            plain_http: true,
            proxies: vec![loopback],
            platform: None,
            forgets: false,
            limits: Limits::default(),
            licenses: None,
        }
    }

    /// The same behind a platform's cache.
    #[must_use]
    pub fn cached(self) -> Self {
        Self { platform: Some(Fill::Whole), ..self }
    }

    /// The worker's bindings.
    fn bindings(&self) -> Value {
        let mut bindings =
            serde_json::json!({ "NADA_KEYS": self.keys, "NADA_ORIGINS": self.origins().to_string() });
        let signed = |text: &'static str| (!self.r2).then_some(text);
        for (name, value) in [
            ("NADA_S3_ACCESS_KEY_ID", signed(ACCESS_KEY)),
            ("NADA_S3_SECRET_ACCESS_KEY", signed(SECRET_KEY)),
            ("NADA_ISSUER", self.issuer.as_deref()),
            ("NADA_AUDIENCE", self.audience.as_deref()),
            ("NADA_PLAIN_HTTP", self.plain_http.then_some("answered")),
            ("NADA_TEST_FORGETS", self.forgets.then_some("all")),
            ("NADA_SEED", self.licenses.as_ref().map(|licenses| licenses.seed.as_str())),
            ("NADA_LICENSE_SERVERS", self.licenses.as_ref().map(|licenses| licenses.servers.as_str())),
        ] {
            if let Some(value) = value {
                bindings[name] = value.into();
            }
        }
        bindings
    }

    fn origins(&self) -> Value {
        let origin = |endpoint| match self.r2 {
            true => serde_json::json!({ "endpoint": endpoint }),
            false => {
                serde_json::json!({ "endpoint": endpoint, "bucket": BUCKET, "region": REGION, "path_style": true })
            }
        };
        self.endpoints.iter().map(origin).collect()
    }
}

impl LicenseSetup {
    fn parsed(&self) -> anyhow::Result<Licenses> {
        let keys = Some(DerivedKeys::new(Seed::parse(&self.seed)?));
        Ok(Licenses { keys, servers: LicenseServers::from_json(&self.servers)? })
    }
}

/// A running host; it ends when dropped.
#[derive(Debug)]
pub struct Host {
    port: u16,
    running: Running,
}

#[derive(Debug)]
enum Running {
    /// `nada-edge-server`, how many seconds its clock is ahead, and what it counts.
    Native(JoinHandle<std::io::Result<()>>, Arc<AtomicI64>, Box<Metrics>),
    /// The worker in workerd.
    Worker(Box<Mutex<Runner>>),
}

/// `worker/run.mjs`, which ends with its standard input.
#[derive(Debug)]
struct Runner {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Runner {
    async fn say(&mut self, line: &Value) -> anyhow::Result<()> {
        let stdin = self.process.stdin.as_mut().context("the runner has no standard input")?;
        Ok(stdin.write_all(format!("{line}\n").as_bytes()).await?)
    }

    async fn read_line(&mut self, within: Duration) -> anyhow::Result<Value> {
        let line = timeout(within, self.lines.next_line()).await.context("the runner says nothing")??;
        Ok(serde_json::from_str(&line.context("the runner ended; its standard error says why")?)?)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        if let Running::Native(task, ..) = &self.running {
            task.abort();
        }
    }
}

impl Host {
    /// Starts the native server.
    ///
    /// # Errors
    /// Its configuration does not work, or there is no port.
    pub async fn native(setup: &Setup) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let ahead = Arc::new(AtomicI64::default());
        let offset = Arc::clone(&ahead);
        let clock = Clock::new(move || {
            Clock::default().now() + SignedDuration::from_secs(offset.load(Ordering::SeqCst))
        });
        let metrics = Metrics::default();
        let config = ServerConfig {
            edge: Config {
                keys: KeySet::from_json(&setup.keys).ok(),
                issuer: setup.issuer.clone(),
                audience: setup.audience.clone(),
                plain_http: setup.plain_http,
                version: concat!("nada ", env!("CARGO_PKG_VERSION")).to_owned(),
            },
            origins: serde_json::from_value(setup.origins())?,
            credentials: Credentials {
                access_key: ACCESS_KEY.to_owned(),
                secret_key: SECRET_KEY.to_owned(),
                session_token: None,
            },
            country: CountrySource::Header(COUNTRY_HEADER.parse()?),
            trusted: TrustedProxies(setup.proxies.clone()),
            cache_bytes: 16 * 1024 * 1024,
            limits: setup.limits.clone(),
            metrics: metrics.clone(),
            licenses: setup.licenses.as_ref().map(LicenseSetup::parsed).transpose()?.unwrap_or_default(),
            pages: None,
            clock,
        };
        let task = tokio::spawn(serve(listener, config, std::future::pending()));
        Ok(Self { port, running: Running::Native(task, ahead, Box::new(metrics)) })
    }

    /// Starts the built worker in workerd.
    ///
    /// # Errors
    /// The worker is not built, Node 22 or miniflare are missing, or workerd does not start.
    pub async fn worker(setup: &Setup) -> anyhow::Result<Self> {
        Self::run_worker(setup, false).await
    }

    /// Starts the built worker with these bindings.
    ///
    /// # Errors
    /// As [`Host::worker`].
    pub async fn worker_with(bindings: &Value) -> anyhow::Result<Self> {
        Self::start_worker(bindings, false, None, "media").await
    }

    /// Starts the built worker, and a record of the `cf` object of every request it sends to an origin:
    /// [`Host::recorded`].
    ///
    /// # Errors
    /// As [`Host::worker`].
    pub async fn recorded_worker(setup: &Setup) -> anyhow::Result<Self> {
        Self::run_worker(setup, true).await
    }

    async fn run_worker(setup: &Setup, record: bool) -> anyhow::Result<Self> {
        let worker = if setup.licenses.is_some() { "license" } else { "media" };
        Self::start_worker(&setup.bindings(), record, setup.platform, worker).await
    }

    async fn start_worker(
        bindings: &Value,
        record: bool,
        platform: Option<Fill>,
        worker: &str,
    ) -> anyhow::Result<Self> {
        let tests = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let mut process = Command::new(tests.join("node_modules/.bin/node"))
            .arg(tests.join("worker/run.mjs"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // not killed when dropped: its standard input closes then, and it ends workerd before itself
            .spawn()
            .context("tests/node_modules/.bin/node does not start; tests/run installs it")?;
        let stdout = process.stdout.take().context("the runner has no standard output")?;
        let mut runner = Runner { process, lines: BufReader::new(stdout).lines() };
        runner
            .say(&serde_json::json!({ "bindings": bindings, "record": record, "platform": platform.map(Fill::name), "worker": worker }))
            .await?;
        let ready = runner.read_line(START).await.context("workerd did not start")?;
        let port = ready["port"].as_u64().and_then(|port| u16::try_from(port).ok());
        let port = port.context("the runner names no port")?;
        Ok(Self { port, running: Running::Worker(Box::new(Mutex::new(runner))) })
    }

    /// Sets the clock of the host so many seconds ahead of this machine's.
    ///
    /// # Errors
    /// A worker that was started without [`Setup::cached`].
    pub async fn set_clock(&self, ahead: i64) -> anyhow::Result<()> {
        match &self.running {
            Running::Native(_, offset, _) => offset.store(ahead, Ordering::SeqCst),
            Running::Worker(_) => {
                let set = self.ask(&serde_json::json!({ "clock": ahead })).await?;
                anyhow::ensure!(set["clock"] == ahead, "{set}");
            }
        }
        Ok(())
    }

    /// What the worker wrote to its console since the last time.
    ///
    /// # Errors
    /// This is no worker, or it has ended.
    pub async fn console(&self) -> anyhow::Result<Vec<String>> {
        let reply = self.ask(&serde_json::json!({ "take": "console" })).await?;
        Ok(serde_json::from_value(reply["console"].clone())?)
    }

    /// The URLs of what the platform's cache wrote since the last time.
    ///
    /// # Errors
    /// This is no worker, or it has ended.
    pub async fn kept(&self) -> anyhow::Result<Vec<String>> {
        let reply = self.ask(&serde_json::json!({ "take": "kept" })).await?;
        Ok(serde_json::from_value(reply["kept"].clone())?)
    }

    async fn ask(&self, line: &Value) -> anyhow::Result<Value> {
        let Running::Worker(runner) = &self.running else { bail!("only a worker has a runner") };
        let mut runner = runner.lock().await;
        runner.say(line).await?;
        runner.read_line(Duration::from_secs(20)).await
    }

    /// The process of workerd, from which `/proc` tells what it holds.
    ///
    /// # Errors
    /// This is no worker, or it has ended.
    pub async fn workerd(&self) -> anyhow::Result<u32> {
        let Running::Worker(runner) = &self.running else { bail!("only a worker runs in workerd") };
        let node = runner.lock().await.process.id().context("the runner ended")?;
        for process in std::fs::read_dir("/proc")? {
            let name = process?.file_name();
            let Some(id) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
            // it may have ended since
            let Ok(status) = std::fs::read_to_string(format!("/proc/{id}/status")) else { continue };
            let field = |name: &str| Some(status.lines().find_map(|line| line.strip_prefix(name))?.trim());
            if field("Name:") == Some("workerd") && field("PPid:") == Some(&node.to_string()) {
                return Ok(id);
            }
        }
        bail!("the runner has no workerd")
    }

    /// What the worker asked of an origin next: `url` and `cf`.
    ///
    /// # Errors
    /// It asked nothing, or is not a recorded worker.
    pub async fn recorded(&self) -> anyhow::Result<Value> {
        let Running::Worker(runner) = &self.running else { bail!("only a worker is recorded") };
        runner.lock().await.read_line(Duration::from_secs(10)).await.context("nothing was recorded")
    }

    /// `http://127.0.0.1:PORT`.
    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The native server's metrics, as Prometheus sees them; nothing of the worker.
    pub fn metrics(&self) -> String {
        match &self.running {
            Running::Native(.., metrics) => metrics.text(),
            Running::Worker(_) => String::new(),
        }
    }

    /// The header that makes a request come from `country`. To the worker it is part of what Cloudflare tells of a
    /// client, among which is the `Accept-Encoding` that the client sent: the platform replaces the header itself.
    pub fn from_country(&self, country: &str, accept_encoding: Option<&str>) -> (&'static str, String) {
        match &self.running {
            Running::Native(..) => (COUNTRY_HEADER, country.to_owned()),
            Running::Worker(_) => {
                let accepts = accept_encoding.unwrap_or_default();
                let cf =
                    serde_json::json!({ "country": country, "colo": "CGK", "clientAcceptEncoding": accepts });
                ("MF-CF-Blob", cf.to_string())
            }
        }
    }
}
