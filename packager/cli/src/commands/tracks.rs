//! `nada status`, `nada withdraw`, `nada restore`.

use clap::Args;
use nada_packager::publish;
use nada_release::{Manifest, ObjectKey, ReleaseId, Status as TrackStatus, TrackId};

use crate::{
    bucket::{BucketUrl, Endpoint},
    clock,
    exit::{Code, failure},
};

/// The bucket a command works on.
#[derive(Args)]
pub struct At {
    /// The bucket, as s3://name
    #[arg(long, value_name = "BUCKET")]
    at: BucketUrl,
    #[command(flatten)]
    endpoint: Endpoint,
}

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
    /// Print what is stored as JSON
    #[arg(long)]
    json: bool,
}

impl Status {
    /// Prints it.
    pub async fn run(self) -> anyhow::Result<()> {
        let store = self.at.endpoint.open(&self.at.at).await?;
        let absent = |what: String| failure(Code::Input, format!("{what} is not in s3://{}", self.at.at.0));
        if let Some(track) = self.track {
            let found = store.read::<Manifest>(&ObjectKey::Manifest(track.clone())).await?;
            let (manifest, _) = found.ok_or_else(|| absent(format!("track {track}")))?;
            if self.json {
                println!("{}", serde_json::to_string_pretty(&manifest)?);
                return Ok(());
            }
            let status = if manifest.status == TrackStatus::Live { "live" } else { "withdrawn" };
            println!("{track}: {status}, revision {}, updated {}", manifest.revision, manifest.updated);
            println!(
                "  {} — {} ({}, release {})",
                manifest.title,
                manifest.artists.join(", "),
                manifest.album,
                manifest.release
            );
            println!("  version {}", manifest.presentation.version);
            println!("  rights {}", serde_json::to_string(&manifest.rights.territories)?);
            return Ok(());
        }
        let Some(release) = self.release else { return Ok(()) };
        let commit =
            publish::status(&store, &release).await?.ok_or_else(|| absent(format!("release {release}")))?;
        if self.json {
            println!("{}", serde_json::to_string_pretty(&commit)?);
            return Ok(());
        }
        let state = serde_json::to_value(commit.state)?;
        println!("release {release}: {} since {}", state.as_str().unwrap_or_default(), commit.at);
        for track in &commit.tracks {
            println!("  {} version {}", track.track, track.version);
        }
        Ok(())
    }
}

/// Withdraw a track everywhere, within a minute.
#[derive(Args)]
#[command(after_help = "Example:\n  nada withdraw INNDA2600001 --at s3://releases")]
pub struct Withdraw {
    /// The track
    track: TrackId,
    #[command(flatten)]
    at: At,
}

/// Restore a withdrawn track.
#[derive(Args)]
#[command(after_help = "Example:\n  nada restore INNDA2600001 --at s3://releases")]
pub struct Restore {
    /// The track
    track: TrackId,
    #[command(flatten)]
    at: At,
}

impl Withdraw {
    /// Returns once every edge is bound to notice.
    pub async fn run(self) -> anyhow::Result<()> {
        set(&self.at, &self.track, TrackStatus::Withdrawn, "withdrawn").await
    }
}

impl Restore {
    /// Returns once every edge is bound to notice.
    pub async fn run(self) -> anyhow::Result<()> {
        set(&self.at, &self.track, TrackStatus::Live, "live").await
    }
}

async fn set(at: &At, track: &TrackId, status: TrackStatus, word: &str) -> anyhow::Result<()> {
    let store = at.endpoint.open(&at.at).await?;
    let revision = publish::set_status(&store, track, status, &clock::now).await?;
    println!("{track} is {word} (revision {revision}); every edge knows within 60 seconds");
    Ok(())
}
