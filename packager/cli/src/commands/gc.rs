//! `nada gc`.

use clap::Args;
use jiff::SignedDuration;
use nada_publish::gc::{Folder, GcError, LEAST_AGE, Orphan, Orphans, Swept, find, sweep};
use nada_quote::Visible;
use serde_json::{Value, json};

use super::at::At;
use crate::{
    clock,
    exit::{Code, failure},
    terminal,
};

/// List versions and lyrics that no manifest names, left by runs that died, and delete them if told so.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  nada gc --at s3://releases\n  nada gc --older-than 30d --delete --at s3://releases\n\n\
    Never deleted is what a manifest names, what a release that is being committed names, or one that began to\n\
    upload within the last week, and what is younger than a day. It is safe to publish meanwhile."
)]
pub struct Gc {
    /// Delete what is listed
    #[arg(long)]
    delete: bool,
    /// Look only at what is this old; a day at least
    #[arg(long, value_name = "AGE", default_value = "1d")]
    older_than: humantime::Duration,
    #[command(flatten)]
    at: At,
    /// Print the outcome as JSON
    #[arg(long)]
    pub json: bool,
}

impl Gc {
    /// Lists, and sweeps if told so.
    pub async fn run(self) -> anyhow::Result<()> {
        let age = SignedDuration::try_from(*self.older_than).unwrap_or(SignedDuration::MAX);
        if age < LEAST_AGE {
            return Err(failure(
                Code::Input,
                "--older-than is a day at least: younger objects may be under way",
            ));
        }
        let store = self.at.open().await?;
        let found = find(&store, age, clock::now()).await.map_err(refused)?;
        let swept = match self.delete {
            true => Some(sweep(&store, &found, &clock::now).await.map_err(refused)?),
            false => None,
        };
        if self.json {
            terminal::json(format_args!("{:#}", as_json(&found, swept.as_ref())));
        } else {
            terminal::lines(&as_text(&found, swept.as_ref()));
        }
        Ok(())
    }
}

fn refused(error: GcError) -> anyhow::Error {
    match error {
        GcError::Store(error) => error.into(),
        GcError::TooSlow => failure(Code::Unavailable, error.to_string()),
        GcError::TooYoung(_) => failure(Code::Input, error.to_string()),
    }
}

fn totals(found: &Orphans) -> (u64, u64) {
    (found.orphans.iter().map(|o| o.objects).sum(), found.orphans.iter().map(|o| o.bytes).sum())
}

fn as_json(found: &Orphans, swept: Option<&Swept>) -> Value {
    let orphan = |orphan: &Orphan| {
        let (kind, id) = match &orphan.folder {
            Folder::Version(_, version) => ("version", version.as_str()),
            Folder::Lyrics(_, digest) => ("lyrics", digest.as_str()),
            Folder::Artwork(_, digest) => ("artwork", digest.as_str()),
            Folder::Clip(_, id, _) => ("clip", id.as_str()),
        };
        json!({ "track": orphan.folder.track(), kind: id, "objects": orphan.objects, "bytes": orphan.bytes,
            "modified": orphan.modified })
    };
    let (objects, bytes) = totals(found);
    let swept = swept.map(|s| json!({ "objects": s.objects, "bytes": s.bytes, "spared": s.spared }));
    json!({ "listed": found.listed, "objects": objects, "bytes": bytes, "deleted": swept,
        "orphans": found.orphans.iter().map(orphan).collect::<Vec<_>>(), "foreign": found.foreign })
}

fn as_text(found: &Orphans, swept: Option<&Swept>) -> String {
    let mut text = String::new();
    for orphan in &found.orphans {
        let what = match &orphan.folder {
            Folder::Version(track, version) => format!("{track} version {version}"),
            Folder::Lyrics(track, digest) => format!("{track} lyrics {digest}"),
            Folder::Artwork(track, digest) => format!("{track} artwork {digest}"),
            Folder::Clip(track, id, format) => format!("{track} clip {id}.{format}"),
        };
        let (objects, mb) = (orphan.objects, orphan.bytes as f64 / 1e6);
        text += &format!("{what}: {objects} objects, {mb:.1} MB, last written {}\n", orphan.modified);
    }
    for foreign in &found.foreign {
        let foreign = Visible::new(foreign);
        text += &format!("{foreign}: not Nada's, left alone\n");
    }
    let (objects, bytes) = totals(found);
    let (count, listed, mb) = (found.orphans.len(), found.listed, bytes as f64 / 1e6);
    text += &format!("{count} orphans of {objects} objects and {mb:.1} MB, among {listed} objects\n");
    text += &match swept {
        Some(Swept { objects, bytes, spared }) => format!(
            "deleted {objects} objects, {:.1} MB; {spared} orphans were somebody's by then\n",
            *bytes as f64 / 1e6
        ),
        None if count > 0 => "nothing is deleted without --delete\n".to_owned(),
        None => String::new(),
    };
    text
}
