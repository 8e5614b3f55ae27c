//! `nada package AUDIO --out DIR`.

use std::{
    fs,
    num::NonZeroUsize,
    path::{Path, PathBuf},
};

use clap::Args;
use nada_catalog::{PresentationKind, TrackId, multivariant};
use nada_pipeline::{Execution, Folder, Ladder, Overs, PackageError, Packaged, PartSize, Schedule, Settings};
use nada_protection::{KeySource, TrackKeys};
use nada_publish::{
    publish::PublishError,
    release_toml::{ProtectionChoice, Recipe},
};
use serde_json::json;

use crate::{
    commands::decode,
    exit::{Code, cannot_write, failure},
    key_source::KeySourceArgs,
    progress::Bars,
    terminal::{self, print_line, print_notice},
};

/// Package one master into local files: one for each rendition, and the playlists that play from it.
///
/// {rendition}.mp4 is the whole rendition and plays by itself; {rendition}/media.m3u8 and multivariant.m3u8 name byte
/// ranges of it.
#[derive(Args)]
#[command(after_help = "Example:\n  nada package song.flac --out song/ && ffplay song/multivariant.m3u8")]
pub struct Package {
    /// The master: WAV, AIFF, CAF, FLAC, ALAC, MP3, AAC, HE-AAC, Vorbis or Opus
    audio: PathBuf,
    /// The folder to write, new or empty
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    settings: PackageSettings,
    #[command(flatten)]
    keys: KeySourceArgs,
    /// The name that keys are derived for, where it is protected: the track's id
    #[arg(long, value_name = "TRACK", default_value = "local")]
    track: TrackId,
    /// Encoders at work at once (default: one a core)
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
    /// Print the presentation as JSON
    #[arg(long)]
    pub json: bool,
}

/// What a presentation depends on besides its source.
#[derive(Args, Clone)]
pub struct PackageSettings {
    /// The renditions to make (default: what release.toml says, else the default ladder)
    #[arg(long, value_name = "NAME,NAME")]
    ladder: Option<Ladder>,
    /// Lengths of the first segment and of the others, in HE-AAC frames (default: what release.toml says, else 64,128)
    #[arg(long, value_name = "FIRST,OTHERS")]
    segments: Option<Schedule>,
    /// What is done with samples over full scale: clip them, or normalise, which lowers the whole track (default: what
    /// release.toml says, else clip)
    #[arg(long, value_name = "clip|normalise")]
    overs: Option<Overs>,
    /// The most bytes of segments in one stored part of a rendition, from 1KiB to 4MiB (default: 4MiB)
    #[arg(long, value_name = "SIZE")]
    part_size: Option<PartSize>,
    /// Whether and how it is encrypted: cbcs, cbcs,lead=0,keys=2,clearkey, or none (default: what release.toml says, else
    /// none)
    #[arg(long, value_name = "none|cbcs")]
    protection: Option<ProtectionChoice>,
}

impl PackageSettings {
    /// What the command line says.
    pub fn recipe(&self) -> Recipe {
        Recipe {
            ladder: self.ladder.clone(),
            schedule: self.segments,
            overs: self.overs,
            part_size: self.part_size,
            protection: self.protection,
        }
    }

    /// As the packager takes them, for a track of that name, with its keys where it is to be protected.
    fn settings(
        &self,
        track: &TrackId,
        source: Option<&dyn KeySource>,
    ) -> anyhow::Result<(Settings, Option<TrackKeys>)> {
        let recipe = self.recipe();
        let settings = recipe.settings();
        let Some(terms) = recipe.terms() else { return Ok((settings, None)) };
        let source = source.ok_or_else(|| PublishError::NoKeySource(track.clone()))?;
        let keys = source.keys(&terms.request(track.as_str()));
        let keys = keys.map_err(|source| PublishError::Keys { track: track.clone(), source })?;
        Ok((Settings { protection: Some(terms.protection(track.as_str(), source)), ..settings }, Some(keys)))
    }
}

impl Package {
    /// Packages into a folder beside `out` and moves it there when it is whole.
    pub fn run(self) -> anyhow::Result<()> {
        let cannot = |what: &Path, error: std::io::Error| cannot_write(what, &error);
        refuse_full(&self.out)?;
        let source = self.keys.open()?;
        let (settings, keys) = self.settings.settings(&self.track, source.as_deref())?;
        let parent = self.out.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(parent).map_err(|error| cannot(parent, error))?;
        let unfinished = tempfile::Builder::new()
            .prefix(".nada-")
            .tempdir_in(parent)
            .map_err(|error| cannot(parent, error))?;
        let folder = Folder::create(unfinished.path()).map_err(|error| cannot(unfinished.path(), error))?;
        let packaged = self.package(folder, &settings, keys)?;
        self.write_playlists(&packaged, &settings, unfinished.path())?;
        if self.out.exists() {
            fs::remove_dir(&self.out).map_err(|error| cannot(&self.out, error))?;
        }
        let whole = unfinished.keep();
        fs::rename(&whole, &self.out).map_err(|error| cannot(&self.out, error))?;
        report(&packaged, &self.out, self.json);
        Ok(())
    }

    fn package(
        &self,
        mut folder: Folder,
        settings: &Settings,
        keys: Option<TrackKeys>,
    ) -> anyhow::Result<Packaged> {
        let usual = decode::execution()?;
        let execution = Execution { threads: self.threads.unwrap_or(usual.threads), keys, ..usual };
        let bars = Bars::stderr();
        let bar = bars.track(&self.audio.display().to_string());
        let packaged = nada_pipeline::package(&self.audio, settings, &execution, &mut folder, &|progress| {
            bar.samples(progress.done, progress.total);
        });
        bar.done();
        packaged.map_err(|error| self.explain(error))
    }

    /// The error with its exit code.
    fn explain(&self, error: PackageError) -> anyhow::Error {
        if let PackageError::Sink { object, error: cause } = &error {
            return match cause.downcast_ref() {
                Some(cause) => cannot_write(&self.out.join(object), cause),
                None => failure(Code::Output, error.to_string()),
            };
        }
        let of_input = matches!(
            error,
            PackageError::Source(_)
                | PackageError::NothingLossless
                | PackageError::TooLoud { .. }
                | PackageError::LargeSegment { .. }
        );
        if of_input { failure(Code::Input, error.to_string()) } else { error.into() }
    }

    fn write_playlists(&self, packaged: &Packaged, settings: &Settings, folder: &Path) -> anyhow::Result<()> {
        let version = nada_catalog::Version::from_input(&[settings.fingerprint().as_bytes()]);
        let presentation = packaged.clone().into_presentation(self.track.clone(), version);
        for kind in [PresentationKind::Aac, PresentationKind::Lossless] {
            let Some(text) = multivariant(&presentation, None, None, kind, "") else { continue };
            let path = folder.join(kind.file());
            fs::write(&path, text).map_err(|error| cannot_write(&path, &error))?;
        }
        Ok(())
    }
}

/// Refuses a folder that holds something: nothing of anybody's is overwritten.
fn refuse_full(out: &Path) -> anyhow::Result<()> {
    let holds = match fs::read_dir(out) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
        Err(error) => return Err(failure(Code::Output, format!("cannot write {}: {error}", out.display()))),
    };
    if holds {
        return Err(failure(
            Code::Output,
            format!("{} is not empty: name a new folder with --out", out.display()),
        ));
    }
    Ok(())
}

fn report(packaged: &Packaged, out: &Path, as_json: bool) {
    if as_json {
        terminal::json(
            json!({ "folder": out, "timeline": packaged.timeline, "loudness": packaged.loudness, "renditions": packaged.renditions, "notices": packaged.notices }),
        );
        return;
    }
    for notice in &packaged.notices {
        print_notice!("nada: {notice}");
    }
    let seconds = packaged.timeline.duration_ms() as f64 / 1000.0;
    print_line!("{}: {seconds:.3} s", out.display());
    for rendition in &packaged.renditions {
        print_line!(
            "  {:<10} {:>4} segments, {:>6.1} kbit/s on average, {:>6.1} at the peak",
            rendition.name.to_string(),
            rendition.file.segments.count(),
            rendition.average_bandwidth as f64 / 1000.0,
            rendition.bandwidth as f64 / 1000.0
        );
    }
}
