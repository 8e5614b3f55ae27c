//! Reads a file in whatever format it is.

use crate::{
    cues,
    decode::decode,
    error::Error,
    foreign,
    input::{Hint, InputFormat, Limits, Parsed},
    language::{LanguageTag, contradiction},
    lrc, lyricsfile, plain,
    position::FilePosition,
    srt, ttml, unseen, vtt,
    warning::{WarningKind, Warnings},
};

/// Recognises the format of a text by what stands in it.
fn recognise(text: &str) -> InputFormat {
    if ttml::recognises(text) {
        InputFormat::Ttml
    } else if vtt::recognises(text) {
        InputFormat::Vtt
    } else if lyricsfile::recognises(text) {
        InputFormat::Lyricsfile
    } else if cues::recognises(text) {
        if vtt::is_meant(text) { InputFormat::Vtt } else { InputFormat::Srt }
    } else if lrc::recognises(text) {
        InputFormat::Lrc
    } else {
        InputFormat::Plain
    }
}

/// Reads a lyrics file within the limits of a song; see [`parse_within`].
///
/// # Errors
/// See [`parse_within`].
pub fn parse(bytes: &[u8], hint: &Hint) -> Result<Parsed, Error> {
    parse_within(bytes, hint, &Limits::default())
}

/// Reads a lyrics file in any [`InputFormat`], recognised by its content, in UTF-8, in UTF-16, or, with a warning, in
/// windows-1252 (Latin-1). The text comes out in Unicode Normalization Form C. Time and memory are linear
/// in the size of the file.
///
/// # Errors
/// If the file exceeds a limit, is in another encoding, is of a format that is not read ([`Error::Foreign`]), does not follow its format, or holds no lyrics.
/// Errors of the file name line and column and what was expected there.
pub fn parse_within(bytes: &[u8], hint: &Hint, limits: &Limits) -> Result<Parsed, Error> {
    let mut warnings = Warnings::default();
    foreign::refuse_bytes(bytes)?;
    let text = decode(bytes, limits.file_bytes, &hint.lang, &mut warnings)?;
    let text = unseen::passed_over(text);
    let format = recognise(&text);
    foreign::refuse(&text, format)?;
    let mut parsed = match format {
        InputFormat::Lrc => lrc::read(&text, hint, limits),
        InputFormat::Ttml => ttml::read(&text, hint, limits),
        InputFormat::Vtt => vtt::read(&text, hint, limits),
        InputFormat::Srt => srt::read(&text, hint, limits),
        InputFormat::Lyricsfile => lyricsfile::read(&text, hint, limits),
        InputFormat::Plain => plain::read(&text, hint, limits),
    }?;
    of_language(&parsed, &mut warnings);
    parsed.warnings.splice(0..0, warnings.into_list());
    Ok(parsed)
}

/// Layers that are written in another script than their language, or than that which the file states for the first.
fn of_language(parsed: &Parsed, warnings: &mut Warnings) {
    let start = FilePosition { line: 1, column: 1 };
    for layer in [&parsed.layer].into_iter().chain(&parsed.others) {
        if let Some(what) = contradiction(layer, layer.lang()) {
            warnings.push(start, WarningKind::Language, || what);
        }
    }
    let stated = parsed.metadata.language.as_deref().and_then(|stated| stated.parse().ok());
    if let Some(stated) = stated.filter(|stated: &LanguageTag| stated != parsed.layer.lang())
        && let Some(what) = contradiction(&parsed.layer, &stated)
    {
        warnings.push(start, WarningKind::Language, || {
            format!("the file states another language than its own: {what}")
        });
    }
}
