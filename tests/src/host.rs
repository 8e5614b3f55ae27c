//! The two hosts of the edge, started for a test: the native server in this process, and the built worker in
//! workerd.

use std::{path::PathBuf, process::Stdio, time::Duration};

use anyhow::{Context as _, bail};
use nada_edge::{Config, IpNet, KeySet, sigv4::Credentials};
use nada_edge_server::{CountrySource, Metrics, ServerConfig, TrustedProxies, serve};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    net::TcpListener,
    process::{Child, ChildStdout, Command},
    task::JoinHandle,
    time::timeout,
};

use crate::origin::{ACCESS_KEY, BUCKET, Origin, REGION, SECRET_KEY};

/// The header by which the native server is told a request's country.
const COUNTRY_HEADER: &str = "nada-test-country";
/// How long workerd may take to start on a busy machine.
const START: Duration = Duration::from_secs(60);

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
}

impl Setup {
    /// These keys and this one origin.
    pub fn new(keys: &str, origin: &Origin) -> Self {
        Self { keys: keys.to_owned(), issuer: None, audience: None, endpoints: vec![origin.endpoint()] }
    }

    /// The worker's bindings.
    fn bindings(&self) -> serde_json::Value {
        let mut bindings = serde_json::json!({
            "NADA_KEYS": self.keys,
            "NADA_ORIGINS": self.origins().to_string(),
            "NADA_S3_ACCESS_KEY_ID": ACCESS_KEY,
            "NADA_S3_SECRET_ACCESS_KEY": SECRET_KEY,
        });
        for (name, value) in [("NADA_ISSUER", &self.issuer), ("NADA_AUDIENCE", &self.audience)] {
            if let Some(value) = value {
                bindings[name] = value.as_str().into();
            }
        }
        bindings
    }

    fn origins(&self) -> serde_json::Value {
        let origin = |endpoint| serde_json::json!({ "endpoint": endpoint, "bucket": BUCKET, "region": REGION, "path_style": true });
        self.endpoints.iter().map(origin).collect()
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
    /// `nada-edge-server`, and what it counts.
    Native(JoinHandle<std::io::Result<()>>, Metrics),
    /// The worker in workerd.
    Worker(Box<Runner>),
}

/// `worker/run.mjs`, which ends with its standard input.
#[derive(Debug)]
struct Runner {
    _process: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Drop for Host {
    fn drop(&mut self) {
        if let Running::Native(task, _) = &self.running {
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
        let loopback: IpNet = "127.0.0.1/32".parse()?;
        let metrics = Metrics::default();
        let config = ServerConfig {
            edge: Config {
                keys: KeySet::from_json(&setup.keys).ok(),
                issuer: setup.issuer.clone(),
                audience: setup.audience.clone(),
                version: concat!("nada ", env!("CARGO_PKG_VERSION")).to_owned(),
            },
            origins: serde_json::from_value(setup.origins())?,
            credentials: Credentials {
                access_key: ACCESS_KEY.to_owned(),
                secret_key: SECRET_KEY.to_owned(),
                session_token: None,
            },
            country: CountrySource::Header(COUNTRY_HEADER.parse()?),
            trusted: TrustedProxies(vec![loopback]),
            cache_bytes: 16 * 1024 * 1024,
            metrics: metrics.clone(),
            pages: None,
        };
        let task = tokio::spawn(serve(listener, config, std::future::pending()));
        Ok(Self { port, running: Running::Native(task, metrics) })
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
    pub async fn worker_with(bindings: &serde_json::Value) -> anyhow::Result<Self> {
        Self::start_worker(bindings, false).await
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
        Self::start_worker(&setup.bindings(), record).await
    }

    async fn start_worker(bindings: &serde_json::Value, record: bool) -> anyhow::Result<Self> {
        let tests = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let mut runner = Command::new(tests.join("node_modules/.bin/node"))
            .arg(tests.join("worker/run.mjs"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // not killed when dropped: its standard input closes then, and it ends workerd before itself
            .spawn()
            .context("tests/node_modules/.bin/node does not start; tests/run installs it")?;
        let line = format!("{}\n", serde_json::json!({ "bindings": bindings, "record": record }));
        let stdin = runner.stdin.as_mut().context("the runner has no standard input")?;
        stdin.write_all(line.as_bytes()).await?;
        let stdout = runner.stdout.take().context("the runner has no standard output")?;
        let mut lines = BufReader::new(stdout).lines();
        let ready = timeout(START, lines.next_line()).await.context("workerd took too long to start")??;
        let ready: serde_json::Value =
            serde_json::from_str(&ready.context("the runner ended; its standard error says why")?)?;
        let port = ready["port"].as_u64().and_then(|port| u16::try_from(port).ok());
        let port = port.context("the runner names no port")?;
        Ok(Self { port, running: Running::Worker(Box::new(Runner { _process: runner, lines })) })
    }

    /// What the worker asked of an origin next: `url` and `cf`.
    ///
    /// # Errors
    /// It asked nothing, or is not a recorded worker.
    pub async fn recorded(&mut self) -> anyhow::Result<serde_json::Value> {
        let Running::Worker(runner) = &mut self.running else { bail!("only a worker is recorded") };
        let line = timeout(Duration::from_secs(10), runner.lines.next_line())
            .await
            .context("nothing was recorded")??;
        Ok(serde_json::from_str(&line.context("the runner ended")?)?)
    }

    /// `http://127.0.0.1:PORT`.
    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The native server's metrics, as Prometheus sees them; nothing of the worker.
    pub fn metrics(&self) -> String {
        match &self.running {
            Running::Native(_, metrics) => metrics.text(),
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
