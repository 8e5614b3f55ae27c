//! `nada withdraw`, `nada restore`.

use clap::Args;
use nada_catalog::{Status, TrackId};
use nada_publish::publish::set_status;
use serde_json::json;

use super::at::Change;
use crate::{
    clock,
    terminal::{self, print_line},
};

/// Withdraw a track everywhere, within a minute.
#[derive(Args)]
#[command(after_help = "Example:\n  nada withdraw INNDA2600001 --at s3://releases")]
pub struct Withdraw {
    /// The track
    track: TrackId,
    #[command(flatten)]
    pub change: Change,
}

/// Restore a withdrawn track.
#[derive(Args)]
#[command(after_help = "Example:\n  nada restore INNDA2600001 --at s3://releases")]
pub struct Restore {
    /// The track
    track: TrackId,
    #[command(flatten)]
    pub change: Change,
}

impl Withdraw {
    /// Returns once every edge is bound to notice.
    pub async fn run(self) -> anyhow::Result<()> {
        set(&self.change, &self.track, Status::Withdrawn, "withdrawn").await
    }
}

impl Restore {
    /// Returns once every edge is bound to notice.
    pub async fn run(self) -> anyhow::Result<()> {
        set(&self.change, &self.track, Status::Live, "live").await
    }
}

async fn set(change: &Change, track: &TrackId, status: Status, word: &str) -> anyhow::Result<()> {
    let store = change.at.open().await?;
    let revision = set_status(&store, track, status, change.if_revision, &clock::now).await?;
    if change.json {
        terminal::json(json!({ "track": track, "status": status, "revision": revision }));
    } else {
        print_line!("{track} is {word} (revision {revision}); every edge knows within 60 seconds");
    }
    Ok(())
}
