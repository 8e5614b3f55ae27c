//! One publish under way: the state of its release, and the switch at its end.

use std::{collections::BTreeMap, sync::Arc};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use nada_release::{
    Commit, FORMAT, Levels, Loudness, Manifest, ManifestChange, ObjectKey, Presentation, ReleaseState,
    Revocations, TrackId, commit::CommitTrack,
};
use tokio::sync::Semaphore;

use super::{
    PublishSettings,
    error::PublishError,
    masters::Masters,
    plan::{AT_ONCE, Plan, tell},
    report::{Event, Report, Reporter, TrackReport},
    switch::{Clock, Switch, switch},
    tally::Tally,
    upload::Uploads,
};
use crate::{
    release_toml::Release,
    store::{ETag, Store, StoreError},
};

/// What one run has at hand.
pub(super) struct Run<'a> {
    pub masters: &'a dyn Masters,
    pub release: &'a Release,
    pub store: &'a Store,
    pub settings: &'a PublishSettings,
    pub clock: &'a Clock<'a>,
    pub reporter: Arc<dyn Reporter>,
    pub tally: Tally,
    pub permits: Semaphore,
}

impl<'a> Run<'a> {
    pub fn uploads(&self) -> Uploads<'_> {
        Uploads {
            masters: self.masters,
            store: self.store,
            reporter: &self.reporter,
            tally: &self.tally,
            permits: &self.permits,
            execution: &self.settings.execution,
        }
    }

    fn key(&self) -> ObjectKey {
        ObjectKey::Release(self.release.id.clone())
    }

    pub fn superseded(&self) -> PublishError {
        PublishError::Superseded(self.release.id.clone())
    }

    /// What the store has of the release.
    pub async fn last(&self) -> Result<Option<(Commit, ETag)>, PublishError> {
        Ok(self.store.read(&self.key()).await?)
    }

    /// Completes what a run that died while it switched manifests had begun.
    pub async fn complete(
        &self,
        last: Option<(Commit, ETag)>,
    ) -> Result<Option<(Commit, ETag)>, PublishError> {
        match last {
            Some((commit, etag)) if commit.state == ReleaseState::Committing => {
                self.reporter.event(Event::Completing(&self.release.id));
                self.commit(&commit.tracks, &etag).await?;
                self.last().await
            }
            other => Ok(other),
        }
    }

    /// The edge refuses all tokens while it cannot read the revoked ones, so an empty list has to be there.
    pub async fn create_revocations(&self) -> Result<(), PublishError> {
        if self.store.has(&ObjectKey::Revocations).await? {
            return Ok(());
        }
        let empty = Revocations::default();
        if self.store.write(&ObjectKey::Revocations, None, &empty).await?.is_some() {
            self.tally.wrote(&empty);
        }
        Ok(())
    }

    /// The loudness of the release over all its tracks; `None` for silence.
    pub async fn album_loudness(
        &self,
        presentations: &[Presentation],
    ) -> Result<Option<Loudness>, PublishError> {
        if let [alone] = presentations {
            return Ok(alone.loudness);
        }
        let levels = presentations.iter().map(|presentation| async move {
            let key = ObjectKey::Levels(presentation.track.clone(), presentation.version.clone());
            let found = self.store.read::<Levels>(&key).await?;
            found.map(|(levels, _)| levels).ok_or(PublishError::Swept(key))
        });
        let levels: Vec<Levels> = stream::iter(levels).buffered(AT_ONCE).try_collect().await?;
        Ok(Levels::album(&levels))
    }

    /// The report, where everything is published already and nothing is to be written.
    pub async fn unchanged(
        &self,
        plans: &[Plan<'a>],
        last: Option<&Commit>,
    ) -> Result<Option<Report>, PublishError> {
        let Some(last) = last.filter(|last| last.state == ReleaseState::Live) else { return Ok(None) };
        let presentations: Option<Vec<_>> = plans.iter().map(|plan| plan.presentation.clone()).collect();
        let Some(presentations) = presentations else { return Ok(None) };
        let Ok(album_loudness) = self.album_loudness(&presentations).await else { return Ok(None) };
        let lengths: Vec<u64> = presentations.iter().map(|p| p.timeline.duration_ms()).collect();
        let mut tracks = Vec::with_capacity(plans.len());
        let mut revisions = Vec::with_capacity(plans.len());
        let mut warnings = Vec::new();
        for plan in plans {
            let (Some(presentation), Some(manifest)) = (&plan.presentation, &plan.manifest) else {
                return Ok(None);
            };
            let ready = plan.render(presentation)?;
            let change = plan.change(self.release, presentation.clone(), ready.as_ref(), album_loudness);
            match change.apply(&self.release.id, Some(manifest), (self.clock)()) {
                Ok(None) => {}
                _ => return Ok(None),
            }
            revisions.push((plan.track.id.clone(), manifest.revision));
            let (lyrics, said) = ready.map(|ready| (ready.index.digest, ready.warnings)).unzip();
            warnings.extend(said.into_iter().flatten());
            tracks.push(CommitTrack { lyrics, change: None, ..plan.commit_track() });
        }
        let same = last.tracks.len() == tracks.len()
            && (last.tracks.iter().zip(&tracks))
                .all(|(a, b)| (&a.track, &a.version, &a.lyrics) == (&b.track, &b.version, &b.lyrics));
        if same {
            tell(warnings.iter(), self.settings.strict, &self.reporter)?;
        }
        let packaged = vec![false; plans.len()];
        Ok(same.then(|| self.report(&tracks, &packaged, &revisions, &lengths)))
    }

    /// Says `uploading`, and takes over from whoever else did.
    pub async fn begin(
        &self,
        plans: &[Plan<'a>],
        mut last: Option<(Commit, ETag)>,
    ) -> Result<ETag, PublishError> {
        let tracks: Vec<CommitTrack> = plans.iter().map(Plan::commit_track).collect();
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
        tracks: &[CommitTrack],
        found: Option<&ETag>,
    ) -> Result<Option<ETag>, PublishError> {
        let release = self.release.id.clone();
        let commit = Commit { format: FORMAT, release, state, at: (self.clock)(), tracks: tracks.to_vec() };
        let written = self.store.write(&self.key(), found, &commit).await?;
        if written.is_some() {
            self.tally.wrote(&commit);
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
        stream::iter(checks).buffered(AT_ONCE).try_collect().await
    }

    /// Switches all manifests and says `live`. Where one was changed by somebody else, the release goes back
    /// to `uploading`: what it intended is void, and the next publish begins anew.
    pub async fn commit(
        &self,
        tracks: &[CommitTrack],
        etag: &ETag,
    ) -> Result<Vec<(TrackId, u64)>, PublishError> {
        let changes = tracks.iter().filter_map(|track| track.change.as_ref());
        let switches: Vec<Switch<'_>> =
            changes.map(|change| Switch::publish(&self.release.id, change, self.clock)).collect();
        let switched = switch(self.store, &switches, self.clock, &self.tally).await;
        let next = match &switched {
            Ok(_) => ReleaseState::Live,
            Err(PublishError::Conflict(_)) => ReleaseState::Uploading,
            Err(_) => return switched,
        };
        // whoever else wrote the file meanwhile had completed this commit first
        self.state(next, tracks, Some(etag)).await?;
        switched
    }

    /// What was done. `packaged` says of each track whether it was encoded, `lengths` how many milliseconds it lasts.
    pub fn report(
        &self,
        tracks: &[CommitTrack],
        packaged: &[bool],
        revisions: &[(TrackId, u64)],
        lengths: &[u64],
    ) -> Report {
        let revisions: BTreeMap<&TrackId, u64> = revisions.iter().map(|(t, r)| (t, *r)).collect();
        let tracks =
            tracks.iter().zip(packaged).zip(lengths).map(|((track, &packaged), &duration_ms)| TrackReport {
                track: track.track.clone(),
                version: track.version.clone(),
                packaged,
                duration_ms,
                lyrics: track.lyrics.clone(),
                revision: revisions.get(&track.track).copied().unwrap_or_default(),
                objects: self.tally.of(&track.track),
            });
        let counts = self.tally.all();
        Report {
            release: self.release.id.clone(),
            tracks: tracks.collect(),
            uploaded: counts.uploaded,
            uploaded_bytes: counts.uploaded_bytes,
            present: counts.present,
        }
    }
}
