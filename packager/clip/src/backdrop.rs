//! What stands still behind the lines: the ground, the artwork, who sings and who published it.

use crate::{
    canvas::{Canvas, Mask},
    direction::first_direction,
    error::ClipError,
    shape::{Setting, Typesetter},
    size::{Area, Size},
    song::Credits,
    theme::{Palette, Rgb},
};

/// A square picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artwork {
    side: usize,
    rgb: Vec<u8>,
}

impl Artwork {
    /// Of RGB pixels, row by row, three bytes each.
    ///
    /// # Errors
    /// If it is no square, or has not as many bytes as that.
    pub fn new(width: u32, height: u32, rgb: Vec<u8>) -> Result<Artwork, ClipError> {
        let side = width as usize;
        let whole = width == height && width > 0 && rgb.len() == side * side * 3;
        if whole { Ok(Artwork { side, rgb }) } else { Err(ClipError::Artwork(width, height)) }
    }

    /// Of a WebP that stands still.
    ///
    /// # Errors
    /// If it is no WebP, or no square.
    pub fn of_webp(bytes: &[u8]) -> Result<Artwork, ClipError> {
        let refused =
            |error| ClipError::Picture(format!("the artwork is no WebP that can be read: {error:?}"));
        let mut frames = webp_animation::Decoder::new(bytes).map_err(refused)?.into_iter();
        let frame = frames.next().ok_or(ClipError::Artwork(0, 0))?;
        let (width, height) = frame.dimensions();
        let rgb = frame.data().chunks_exact(4).flat_map(|pixel| pixel.iter().take(3)).copied().collect();
        Artwork::new(width, height, rgb)
    }

    /// The mean colour of the pixels that one of `side` by `side` pixels is made of.
    fn sample(&self, x: usize, y: usize, side: usize) -> Rgb {
        let range = |at: usize| {
            let from = at * self.side / side;
            from..((at + 1) * self.side).div_ceil(side).max(from + 1).min(self.side)
        };
        let mut sums = [0_u32; 3];
        let mut count = 0;
        for row in range(y) {
            for column in range(x) {
                let at = (row * self.side + column) * 3;
                for (sum, part) in sums.iter_mut().zip(self.rgb.get(at..at + 3).unwrap_or_default()) {
                    *sum += u32::from(*part);
                }
                count += 1;
            }
        }
        sums.map(|sum| ((sum + count / 2) / count.max(1)) as u8)
    }
}

/// Draws everything but the lines. What of the heading is too long is cut.
pub fn backdrop(
    typesetter: &mut Typesetter,
    size: Size,
    palette: &Palette,
    credits: &Credits,
    artwork: Option<&Artwork>,
) -> Canvas {
    let mut canvas = ground(size, palette);
    let areas = size.areas();
    match artwork {
        Some(artwork) => {
            draw_artwork(&mut canvas, areas.artwork, |x, y| artwork.sample(x, y, areas.artwork.width))
        }
        None => draw_sleeve(&mut canvas, areas.artwork, palette),
    }
    let largest = if size == Size::Wide { 46.0 } else { 50.0 };
    let mut headings = |em: f32| {
        let title = heading(typesetter, &credits.title, em, areas.heading.width, 2);
        let artists = heading(typesetter, &credits.artists.join(", "), em * 0.72, areas.heading.width, 1);
        let height = (title.1 + artists.1).round() as usize;
        (title, artists, height)
    };
    let (title, artists, height) = [1.0, 0.85, 0.7]
        .into_iter()
        .map(|share| headings(largest * share))
        .find(|(.., height)| *height <= areas.heading.height)
        .unwrap_or_else(|| headings(largest * 0.55));
    let spare = areas.heading.height.saturating_sub(height);
    let top = areas.heading.y + if areas.heading_centred { spare / 2 } else { 0 };
    paint(&mut canvas, &title.0, (areas.heading.x, top), palette.text);
    paint(&mut canvas, &artists.0, (areas.heading.x, top + title.1.round() as usize), palette.soft);
    if let Some(label) = &credits.label {
        let (label, height) = heading(typesetter, label, 28.0, areas.label.width, 1);
        let spare = areas.label.height.saturating_sub(height as usize);
        paint(&mut canvas, &label, (areas.label.x, areas.label.y + spare / 2), palette.faint);
    }
    canvas
}

/// Two glows on the ground, as on the player page.
fn ground(size: Size, palette: &Palette) -> Canvas {
    let (width, height) = size.pixels();
    let mut canvas = Canvas::new(width, height, palette.ground);
    let (w, h) = (width as f32, height as f32);
    let glows = [
        (palette.glow, (0.12 * w, 0.0), (0.9 * w, 0.55 * h)),
        (palette.far_glow, (w, h), (0.8 * w, 0.5 * h)),
    ];
    let ground = palette.ground.map(f32::from);
    for y in 0..height {
        let vertical = glows.map(|(_, (_, cy), (_, ry))| ((y as f32 - cy) / ry).powi(2));
        // a glow ends at 0.7 of its radius
        if vertical.iter().all(|part| *part >= 0.49) {
            continue;
        }
        let row = canvas.rows_mut(y..y + 1);
        for (x, pixel) in row.chunks_exact_mut(3).enumerate() {
            let mut colour = ground;
            for (((glow, most), (cx, _), (rx, _)), vertical) in glows.iter().rev().zip(vertical.iter().rev())
            {
                let away = ((x as f32 - cx) / rx).mul_add((x as f32 - cx) / rx, *vertical);
                if away < 0.49 {
                    let near = 1.0 - away.sqrt() / 0.7;
                    let share = most * near * near * 2.0_f32.mul_add(-near, 3.0);
                    for (part, glow) in colour.iter_mut().zip(glow) {
                        *part += (f32::from(*glow) - *part) * share;
                    }
                }
            }
            for (part, colour) in pixel.iter_mut().zip(colour) {
                *part = (colour + 0.5) as u8;
            }
        }
    }
    canvas
}

/// How much of a pixel lies in a square with round corners.
fn rounded(x: usize, y: usize, side: usize) -> f32 {
    let radius = side as f32 * 0.12;
    let from_edge = |at: usize| {
        let at = at as f32 + 0.5;
        (radius - at.min(side as f32 - at)).max(0.0)
    };
    (radius - from_edge(x).hypot(from_edge(y)) + 0.5).clamp(0.0, 1.0)
}

fn draw_artwork(canvas: &mut Canvas, area: Area, colour: impl Fn(usize, usize) -> Rgb) {
    for y in 0..area.height {
        for x in 0..area.width {
            canvas.blend(area.x + x, area.y + y, colour(x, y), rounded(x, y, area.width));
        }
    }
}

/// The sleeve of the player page, for a track without artwork: a point of sound and its ripples.
fn draw_sleeve(canvas: &mut Canvas, area: Area, palette: &Palette) {
    let side = area.width as f32;
    let line = (side * 0.016).max(1.5);
    draw_artwork(canvas, area, |x, y| {
        let (x, y) = (x as f32 + 0.5, y as f32 + 0.5);
        let [first, second] = palette.sleeve;
        let away = (x - side / 2.0).hypot(y - side / 2.0);
        let disc = (side * 0.075 - away + 0.5).clamp(0.0, 1.0);
        let rings = [(0.19, 0.75), (0.31, 0.45), (0.44, 0.22)].map(|(radius, strength)| {
            (line / 2.0 - (away - side * radius).abs() + 0.5).clamp(0.0, 1.0) * strength
        });
        let white = rings.into_iter().fold(disc, f32::max);
        crate::theme::mix(crate::theme::mix(first, second, (x + y) / (2.0 * side)), [255; 3], white)
    });
}

/// A text of the heading and its height: smaller if it is long, and cut if it is longer.
fn heading(typesetter: &mut Typesetter, text: &str, em: f32, width: usize, lines: usize) -> (Vec<Mask>, f32) {
    let rtl = first_direction(text).unwrap_or(false);
    let width = width as f32;
    let shaped = typesetter.shape(text, rtl);
    let sizes = [1.0, 0.88, 0.76].map(|share| em * share);
    let fits = |setting: &Setting| setting.lines.len() <= lines;
    let found = sizes.into_iter().find_map(|size| shaped.set(size, width).filter(fits));
    let setting = found.unwrap_or_else(|| {
        let cut = shaped.set_broken(em * 0.76, width);
        let end = cut.lines.get(lines - 1).and_then(|line| line.glyphs.iter().map(|set| set.end).max());
        shorten(
            typesetter,
            text.get(..end.unwrap_or(text.len())).unwrap_or(text),
            rtl,
            em * 0.76,
            width,
            lines,
        )
    });
    let inked = typesetter.ink(&setting, rtl, &[], width);
    // a heading stands at the left, whatever its script
    let left = if rtl { (width - setting.width()) as i32 } else { 0 };
    let masks = inked.fragments.into_iter().map(|mut fragment| {
        fragment.mask.x -= left;
        fragment.mask
    });
    (masks.collect(), inked.height)
}

/// As much of a text as `lines` lines hold, with three dots behind it.
fn shorten(typesetter: &mut Typesetter, text: &str, rtl: bool, em: f32, width: f32, lines: usize) -> Setting {
    use unicode_segmentation::UnicodeSegmentation as _;
    let mut kept = text;
    loop {
        let end = kept.grapheme_indices(true).next_back().map_or(0, |(at, _)| at);
        kept = kept.get(..end).unwrap_or_default().trim_end();
        let setting = typesetter.shape(&format!("{kept}…"), rtl).set_broken(em, width);
        if setting.lines.len() <= lines || kept.is_empty() {
            return setting;
        }
    }
}

fn paint(canvas: &mut Canvas, masks: &[Mask], (x, y): (usize, usize), colour: Rgb) {
    for mask in masks {
        let rows = 0..canvas.height;
        canvas.ink(mask, (x as i32, y as i32), &rows, &vec![colour; mask.width], |_| 255);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PictureCodec, encode};

    #[test]
    fn artwork_is_a_square_of_whole_pixels() {
        let canvas = Canvas::new(8, 8, [200, 100, 50]);
        let artwork = Artwork::of_webp(&encode(&canvas, PictureCodec::Webp).unwrap()).unwrap();
        let near = artwork.sample(0, 0, 3).into_iter().zip([200_u8, 100, 50]);
        assert!(near.into_iter().all(|(found, expected)| found.abs_diff(expected) < 6), "{artwork:?}");
        let wide = encode(&Canvas::new(8, 4, [0; 3]), PictureCodec::Webp).unwrap();
        assert!(matches!(Artwork::of_webp(&wide), Err(ClipError::Artwork(8, 4))));
        for bytes in [b"".as_slice(), b"RIFF\x04\0\0\0WEBP", &[0; 64]] {
            assert!(Artwork::of_webp(bytes).is_err());
        }
        assert!(Artwork::new(2, 2, vec![0; 11]).is_err() && Artwork::new(0, 0, vec![]).is_err());
    }

    #[test]
    fn artwork_is_scaled_by_its_means() {
        let half = Artwork::new(2, 2, vec![0, 0, 0, 255, 255, 255, 0, 0, 0, 255, 255, 255]).unwrap();
        assert_eq!(half.sample(0, 0, 1), [128; 3]);
        assert_eq!([half.sample(0, 0, 4), half.sample(3, 3, 4)], [[0; 3], [255; 3]]);
    }
}
