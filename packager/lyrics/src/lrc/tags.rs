//! `[key:value]`: what a file says of itself.

use super::stamp;
use crate::{
    Error, Metadata, entity, limit,
    position::FilePosition,
    quote::quote,
    section, text,
    warning::{WarningKind, Warnings},
};

/// What a line turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Tag {
    /// One tag or several, which were read or named in a warning.
    Read,
    /// The name of a section: `[Chorus: Lata]`.
    Section,
    /// None of these.
    Other,
}

/// Reads a line that is made of tags.
pub(crate) fn read(
    line: &str,
    place: FilePosition,
    known: &mut Metadata,
    warnings: &mut Warnings,
) -> Result<Tag, Error> {
    let Some(tags) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else {
        return Ok(Tag::Other);
    };
    // `[ti:a][ar:b]` are two; what else is in brackets within a value is a part of it.
    let mut from = 0;
    let mut list = Vec::new();
    for (at, _) in tags.match_indices("][") {
        let next = tags.get(at + 2..).and_then(|next| next.split_once(':'));
        if next.is_some_and(|(key, _)| is_known(&key.to_ascii_lowercase())) {
            list.push(tags.get(from..at).unwrap_or_default());
            from = at + 2;
        }
    }
    list.push(tags.get(from..).unwrap_or_default());
    for tag in list {
        let Some((key, value)) = tag.split_once(':').filter(|(key, _)| is_key(key)) else {
            return Ok(Tag::Other);
        };
        let name = key.to_ascii_lowercase();
        if !is_known(&name) && !NOTES.contains(&&*name) && section::is_name(tag) {
            return Ok(Tag::Section);
        }
        read_one(line, (key, &name, value), place, known, warnings)?;
    }
    Ok(Tag::Read)
}

/// Tags that are read.
const READ: [&str; 14] = [
    "ti", "title", "ar", "artist", "al", "album", "au", "author", "lr", "lyricist", "by", "la", "length",
    "offset",
];
/// Tags of programs: which wrote the file, under which number it knows the song, how it checks it.
const PROGRAMS: [&str; 12] =
    ["re", "tool", "ve", "version", "#", "id", "sign", "hash", "qq", "total", "t_time", "encoding"];
/// What else is said of a song, which is no name of a section in whatever case.
const NOTES: [&str; 23] = [
    "arranger",
    "bpm",
    "comment",
    "composer",
    "copyright",
    "creator",
    "date",
    "editor",
    "genre",
    "isrc",
    "key",
    "label",
    "lyrics",
    "maker",
    "mood",
    "music",
    "producer",
    "publisher",
    "source",
    "track",
    "translator",
    "url",
    "year",
];

fn is_known(name: &str) -> bool {
    READ.contains(&name) || PROGRAMS.contains(&name) || matches!(name, "language" | "kana")
}

fn read_one(
    line: &str,
    (key, name, value): (&str, &str, &str),
    place: FilePosition,
    known: &mut Metadata,
    warnings: &mut Warnings,
) -> Result<(), Error> {
    let value = text::plain(&entity::decoded(value));
    if value.len() > limit::TEXT_BYTES && name != "language" {
        return Err(place.more_than(limit::TEXT_BYTES, "bytes of text in a line"));
    }
    // A tag without a value says nothing.
    let mut keep = |field: fn(&mut Metadata) -> &mut Option<String>| {
        if !value.is_empty() {
            *field(known) = Some(value.clone());
        }
    };
    match name {
        "ti" | "title" => keep(|known| &mut known.title),
        "ar" | "artist" => keep(|known| &mut known.artist),
        "al" | "album" => keep(|known| &mut known.album),
        "au" | "author" => keep(|known| &mut known.author),
        "lr" | "lyricist" => keep(|known| &mut known.lyricist),
        "by" => keep(|known| &mut known.creator),
        "la" => keep(|known| &mut known.language),
        "language" if value.len() <= 35 => keep(|known| &mut known.language),
        // KuGou's, in base64.
        "language" => warnings
            .push(place, WarningKind::Metadata, || "translations in a form that is not read left out".into()),
        "kana" => warnings
            .push(place, WarningKind::Metadata, || "readings in a form that is not read left out".into()),
        "length" => match stamp::time(&value) {
            Ok(ms) => known.length_ms = Some(ms),
            Err(_) if value.is_empty() => {}
            Err(_) => warnings.push(place, WarningKind::Metadata, || "not a length; left out".into()),
        },
        "offset" if value.is_empty() => {
            warnings.push(place, WarningKind::Metadata, || "an offset without a number; taken for 0".into());
            known.offset_ms = 0;
        }
        "offset" => {
            known.offset_ms = offset(&value).ok_or_else(|| {
                place.error("an offset in whole milliseconds, at most an hour: `[offset:+250]`", line)
            })?;
        }
        name if PROGRAMS.contains(&name) => {}
        _ => warnings.push(place, WarningKind::Metadata, || format!("unknown tag {} left out", quote(key))),
    }
    Ok(())
}

fn is_key(key: &str) -> bool {
    key == "#" || (!key.is_empty() && key.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_'))
}

fn offset(value: &str) -> Option<i64> {
    value.parse().ok().filter(|ms: &i64| ms.unsigned_abs() <= limit::OFFSET_MS.unsigned_abs())
}
