//! Pixels as light: sRGB to linear and back (IEC 61966-2-1), and smaller, which is right in linear light alone.

use std::sync::LazyLock;

use image::{ImageBuffer, Rgb, imageops};

/// A picture in linear light, components within 0 to 1.
pub(crate) type Light = ImageBuffer<Rgb<f32>, Vec<f32>>;

/// A square picture in sRGB, three bytes a pixel, row by row.
#[derive(Clone, PartialEq, Eq)]
pub struct Square {
    side: u32,
    pixels: Vec<u8>,
}

impl std::fmt::Debug for Square {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Square({} px)", self.side)
    }
}

static TO_LIGHT: LazyLock<[f32; 256]> = LazyLock::new(|| {
    std::array::from_fn(|value| {
        let value = value as f32 / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    })
});

/// The light of a component.
pub(crate) fn light(component: u8) -> f32 {
    TO_LIGHT[usize::from(component)]
}

/// The component of a light, rounded.
pub(crate) fn component(light: f32) -> u8 {
    let light = light.clamp(0.0, 1.0);
    let value = if light <= 0.003_130_8 { light * 12.92 } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 };
    (value * 255.0 + 0.5) as u8
}

impl Square {
    /// `None` where there are not three bytes for each pixel.
    pub fn new(side: u32, pixels: Vec<u8>) -> Option<Self> {
        (side > 0 && pixels.len() == 3 * side as usize * side as usize).then_some(Self { side, pixels })
    }

    /// Pixels on a side.
    pub fn side(&self) -> u32 {
        self.side
    }

    /// The pixels: red, green and blue, row by row.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The same at `side` pixels, which are not more than it has.
    #[must_use]
    pub fn at(&self, side: u32) -> Self {
        if side >= self.side {
            return self.clone();
        }
        let lights = self.pixels.iter().map(|value| light(*value)).collect();
        let Some(lights) = Light::from_raw(self.side, self.side, lights) else { return self.clone() };
        Self::of(&lights, side)
    }

    /// What `lights` is at `side` pixels, by Lanczos with three lobes.
    pub(crate) fn of(lights: &Light, side: u32) -> Self {
        let same = lights.dimensions() == (side, side);
        let resized = (!same).then(|| imageops::resize(lights, side, side, imageops::FilterType::Lanczos3));
        let lights = resized.as_ref().unwrap_or(lights);
        Self { side, pixels: lights.as_raw().iter().map(|value| component(*value)).collect() }
    }

    /// The pixel in a column and a row, which are within the picture.
    pub(crate) fn pixel(&self, x: u32, y: u32) -> [u8; 3] {
        let at = 3 * (y as usize * self.side as usize + x as usize);
        [self.pixels[at], self.pixels[at + 1], self.pixels[at + 2]]
    }

    /// The same with each pixel taken from where `from` says.
    #[must_use]
    pub(crate) fn turned(&self, from: impl Fn(u32, u32) -> (u32, u32)) -> Self {
        let places = (0..self.side).flat_map(|y| (0..self.side).map(move |x| (x, y)));
        let pixels = places.flat_map(|(x, y)| {
            let (x, y) = from(x, y);
            self.pixel(x, y)
        });
        Self { side: self.side, pixels: pixels.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_component_comes_back() {
        for value in 0..=255 {
            assert_eq!(component(light(value)), value);
        }
    }

    #[test]
    fn smaller_is_averaged_in_light() {
        // black and white lines: half the light is 188, not 128
        let lines = (0..64).flat_map(|y| [if y % 2 == 0 { 0 } else { 255 }; 64 * 3]).collect();
        let small = Square::new(64, lines).unwrap().at(8);
        assert!(small.pixel(4, 4)[0].abs_diff(188) < 4, "{:?}", small.pixel(4, 4));
    }
}
