//! What the store has of one version, or of one state of lyrics, by listing it.

use std::collections::BTreeMap;

use futures_util::TryStreamExt as _;
use jiff::Timestamp;
use nada_catalog::{
    ArtworkDigest, LyricsDigest, LyricsFile, LyricsForm, LyricsIndex, ObjectKey, Presentation, TrackId,
    Version, picture::ARTWORK_SEAL,
};

use crate::store::{Listed, Store, StoreError};

/// The objects below one prefix.
#[derive(Debug, Default)]
pub(super) struct Inventory(BTreeMap<ObjectKey, Listed>);

impl Inventory {
    /// What is stored of a version.
    pub async fn of_version(store: &Store, track: &TrackId, version: &Version) -> Result<Self, StoreError> {
        Self::beside(store, &ObjectKey::Presentation(track.clone(), version.clone())).await
    }

    /// What is stored of lyrics.
    pub async fn of_lyrics(
        store: &Store,
        track: &TrackId,
        digest: &LyricsDigest,
    ) -> Result<Self, StoreError> {
        Self::beside(store, &ObjectKey::Lyrics(track.clone(), digest.clone(), LyricsFile::All)).await
    }

    /// What is stored of artwork.
    pub async fn of_artwork(
        store: &Store,
        track: &TrackId,
        digest: &ArtworkDigest,
    ) -> Result<Self, StoreError> {
        let (size, format) = ARTWORK_SEAL;
        Self::beside(store, &ObjectKey::Artwork(track.clone(), digest.clone(), size, format)).await
    }

    /// What lies in the folder of `key`, and below it.
    async fn beside(store: &Store, key: &ObjectKey) -> Result<Self, StoreError> {
        let key = key.to_string();
        let folder = key.rfind('/').and_then(|end| key.get(..=end)).unwrap_or(&key);
        let known = |listed: Listed| listed.key.clone().ok().map(|key| (key, listed));
        let known = store.list(folder).try_filter_map(|listed| async { Ok(known(listed)) });
        Ok(Self(known.try_collect().await?))
    }

    /// Whether the object is there.
    pub fn has(&self, key: &ObjectKey) -> bool {
        self.0.contains_key(key)
    }

    /// The first of `keys` that is not there.
    pub fn lacks(&self, keys: impl IntoIterator<Item = ObjectKey>) -> Option<ObjectKey> {
        keys.into_iter().find(|key| !self.has(key))
    }

    /// Objects and bytes.
    pub fn total(&self) -> (u64, u64) {
        (self.0.len() as u64, crate::store::listed_bytes(self.0.values()))
    }

    /// When the oldest object was written.
    pub fn oldest(&self) -> Option<Timestamp> {
        self.0.values().map(|listed| listed.modified).min()
    }
}

/// Every object of a presentation, itself last.
pub(super) fn media_keys(presentation: &Presentation) -> impl Iterator<Item = ObjectKey> {
    let (track, version) = (&presentation.track, &presentation.version);
    let media = presentation.renditions.iter().flat_map(move |rendition| {
        let name = rendition.name;
        let parts = (1..).zip(&rendition.file.parts).map(|(number, _)| number);
        let parts = parts.map(move |number| ObjectKey::Part(track.clone(), version.clone(), name, number));
        parts.chain([ObjectKey::Playlist(track.clone(), version.clone(), name)])
    });
    media.chain([
        ObjectKey::Loudness(track.clone(), version.clone()),
        ObjectKey::Presentation(track.clone(), version.clone()),
    ])
}

/// Every object of lyrics, `lyrics.json` last.
pub(super) fn lyrics_keys(track: &TrackId, index: &LyricsIndex) -> impl Iterator<Item = ObjectKey> {
    use LyricsForm::{Json, Lrc, Playlist, Ttml, Vtt};
    let layers = index.layers.iter().flat_map(|layer| {
        [Json, Lrc, Vtt, Playlist, Ttml].map(|form| LyricsFile::Layer(layer.lang.clone(), form))
    });
    let files = layers.chain([LyricsFile::All]).filter(|file| index.has(file));
    files.map(|file| ObjectKey::Lyrics(track.clone(), index.digest.clone(), file))
}
