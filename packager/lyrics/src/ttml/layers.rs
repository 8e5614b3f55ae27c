//! Translations and transliterations: layers whose lines are lines of the main one.

use std::collections::{BTreeMap, HashMap};

use crate::{
    Error, Kind, LanguageTag, Layer, Line, Phrase, limit,
    position::FilePosition,
    quote::quote,
    warning::{WarningKind, Warnings},
};

/// What a layer says of one line.
pub(super) struct Entry {
    pub lead: Phrase,
    pub background: Option<Phrase>,
    pub place: FilePosition,
}

/// All translations and transliterations of a file, in the order in which they appear.
#[derive(Default)]
pub(super) struct PendingLayers {
    list: Vec<PendingLayer>,
    /// The one of the head that is being read.
    current: usize,
}

struct PendingLayer {
    kind: Kind,
    /// As stated.
    lang: Option<String>,
    place: FilePosition,
    by_key: Vec<(String, Entry)>,
    /// By the number of the line in the file.
    inline: Vec<(usize, Entry)>,
}

impl PendingLayers {
    /// A track of the head begins.
    pub(super) fn begin(&mut self, kind: Kind, lang: Option<String>, place: FilePosition) {
        self.current = self.of(kind, lang, place);
    }

    fn of(&mut self, kind: Kind, lang: Option<String>, place: FilePosition) -> usize {
        let same = |track: &PendingLayer| track.kind == kind && track.lang == lang;
        // Whatever is beyond the limit goes to the last one, which is then too many.
        let at =
            self.list.iter().position(same).or((self.list.len() > limit::LAYERS).then_some(limit::LAYERS));
        at.unwrap_or_else(|| {
            self.list.push(PendingLayer { kind, lang, place, by_key: Vec::new(), inline: Vec::new() });
            self.list.len() - 1
        })
    }

    pub(super) fn add_for_key(&mut self, key: String, entry: Entry) {
        if let Some(track) = self.list.get_mut(self.current) {
            track.by_key.push((key, entry));
        }
    }

    pub(super) fn add_inline(&mut self, kind: Kind, lang: Option<String>, line: usize, entry: Entry) {
        let index = self.of(kind, lang, entry.place);
        if let Some(track) = self.list.get_mut(index) {
            track.inline.push((line, entry));
        }
    }

    /// The layers, translations first, each line at the time of the main line it belongs to. `order` lists the lines of the file as
    /// they stand in `main`.
    pub(super) fn layers(
        self,
        main: &Layer,
        order: &[usize],
        keys: &[Option<String>],
        warnings: &mut Warnings,
    ) -> Result<Vec<Layer>, Error> {
        if self.list.is_empty() {
            return Ok(Vec::new());
        }
        // With the main one.
        if let Some(track) = self.list.get(limit::LAYERS - 1) {
            return Err(track.place.more_than(limit::LAYERS, "layers"));
        }
        let mut place_of = vec![0; order.len()];
        for (place, line) in order.iter().enumerate() {
            place_of.get_mut(*line).into_iter().for_each(|slot| *slot = place);
        }
        let mut by_key: HashMap<&str, usize> = HashMap::new();
        for (line, key) in keys.iter().enumerate() {
            if let (Some(key), Some(place)) = (key, place_of.get(line)) {
                by_key.entry(key).or_insert(*place);
            }
        }
        let mut layers: Vec<Layer> = Vec::new();
        for track in self.list {
            let (kind, place) = (track.kind, track.place);
            let Some(lang) = tag(kind, track.lang.as_deref(), main.lang()) else {
                let stated = quote(track.lang.as_deref().unwrap_or_default());
                warnings.push(place, WarningKind::LeftOut, || {
                    format!("{} in {stated} left out: not a language tag", kind.as_str())
                });
                continue;
            };
            if lang == *main.lang() || layers.iter().any(|layer| *layer.lang() == lang) {
                warnings.push(place, WarningKind::LeftOut, || {
                    format!("{} in {lang} left out: there is a layer of that tag", kind.as_str())
                });
                continue;
            }
            let lines = track.lines(&place_of, &by_key, warnings);
            let build = |(at, entry): (usize, Entry)| line(main, at, entry);
            let lines = lines.into_iter().map(build).collect::<Result<Vec<_>, _>>()?;
            if !lines.is_empty() {
                layers.push(Layer::new(lang, kind, main.agents().to_vec(), lines)?);
            }
        }
        layers.sort_by_key(Layer::kind);
        Ok(layers)
    }
}

impl PendingLayer {
    /// Its entries by the place of their line in the main layer.
    fn lines(
        self,
        place_of: &[usize],
        by_key: &HashMap<&str, usize>,
        warnings: &mut Warnings,
    ) -> BTreeMap<usize, Entry> {
        let mut lines = BTreeMap::new();
        let inline =
            self.inline.into_iter().map(|(line, entry)| (place_of.get(line).copied(), String::new(), entry));
        let keyed =
            self.by_key.into_iter().map(|(key, entry)| (by_key.get(key.as_str()).copied(), key, entry));
        for (at, key, entry) in keyed.chain(inline) {
            let place = entry.place;
            match at {
                None => warnings.push(place, WarningKind::LeftOut, || {
                    format!("left out: no line has the key {}", quote(&key))
                }),
                Some(at) if lines.contains_key(&at) => {
                    warnings.push(place, WarningKind::LeftOut, || {
                        "left out: the line has a text in this layer already".into()
                    });
                }
                Some(at) => {
                    lines.insert(at, entry);
                }
            }
        }
        lines
    }
}

/// The tag of a track: as stated; else `und` for a translation, the main language in Latin for a
/// transliteration.
fn tag(kind: Kind, stated: Option<&str>, main: &LanguageTag) -> Option<LanguageTag> {
    match (stated, kind) {
        (Some(stated), _) => stated.parse().ok(),
        (None, Kind::Pronunciation) => format!("{}-Latn", main.language()).parse().ok(),
        (None, _) => "und".parse().ok(),
    }
}

fn line(main: &Layer, at: usize, entry: Entry) -> Result<Line, Error> {
    let refused = |e| entry.place.refused(e);
    let sung = main.lines().get(at);
    let (start, end) = (sung.and_then(Line::start_ms), main.end_of(at));
    let mut line = Line::new(start, end, entry.lead).map_err(refused)?.with_key(main.key(at));
    if let Some(background) = entry.background {
        line = line.with_background(background).map_err(refused)?;
    }
    Ok(match sung.and_then(Line::agent) {
        Some(agent) => line.sung_by(agent),
        None => line,
    })
}
