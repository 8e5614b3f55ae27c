//! Where a clip's song comes from: a bucket, or a release on this machine.

use std::{
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
    ops::Range,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use nada_artwork::{Palette, generated};
use nada_catalog::{
    LayerKind, LyricsFile, LyricsForm, LyricsIndex, Manifest, ObjectKey, PictureFormat, Presentation,
    Timeline, TrackId, Version, picture::ARTWORK_SIZES,
};
use nada_clip::{Artwork, ClipError, Credits, Form, Rgb, Sound, SoundPlan};
use nada_lyrics::{Hint, Kind, Lyrics, limit};
use nada_pipeline::{Folder, Settings};
use nada_publish::{
    publish::read_lyrics,
    release_toml::{Release, Track},
    store::Store,
};
use tempfile::TempDir;

use super::refused;
use crate::{
    commands::{at::At, decode},
    exit::{Code, cannot_write, failure},
};

/// The rendition that the sound of a release is made as.
const LADDER: &str = "aac-128";

/// The side of the largest artwork on a picture, in pixels.
const ARTWORK_SIDE: u32 = 480;

/// Where the song is.
pub enum Origin<'a> {
    /// In a bucket, published.
    Bucket(&'a At),
    /// In a `release.toml`.
    Release(&'a Path),
}

/// A song that was found.
pub struct Found {
    /// Who is named.
    pub credits: Credits,
    /// Its words.
    pub lyrics: Option<Lyrics>,
    /// From the clock of the lyrics to that of the media, in ms.
    pub delay_ms: i64,
    /// When the media is over, in ms.
    pub length_ms: i64,
    /// Its artwork, and the colour of that.
    pub artwork: Option<(Artwork, Rgb)>,
    /// The manifest and where it is stored, if the song is published.
    pub published: Option<(Box<Manifest>, Store)>,
    media: Option<Media>,
}

/// The media, and where its bytes are.
struct Media {
    presentation: Presentation,
    bytes: Bytes,
}

enum Bytes {
    Bucket,
    Folder(TempDir),
}

/// Finds the song. That of a release is packaged as one rendition, if the clip needs its sound or its length.
pub async fn find(
    origin: &Origin<'_>,
    track: &TrackId,
    form: Form,
    progress: &(dyn Fn((u64, Option<u64>)) + Sync),
) -> anyhow::Result<Found> {
    match origin {
        Origin::Bucket(at) => published(at, track).await,
        Origin::Release(path) => of_release(path, track, form, progress),
    }
}

async fn published(at: &At, track: &TrackId) -> anyhow::Result<Found> {
    let store = at.open().await?;
    let manifest = store.read::<Manifest>(&ObjectKey::Manifest(track.clone())).await?;
    let (manifest, _) = manifest.ok_or_else(|| at.absent(format_args!("track {track}")))?;
    let lyrics = match &manifest.lyrics {
        Some(index) => Some(stored_lyrics(&store, at, track, index).await?),
        None => None,
    };
    let artwork = match &manifest.artwork {
        Some(artwork) => stored_artwork(&store, at, track, artwork).await?,
        None => None,
    };
    let Manifest { title, artists, label, presentation, .. } = manifest.clone();
    let length_ms = length(presentation.timeline);
    let media = Some(Media { presentation, bytes: Bytes::Bucket });
    let published = Some((Box::new(manifest), store));
    // stored lyrics are on the clock of the media
    Ok(Found {
        credits: Credits { title, artists, label },
        lyrics,
        delay_ms: 0,
        length_ms,
        artwork,
        published,
        media,
    })
}

/// The artwork at the size that is enough for every picture, or at the largest that there is; `None` if there is none in WebP.
async fn stored_artwork(
    store: &Store,
    at: &At,
    track: &TrackId,
    artwork: &nada_catalog::Artwork,
) -> anyhow::Result<Option<(Artwork, Rgb)>> {
    let enough = artwork.sizes.iter().find(|size| **size >= ARTWORK_SIDE).or(artwork.sizes.last());
    let Some(size) = enough.filter(|size| artwork.has(**size, PictureFormat::Webp)) else { return Ok(None) };
    let key = ObjectKey::Artwork(track.clone(), artwork.digest.clone(), *size, PictureFormat::Webp);
    let stored = store.get(&key).await?.ok_or_else(|| at.absent(&key))?;
    let picture = Artwork::of_webp(&stored.bytes).map_err(refused)?;
    Ok(colour(&artwork.background).map(|colour| (picture, colour)))
}

/// The artwork that publishing would give the track, to the byte.
fn release_artwork(track: &Track) -> anyhow::Result<(Artwork, Rgb)> {
    let square = match &track.artwork {
        Some(path) => {
            let isolation = decode::pictures()?.context("this program decodes no pictures")?;
            let read = nada_artwork::read(path, &isolation);
            read.map_err(|error| failure(Code::Input, error.to_string()))?.square
        }
        None => generated(&track.title, &track.artists),
    };
    let enough = ARTWORK_SIZES.into_iter().find(|size| *size >= ARTWORK_SIDE).unwrap_or(ARTWORK_SIDE);
    let file = nada_artwork::file(&square.at(enough), PictureFormat::Webp)?;
    Ok((Artwork::of_webp(&file.bytes).map_err(refused)?, Palette::of(&square).background.0))
}

/// `#rrggbb`.
fn colour(text: &str) -> Option<Rgb> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
    let part = |at: usize| digits.get(at..at + 2).and_then(|part| u8::from_str_radix(part, 16).ok());
    Some([part(0)?, part(2)?, part(4)?])
}

async fn stored_lyrics(
    store: &Store,
    at: &At,
    track: &TrackId,
    index: &LyricsIndex,
) -> anyhow::Result<Lyrics> {
    let mut layers = Vec::with_capacity(index.layers.len());
    for layer in &index.layers {
        let file = LyricsFile::Layer(layer.lang.clone(), LyricsForm::Ttml);
        let key = ObjectKey::Lyrics(track.clone(), index.digest.clone(), file);
        let stored = store.get(&key).await?.ok_or_else(|| at.absent(&key))?;
        let kind = match layer.kind {
            LayerKind::Main => Kind::Main,
            LayerKind::Translation => Kind::Translation,
            LayerKind::Pronunciation => Kind::Pronunciation,
        };
        let hint = Hint { lang: layer.lang.as_str().parse()?, kind };
        let parsed = nada_lyrics::parse(&stored.bytes, &hint);
        layers.push(parsed.map_err(|error| failure(Code::Input, format!("{key}: {error}")))?.layer);
    }
    Lyrics::new(layers).map_err(|error| failure(Code::Input, format!("lyrics of track {track}: {error}")))
}

fn of_release(
    path: &Path,
    id: &TrackId,
    form: Form,
    progress: &(dyn Fn((u64, Option<u64>)) + Sync),
) -> anyhow::Result<Found> {
    let release = Release::read(path)?;
    let track = release.tracks.iter().find(|track| &track.id == id).ok_or_else(|| {
        let ids: Vec<&str> = release.tracks.iter().map(|track| track.id.as_str()).collect();
        failure(
            Code::Input,
            format!("{}: there is no track {id}: choose among {}", path.display(), ids.join(", ")),
        )
    })?;
    let (lyrics, warnings) = read_lyrics(track)?;
    for warning in warnings {
        crate::terminal::print_notice!("nada: warning: {warning}");
    }
    let credits =
        Credits { title: track.title.clone(), artists: track.artists.clone(), label: release.label.clone() };
    let artwork = Some(release_artwork(track)?);
    if form == Form::Card {
        return Ok(Found {
            artwork,
            credits,
            lyrics,
            delay_ms: 0,
            length_ms: limit::TIME_MS,
            published: None,
            media: None,
        });
    }
    let media = packaged(track, progress)?;
    let timeline = media.presentation.timeline;
    let delay_ms =
        (i64::from(timeline.priming) * 1000 + i64::from(timeline.rate) / 2) / i64::from(timeline.rate.max(1));
    Ok(Found {
        credits,
        lyrics,
        delay_ms,
        length_ms: length(timeline),
        artwork,
        published: None,
        media: Some(media),
    })
}

fn packaged(track: &Track, progress: &(dyn Fn((u64, Option<u64>)) + Sync)) -> anyhow::Result<Media> {
    let temporary = std::env::temp_dir();
    let folder = tempfile::tempdir().map_err(|error| cannot_write(&temporary, &error))?;
    let mut sink = Folder::create(folder.path()).map_err(|error| cannot_write(folder.path(), &error))?;
    let ladder = LADDER.parse().map_err(|error| failure(Code::Defect, format!("{error}")))?;
    let settings = Settings { ladder, ..track.recipe.settings() };
    let done = |progressed: nada_pipeline::Progress| progress((progressed.done, progressed.total));
    let packaged = nada_pipeline::package(&track.audio, &settings, &decode::execution()?, &mut sink, &done);
    let packaged = packaged.map_err(|error| failure(Code::Input, error.to_string()))?;
    let version = Version::from_input(&[track.id.as_str().as_bytes()]);
    Ok(Media {
        presentation: packaged.into_presentation(track.id.clone(), version),
        bytes: Bytes::Folder(folder),
    })
}

/// When the media is over, in ms: no more of it than there is.
fn length(timeline: Timeline) -> i64 {
    let samples = u64::from(timeline.priming) + timeline.samples;
    i64::try_from(samples * 1000 / u64::from(timeline.rate.max(1))).unwrap_or(i64::MAX)
}

impl Found {
    /// The sound of a span of it, in ms of the media.
    pub async fn sound(&self, origin: &Origin<'_>, span: &Range<i64>) -> anyhow::Result<Sound> {
        let Some(Media { presentation, bytes }) = &self.media else { return Err(refused(ClipError::NoAac)) };
        let plan = SoundPlan::new(presentation, span).map_err(refused)?;
        let (header, segments) = match (bytes, origin, &self.published) {
            (Bytes::Folder(folder), ..) => {
                let file = folder.path().join(format!("{}.mp4", plan.rendition));
                (read(&file, &plan.header)?, read(&file, &plan.segments)?)
            }
            (Bytes::Bucket, Origin::Bucket(at), Some((_, store))) => (
                stored(store, at, presentation, &plan, &plan.header).await?,
                stored(store, at, presentation, &plan, &plan.segments).await?,
            ),
            (Bytes::Bucket, ..) => return Err(refused(ClipError::NoAac)),
        };
        plan.cut(&header, &segments).map_err(refused)
    }
}

fn read(file: &PathBuf, range: &Range<u64>) -> anyhow::Result<Vec<u8>> {
    let mut file = File::open(file)?;
    file.seek(SeekFrom::Start(range.start))?;
    let mut bytes = Vec::new();
    file.take(range.end - range.start).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Bytes of a track file, from the parts that it is stored in.
async fn stored(
    store: &Store,
    at: &At,
    presentation: &Presentation,
    plan: &SoundPlan,
    range: &Range<u64>,
) -> anyhow::Result<Vec<u8>> {
    let Presentation { track, version, .. } = presentation;
    let rendition = presentation.rendition(plan.rendition).ok_or_else(|| refused(ClipError::NoAac))?;
    let runs =
        rendition.file.parts_of(range).ok_or_else(|| refused(ClipError::Damaged("the segment index")))?;
    let mut bytes = Vec::with_capacity((range.end - range.start) as usize);
    for run in runs {
        let key = ObjectKey::Part(track.clone(), version.clone(), plan.rendition, run.part);
        let part = store.get_range(&key, run.range).await?.ok_or_else(|| at.absent(&key))?;
        bytes.extend_from_slice(&part);
    }
    Ok(bytes)
}
