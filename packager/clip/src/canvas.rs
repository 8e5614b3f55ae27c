//! Pixels, and what is drawn on them.

use std::ops::Range;

use crate::theme::{Rgb, mix};

/// A picture of RGB pixels, row by row from the top left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canvas {
    /// In pixels.
    pub width: usize,
    /// In pixels.
    pub height: usize,
    /// Three bytes a pixel.
    pub rgb: Vec<u8>,
}

/// How much of each pixel in a rectangle is covered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mask {
    /// Where it begins, in pixels from the left of what it belongs to.
    pub x: i32,
    /// The same from the top.
    pub y: i32,
    /// In pixels.
    pub width: usize,
    /// In pixels.
    pub height: usize,
    /// 0 to 255, row by row.
    pub cover: Vec<u8>,
}

impl Canvas {
    /// All of one colour.
    pub fn new(width: usize, height: usize, colour: Rgb) -> Canvas {
        Canvas { width, height, rgb: colour.repeat(width * height) }
    }

    /// The pixels of some rows.
    pub fn rows(&self, rows: Range<usize>) -> &[u8] {
        self.rgb.get(rows.start * self.width * 3..rows.end * self.width * 3).unwrap_or_default()
    }

    /// The same, to be changed.
    pub fn rows_mut(&mut self, rows: Range<usize>) -> &mut [u8] {
        self.rgb.get_mut(rows.start * self.width * 3..rows.end * self.width * 3).unwrap_or_default()
    }

    /// Draws what a mask at (`x`, `y`) covers, within `rows` of the canvas. `columns` are the colours of the mask's columns;
    /// `strength` of a row, from 0 to 255, thins it out.
    pub fn ink(
        &mut self,
        mask: &Mask,
        (x, y): (i32, i32),
        rows: &Range<usize>,
        columns: &[Rgb],
        strength: impl Fn(usize) -> u32,
    ) {
        let (left, top) = (x + mask.x, y + mask.y);
        let width = self.width;
        let skipped = left.min(0).unsigned_abs() as usize;
        let start = left.max(0) as usize;
        if mask.width == 0 || start >= width || skipped >= mask.width {
            return;
        }
        for (index, cover) in mask.cover.chunks_exact(mask.width).enumerate() {
            let Ok(row) = usize::try_from(top + index as i32) else { continue };
            if !rows.contains(&row) || row >= self.height {
                continue;
            }
            let strength = strength(row);
            let from = (row * width + start) * 3;
            let pixels = self.rgb.get_mut(from..(row + 1) * width * 3).unwrap_or_default();
            let inked = cover.iter().zip(columns).skip(skipped).zip(pixels.chunks_exact_mut(3));
            for ((cover, colour), pixel) in inked {
                if *cover == 0 {
                    continue;
                }
                let alpha = u32::from(*cover) * strength / 255;
                for (part, ink) in pixel.iter_mut().zip(colour) {
                    *part = ((u32::from(*part) * (255 - alpha) + u32::from(*ink) * alpha + 127) / 255) as u8;
                }
            }
        }
    }

    /// Draws a pixel that is covered by `share`, from 0 to 1.
    pub fn blend(&mut self, x: usize, y: usize, colour: Rgb, share: f32) {
        let at = (y * self.width + x) * 3;
        if let Some([red, green, blue]) = self.rgb.get_mut(at..at + 3) {
            [*red, *green, *blue] = mix([*red, *green, *blue], colour, share.clamp(0.0, 1.0));
        }
    }
}

impl Mask {
    /// The smallest mask for all of these rectangles: x, y, width, height.
    pub fn around(rectangles: impl Iterator<Item = (i32, i32, usize, usize)>) -> Mask {
        let bounds = rectangles.filter(|(_, _, width, height)| *width > 0 && *height > 0).fold(
            None,
            |bounds, (x, y, width, height)| {
                let (right, bottom) = (x + width as i32, y + height as i32);
                let (l, t, r, b) = bounds.unwrap_or((x, y, right, bottom));
                Some((l.min(x), t.min(y), r.max(right), b.max(bottom)))
            },
        );
        let Some((x, y, right, bottom)) = bounds else { return Mask::default() };
        let (width, height) = ((right - x) as usize, (bottom - y) as usize);
        Mask { x, y, width, height, cover: vec![0; width * height] }
    }

    /// Adds what a glyph at (`x`, `y`) covers, which lies within the mask.
    pub fn add(&mut self, (x, y): (i32, i32), width: usize, cover: &[u8]) {
        let (Ok(left), Ok(top)) = (usize::try_from(x - self.x), usize::try_from(y - self.y)) else { return };
        for (row, cover) in cover.chunks_exact(width.max(1)).enumerate() {
            let from = (top + row) * self.width + left;
            for (held, more) in
                self.cover.get_mut(from..from + width).unwrap_or_default().iter_mut().zip(cover)
            {
                *held = held.saturating_add((u32::from(255 - *held) * u32::from(*more) / 255) as u8);
            }
        }
    }

    /// The rows it lies in, if it is drawn at `y`.
    pub fn rows(&self, y: i32) -> Range<i32> {
        y + self.y..y + self.y + self.height as i32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ink_stays_within_canvas_and_rows() {
        let mut mask = Mask::around([(-1, 0, 2, 2), (1, 1, 2, 3)].into_iter());
        assert_eq!((mask.x, mask.y, mask.width, mask.height), (-1, 0, 4, 4));
        mask.add((-1, 0), 4, &[255; 16]);
        for at in [(-1, -1), (0, 0), (2, 2), (9, 9), (-9, -9)] {
            let mut canvas = Canvas::new(4, 4, [0; 3]);
            canvas.ink(&mask, at, &(1..3), &[[255, 128, 0]; 4], |_| 255);
            for (index, pixel) in canvas.rgb.chunks(3).enumerate() {
                let (x, y) = ((index % 4) as i32, (index / 4) as i32);
                let inside =
                    (at.0 - 1..at.0 + 3).contains(&x) && (at.1..at.1 + 4).contains(&y) && (1..3).contains(&y);
                assert_eq!(pixel, if inside { [255, 128, 0] } else { [0; 3] }, "{at:?} {x} {y}");
            }
        }
    }

    #[test]
    fn cover_adds_up_and_never_overflows() {
        let mut mask = Mask::around([(0, 0, 1, 1)].into_iter());
        mask.add((0, 0), 1, &[128]);
        mask.add((0, 0), 1, &[128]);
        assert_eq!(mask.cover, [191]);
        mask.add((0, 0), 1, &[255]);
        assert_eq!(mask.cover, [255]);
    }
}
