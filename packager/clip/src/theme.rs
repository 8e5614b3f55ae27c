//! Colours: those of the player page, which are one hue at several lightnesses.

use std::str::FromStr;

use color::{Oklch, OpaqueColor, Srgb};

/// A colour: red, green and blue in sRGB.
pub type Rgb = [u8; 3];

/// Whether a picture is light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// Light text on a dark ground.
    #[default]
    Dark,
    /// Dark text on a light ground.
    Light,
}

impl Theme {
    /// All of them.
    pub const ALL: [Theme; 2] = [Theme::Dark, Theme::Light];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Theme::Dark => "dark",
            Theme::Light => "light",
        }
    }
}

impl FromStr for Theme {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Theme::ALL.into_iter().find(|theme| theme.name() == text).ok_or("expected dark or light")
    }
}

/// The colour that a picture is made of: an angle around the OKLCH wheel, in degrees, and how strong it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tint {
    hue: f32,
    strength: f32,
}

/// The hues of the player page.
const HUES: [f32; 7] = [300.0, 255.0, 48.0, 15.0, 190.0, 130.0, 210.0];

impl Tint {
    /// That of a track without artwork: the one that the player page shows it in.
    pub fn of_track(id: &str) -> Tint {
        let hash = id.chars().fold(7_u32, |hash, c| hash.wrapping_mul(31).wrapping_add(c.into()));
        Tint { hue: HUES.get(hash as usize % HUES.len()).copied().unwrap_or(HUES[0]), strength: 1.0 }
    }

    /// That of the dominant colour of an artwork. A grey one gives a grey picture.
    pub fn of_colour([red, green, blue]: Rgb) -> Tint {
        let [_, chroma, hue] = OpaqueColor::<Srgb>::from_rgb8(red, green, blue).convert::<Oklch>().components;
        Tint { hue, strength: (chroma / 0.12).clamp(0.0, 1.3) }
    }
}

/// The colours of one picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Palette {
    /// The ground.
    pub ground: Rgb,
    /// What glows on it at the top left, and how much of it there is, from 0 to 1.
    pub glow: (Rgb, f32),
    /// What glows at the bottom right.
    pub far_glow: (Rgb, f32),
    /// What has been sung, and titles.
    pub text: Rgb,
    /// What is about to be sung, and names.
    pub soft: Rgb,
    /// Lines that are not sung now.
    pub faint: Rgb,
    /// The word that sounds.
    pub accent: Rgb,
    /// The two ends of the artwork of a track that has none.
    pub sleeve: [Rgb; 2],
}

impl Palette {
    /// The colours of a theme in one tint.
    pub fn new(theme: Theme, tint: Tint) -> Palette {
        let at = |lightness: f32, chroma: f32, turn: f32| {
            let colour = OpaqueColor::<Oklch>::new([lightness, chroma * tint.strength, tint.hue + turn]);
            let rgb = colour.convert::<Srgb>().components;
            rgb.map(|part| (part.clamp(0.0, 1.0) * 255.0).round() as u8)
        };
        let sleeve = [at(0.72, 0.15, 0.0), at(0.5, 0.15, -40.0)];
        match theme {
            Theme::Dark => Palette {
                ground: at(0.165, 0.025, 0.0),
                glow: (at(0.38, 0.1, 0.0), 0.6),
                far_glow: (at(0.33, 0.085, -45.0), 0.5),
                text: at(0.975, 0.01, 0.0),
                soft: at(0.8, 0.025, 0.0),
                faint: at(0.64, 0.028, 0.0),
                accent: at(0.83, 0.135, 0.0),
                sleeve,
            },
            Theme::Light => Palette {
                ground: at(0.972, 0.014, 0.0),
                glow: (at(0.88, 0.085, 0.0), 0.75),
                far_glow: (at(0.9, 0.07, -45.0), 0.6),
                text: at(0.23, 0.035, 0.0),
                soft: at(0.475, 0.03, 0.0),
                faint: at(0.56, 0.022, 0.0),
                accent: at(0.45, 0.155, 0.0),
                sleeve,
            },
        }
    }
}

/// `share` of the second colour and the rest of the first; `share` from 0 to 1.
pub fn mix(first: Rgb, second: Rgb, share: f32) -> Rgb {
    let [a, b, c] = first;
    let [x, y, z] = second;
    [(a, x), (b, y), (c, z)]
        .map(|(a, b)| (f32::from(a) + (f32::from(b) - f32::from(a)) * share).round() as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance (WCAG 2.2).
    fn luminance(rgb: Rgb) -> f32 {
        let [red, green, blue] = rgb.map(|part| {
            let part = f32::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    fn contrast(a: Rgb, b: Rgb) -> f32 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_can_be_read_wherever_it_stands() {
        let tints = HUES.map(|hue| Tint { hue, strength: 1.0 }).into_iter();
        let colours = [[250, 10, 10], [0, 0, 0], [255, 255, 0], [0, 0, 255], [128, 128, 128], [0, 255, 0]];
        for tint in tints.chain(colours.map(Tint::of_colour)) {
            for theme in Theme::ALL {
                let palette = Palette::new(theme, tint);
                let grounds =
                    [palette.glow, palette.far_glow].map(|(glow, share)| mix(palette.ground, glow, share));
                for ground in grounds.into_iter().chain([palette.ground]) {
                    for (name, colour, least) in [
                        ("text", palette.text, 7.0),
                        ("soft", palette.soft, 4.5),
                        ("accent", palette.accent, 4.5),
                        ("faint", palette.faint, 3.0),
                    ] {
                        let found = contrast(ground, colour);
                        assert!(found >= least, "{name} of {theme:?} in {tint:?}: {found}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_track_has_the_hue_of_its_player_page() {
        // what edge/player's page computes for these ids
        assert_eq!(Tint::of_track("INNDA2600001").hue, HUES[2]);
        assert_eq!(Tint::of_colour([128, 128, 128]).strength.round() as i32, 0);
    }
}
