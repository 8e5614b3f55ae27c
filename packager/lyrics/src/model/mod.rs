//! The model: [`Lyrics`] of layers of lines of words. Each part checks its own rules when it is built.

mod layer;
mod line;
mod phrase;

use serde::{Deserialize, Serialize};

pub(crate) use layer::is_identifier;
pub use layer::{Agent, AgentKind, Layer};
pub use line::Line;
pub use phrase::{Phrase, Word};

use crate::{Error, LanguageTag, limit};

/// The lyrics of one track: everything that is sung, in all its layers.
///
/// Times are milliseconds on the source's clock, and signed: an offset may put a word before the recording,
/// and nothing is clamped before a writer does ([`LyricsTimeline`](crate::LyricsTimeline)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lyrics {
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    artists: Vec<String>,
    layers: Vec<Layer>,
}

impl Lyrics {
    /// Combines layers, in the order in which they are offered.
    ///
    /// # Errors
    /// If there is no layer, more than [`limit::LAYERS`], or two of one language tag, if one has more lines
    /// or words than [`limit::LINES`] and [`limit::WORDS`], or all of them more words or text than
    /// [`limit::TRACK_WORDS`] and [`limit::TRACK_BYTES`].
    pub fn new(layers: Vec<Layer>) -> Result<Lyrics, Error> {
        if layers.is_empty() {
            return Err(Error::Model("lyrics need at least one layer"));
        }
        if layers.len() > limit::LAYERS {
            return Err(Error::Limit { what: "layers", limit: limit::LAYERS });
        }
        for (i, layer) in layers.iter().enumerate() {
            at_most("lines", layer.lines().len(), limit::LINES)?;
            at_most("words in a layer", layer.word_count(), limit::WORDS)?;
            if layers.iter().take(i).any(|earlier| earlier.lang() == layer.lang()) {
                return Err(Error::DuplicateLanguage(layer.lang().clone()));
            }
        }
        at_most("words in all layers", layers.iter().map(Layer::word_count).sum(), limit::TRACK_WORDS)?;
        at_most("bytes in all that is said", layers.iter().map(Layer::text_bytes).sum(), limit::TRACK_BYTES)?;
        Ok(Lyrics { title: None, artists: Vec::new(), layers })
    }

    /// With the title to display.
    pub fn with_title(mut self, title: impl Into<String>) -> Lyrics {
        self.title = Some(title.into());
        self
    }

    /// With the artists to display.
    pub fn with_artists(mut self, artists: Vec<String>) -> Lyrics {
        self.artists = artists;
        self
    }

    /// The title to display.
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// The artists to display.
    pub fn artists(&self) -> &[String] {
        &self.artists
    }

    /// The layers, at least one, each with its own language tag.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// The model as bytes to hash: equal models give equal bytes, different ones different bytes, as long as
    /// [`FORMAT_VERSION`](crate::FORMAT_VERSION) stays. Compact JSON, but of no documented shape.
    pub fn canonical_bytes(&self) -> Vec<u8> {
        // Serialising plain structs of strings and integers to memory has no way to fail.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// What a layer is to the song.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// What is sung, as it is written.
    Main,
    /// What it means, in another language.
    Translation,
    /// How it sounds, in another script: a romanization.
    Pronunciation,
}

impl Kind {
    /// The kind of a layer tagged `lang` where nobody states it: the first layer (`main` is `None`) is main,
    /// the main layer's language in another script is a pronunciation, everything else a translation.
    pub fn infer(main: Option<&LanguageTag>, lang: &LanguageTag) -> Kind {
        match main {
            None => Kind::Main,
            Some(main) if main.common() == lang.common() && main.script_meant() != lang.script_meant() => {
                Kind::Pronunciation
            }
            Some(_) => Kind::Translation,
        }
    }

    /// The name in OpenSubsonic and in files: `main`, `translation`, `pronunciation`.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Main => "main",
            Kind::Translation => "translation",
            Kind::Pronunciation => "pronunciation",
        }
    }
}

fn at_most(what: &'static str, count: usize, limit: usize) -> Result<(), Error> {
    if count > limit { Err(Error::Limit { what, limit }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(tag: &str) -> LanguageTag {
        tag.parse().unwrap()
    }

    fn layer(lang: &str, text: &str) -> Layer {
        let line = Line::new(Some(0), None, Phrase::new(text, vec![]).unwrap()).unwrap();
        Layer::new(tag(lang), Kind::Main, vec![], vec![line]).unwrap()
    }

    #[test]
    fn language_tags_are_unique() {
        assert!(Lyrics::new(vec![layer("hi", "a"), layer("hi-Latn", "a")]).is_ok());
        let twice = Lyrics::new(vec![layer("hi", "a"), layer("en", "a"), layer("HI", "b")]).unwrap_err();
        assert_eq!(
            twice.to_string(),
            "two layers are tagged `hi`: give each its own tag, such as `hi` and `hi-Latn`"
        );
        assert!(Lyrics::new(vec![]).is_err());
    }

    #[test]
    fn all_layers_together_have_limits() {
        let long = "a".repeat(limit::TEXT_BYTES);
        let of = |tag: &str, count: usize| {
            let line = || Line::new(Some(0), None, Phrase::new(&*long, vec![]).unwrap()).unwrap();
            let lines = (0..count).map(|_| line()).collect();
            Layer::new(tag.parse().unwrap(), Kind::Main, vec![], lines).unwrap()
        };
        let most = limit::TRACK_BYTES / limit::TEXT_BYTES;
        assert!(Lyrics::new(vec![of("hi", most / 2), of("en", most / 2)]).is_ok());
        let refused = Lyrics::new(vec![of("hi", most / 2), of("en", most / 2 + 1)]).unwrap_err();
        assert_eq!(refused.to_string(), "more than 4194304 bytes in all that is said");
    }

    #[test]
    fn kinds_are_inferred_from_language_and_script() {
        let hi = tag("hi");
        assert_eq!(Kind::infer(None, &hi), Kind::Main);
        assert_eq!(Kind::infer(Some(&hi), &tag("hi-Latn")), Kind::Pronunciation);
        assert_eq!(Kind::infer(Some(&tag("hi-Latn")), &hi), Kind::Pronunciation);
        for lang in ["en", "id", "hi-IN", "hi-Deva", "ur-Latn"] {
            assert_eq!(Kind::infer(Some(&hi), &tag(lang)), Kind::Translation, "{lang}");
        }
        // One language under several codes.
        for (main, spelled) in
            [("hin", "hi-Latn"), ("hi", "hin-Latn"), ("ory", "or-Latn"), ("ne", "npi-Latn")]
        {
            assert_eq!(Kind::infer(Some(&tag(main)), &tag(spelled)), Kind::Pronunciation, "{main} {spelled}");
        }
    }

    #[test]
    fn canonical_bytes_tell_models_apart() {
        let base = Lyrics::new(vec![layer("hi", "a")]).unwrap();
        assert_eq!(base.canonical_bytes(), base.clone().canonical_bytes());
        let others = [
            Lyrics::new(vec![layer("hi", "b")]).unwrap(),
            Lyrics::new(vec![layer("en", "a")]).unwrap(),
            base.clone().with_title("t"),
            base.clone().with_artists(vec!["t".into()]),
        ];
        assert!(others.iter().all(|other| other.canonical_bytes() != base.canonical_bytes()));
        // The bytes themselves: if this changes, FORMAT_VERSION does.
        let word = Word { bytes: 0..1, start_ms: -5, end_ms: Some(7) };
        let line = Line::new(Some(-5), Some(9), Phrase::new("a", vec![word]).unwrap()).unwrap();
        let timed = Layer::new(tag("hi"), Kind::Main, vec![], vec![line]).unwrap();
        assert_eq!(
            String::from_utf8(Lyrics::new(vec![timed]).unwrap().canonical_bytes()).unwrap(),
            r#"{"layers":[{"lang":"hi","kind":"main","synced":true,"lines":[{"start_ms":-5,"end_ms":9,"text":"a","#
                .to_owned()
                + r#""words":[{"bytes":{"start":0,"end":1},"start_ms":-5,"end_ms":7}]}]}]}"#
        );
    }
}
