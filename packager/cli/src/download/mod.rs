//! Resources of a presentation by HTTP, for `nada check`.

use std::{io::Read as _, sync::Arc, time::Duration};

use bytes::Bytes;
use flate2::read::GzDecoder;
use futures_util::StreamExt as _;
use http::{HeaderMap, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use nada_packager::check::{Delivery, Fault, Fetch, Fetched, Resolve, Role, Wanted};
use reqwest::Url;
use tokio::runtime::Runtime;

use crate::exit::{Code, failure};

/// Requests under way at once.
const AT_ONCE: usize = 8;
/// The most one request may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Redirects followed for one resource.
const REDIRECTS: usize = 5;

type HttpClient = Client<HttpsConnector<HttpConnector>, Empty<Bytes>>;

/// Fetches by HTTP and HTTPS, and by nothing else.
pub struct Download {
    /// The URL of the entry playlist, as names are written here.
    pub entry: String,
    unreachable: Option<String>,
    runtime: Runtime,
    client: HttpClient,
}

impl Download {
    /// A download of the presentation at `url`, with the operating system's trust store.
    ///
    /// # Errors
    /// It is no URL.
    pub fn new(url: &str) -> anyhow::Result<Self> {
        let entry = Url::parse(url).map_err(|error| failure(Code::Input, format!("{url}: {error}")))?.into();
        let mut roots = rustls::RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let tls =
            rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()?
                .with_root_certificates(roots)
                .with_no_client_auth();
        let connector =
            HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().build();
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Ok(Self { entry, runtime: Runtime::new()?, client, unreachable: None })
    }

    /// Why nobody answered for the entry, if that was so.
    pub fn unreachable(&self) -> Option<&str> {
        self.unreachable.as_deref()
    }
}

impl Fetch for Download {
    fn resolve(&self) -> Resolve {
        resolve
    }

    fn fetch(&mut self, wanted: &[Wanted], give: &mut dyn FnMut(&Wanted, Result<Fetched, Fault>)) {
        let Self { entry, unreachable, runtime, client } = self;
        let client = &*client;
        runtime.block_on(async {
            let fetches = wanted.iter().map(|wanted| async move { (wanted, fetch(client, wanted).await) });
            let mut fetches = futures_util::stream::iter(fetches).buffer_unordered(AT_ONCE);
            while let Some((wanted, given)) = fetches.next().await {
                match &given {
                    Err(Fault::Unreachable(why)) if wanted.name == *entry => *unreachable = Some(why.clone()),
                    _ => {}
                }
                give(wanted, given);
            }
        });
    }
}

/// The URL of `uri` beside `base` (RFC 3986 §5.2).
fn resolve(base: &str, uri: &str) -> Result<String, String> {
    let url = Url::parse(base).and_then(|base| base.join(uri)).map_err(|error| error.to_string())?;
    match url.scheme() {
        "http" | "https" => Ok(url.into()),
        other => Err(format!("{other} is neither http nor https")),
    }
}

async fn fetch(client: &HttpClient, wanted: &Wanted) -> Result<Fetched, Fault> {
    let missing = |error: String| Fault::Missing(error);
    let work = async {
        let mut url = Url::parse(&wanted.name).map_err(|error| missing(error.to_string()))?;
        for redirects in 0..=REDIRECTS {
            let response = request(client, &url, headers(wanted)).await.map_err(Fault::Unreachable)?;
            if !response.status().is_redirection() {
                return answer(wanted, &url, redirects > 0, response).await;
            }
            let location = text(response.headers(), header::LOCATION);
            url = resolve(url.as_str(), &location)
                .ok()
                .and_then(|url| Url::parse(&url).ok())
                .ok_or_else(|| Fault::Outside(format!("{} to \"{location}\"", response.status())))?;
        }
        Err(missing(format!("more than {REDIRECTS} redirects")))
    };
    let late = || Fault::Unreachable(format!("not there within {} s", PATIENCE.as_secs()));
    tokio::time::timeout(PATIENCE, work).await.unwrap_or_else(|_| Err(late()))
}

fn headers(wanted: &Wanted) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if wanted.role == Role::Playlist {
        headers.insert(header::ACCEPT_ENCODING, header::HeaderValue::from_static("gzip"));
    }
    if let Some(range) = wanted.range {
        let last = range.offset.saturating_add(range.length).saturating_sub(1);
        if let Ok(value) = format!("bytes={}-{last}", range.offset).parse() {
            headers.insert(header::RANGE, value);
        }
    }
    headers
}

async fn request(client: &HttpClient, url: &Url, headers: HeaderMap) -> Result<Response<Incoming>, String> {
    let mut request = Request::get(url.as_str()).body(Empty::new()).map_err(|error| error.to_string())?;
    *request.headers_mut() = headers;
    client.request(request).await.map_err(|error| {
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
        format!("{error}{}", cause.unwrap_or_default())
    })
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> String {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

async fn answer(
    wanted: &Wanted,
    url: &Url,
    redirected: bool,
    response: Response<Incoming>,
) -> Result<Fetched, Fault> {
    let (status, headers) = (response.status(), response.headers().clone());
    if !status.is_success() {
        return Err(Fault::Missing(status.to_string()));
    }
    // a server may send all of it where a part was asked for
    let skip = match wanted.range {
        Some(range) if status != StatusCode::PARTIAL_CONTENT => range.offset,
        _ => 0,
    };
    let whole = body(response.into_body(), skip.saturating_add(wanted.limit), wanted.range.is_some()).await?;
    let bytes = usize::try_from(skip).ok().and_then(|skip| whole.get(skip..)).unwrap_or_default();
    let coding = text(&headers, header::CONTENT_ENCODING).to_ascii_lowercase();
    let bytes = match coding.as_str() {
        "" | "identity" => bytes.to_vec(),
        "gzip" => inflate(bytes, wanted.limit)?,
        other => return Err(Fault::Missing(format!("it came in the content coding \"{other}\""))),
    };
    let content_type = text(&headers, header::CONTENT_TYPE).to_ascii_lowercase();
    let delivery = Delivery {
        content_type: content_type.split(';').next().unwrap_or_default().trim().to_owned(),
        compressed: coding == "gzip",
        redirected,
        secure: url.scheme() == "https",
    };
    Ok(Fetched { bytes, delivery: Some(delivery) })
}

/// At most `limit` bytes; more are an error, or left where a part is enough.
async fn body(mut body: Incoming, limit: u64, part: bool) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Fault::Missing(error.to_string()))?;
        let Ok(data) = frame.into_data() else { continue };
        bytes.extend_from_slice(&data);
        if bytes.len() as u64 > limit {
            if !part {
                return Err(Fault::TooLarge(limit));
            }
            bytes.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            break;
        }
    }
    Ok(bytes)
}

fn inflate(bytes: &[u8], limit: u64) -> Result<Vec<u8>, Fault> {
    let mut inflated = Vec::new();
    let read = GzDecoder::new(bytes).take(limit.saturating_add(1)).read_to_end(&mut inflated);
    read.map_err(|error| Fault::Missing(format!("its gzip is broken: {error}")))?;
    if inflated.len() as u64 > limit { Err(Fault::TooLarge(limit)) } else { Ok(inflated) }
}
