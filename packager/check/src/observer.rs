//! What publishing checks with: it sees every file as it is made, and needs no second look.

use std::collections::BTreeMap;

use super::{
    finding::Finding,
    folder,
    gather::{Check, FetchError, Fetched, Role},
    inspect::Inspected,
    playlist::PLAYLIST_BYTES,
};

/// Remembers of each file of a presentation what judging it takes: playlists as they are, of all others a few
/// numbers.
#[derive(Debug, Clone, Default)]
pub struct Observer {
    playlists: BTreeMap<String, Vec<u8>>,
    media: BTreeMap<String, Inspected>,
}

impl Observer {
    /// Sees `{rendition}/{file}`.
    pub fn see(&mut self, rendition: &str, file: &str, bytes: &[u8]) {
        let name = format!("{rendition}/{file}");
        if file.ends_with(".m3u8") {
            let kept = bytes.iter().take(PLAYLIST_BYTES as usize + 1).copied().collect();
            self.playlists.insert(name, kept);
        } else {
            self.media.insert(name, Inspected::of(bytes));
        }
    }

    /// Judges the presentation of the multivariant playlist called `name`, whose URIs are `{rendition}/{file}`.
    pub fn judge(&self, name: &str, multivariant: &str) -> Vec<Finding> {
        let mut check = Check::new(name, folder::resolve);
        loop {
            let wanted = check.wanted();
            if wanted.is_empty() {
                return check.finish();
            }
            for wanted in &wanted {
                let missing = || Err(FetchError::Missing("it was not made".to_owned()));
                let fetched = |bytes: &[u8]| Ok(Fetched { bytes: bytes.to_vec(), delivery: None });
                match wanted.role {
                    Role::Playlist if wanted.name == name => {
                        check.give(wanted, fetched(multivariant.as_bytes()))
                    }
                    Role::Playlist => {
                        let playlist = self.playlists.get(&wanted.name);
                        check.give(wanted, playlist.map_or_else(missing, |bytes| fetched(bytes)));
                    }
                    Role::Media => match self.media.get(&wanted.name) {
                        Some(seen) => check.seen(wanted, seen.clone()),
                        None => check.give(wanted, missing()),
                    },
                    // lyrics, which are stored apart
                    Role::Data => check.give(wanted, fetched(&[])),
                }
            }
        }
    }
}
