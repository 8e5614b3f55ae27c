//! The one place where this crate asks what time it is.

use std::time::SystemTime;

use jiff::Timestamp;

/// Now. A clock set before 1970 or after 9999 reads as 1970, when no token is valid.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let millis = i64::try_from(since.as_millis()).unwrap_or(0);
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH)
}
