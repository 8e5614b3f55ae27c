//! Romanization: a pronunciation layer for lyrics in a script of India.
//!
//! Letters become sounds (ISO 15919, by `vidyut-lipi`), and sounds become what people type: without
//! diacritics, without vowels nobody speaks, voiced where the language voices. Times, agents and background
//! vocals stay as they are, word by word. See the README for what is measured.

mod bengali;
mod iso15919;
mod letters;
mod malayalam;
mod north;
mod scheme;
mod schwa;
mod script;
mod sound;
mod south;
mod spell;
mod tamil;
mod text;
mod va;
mod word;

pub use scheme::Scheme;

use crate::{Error, Kind, LanguageError, LanguageTag, Layer, Lyrics, Phrase, Word};
use script::Script;
use text::Romanizer;

/// The pronunciation layers to add to lyrics: one of the main layer, if that is in a script that is read
/// here and nobody supplied one. A supplied one always wins: a layer of the same language in Latin letters, or a
/// pronunciation whose script is not stated.
///
/// Urdu and whatever else is written from right to left gets none: their vowels are not written. Latin
/// needs none.
///
/// # Errors
/// If a line becomes longer than a line may be ([`limit::TEXT_BYTES`](crate::limit::TEXT_BYTES)).
pub fn missing(lyrics: &Lyrics, scheme: Scheme) -> Result<Vec<Layer>, Error> {
    let Some(main) = lyrics.layers().iter().find(|layer| layer.kind() == Kind::Main) else {
        return Ok(Vec::new());
    };
    let supplied = lyrics.layers().iter().any(|layer| {
        let same = layer.lang().common() == main.lang().common();
        match layer.lang().script() {
            Some("Latn") => same,
            None => layer.kind() == Kind::Pronunciation,
            Some(_) => false,
        }
    });
    if supplied {
        return Ok(Vec::new());
    }
    Ok(layer(main, scheme)?.into_iter().collect())
}

/// The pronunciation of a layer, with the same lines, words, times and agents; `None` if it has no letter of
/// a script that is read here.
///
/// # Errors
/// If a line becomes longer than a line may be ([`limit::TEXT_BYTES`](crate::limit::TEXT_BYTES)).
pub fn layer(layer: &Layer, scheme: Scheme) -> Result<Option<Layer>, Error> {
    let Some(script) = script_of(layer) else { return Ok(None) };
    let lang = tag(layer.lang(), script, scheme)?;
    let mut romanizer = Romanizer::new(layer.lang().common(), scheme);
    layer.respelt(lang, Kind::Pronunciation, |phrase| respell(&mut romanizer, phrase)).map(Some)
}

/// One text, read as a language.
///
/// ```
/// use nada_lyrics::romanize::{Scheme, text};
/// let hi = "hi".parse()?;
/// assert_eq!(text("बुरा जो देखन मैं चला", &hi, Scheme::Readable), "bura jo dekhan main chala");
/// assert_eq!(text("बुरा जो देखन मैं चला", &hi, Scheme::Iso15919), "burā jō dēkhana maiṁ calā");
/// # Ok::<(), nada_lyrics::Error>(())
/// ```
pub fn text(text: &str, lang: &LanguageTag, scheme: Scheme) -> String {
    let mut romanizer = Romanizer::new(lang.common(), scheme);
    romanizer.pieces(text).into_iter().map(|piece| piece.text).collect()
}

/// The script most letters of a layer are in, of those that are read here.
fn script_of(layer: &Layer) -> Option<Script> {
    let phrases = layer.lines().iter().flat_map(|line| [Some(line.phrase()), line.background()]).flatten();
    let mut counts: Vec<(Script, usize)> = Vec::new();
    for (script, _) in phrases.flat_map(|phrase| phrase.text().chars()).filter_map(Script::of) {
        match counts.iter_mut().find(|(counted, _)| *counted == script) {
            Some((_, count)) => *count += 1,
            None => counts.push((script, 1)),
        }
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(script, _)| script)
}

/// BCP 47 has no variant for ISO 15919, but extension T (RFC 6497) says what a text was transformed from, and
/// its field `m0` by which mechanism; `iso` is that of ISO.
fn tag(lang: &LanguageTag, script: Script, scheme: Scheme) -> Result<LanguageTag, LanguageError> {
    let language = lang.language();
    match scheme {
        Scheme::Readable => format!("{language}-Latn"),
        Scheme::Iso15919 => format!("{language}-Latn-t-{language}-{}-m0-iso", script.code().to_lowercase()),
    }
    .parse()
}

fn respell(romanizer: &mut Romanizer, phrase: &Phrase) -> Result<Phrase, Error> {
    let pieces = romanizer.pieces(phrase.text());
    let mut text = String::new();
    // Where each cluster stood and stands; words begin and end between clusters.
    let mut moved: Vec<(usize, usize)> = Vec::with_capacity(pieces.len() + 1);
    for piece in pieces {
        moved.push((piece.start, text.len()));
        text += &piece.text;
    }
    moved.push((phrase.text().len(), text.len()));
    let to = |at: usize| moved.partition_point(|(from, _)| *from < at);
    let to = |at: usize| moved.get(to(at)).map_or(text.len(), |(_, to)| *to);
    let words: Vec<Word> = phrase
        .words()
        .iter()
        .map(|word| Word { bytes: to(word.bytes.start)..to(word.bytes.end), ..word.clone() })
        .collect();
    Phrase::new(text, words)
}
