//! `share`: how much of a song one picture or film may show, as people write it.

use nada_catalog::{
    Share,
    share::{MAX_LINES, MAX_SECONDS},
};
use serde::{Deserialize, Deserializer, de::Error};

/// More than a clip is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("share: expected 0 to {most} {what} for one clip, found {found}")]
pub struct ShareError {
    /// `lines` or `seconds`.
    what: &'static str,
    most: u32,
    found: i64,
}

/// Judges how much may be shared: lines of lyrics, and seconds of the song.
///
/// # Errors
/// Below 0, and above [`MAX_LINES`] or [`MAX_SECONDS`]: a slip of the pen or of the unit would give a song away.
///
/// ```
/// use nada_publish::release_toml::share;
///
/// assert_eq!(share(5, 30).unwrap().seconds, 30);
/// assert!(share(5, 30_000).unwrap_err().to_string().contains("0 to 600 seconds"));
/// ```
pub fn share(lines: i64, seconds: i64) -> Result<Share, ShareError> {
    let within = |what, found: i64, most: u32| {
        let number = u32::try_from(found).ok().filter(|number| *number <= most);
        number.ok_or(ShareError { what, most, found })
    };
    Ok(Share { lines: within("lines", lines, MAX_LINES)?, seconds: within("seconds", seconds, MAX_SECONDS)? })
}

/// `{ lines = 5, seconds = 30 }`: what is not stated is 0.
#[derive(Clone, Copy)]
pub(super) struct ShareTable(pub Share);

impl<'de> Deserialize<'de> for ShareTable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields, expecting = "{ lines = 5, seconds = 30 }")]
        struct Table {
            #[serde(default)]
            lines: i64,
            #[serde(default)]
            seconds: i64,
        }
        let Table { lines, seconds } = Table::deserialize(deserializer)?;
        share(lines, seconds).map(Self).map_err(D::Error::custom)
    }
}
