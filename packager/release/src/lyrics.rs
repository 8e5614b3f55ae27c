//! What a manifest says of a track's lyrics: the layers and where they lie. The lyrics themselves are ready
//! files; their model is another room's.

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
pub enum Sync {
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
    pub sync: Sync,
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
    /// The layer in that language, in whatever case the tag is written.
    pub fn layer(&self, lang: &LayerTag) -> Option<&LyricsLayer> {
        self.layers.iter().find(|layer| layer.lang.as_str().eq_ignore_ascii_case(lang.as_str()))
    }

    /// Whether the file is part of these lyrics, by its exact name. WebVTT and its playlist exist for timed layers only.
    pub fn has(&self, file: &LyricsFile) -> bool {
        let LyricsFile::Layer(lang, form) = file else { return true };
        let timed = matches!(form, LyricsForm::Vtt | LyricsForm::Playlist);
        self.layers.iter().any(|layer| &layer.lang == lang && !(timed && layer.sync == Sync::None))
    }
}
