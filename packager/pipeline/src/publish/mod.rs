//! Publishing a release as one: every object first, then the manifests.
//!
//! 1. `releases/{id}.json` says `uploading`. All objects of all tracks are stored, each track's
//!    `presentation.json` and each lyrics' `lyrics.json` last.
//! 2. It says `committing`, with the intended change of each manifest. One write of `changes.json` announces
//!    all of them, then the manifests are switched by compare-and-swap, without a pause.
//! 3. It says `live`.
//!
//! Whoever dies before 2 has changed nothing that is served, and a rerun goes on; whoever dies in 2 is
//! completed by the next publish of the release. Of two publishers of one release, who began later wins,
//! and the other is refused.

mod error;
mod judged;
mod lyrics;
mod report;
mod switch;
mod tally;
mod upload;

use std::{collections::BTreeMap, sync::Arc};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use nada_lyrics::Lyrics;
use nada_release::{
    Commit, FORMAT, Manifest, ManifestChange, ObjectKey, Presentation, ReleaseId, ReleaseState, Revocations,
    Rights, TrackId, Version,
    commit::{CommitTrack, Expected},
};

pub use error::{ErrorClass, PublishError};
pub use report::{Event, Report, Reporter, TrackReport};
pub use switch::{Clock, set_status};

use crate::{
    release_toml::{Release, Track},
    store::{ETag, Store, StoreError},
};
use lyrics::Ready;
use switch::{Switch, switch};
use tally::Tally;
use upload::{SourceFile, Uploads};

/// How to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishSettings {
    /// What is made of each song.
    pub package: crate::Settings,
    /// Songs packaged at once. One keeps as many cores busy as it has renditions.
    pub jobs: usize,
    /// Objects of one song on their way to the store at once.
    pub uploads: usize,
    /// Whether rights that somebody else wrote may be replaced.
    pub replace_rights: bool,
}

impl Default for PublishSettings {
    fn default() -> Self {
        Self { package: crate::Settings::default(), jobs: 1, uploads: 8, replace_rights: false }
    }
}

/// Publishes a release: see the [module](self). A rerun of what is published writes nothing.
///
/// # Errors
/// See [`PublishError`]: where the input is at fault, before anything is written.
pub async fn publish(
    release: &Release,
    store: &Store,
    settings: &PublishSettings,
    clock: &Clock<'_>,
    reporter: Arc<dyn Reporter>,
) -> Result<Report, PublishError> {
    let tally = Tally::default();
    let run = Run { release, store, settings, clock, reporter, tally: &tally };
    let songs = run.read_input().await?;
    let key = ObjectKey::Release(release.id.clone());
    let mut last = store.read::<Commit>(&key).await?;
    if last.as_ref().is_some_and(|(commit, _)| commit.state == ReleaseState::Committing) {
        run.reporter.event(Event::Completing(&release.id));
    }
    last = run.complete(last).await?;
    let plans = run.plan(songs, last.as_ref().map(|(commit, _)| commit)).await?;
    run.create_revocations().await?;

    if let Some(report) = run.unchanged(&plans, last.as_ref().map(|(commit, _)| commit)).await? {
        return Ok(report);
    }
    let mut etag = run.begin(&plans, last).await?;
    let presentations = run.store_media(&plans).await?;
    let ready: Vec<Option<Ready>> = plans
        .iter()
        .zip(&presentations)
        .map(|(plan, p)| plan.lyrics.as_ref().map(|l| lyrics::render(l, p.timeline)).transpose())
        .collect::<Result<_, _>>()?;
    // named before they are written, so that no sweep takes them for orphans
    let mut tracks: Vec<CommitTrack> = plans.iter().map(Plan::commit_track).collect();
    for (track, ready) in tracks.iter_mut().zip(&ready) {
        track.lyrics = ready.as_ref().map(|ready| ready.index.digest.clone());
    }
    if ready.iter().any(Option::is_some) {
        etag = run
            .state(ReleaseState::Uploading, &tracks, Some(&etag))
            .await?
            .ok_or_else(|| run.superseded())?;
    }
    for (plan, ready) in plans.iter().zip(&ready) {
        if let Some(ready) = ready {
            run.uploads().lyrics(&plan.track.id, ready).await?;
        }
        run.reporter.event(Event::TrackStored(&plan.track.id));
    }

    let changes: Vec<ManifestChange> = (plans.iter().zip(presentations).zip(ready))
        .map(|((plan, presentation), ready)| run.change(plan, presentation, ready.as_ref()))
        .collect();
    run.check(&changes).await?;
    for (track, change) in tracks.iter_mut().zip(&changes) {
        track.change = Some(change.clone());
    }
    let etag =
        run.state(ReleaseState::Committing, &tracks, Some(&etag)).await?.ok_or_else(|| run.superseded())?;
    let revisions = run.commit(&tracks, &etag).await?;
    Ok(run.report(&plans, &tracks, &revisions))
}

/// A track, its input, and what the store has of it.
struct Plan<'a> {
    track: &'a Track,
    source: SourceFile,
    lyrics: Option<Lyrics>,
    version: Version,
    manifest: Option<Manifest>,
    presentation: Option<Presentation>,
    /// What this release last wrote.
    written: Option<ManifestChange>,
}

impl Plan<'_> {
    fn commit_track(&self) -> CommitTrack {
        CommitTrack {
            track: self.track.id.clone(),
            version: self.version.clone(),
            lyrics: None,
            change: self.written.clone(),
        }
    }
}

type Input<'a> = (&'a Track, SourceFile, Option<Lyrics>);

struct Run<'a> {
    release: &'a Release,
    store: &'a Store,
    settings: &'a PublishSettings,
    clock: &'a Clock<'a>,
    reporter: Arc<dyn Reporter>,
    tally: &'a Tally,
}

impl<'a> Run<'a> {
    fn uploads(&self) -> Uploads<'_> {
        let at_once = self.settings.uploads.max(1);
        Uploads { store: self.store, reporter: &self.reporter, tally: self.tally, at_once }
    }

    fn superseded(&self) -> PublishError {
        PublishError::Superseded(self.release.id.clone())
    }

    /// Reads all lyrics and hashes all sources, so that what is wrong with them is known first.
    async fn read_input(&self) -> Result<Vec<Input<'a>>, PublishError> {
        let mut songs = Vec::with_capacity(self.release.tracks.len());
        for track in &self.release.tracks {
            let lyrics = lyrics::read(track, &self.reporter)?;
            let audio = track.audio.clone();
            let source = tokio::task::spawn_blocking(move || SourceFile::hash(&audio))
                .await
                .map_err(|e| PublishError::Defect(format!("hashing ended: {e}")))??;
            songs.push((track, source, lyrics));
        }
        Ok(songs)
    }

    /// Completes what a run that died while it switched manifests had begun.
    async fn complete(&self, last: Option<(Commit, ETag)>) -> Result<Option<(Commit, ETag)>, PublishError> {
        match last {
            Some((commit, etag)) if commit.state == ReleaseState::Committing => {
                self.commit(&commit.tracks, &etag).await?;
                Ok(self.store.read(&ObjectKey::Release(self.release.id.clone())).await?)
            }
            other => Ok(other),
        }
    }

    /// Looks up what the store has of each track, and refuses rights that somebody else wrote.
    async fn plan(
        &self,
        songs: Vec<Input<'a>>,
        last: Option<&Commit>,
    ) -> Result<Vec<Plan<'a>>, PublishError> {
        let mut written: BTreeMap<&TrackId, &ManifestChange> = BTreeMap::new();
        for track in last.iter().flat_map(|last| &last.tracks) {
            written.extend(track.change.as_ref().map(|change| (&track.track, change)));
        }
        let plans = songs.into_iter().map(|(track, source, lyrics)| {
            let written = written.get(&track.id).map(|change| (*change).clone());
            async move {
                let version = self.settings.package.version(&source.sha256);
                let key = ObjectKey::Presentation(track.id.clone(), version.clone());
                let presentation = self.store.read::<Presentation>(&key).await?.map(|(found, _)| found);
                let key = ObjectKey::Manifest(track.id.clone());
                let manifest = self.store.read::<Manifest>(&key).await?.map(|(found, _)| found);
                let plan = Plan { track, source, lyrics, version, manifest, presentation, written };
                if !self.settings.replace_rights {
                    check_rights(&plan)?;
                }
                Ok::<_, PublishError>(plan)
            }
        });
        stream::iter(plans).buffered(16).try_collect().await
    }

    /// The edge refuses all tokens while it cannot read the revoked ones, so an empty list has to be there.
    async fn create_revocations(&self) -> Result<(), PublishError> {
        if self.store.has(&ObjectKey::Revocations).await? {
            return Ok(());
        }
        let empty = Revocations::default();
        if self.store.write(&ObjectKey::Revocations, None, &empty).await?.is_some() {
            self.tally.wrote(&empty);
        }
        Ok(())
    }

    /// The report, where everything is published already and nothing is to be written.
    async fn unchanged(
        &self,
        plans: &[Plan<'a>],
        last: Option<&Commit>,
    ) -> Result<Option<Report>, PublishError> {
        let Some(last) = last.filter(|last| last.state == ReleaseState::Live) else { return Ok(None) };
        let mut tracks = Vec::with_capacity(plans.len());
        let mut revisions = Vec::with_capacity(plans.len());
        for plan in plans {
            let (Some(presentation), Some(manifest)) = (&plan.presentation, &plan.manifest) else {
                return Ok(None);
            };
            let ready = plan.lyrics.as_ref().map(|l| lyrics::render(l, presentation.timeline)).transpose()?;
            let change = self.change(plan, presentation.clone(), ready.as_ref());
            match change.apply(&self.release.id, Some(manifest), (self.clock)()) {
                Ok(None) => {}
                _ => return Ok(None),
            }
            revisions.push((plan.track.id.clone(), manifest.revision));
            let lyrics = ready.map(|ready| ready.index.digest);
            tracks.push(CommitTrack { lyrics, change: None, ..plan.commit_track() });
        }
        let same = last.tracks.len() == tracks.len()
            && (last.tracks.iter().zip(&tracks))
                .all(|(a, b)| (&a.track, &a.version, &a.lyrics) == (&b.track, &b.version, &b.lyrics));
        Ok(same.then(|| self.report(plans, &tracks, &revisions)))
    }

    /// Says `uploading`, and takes over from whoever else did.
    async fn begin(
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
            last = self.store.read(&ObjectKey::Release(self.release.id.clone())).await?;
        }
        Err(StoreError::Contended(ObjectKey::Release(self.release.id.clone())).into())
    }

    /// Writes the state of the release, if the file is still as this run left it.
    async fn state(
        &self,
        state: ReleaseState,
        tracks: &[CommitTrack],
        found: Option<&ETag>,
    ) -> Result<Option<ETag>, PublishError> {
        let release = self.release.id.clone();
        let commit = Commit { format: FORMAT, release, state, at: (self.clock)(), tracks: tracks.to_vec() };
        let key = ObjectKey::Release(self.release.id.clone());
        let written = self.store.write(&key, found, &commit).await?;
        if written.is_some() {
            self.tally.wrote(&commit);
            self.reporter.event(Event::State(state));
        }
        Ok(written)
    }

    async fn store_media(&self, plans: &[Plan<'a>]) -> Result<Vec<Presentation>, PublishError> {
        let tracks = plans.iter().map(|plan| async move {
            let (track, version) = (&plan.track.id, &plan.version);
            self.reporter.event(Event::Track { track, version, present: plan.presentation.is_some() });
            match &plan.presentation {
                Some(presentation) => Ok(presentation.clone()),
                None => self.uploads().media(plan.track, &plan.source, &self.settings.package, version).await,
            }
        });
        stream::iter(tracks).buffered(self.settings.jobs.max(1)).try_collect().await
    }

    fn change(&self, plan: &Plan<'a>, presentation: Presentation, ready: Option<&Ready>) -> ManifestChange {
        let expected = plan.manifest.as_ref().map(|found| Expected {
            version: found.presentation.version.clone(),
            rights: found.rights.clone(),
        });
        // the loudness of several songs together is not known from theirs: ITU-R BS.1770 gates blocks, not songs
        let alone = self.release.tracks.len() == 1;
        ManifestChange {
            expected,
            title: plan.track.title.clone(),
            artists: plan.track.artists.clone(),
            album: self.release.title.clone(),
            label: self.release.label.clone(),
            rights: plan.track.rights.clone(),
            album_loudness: presentation.loudness.filter(|_| alone),
            presentation,
            lyrics: ready.map(|ready| ready.index.clone()),
        }
    }

    /// Whether every manifest would still take its change: asked once more before the first is switched.
    async fn check(&self, changes: &[ManifestChange]) -> Result<(), PublishError> {
        let checks = changes.iter().map(|change| async move {
            let key = ObjectKey::Manifest(change.presentation.track.clone());
            let found = self.store.read::<Manifest>(&key).await?.map(|(found, _)| found);
            change.apply(&self.release.id, found.as_ref(), (self.clock)())?;
            Ok::<_, PublishError>(())
        });
        stream::iter(checks).buffered(16).try_collect().await
    }

    /// Switches all manifests and says `live`. Where one was changed by somebody else, the release goes back
    /// to `uploading`: what it intended is void, and the next publish begins anew.
    async fn commit(&self, tracks: &[CommitTrack], etag: &ETag) -> Result<Vec<(TrackId, u64)>, PublishError> {
        let release: &ReleaseId = &self.release.id;
        let changes = tracks.iter().filter_map(|track| track.change.as_ref());
        let switches: Vec<Switch<'_>> = changes.map(|c| Switch::publish(release, c, self.clock)).collect();
        let switched = switch(self.store, &switches, self.clock, self.tally).await;
        let next = match &switched {
            Ok(_) => ReleaseState::Live,
            Err(PublishError::Conflict(_)) => ReleaseState::Uploading,
            Err(_) => return switched,
        };
        // whoever else wrote the file meanwhile had completed this commit first
        self.state(next, tracks, Some(etag)).await?;
        switched
    }

    fn report(&self, plans: &[Plan<'a>], tracks: &[CommitTrack], revisions: &[(TrackId, u64)]) -> Report {
        let revisions: BTreeMap<&TrackId, u64> = revisions.iter().map(|(t, r)| (t, *r)).collect();
        let tracks = plans.iter().zip(tracks).map(|(plan, track)| TrackReport {
            track: track.track.clone(),
            version: track.version.clone(),
            packaged: plan.presentation.is_none(),
            lyrics: track.lyrics.clone(),
            revision: revisions.get(&track.track).copied().unwrap_or_default(),
        });
        let (uploaded, uploaded_bytes) = self.tally.read();
        Report { release: self.release.id.clone(), tracks: tracks.collect(), uploaded, uploaded_bytes }
    }
}

/// Refuses where the manifest's rights are neither those wanted nor those this release wrote last.
fn check_rights(plan: &Plan<'_>) -> Result<(), PublishError> {
    let Some(found) = plan.manifest.as_ref().map(|manifest| &manifest.rights) else { return Ok(()) };
    let (wanted, written) = (&plan.track.rights, plan.written.as_ref().map(|change| &change.rights));
    if found == wanted || Some(found) == written {
        return Ok(());
    }
    let json = |rights: &Rights| serde_json::to_string(rights).unwrap_or_default();
    Err(PublishError::Rights { track: plan.track.id.clone(), found: json(found), wanted: json(wanted) })
}

/// How far a release has come; `None` where this store does not know it.
///
/// # Errors
/// Whatever the store says.
pub async fn status(store: &Store, release: &ReleaseId) -> Result<Option<Commit>, PublishError> {
    Ok(store.read(&ObjectKey::Release(release.clone())).await?.map(|(commit, _)| commit))
}
