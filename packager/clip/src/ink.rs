//! Set type as masks: each word by itself, so that it can be lit from where it is first read to where it is last.

use std::ops::Range;

use crate::{
    canvas::Mask,
    shape::{SetGlyph, SetLine, Setting, Typesetter},
    theme::{Rgb, mix},
};

/// A part of a word that is read in one direction on one line; or text between words.
#[derive(Debug, Clone)]
pub struct Fragment {
    /// What it covers, from the top left of its text.
    pub mask: Mask,
    /// The word, by its place among the words of the text.
    pub word: Option<usize>,
    /// From where to where it stands, in pixels: the boxes of its glyphs.
    pub span: Range<f32>,
    /// Whether it is read from right to left.
    pub rtl: bool,
    /// The share of its word that it is, in the order of reading, within 0 to 1.
    pub share: Range<f32>,
}

/// A text, drawn.
#[derive(Debug, Clone)]
pub struct Inked {
    /// Its parts.
    pub fragments: Vec<Fragment>,
    /// In pixels.
    pub width: f32,
    /// In pixels.
    pub height: f32,
}

/// How much of a word's width the light fades over.
const RAMP: f32 = 0.16;

impl Typesetter {
    /// Draws a text in a box of `width` pixels, where it begins at the side that it is read from. `words` are the byte ranges of
    /// those that light up, in order.
    pub fn ink(&mut self, setting: &Setting, rtl: bool, words: &[Range<usize>], width: f32) -> Inked {
        let mut fragments = Vec::new();
        for (index, line) in setting.lines.iter().enumerate() {
            // the height of a line around what its fonts reach
            let leading = setting.line_height() - setting.reach.0 - setting.reach.1;
            let baseline = setting.line_height() * index as f32 + leading / 2.0 + setting.reach.0;
            let left = if rtl { width - line.width } else { 0.0 };
            let shift = (left.round() - line.left, baseline.round());
            let mut of_line: Vec<Fragment> =
                runs(line, words).map(|run| self.fragment(run, words, shift)).collect();
            bring_in(&mut of_line, width.floor() as i32);
            fragments.append(&mut of_line);
        }
        share_out(&mut fragments);
        Inked { fragments, width: setting.width(), height: setting.height() }
    }

    fn fragment(
        &mut self,
        run: &[SetGlyph],
        words: &[Range<usize>],
        (left, baseline): (f32, f32),
    ) -> Fragment {
        let mut placed = Vec::with_capacity(run.len());
        // a glyph that no font has leaves its room, and no box
        for set in run.iter().filter(|set| set.glyph.glyph_id != 0) {
            let physical = set.glyph.physical((left, baseline), 1.0);
            let image = self.glyphs.get_image(&mut self.fonts.system, physical.cache_key).clone();
            if let Some(image) = image {
                let at = (physical.x + image.placement.left, physical.y - image.placement.top);
                placed.push((at, image));
            }
        }
        let sizes = placed
            .iter()
            .map(|((x, y), image)| (*x, *y, image.placement.width as usize, image.placement.height as usize));
        let mut mask = Mask::around(sizes);
        for (at, image) in &placed {
            mask.add(*at, image.placement.width as usize, &image.data);
        }
        let start = run.iter().map(|set| set.glyph.x).fold(f32::INFINITY, f32::min) + left;
        let end = run.iter().map(|set| set.glyph.x + set.glyph.w).fold(f32::NEG_INFINITY, f32::max) + left;
        let first = run.iter().map(|set| set.start).min().unwrap_or_default();
        let rtl = run.first().is_some_and(|set| set.glyph.level.is_rtl());
        // for now where it begins in the text: its place in the order of reading
        Fragment {
            mask,
            word: word_at(words, first),
            span: start..end,
            rtl,
            share: first as f32..first as f32,
        }
    }
}

impl Fragment {
    /// The colours of its mask's columns while `progress` of its word, from 0 to 1, is sung: `sung` up to there, `unsung` behind.
    pub fn columns(&self, progress: f32, sung: Rgb, unsung: Rgb, columns: &mut Vec<Rgb>) {
        columns.clear();
        let width = (self.span.end - self.span.start).max(1.0);
        columns.extend((0..self.mask.width).map(|column| {
            let along = ((self.mask.x + column as i32) as f32 + 0.5 - self.span.start) / width;
            let along = if self.rtl { 1.0 - along } else { along }.clamp(0.0, 1.0);
            let at = self.share.start + (self.share.end - self.share.start) * along;
            mix(unsung, sung, (((progress * (1.0 + RAMP)) - at) / RAMP).clamp(0.0, 1.0))
        }));
    }
}

/// The word that a byte of the text belongs to.
fn word_at(words: &[Range<usize>], byte: usize) -> Option<usize> {
    let at = words.partition_point(|word| word.end <= byte);
    words.get(at).filter(|word| word.contains(&byte)).map(|_| at)
}

/// Glyphs side by side that belong to one word and are read in one direction.
fn runs<'a>(line: &'a SetLine, words: &'a [Range<usize>]) -> impl Iterator<Item = &'a [SetGlyph]> {
    line.glyphs.chunk_by(|a, b| {
        word_at(words, a.start) == word_at(words, b.start) && a.glyph.level.is_rtl() == b.glyph.level.is_rtl()
    })
}

/// How far ink may lean out of its box, in pixels: as all letters do a little.
const LEAN: i32 = 12;

/// Moves a line whose ink leans further out of its box than that back towards it: letters of Nastaliq do.
fn bring_in(line: &mut [Fragment], width: i32) {
    let masks = || line.iter().map(|fragment| &fragment.mask).filter(|mask| mask.width > 0);
    let left = masks().map(|mask| mask.x).min().unwrap_or(0) + LEAN;
    let right = masks().map(|mask| mask.x + mask.width as i32).max().unwrap_or(0) - LEAN;
    let by = if left < 0 { -left } else { (width - right).min(0).max(-left) };
    for Fragment { mask, span, .. } in line {
        mask.x += by;
        *span = span.start + by as f32..span.end + by as f32;
    }
}

/// Gives each part of a word its share of the word's width, in the order of reading.
fn share_out(fragments: &mut [Fragment]) {
    let mut order: Vec<&mut Fragment> = fragments.iter_mut().collect();
    order.sort_by(|a, b| a.word.cmp(&b.word).then(a.share.start.total_cmp(&b.share.start)));
    for word in order.chunk_by_mut(|a, b| a.word == b.word) {
        let width = |fragment: &Fragment| fragment.span.end - fragment.span.start;
        let total = word.iter().map(|fragment| width(fragment)).sum::<f32>().max(1.0);
        let mut before = 0.0;
        for fragment in word {
            let after = before + width(fragment) / total;
            fragment.share = before..after;
            before = after;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inked(text: &str, rtl: bool, words: &[Range<usize>], width: f32) -> Vec<Fragment> {
        let mut typesetter = Typesetter::default();
        let shaped = typesetter.shape(text, rtl);
        let setting = shaped.set(40.0, width).unwrap();
        typesetter.ink(&setting, rtl, words, width).fragments
    }

    #[test]
    fn words_are_lit_from_the_side_they_are_read_from() {
        let text = "دل hello";
        let fragments = inked(text, true, &[0..4, 5..10], 400.0);
        let of_word = |word| fragments.iter().find(|fragment| fragment.word == Some(word)).unwrap();
        let (dil, hello) = (of_word(0), of_word(1));
        assert!(dil.rtl && !hello.rtl && dil.span.start > hello.span.end, "{fragments:?}");
        assert!((dil.span.end - 400.0).abs() < 1.0, "begins at the right");
        let lit = |fragment: &Fragment, progress| {
            let mut columns = Vec::new();
            fragment.columns(progress, [255; 3], [0; 3], &mut columns);
            columns.iter().map(|[red, ..]| *red).collect::<Vec<_>>()
        };
        let half = lit(hello, 0.5);
        assert!(half[0] == 255 && half[half.len() - 1] == 0 && half.is_sorted_by(|a, b| a >= b));
        let half = lit(dil, 0.5);
        assert!(half[0] == 0 && half[half.len() - 1] == 255 && half.is_sorted());
        assert!(lit(hello, 0.0).iter().all(|c| *c == 0) && lit(hello, 1.0).iter().all(|c| *c == 255));
    }

    #[test]
    fn a_word_of_two_directions_or_lines_is_lit_in_the_order_of_reading() {
        // one word: Urdu, then Latin; read from the right, the Latin part last and by itself from left to right
        let text = "دلabc";
        let fragments = inked(text, true, std::slice::from_ref(&(0..text.len())), 400.0);
        assert_eq!(fragments.len(), 2);
        let of = |rtl| fragments.iter().find(|fragment| fragment.rtl == rtl).unwrap();
        let (latin, urdu) = (of(false), of(true));
        assert!(urdu.rtl && !latin.rtl && urdu.share.start == 0.0 && latin.share.start == urdu.share.end);
        assert!((latin.share.end - 1.0).abs() < 1e-4);
        let broken = inked("one two", false, std::slice::from_ref(&(0..7)), 90.0);
        let words: Vec<_> = broken.iter().map(|fragment| fragment.mask.y).collect();
        assert!(broken.len() == 2 && words[0] < words[1] && broken[0].share.end == broken[1].share.start);
    }
}
