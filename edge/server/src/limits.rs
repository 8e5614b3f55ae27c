//! What clients may take of the server.

use std::time::Duration;

/// Limits that an operator, or a test, may want otherwise. Those of a single request head are fixed:
/// 32 KiB and 100 fields.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections at once. A further one is closed as soon as it is accepted, and counted.
    pub connections: usize,
    /// Connections at once from one IPv4 address or one IPv6 network of 64 bits, likewise. Trusted proxies have as many as
    /// they like: whom they speak for is not known before a request.
    pub per_address: usize,
    /// How long a request head may take over HTTP/1.1, the pause before it included.
    pub head: Duration,
    /// A connection is ended once this long (at most twice as long) nothing was asked and no answer got on, or answers got
    /// on slower than [`Limits::rate`], whatever else the client does.
    pub stall: Duration,
    /// Bytes a second that a client takes at least, over [`Limits::stall`], while there is something for it to take.
    pub rate: u64,
    /// How long requests in flight may take to finish once the server is told to stop.
    pub grace: Duration,
}

impl Default for Limits {
    /// 4,096 connections, 256 from one address; 30 s for a head, 60 s for a stall, 1 KiB/s, a third of what the leanest
    /// rendition takes; 10 s to finish. Many phones may share one IPv4 address, and a slow one may need most of a minute
    /// until the system's buffers take more of an answer.
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            connections: 4096,
            per_address: 256,
            head: seconds(30),
            stall: seconds(60),
            rate: 1024,
            grace: seconds(10),
        }
    }
}
