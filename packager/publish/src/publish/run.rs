//! One publish under way: the state of its release, and the switch at its end.

use std::sync::Arc;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use nada_catalog::{
    Changes, FORMAT, Manifest, ManifestChange, ObjectKey, ReleaseRecord, ReleaseState, Revocations, TrackId,
    release_record::RecordedTrack,
};
use serde::Serialize;

use super::{
    budget::Budget,
    error::PublishError,
    input::Input,
    masters::MasterSource,
    plan::{ReleasePlan, TrackPlan, plan},
    report::{Counts, Event, Report, Reporter, TrackReport},
    settings::PublishSettings,
    stored::look_up,
    switch::{Clock, ReleaseEdit, Switcher},
    tally::Tally,
    upload::Uploads,
};
use crate::{
    release_toml::Release,
    store::{self, ETag, Store, StoreError},
};

/// What one run has at hand.
pub(super) struct Run<'a> {
    pub masters: &'a dyn MasterSource,
    pub release: &'a Release,
    pub store: &'a Store,
    pub settings: &'a PublishSettings,
    pub clock: &'a Clock<'a>,
    pub reporter: Arc<dyn Reporter>,
    pub tally: Tally,
    pub budget: Budget,
}

impl Run<'_> {
    pub fn uploads(&self) -> Uploads<'_> {
        Uploads {
            masters: self.masters,
            store: self.store,
            reporter: &self.reporter,
            tally: &self.tally,
            budget: &self.budget,
            execution: &self.settings.execution,
            keys: self.settings.keys.as_ref(),
        }
    }

    fn key(&self) -> ObjectKey {
        ObjectKey::Release(self.release.id.clone())
    }

    pub fn superseded(&self) -> PublishError {
        PublishError::Superseded(self.release.id.clone())
    }

    /// What the store has of the release.
    pub async fn last(&self) -> Result<Option<(ReleaseRecord, ETag)>, PublishError> {
        Ok(self.store.read(&self.key()).await?)
    }

    /// Completes what a run that died while it switched manifests had begun.
    pub async fn complete(
        &self,
        last: Option<(ReleaseRecord, ETag)>,
    ) -> Result<Option<(ReleaseRecord, ETag)>, PublishError> {
        match last {
            Some((record, etag)) if record.state == ReleaseState::Committing => {
                self.reporter.event(Event::Completing(&self.release.id));
                self.commit(&record.tracks, &etag).await?;
                self.last().await
            }
            other => Ok(other),
        }
    }

    /// The edge refuses all tokens while it cannot read the revoked ones, and rests on no manifest while it cannot read what
    /// changed, so empty lists of both have to be there.
    pub async fn create_lists(&self) -> Result<(), PublishError> {
        self.create(&ObjectKey::Revocations, &Revocations::default()).await?;
        self.create(&ObjectKey::Changes, &Changes::default()).await
    }

    async fn create<T: Serialize>(&self, key: &ObjectKey, empty: &T) -> Result<(), PublishError> {
        if !self.store.has(key).await? && self.store.write(key, None, empty).await?.is_some() {
            self.tally.wrote(empty);
        }
        Ok(())
    }

    /// Looks up the tracks and decides what is done with each. `last` is what the store says of the release.
    ///
    /// # Errors
    /// [`PublishError::Rights`] for rights of somebody else that may not be replaced, and whatever the store says.
    pub async fn plan<'p>(
        &self,
        inputs: &'p [Input<'p>],
        last: Option<&ReleaseRecord>,
    ) -> Result<ReleasePlan<'p>, PublishError> {
        let stored = look_up(inputs, last, self.store).await?;
        let replace_rights = self.settings.replace_rights;
        let plan = plan(self.release, inputs, stored, last, replace_rights, (self.clock)());
        if !replace_rights {
            plan.tracks.iter().try_for_each(TrackPlan::check_rights)?;
        }
        Ok(plan)
    }

    /// The report of a release of which the store has all.
    pub fn report_unchanged(&self, plan: &ReleasePlan<'_>) -> Report {
        self.report(plan.tracks.iter().map(|track| {
            let manifest = track.stored.manifest.as_ref();
            TrackReport {
                track: track.input.track.id.clone(),
                version: track.input.version.clone(),
                packaged: false,
                duration_ms: manifest.map_or(0, |found| found.presentation.timeline.duration_ms()),
                lyrics: track.stored.lyrics.as_ref().map(|lyrics| lyrics.rendered.index.digest.clone()),
                artwork: track.artwork_digest().cloned(),
                revision: manifest.map_or(0, |found| found.revision),
                objects: Counts::default(),
            }
        }))
    }

    /// Writes `uploading`, and takes over from any other publisher that did.
    pub async fn begin(
        &self,
        plan: &ReleasePlan<'_>,
        mut last: Option<(ReleaseRecord, ETag)>,
    ) -> Result<ETag, PublishError> {
        let tracks: Vec<RecordedTrack> = plan.tracks.iter().map(TrackPlan::recorded_track).collect();
        for _ in 0..16 {
            last = self.complete(last).await?;
            let found = last.as_ref().map(|(_, etag)| etag);
            if let Some(etag) = self.state(ReleaseState::Uploading, &tracks, found).await? {
                return Ok(etag);
            }
            last = self.last().await?;
        }
        Err(StoreError::Contended(self.key()).into())
    }

    /// Writes the state of the release, if the file is still as this run left it.
    pub async fn state(
        &self,
        state: ReleaseState,
        tracks: &[RecordedTrack],
        found: Option<&ETag>,
    ) -> Result<Option<ETag>, PublishError> {
        let release = self.release.id.clone();
        let record =
            ReleaseRecord { format: FORMAT, release, state, at: (self.clock)(), tracks: tracks.to_vec() };
        let written = self.store.write(&self.key(), found, &record).await?;
        if written.is_some() {
            self.tally.wrote(&record);
            self.reporter.event(Event::State(state));
        }
        Ok(written)
    }

    /// Whether every manifest would still take its change: asked once more before the first is switched.
    pub async fn check(&self, changes: &[ManifestChange]) -> Result<(), PublishError> {
        let checks = changes.iter().map(|change| async move {
            let key = ObjectKey::Manifest(change.presentation.track.clone());
            let found = self.store.read::<Manifest>(&key).await?.map(|(found, _)| found);
            change.apply(&self.release.id, found.as_ref(), (self.clock)())?;
            Ok::<_, PublishError>(())
        });
        stream::iter(checks).buffered(store::AT_ONCE).try_collect().await
    }

    /// Switches all manifests and says `live`. Where one was changed by somebody else, the release goes back
    /// to `uploading`: what it intended is void, and the next publish begins anew.
    pub async fn commit(
        &self,
        tracks: &[RecordedTrack],
        etag: &ETag,
    ) -> Result<Vec<(TrackId, u64)>, PublishError> {
        let changes = tracks.iter().filter_map(|track| track.change.as_ref());
        let edits: Vec<_> = changes.map(|change| ReleaseEdit { release: &self.release.id, change }).collect();
        let switcher = Switcher { store: self.store, clock: self.clock, tally: &self.tally };
        let switched = switcher.switch(&edits).await;
        let next = match &switched {
            Ok(_) => ReleaseState::Live,
            Err(PublishError::Conflict(_)) => ReleaseState::Uploading,
            Err(_) => return switched,
        };
        // another publisher that wrote the file meanwhile had completed this commit first
        self.state(next, tracks, Some(etag)).await?;
        switched
    }

    /// What was done with the release, whose `tracks` are these.
    pub fn report(&self, tracks: impl Iterator<Item = TrackReport>) -> Report {
        let counts = self.tally.all();
        Report {
            release: self.release.id.clone(),
            tracks: tracks
                .map(|track| TrackReport { objects: self.tally.of(&track.track), ..track })
                .collect(),
            uploaded: counts.uploaded,
            uploaded_bytes: counts.uploaded_bytes,
            present: counts.present,
        }
    }
}
