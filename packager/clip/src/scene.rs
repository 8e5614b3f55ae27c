//! What is drawn on a picture at a time: lines on a backdrop.

use std::ops::Range;

use crate::{
    backdrop::{Artwork, backdrop},
    block::{self, Block, Look, Room},
    canvas::Canvas,
    error::ClipError,
    excerpt::Excerpt,
    shape::Typesetter,
    size::{Area, Size},
    song::{Credits, Line, with_rests},
    theme::{Palette, Theme, Tint},
    timing::{Current, Moves, under_way},
};

/// How a picture looks.
#[derive(Debug, Clone, Copy)]
pub struct Style<'a> {
    /// Its shape.
    pub size: Size,
    /// Whether it is light or dark.
    pub theme: Theme,
    /// Its colour.
    pub tint: Tint,
    /// The artwork, if the track has one.
    pub artwork: Option<&'a Artwork>,
}

/// Where the line that is followed stands, as a share of the height: what comes after it is read, too.
const MIDDLE: f64 = 0.42;

/// Over how many pixels lines come and go at the edges of a film's list.
const EDGE: usize = 96;

/// Lines on a backdrop.
pub struct Scene {
    backdrop: Canvas,
    blocks: Vec<Block>,
    /// Where each block stands in the list, in pixels from its top.
    tops: Vec<i32>,
    lines: Vec<Line>,
    current: Vec<Current>,
    area: Area,
    palette: Palette,
    /// How a film's list moves; a card's stands.
    moves: Option<Moves>,
}

/// What a scene shows at a time: where the list stands, and how its lines are lit.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    offset: i32,
    looks: Vec<Look>,
}

impl Scene {
    /// All lines at once, which stand.
    ///
    /// # Errors
    /// If there is no room for them.
    pub fn card(
        typesetter: &mut Typesetter,
        credits: &Credits,
        excerpt: &Excerpt,
        style: &Style<'_>,
    ) -> Result<Scene, ClipError> {
        let area = style.size.areas().lyrics;
        let largest = if style.size == Size::Story { 104.0 } else { 88.0 };
        let room = Room {
            block: area.height,
            all: Some(area.height),
            width: area.width,
            largest,
            picture: style.size.name(),
        };
        let (blocks, gap) = block::set(typesetter, &excerpt.lines, excerpt.first, &room)?;
        let all: i32 = blocks.iter().map(|block| block.height + gap).sum::<i32>() - gap;
        let spare = (area.height as i32 - all).max(0);
        Ok(Scene::new(typesetter, credits, excerpt.lines.clone(), style, (blocks, gap), spare / 2, None))
    }

    /// A list that follows what is sung.
    ///
    /// # Errors
    /// If there is no room for a line.
    pub fn film(
        typesetter: &mut Typesetter,
        credits: &Credits,
        excerpt: &Excerpt,
        style: &Style<'_>,
    ) -> Result<Scene, ClipError> {
        let area = style.size.areas().lyrics;
        let largest = if style.size == Size::Story { 88.0 } else { 76.0 };
        let room = Room {
            block: area.height * 3 / 5,
            all: None,
            width: area.width,
            largest,
            picture: style.size.name(),
        };
        let lines = with_rests(&excerpt.lines, excerpt.span.start);
        let (blocks, gap) = block::set(typesetter, &lines, excerpt.first, &room)?;
        let mut scene = Scene::new(typesetter, credits, lines, style, (blocks, gap * 3 / 2), 0, None);
        let events = scene.lines.iter().flat_map(|line| [line.sung.start as f64, line.sung.end as f64]);
        scene.moves = Some(Moves::new(excerpt.span.start as f64, events, |ms| scene.place(ms)));
        Ok(scene)
    }

    fn new(
        typesetter: &mut Typesetter,
        credits: &Credits,
        lines: Vec<Line>,
        style: &Style<'_>,
        (blocks, gap): (Vec<Block>, i32),
        top: i32,
        moves: Option<Moves>,
    ) -> Scene {
        let palette = Palette::new(style.theme, style.tint);
        let tops = blocks.iter().scan(top, |next, block| {
            let top = *next;
            *next += block.height + gap;
            Some(top)
        });
        let tops = tops.collect();
        let backdrop = backdrop(typesetter, style.size, &palette, credits, style.artwork);
        let current = Current::of(&lines);
        Scene { backdrop, blocks, tops, lines, current, area: style.size.areas().lyrics, palette, moves }
    }

    /// Where the list is to stand at a time: the first line under way in the middle, or the last if the first is too far above it.
    fn place(&self, ms: f64) -> f64 {
        let now = under_way(&self.lines, ms);
        let (first, last) = (now.first().copied().unwrap_or(0), now.last().copied().unwrap_or(0));
        let top = |at: usize| self.tops.get(at).copied().unwrap_or_default();
        let height = |at: usize| self.blocks.get(at).map_or(0, |block| block.height);
        let fits = top(last) + height(last) - top(first) < self.area.height as i32 / 2;
        let followed = if fits { first } else { last };
        let middle = f64::from(top(followed)) + f64::from(height(followed)) / 2.0;
        (self.area.height as f64).mul_add(MIDDLE, -middle)
    }

    /// All of it to be read.
    pub fn still(&self) -> Moment {
        Moment { offset: 0, looks: vec![Look::Still; self.blocks.len()] }
    }

    /// What is shown at a time, in ms of the media.
    pub fn at(&self, ms: f64) -> Moment {
        let offset = self.moves.as_ref().map_or(0, |moves| moves.at(ms).round() as i32);
        let looks =
            self.blocks.iter().zip(&self.current).map(|(block, current)| block.look(ms, current.at(ms)));
        Moment { offset, looks: looks.collect() }
    }

    /// A canvas with nothing but the backdrop.
    pub fn canvas(&self) -> Canvas {
        self.backdrop.clone()
    }

    /// Draws a moment on a canvas of this scene, of which `before` is to be seen. Answers the rectangle that was drawn anew: left,
    /// top, right and bottom in pixels; `None` if both moments are the same.
    pub fn paint(&self, canvas: &mut Canvas, before: Option<&Moment>, moment: &Moment) -> Option<[usize; 4]> {
        let changed = self.changed(canvas, before, moment)?;
        let rows = changed[1]..changed[3];
        canvas.rows_mut(rows.clone()).copy_from_slice(self.backdrop.rows(rows.clone()));
        let edges = self.moves.is_some();
        let (first, last) = (self.area.y, self.area.y + self.area.height);
        let strength = |row: usize| {
            let inside = row.saturating_sub(first).min(last.saturating_sub(row + 1));
            if edges { (inside.min(EDGE) * 255 / EDGE) as u32 } else { 255 }
        };
        for ((block, top), look) in self.blocks.iter().zip(&self.tops).zip(&moment.looks) {
            let at = self.corner(*top, moment.offset);
            block.paint(canvas, at, &rows, look, &self.palette, &strength);
        }
        Some(changed)
    }

    fn corner(&self, top: i32, offset: i32) -> (i32, i32) {
        (self.area.x as i32, self.area.y as i32 + top + offset)
    }

    fn changed(&self, canvas: &Canvas, before: Option<&Moment>, moment: &Moment) -> Option<[usize; 4]> {
        let area = &self.area;
        let list = [0, area.y, canvas.width, area.y + area.height];
        let Some(before) = before.filter(|before| before.offset == moment.offset) else { return Some(list) };
        let looks = before.looks.iter().zip(&moment.looks);
        let found =
            self.blocks.iter().zip(&self.tops).zip(looks).filter_map(|((block, top), (before, after))| {
                if before == after {
                    None
                } else {
                    block.changed(self.corner(*top, moment.offset), before, after)
                }
            });
        let [left, top, right, bottom] =
            found.reduce(|[l, t, r, b], [x, y, z, w]| [l.min(x), t.min(y), r.max(z), b.max(w)])?;
        let clamp = |at: i32, range: Range<usize>| (at.max(0) as usize).clamp(range.start, range.end);
        let columns = |at| clamp(at, 0..canvas.width);
        let rows = |at| clamp(at, area.y..area.y + area.height);
        let rectangle = [columns(left), rows(top), columns(right), rows(bottom)];
        (rectangle[0] < rectangle[2] && rectangle[1] < rectangle[3]).then_some(rectangle)
    }

    /// Left, top, right and bottom of what the lines cover on a card, in pixels.
    pub fn extent(&self) -> [i32; 4] {
        let each = self.blocks.iter().zip(&self.tops).map(|(block, top)| {
            let (x, y) = self.corner(*top, 0);
            let (columns, rows) = (block.reach(), block.covers(y));
            [x + columns.start, rows.start, x + columns.end, rows.end]
        });
        each.reduce(|[l, t, r, b], [x, y, z, w]| [l.min(x), t.min(y), r.max(z), b.max(w)]).unwrap_or_default()
    }
}
