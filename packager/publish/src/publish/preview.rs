//! What a publish would do, for people and machines: the plan that it would execute, and nothing written.

use std::sync::Arc;

use jiff::Timestamp;
use nada_catalog::{
    ArtworkDigest, LyricsDigest, ObjectKey, ReleaseId, ReleaseState, RenditionName, Rights, Status, TrackId,
    Version,
};
use serde::Serialize;

use super::{
    error::PublishError,
    input::{read_input, report_warnings},
    inventory::lyrics_keys,
    masters::LocalFiles,
    plan::{ArtworkPlan, AudioPlan, DetailsPlan, LyricsPlan, RightsPlan, TrackPlan, plan},
    progress::{TrackProgress, progress, status},
    report::Reporter,
    settings::PublishSettings,
    stored::look_up,
    switch::Clock,
};
use crate::{release_toml::Release, store::Store};

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
    /// How it is protected, with the names of its keys; absent where it is in the clear.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protection: Option<String>,
    /// Objects of the version that are there.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The first object that its served version or its current lyrics lost, where one is repaired.
    pub lost: Option<String>,
    /// What becomes of its lyrics.
    pub lyrics: LyricsPlan,
    /// The state of lyrics that becomes current, where it is known by now.
    pub lyrics_digest: Option<LyricsDigest>,
    /// What becomes of its artwork.
    pub artwork: ArtworkPlan,
    /// The state of artwork that becomes current.
    pub artwork_digest: Option<ArtworkDigest>,
    /// What becomes of its rights.
    pub rights: RightsPlan,
    /// The rights in the store.
    pub rights_found: Option<Rights>,
    /// The rights in the release's file.
    pub rights_wanted: Rights,
    /// What becomes of title, artists, album, label and album loudness.
    pub details: DetailsPlan,
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
    pub unfinished: Vec<TrackProgress>,
    /// The tracks.
    pub tracks: Vec<TrackPreview>,
    /// Whether the publish would write nothing.
    pub nothing_to_do: bool,
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
    let inputs = read_input(&LocalFiles, release, settings, &reporter).await?;
    let last = status(store, &release.id).await?;
    let mut unfinished = Vec::new();
    if let Some(record) = last.as_ref().filter(|record| record.state != ReleaseState::Live) {
        unfinished = progress(store, record, clock()).await?;
    }
    let mut stored = look_up(&inputs, last.as_ref(), store).await?;
    stored.iter_mut().for_each(|track| track.complete(last.as_ref(), clock()));
    let plan = plan(release, &inputs, stored, last.as_ref(), settings.replace_rights, clock());
    let lyrics = plan.tracks.iter().filter_map(|track| track.stored.lyrics.as_ref());
    report_warnings(lyrics.flat_map(|lyrics| &lyrics.rendered.warnings), settings.strict, &reporter)?;
    Ok(Preview {
        release: release.id.clone(),
        state: last.as_ref().map(|record| record.state),
        at: last.as_ref().map(|record| record.at),
        unfinished,
        nothing_to_do: plan.is_done
            && store.has(&ObjectKey::Revocations).await?
            && store.has(&ObjectKey::Changes).await?,
        tracks: plan.tracks.into_iter().map(TrackPreview::from).collect(),
    })
}

impl From<TrackPlan<'_>> for TrackPreview {
    fn from(plan: TrackPlan<'_>) -> Self {
        let artwork_digest = plan.artwork_digest().cloned();
        let TrackPlan { input, stored, audio, lyrics, artwork, rights, details } = plan;
        let track = &input.track.id;
        let (mut objects, mut bytes) = stored.media.total();
        let mut lost = match (audio, &stored.presentation) {
            (AudioPlan::Repair, Some((presentation, _))) => stored.lost_media(presentation),
            (AudioPlan::Repair, None) => Some(ObjectKey::Presentation(track.clone(), input.version.clone())),
            (AudioPlan::Keep | AudioPlan::Switch | AudioPlan::Package, _) => None,
        };
        if let Some(found) = &stored.lyrics {
            let keys = || lyrics_keys(track, &found.rendered.index);
            objects += keys().filter(|key| found.objects.has(key)).count() as u64;
            bytes += found.objects.total().1;
            if lyrics == LyricsPlan::Repair {
                lost = lost.or_else(|| found.objects.lacks(keys()));
            }
        }
        Self {
            track: track.clone(),
            title: input.track.title.clone(),
            version: input.version.clone(),
            current: stored.manifest.as_ref().map(|found| found.presentation.version.clone()),
            status: stored.manifest.as_ref().map(|found| found.status),
            audio,
            ladder: input.settings.ladder.rungs().to_vec(),
            protection: input.settings.protection.as_ref().map(ToString::to_string),
            objects,
            bytes,
            lost: lost.map(|key| key.to_string()),
            lyrics,
            lyrics_digest: stored.lyrics.map(|lyrics| lyrics.rendered.index.digest),
            artwork,
            artwork_digest,
            rights,
            rights_found: stored.manifest.map(|found| found.rights),
            rights_wanted: input.track.rights.clone(),
            details,
        }
    }
}
