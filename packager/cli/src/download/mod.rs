//! Resources of a presentation by HTTP, for `nada check`: bounded in bytes, time and addresses.

mod address;
mod bounds;
mod connect;

use std::{io::Read as _, time::Duration};

use flate2::read::GzDecoder;
use futures_util::StreamExt as _;
use http::{HeaderMap, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use nada_check::{Delivery, Fetch, FetchError, Fetched, Resolve, Role, Wanted};
use tokio::{runtime::Runtime, time::Instant};
use url::Url;

pub use bounds::{Bounds, Bytes, Spent};

use crate::{
    exit::{Code, failure},
    tls,
};
use bounds::Account;
use connect::Connect;

/// Requests under way at once.
const AT_ONCE: usize = 8;
/// The most one request may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Redirects followed for one resource.
const REDIRECTS: usize = 5;

type HttpClient = Client<HttpsConnector<Connect>, Empty<bytes::Bytes>>;

/// Fetches by HTTP and HTTPS, and by nothing else.
pub struct Download {
    /// The URL of the entry playlist, as names are written here.
    pub entry: String,
    unreachable: Option<String>,
    runtime: Runtime,
    client: HttpClient,
    account: Account,
}

impl Download {
    /// A download of the presentation at `url`, with the operating system's trust store.
    ///
    /// # Errors
    /// It is no URL.
    pub fn new(url: &str, bounds: &Bounds) -> anyhow::Result<Self> {
        let entry = Url::parse(url).map_err(|error| failure(Code::Input, format!("{url}: {error}")))?.into();
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls::client_config()?)
            .https_or_http()
            .enable_http1()
            .wrap_connector(Connect::new(bounds.allow_private));
        let client = Client::builder(TokioExecutor::new()).build(connector);
        let account = Account::new(bounds);
        Ok(Self { entry, runtime: Runtime::new()?, client, account, unreachable: None })
    }

    /// Why nobody answered for the entry, if that was so.
    pub fn unreachable(&self) -> Option<&str> {
        self.unreachable.as_deref()
    }

    /// What ended the reading early, if that was so.
    pub fn spent(&self) -> Option<Spent> {
        self.account.spent()
    }
}

impl Fetch for Download {
    fn resolve(&self) -> Resolve {
        resolve
    }

    fn fetch(&mut self, wanted: &[Wanted], give: &mut dyn FnMut(&Wanted, Result<Fetched, FetchError>)) {
        let Self { entry, unreachable, runtime, client, account } = self;
        let (client, account) = (&*client, &*account);
        runtime.block_on(async {
            let fetches =
                wanted.iter().map(|wanted| async move { (wanted, fetch(client, account, wanted).await) });
            let mut fetches = futures_util::stream::iter(fetches).buffer_unordered(AT_ONCE);
            while let Some((wanted, given)) = fetches.next().await {
                match &given {
                    Err(FetchError::Unreachable(why)) if wanted.name == *entry => {
                        *unreachable = Some(why.clone())
                    }
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

async fn fetch(client: &HttpClient, account: &Account, wanted: &Wanted) -> Result<Fetched, FetchError> {
    let missing = |error: String| FetchError::Missing(error);
    let work = async {
        let mut url = Url::parse(&wanted.name).map_err(|error| missing(error.to_string()))?;
        for redirects in 0..=REDIRECTS {
            let response = request(client, &url, headers(wanted)).await?;
            if !response.status().is_redirection() {
                return answer(wanted, account, &url, redirects > 0, response).await;
            }
            let location = text(response.headers(), header::LOCATION);
            url = resolve(url.as_str(), &location)
                .ok()
                .and_then(|url| Url::parse(&url).ok())
                .ok_or_else(|| FetchError::Outside(format!("{} to \"{location}\"", response.status())))?;
        }
        Err(missing(format!("more than {REDIRECTS} redirects")))
    };
    account.check().map_err(|spent| FetchError::Spent(spent.to_string()))?;
    let ours = Instant::now() + PATIENCE;
    tokio::time::timeout_at(ours.min(account.until()), work).await.unwrap_or_else(|_| {
        account.check().map_err(|spent| FetchError::Spent(spent.to_string()))?;
        Err(FetchError::Unreachable(format!("not there within {} s", PATIENCE.as_secs())))
    })
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

async fn request(
    client: &HttpClient,
    url: &Url,
    headers: HeaderMap,
) -> Result<Response<Incoming>, FetchError> {
    let mut request = Request::get(url.as_str())
        .body(Empty::new())
        .map_err(|error| FetchError::Unreachable(error.to_string()))?;
    *request.headers_mut() = headers;
    client.request(request).await.map_err(|error| {
        if let Some(refused) = connect::refused(&error) {
            return FetchError::Outside(refused);
        }
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
        FetchError::Unreachable(format!("{error}{}", cause.unwrap_or_default()))
    })
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> String {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

async fn answer(
    wanted: &Wanted,
    account: &Account,
    url: &Url,
    redirected: bool,
    response: Response<Incoming>,
) -> Result<Fetched, FetchError> {
    let (status, headers) = (response.status(), response.headers().clone());
    if !status.is_success() {
        return Err(FetchError::Missing(status.to_string()));
    }
    // a server may send all of it where a part was asked for
    let skip = match wanted.range {
        Some(range) if status != StatusCode::PARTIAL_CONTENT => range.offset,
        _ => 0,
    };
    let most = skip.saturating_add(wanted.limit);
    let whole = body(response.into_body(), account, skip, most, wanted.range.is_some()).await?;
    let coding = text(&headers, header::CONTENT_ENCODING).to_ascii_lowercase();
    let bytes = match coding.as_str() {
        "" | "identity" => whole,
        "gzip" => {
            let inflated = inflate(&whole, wanted.limit)?;
            account.take(inflated.len() as u64).map_err(|spent| FetchError::Spent(spent.to_string()))?;
            inflated
        }
        other => return Err(FetchError::Missing(format!("it came in the content coding \"{other}\""))),
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

/// What comes after the first `skip` bytes and before `limit`; more are an error, or left where a part is enough.
async fn body(
    mut body: Incoming,
    account: &Account,
    skip: u64,
    limit: u64,
    part: bool,
) -> Result<Vec<u8>, FetchError> {
    let (mut bytes, mut read) = (Vec::new(), 0_u64);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| FetchError::Missing(error.to_string()))?;
        let Ok(data) = frame.into_data() else { continue };
        account.take(data.len() as u64).map_err(|spent| FetchError::Spent(spent.to_string()))?;
        let unwanted = usize::try_from(skip.saturating_sub(read)).unwrap_or(usize::MAX);
        bytes.extend_from_slice(data.get(unwanted..).unwrap_or_default());
        read = read.saturating_add(data.len() as u64);
        if read > limit {
            if !part {
                return Err(FetchError::TooLarge(limit));
            }
            bytes.truncate(usize::try_from(limit - skip).unwrap_or(usize::MAX));
            break;
        }
    }
    Ok(bytes)
}

fn inflate(bytes: &[u8], limit: u64) -> Result<Vec<u8>, FetchError> {
    let mut inflated = Vec::new();
    let read = GzDecoder::new(bytes).take(limit.saturating_add(1)).read_to_end(&mut inflated);
    read.map_err(|error| FetchError::Missing(format!("its gzip is broken: {error}")))?;
    if inflated.len() as u64 > limit { Err(FetchError::TooLarge(limit)) } else { Ok(inflated) }
}
