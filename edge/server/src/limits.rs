//! What clients may take of the server.

use std::time::Duration;

/// Limits that an operator, or a test, may want otherwise. Those of a single request head are fixed:
/// 32 KiB and 100 fields.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections at once. A further one is closed as soon as it is accepted, and counted.
    pub connections: usize,
    /// How long a request head may take over HTTP/1.1, the pause before it included.
    pub head: Duration,
    /// A connection is ended once this long (at most twice as long) neither a request came nor an answer got on,
    /// whether the client says nothing, reads nothing, or only keeps it open.
    pub stall: Duration,
    /// How long requests in flight may take to finish once the server is told to stop.
    pub grace: Duration,
}

impl Default for Limits {
    /// 4,096 connections, 30 s for a head, 60 s for a stall, 10 s to finish. A slow phone may need most of a minute until
    /// the system's buffers take more of an answer.
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { connections: 4096, head: seconds(30), stall: seconds(60), grace: seconds(10) }
    }
}
