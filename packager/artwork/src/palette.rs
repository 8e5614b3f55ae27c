//! Two colours of a picture: one to lie behind text, and one for text on it, which can be read (WCAG 2.2 §1.4.3).

use std::fmt;

use color::{AlphaColor, Oklch, Srgb};

use crate::light::{Square, light};

/// The least contrast of text (WCAG 2.2, level AA).
pub const CONTRAST: f32 = 4.5;

/// A colour in sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour(pub [u8; 3]);

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self([r, g, b]) = self;
        write!(f, "#{r:02x}{g:02x}{b:02x}")
    }
}

impl Colour {
    /// Relative luminance (WCAG 2.2), from 0 to 1.
    pub fn luminance(self) -> f32 {
        let [r, g, b] = self.0.map(light);
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    /// Contrast with another (WCAG 2.2), from 1 to 21.
    pub fn contrast(self, other: Self) -> f32 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    fn oklch(self) -> [f32; 3] {
        let [r, g, b] = self.0;
        let [lightness, chroma, hue, _] =
            AlphaColor::<Srgb>::from_rgba8(r, g, b, 255).convert::<Oklch>().components;
        [lightness, chroma, hue]
    }

    /// A colour by lightness, chroma and hue in degrees (OKLCH), the nearest that sRGB has.
    pub(crate) fn of_oklch(lightness: f32, chroma: f32, hue: f32) -> Self {
        let rgba = AlphaColor::<Oklch>::new([lightness, chroma, hue, 1.0]).convert::<Srgb>().to_rgba8();
        Self([rgba.r, rgba.g, rgba.b])
    }
}

/// A colour of a picture, and one for text on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Palette {
    /// To lie behind text.
    pub background: Colour,
    /// For text on it: their contrast is [`CONTRAST`] at least.
    pub text: Colour,
}

impl Palette {
    /// The palette of a picture: the colour that most of it has, where a colour counts more than a gray.
    pub fn of(square: &Square) -> Self {
        let small = square.at(96);
        // four bits a component: neighbours of one colour fall together
        let mut bins: Vec<(u32, [u32; 3])> = vec![(0, [0; 3]); 4096];
        let (pixels, _) = small.pixels().as_chunks::<3>();
        for pixel in pixels {
            let [r, g, b] = pixel.map(|value| usize::from(value >> 4));
            let (count, sums) = &mut bins[r << 8 | g << 4 | b];
            *count += 1;
            sums.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += u32::from(*value));
        }
        let means = bins.into_iter().filter(|(count, _)| *count > 0).map(|(count, sums)| {
            let colour = Colour(sums.map(|sum| (sum / count) as u8));
            let [lightness, chroma, _] = colour.oklch();
            // near black and near white tell little of a picture
            let telling = if (0.2..0.95).contains(&lightness) { 1.0 } else { 0.3 };
            (count as f32 * (0.04 + chroma) * telling, colour)
        });
        let most = means.max_by(|(one, _), (two, _)| one.total_cmp(two));
        Self::on(most.map_or(Colour([0; 3]), |(_, colour)| colour))
    }

    /// Text on a colour: in its hue where that can be read, else white or black, of which one always can.
    pub fn on(background: Colour) -> Self {
        let [_, chroma, hue] = background.oklch();
        let tinted = |lightness| Colour::of_oklch(lightness, chroma.min(0.03), hue);
        let choices = [tinted(0.97), Colour([255; 3]), tinted(0.2), Colour([0; 3])];
        let readable = choices.into_iter().find(|text| background.contrast(*text) >= CONTRAST);
        Self { background, text: readable.unwrap_or(Colour([0; 3])) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_can_be_read_on_every_colour() {
        for r in (0..=255).step_by(5) {
            for g in (0..=255).step_by(5) {
                for b in (0..=255).step_by(5) {
                    let Palette { background, text } = Palette::on(Colour([r, g, b]));
                    assert!(background.contrast(text) >= CONTRAST, "{text} on {background}");
                }
            }
        }
    }

    #[test]
    fn contrast_is_that_of_wcag() {
        let (black, white) = (Colour([0; 3]), Colour([255; 3]));
        assert!((black.contrast(white) - 21.0).abs() < 0.01);
        // the gray that WCAG's own examples call just readable on white
        assert!((Colour([0x76; 3]).contrast(white) - 4.54).abs() < 0.01);
    }

    #[test]
    fn a_colour_counts_more_than_a_gray() {
        let mut pixels = vec![128_u8; 3 * 640 * 640];
        pixels[..3 * 640 * 200].chunks_exact_mut(3).for_each(|pixel| pixel.copy_from_slice(&[200, 30, 40]));
        let Palette { background, .. } = Palette::of(&Square::new(640, pixels).unwrap());
        assert!(background.0[0] > 180 && background.0[1] < 60, "{background}");
    }
}
