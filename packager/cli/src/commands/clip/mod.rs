//! `nada clip TRACK`.

mod format;
mod publish;
mod song;
mod time;

use std::path::{Path, PathBuf};

use clap::Args;
use nada_catalog::TrackId;
use nada_clip::{
    ClipError, Excerpt, Form, LineNumbers, Scene, Size, Song, Style, Theme, Tint, Typesetter, Wanted,
};
use nada_lyrics::LanguageTag;
use nada_quote::Quoted;
use serde_json::json;

use super::at::At;
use crate::{
    bucket::{BucketUrl, EndpointArgs},
    exit::{Code, cannot_write, failure},
    progress::Bars,
    terminal::{self, print_line, print_notice},
};
use format::ClipFormat;
use song::{Found, Origin};
use time::Milliseconds;

/// Make a card, an animated picture or a film from a song and its words.
///
/// mp4 is a film with the song's sound, png a card, apng and webp pictures in which the words light up as they are sung.
#[derive(Args)]
#[command(after_help = "Examples:\n  nada clip INNDA2600001 --lines 1-2 --at s3://releases\n  \
    nada clip INNDA2600001 --from 0:31 --to 0:46 --size square --layer hi-Latn --at s3://releases\n  \
    nada clip INNDA2600001 --lines 3-4 --format png --release release.toml --out card.png")]
pub struct Clip {
    /// The track
    track: TrackId,
    /// Lines by number, counted from 1 over those that have words
    #[arg(long, value_name = "FIRST-LAST", required_unless_present = "from", conflicts_with_all = ["from", "to"])]
    lines: Option<LineNumbers>,
    /// From this time of the song on, such as 0:31 or 0:31.250
    #[arg(long, value_name = "TIME", requires = "to")]
    from: Option<Milliseconds>,
    /// Until this time
    #[arg(long, value_name = "TIME", requires = "from")]
    to: Option<Milliseconds>,
    /// The kind of file (default: what the name of --out says, else mp4)
    #[arg(long, value_name = "mp4|webp|png|apng")]
    format: Option<ClipFormat>,
    /// A webp that stands still: a card
    #[arg(long)]
    still: bool,
    /// The shape: 1080 by 1920, 1080 by 1080 or 1920 by 1080 pixels
    #[arg(long, value_name = "story|square|wide", default_value = "story")]
    size: Size,
    /// The ground: dark or light
    #[arg(long, value_name = "dark|light", default_value = "dark")]
    theme: Theme,
    /// A further layer of the lyrics to show under each line, by its language, such as hi-Latn or en; may be given again
    #[arg(long = "layer", value_name = "LANGUAGE")]
    layers: Vec<LanguageTag>,
    /// The file to write (default: the track's name, in this folder)
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The bucket where the track is published, as s3://name
    #[arg(long, value_name = "BUCKET")]
    at: Option<BucketUrl>,
    #[command(flatten)]
    endpoint: EndpointArgs,
    /// A release.toml with the track, instead of a bucket where it is published
    #[arg(long, value_name = "FILE", conflicts_with = "at", required_unless_present = "at")]
    release: Option<PathBuf>,
    /// Store it with the track, too, at /t/{track}/clips/, where share.json lists it; the track's rights have to share so much
    #[arg(long, requires = "at")]
    publish: bool,
    /// Print what was written as JSON
    #[arg(long)]
    pub json: bool,
}

impl Clip {
    /// Makes and writes it.
    pub async fn run(self) -> anyhow::Result<()> {
        let format = ClipFormat::chosen(self.format, self.still, self.out.as_deref())?;
        let wanted = match (self.lines, &self.from, &self.to) {
            (Some(lines), ..) => Wanted::Lines(lines),
            (None, Some(from), Some(to)) => Wanted::Time(from.0..to.0),
            (None, ..) => return Err(failure(Code::Usage, "expected --lines, or --from and --to")),
        };
        let out = self.out.clone().unwrap_or_else(|| format!("{}.{}", self.track, format.extension()).into());
        let bars = Bars::stderr();
        let bar = bars.track(&out.display().to_string());
        let at = self.at.clone().map(|at| At::new(at, self.endpoint.clone()));
        let origin = match (&at, &self.release) {
            (Some(at), _) => Origin::Bucket(at),
            (None, Some(release)) => Origin::Release(release),
            (None, None) => return Err(failure(Code::Usage, "expected --at or --release")),
        };
        let found =
            song::find(&origin, &self.track, format.form(), &|progress| bar.samples(progress.0, progress.1))
                .await?;
        let shown = layers(&self.layers, &found)?;
        let lyrics = found.lyrics.as_ref().ok_or(ClipError::NoLyrics).map_err(refused)?;
        let song = Song::new(found.credits.clone(), lyrics, &shown, found.delay_ms, found.length_ms);
        let excerpt = song.excerpt(&wanted, format.form()).map_err(refused)?;
        if let Some(published) = found.published.as_ref().filter(|_| self.publish) {
            publish::judge(&published.0, &publish::describe(format, self.size, &excerpt, &shown, &[])?)?;
        }
        let mut typesetter = Typesetter::default();
        let (artwork, tint) = match &found.artwork {
            Some((artwork, colour)) => (Some(artwork), Tint::of_colour(*colour)),
            None => (None, Tint::of_track(self.track.as_str())),
        };
        let style = Style { size: self.size, theme: self.theme, tint, artwork };
        let bytes = match format.form() {
            Form::Film => {
                let scene = Scene::film(&mut typesetter, &song.credits, &excerpt, &style).map_err(refused)?;
                let sound = found.sound(&origin, &excerpt.span).await?;
                nada_clip::film(&scene, &excerpt, &sound, &|done, all| bar.samples(done, Some(all)))
            }
            form @ (Form::Card | Form::Animation) => {
                let scene = Scene::card(&mut typesetter, &song.credits, &excerpt, &style).map_err(refused)?;
                let picture = format.picture();
                if form == Form::Card {
                    nada_clip::still(&scene, picture)
                } else {
                    nada_clip::animated(&scene, &excerpt, picture)
                }
            }
        };
        bar.done();
        let bytes = bytes.map_err(refused)?;
        std::fs::write(&out, &bytes).map_err(|error| cannot_write(&out, &error))?;
        let written = bytes.len();
        let path = match found.published.as_ref().filter(|_| self.publish) {
            Some((_, store)) => {
                let clip = publish::describe(format, self.size, &excerpt, &shown, &bytes)?;
                Some(publish::publish(store, &self.track, &clip, bytes).await?)
            }
            None => None,
        };
        let notices = notices(&song, &typesetter, format.form());
        self.report(&Written { out: &out, format, excerpt: &excerpt, bytes: written, path, notices });
        Ok(())
    }

    fn report(&self, written: &Written<'_>) {
        let Written { out, format, excerpt, bytes, path, notices } = written;
        let last = excerpt.first + excerpt.lines.len() - 1;
        let (from, to) = (excerpt.span.start, excerpt.span.end);
        if self.json {
            terminal::json(format_args!(
                "{:#}",
                json!({
                    "file": out, "format": format.name(), "size": self.size.name(), "track": self.track,
                    "lines": [excerpt.first, last], "from_ms": from, "to_ms": to, "bytes": bytes, "published": path,
                    "notices": notices,
                })
            ));
            return;
        }
        for notice in notices {
            print_notice!("nada: {notice}");
        }
        let lines = if last == excerpt.first {
            format!("line {last}")
        } else {
            format!("lines {} to {last}", excerpt.first)
        };
        let length = if format.form() == Form::Card {
            String::new()
        } else {
            format!(", {:.1} s", (to - from) as f64 / 1000.0)
        };
        print_line!("{}: {lines}{length}, {} KB", out.display(), bytes.div_ceil(1000));
        if let Some(path) = path {
            print_line!("published as {path}; every edge knows within 60 seconds");
        }
    }
}

/// What was made.
struct Written<'a> {
    out: &'a Path,
    format: ClipFormat,
    excerpt: &'a Excerpt,
    bytes: usize,
    /// Where it was published.
    path: Option<String>,
    notices: Vec<String>,
}

/// The layers that are shown under the main one, each of which the lyrics have.
fn layers(asked: &[LanguageTag], found: &Found) -> anyhow::Result<Vec<LanguageTag>> {
    let has: Vec<&LanguageTag> =
        found.lyrics.iter().flat_map(|lyrics| lyrics.layers()).map(|layer| layer.lang()).collect();
    if let Some(absent) = asked.iter().find(|lang| !has.contains(lang)) {
        let has: Vec<&str> = has.iter().map(|lang| lang.as_str()).collect();
        let has = if has.is_empty() { "none".to_owned() } else { has.join(", ") };
        return Err(failure(Code::Input, format!("the lyrics have no layer {absent}: choose among {has}")));
    }
    Ok(asked.to_vec())
}

/// What is worth knowing and no error.
fn notices(song: &Song, typesetter: &Typesetter, form: Form) -> Vec<String> {
    let untimed = form != Form::Card && !song.words_timed;
    let untimed = untimed.then(|| "the words have no times: whole lines light up".to_owned());
    let missing = typesetter.missing().iter().map(|cluster| {
        let code: Vec<String> = cluster.chars().map(|c| format!("U+{:04X}", u32::from(c))).collect();
        format!("no font has {} ({}): its place is left empty", Quoted::new(cluster), code.join(" "))
    });
    untimed.into_iter().chain(missing).collect()
}

/// The error with its exit code.
fn refused(error: ClipError) -> anyhow::Error {
    match error {
        ClipError::Video(_) | ClipError::Film(_) | ClipError::Picture(_) => error.into(),
        ClipError::NoLyrics
        | ClipError::Unsynced
        | ClipError::NoSuchLines { .. }
        | ClipError::ManyLines { .. }
        | ClipError::Long { .. }
        | ClipError::Short { .. }
        | ClipError::Backwards { .. }
        | ClipError::Beyond { .. }
        | ClipError::Silent { .. }
        | ClipError::Overflow { .. }
        | ClipError::Artwork(..)
        | ClipError::Protected
        | ClipError::NoAac
        | ClipError::Damaged(_) => failure(Code::Input, error.to_string()),
    }
}
