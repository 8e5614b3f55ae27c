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
mod input;
mod inventory;
mod judged;
mod lyrics;
mod masters;
mod plan;
mod preview;
mod report;
mod revoke;
mod run;
mod standing;
mod stored;
mod sweeps;
mod switch;
mod tally;
mod track;
mod track_run;
mod upload;

use std::{sync::Arc, time::Duration};

use nada_catalog::ReleaseState;
use tokio::{sync::Semaphore, time::Instant};

pub use error::PublishError;
pub use masters::{Brought, Here, Master, Masters};
pub use plan::{AudioPlan, DetailsPlan, LyricsPlan, RightsPlan};
pub use preview::{Preview, TrackPreview, preview};
pub use report::{Counts, Event, Report, Reporter, TrackReport};
pub use revoke::revoke;
pub use standing::{Standing, TrackStanding, standing, status};
pub use sweeps::SETTLING;
pub use switch::Clock;
pub use track::{roll_back, set_rights, set_status};

use crate::{
    release_toml::{Recipe, Release},
    store::Store,
};
use input::{read_input, report_warnings};
use run::Run;
use sweeps::OldObjects;
use tally::Tally;
use track_run::commit_tracks;

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
    pub execution: nada_pipeline::Execution,
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
            execution: nada_pipeline::Execution::default(),
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
    let inputs =
        read_input(masters, release, &settings.recipe, settings.strict, run.reporter.as_ref()).await?;
    let last = run.complete(run.last().await?).await?;
    let commit = last.as_ref().map(|(commit, _)| commit.clone());
    let looked = run.plan(&inputs, commit.as_ref()).await?;
    run.create_revocations().await?;
    if looked.is_done {
        let ready = looked.tracks.iter().filter_map(|track| track.stored.lyrics.as_ref());
        let warnings = ready.flat_map(|lyrics| &lyrics.ready.warnings);
        report_warnings(warnings, settings.strict, run.reporter.as_ref())?;
        return Ok(run.report_unchanged(&looked));
    }

    // named before it is looked for again or written, so that no sweep takes it for an orphan
    let etag = run.begin(&looked, last).await?;
    let plan = run.plan(&inputs, commit.as_ref()).await?;
    let old_objects = OldObjects::default();
    let mut tracks = run.store_media(plan, &old_objects).await?;
    let warnings = tracks.iter().flat_map(|track| &track.ready).flat_map(|ready| &ready.warnings);
    report_warnings(warnings, settings.strict, run.reporter.as_ref())?;
    let etag = run.name_lyrics(&tracks, etag).await?;
    let named = Instant::now();
    run.store_lyrics(&tracks, &old_objects).await?;
    run.await_sweeps(&tracks, named, &old_objects).await?;

    run.decide_changes(&mut tracks).await?;
    let etag = run
        .state(ReleaseState::Committing, &commit_tracks(&tracks), Some(&etag))
        .await?
        .ok_or_else(|| run.superseded())?;
    let revisions = run.commit(&commit_tracks(&tracks), &etag).await?;
    Ok(run.report(tracks.iter().map(|track| track.report(&revisions))))
}
