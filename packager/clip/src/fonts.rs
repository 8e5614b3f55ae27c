//! The fonts that ship with the crate, and which of them a piece of text is set in. No font of the system is ever read, so
//! that pictures are the same everywhere.

use std::sync::Arc;

use cosmic_text::{Attrs, AttrsList, Family, FontSystem, Weight, fontdb};
use unicode_script::{Script, UnicodeScript as _};
use unicode_segmentation::UnicodeSegmentation as _;

/// A font of `fonts/`, made by `fonts/make.sh`.
struct Font {
    family: &'static str,
    weight: u16,
    /// What it is the first choice for.
    script: Option<Script>,
    bytes: &'static [u8],
}

macro_rules! font {
    ($family:literal, $weight:literal, $script:expr, $file:literal) => {
        Font {
            family: $family,
            weight: $weight,
            script: $script,
            bytes: include_bytes!(concat!("../fonts/", $file)),
        }
    };
}

/// In the order in which they are tried where no script decides.
const FONTS: [Font; 14] = [
    font!("Noto Sans", 600, Some(Script::Latin), "latin.ttf"),
    font!("Noto Sans Devanagari", 600, Some(Script::Devanagari), "devanagari.ttf"),
    font!("Noto Sans Bengali", 600, Some(Script::Bengali), "bengali.ttf"),
    font!("Noto Sans Gurmukhi", 600, Some(Script::Gurmukhi), "gurmukhi.ttf"),
    font!("Noto Sans Gujarati", 600, Some(Script::Gujarati), "gujarati.ttf"),
    font!("Noto Sans Oriya", 700, Some(Script::Oriya), "odia.ttf"),
    font!("Noto Sans Tamil", 600, Some(Script::Tamil), "tamil.ttf"),
    font!("Noto Sans Telugu", 600, Some(Script::Telugu), "telugu.ttf"),
    font!("Noto Sans Kannada", 600, Some(Script::Kannada), "kannada.ttf"),
    font!("Noto Sans Malayalam", 600, Some(Script::Malayalam), "malayalam.ttf"),
    font!("Noto Nastaliq Urdu", 400, Some(Script::Arabic), "urdu.ttf"),
    font!("Noto Music", 400, None, "music.ttf"),
    font!("Noto Emoji", 600, None, "emoji.ttf"),
    font!("Noto Sans Symbols2", 400, None, "symbols.ttf"),
];

/// The place of the emoji in [`FONTS`].
const EMOJI: usize = FONTS.len() - 2;

/// U+FE0F, which asks for an emoji (Unicode Technical Standard #51 §2).
const EMOJI_SELECTOR: char = '\u{FE0F}';

/// The fonts, loaded.
pub struct Fonts {
    /// What shapes with them.
    pub system: FontSystem,
    /// Each of them, in the order of [`FONTS`].
    faces: Vec<Arc<cosmic_text::Font>>,
}

impl Fonts {
    /// Loads them.
    pub fn load() -> Fonts {
        let mut db = fontdb::Database::new();
        let ids: Vec<_> = FONTS
            .iter()
            .flat_map(|font| db.load_font_source(fontdb::Source::Binary(Arc::new(font.bytes))))
            .collect();
        let mut system = FontSystem::new_with_locale_and_db_and_fallback("en".to_owned(), db, Ours);
        let faces =
            ids.into_iter().zip(&FONTS).filter_map(|(id, font)| system.get_font(id, Weight(font.weight)));
        let faces = faces.collect();
        Fonts { system, faces }
    }

    /// The font of each part of a text, and the grapheme clusters that none of them has.
    pub fn choose(&self, text: &str) -> (AttrsList, Vec<String>) {
        let mut list = AttrsList::new(&attrs(0));
        let mut missing = Vec::new();
        let mut last = text.chars().find_map(|c| of_script(c.script())).unwrap_or(0);
        for (start, cluster) in text.grapheme_indices(true) {
            let found = self.font_of(cluster, last);
            if found.is_none() {
                missing.push(cluster.to_owned());
            }
            last = found.unwrap_or(last);
            list.add_span(start..start + cluster.len(), &attrs(last));
            // an emoji between words does not take the space behind it along
            if last >= FONTS.len() - 3 {
                last = text
                    .get(start..)
                    .and_then(|rest| rest.chars().find_map(|c| of_script(c.script())))
                    .unwrap_or(0);
            }
        }
        (list, missing)
    }

    /// The font that has the whole cluster: that of its script, else the one before it, else the first that has it.
    fn font_of(&self, cluster: &str, last: usize) -> Option<usize> {
        let emoji = cluster.contains(EMOJI_SELECTOR).then_some(EMOJI);
        let own = cluster.chars().find_map(|c| of_script(c.script()));
        let tried = emoji.into_iter().chain(own).chain([last]).chain(0..FONTS.len());
        tried.into_iter().find(|font| self.has(*font, cluster))
    }

    fn has(&self, font: usize, cluster: &str) -> bool {
        let characters = self.faces.get(font).map(|face| face.as_swash().charmap());
        cluster.chars().all(|c| is_unseen(c) || characters.as_ref().is_some_and(|all| all.map(c) != 0))
    }
}

/// No font but the one that is named.
struct Ours;

impl cosmic_text::Fallback for Ours {
    fn common_fallback(&self) -> &[&'static str] {
        &[]
    }

    fn forbidden_fallback(&self) -> &[&'static str] {
        &[]
    }

    fn script_fallback(&self, _: Script, _: &str) -> &[&'static str] {
        &[]
    }
}

fn attrs(font: usize) -> Attrs<'static> {
    let font = FONTS.get(font).unwrap_or(&FONTS[0]);
    Attrs::new().family(Family::Name(font.family)).weight(Weight(font.weight))
}

fn of_script(script: Script) -> Option<usize> {
    FONTS.iter().position(|font| font.script == Some(script))
}

/// What shapes text and leaves no mark: joiners, marks of direction, variation selectors.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn families(text: &str) -> (Vec<(String, String)>, Vec<String>) {
        let (list, missing) = Fonts::load().choose(text);
        let spans = list.spans().into_iter().map(|(range, attrs)| {
            let Family::Name(name) = attrs.as_attrs().family else { return Default::default() };
            (text[range.clone()].to_owned(), name.to_owned())
        });
        (spans.collect(), missing)
    }

    #[test]
    fn each_script_has_its_font_and_takes_its_punctuation_along() {
        let (spans, missing) = families("बुरा जो, देखन। Kabir — ♪ ❤️");
        assert!(missing.is_empty(), "{missing:?}");
        let set = |part: &str, family: &str| {
            assert!(spans.contains(&(part.to_owned(), family.to_owned())), "{spans:?}")
        };
        set("❤️", "Noto Emoji");
        set("♪", "Noto Music");
        assert_eq!(spans[0].1, "Noto Sans Devanagari");
        assert!(spans[0].0.starts_with("बुरा जो"), "{spans:?}");
    }

    #[test]
    fn what_no_font_has_is_named() {
        let (_, missing) = families("abc 中 अ Ж");
        assert_eq!(missing, ["中", "Ж"]);
    }

    #[test]
    fn every_font_is_found_by_its_family() {
        let fonts = Fonts::load();
        assert_eq!(fonts.faces.len(), FONTS.len());
        for font in &FONTS {
            let found = fonts
                .system
                .db()
                .faces()
                .find(|face| face.families.iter().any(|(name, _)| name == font.family));
            let face = found.unwrap_or_else(|| panic!("{}", font.family));
            assert_eq!(face.weight.0, font.weight, "{}", font.family);
        }
    }
}
