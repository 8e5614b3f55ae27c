//! `nada status`.

use clap::Args;
use nada_catalog::{
    Clip, ClipKind, KeptVersion, Manifest, ObjectKey, Presentation, ReleaseId, ReleaseRecord, ReleaseState,
    Status as TrackStatus, TrackId,
};
use nada_publish::publish::{Stage, TrackProgress, progress, status};
use serde_json::json;

use super::{at::At, rights};
use crate::{
    clock,
    terminal::{self, print_line},
};

/// Show how far a release has come, or what a track is.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  nada status kabir-dohe --at s3://releases\n  nada status --track INNDA2600001 --at s3://releases"
)]
pub struct Status {
    /// The release
    #[arg(required_unless_present = "track")]
    release: Option<ReleaseId>,
    /// A track instead
    #[arg(long, conflicts_with = "release", value_name = "TRACK")]
    track: Option<TrackId>,
    #[command(flatten)]
    at: At,
    /// Print what is stored, and how far it has come, as JSON
    #[arg(long)]
    pub json: bool,
}

impl Status {
    /// Prints it.
    pub async fn run(self) -> anyhow::Result<()> {
        let store = self.at.open().await?;
        if let Some(track) = &self.track {
            let found = store.read::<Manifest>(&ObjectKey::Manifest(track.clone())).await?;
            let (manifest, _) = found.ok_or_else(|| self.at.absent(format_args!("track {track}")))?;
            if self.json {
                terminal::json(serde_json::to_string_pretty(&manifest)?);
            } else {
                terminal::lines(&of_track(&manifest));
            }
            return Ok(());
        }
        let Some(release) = &self.release else { return Ok(()) };
        let found = status(&store, release).await?;
        let commit = found.ok_or_else(|| self.at.absent(format_args!("release {release}")))?;
        let tracks = progress(&store, &commit, clock::now()).await?;
        if self.json {
            let next = next(&commit, &tracks);
            terminal::json(format_args!("{:#}", json!({ "commit": commit, "tracks": tracks, "next": next })));
            return Ok(());
        }
        print_line!("release {release}: {} since {}", word(commit.state), commit.at);
        terminal::lines(&lines(&tracks));
        print_line!("  {}", next(&commit, &tracks));
        Ok(())
    }
}

fn of_track(manifest: &Manifest) -> String {
    let state = if manifest.status == TrackStatus::Live { "live" } else { "withdrawn" };
    let version = |kept: &KeptVersion| {
        let presentation = &manifest.presentation;
        let current =
            if kept.version == presentation.version { of_current(presentation) } else { String::new() };
        format!("  {} since {}{current}\n", kept.version, kept.at)
    };
    let lyrics = manifest.lyrics.iter().map(|lyrics| {
        let layers: Vec<_> = lyrics.layers.iter().map(|layer| layer.lang.as_str()).collect();
        format!("lyrics {}: {}\n", lyrics.digest, layers.join(", "))
    });
    let artwork = manifest.artwork.iter().map(|artwork| {
        let sizes: Vec<_> = artwork.sizes.iter().map(ToString::to_string).collect();
        format!("artwork {}: {} px\n", artwork.digest, sizes.join(", "))
    });
    let clips = manifest.clips.iter().map(|clip| format!("  {}\n", of_clip(clip)));
    let clips = if manifest.clips.is_empty() {
        String::new()
    } else {
        format!("clips:\n{}", clips.collect::<String>())
    };
    format!(
        "{}: {state}, revision {}, updated {}\n{} — {} ({}, release {})\nversions kept:\n{}{}{}{clips}rights:\n{}",
        manifest.track,
        manifest.revision,
        manifest.updated,
        manifest.title,
        manifest.artists.join(", "),
        manifest.album,
        manifest.release,
        manifest.versions.iter().map(version).collect::<String>(),
        lyrics.collect::<String>(),
        artwork.collect::<String>(),
        rights::lines(&manifest.rights),
    )
}

fn of_clip(clip: &Clip) -> String {
    let kind = match clip.kind {
        ClipKind::Card => "card",
        ClipKind::Picture => "picture",
        ClipKind::Film => "film",
    };
    let lines = clip.lines.map(|(first, last)| format!(", lines {first} to {last}")).unwrap_or_default();
    let ((from, until), kb) = (clip.ms, clip.bytes.div_ceil(1000));
    format!("{}.{}: {kind}{lines}, {from} to {until} ms, {kb} kB", clip.id, clip.format)
}

/// What the current version consists of: of the others, the manifest says no more than that they are kept.
fn of_current(presentation: &Presentation) -> String {
    let renditions = &presentation.renditions;
    let parts: usize = renditions.iter().map(|rendition| rendition.file.parts.len()).sum();
    let bytes: u64 = renditions.iter().map(|rendition| rendition.file.length()).sum();
    format!(" (current): {} renditions in {parts} parts, {:.1} MB", renditions.len(), bytes as f64 / 1e6)
}

/// The state as it is stored.
pub fn word(state: ReleaseState) -> &'static str {
    match state {
        ReleaseState::Uploading => "uploading",
        ReleaseState::Committing => "committing",
        ReleaseState::Live => "live",
    }
}

/// One line a track.
pub fn lines(tracks: &[TrackProgress]) -> String {
    let line = |track: &TrackProgress| {
        let far = match &track.stage {
            Stage::Uploading { whole: true, objects, bytes } => {
                format!("{objects} objects stored, {:.1} MB: all", *bytes as f64 / 1e6)
            }
            Stage::Uploading { objects, bytes, .. } => {
                format!("{objects} objects stored so far, {:.1} MB", *bytes as f64 / 1e6)
            }
            Stage::ToSwitch => "manifest still to be switched".to_owned(),
            Stage::Switched => "current".to_owned(),
            Stage::Refused { why } => format!("cannot be completed: {why}"),
            Stage::Replaced { current } => format!("replaced since by version {current}"),
        };
        format!("  {} version {}: {far}\n", track.track, track.version)
    };
    tracks.iter().map(line).collect()
}

/// What a rerun will do.
pub fn next(commit: &ReleaseRecord, tracks: &[TrackProgress]) -> String {
    let refused = tracks.iter().any(|track| matches!(track.stage, Stage::Refused { .. }));
    match commit.state {
        ReleaseState::Live => "nothing is left to do".to_owned(),
        ReleaseState::Uploading => {
            "a run is at it, or died: nothing of it is served, and a rerun of nada publish sends only what is missing"
                .to_owned()
        }
        ReleaseState::Committing if refused => {
            "somebody else changed a track: a rerun of nada publish gives this commit up and begins anew".to_owned()
        }
        ReleaseState::Committing => {
            let open = tracks.iter().filter(|track| track.stage == Stage::ToSwitch).count();
            format!(
                "a run is at it, or died: a rerun of nada publish first switches the {open} manifests that are left"
            )
        }
    }
}
