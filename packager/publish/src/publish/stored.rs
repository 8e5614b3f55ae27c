//! What the store has of the tracks of a release: looked up once, so that all decisions are made on the same values.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use jiff::Timestamp;
use nada_catalog::{
    LoudnessHistogram, Manifest, ManifestChange, ObjectKey, Presentation, ReleaseRecord, ReleaseState,
};

use super::{
    error::PublishError,
    input::Input,
    inventory::{Inventory, media_keys},
    lyrics::{self, RenderedLyrics},
};
use crate::store::{self, Store};

/// What the store has of one track.
pub(super) struct StoredTrack {
    /// Its manifest.
    pub manifest: Option<Manifest>,
    /// The change of its manifest that the release last wrote.
    pub written: Option<ManifestChange>,
    /// The presentation and the levels of the version that is to be published.
    pub presentation: Option<(Presentation, LoudnessHistogram)>,
    /// The objects of that version.
    pub media: Inventory,
    /// The lyrics that are to be published, where the length of the audio is known.
    pub lyrics: Option<StoredLyrics>,
    /// The objects of the artwork that is to be published.
    pub artwork: Inventory,
}

/// Lyrics as they are to be published, and what the store has of them.
pub(super) struct StoredLyrics {
    pub rendered: RenderedLyrics,
    pub objects: Inventory,
}

impl StoredTrack {
    /// The presentation and the levels, where every object of the version is there.
    pub fn whole(&self) -> Option<&(Presentation, LoudnessHistogram)> {
        self.presentation.as_ref().filter(|(presentation, _)| self.lost_media(presentation).is_none())
    }

    /// The first object of the presentation that is not there.
    pub fn lost_media(&self, presentation: &Presentation) -> Option<ObjectKey> {
        self.media.lacks(media_keys(presentation))
    }

    /// The manifest as it is once a run that died in `committing` is completed.
    pub fn complete(&mut self, last: Option<&ReleaseRecord>, now: Timestamp) {
        let Some(record) = last.filter(|record| record.state == ReleaseState::Committing) else { return };
        if let Some(change) = &self.written
            && let Ok(Some(next)) = change.apply(&record.release, self.manifest.as_ref(), now)
        {
            self.manifest = Some(next);
        }
    }
}

/// Looks up each track, in the order of `inputs`. `last` is what the store says of the release.
///
/// # Errors
/// Whatever the store says.
pub(super) async fn look_up(
    inputs: &[Input<'_>],
    last: Option<&ReleaseRecord>,
    store: &Store,
) -> Result<Vec<StoredTrack>, PublishError> {
    let tracks = inputs.iter().map(|input| look_up_track(input, last, store));
    stream::iter(tracks).buffered(store::AT_ONCE).try_collect().await
}

async fn look_up_track(
    input: &Input<'_>,
    last: Option<&ReleaseRecord>,
    store: &Store,
) -> Result<StoredTrack, PublishError> {
    let (track, version) = (&input.track.id, &input.version);
    let mut written = last.iter().flat_map(|last| &last.tracks).filter(|record| &record.track == track);
    let manifest = store.read::<Manifest>(&ObjectKey::Manifest(track.clone())).await?;
    let key = ObjectKey::Presentation(track.clone(), version.clone());
    let presentation = store.read::<Presentation>(&key).await?.map(|(presentation, _)| presentation);
    let mut lyrics = None;
    if let (Some(presentation), Some(model)) = (&presentation, &input.lyrics) {
        let rendered = lyrics::render(model, presentation.timeline)?;
        let objects = Inventory::of_lyrics(store, track, &rendered.index.digest).await?;
        lyrics = Some(StoredLyrics { rendered, objects });
    }
    let mut levels = None;
    if presentation.is_some() {
        let key = ObjectKey::Loudness(track.clone(), version.clone());
        levels = store.read::<LoudnessHistogram>(&key).await?.map(|(levels, _)| levels);
    }
    let artwork = match &input.artwork {
        Some(artwork) => Inventory::of_artwork(store, track, &artwork.digest).await?,
        None => Inventory::default(),
    };
    Ok(StoredTrack {
        manifest: manifest.map(|(manifest, _)| manifest),
        written: written.find_map(|record| record.change.clone()),
        presentation: presentation.zip(levels),
        media: Inventory::of_version(store, track, version).await?,
        lyrics,
        artwork,
    })
}
