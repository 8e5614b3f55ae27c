#![doc = include_str!("../README.md")]
#![warn(clippy::wildcard_enum_match_arm)]

pub mod budget;
pub mod cmcd;
mod code;
mod coding;
mod conditional;
mod credential;
mod decide;
mod drive;
mod freshness;
mod headers;
#[cfg(feature = "license")]
pub mod license;
pub mod log;
mod media;
mod memory;
pub mod origin;
pub mod origin_selection;
pub mod plan;
pub mod problem;
pub mod range;
pub mod read;
pub mod read_so_far;
mod render;
pub mod request;
pub mod route;
mod serve;
pub mod sigv4;
pub mod timing;

pub use budget::Budget;
pub use code::Code;
pub use decide::{Admitted, admit};
pub use drive::{MutableObjects, OriginReads, Platform, ReadEvent, Taken};
pub use log::{LogLine, Point};
pub use media::Media;
pub use memory::Memory;
pub use origin::{Address, Origin, OriginError};
pub use origin_selection::{AnswerHead, AskReason, OriginSelection, Step};
pub use plan::{Body, Coding, Decision, Header, Plan, Response, Serve};
pub use problem::{problem, unread};
pub use range::ByteRange;
pub use read::{Extent, Fetch, Read, Source, Ttl};
pub use read_so_far::{Fetched, ReadAnswer, ReadOutcome, ReadSoFar};
pub use render::{page, page_file};
pub use request::{Config, Request, RequestHeaders};
pub use route::{Route, Target, TrackFile};
pub use sigv4::Credentials;
pub use timing::{Cache, Timing};

// what a host needs of the crates below, so that it depends on this one alone
pub use nada_catalog::{Country, ObjectKey, stored::MAX_JSON};
pub use nada_token::{IpNet, KeySet};
