//! What is known of a presentation, for the judgement.

use std::collections::BTreeMap;

use super::{
    inspect::Inspected,
    media::Range,
    multivariant::Multivariant,
    playlist::{Playlist, PlaylistContent},
};

/// From the name of a playlist and a URI in it to the name of a resource, or why that is not fetched.
pub type Resolve = fn(base: &str, uri: &str) -> Result<String, String>;

/// Where something is, for what is judged later.
pub(super) type Key = (String, Option<Range>);

/// What is known of a presentation.
pub(super) struct Gathered {
    pub entry: String,
    pub resolve: Resolve,
    pub playlists: BTreeMap<String, Playlist>,
    pub resources: BTreeMap<Key, Inspected>,
}

impl Gathered {
    pub fn multivariant(&self) -> Option<&Multivariant> {
        match &self.playlists.get(&self.entry)?.kind {
            PlaylistContent::Multivariant(multivariant) => Some(multivariant),
            PlaylistContent::Media(_) | PlaylistContent::Unclear => None,
        }
    }

    pub fn resource(&self, base: &str, uri: &str, range: Option<Range>) -> Option<&Inspected> {
        let name = (self.resolve)(base, uri).ok()?;
        self.resources.get(&(name, range))
    }
}
