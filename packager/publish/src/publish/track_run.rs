//! One track while its release is published: each step adds what it made.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use nada_catalog::{
    Artwork, LoudnessHistogram, ManifestChange, Presentation, ReleaseState, TrackId,
    release_record::RecordedTrack,
};

use super::{
    error::PublishError,
    inventory::Inventory,
    lyrics::{self, RenderedLyrics},
    old_objects::OldObjects,
    plan::{ArtworkPlan, AudioPlan, LyricsPlan, ReleasePlan, TrackPlan, album_loudness},
    report::{Counts, Event, TrackReport},
    run::Run,
};
use crate::store::{self, ETag};

/// A track whose media are stored.
pub(super) struct TrackRun<'a> {
    pub plan: TrackPlan<'a>,
    pub presentation: Presentation,
    levels: LoudnessHistogram,
    /// The lyrics that become current.
    pub rendered: Option<RenderedLyrics>,
    /// The artwork that becomes current.
    pub artwork: Option<Artwork>,
    /// The intended change of the manifest, once it is decided.
    change: Option<ManifestChange>,
}

impl TrackRun<'_> {
    pub fn id(&self) -> &TrackId {
        &self.plan.input.track.id
    }

    fn recorded_track(&self) -> RecordedTrack {
        let written = self.plan.recorded_track();
        RecordedTrack {
            lyrics: self.rendered.as_ref().map(|rendered| rendered.index.digest.clone()),
            change: self.change.clone().or(written.change),
            ..written
        }
    }

    /// What was done. `revisions` are those of all manifests of the release.
    pub fn report(&self, revisions: &[(TrackId, u64)]) -> TrackReport {
        let revision = revisions.iter().find(|(track, _)| track == self.id());
        TrackReport {
            track: self.id().clone(),
            version: self.presentation.version.clone(),
            packaged: matches!(self.plan.audio, AudioPlan::Package | AudioPlan::Repair),
            duration_ms: self.presentation.timeline.duration_ms(),
            lyrics: self.rendered.as_ref().map(|rendered| rendered.index.digest.clone()),
            artwork: self.artwork.as_ref().map(|artwork| artwork.digest.clone()),
            revision: revision.map_or(0, |(_, revision)| *revision),
            objects: Counts::default(),
        }
    }
}

/// The tracks as the release's record has them.
pub(super) fn recorded_tracks(tracks: &[TrackRun<'_>]) -> Vec<RecordedTrack> {
    tracks.iter().map(TrackRun::recorded_track).collect()
}

impl Run<'_> {
    /// Stores the media of all tracks, several at once.
    pub async fn store_media<'p>(
        &self,
        plan: ReleasePlan<'p>,
        old_objects: &OldObjects,
    ) -> Result<Vec<TrackRun<'p>>, PublishError> {
        let tracks = plan.tracks.into_iter().map(|plan| self.store_track(plan, old_objects));
        stream::iter(tracks).buffered(self.settings.jobs.max(1)).try_collect().await
    }

    async fn store_track<'p>(
        &self,
        plan: TrackPlan<'p>,
        old_objects: &OldObjects,
    ) -> Result<TrackRun<'p>, PublishError> {
        let (track, version) = (&plan.input.track.id, &plan.input.version);
        if !plan.serves_version() {
            old_objects.note(&plan.stored.media, (self.clock)());
        }
        let event = |present| self.reporter.event(Event::Track { track, version, present });
        let (presentation, levels) = match (plan.audio, plan.stored.whole()) {
            (AudioPlan::Keep, Some(whole)) => {
                event(true);
                whole.clone()
            }
            (AudioPlan::Switch, Some(whole)) => {
                event(true);
                self.tally.found(track, plan.stored.media.total().0);
                whole.clone()
            }
            (AudioPlan::Keep | AudioPlan::Switch, None) | (AudioPlan::Repair | AudioPlan::Package, _) => {
                event(false);
                self.uploads().media(plan.input, &plan.stored.media).await?
            }
        };
        let artwork = self.store_artwork(&plan, old_objects).await?;
        self.reporter.event(Event::MediaStored(track));
        let lyrics = plan.input.lyrics.as_ref();
        let rendered = lyrics.map(|lyrics| lyrics::render(lyrics, presentation.timeline)).transpose()?;
        Ok(TrackRun { plan, presentation, levels, rendered, artwork, change: None })
    }

    /// Makes and stores the artwork of a track, where it is another than before or has lost objects. The release's record names
    /// it already.
    async fn store_artwork(
        &self,
        plan: &TrackPlan<'_>,
        old_objects: &OldObjects,
    ) -> Result<Option<Artwork>, PublishError> {
        if !plan.serves_artwork() {
            old_objects.note(&plan.stored.artwork, (self.clock)());
        }
        match (plan.artwork, &plan.input.artwork) {
            (ArtworkPlan::Make | ArtworkPlan::Repair, Some(artwork)) => {
                Ok(Some(self.uploads().artwork(plan.input, artwork, &plan.stored.artwork).await?))
            }
            _ => Ok(plan.artwork_found().cloned()),
        }
    }

    /// Names the lyrics in the release's record, before they are looked for or written.
    pub async fn name_lyrics(&self, tracks: &[TrackRun<'_>], etag: ETag) -> Result<ETag, PublishError> {
        if tracks.iter().all(|track| track.rendered.is_none()) {
            return Ok(etag);
        }
        let named = self.state(ReleaseState::Uploading, &recorded_tracks(tracks), Some(&etag)).await?;
        named.ok_or_else(|| self.superseded())
    }

    /// Stores the lyrics of all tracks.
    pub async fn store_lyrics(
        &self,
        tracks: &[TrackRun<'_>],
        old_objects: &OldObjects,
    ) -> Result<(), PublishError> {
        let tracks = tracks.iter().map(|track| async move {
            let rendered = match track.plan.lyrics {
                LyricsPlan::None | LyricsPlan::Keep | LyricsPlan::Remove => None,
                LyricsPlan::Write | LyricsPlan::Repair | LyricsPlan::Render => track.rendered.as_ref(),
            };
            if let Some(rendered) = rendered {
                let stored = Inventory::of_lyrics(self.store, track.id(), &rendered.index.digest).await?;
                if !track.plan.serves_lyrics(rendered) {
                    old_objects.note(&stored, (self.clock)());
                }
                self.uploads().lyrics(track.id(), rendered, &stored).await?;
            }
            self.reporter.event(Event::TrackStored(track.id()));
            Ok::<_, PublishError>(())
        });
        stream::iter(tracks).buffered(store::AT_ONCE).try_collect().await
    }

    /// Decides the change of each manifest, and asks once more whether every manifest would take it.
    pub async fn decide_changes(&self, tracks: &mut [TrackRun<'_>]) -> Result<(), PublishError> {
        let album = album_loudness(tracks.iter().map(|track| (&track.presentation, &track.levels)));
        let mut changes = Vec::with_capacity(tracks.len());
        for track in tracks {
            let (presentation, rendered) = (track.presentation.clone(), track.rendered.as_ref());
            let artwork = track.artwork.clone();
            let change = track.plan.change(self.release, presentation, rendered, artwork, album);
            changes.push(change.clone());
            track.change = Some(change);
        }
        self.check(&changes).await
    }
}
