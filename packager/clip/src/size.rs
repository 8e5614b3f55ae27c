//! The sizes of pictures, and what stands where on them.

use std::str::FromStr;

/// The shape of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Size {
    /// 1080 × 1920: stories and statuses. Programs draw over the top 250 and the bottom 340 pixels.
    #[default]
    Story,
    /// 1080 × 1080: posts.
    Square,
    /// 1920 × 1080: screens.
    Wide,
}

/// A rectangle in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// From the left.
    pub x: usize,
    /// From the top.
    pub y: usize,
    /// In pixels.
    pub width: usize,
    /// In pixels.
    pub height: usize,
}

/// What stands where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Areas {
    /// The artwork, a square.
    pub artwork: Area,
    /// Title and artists.
    pub heading: Area,
    /// Whether the heading stands in the middle of its height, beside the artwork, or at its top, below it.
    pub heading_centred: bool,
    /// The lines.
    pub lyrics: Area,
    /// The label.
    pub label: Area,
}

impl Size {
    /// All of them.
    pub const ALL: [Size; 3] = [Size::Story, Size::Square, Size::Wide];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Size::Story => "story",
            Size::Square => "square",
            Size::Wide => "wide",
        }
    }

    /// Width and height in pixels.
    pub fn pixels(self) -> (usize, usize) {
        match self {
            Size::Story => (1080, 1920),
            Size::Square => (1080, 1080),
            Size::Wide => (1920, 1080),
        }
    }

    /// What stands where: all of it within the safe area.
    pub fn areas(self) -> Areas {
        let area = |x, y, width, height| Area { x, y, width, height };
        match self {
            Size::Story => Areas {
                artwork: area(84, 266, 208, 208),
                heading: area(328, 266, 668, 208),
                heading_centred: true,
                lyrics: area(84, 540, 912, 940),
                label: area(84, 1520, 912, 48),
            },
            Size::Square => Areas {
                artwork: area(72, 64, 152, 152),
                heading: area(256, 64, 752, 152),
                heading_centred: true,
                lyrics: area(72, 260, 936, 676),
                label: area(72, 972, 936, 44),
            },
            Size::Wide => Areas {
                artwork: area(108, 172, 480, 480),
                heading: area(108, 684, 480, 190),
                heading_centred: false,
                lyrics: area(696, 96, 1116, 888),
                label: area(108, 928, 480, 44),
            },
        }
    }

    /// Where nothing is drawn over by the programs that show it: left, top, right and bottom, in pixels.
    pub fn safe(self) -> (usize, usize, usize, usize) {
        match self {
            Size::Story => (64, 250, 1016, 1580),
            Size::Square => (54, 54, 1026, 1026),
            Size::Wide => (96, 54, 1824, 1026),
        }
    }
}

impl FromStr for Size {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Size::ALL.into_iter().find(|size| size.name() == text).ok_or("expected story, square or wide")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_it_stands_in_the_safe_area_and_nothing_on_anything() {
        for size in Size::ALL {
            let (left, top, right, bottom) = size.safe();
            let Areas { artwork, heading, lyrics, label, .. } = size.areas();
            let all = [artwork, heading, lyrics, label];
            for area in all {
                assert!(area.x >= left && area.y >= top, "{size:?} {area:?}");
                assert!(area.x + area.width <= right && area.y + area.height <= bottom, "{size:?} {area:?}");
            }
            let apart = |a: Area, b: Area| {
                a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y
            };
            for (index, a) in all.into_iter().enumerate() {
                assert!(all.into_iter().skip(index + 1).all(|b| apart(a, b)), "{size:?} {a:?}");
            }
            assert_eq!(artwork.width, artwork.height);
            assert!(
                size.pixels().0 % 2 == 0 && size.pixels().1 % 2 == 0,
                "colour is stored for 2 by 2 pixels"
            );
        }
    }
}
