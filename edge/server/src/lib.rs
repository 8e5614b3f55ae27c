#![doc = include_str!("../README.md")]
#![warn(clippy::wildcard_enum_match_arm)]

mod access;
mod addresses;
mod clock;
mod config;
mod fields;
mod forwarded;
mod gzip;
mod host;
mod joined;
mod license;
mod license_servers;
mod limits;
mod memory;
mod metrics;
mod object_cache;
mod origin_answer;
mod origins;
mod peer;
mod serve;
mod stream;
mod traffic;
mod wire;

pub use config::{
    CACHE_BYTES, Clock, CountrySource, Page, PageBody, PageSource, Pages, ServerConfig, TrustedProxies,
};
pub use limits::Limits;
pub use metrics::{Metrics, serve_metrics};
pub use nada_edge::{IpNet, license::Licenses};
pub use serve::serve;
