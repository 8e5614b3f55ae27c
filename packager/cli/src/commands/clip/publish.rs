//! `--publish`: the clip as an object of its track.

use nada_catalog::{Clip, ClipId, ClipKind, LayerTag, Manifest, PictureFormat, TrackId};
use nada_clip::{Excerpt, Form, Size};
use nada_lyrics::LanguageTag;
use nada_publish::{
    publish::{PublishError, add_clip},
    store::Store,
};

use super::format::ClipFormat;
use crate::clock;

/// What is said of the clip where it is stored, but for its bytes.
pub fn describe(
    format: ClipFormat,
    size: Size,
    excerpt: &Excerpt,
    layers: &[LanguageTag],
    bytes: &[u8],
) -> anyhow::Result<Clip> {
    let (width, height) = size.pixels();
    let number = |line: usize| u32::try_from(line).unwrap_or(u32::MAX);
    let last = excerpt.first + excerpt.lines.len().saturating_sub(1);
    let ms = |ms: i64| ms.max(0).unsigned_abs();
    Ok(Clip {
        // addressed by what it is: the same song, lines and style are the same bytes
        id: ClipId::from_input(&[bytes]),
        kind: match format.form() {
            Form::Card => ClipKind::Card,
            Form::Animation => ClipKind::Picture,
            Form::Film => ClipKind::Film,
        },
        format: match format {
            ClipFormat::Mp4 => PictureFormat::Mp4,
            ClipFormat::Webp | ClipFormat::StillWebp => PictureFormat::Webp,
            ClipFormat::Png => PictureFormat::Png,
            ClipFormat::Apng => PictureFormat::Apng,
        },
        width: width as u32,
        height: height as u32,
        bytes: bytes.len() as u64,
        lines: Some((number(excerpt.first), number(last))),
        ms: (ms(excerpt.span.start), ms(excerpt.span.end)),
        layers: layers.iter().map(|lang| lang.as_str().parse::<LayerTag>()).collect::<Result<_, _>>()?,
        created: clock::now(),
    })
}

/// Refuses, before anything is drawn, what the track's rights share nowhere.
pub fn judge(manifest: &Manifest, clip: &Clip) -> Result<(), PublishError> {
    let most = manifest.rights.most_shared();
    if clip.is_allowed(most) {
        Ok(())
    } else {
        Err(PublishError::NotShared { track: manifest.track.clone(), most })
    }
}

/// Stores it, and names it in the track's manifest. Answers its path below the track's URL.
pub async fn publish(store: &Store, track: &TrackId, clip: &Clip, bytes: Vec<u8>) -> anyhow::Result<String> {
    add_clip(store, track, clip, bytes.into(), None, &clock::now).await?;
    Ok(format!("/t/{track}/clips/{}.{}", clip.id, clip.format))
}
