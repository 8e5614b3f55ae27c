//! Publishing a release as one: every object first, then the manifests.
//!
//! 1. `releases/{id}.json` says `uploading`. All objects of all tracks are stored, each track's
//!    `presentation.json` and each lyrics' `lyrics.json` last. What a listing shows is compared by its SHA-256
//!    instead of sent again.
//! 2. It says `committing`, with the intended change of each manifest. One write of `changes.json` announces
//!    those that there were before, then the manifests are switched by compare-and-swap, without a pause.
//! 3. It says `live`.
//!
//! A run that dies before 2 has changed nothing that is served, and a rerun goes on; a run that dies in 2 is
//! completed by the next publish of the release. Of two publishers of one release, the later one wins,
//! and the other is refused.

mod artwork;
mod background;
mod budget;
mod clips;
mod defect;
mod error;
mod input;
mod inventory;
mod judged;
mod lyrics;
mod masters;
mod old_objects;
mod plan;
mod preview;
mod progress;
mod report;
mod revoke;
mod run;
mod settings;
mod stored;
mod sweeps;
mod switch;
mod tally;
mod track;
mod track_run;
mod upload;

use std::sync::Arc;

use nada_catalog::ReleaseState;
use tokio::time::Instant;

pub use clips::{add_clip, remove_clip};
pub use defect::Defect;
pub use error::PublishError;
pub use lyrics::read as read_lyrics;
pub use masters::{LocalFiles, LocalMaster, MasterInfo, MasterSource};
pub use plan::{ArtworkPlan, AudioPlan, DetailsPlan, LyricsPlan, RightsPlan};
pub use preview::{Preview, TrackPreview, preview};
pub use progress::{Stage, TrackProgress, progress, status};
pub use report::{Counts, Event, Report, Reporter, TrackReport};
pub use revoke::revoke;
pub use settings::{PublishSettings, SETTLING};
pub use switch::Clock;
pub use track::{roll_back, set_rights, set_status};

use crate::{
    release_toml::Release,
    store::{ETag, Store},
};
use budget::Budget;
use input::{read_input, report_warnings};
use old_objects::OldObjects;
use plan::ReleasePlan;
use run::Run;
use tally::Tally;
use track_run::{TrackRun, recorded_tracks};

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
    publish_from(&LocalFiles, release, store, settings, clock, reporter).await
}

/// [`publish`] of masters that may lie elsewhere until they are packaged.
///
/// # Errors
/// See [`PublishError`].
pub async fn publish_from(
    masters: &dyn MasterSource,
    release: &Release,
    store: &Store,
    settings: &PublishSettings,
    clock: &Clock<'_>,
    reporter: Arc<dyn Reporter>,
) -> Result<Report, PublishError> {
    let budget = Budget::new(settings.uploads);
    let run = Run { masters, release, store, settings, clock, reporter, tally: Tally::default(), budget };
    let inputs = read_input(masters, release, settings, run.reporter.as_ref()).await?;
    let last = run.complete(run.last().await?).await?;
    let record = last.as_ref().map(|(record, _)| record.clone());
    let first_plan = run.plan(&inputs, record.as_ref()).await?;
    run.create_lists().await?;
    if first_plan.is_done {
        return run.report_done(&first_plan);
    }
    // named before it is looked for again or written, so that no sweep takes it for an orphan
    let etag = run.begin(&first_plan, last).await?;
    let plan = run.plan(&inputs, record.as_ref()).await?;
    let (tracks, etag) = run.store_objects(plan, etag).await?;
    run.switch_manifests(tracks, &etag).await
}

impl Run<'_> {
    /// The report of a release of which the store has all, with the warnings that its lyrics have.
    fn report_done(&self, plan: &ReleasePlan<'_>) -> Result<Report, PublishError> {
        let rendered = plan.tracks.iter().filter_map(|track| track.stored.lyrics.as_ref());
        let warnings = rendered.flat_map(|lyrics| &lyrics.rendered.warnings);
        report_warnings(warnings, self.settings.strict, self.reporter.as_ref())?;
        Ok(self.report_unchanged(plan))
    }

    /// Stores every object that the manifests are to name, and waits for sweeps that may take one.
    async fn store_objects<'p>(
        &self,
        plan: ReleasePlan<'p>,
        etag: ETag,
    ) -> Result<(Vec<TrackRun<'p>>, ETag), PublishError> {
        let old_objects = OldObjects::default();
        let tracks = self.store_media(plan, &old_objects).await?;
        let warnings =
            tracks.iter().flat_map(|track| &track.rendered).flat_map(|rendered| &rendered.warnings);
        report_warnings(warnings, self.settings.strict, self.reporter.as_ref())?;
        let etag = self.name_lyrics(&tracks, etag).await?;
        let named = Instant::now();
        self.store_lyrics(&tracks, &old_objects).await?;
        self.await_sweeps(&tracks, named, &old_objects).await?;
        Ok((tracks, etag))
    }

    /// Writes the intended change of every manifest, then makes them all.
    async fn switch_manifests(
        &self,
        mut tracks: Vec<TrackRun<'_>>,
        etag: &ETag,
    ) -> Result<Report, PublishError> {
        self.decide_changes(&mut tracks).await?;
        let committing = self.state(ReleaseState::Committing, &recorded_tracks(&tracks), Some(etag)).await?;
        let etag = committing.ok_or_else(|| self.superseded())?;
        let revisions = self.commit(&recorded_tracks(&tracks), &etag).await?;
        Ok(self.report(tracks.iter().map(|track| track.report(&revisions))))
    }
}
