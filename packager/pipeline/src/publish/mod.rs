//! Publishing a release as one: every object first, then the manifests.
//!
//! 1. `releases/{id}.json` says `uploading`. All objects of all tracks are stored, each track's
//!    `presentation.json` and each lyrics' `lyrics.json` last. What a listing shows is compared by its SHA-256
//!    instead of sent again.
//! 2. It says `committing`, with the intended change of each manifest. One write of `changes.json` announces
//!    all of them, then the manifests are switched by compare-and-swap, without a pause.
//! 3. It says `live`.
//!
//! Whoever dies before 2 has changed nothing that is served, and a rerun goes on; whoever dies in 2 is
//! completed by the next publish of the release. Of two publishers of one release, who began later wins,
//! and the other is refused.

mod error;
mod inventory;
mod judged;
mod lyrics;
mod masters;
mod plan;
mod preview;
mod report;
mod revoke;
mod run;
mod settle;
mod standing;
mod switch;
mod tally;
mod track;
mod upload;

use std::{sync::Arc, time::Duration};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use nada_release::{ManifestChange, Presentation, ReleaseState, commit::CommitTrack};
use tokio::{sync::Semaphore, time::Instant};

pub use error::PublishError;
pub use masters::{Brought, Here, Master, Masters};
pub use preview::{AudioPlan, LyricsPlan, Preview, RightsPlan, TrackPreview, preview};
pub use report::{Counts, Event, Report, Reporter, TrackReport};
pub use revoke::revoke;
pub use settle::SETTLING;
pub use standing::{Standing, TrackStanding, standing, status};
pub use switch::Clock;
pub use track::{roll_back, set_rights, set_status};

use crate::{
    release_toml::{Recipe, Release},
    store::Store,
};
use inventory::Inventory;
use lyrics::Ready;
use plan::{Plan, plan, read_input, tell};
use run::Run;
use settle::Relied;
use tally::Tally;

/// How to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishSettings {
    /// How songs are packaged, before what the release says of it.
    pub recipe: Recipe,
    /// Songs packaged at once.
    pub jobs: usize,
    /// Objects on their way to the store at once, over all songs.
    pub uploads: usize,
    /// How each song is packaged.
    pub execution: crate::Execution,
    /// Whether rights that somebody else wrote may be replaced.
    pub replace_rights: bool,
    /// Whether lyrics that would be repaired with a warning are refused instead.
    pub strict: bool,
    /// How long a release that relies on old objects waits for sweeps: [`SETTLING`], unless nobody sweeps.
    pub settling: Duration,
}

impl Default for PublishSettings {
    /// Two songs, so that one is encoded while the last segments of the other are sent; 16 objects.
    fn default() -> Self {
        Self {
            recipe: Recipe::default(),
            jobs: 2,
            uploads: 16,
            execution: crate::Execution::default(),
            replace_rights: false,
            strict: false,
            settling: SETTLING,
        }
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
    publish_from(&Here, release, store, settings, clock, reporter).await
}

/// [`publish`] of songs that may lie elsewhere until they are packaged.
///
/// # Errors
/// See [`PublishError`].
pub async fn publish_from(
    masters: &dyn Masters,
    release: &Release,
    store: &Store,
    settings: &PublishSettings,
    clock: &Clock<'_>,
    reporter: Arc<dyn Reporter>,
) -> Result<Report, PublishError> {
    let permits = Semaphore::new(settings.uploads.max(1));
    let run = Run { masters, release, store, settings, clock, reporter, tally: Tally::default(), permits };
    let songs = read_input(masters, release, settings.strict, &run.reporter).await?;
    let last = run.complete(run.last().await?).await?;
    let plans = plan(songs, &settings.recipe, last.as_ref().map(|(commit, _)| commit), store).await?;
    if !settings.replace_rights {
        plans.iter().try_for_each(Plan::check_rights)?;
    }
    run.create_revocations().await?;
    if let Some(report) = run.unchanged(&plans, last.as_ref().map(|(commit, _)| commit)).await? {
        return Ok(report);
    }

    // named before anything is looked for or written, so that no sweep takes it for an orphan
    let mut etag = run.begin(&plans, last).await?;
    let relied = Relied::default();
    let (presentations, packaged) = run.store_media(&plans, &relied).await?;
    let lengths: Vec<u64> = presentations.iter().map(|p| p.timeline.duration_ms()).collect();
    let ready: Vec<Option<Ready>> =
        plans.iter().zip(&presentations).map(|(plan, p)| plan.render(p)).collect::<Result<_, _>>()?;
    tell(ready.iter().flatten().flat_map(|ready| &ready.warnings), settings.strict, &run.reporter)?;
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
    // only now are the lyrics named, too
    let named = Instant::now();
    run.store_lyrics(&plans, &ready, &relied).await?;
    run.settle(&plans, &presentations, &ready, named, &relied).await?;

    let album_loudness = run.album_loudness(&presentations).await?;
    let changes: Vec<ManifestChange> = (plans.iter().zip(presentations).zip(&ready))
        .map(|((plan, presentation), ready)| {
            plan.change(release, presentation, ready.as_ref(), album_loudness)
        })
        .collect();
    run.check(&changes).await?;
    for (track, change) in tracks.iter_mut().zip(&changes) {
        track.change = Some(change.clone());
    }
    let etag =
        run.state(ReleaseState::Committing, &tracks, Some(&etag)).await?.ok_or_else(|| run.superseded())?;
    let revisions = run.commit(&tracks, &etag).await?;
    Ok(run.report(&tracks, &packaged, &revisions, &lengths))
}

impl<'a> Run<'a> {
    /// Stores the media of all tracks, several at once; their presentations, and which were encoded.
    async fn store_media(
        &self,
        plans: &[Plan<'a>],
        relied: &Relied,
    ) -> Result<(Vec<Presentation>, Vec<bool>), PublishError> {
        let tracks = plans.iter().map(|plan| async move {
            let stored = self.store_track(plan, relied).await?;
            self.reporter.event(Event::MediaStored(&plan.track.id));
            Ok::<_, PublishError>(stored)
        });
        let stored: Vec<_> = stream::iter(tracks).buffered(self.settings.jobs.max(1)).try_collect().await?;
        Ok(stored.into_iter().unzip())
    }

    async fn store_track(
        &self,
        plan: &Plan<'a>,
        relied: &Relied,
    ) -> Result<(Presentation, bool), PublishError> {
        let (track, version) = (&plan.track.id, &plan.version);
        let event = |present| self.reporter.event(Event::Track { track, version, present });
        if let Some(presentation) = plan.presentation.as_ref().filter(|_| plan.serves_version()) {
            event(true);
            return Ok((presentation.clone(), false));
        }
        let stored = Inventory::of_version(self.store, track, version).await?;
        relied.on(&stored, (self.clock)());
        // a sweep that was cut short may have left a part
        let whole = |p: &&Presentation| stored.lacks(inventory::media_keys(p)).is_none();
        if let Some(presentation) = plan.presentation.as_ref().filter(whole) {
            event(true);
            self.tally.found(track, stored.total().0);
            return Ok((presentation.clone(), false));
        }
        event(false);
        let media = self.uploads().media(plan.track, &plan.master, &plan.settings, version, &stored).await?;
        Ok((media, true))
    }

    async fn store_lyrics(
        &self,
        plans: &[Plan<'a>],
        ready: &[Option<Ready>],
        relied: &Relied,
    ) -> Result<(), PublishError> {
        let tracks = plans.iter().zip(ready).map(|(plan, ready)| async move {
            let track = &plan.track.id;
            if let Some(ready) = ready.as_ref().filter(|ready| !plan.serves_lyrics(ready)) {
                let stored = Inventory::of_lyrics(self.store, track, &ready.index.digest).await?;
                relied.on(&stored, (self.clock)());
                self.uploads().lyrics(track, ready, &stored).await?;
            }
            self.reporter.event(Event::TrackStored(track));
            Ok::<_, PublishError>(())
        });
        stream::iter(tracks).buffered(plan::AT_ONCE).try_collect().await
    }
}
