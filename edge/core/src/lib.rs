#![doc = include_str!("../README.md")]

pub mod budget;
pub mod cmcd;
mod code;
mod coding;
mod conditional;
mod credential;
mod decide;
mod freshness;
mod headers;
pub mod known;
pub mod log;
pub mod origin;
mod parsed;
pub mod plan;
pub mod problem;
pub mod race;
pub mod range;
mod render;
pub mod request;
pub mod route;
mod serve;
pub mod sigv4;
pub mod timing;

pub use budget::Budget;
pub use code::Code;
pub use decide::{Pass, admit, decide};
pub use known::{Answer, Fetch, Fetched, Known, Outcome, Read, Slot, Source, Ttl};
pub use log::{LogLine, Point};
pub use origin::{Address, Origin, OriginError};
pub use parsed::Parsed;
pub use plan::{Body, Coding, Decision, Header, OriginHead, Plan, Response, Serve};
pub use problem::{problem, unread};
pub use race::{Asked, Head, Race, Step};
pub use range::ByteRange;
pub use request::{Config, Request, RequestHeaders};
pub use route::{Route, Target, TrackFile};
pub use sigv4::Credentials;
pub use timing::{Cache, Timing};

// what a host needs of the crates below, so that it depends on this one alone
pub use nada_catalog::{Country, ObjectKey, stored::MAX_JSON};
pub use nada_token::{IpNet, KeySet};
