//! The one place where this crate asks what time it is.

use std::{fmt, sync::Arc, time::SystemTime};

use jiff::Timestamp;

/// Where a server takes the time from that decisions are made by and requests are signed with: the system's clock by
/// default.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// A clock that shows what `now` says.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// What it shows.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

/// The system's. A clock set before 1970 or after 9999 reads as 1970, when no token is valid.
impl Default for Clock {
    fn default() -> Self {
        Self::new(|| {
            let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            let millis = i64::try_from(since.as_millis()).unwrap_or(0);
            Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH)
        })
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}
