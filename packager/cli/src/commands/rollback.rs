//! `nada rollback TRACK VERSION`.

use clap::Args;
use nada_catalog::{Manifest, ObjectKey, TrackId, Version};
use nada_publish::publish::roll_back;
use serde_json::json;

use super::at::Change;
use crate::{
    clock,
    terminal::{self, print_line, print_notice},
};

/// Make an earlier version of a track current again.
#[derive(Args)]
#[command(
    after_help = "Example:\n  nada status --track INNDA2600001 --at s3://releases     # shows the versions kept\n  \
    nada rollback INNDA2600001 0123456789abcdef0123456789abcdef --at s3://releases\n\n\
    The version that was current stays kept, and so do lyrics, rights and status. The next publish of the\n\
    release makes the version of its audio current again."
)]
pub struct Rollback {
    /// The track
    track: TrackId,
    /// A version that its manifest keeps
    version: Version,
    #[command(flatten)]
    pub change: Change,
}

impl Rollback {
    /// Returns once every edge is bound to notice.
    pub async fn run(self) -> anyhow::Result<()> {
        let Self { track, version, change } = self;
        let store = change.at.open().await?;
        let key = ObjectKey::Manifest(track.clone());
        let before = store.read::<Manifest>(&key).await?.map(|(found, _)| found);
        let revision = roll_back(&store, &track, &version, change.if_revision, &clock::now).await?;
        let after = store.read::<Manifest>(&key).await?.map(|(found, _)| found);
        // lyrics are rendered for one length; another one shows at their end at most
        let (old, new) = (before.as_ref(), after.as_ref());
        let stretched = old.zip(new).is_some_and(|(old, new)| {
            new.lyrics.is_some() && old.presentation.timeline != new.presentation.timeline
        });
        if stretched {
            print_notice!(
                "nada: warning: the lyrics of {track} were made for audio of another length: publish them again"
            );
        }
        if change.json {
            terminal::json(json!({ "track": track, "version": version, "revision": revision }));
        } else {
            print_line!(
                "{track} is at version {version} (revision {revision}); every edge knows within 60 seconds"
            );
        }
        Ok(())
    }
}
