//! A text from script to letters, cluster by cluster, so that byte offsets into it can be carried over.

use unicode_segmentation::UnicodeSegmentation;

use super::{
    iso15919, letters,
    scheme::Scheme,
    script::{Reading, Script},
    sound::{self, Letters, Sound},
    spell,
};

/// Romanizes texts of one language.
pub(super) struct Romanizer {
    language: String,
    scheme: Scheme,
    letters: Vec<Letters>,
}

/// A grapheme cluster of a text: where it starts, and what it becomes, never empty.
pub(super) struct Piece {
    pub start: usize,
    pub text: String,
}

/// A cluster as it was read.
enum Cluster<'a> {
    /// Part of a word in a script.
    Letters(Script, Vec<Sound>),
    /// What stays as it is.
    Other(&'a str),
}

impl Romanizer {
    /// `language` is a primary language subtag.
    pub fn new(language: &str, scheme: Scheme) -> Romanizer {
        Romanizer { language: language.to_owned(), scheme, letters: Vec::new() }
    }

    /// The pieces of a text, one for each of its grapheme clusters.
    pub fn pieces(&mut self, text: &str) -> Vec<Piece> {
        let mut clusters: Vec<(usize, Cluster<'_>)> =
            text.grapheme_indices(true).map(|(start, cluster)| (start, self.read(cluster))).collect();
        for at in 1..clusters.len() {
            if let [.., (_, before)] = &clusters[..at]
                && let [(_, Cluster::Other(":")), (_, next), ..] = &clusters[at..]
                && let Some(script) = before.takes_visarga(next)
            {
                clusters[at].1 = Cluster::Letters(script, vec![Sound::Visarga]);
            }
        }
        clusters.chunk_by(|(_, a), (_, b)| a.continues(b)).flat_map(|word| self.spell(word)).collect()
    }

    fn read<'a>(&mut self, cluster: &'a str) -> Cluster<'a> {
        let Some((script, _)) = cluster.chars().find_map(Script::of) else { return Cluster::Other(cluster) };
        let at = match self.letters.iter().position(|letters| letters.script() == script) {
            Some(at) => at,
            None => {
                self.letters.push(Letters::new(script));
                self.letters.len() - 1
            }
        };
        Cluster::Letters(script, self.letters[at].sounds(cluster))
    }

    /// Spells clusters that form a word together.
    fn spell(&self, word: &[(usize, Cluster<'_>)]) -> Vec<Piece> {
        let mut sounds: Vec<Sound> = Vec::new();
        let mut ends: Vec<usize> = Vec::with_capacity(word.len());
        let mut script = None;
        for (_, cluster) in word {
            if let Cluster::Letters(of, read) = cluster {
                script = Some(*of);
                if matches!(read.first(), Some(Sound::Consonant(_))) {
                    sound::join(&mut sounds);
                }
                if let Some(end) = ends.last_mut() {
                    *end = sounds.len();
                }
                sounds.extend_from_slice(read);
            }
            ends.push(sounds.len());
        }
        let spelt = match (script, self.scheme) {
            (None, _) => Vec::new(),
            (Some(_), Scheme::Iso15919) => iso15919::spell(&sounds),
            (Some(script), Scheme::Readable) => spell::spell(Reading::of(script, &self.language), &sounds),
        };
        let starts = core::iter::once(0).chain(ends.iter().copied());
        let mut pieces: Vec<Piece> = Vec::with_capacity(word.len());
        for ((start, cluster), (from, to)) in word.iter().zip(starts.zip(&ends)) {
            let mut text = match cluster {
                Cluster::Other(text) => (*text).to_owned(),
                Cluster::Letters(..) => spelt.get(from..*to).unwrap_or_default().concat(),
            };
            let read = sounds.get(from..*to).unwrap_or_default();
            // A colon that is not spoken takes the vowel before it.
            if text.is_empty()
                && read == [Sound::Visarga]
                && let Some(last) = pieces.last_mut().filter(|last| last.text.len() > 1)
            {
                text.extend(last.text.pop());
            }
            if text.is_empty() {
                text = alone(read);
            }
            pieces.push(Piece { start: *start, text });
        }
        pieces
    }
}

/// What a cluster is if the word leaves it no sound: its consonant, or a hyphen for a sign that lost its letter.
fn alone(sounds: &[Sound]) -> String {
    let consonant = sounds.iter().find_map(|sound| match sound {
        Sound::Consonant(iso) => Some(letters::plain(iso)),
        _ => None,
    });
    consonant.unwrap_or("-").to_owned()
}

impl Cluster<'_> {
    /// The script of two clusters between which a colon is a visarga, as in दु:ख.
    fn takes_visarga(&self, next: &Cluster<'_>) -> Option<Script> {
        match self {
            Cluster::Letters(script, sounds)
                if matches!(sounds.last(), Some(Sound::Inherent | Sound::Vowel(_)))
                    && *script != Script::Tamil
                    && self.continues(next) =>
            {
                Some(*script)
            }
            _ => None,
        }
    }

    /// Whether the next cluster belongs to the same word.
    fn continues(&self, next: &Cluster<'_>) -> bool {
        let sounding = |sounds: &[Sound]| {
            !sounds.is_empty() && !sounds.iter().any(|sound| matches!(sound, Sound::Text(..)))
        };
        match (self, next) {
            (Cluster::Letters(a, first), Cluster::Letters(b, second)) => {
                a == b && sounding(first) && sounding(second)
            }
            _ => false,
        }
    }
}
