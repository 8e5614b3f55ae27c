//! Publishing while `nada gc` sweeps.
//!
//! A sweep spares what a release in `uploading` names, and looks again before each batch that it deletes; a batch
//! is gone within [`crate::gc::BATCH`] of that look, or the sweep ends. So whatever is missed by a sweep, because
//! its look came before this release named it, is deleted within that time. Objects younger than half a day are no
//! sweep's; a publisher that relies on older ones waits until that time is over, and every publisher then lists
//! once more what its manifests are about to name.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tokio::time::Instant;

use super::{
    artwork::artwork_keys,
    error::PublishError,
    inventory::{Inventory, lyrics_keys, media_keys},
    old_objects::OldObjects,
    report::Event,
    run::Run,
    track_run::TrackRun,
};
use crate::store;

impl Run<'_> {
    /// Confirms that all objects that are not served yet are there, and no sweep is about to take them.
    pub async fn await_sweeps(
        &self,
        tracks: &[TrackRun<'_>],
        named: Instant,
        old_objects: &OldObjects,
    ) -> Result<(), PublishError> {
        if old_objects.any() {
            let left = self.settings.settling.saturating_sub(named.elapsed());
            self.reporter.event(Event::Settling(left));
            tokio::time::sleep(left).await;
        }
        let tracks = tracks.iter().map(|track| async move {
            let id = track.id();
            let mut missing = None;
            if !track.plan.serves_version() {
                let stored = Inventory::of_version(self.store, id, &track.presentation.version).await?;
                missing = stored.lacks(media_keys(&track.presentation));
            }
            if let Some(rendered) =
                track.rendered.as_ref().filter(|rendered| !track.plan.serves_lyrics(rendered))
            {
                let stored = Inventory::of_lyrics(self.store, id, &rendered.index.digest).await?;
                missing = missing.or_else(|| stored.lacks(lyrics_keys(id, &rendered.index)));
            }
            if let Some(artwork) = track.artwork.as_ref().filter(|_| !track.plan.serves_artwork()) {
                let stored = Inventory::of_artwork(self.store, id, &artwork.digest).await?;
                missing = missing.or_else(|| stored.lacks(artwork_keys(id, artwork)));
            }
            missing.map_or(Ok(()), |key| Err(PublishError::Swept(key)))
        });
        stream::iter(tracks).buffered(store::AT_ONCE).try_collect().await
    }
}
