//! A line of the song as it is drawn, with what is read under it.

use std::ops::Range;

use nada_lyrics::Kind;

use crate::{
    canvas::Canvas,
    error::ClipError,
    ink::Inked,
    shape::{Shaped, Typesetter},
    song::{Line, LitWord, Row},
    theme::{Palette, Rgb, mix},
};

/// The smallest size of the main text, in pixels per em, at which a phone's screen is legible.
const SMALLEST: f32 = 32.0;

/// What each size that is tried is of the one before it.
const STEP: f32 = 0.94;

/// A line, drawn.
#[derive(Debug, Clone)]
pub struct Block {
    rows: Vec<BlockRow>,
    /// In pixels.
    pub height: i32,
}

#[derive(Debug, Clone)]
struct BlockRow {
    kind: Kind,
    words: Vec<LitWord>,
    inked: Inked,
    /// From the top of the block.
    top: i32,
}

/// How a block is lit. Equal looks are equal pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// All of it to be read: a card.
    Still,
    /// As it is sung.
    Sung {
        /// How current the line is, in 1/64.
        current: u8,
        /// For each row its words: how much is sung, in 1/512, and whether they sound.
        words: Vec<Vec<(u16, bool)>>,
    },
}

/// How blocks may be set.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// The width of a line, in pixels.
    pub width: usize,
    /// The height of one block at most.
    pub block: usize,
    /// The height of all of them with the gaps between them, if they have to stand side by side.
    pub all: Option<usize>,
    /// The largest size, in pixels per em.
    pub largest: f32,
    /// The name of the picture's size.
    pub picture: &'static str,
}

/// Sets the lines as large as there is room for. Answers the blocks and the gap between them in pixels.
///
/// # Errors
/// If there is no room for them at the smallest size.
pub fn set(
    typesetter: &mut Typesetter,
    lines: &[Line],
    first: usize,
    room: &Room,
) -> Result<(Vec<Block>, i32), ClipError> {
    let shaped: Vec<Vec<Shaped>> = lines
        .iter()
        .map(|line| line.rows.iter().map(|row| typesetter.shape(&row.text, row.rtl)).collect())
        .collect();
    let width = room.width as f32;
    let heights = |em: f32| {
        let line = |(line, rows): (&Line, &Vec<Shaped>)| {
            let each = rows.iter().enumerate().map(|(at, row)| row.measure(em * scale(line, at), width));
            each.sum::<Option<f32>>()
        };
        lines.iter().zip(&shaped).map(line).collect::<Option<Vec<f32>>>()
    };
    let fits = |heights: &[f32], em: f32| {
        let all = heights.iter().sum::<f32>() + gap(em) * heights.len().saturating_sub(1) as f32;
        heights.iter().all(|height| *height <= room.block as f32)
            && room.all.is_none_or(|room| all <= room as f32)
    };
    let sizes = std::iter::successors(Some(room.largest), |size| Some(size * STEP))
        .take_while(|size| *size > SMALLEST);
    let found = sizes.into_iter().find(|em| heights(*em).is_some_and(|heights| fits(&heights, *em)));
    let em = found.unwrap_or(SMALLEST);
    let mut blocks = Vec::with_capacity(lines.len());
    for (line, rows) in lines.iter().zip(&shaped) {
        blocks.push(block(typesetter, line, rows, em, width));
    }
    if found.is_none() {
        let heights: Vec<f32> = blocks.iter().map(|block: &Block| block.height as f32).collect();
        if !fits(&heights, em) {
            let tallest =
                (0..lines.len()).max_by_key(|at| blocks.get(*at).map(|block| block.height)).unwrap_or(0);
            let text =
                lines.get(tallest).and_then(|line| line.rows.first()).map_or("", |row| row.text.as_str());
            return Err(ClipError::overflow(format!("line {}", first + tallest), room.picture, text));
        }
    }
    Ok((blocks, gap(em).round() as i32))
}

fn gap(em: f32) -> f32 {
    em * 0.62
}

/// The size of a row, as a share of that of the main text.
fn scale(line: &Line, at: usize) -> f32 {
    match line.rows.get(at).map(|row| row.kind) {
        Some(Kind::Main) if at == 0 => 1.0,
        Some(Kind::Main) => 0.74,
        Some(Kind::Pronunciation) => 0.64,
        Some(Kind::Translation) | None => 0.6,
    }
}

fn block(typesetter: &mut Typesetter, line: &Line, shaped: &[Shaped], em: f32, width: f32) -> Block {
    let mut top = 0.0;
    let rows = line.rows.iter().zip(shaped).enumerate().map(|(at, (row, shaped))| {
        let setting = shaped.set_broken(em * scale(line, at), width);
        let Row { kind, words, rtl, .. } = row;
        let bytes: Vec<Range<usize>> = words.iter().map(|word| word.bytes.clone()).collect();
        let inked = typesetter.ink(&setting, *rtl, &bytes, width);
        let row = BlockRow { kind: *kind, words: words.clone(), top: f32::round(top) as i32, inked };
        top += row.inked.height;
        row
    });
    let rows = rows.collect();
    Block { rows, height: top.ceil() as i32 }
}

impl Block {
    /// How it is lit at a time, in ms, while its line is as current as that, from 0 to 1.
    pub fn look(&self, ms: f64, current: f32) -> Look {
        let current = (current * 64.0).round() as u8;
        // what is not current has no light
        let lit = |word: &LitWord| {
            if current == 0 { (0, false) } else { ((word.progress(ms) * 512.0) as u16, word.sounds(ms)) }
        };
        Look::Sung {
            current,
            words: self.rows.iter().map(|row| row.words.iter().map(lit).collect()).collect(),
        }
    }

    /// Draws it with its top left at (`x`, `y`), within `rows` of the canvas.
    pub fn paint(
        &self,
        canvas: &mut Canvas,
        (x, y): (i32, i32),
        rows: &Range<usize>,
        look: &Look,
        palette: &Palette,
        strength: &impl Fn(usize) -> u32,
    ) {
        let mut columns: Vec<Rgb> = Vec::new();
        for (index, row) in self.rows.iter().enumerate() {
            for fragment in &row.inked.fragments {
                let within = fragment.mask.rows(y + row.top);
                if within.end <= rows.start as i32 || within.start >= rows.end as i32 {
                    continue;
                }
                let (progress, sung, unsung) = row.colours(index, fragment.word, look, palette);
                fragment.columns(progress, sung, unsung, &mut columns);
                canvas.ink(&fragment.mask, (x, y + row.top), rows, &columns, strength);
            }
        }
    }

    /// The rows that it covers if it is drawn at `y`.
    pub fn covers(&self, y: i32) -> Range<i32> {
        let all = self
            .rows
            .iter()
            .flat_map(|row| row.inked.fragments.iter().map(move |f| f.mask.rows(y + row.top)));
        all.filter(|rows| !rows.is_empty())
            .reduce(|a, b| a.start.min(b.start)..a.end.max(b.end))
            .unwrap_or(y..y)
    }

    /// The rectangle of what differs between two looks, if it is drawn at (`x`, `y`): left, top, right, bottom.
    pub fn changed(&self, (x, y): (i32, i32), before: &Look, after: &Look) -> Option<[i32; 4]> {
        let mut found: Option<[i32; 4]> = None;
        for (index, row) in self.rows.iter().enumerate() {
            for fragment in &row.inked.fragments {
                if before.of(index, fragment.word) == after.of(index, fragment.word)
                    || fragment.mask.width == 0
                {
                    continue;
                }
                let rows = fragment.mask.rows(y + row.top);
                let (left, right) = (x + fragment.mask.x, x + fragment.mask.x + fragment.mask.width as i32);
                let [l, t, r, b] = found.unwrap_or([left, rows.start, right, rows.end]);
                found = Some([l.min(left), t.min(rows.start), r.max(right), b.max(rows.end)]);
            }
        }
        found
    }

    /// Left and right of all that is drawn, from the left of the block, in pixels.
    pub fn reach(&self) -> Range<i32> {
        let masks = self
            .rows
            .iter()
            .flat_map(|row| &row.inked.fragments)
            .map(|f| &f.mask)
            .filter(|mask| mask.width > 0);
        masks
            .map(|mask| mask.x..mask.x + mask.width as i32)
            .reduce(|a, b| a.start.min(b.start)..a.end.max(b.end))
            .unwrap_or(0..0)
    }
}

impl Look {
    /// What of it decides the colours of one fragment.
    fn of(&self, row: usize, word: Option<usize>) -> Option<(u8, (u16, bool))> {
        let Look::Sung { current, words } = self else { return None };
        let word = word.and_then(|word| words.get(row)?.get(word));
        Some((*current, word.copied().unwrap_or_default()))
    }
}

impl BlockRow {
    /// How much of a fragment's word is sung, and the colours of what is and of what is not.
    fn colours(&self, index: usize, word: Option<usize>, look: &Look, palette: &Palette) -> (f32, Rgb, Rgb) {
        let Some((current, (progress, sounds))) = look.of(index, word) else {
            let colour = if self.kind == Kind::Main && index == 0 { palette.text } else { palette.soft };
            return (0.0, colour, colour);
        };
        let current = f32::from(current) / 64.0;
        if self.words.is_empty() {
            let colour = mix(palette.faint, palette.text, current);
            return (0.0, colour, colour);
        }
        let unsung = mix(palette.faint, palette.soft, current);
        let sung = mix(unsung, if sounds { palette.accent } else { palette.text }, current);
        (f32::from(progress) / 512.0, sung, unsung)
    }
}
