//! What a manifest says of a track's lyrics: the layers and where they lie. The lyrics themselves are ready
//! files; their model is another crate's.

use serde::{Deserialize, Serialize};

use crate::{
    id::{LayerTag, LyricsDigest},
    key::{LyricsFile, LyricsForm},
};

/// What a layer is to the song (OpenSubsonic `songLyrics` version 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum LayerKind {
    /// As sung.
    Main,
    /// In another language.
    Translation,
    /// As sung, in another script.
    Pronunciation,
}

/// How finely a layer is timed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum SyncUnit {
    /// Not at all.
    None,
    /// By line.
    Line,
    /// By word or syllable.
    Word,
}

/// One layer of the lyrics.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LyricsLayer {
    /// Its language, and the stem of its files. Unique within the lyrics.
    pub lang: LayerTag,
    /// What it is.
    pub kind: LayerKind,
    /// Its name for people, in its own language.
    pub name: String,
    /// How finely it is timed.
    pub sync: SyncUnit,
}

/// One state of a track's lyrics. The main layer comes first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LyricsIndex {
    /// Where the files lie.
    pub digest: LyricsDigest,
    /// The layers.
    pub layers: Vec<LyricsLayer>,
}

impl LyricsIndex {
    /// The layer in that language, in whatever case the tag is written; else the one in the same language under another
    /// code of it, as Android asks for `in` and media players for `ind`.
    pub fn layer(&self, lang: &LayerTag) -> Option<&LyricsLayer> {
        let is = |layer: &&LyricsLayer| layer.lang.as_str().eq_ignore_ascii_case(lang.as_str());
        self.layers.iter().find(is).or_else(|| {
            let (language, rest) = meant(lang.as_str());
            self.layers.iter().find(|layer| {
                let (own, own_rest) = meant(layer.lang.as_str());
                own.eq_ignore_ascii_case(language) && own_rest.eq_ignore_ascii_case(rest)
            })
        })
    }

    /// Whether the file is part of these lyrics, by its exact name. WebVTT and its playlist exist for timed layers only.
    pub fn has(&self, file: &LyricsFile) -> bool {
        let LyricsFile::Layer(lang, form) = file else { return true };
        let timed = matches!(form, LyricsForm::Vtt | LyricsForm::Playlist);
        self.layers.iter().any(|layer| &layer.lang == lang && !(timed && layer.sync == SyncUnit::None))
    }
}

/// Other codes of the languages of India and Indonesia, and of English, each before the canonical one: those of ISO
/// 639-2 and 639-3, and replaced ones.
const CODES: &str = "asm as ben bn eng en guj gu hin hi in id ind id jav jv jw jv kan kn kas ks mal ml mar mr may ms \
                     msa ms nep ne npi ne ori or ory or pan pa san sa snd sd sun su tam ta tel te urd ur zsm ms";

/// The canonical code of the language, and the rest of the tag.
fn meant(tag: &str) -> (&str, &str) {
    let (language, rest) = tag.split_once('-').unwrap_or((tag, ""));
    let mut codes = CODES.split(' ');
    while let (Some(code), Some(canonical)) = (codes.next(), codes.next()) {
        if code.eq_ignore_ascii_case(language) {
            return (canonical, rest);
        }
    }
    (language, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_is_found_under_every_code_of_its_language() {
        let layer = |lang: &str| LyricsLayer {
            lang: lang.parse().unwrap(),
            kind: LayerKind::Main,
            name: lang.to_owned(),
            sync: SyncUnit::Line,
        };
        let layers = ["hi", "hi-Latn", "id", "ben", "hin-Deva"].map(layer).to_vec();
        let index = LyricsIndex { digest: LyricsDigest::from_input(&[]), layers };
        let found =
            |lang: &str| index.layer(&lang.parse().unwrap()).map(|layer| layer.lang.as_str().to_owned());
        for (asked, lang) in [
            ("hi", "hi"),
            ("hin", "hi"),
            ("hin-latn", "hi-Latn"),
            ("in", "id"),
            ("ind", "id"),
            // what was stored before tags were canonical
            ("bn", "ben"),
            ("ben", "ben"),
            ("hi-Deva", "hin-Deva"),
        ] {
            assert_eq!(found(asked).as_deref(), Some(lang), "{asked}");
        }
        for absent in ["en", "eng", "hi-IN", "id-Latn", "as"] {
            assert_eq!(found(absent), None, "{absent}");
        }
    }
}
