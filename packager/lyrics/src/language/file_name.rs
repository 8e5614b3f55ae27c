//! The language in the name of a file.

use std::path::Path;

use super::{
    LanguageTag,
    canonical::{has, pair},
    error::LanguageError,
    registry::{LOCALES, SHORTER},
};
use crate::{autonym, quote::quote};

/// Languages of India and Indonesia in which there are songs, beside those that CLDR or this crate has a name of.
const SUNG: &str = "abl bhb btk btm bts btx gbm gon gor grt hoc kfy kha kru lus mag mak mwr rej trp unr";

impl LanguageTag {
    /// The tag between the last two points of a file's name: `hi` of `01.hi.lrc`; `None` if there is nothing like one.
    ///
    /// Among all languages there are `mix` and `new`, `raw` and `dub`, words that stand in names of files far more
    /// often. So a bare code of three letters is taken for a language only if the language has a code of two letters
    /// (`hin`), is one of which Unicode CLDR has a locale (`mai`), or one of India or Indonesia; any other
    /// language is stated apart from the name.
    ///
    /// # Errors
    /// [`LanguageError`] if it is not the tag of a language, with the reason.
    pub fn of_file_name(file: &Path) -> Result<Option<LanguageTag>, LanguageError> {
        let is_like_a_tag = |part: &&str| {
            part.starts_with(|c: char| c.is_ascii_alphabetic())
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        let stem = file.file_stem().map(Path::new);
        let Some(part) = stem.and_then(Path::extension).and_then(|part| part.to_str()).filter(is_like_a_tag)
        else {
            return Ok(None);
        };
        let tag: LanguageTag = part.parse()?;
        let language = tag.as_str();
        let known = part.len() != 3
            || pair(SHORTER, &part.to_ascii_lowercase()).is_some()
            || [LOCALES, SUNG, "mul zxx"].into_iter().any(|table| has(table, language))
            || autonym::display_name(language) != language;
        if known {
            return Ok(Some(tag));
        }
        let reason = "a language of that code is registered, but in the name of a file it is another word more often; \
                      if the language is meant, state it apart from the name"
            .into();
        Err(LanguageError { tag: quote(part), reason })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_and_other_words() {
        let of = |name: &str| LanguageTag::of_file_name(Path::new(name));
        for (name, tag) in [
            ("01.hi.lrc", "hi"),
            ("a/b.x/song.hi-Latn.ttml", "hi-Latn"),
            ("song.in.lrc", "id"),
            ("song.HIN.lrc", "hi"),
            ("song.eng.srt", "en"),
            ("song.mai.lrc", "mai"),
            ("song.min.lrc", "min"),
            ("song.kfy.lrc", "kfy"),
            ("song.mix-Latn.lrc", "mix-Latn"),
            ("song.final.id.lrc", "id"),
            ("song.und.lrc", "und"),
        ] {
            assert_eq!(of(name).unwrap().unwrap().as_str(), tag, "{name}");
        }
        for name in
            ["song.lrc", "song", "", "01. Song.lrc", "Mr. Song.lrc", "song.01.lrc", ".hi.lrc", "गीत.गीत.lrc"]
        {
            assert_eq!(of(name), Ok(None), "{name}");
        }
        for word in [
            "mix", "new", "old", "raw", "dub", "rap", "end", "sub", "txt", "ost", "final", "copy", "v2",
            "remix", "live", "karaoke", "hi-live", "hi-final", "xx", "hq", "hindi", "lyrics",
        ] {
            let error = of(&format!("song.{word}.lrc")).unwrap_err().to_string();
            assert!(error.starts_with(&format!("language tag \"{word}\": ")), "{error}");
        }
    }
}
