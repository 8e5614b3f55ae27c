//! `nada serve`: the native edge server.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;
use nada_edge::{Config, Country, Credentials, Origin};
use nada_edge_server::{
    CACHE_BYTES, Clock, CountrySource, IpNet, Limits, Metrics, ServerConfig, TrustedProxies,
};
use nada_pipeline::regular;
use tokio::net::TcpListener;

use crate::{
    bucket::{BucketUrl, EndpointArgs},
    exit::{Code, failure},
    keys::KeyFile,
    licenses::LicenseArgs,
    terminal::print_notice,
};

/// Serve a bucket of releases: the native edge.
#[derive(Args)]
#[command(after_help = "Examples:\n  nada serve --origin s3://releases --country IN\n  \
    nada serve --origin s3://releases --country-header CF-IPCountry --trusted-proxy 10.0.0.0/8\n  \
    infra/terraform staging output -json origins > origins.json\n  \
    nada serve --origins origins.json --country ID\n  \
    nada serve --origin s3://releases --country IN --seed seed.hex --license-servers drm.json")]
pub struct Serve {
    /// The bucket, as s3://name
    #[arg(long, value_name = "BUCKET", required_unless_present = "origins")]
    origin: Option<BucketUrl>,
    /// The bucket and its replicas, the primary first: a JSON file as the worker's NADA_ORIGINS, with endpoint,
    /// bucket and region of each, and, where need be, path_style and near; an endpoint alone is the host name of a
    /// bucket that is read without a signature
    #[arg(long, value_name = "FILE", conflicts_with = "origin")]
    origins: Option<PathBuf>,
    #[command(flatten)]
    endpoint: EndpointArgs,
    /// Where to listen; TLS is a reverse proxy's work
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// Where to show metrics to Prometheus, as /metrics; a port that clients do not reach
    #[arg(long, value_name = "ADDRESS")]
    metrics: Option<SocketAddr>,
    /// The country of every request (ISO 3166-1 alpha-2)
    #[arg(
        long,
        value_name = "CC",
        value_parser = nada_publish::release_toml::territory,
        conflicts_with = "country_header",
        required_unless_present = "country_header"
    )]
    country: Option<nada_catalog::TerritoryCode>,
    /// The header in which a trusted proxy says the country
    #[arg(long, value_name = "NAME", requires = "trusted_proxies")]
    country_header: Option<http::HeaderName>,
    /// Proxies that are believed about country, client address and, in X-Forwarded-Proto, TLS
    #[arg(long = "trusted-proxy", value_name = "CIDR")]
    trusted_proxies: Vec<IpNet>,
    /// Answer requests for tracks that came without TLS, too, whose tokens everybody on the way can read; without a
    /// trusted proxy a server that only this machine can reach always does
    #[arg(long)]
    plain_http: bool,
    /// Issuer that a token must name
    #[arg(long, value_name = "ISSUER")]
    issuer: Option<String>,
    /// Audience that a token must name
    #[arg(long, value_name = "AUDIENCE")]
    audience: Option<String>,
    /// Memory for stored objects, in MiB; while much is being sent at once, the whole takes up to 256 more
    #[arg(long, default_value_t = CACHE_BYTES >> 20, value_parser = clap::value_parser!(u64).range(1..1 << 30), value_name = "MIB")]
    memory: u64,
    /// Connections at once; further ones are closed
    #[arg(long, default_value_t = Limits::default().connections, value_name = "N")]
    connections: usize,
    /// Connections at once from one address, or one IPv6 network of 64 bits; trusted proxies have no limit
    #[arg(long, default_value_t = Limits::default().per_address, value_name = "N")]
    connections_per_address: usize,
    /// How long requests in flight may take to finish after SIGTERM or Ctrl-C
    #[arg(long, default_value = "10s", value_parser = humantime::parse_duration, value_name = "TIME")]
    grace: Duration,
    #[command(flatten)]
    keys: KeyFile,
    #[command(flatten)]
    licenses: LicenseArgs,
}

impl Serve {
    /// Serves until Ctrl-C or SIGTERM.
    pub async fn run(self) -> anyhow::Result<()> {
        let metrics = Metrics::default();
        let _log = crate::log::json_to_stdout(metrics.clone());
        let keys = self.keys.read_silently()?;
        let licenses = self.licenses.open()?;
        // each connection is a file; many systems start a program with 1,024 where it may have more
        let files = rlimit::increase_nofile_limit(u64::MAX).unwrap_or_default();
        if files < self.connections as u64 {
            print_notice!(
                "nada: this system lets a program open {files} files, fewer than --connections {}",
                self.connections
            );
        }
        let listener = bound(self.listen, "--listen").await?;
        if let Some(address) = self.metrics {
            let listener = bound(address, "--metrics").await?;
            print_notice!("nada: metrics on http://{}/metrics", listener.local_addr()?);
            tokio::spawn(nada_edge_server::serve_metrics(listener, metrics.clone()));
        }
        let listed = self.origins.as_deref().map(listed).transpose()?.unwrap_or_default();
        let mut endpoint = self.endpoint.clone();
        // a region that is known spares the chain a search for one
        let signed = listed.iter().find(|origin| origin.is_signed());
        endpoint.region = endpoint.region.or_else(|| signed.map(|signed| signed.region().to_owned()));
        let (credentials, region) = if signed.is_some() || self.origin.is_some() {
            endpoint.key().await?
        } else {
            (Credentials { access_key: String::new(), secret_key: String::new(), session_token: None }, None)
        };
        let origins = match &self.origin {
            Some(bucket) => vec![origin(bucket, endpoint.endpoint_url.as_deref(), region)?],
            None => listed,
        };
        let plain_http =
            self.plain_http || (self.listen.ip().is_loopback() && self.trusted_proxies.is_empty());
        if !plain_http && self.trusted_proxies.is_empty() {
            print_notice!(
                "nada: tracks are refused to everybody: no --trusted-proxy says that a request came by TLS, and \
                 --plain-http is not given"
            );
        }
        let country = match (self.country, self.country_header) {
            (_, Some(header)) => CountrySource::Header(header),
            (Some(code), None) => CountrySource::Fixed(Country::from_code(&code.to_string())),
            (None, None) => CountrySource::Fixed(Country::Unknown),
        };
        let config = ServerConfig {
            edge: Config {
                keys: Some(keys),
                issuer: self.issuer,
                audience: self.audience,
                plain_http,
                version: concat!("nada ", env!("CARGO_PKG_VERSION")).to_owned(),
            },
            origins,
            credentials,
            country,
            trusted: TrustedProxies(self.trusted_proxies),
            cache_bytes: self.memory << 20,
            limits: Limits {
                connections: self.connections,
                per_address: self.connections_per_address,
                grace: self.grace,
                ..Limits::default()
            },
            metrics,
            licenses,
            pages: None,
            clock: Clock::default(),
        };
        let served: Vec<_> = (config.origins.iter())
            .map(|origin| match origin.is_signed() {
                true => format!("s3://{}", origin.bucket()),
                false => origin.to_string(),
            })
            .collect();
        print_notice!("nada: serving {} on http://{}", served.join(", "), listener.local_addr()?);
        // the first line is for programs that wait for the address
        self.keys.warn_of_others();
        self.licenses.warn_of_others();
        nada_edge_server::serve(listener, config, crate::signal::stopped()).await?;
        Ok(())
    }
}

/// One bucket, at this endpoint or at S3 itself.
fn origin(bucket: &BucketUrl, endpoint: Option<&str>, region: Option<String>) -> anyhow::Result<Origin> {
    let region = match (region, endpoint) {
        (Some(region), _) => region,
        (None, Some(_)) => "us-east-1".to_owned(),
        (None, None) => {
            return Err(failure(Code::Input, "no region: name one with --region or AWS_REGION"));
        }
    };
    let s3 = format!("https://s3.{region}.amazonaws.com");
    Origin::new(endpoint.unwrap_or(&s3), &bucket.0, &region, endpoint.is_some())
        .map_err(|error| failure(Code::Input, format!("--origin: {error}")))
}

/// A larger file lists no origins, in bytes: 1 MiB.
const ORIGINS_BYTES: u64 = 1 << 20;

/// The origins that a file lists.
fn listed(file: &Path) -> anyhow::Result<Vec<Origin>> {
    let wrong = |why: String| failure(Code::Input, format!("--origins: {}: {why}", file.display()));
    let text = regular::read_text(file, ORIGINS_BYTES).map_err(|error| wrong(error.to_string()))?;
    let origins: Vec<Origin> = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    if origins.is_empty() {
        return Err(wrong("no origin in the list".to_owned()));
    }
    Ok(origins)
}

async fn bound(address: SocketAddr, option: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        failure(Code::Unavailable, format!("{address}: {error}: choose another with {option}"))
    })
}
