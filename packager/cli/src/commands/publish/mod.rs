//! `nada publish RELEASE --to s3://bucket`.

mod dry_run;
mod reporter;

use std::{path::PathBuf, sync::Arc};

use clap::Args;
use nada_catalog::ReleaseState;
use nada_publish::{
    publish::{Counts, PublishSettings, Report, preview, publish},
    release_toml::Release,
    store::Store,
};
use serde_json::json;

use crate::{
    bucket::{BucketUrl, EndpointArgs},
    clock,
    commands::{decode, package::PackageSettings},
    exit::failure,
    key_source::KeySourceArgs,
    progress::Bars,
    signal, terminal,
};
use reporter::ProgressReporter;

/// Publish a release: package its masters and switch its manifests as one.
#[derive(Args)]
#[command(after_help = "Examples:\n  nada publish release.toml --to s3://releases --dry-run\n  \
    nada publish release.toml --to s3://releases --json\n\n\
    A rerun of what is published writes nothing; a rerun after a crash goes on from there.")]
pub struct Publish {
    /// The release file
    #[arg(value_name = "RELEASE.TOML")]
    release: PathBuf,
    /// The bucket, as s3://name
    #[arg(long, value_name = "BUCKET")]
    to: BucketUrl,
    #[command(flatten)]
    endpoint: EndpointArgs,
    #[command(flatten)]
    settings: PackageSettings,
    #[command(flatten)]
    keys: KeySourceArgs,
    /// Show what would be done, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Print the outcome as JSON
    #[arg(long)]
    pub json: bool,
    /// Tracks packaged at once
    #[arg(long, default_value_t = 2, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=64))]
    jobs: u8,
    /// Write the rights of the release file over rights that somebody else wrote
    #[arg(long)]
    replace_rights: bool,
    /// Refuse lyrics that would be repaired with a warning
    #[arg(long)]
    strict: bool,
}

impl Publish {
    /// Publishes, or shows what that would do.
    pub async fn run(self) -> anyhow::Result<()> {
        let release = Release::read(&self.release)?;
        let store = self.endpoint.open(&self.to).await?;
        let settings = PublishSettings {
            recipe: self.settings.recipe(),
            keys: self.keys.open()?,
            jobs: usize::from(self.jobs),
            replace_rights: self.replace_rights,
            strict: self.strict,
            execution: decode::execution()?,
            pictures: decode::pictures()?,
            ..PublishSettings::default()
        };
        let bars = if self.json { Bars::hidden() } else { Bars::stderr() };
        let reporter = Arc::new(ProgressReporter::new(&release, bars));
        if self.dry_run {
            let preview = preview(&release, &store, &settings, &clock::now, reporter.clone()).await?;
            match self.json {
                true => terminal::json(format_args!("{:#}", dry_run::json(&preview, &reporter.warnings()))),
                false => terminal::lines(&dry_run::text(&preview)),
            }
            return Ok(());
        }
        let report = publish_reporting(&release, &store, &settings, reporter.clone()).await?;
        match self.json {
            true => terminal::json(as_json(&report, &reporter.warnings())),
            false => terminal::lines(&as_text(&report)),
        }
        Ok(())
    }
}

/// Publishes one release with bars; Ctrl-C ends it between two objects.
pub async fn run(
    release: &Release,
    store: &Store,
    settings: &PublishSettings,
    bars: Bars,
) -> anyhow::Result<Report> {
    publish_reporting(release, store, settings, Arc::new(ProgressReporter::new(release, bars))).await
}

async fn publish_reporting(
    release: &Release,
    store: &Store,
    settings: &PublishSettings,
    reporter: Arc<ProgressReporter>,
) -> anyhow::Result<Report> {
    tokio::select! {
        report = publish(release, store, settings, &clock::now, reporter) => Ok(report?),
        code = signal::stopped_by() => {
            Err(failure(code, "interrupted: nothing half is published, and the same command goes on from here"))
        }
    }
}

/// What was done, for a machine.
pub fn as_json(report: &Report, warnings: &[String]) -> serde_json::Value {
    let mut json = json!(report);
    json["state"] = json!(ReleaseState::Live);
    json["warnings"] = json!(warnings);
    json
}

/// What was done, for people.
pub fn as_text(report: &Report) -> String {
    let mut text = String::new();
    for track in &report.tracks {
        let what = if track.packaged { "packaged" } else { "as it was" };
        let Counts { uploaded, present, .. } = track.objects;
        text += &format!(
            "{} revision {} version {} ({what}; {uploaded} objects sent, {present} there already)\n",
            track.track, track.revision, track.version
        );
    }
    let (objects, mb) = (report.uploaded, report.uploaded_bytes as f64 / 1e6);
    text += &format!(
        "release {} is live: {objects} objects written, {mb:.1} MB; {} were there already\n",
        report.release, report.present
    );
    text
}
