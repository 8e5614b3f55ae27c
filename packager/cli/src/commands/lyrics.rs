//! `nada lyrics convert|check`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand, ValueEnum};
use nada_lyrics::{Hint, Kind, LanguageTag, Layer, Lyrics as Model, Timeline, json, lrc, vtt};

use crate::exit::{Code, failure};

/// Convert and check lyrics.
#[derive(Subcommand)]
pub enum Lyrics {
    Convert(Convert),
    Check(Check),
}

impl Lyrics {
    /// Runs the one asked for.
    pub fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Convert(command) => command.run(),
            Self::Check(command) => command.run(),
        }
    }
}

/// What lyrics are read from.
#[derive(Args)]
pub struct Input {
    /// LRC or enhanced LRC
    file: PathBuf,
    /// The language (default: the penultimate suffix of the name, as in song.hi.lrc)
    #[arg(long, value_name = "TAG")]
    lang: Option<LanguageTag>,
    /// Refuse what would be repaired with a warning
    #[arg(long)]
    strict: bool,
}

impl Input {
    fn read(&self) -> anyhow::Result<Layer> {
        let name = self.file.display();
        let bytes = fs::read(&self.file).map_err(|error| failure(Code::Input, format!("{name}: {error}")))?;
        let lang = self.lang.clone().or_else(|| suffix(&self.file)).ok_or_else(|| {
            failure(
                Code::Input,
                format!("{name}: no language: name one with --lang, or call the file song.hi.lrc"),
            )
        })?;
        let parsed = nada_lyrics::parse(&bytes, &Hint { lang, kind: Kind::Main })
            .map_err(|error| failure(Code::Input, format!("{name}: {error}")))?;
        for warning in &parsed.warnings {
            eprintln!("nada: warning: {name}:{}:{}: {}", warning.line, warning.column, warning.message);
        }
        match parsed.warnings.len() {
            count if self.strict && count > 0 => {
                Err(failure(Code::Input, format!("{name}: {count} warnings, and --strict")))
            }
            _ => Ok(parsed.layer),
        }
    }
}

/// The language in `song.hi.lrc`.
fn suffix(file: &Path) -> Option<LanguageTag> {
    Path::new(file.file_stem()?).extension()?.to_str()?.parse().ok()
}

/// A form to convert to.
#[derive(Clone, Copy, ValueEnum)]
enum Form {
    /// OpenSubsonic songLyrics version 2
    Json,
    /// Enhanced LRC, with word times
    Elrc,
    /// LRC, with line times
    Lrc,
    /// WebVTT, with karaoke time tags
    Vtt,
}

/// Convert lyrics to another form.
#[derive(Args)]
#[command(after_help = "Example:\n  nada lyrics convert song.hi.lrc --to vtt --out song.hi.vtt")]
pub struct Convert {
    #[command(flatten)]
    input: Input,
    /// The form
    #[arg(long)]
    to: Form,
    /// The file to write (default: standard output)
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Convert {
    fn run(self) -> anyhow::Result<()> {
        let layer = self.input.read()?;
        let timeline = Timeline::SOURCE;
        let text = match self.to {
            Form::Elrc => lrc::write(&layer, &timeline, lrc::Flavour::Enhanced),
            Form::Lrc => lrc::write(&layer, &timeline, lrc::Flavour::Plain),
            Form::Vtt => vtt::write(&layer, &timeline),
            Form::Json => json::write(&Model::new(vec![layer])?, &timeline, None),
        };
        match self.out {
            None => print!("{text}"),
            Some(path) => fs::write(&path, text).map_err(|error| {
                failure(Code::Output, format!("cannot write {}: {error}", path.display()))
            })?,
        }
        Ok(())
    }
}

/// Check lyrics: errors and warnings with line and column.
#[derive(Args)]
#[command(after_help = "Example:\n  nada lyrics check song.hi.lrc --strict")]
pub struct Check {
    #[command(flatten)]
    input: Input,
}

impl Check {
    fn run(self) -> anyhow::Result<()> {
        let layer = self.input.read()?;
        let timed = match (layer.words_timed(), layer.synced()) {
            (true, _) => "timed by word",
            (false, true) => "timed by line",
            (false, false) => "not timed",
        };
        println!("{}: {} lines in {}, {timed}", self.input.file.display(), layer.lines().len(), layer.lang());
        Ok(())
    }
}
