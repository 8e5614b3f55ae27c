//! What clients may take of the server.

use std::time::Duration;

/// Limits that an operator, or a test, may want otherwise. Those of a single request head are fixed:
/// 32 KiB and 100 fields.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections at once. A further one is closed as soon as it is accepted, and counted.
    pub connections: usize,
    /// Connections at once from one IPv4 address or one IPv6 network of 64 bits, likewise. Trusted proxies have as many as
    /// they like: the clients they speak for are not known before a request.
    pub per_address: usize,
    /// How long a request head may take over HTTP/1.1, the pause before it included.
    pub head: Duration,
    /// A connection is ended once this long (at most twice as long) nothing was asked and no answer got on, or answers got
    /// on slower than [`Limits::rate`], whatever else the client does.
    pub stall: Duration,
    /// Bytes a second that a client takes at least, over [`Limits::stall`], while there is something for it to take.
    pub rate: u64,
    /// The hosts that are answered, without port; all where there is none. A server for this machine alone names itself, so
    /// that no page of elsewhere reads it under a name that was made to lead here (DNS rebinding).
    pub hosts: &'static [&'static str],
    /// How long requests in flight may take to finish once the server is told to stop.
    pub grace: Duration,
}

impl Limits {
    /// Whether requests for that `Host` are answered.
    pub(crate) fn admit(&self, authority: &str) -> bool {
        let host = match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => authority,
        };
        self.hosts.is_empty() || self.hosts.iter().any(|known| known.eq_ignore_ascii_case(host))
    }
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
            hosts: &[],
            grace: seconds(10),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_that_are_not_named_are_not_answered() {
        let named = Limits { hosts: &["127.0.0.1", "localhost"], ..Limits::default() };
        for host in ["127.0.0.1", "127.0.0.1:8080", "localhost", "LOCALHOST:1", "localhost:"] {
            assert!(named.admit(host), "{host}");
        }
        for host in [
            "",
            ":8080",
            "evil.example",
            "evil.example:8080",
            "127.0.0.1.evil.example",
            "localhost.evil.example:80",
            "localhost.",
            "evil@localhost",
            "localhost, evil.example",
            "127.0.0.1:8080:80",
            "127.1",
            "[::1]:80",
            "0.0.0.0",
        ] {
            assert!(!named.admit(host), "{host}");
            assert!(Limits::default().admit(host), "{host}");
        }
    }
}
