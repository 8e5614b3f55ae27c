//! The keys of the format, each of which a mapping has once.

use crate::{Error, position::FilePosition};

/// Those of words and lines first, which are by far the most.
const KEYS: [&str; 16] = [
    "text",
    "start_ms",
    "end_ms",
    "words",
    "lines",
    "metadata",
    "plain",
    "version",
    "lyricsfile",
    "title",
    "artist",
    "album",
    "language",
    "duration_ms",
    "instrumental",
    "offset_ms",
];

/// Whether a line begins with one of them, perhaps as the first of an entry of a list.
pub(crate) fn is_key(line: &str) -> bool {
    let line = line.strip_prefix("- ").unwrap_or(line).trim_start();
    line.split_once(':').is_some_and(|(key, _)| KEYS.contains(&key.trim_matches(['"', '\''])))
}

/// The keys of a mapping that were read already.
#[derive(Default)]
pub(super) struct SeenKeys(u16);

impl SeenKeys {
    /// Refuses a key of the format that was seen before; keys that the format does not have may repeat.
    pub(super) fn add(&mut self, key: &str, at: FilePosition) -> Result<(), Error> {
        let Some(bit) = KEYS.iter().position(|known| *known == key).map(|i| 1 << i) else { return Ok(()) };
        if self.0 & bit != 0 {
            return Err(at.error("each key once in a mapping", key));
        }
        self.0 |= bit;
        Ok(())
    }
}
