//! What a publish would do: looked up, and nothing written.

use std::sync::Arc;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use jiff::Timestamp;
use nada_release::{
    Commit, LyricsDigest, ReleaseId, ReleaseState, RenditionName, Rights, Status, TrackId, Version,
};
use serde::Serialize;

use super::{
    PublishSettings,
    error::PublishError,
    inventory::{Inventory, lyrics_keys, media_keys},
    masters::Here,
    plan::{AT_ONCE, Plan, plan, read_input},
    report::Reporter,
    standing::{TrackStanding, standing, status},
    switch::Clock,
};
use crate::{release_toml::Release, store::Store};

/// What becomes of a track's audio.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AudioPlan {
    /// Its version is current.
    Keep,
    /// Its version is stored whole; the manifest is switched to it.
    Switch,
    /// It is packaged. Objects that are there already are compared, not sent.
    Package,
}

/// What becomes of a track's lyrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LyricsPlan {
    /// There are none, and none were there.
    None,
    /// They are as they were.
    Keep,
    /// They are new, or others than before.
    Write,
    /// There were some, and none are left.
    Remove,
    /// They are rendered when the length of the audio is known.
    Render,
}

/// What becomes of a track's rights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RightsPlan {
    /// They are as they were.
    Keep,
    /// They are written: the track is new, or this release changes what it wrote itself.
    Write,
    /// Those of somebody else are replaced.
    Replace,
    /// Somebody else wrote them: the publish refuses.
    Refuse,
}

/// One track of a preview.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrackPreview {
    /// The track.
    pub track: TrackId,
    /// Its title.
    pub title: String,
    /// The version that becomes current.
    pub version: Version,
    /// The version that is current.
    pub current: Option<Version>,
    /// What it is; a publish does not change it.
    pub status: Option<Status>,
    /// What becomes of its audio.
    pub audio: AudioPlan,
    /// The renditions.
    pub ladder: Vec<RenditionName>,
    /// Objects of the version that are there.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
    /// What becomes of its lyrics.
    pub lyrics: LyricsPlan,
    /// The state of lyrics that becomes current, where it is known by now.
    pub lyrics_digest: Option<LyricsDigest>,
    /// What becomes of its rights.
    pub rights: RightsPlan,
    /// The rights in the store.
    pub rights_found: Option<Rights>,
    /// The rights in the release's file.
    pub rights_wanted: Rights,
}

/// What a publish would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// The release.
    pub release: ReleaseId,
    /// How far it has come so far; `None` where the store does not know it.
    pub state: Option<ReleaseState>,
    /// When that state was written.
    pub at: Option<Timestamp>,
    /// Where a run died: how far it came. One that died while it switched manifests is completed first.
    pub unfinished: Vec<TrackStanding>,
    /// The tracks.
    pub tracks: Vec<TrackPreview>,
}

impl Preview {
    /// Whether the publish would write nothing.
    pub fn is_done(&self) -> bool {
        let kept = |track: &TrackPreview| {
            track.audio == AudioPlan::Keep
                && matches!(track.lyrics, LyricsPlan::None | LyricsPlan::Keep)
                && track.rights == RightsPlan::Keep
        };
        self.state == Some(ReleaseState::Live) && self.tracks.iter().all(kept)
    }
}

/// Looks up what [`publish`](super::publish) would do with the same arguments, and writes nothing.
///
/// # Errors
/// As `publish`, where the input is at fault or the store cannot be read. Rights of somebody else are no error.
pub async fn preview(
    release: &Release,
    store: &Store,
    settings: &PublishSettings,
    clock: &Clock<'_>,
    reporter: Arc<dyn Reporter>,
) -> Result<Preview, PublishError> {
    let songs = read_input(&Here, release, settings.strict, &reporter).await?;
    let last = status(store, &release.id).await?;
    let mut unfinished = Vec::new();
    if let Some(commit) = last.as_ref().filter(|commit| commit.state != ReleaseState::Live) {
        unfinished = standing(store, commit, clock()).await?;
    }
    let mut plans = plan(songs, &settings.recipe, last.as_ref(), store).await?;
    for plan in &mut plans {
        complete(plan, last.as_ref(), clock());
    }
    let tracks = plans.iter().map(|plan| look(plan, store, settings.replace_rights));
    Ok(Preview {
        release: release.id.clone(),
        state: last.as_ref().map(|commit| commit.state),
        at: last.as_ref().map(|commit| commit.at),
        unfinished,
        tracks: stream::iter(tracks).buffered(AT_ONCE).try_collect().await?,
    })
}

/// Makes of the manifest what the completion of a dead run would.
fn complete(plan: &mut Plan<'_>, last: Option<&Commit>, now: Timestamp) {
    let Some(commit) = last.filter(|commit| commit.state == ReleaseState::Committing) else { return };
    if let Some(change) = &plan.written
        && let Ok(Some(next)) = change.apply(&commit.release, plan.manifest.as_ref(), now)
    {
        plan.manifest = Some(next);
    }
}

async fn look(plan: &Plan<'_>, store: &Store, replace_rights: bool) -> Result<TrackPreview, PublishError> {
    let track = &plan.track.id;
    let stored = Inventory::of_version(store, track, &plan.version).await?;
    let current = plan.manifest.as_ref().map(|found| found.presentation.version.clone());
    let whole = plan.presentation.as_ref().filter(|p| stored.lacks(media_keys(p)).is_none());
    let audio = match (whole, &current) {
        (Some(_), Some(current)) if *current == plan.version => AudioPlan::Keep,
        (Some(_), _) => AudioPlan::Switch,
        (None, _) => AudioPlan::Package,
    };
    let ready = whole.map(|presentation| plan.render(presentation)).transpose()?.flatten();
    let found = plan.manifest.as_ref().and_then(|found| found.lyrics.as_ref());
    let lyrics = match (&plan.lyrics, &ready, found) {
        (None, _, None) => LyricsPlan::None,
        (None, _, Some(_)) => LyricsPlan::Remove,
        (Some(_), None, _) => LyricsPlan::Render,
        (Some(_), Some(ready), Some(found)) if ready.index == *found => LyricsPlan::Keep,
        (Some(_), Some(_), _) => LyricsPlan::Write,
    };
    let rights_found = plan.manifest.as_ref().map(|found| found.rights.clone());
    let rights = match (&rights_found, plan.check_rights().is_ok()) {
        (Some(found), _) if *found == plan.track.rights => RightsPlan::Keep,
        (_, true) => RightsPlan::Write,
        (_, false) if replace_rights => RightsPlan::Replace,
        (_, false) => RightsPlan::Refuse,
    };
    let (mut objects, mut bytes) = stored.total();
    if let Some(ready) = &ready {
        let stored = Inventory::of_lyrics(store, track, &ready.index.digest).await?;
        let there = lyrics_keys(track, &ready.index).filter(|key| stored.has(key)).count();
        objects += there as u64;
        bytes += stored.total().1;
    }
    Ok(TrackPreview {
        track: track.clone(),
        title: plan.track.title.clone(),
        version: plan.version.clone(),
        current,
        status: plan.manifest.as_ref().map(|found| found.status),
        audio,
        ladder: plan.settings.ladder.rungs().to_vec(),
        objects,
        bytes,
        lyrics,
        lyrics_digest: ready.map(|ready| ready.index.digest),
        rights,
        rights_found,
        rights_wanted: plan.track.rights.clone(),
    })
}
