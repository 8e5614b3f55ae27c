#![doc = include_str!("../README.md")]

mod clock;
mod config;
mod fields;
mod host;
mod origins;
mod peer;
mod serve;
mod store;
mod wire;

pub use config::{CACHE_BYTES, CountrySource, Page, PageSource, Pages, ServerConfig, TrustedProxies};
pub use nada_edge::IpNet;
pub use serve::serve;
