//! How an answer came about: what a player may read in `Server-Timing`, and the log holds.

use crate::{origin_selection::AskReason, plan::Response};

/// What a cache had of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cache {
    /// It was there.
    Hit,
    /// An origin was asked.
    Miss,
    /// An origin was asked, and what it said was not kept, nor may be: the next request asks it again.
    Bypass,
}

impl Cache {
    /// `hit`, `miss` or `bypass`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Miss => "miss",
            Self::Bypass => "bypass",
        }
    }

    /// What Cloudflare's `CF-Cache-Status` says; `None` where it says nothing that is known.
    pub fn of_status(status: Option<&str>) -> Option<Self> {
        match status? {
            "HIT" | "STALE" | "UPDATING" | "REVALIDATED" => Some(Self::Hit),
            "MISS" | "EXPIRED" => Some(Self::Miss),
            "BYPASS" | "DYNAMIC" => Some(Self::Bypass),
            _ => None,
        }
    }
}

/// How an answer came about, as a host measured it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Timing {
    /// What the cache had of the object that is answered with, where one is.
    pub cache: Option<Cache>,
    /// The place in the configured list, from 1, of the origin that gave it; `None` where none was asked.
    pub origin: Option<usize>,
    /// Why it was asked.
    pub asked: Option<AskReason>,
    /// Milliseconds until that origin's answer was there.
    pub origin_ms: Option<u32>,
    /// Milliseconds from the request to the head of the answer. A platform whose clock stands still between
    /// inputs says how long was waited.
    pub total_ms: u32,
}

impl Response {
    /// The same answer with its `Server-Timing` (W3C Server Timing §3).
    #[must_use]
    pub fn timed(mut self, timing: &Timing) -> Self {
        let mut value = String::new();
        if let Some(cache) = timing.cache {
            value.push_str("cache;desc=");
            value.push_str(cache.name());
            value.push_str(", ");
        }
        if let (Some(origin), Some(ms)) = (timing.origin, timing.origin_ms) {
            value.push_str(&format!("origin;desc=\"{origin}\";dur={ms}, "));
        }
        value.push_str(&format!("total;dur={}", timing.total_ms));
        self.headers.push(("server-timing", value));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{code::Code, problem::problem};

    #[test]
    fn a_field_of_metrics() {
        let server_timing =
            |timing| problem(Code::NotFound).timed(&timing).header("server-timing").map(str::to_owned);
        assert_eq!(server_timing(Timing::default()).as_deref(), Some("total;dur=0"));
        let timing = Timing {
            cache: Some(Cache::Miss),
            origin: Some(2),
            origin_ms: Some(40),
            total_ms: 45,
            ..Timing::default()
        };
        assert_eq!(
            server_timing(timing).as_deref(),
            Some("cache;desc=miss, origin;desc=\"2\";dur=40, total;dur=45")
        );
    }

    #[test]
    fn what_the_platform_says_of_its_cache() {
        assert_eq!(Cache::of_status(Some("HIT")), Some(Cache::Hit));
        assert_eq!(Cache::of_status(Some("EXPIRED")), Some(Cache::Miss));
        assert_eq!(Cache::of_status(Some("DYNAMIC")), Some(Cache::Bypass));
        assert_eq!(Cache::of_status(Some("what")), None);
        assert_eq!(Cache::of_status(None), None);
    }
}
