//! Texts as lines of glyphs: shaped once, then laid out at each size and width that is tried.

use cosmic_text::{Hinting, LayoutGlyph, LayoutLine, ShapeLine, Shaping, SwashCache, Wrap};

use crate::{direction::first_direction, fonts::Fonts};

/// What sets type: the fonts, and glyphs that were drawn before.
pub struct Typesetter {
    pub(crate) fonts: Fonts,
    pub(crate) glyphs: SwashCache,
    missing: Vec<String>,
}

impl Default for Typesetter {
    fn default() -> Self {
        Self { fonts: Fonts::load(), glyphs: SwashCache::new(), missing: Vec::new() }
    }
}

impl Typesetter {
    /// Shapes a text, from right to left if its language is.
    pub fn shape(&mut self, text: &str, rtl: bool) -> Shaped {
        // A mark before the text decides its direction (UAX #9, P2 and HL1), where its first letter would not. Only there: behind
        // it Bengali letters have no initial forms. Paragraphs are one.
        let by_itself = first_direction(text) == Some(rtl);
        let mark = (!by_itself).then_some(if rtl { '\u{200F}' } else { '\u{200E}' });
        let spaces = |c: char| match c {
            '\u{2028}' | '\u{2029}' => '\u{2003}',
            c if c.is_control() => ' ',
            c => c,
        };
        let marked: String = mark.into_iter().chain(text.chars().map(spaces)).collect();
        let (attrs, missing) = self.fonts.choose(&marked);
        for cluster in missing {
            if !self.missing.contains(&cluster) {
                self.missing.push(cluster);
            }
        }
        let line = ShapeLine::new(&mut self.fonts.system, &marked, &attrs, Shaping::Advanced, 4);
        Shaped { line, text: text.to_owned(), rtl, mark: mark.map_or(0, char::len_utf8) }
    }

    /// The family of the font that a glyph is of.
    pub fn family(&self, set: &SetGlyph) -> String {
        let face = self.fonts.system.db().face(set.glyph.font_id);
        face.and_then(|face| face.families.first()).map(|(name, _)| name.clone()).unwrap_or_default()
    }

    /// The grapheme clusters that no font had, in the order in which they were met.
    pub fn missing(&self) -> &[String] {
        &self.missing
    }
}

/// A text as glyphs, of no size yet.
pub struct Shaped {
    line: ShapeLine,
    text: String,
    /// Whether it is read from right to left.
    pub rtl: bool,
    /// Bytes of the mark before the text.
    mark: usize,
}

/// A glyph in its place.
#[derive(Debug, Clone)]
pub struct SetGlyph {
    /// The glyph, with its place in the line.
    pub glyph: LayoutGlyph,
    /// The first byte of its cluster in the text.
    pub start: usize,
    /// The end of its cluster.
    pub end: usize,
}

/// A line of type.
#[derive(Debug, Clone)]
pub struct SetLine {
    /// The glyphs, from the side that the text is read from; white space at the ends of the line is not among them.
    pub glyphs: Vec<SetGlyph>,
    /// Where the first glyph's box begins, in pixels of the layout.
    pub left: f32,
    /// The width of all boxes, in pixels.
    pub width: f32,
}

/// A text at one size.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The lines, from top to bottom.
    pub lines: Vec<SetLine>,
    /// The size in pixels per em.
    pub size: f32,
    /// Ascent and descent of the tallest font, in pixels.
    pub reach: (f32, f32),
}

impl Setting {
    /// From one baseline to the next, in pixels.
    pub fn line_height(&self) -> f32 {
        (self.reach.0 + self.reach.1).max(self.size * 1.3)
    }

    /// All lines together, in pixels.
    pub fn height(&self) -> f32 {
        self.line_height() * self.lines.len() as f32
    }

    /// The widest line, in pixels.
    pub fn width(&self) -> f32 {
        self.lines.iter().map(|line| line.width).fold(0.0, f32::max)
    }
}

impl Shaped {
    /// The height in pixels at `size` in lines of `width` at most; `None` if a word is wider than a line.
    pub fn measure(&self, size: f32, width: f32) -> Option<f32> {
        let setting = self.lay(size, width, Wrap::Word);
        (setting.width() <= width).then(|| setting.height())
    }

    /// Laid out at `size` in lines of `width` at most, all of about the same length, so that no word stands alone. `None` if a
    /// word is wider than a line.
    pub fn set(&self, size: f32, width: f32) -> Option<Setting> {
        let fits = |setting: &Setting, width: f32| setting.width() <= width;
        let widest = self.lay(size, width, Wrap::Word);
        if !fits(&widest, width) {
            return None;
        }
        let lines = widest.lines.len();
        let (mut best, mut low, mut high) = (widest, 0.0, width);
        while lines > 1 && high - low > size / 8.0 {
            let middle = f32::midpoint(low, high);
            let tried = self.lay(size, middle, Wrap::Word);
            if tried.lines.len() <= lines && fits(&tried, middle) {
                (best, high) = (tried, middle);
            } else {
                low = middle;
            }
        }
        Some(best)
    }

    /// Laid out at `size` in lines of `width` at most, between grapheme clusters if a word is wider than a line.
    pub fn set_broken(&self, size: f32, width: f32) -> Setting {
        self.set(size, width).unwrap_or_else(|| self.lay(size, width, Wrap::WordOrGlyph))
    }

    fn lay(&self, size: f32, width: f32, wrap: Wrap) -> Setting {
        let lines = self.line.layout(size, Some(width), wrap, None, None, Hinting::Disabled);
        let reach = lines.iter().fold((0.0, 0.0), |(up, down): (f32, f32), line| {
            (up.max(line.max_ascent), down.max(line.max_descent))
        });
        let lines = lines.into_iter().map(|line| self.line_of(line)).filter(|line| !line.glyphs.is_empty());
        Setting { lines: lines.collect(), size, reach }
    }

    fn line_of(&self, line: LayoutLine) -> SetLine {
        let mut glyphs: Vec<SetGlyph> = line
            .glyphs
            .into_iter()
            .filter(|glyph| glyph.end > self.mark)
            .map(|glyph| SetGlyph {
                start: glyph.start.saturating_sub(self.mark),
                end: glyph.end - self.mark,
                glyph,
            })
            .collect();
        let blank = |glyph: &SetGlyph| {
            self.text.get(glyph.start..glyph.end).is_none_or(|text| text.trim().is_empty())
        };
        while glyphs.last().is_some_and(blank) {
            glyphs.pop();
        }
        let spaces = glyphs.iter().take_while(|glyph| blank(glyph)).count();
        glyphs.drain(..spaces);
        let left = glyphs.iter().map(|set| set.glyph.x).fold(f32::INFINITY, f32::min);
        let right = glyphs.iter().map(|set| set.glyph.x + set.glyph.w).fold(f32::NEG_INFINITY, f32::max);
        if glyphs.is_empty() {
            SetLine { glyphs, left: 0.0, width: 0.0 }
        } else {
            SetLine { glyphs, left, width: right - left }
        }
    }
}
