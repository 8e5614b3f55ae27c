//! `nada publish RELEASE --to s3://bucket`.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use clap::Args;
use nada_packager::{
    publish::{Event, PublishSettings, Report, Reporter, publish},
    release_toml::Release,
    store::Store,
};
use nada_release::{Manifest, ObjectKey, ReleaseState};
use serde_json::json;

use crate::{
    bucket::{BucketUrl, Endpoint},
    clock,
    commands::package::PackageSettings,
    exit::{Code, failure},
    progress::{Bar, Bars},
    signal,
};

/// Publish a release: package its songs and switch its manifests as one.
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
    endpoint: Endpoint,
    #[command(flatten)]
    settings: PackageSettings,
    /// Show what would be done, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Print the outcome as JSON
    #[arg(long)]
    json: bool,
    /// Songs packaged at once
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=64))]
    jobs: u8,
    /// Write the rights of the release file over rights that somebody else wrote
    #[arg(long)]
    replace_rights: bool,
}

impl Publish {
    /// Publishes, or shows what that would do.
    pub async fn run(self) -> anyhow::Result<()> {
        let release = Release::read(&self.release)?;
        let store = self.endpoint.open(&self.to).await?;
        if self.dry_run {
            return dry_run(&release, &store, &self.settings, self.json).await;
        }
        let settings = PublishSettings {
            package: self.settings.settings(),
            jobs: usize::from(self.jobs),
            replace_rights: self.replace_rights,
            ..PublishSettings::default()
        };
        let bars = if self.json { Bars::hidden() } else { Bars::stderr() };
        let report = run(&release, &store, &settings, bars).await?;
        print(&report, self.json);
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
    let reporter: Arc<dyn Reporter> = Arc::new(Told::new(release, bars));
    tokio::select! {
        report = publish(release, store, settings, &clock::now, reporter) => Ok(report?),
        () = signal::stopped() => {
            Err(failure(Code::Interrupted, "interrupted: nothing half is published, and the same command goes on from here"))
        }
    }
}

/// Draws what happens.
struct Told {
    bars: Bars,
    titles: BTreeMap<String, String>,
    tracks: Mutex<BTreeMap<String, Bar>>,
}

impl Told {
    fn new(release: &Release, bars: Bars) -> Self {
        let titles = release.tracks.iter().map(|track| (track.id.to_string(), track.title.clone())).collect();
        Self { bars, titles, tracks: Mutex::default() }
    }

    fn with_bar(&self, track: &str, act: impl FnOnce(&Bar)) {
        let mut tracks = self.tracks.lock().unwrap_or_else(PoisonError::into_inner);
        let title = self.titles.get(track).map_or(track, String::as_str);
        act(tracks.entry(track.to_owned()).or_insert_with(|| self.bars.track(title)));
    }
}

impl Reporter for Told {
    fn event(&self, event: Event<'_>) {
        match event {
            Event::Track { track, present: false, .. } => {
                self.with_bar(track.as_str(), |bar| bar.say("packaging"))
            }
            Event::Decoded { track, done, total } => {
                self.with_bar(track.as_str(), |bar| bar.samples(done, total))
            }
            Event::TrackStored(track) => self.with_bar(track.as_str(), Bar::done),
            Event::Warning(text) => self.bars.note(&format!("nada: warning: {text}")),
            Event::Completing(release) => {
                self.bars
                    .note(&format!("nada: completing release {release}, which a run left half switched"));
            }
            _ => {}
        }
    }
}

fn print(report: &Report, as_json: bool) {
    if as_json {
        let tracks: Vec<_> = (report.tracks.iter())
            .map(|t| json!({ "track": t.track, "version": t.version, "packaged": t.packaged, "lyrics": t.lyrics, "revision": t.revision }))
            .collect();
        println!(
            "{}",
            json!({ "release": report.release, "state": ReleaseState::Live, "uploaded": report.uploaded, "uploaded_bytes": report.uploaded_bytes, "tracks": tracks })
        );
        return;
    }
    for track in &report.tracks {
        let what = if track.packaged { "packaged" } else { "as it was" };
        println!("{} revision {} version {} ({what})", track.track, track.revision, track.version);
    }
    let (objects, mb) = (report.uploaded, report.uploaded_bytes as f64 / 1e6);
    println!("release {} is live: {objects} objects written, {mb:.1} MB", report.release);
}

/// Looks up what is there already.
async fn dry_run(
    release: &Release,
    store: &Store,
    settings: &PackageSettings,
    as_json: bool,
) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    for track in &release.tracks {
        let version = settings.settings().version(&sha256(&track.audio)?);
        let packaged = store.has(&ObjectKey::Presentation(track.id.clone(), version.clone())).await?;
        let manifest =
            store.read::<Manifest>(&ObjectKey::Manifest(track.id.clone())).await?.map(|(found, _)| found);
        let current = manifest.as_ref().map(|m| m.presentation.version.clone());
        if as_json {
            rows.push(
                json!({ "track": track.id, "version": version, "packaged": packaged, "current": current,
                "rights": { "found": manifest.as_ref().map(|m| &m.rights), "wanted": track.rights } }),
            );
            continue;
        }
        let audio = match (packaged, current == Some(version.clone())) {
            (_, true) => "its audio is current".to_owned(),
            (true, false) => format!("would switch to version {version}, which is stored"),
            (false, false) => format!("would package version {version}"),
        };
        let rights = match manifest {
            None => "a new track",
            Some(found) if found.rights == track.rights => "the same rights",
            Some(_) => "other rights than it has now",
        };
        println!("{} {}: {audio}; {rights}", track.id, track.title);
    }
    if as_json {
        println!("{}", json!({ "release": release.id, "dry_run": true, "tracks": rows }));
    }
    Ok(())
}

fn sha256(path: &Path) -> anyhow::Result<[u8; 32]> {
    use sha2::Digest as _;
    let cannot = |error: std::io::Error| failure(Code::Input, format!("{}: {error}", path.display()));
    let mut hasher = sha2::Sha256::new();
    std::io::copy(&mut std::fs::File::open(path).map_err(cannot)?, &mut HashWriter(&mut hasher))
        .map_err(cannot)?;
    Ok(hasher.finalize().into())
}

struct HashWriter<'a>(&'a mut sha2::Sha256);

impl std::io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        sha2::Digest::update(self.0, bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
