//! `nada lyrics convert|check`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use jiff::SignedDuration;
use nada_lyrics::{
    Hint, Kind, LanguageTag, Layer, Lyrics as Model, LyricsTimeline, OutputFormat, Outside, Parsed, Warning,
    limit, losses, parse, write,
};
use nada_pipeline::regular;
use serde_json::json;

use crate::{
    exit::{Code, failure},
    terminal::{self, print_line, print_notice},
};

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
    /// LRC, enhanced LRC, TTML, WebVTT, SubRip, Lyricsfile or plain text
    file: PathBuf,
    /// The language (default: the penultimate suffix of the name, as in song.hi.lrc, else what the file says)
    #[arg(long, value_name = "TAG")]
    lang: Option<LanguageTag>,
    /// The length of the track, as in 3m14.5s or 00:03:14.5: times outside it are named
    #[arg(long, value_name = "TIME", value_parser = length)]
    length: Option<u32>,
    /// Refuse what would be repaired or lost with a warning
    #[arg(long)]
    strict: bool,
}

/// What was read.
struct ReadLyrics {
    lyrics: Model,
    /// What was set right, with its place in the file.
    warnings: Vec<Warning>,
    /// What lies outside the track, layer by layer.
    outside: Vec<Outside>,
    /// What the file says that no other is given.
    unkept: Vec<&'static str>,
}

impl ReadLyrics {
    fn warnings(&self) -> usize {
        self.warnings.len() + self.outside.len()
    }
}

impl Input {
    fn read(&self) -> anyhow::Result<ReadLyrics> {
        let name = self.file.display();
        let wrong = |error: String| failure(Code::Input, format!("{name}: {error}"));
        let bytes = regular::read(&self.file, limit::FILE_BYTES as u64);
        let bytes = bytes.map_err(|error| wrong(error.to_string()))?;
        let named = match self.lang {
            Some(_) => Ok(None),
            None => LanguageTag::of_file_name(&self.file),
        };
        let stated = self.lang.clone().or_else(|| named.clone().ok().flatten());
        let lang = match &stated {
            Some(lang) => lang.clone(),
            None => "und".parse()?,
        };
        let hint = Hint { lang, kind: Kind::Main };
        let mut parsed = parse(&bytes, &hint).map_err(|error| wrong(error.to_string()))?;
        if stated.is_none() {
            // ReadLyrics again, so that layers within the file are told from the right main one.
            let tagged = parsed.metadata.language.as_deref().map(str::parse::<LanguageTag>);
            let lang = match tagged {
                Some(Ok(lang)) => lang,
                tagged => {
                    let why = tagged.and_then(Result::err).or(named.clone().err());
                    let why = why.map(|error| format!(" ({error})")).unwrap_or_default();
                    return Err(wrong(format!(
                        "no language{why}: name one with --lang, or call the file song.hi.lrc"
                    )));
                }
            };
            if let Err(error) = &named {
                print_notice!("nada: note: {name}: read in {lang}, as the file says: {error}");
            }
            parsed = parse(&bytes, &Hint { lang, ..hint }).map_err(|error| wrong(error.to_string()))?;
        }
        let Parsed { layer, others, metadata, warnings, .. } = parsed;
        let layers = [vec![layer], others].concat();
        let not_written = [
            ("album", metadata.album.is_some()),
            ("author", metadata.author.is_some()),
            ("lyricist", metadata.lyricist.is_some()),
            ("creator", metadata.creator.is_some()),
            ("length", metadata.length_ms.is_some()),
        ];
        let unkept = not_written.into_iter().filter(|(_, given)| *given).map(|(what, _)| what).collect();
        let mut lyrics = Model::new(layers).map_err(|error| wrong(error.to_string()))?;
        if let Some(title) = metadata.title {
            lyrics = lyrics.with_title(title);
        }
        if let Some(artist) = metadata.artist {
            lyrics = lyrics.with_artists(vec![artist]);
        }
        let timeline = self.length.map_or(LyricsTimeline::SOURCE, LyricsTimeline::of_source);
        let outside = lyrics.layers().iter().filter_map(|layer| timeline.outside(layer)).collect();
        Ok(ReadLyrics { lyrics, warnings, outside, unkept })
    }

    fn warn(&self, ReadLyrics { warnings, outside, .. }: &ReadLyrics) {
        let name = self.file.display();
        for Warning { line, column, message, .. } in warnings {
            print_notice!("nada: warning: {name}:{line}:{column}: {message}");
        }
        outside.iter().for_each(|outside| print_notice!("nada: warning: {name}: {outside}"));
    }

    /// Refuses warnings if they are to be errors.
    fn judge(&self, warnings: usize) -> anyhow::Result<()> {
        if self.strict && warnings > 0 {
            let name = self.file.display();
            return Err(failure(Code::Input, format!("{name}: {warnings} warnings, and --strict")));
        }
        Ok(())
    }
}

/// A length in ms.
fn length(text: &str) -> Result<u32, String> {
    let length: SignedDuration = text.parse().map_err(|error: jiff::Error| error.to_string())?;
    u32::try_from(length.as_millis()).map_err(|_| "not the length of a track".to_owned())
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
    /// TTML, with layers, voices and sections
    Ttml,
    /// WebVTT, with karaoke time tags
    Vtt,
    /// SubRip
    Srt,
}

impl Form {
    fn format(self) -> OutputFormat {
        match self {
            Self::Json => OutputFormat::Json,
            Self::Elrc => OutputFormat::EnhancedLrc,
            Self::Lrc => OutputFormat::Lrc,
            Self::Ttml => OutputFormat::Ttml,
            Self::Vtt => OutputFormat::Vtt,
            Self::Srt => OutputFormat::Srt,
        }
    }
}

/// Convert lyrics to another form; what it cannot hold is listed.
#[derive(Args)]
#[command(after_help = "Example:\n  nada lyrics convert song.hi.ttml --to elrc --out song.hi.lrc")]
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
        let read = self.input.read()?;
        self.input.warn(&read);
        let lost = losses(&read.lyrics, self.to.format());
        for loss in &lost {
            print_notice!("nada: warning: {}: {loss}", self.input.file.display());
        }
        for unkept in &read.unkept {
            print_notice!("nada: warning: {}: {unkept} of the song; left out", self.input.file.display());
        }
        self.input.judge(read.warnings() + lost.len() + read.unkept.len())?;
        let text = write(&read.lyrics, self.to.format());
        match self.out {
            // as it is: it is a file
            #[allow(clippy::print_stdout)]
            None => print!("{text}"),
            Some(path) => std::fs::write(&path, text).map_err(|error| {
                failure(Code::Output, format!("cannot write {}: {error}", path.display()))
            })?,
        }
        Ok(())
    }
}

/// Check lyrics: errors and warnings with line and column.
#[derive(Args)]
#[command(after_help = "Example:\n  nada lyrics check song.hi.lrc --length 3m14.5s --strict")]
pub struct Check {
    #[command(flatten)]
    input: Input,
    /// Write what was found as JSON
    #[arg(long)]
    json: bool,
}

impl Check {
    fn run(self) -> anyhow::Result<()> {
        let read = self.input.read()?;
        let layers = read.lyrics.layers();
        if self.json {
            let layers = layers.iter().map(|layer| {
                json!({
                    "lang": layer.lang(), "kind": layer.kind(), "lines": layer.lines().len(), "sync": sync(layer),
                })
            });
            let warnings = read.warnings.iter().map(|Warning { line, column, message, .. }| {
                json!({ "line": line, "column": column, "message": message })
            });
            let outside = read.outside.iter().map(|outside| json!({ "message": outside.to_string() }));
            let warnings = warnings.chain(outside);
            terminal::json(format_args!(
                "{:#}",
                json!({ "layers": layers.collect::<Vec<_>>(), "warnings": warnings.collect::<Vec<_>>() })
            ));
        } else {
            self.input.warn(&read);
        }
        self.input.judge(read.warnings())?;
        for layer in layers.iter().filter(|_| !self.json) {
            let timed = match sync(layer) {
                "none" => "not timed".to_owned(),
                unit => format!("timed by {unit}"),
            };
            let (file, lines, lang) = (self.input.file.display(), layer.lines().len(), layer.lang());
            print_line!("{file}: {lines} lines in {lang}, {timed}");
        }
        Ok(())
    }
}

/// How finely a layer is timed.
fn sync(layer: &Layer) -> &'static str {
    match (layer.words_timed(), layer.synced()) {
        (true, _) => "word",
        (false, true) => "line",
        (false, false) => "none",
    }
}
