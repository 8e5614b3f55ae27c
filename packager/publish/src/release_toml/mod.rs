//! `release.toml`: what is to be published.
//!
//! ```toml
//! [release]
//! id = "kabir-dohe"
//! title = "Kabir: Dohe"
//! label = "Nada Demo"                           # optional
//! territories = ["IN", "ID"]                    # or ["*"]; { code = "ID", from = …, until = …, share = … } of its own
//! available_from = 2026-01-01T00:00:00+05:30    # optional, available_until too; the offset is required
//! share = { lines = 5, seconds = 30 }           # optional: the most that one clip may show; nothing is the default
//! romanization = "readable"                     # the default; "iso15919" or "none"
//! protection = "cbcs"                           # optional: encrypted; "none" is the default
//!
//! [ladder]                                      # optional, and so is each of its lines
//! renditions = ["heaac2-32", "heaac-64", "aac-128"]
//! segments = "64,128"                           # the first one and the others, in HE-AAC frames
//! overs = "normalise"                           # a master over full scale is lowered; the default, "clip", clips it
//!
//! [[track]]
//! id = "INNDA2600001"
//! title = "बुरा जो देखन मैं चला"
//! artists = ["Nada"]
//! audio = "01.flac"
//! lyrics = ["01.hi.lrc", { file = "01.txt.lrc", lang = "en", kind = "translation" }]
//! ```
//! A `[[track]]` may state `territories`, `available_from`, `available_until`, `share`, `romanization`, `protection` and a `ladder`
//! (`{ renditions = …, segments = …, overs = … }`) of its own; the command line goes before both, and what nobody states is the default. Paths are relative
//! to the file and stay inside its folder. A lyrics file takes its language from the suffix before the last, in its
//! canonical form (`in` and `ind` are `id`);
//! the first is the main layer, the same language in another script a pronunciation, others translations. Layers
//! within a file (TTML) follow, unless one of that language has a file of its own. Where the main layer is in a script
//! of India and nobody supplied its pronunciation, `romanization` says how one is made.

mod grammar;
mod protection;
mod recipe;
mod share;
mod territory;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeSet,
    fmt, io,
    ops::Range,
    path::{Component, Path, PathBuf},
};

use nada_catalog::{LayerTag, ReleaseId, Rights, Share, Territory, TrackId};
use nada_lyrics::{Kind, LanguageTag, romanize::Scheme};
use nada_pipeline::regular;
use nada_quote::{Quoted, Visible};
use toml::Spanned;

pub use protection::ProtectionChoice;
pub use recipe::Recipe;
pub use share::{ShareError, share};
pub use territory::{TerritoryError, territory};

use grammar::{File, Instant, LyricsEntry, ReleaseTable, Romanization, TerritoryEntry, TrackTable};

/// The largest `release.toml` that is read, in bytes.
pub const MAX_BYTES: u64 = 1 << 20;
/// The most tracks one release may have.
pub const MAX_TRACKS: usize = 1_000;
/// The most characters a title, an artist or a label may have.
pub const MAX_TEXT: usize = 500;

/// A release as its file describes it. Every path was found to be a file in the release's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Its identifier.
    pub id: ReleaseId,
    /// Its title.
    pub title: String,
    /// The label.
    pub label: Option<String>,
    /// Its tracks, at least one.
    pub tracks: Vec<Track>,
}

/// One track of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Track {
    /// Its identifier, unique in the release.
    pub id: TrackId,
    /// Its title.
    pub title: String,
    /// Its artists, at least one.
    pub artists: Vec<String>,
    /// Where and when it may be heard.
    pub rights: Rights,
    /// Its audio.
    pub audio: PathBuf,
    /// Its lyrics, the main layer first.
    pub lyrics: Vec<LyricsSource>,
    /// How a missing pronunciation is written; `None` to write none.
    pub romanization: Option<Scheme>,
    /// How it is packaged, as far as the file says so.
    pub recipe: Recipe,
}

/// A file that holds one layer of lyrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LyricsSource {
    /// The file.
    pub path: PathBuf,
    /// Its language.
    pub lang: LanguageTag,
    /// What the layer is: main, translation or pronunciation.
    pub kind: Kind,
}

/// What is wrong with a `release.toml`, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ReleaseTomlError {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1; `None` where it is the file as a whole.
    pub line: Option<usize>,
    /// What was expected.
    pub message: String,
}

impl fmt::Display for ReleaseTomlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, "{line}:")?;
        }
        write!(f, " {}", self.message)
    }
}

/// Where something is wrong in the text, and what.
struct Wrong(Option<Range<usize>>, String);

type Checked<T> = Result<T, Wrong>;

fn wrong<T>(span: Range<usize>, message: impl Into<String>) -> Checked<T> {
    Err(Wrong(Some(span), message.into()))
}

impl Release {
    /// Reads a `release.toml` and looks up the files it names.
    ///
    /// # Errors
    /// Naming file and line, and what was expected there.
    pub fn read(path: &Path) -> Result<Self, ReleaseTomlError> {
        Ok(Self::read_with(path, &confined)?.0)
    }

    /// [`Release::read`], where `find` is asked for each file with the file's folder, too; and the bytes read.
    pub(crate) fn read_with(
        path: &Path,
        find: &dyn Fn(&Path, &str) -> Result<PathBuf, String>,
    ) -> Result<(Self, Vec<u8>), ReleaseTomlError> {
        let fail = |message| ReleaseTomlError { file: path.to_owned(), line: None, message };
        let bytes = bytes_of(path).map_err(fail)?;
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = folder.canonicalize().map_err(|e| fail(e.to_string()))?;
        Ok((Self::parse(path, &bytes, &|name| find(&folder, name))?, bytes))
    }

    /// Reads the bytes of a `release.toml`. `find` answers with the path of a file that it names, or with what is wrong
    /// with the name; `file` is how errors call the file itself.
    ///
    /// # Errors
    /// Naming file and line, and what was expected there.
    pub fn parse(file: &Path, bytes: &[u8], find: Find<'_>) -> Result<Self, ReleaseTomlError> {
        let fail = |line, message| ReleaseTomlError { file: file.to_owned(), line, message };
        let text = std::str::from_utf8(bytes)
            .map_err(|e| fail(None, format!("not UTF-8 from byte {} on", e.valid_up_to())))?;
        parse(text, find).map_err(|Wrong(span, message)| {
            let line = |span: Range<usize>| 1 + text.bytes().take(span.start).filter(|b| *b == b'\n').count();
            fail(span.map(line), message)
        })
    }
}

/// Finds a file that a release names.
pub type Find<'a> = &'a dyn Fn(&str) -> Result<PathBuf, String>;

fn bytes_of(path: &Path) -> Result<Vec<u8>, String> {
    regular::read(path, MAX_BYTES).map_err(|e| e.to_string())
}

fn parse(text: &str, find: Find<'_>) -> Checked<Release> {
    let File { release, ladder, track: tracks } =
        toml::from_str(text).map_err(|e| Wrong(e.span(), e.message().to_owned()))?;
    if tracks.is_empty() || tracks.len() > MAX_TRACKS {
        let message = format!("expected 1 to {MAX_TRACKS} [[track]] tables, found {}", tracks.len());
        return Err(Wrong(None, message));
    }
    let mut seen = BTreeSet::new();
    for id in tracks.iter().map(|track| &track.as_ref().id) {
        if !seen.insert(id.as_ref()) {
            return wrong(id.span(), format!("track {} stands twice in this release", id.as_ref()));
        }
    }
    Ok(Release {
        tracks: tracks.iter().map(|t| track(t, &release, &ladder, find)).collect::<Checked<_>>()?,
        title: line_of_text(&release.title)?,
        label: release.label.as_ref().map(line_of_text).transpose()?,
        id: release.id,
    })
}

fn track(
    table: &Spanned<TrackTable>,
    release: &ReleaseTable,
    ladder: &Recipe,
    find: Find<'_>,
) -> Checked<Track> {
    let at = table.span();
    let table = table.as_ref();
    let artists = table.artists.as_ref();
    if artists.is_empty() {
        return wrong(table.artists.span(), "expected at least one artist");
    }
    let Some(territories) = table.territories.as_ref().or(release.territories.as_ref()) else {
        return wrong(
            at,
            "territories expected, here or under [release]: such as [\"IN\", \"ID\"], or [\"*\"]",
        );
    };
    let from = table.available_from.as_ref().or(release.available_from.as_ref());
    let until = table.available_until.as_ref().or(release.available_until.as_ref());
    let share = table.share.or(release.share).map(|share| share.0).unwrap_or_default();
    Ok(Track {
        id: table.id.as_ref().clone(),
        title: line_of_text(&table.title)?,
        artists: artists.iter().map(line_of_text).collect::<Checked<_>>()?,
        rights: rights(territories, from, until, share)?,
        audio: find(table.audio.as_ref()).map_err(|m| Wrong(Some(table.audio.span()), m))?,
        lyrics: lyrics(&table.lyrics, find)?,
        romanization: table.romanization.or(release.romanization).unwrap_or(Romanization::Readable).scheme(),
        recipe: Recipe { protection: table.protection.or(release.protection), ..table.ladder.or(ladder) },
    })
}

/// Text that is shown in one line.
fn line_of_text(text: &Spanned<String>) -> Checked<String> {
    let trimmed = text.as_ref().trim();
    if !(1..=MAX_TEXT).contains(&trimmed.chars().count()) || trimmed.chars().any(char::is_control) {
        return wrong(text.span(), format!("expected 1 to {MAX_TEXT} characters in one line"));
    }
    if !Visible::new(trimmed).is_seen() {
        let message = format!(
            "expected characters that are seen: {} has others (controls of direction, separators, spaces without a width)",
            Quoted::new(trimmed)
        );
        return wrong(text.span(), message);
    }
    Ok(trimmed.to_owned())
}

fn rights(
    territories: &Spanned<Vec<Spanned<TerritoryEntry>>>,
    from: Option<&Spanned<Instant>>,
    until: Option<&Spanned<Instant>>,
    share: Share,
) -> Checked<Rights> {
    if territories.as_ref().is_empty() {
        return wrong(
            territories.span(),
            "expected at least one territory, such as \"IN\", or \"*\" for all",
        );
    }
    let instant = |default: Option<&Spanned<Instant>>| default.map(|i| i.as_ref().0);
    let entries = territories.as_ref().iter().map(|entry| {
        let TerritoryEntry { code, from: own_from, until: own_until, share: own_share } = entry.as_ref();
        let share = own_share.map_or(share, |share| share.0);
        let from = own_from.map(|i| i.0).or(instant(from));
        let until = own_until.map(|i| i.0).or(instant(until));
        match (from, until) {
            (Some(from), Some(until)) if from >= until => wrong(
                entry.span(),
                format!("the window of {code} ends at {until}, not after it begins at {from}"),
            ),
            _ => Ok(Territory { code: *code, from, until, share }),
        }
    });
    Ok(Rights { territories: entries.collect::<Checked<_>>()? })
}

fn lyrics(entries: &[Spanned<LyricsEntry>], find: Find<'_>) -> Checked<Vec<LyricsSource>> {
    let mut layers: Vec<LyricsSource> = Vec::with_capacity(entries.len());
    for spanned in entries {
        let at = |message: String| Wrong(Some(spanned.span()), message);
        let LyricsEntry { file, lang, kind } = spanned.as_ref();
        let path = find(file).map_err(at)?;
        let lang = match lang {
            Some(lang) => lang.clone(),
            None => language_of(file).map_err(at)?,
        };
        lang.as_str().parse::<LayerTag>().map_err(|e| at(e.to_string()))?;
        if layers.iter().any(|layer| layer.lang == lang) {
            return Err(at(format!("two layers of lyrics are tagged {lang}")));
        }
        let main = layers.first().map(|layer| &layer.lang);
        let kind = kind.unwrap_or_else(|| Kind::infer(main, &lang));
        if (kind == Kind::Main) != main.is_none() {
            return Err(at("the first lyrics file is the main layer, and the only one".to_owned()));
        }
        layers.push(LyricsSource { path, lang, kind });
    }
    Ok(layers)
}

/// `hi` of `01.hi.lrc`.
fn language_of(file: &str) -> Result<LanguageTag, String> {
    let expected = "expected a language before the extension, such as 01.hi.lrc, or { file = …, lang = … }";
    let named = LanguageTag::of_file_name(Path::new(file)).map_err(|e| format!("{expected}: {e}"))?;
    named.ok_or_else(|| expected.to_owned())
}

/// The file that `path` names in `folder`, which is canonical and which it may not leave, by symlink neither.
pub(crate) fn confined(folder: &Path, path: &str) -> Result<PathBuf, String> {
    let shown = Quoted::whole(path);
    let inside = |part| matches!(part, Component::Normal(_) | Component::CurDir);
    if path.is_empty() || !Path::new(path).components().all(inside) {
        return Err(format!("{shown}: expected a path inside the folder of release.toml"));
    }
    let found = folder.join(path).canonicalize().map_err(|e| {
        let absent = e.kind() == io::ErrorKind::NotFound;
        if absent { format!("{shown}: no such file") } else { format!("{shown}: {e}") }
    })?;
    if !found.starts_with(folder) {
        return Err(format!("{shown} leads out of the folder of release.toml"));
    }
    if !found.is_file() {
        return Err(format!("{shown} is not a file"));
    }
    Ok(found)
}
