//! What a server is told once, when it starts.

use std::{borrow::Cow, fmt, sync::Arc};

use nada_edge::{Config, Credentials, Origin, license::Licenses};

pub use crate::clock::Clock;
pub use crate::peer::{CountrySource, TrustedProxies};
use crate::{limits::Limits, metrics::Metrics};

/// The memory given to immutable objects where nothing else is said: 256 MiB.
pub const CACHE_BYTES: u64 = 256 * 1024 * 1024;

/// Everything a server needs.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// Keys, issuer, audience and version: what decisions depend on.
    pub edge: Config,
    /// The origins, the primary first. One at least.
    pub origins: Vec<Origin>,
    /// The read-only key they are asked with.
    pub credentials: Credentials,
    /// How a request's country is known.
    pub country: CountrySource,
    /// The proxies that are believed when they name a client.
    pub trusted: TrustedProxies,
    /// How many bytes of stored objects are kept in memory; [`CACHE_BYTES`] is a fair choice.
    pub cache_bytes: u64,
    /// What clients may take; `Limits::default()` where nothing else is wanted.
    pub limits: Limits,
    /// What is counted; [`crate::serve_metrics`] shows it. `Metrics::default()` where nobody looks.
    pub metrics: Metrics,
    /// Pages beside the edge's own routes.
    pub pages: Option<Pages>,
    /// What licences of protected tracks are made of; `Licenses::default()` where there are none.
    pub licenses: Licenses,
    /// Where the time comes from. `Clock::default()` is the system's.
    pub clock: Clock,
}

/// Static pages, asked by path for what the edge has nothing at.
#[derive(Clone)]
pub struct Pages(pub Arc<PageSource>);

/// From a raw path to the page there, if there is one.
pub type PageSource = dyn Fn(&str) -> Option<Page> + Send + Sync;

impl fmt::Debug for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pages")
    }
}

/// One static page, answered to GET and HEAD, under an entity tag.
#[derive(Debug, Clone)]
pub struct Page {
    /// Its media type.
    pub media_type: &'static str,
    /// Its other header fields: lowercase name, value.
    pub headers: Vec<(&'static str, String)>,
    /// What it holds.
    pub body: PageBody,
}

/// What a page holds.
#[derive(Debug, Clone)]
pub enum PageBody {
    /// A text, compressed where the client takes that.
    Text(Cow<'static, str>),
    /// A file that is compressed in itself: a picture, a font.
    File(&'static [u8]),
}

impl From<String> for PageBody {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<&'static str> for PageBody {
    fn from(text: &'static str) -> Self {
        Self::Text(text.into())
    }
}
