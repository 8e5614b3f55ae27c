//! Artwork for a song that has none: a landscape of waves under a disc, in colours of its own, the same for the same title and
//! artists.

use nada_catalog::picture::ARTWORK_SIZES;
use sha2::{Digest as _, Sha256};

use crate::{
    light::{Square, component, light},
    palette::Colour,
};

/// Pixels on a side.
const SIDE: u32 = ARTWORK_SIZES[ARTWORK_SIZES.len() - 1];
/// Ridges, the farthest first.
const RIDGES: usize = 6;

/// Numbers that follow from a text.
struct Numbers {
    seed: [u8; 32],
    next: usize,
}

impl Numbers {
    fn of(title: &str, artists: &[String]) -> Self {
        let mut hasher = Sha256::new();
        for part in std::iter::once(title).chain(artists.iter().map(String::as_str)) {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        Self { seed: hasher.finalize().into(), next: 0 }
    }

    /// The next one, within `from` to `to`.
    fn within(&mut self, from: f32, to: f32) -> f32 {
        if self.next + 2 > self.seed.len() {
            self.seed = Sha256::digest(self.seed).into();
            self.next = 0;
        }
        let value = u16::from_be_bytes([self.seed[self.next], self.seed[self.next + 1]]);
        self.next += 2;
        from + (to - from) * f32::from(value) / f32::from(u16::MAX)
    }
}

/// A colour as light.
fn of_oklch(lightness: f32, chroma: f32, hue: f32) -> [f32; 3] {
    Colour::of_oklch(lightness, chroma, hue.rem_euclid(360.0)).0.map(light)
}

fn mix(one: [f32; 3], two: [f32; 3], part: f32) -> [f32; 3] {
    std::array::from_fn(|index| one[index] + (two[index] - one[index]) * part.clamp(0.0, 1.0))
}

/// A ridge: how high it stands in each column, and its colours at the top and below.
struct Ridge {
    heights: Vec<f32>,
    top: [f32; 3],
    below: [f32; 3],
}

/// What a song's landscape looks like.
struct Landscape {
    sky: ([f32; 3], [f32; 3]),
    /// Place, radius and colour.
    disc: (f32, f32, f32, [f32; 3]),
    ridges: Vec<Ridge>,
}

impl Landscape {
    fn of(title: &str, artists: &[String]) -> Self {
        let mut numbers = Numbers::of(title, artists);
        let side = SIDE as f32;
        let hue = numbers.within(0.0, 360.0);
        // the disc's hue lies across, the ridges' run from the sky's away
        let turn = numbers.within(35.0, 80.0) * if numbers.within(0.0, 1.0) < 0.5 { -1.0 } else { 1.0 };
        let is_night = numbers.within(0.0, 1.0) < 0.5;
        let (high, low) = if is_night { (0.24, 0.52) } else { (0.68, 0.9) };
        let sky = (of_oklch(high, 0.1, hue), of_oklch(low, 0.09, hue + turn * 0.6));
        let disc = (
            numbers.within(0.22, 0.78) * side,
            numbers.within(0.2, 0.42) * side,
            numbers.within(0.08, 0.15) * side,
            of_oklch(if is_night { 0.93 } else { 0.97 }, 0.09, hue + turn * 1.4),
        );
        let (near, far) = if is_night { (0.12, 0.46) } else { (0.26, 0.72) };
        let ridges = (0..RIDGES).map(|index| {
            let depth = index as f32 / (RIDGES - 1) as f32;
            let lightness = far + (near - far) * depth;
            let hue = hue + turn * (0.7 - 0.9 * depth);
            let base = side * (0.44 + 0.47 * depth);
            // slow waves and quick ones, as of a sound
            let waves: Vec<_> = [(0.7, 1.6, 0.055), (2.2, 4.0, 0.028), (5.0, 9.0, 0.009)]
                .into_iter()
                .map(|(from, to, height)| {
                    let times = numbers.within(from, to);
                    let phase = numbers.within(0.0, std::f32::consts::TAU);
                    (times, phase, height * side * numbers.within(0.6, 1.2))
                })
                .collect();
            let height = |x: u32| {
                let place = x as f32 / side * std::f32::consts::TAU;
                base + waves
                    .iter()
                    .map(|(times, phase, height)| height * (times * place + phase).sin())
                    .sum::<f32>()
            };
            Ridge {
                heights: (0..=SIDE).map(height).collect(),
                top: of_oklch(lightness, 0.1, hue),
                below: of_oklch(lightness * 0.82 + 0.02, 0.085, hue + turn * 0.15),
            }
        });
        Self { sky, disc, ridges: ridges.collect() }
    }

    fn colour(&self, x: u32, y: u32) -> [f32; 3] {
        let (column, row, side) = (x as f32 + 0.5, y as f32 + 0.5, SIDE as f32);
        let mut colour = mix(self.sky.0, self.sky.1, row / side / 0.62);
        let (cx, cy, radius, light) = self.disc;
        let away = (column - cx).hypot(row - cy) - radius;
        let glow = 0.32 * (-(away.max(0.0) / (0.16 * side)).powi(2)).exp();
        colour = mix(colour, light, if away < -0.5 { 1.0 } else { glow.max(0.5 - away) });
        for ridge in &self.ridges {
            let [left, right] = [ridge.heights[x as usize], ridge.heights[x as usize + 1]];
            let steep = (right - left).hypot(1.0);
            let under = (row - (left + right) / 2.0) / steep;
            if under > -0.5 {
                let own = mix(ridge.top, ridge.below, under / (0.2 * side));
                colour = mix(colour, own, under + 0.5);
            }
        }
        colour
    }
}

/// Artwork that follows from a title and its artists alone: two songs differ, and one song is always the same.
pub fn generated(title: &str, artists: &[String]) -> Square {
    let landscape = Landscape::of(title, artists);
    let mut pixels = Vec::with_capacity(3 * (SIDE * SIDE) as usize);
    for y in 0..SIDE {
        for x in 0..SIDE {
            // half a step of noise, so that slow gradients have no bands
            let mut noise = x.wrapping_mul(0x9e37_79b1) ^ y.wrapping_mul(0x85eb_ca6b);
            noise = (noise ^ noise >> 15).wrapping_mul(0x2c1b_3c6d);
            let noise = (noise >> 24) as f32 / 255.0 - 0.5;
            let colour = landscape.colour(x, y);
            pixels.extend(colour.map(|value| component(value + value.sqrt() * noise / 200.0)));
        }
    }
    Square::new(SIDE, pixels).unwrap_or_else(|| unreachable!("three bytes for each pixel"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_follows_from_title_and_artists() {
        let nada = ["Nada".to_owned()];
        let one = generated("बुरा जो देखन मैं चला", &nada);
        assert_eq!(one, generated("बुरा जो देखन मैं चला", &nada));
        assert_ne!(one, generated("बुरा जो देखन मैं चल", &nada));
        assert_ne!(one, generated("बुरा जो देखन मैं चला", &[]));
        assert_eq!(one.side(), 1280);
    }
}
