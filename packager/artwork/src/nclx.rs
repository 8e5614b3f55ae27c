//! What AVIF's properties say of colours (ISO/IEC 23000-22 §7.3.6, ITU-T H.273), read with as little of the boxes as that takes.

/// What is read of the properties of all items.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Properties<'a> {
    /// Whether an item is rotated or mirrored when it is shown.
    pub is_turned: bool,
    /// A profile (ICC.1).
    pub profile: Option<&'a [u8]>,
    /// Primaries, transfer and matrix by their numbers in H.273, and whether samples use the full range.
    pub nclx: Option<(u16, u16, u16, bool)>,
}

impl<'a> Properties<'a> {
    /// Those in `meta`, `iprp`, `ipco` of a file that a parser has read already.
    pub fn of(bytes: &'a [u8]) -> Self {
        let mut found = Self::default();
        let inside = |bytes: &'a [u8], wanted: &[u8; 4]| {
            boxes(bytes).find(|(kind, _)| kind == wanted).map(|(_, body)| body)
        };
        // `meta` is a full box
        let properties = inside(bytes, b"meta")
            .and_then(|meta| inside(meta.get(4..)?, b"iprp"))
            .and_then(|iprp| inside(iprp, b"ipco"));
        for (kind, body) in boxes(properties.unwrap_or_default()) {
            match (&kind, body) {
                (b"irot", [angle, ..]) if angle & 3 != 0 => found.is_turned = true,
                (b"imir", _) => found.is_turned = true,
                (b"colr", [b'p' | b'r', b'r' | b'I', b'o' | b'C', b'f' | b'C', profile @ ..]) => {
                    found.profile = found.profile.or(Some(profile));
                }
                (b"colr", [b'n', b'c', b'l', b'x', p0, p1, t0, t1, m0, m1, full, ..]) => {
                    let number = |high: &u8, low: &u8| u16::from_be_bytes([*high, *low]);
                    found.nclx = found.nclx.or(Some((
                        number(p0, p1),
                        number(t0, t1),
                        number(m0, m1),
                        full & 0x80 != 0,
                    )));
                }
                _ => {}
            }
        }
        found
    }
}

/// The boxes in `bytes`, until one is cut short.
fn boxes(mut bytes: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    std::iter::from_fn(move || {
        let (head, rest) = bytes.split_first_chunk::<8>()?;
        let [a, b, c, d, kind @ ..] = *head;
        let length = match u32::from_be_bytes([a, b, c, d]) as usize {
            // to the end
            0 => bytes.len(),
            length => length,
        };
        let body = rest.get(..length.checked_sub(8)?)?;
        bytes = &rest[body.len()..];
        Some((kind, body))
    })
}

/// How luma and chroma become red, green and blue (H.273 §8.3).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Matrix {
    /// Samples are green, blue and red.
    Identity(bool),
    /// Luma is so much of red and of blue.
    Weights { red: f32, blue: f32, is_full: bool },
}

impl Matrix {
    /// By its number; what is unspecified is BT.601, as every reader takes it (ISO/IEC 23000-22 §7.3.6.4). `None` for others.
    pub fn of(nclx: Option<(u16, u16, u16, bool)>, is_monochrome: bool) -> Option<Self> {
        let (_, _, number, is_full) = nclx.unwrap_or((1, 13, 6, true));
        let weights = |red, blue| Some(Self::Weights { red, blue, is_full });
        match number {
            0 if is_monochrome => weights(0.299, 0.114),
            0 => Some(Self::Identity(is_full)),
            1 => weights(0.2126, 0.0722),
            2 | 5 | 6 => weights(0.299, 0.114),
            9 => weights(0.2627, 0.0593),
            _ => None,
        }
    }

    /// Red, green and blue of luma and chroma, all from 0 to 1.
    pub fn rgb(self, [y, u, v]: [f32; 3]) -> [f32; 3] {
        let luma = |value: f32, is_full: bool| if is_full { value } else { (value * 255.0 - 16.0) / 219.0 };
        match self {
            Self::Identity(is_full) => [luma(v, is_full), luma(y, is_full), luma(u, is_full)],
            Self::Weights { red, blue, is_full } => {
                let chroma = |value: f32| {
                    if is_full { value - 128.0 / 255.0 } else { (value * 255.0 - 128.0) / 224.0 }
                };
                let (y, u, v) = (luma(y, is_full), chroma(u), chroma(v));
                let r = y + 2.0 * (1.0 - red) * v;
                let b = y + 2.0 * (1.0 - blue) * u;
                [r, (y - red * r - blue * b) / (1.0 - red - blue), b]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gray_stays_gray_and_red_is_red() {
        for number in [1, 2, 6, 9] {
            let full = Matrix::of(Some((1, 13, number, true)), false).unwrap();
            let gray = full.rgb([0.5, 128.0 / 255.0, 128.0 / 255.0]);
            assert!(gray.iter().all(|value| (value - 0.5).abs() < 1e-3), "{gray:?}");
            let limited = Matrix::of(Some((1, 13, number, false)), false).unwrap();
            let white = limited.rgb([235.0 / 255.0, 128.0 / 255.0, 128.0 / 255.0]);
            assert!(white.iter().all(|value| (value - 1.0).abs() < 1e-3), "{white:?}");
        }
        // BT.601, full range: red is 76, 85, 255
        let red = Matrix::of(None, false).unwrap().rgb([76.0 / 255.0, 85.0 / 255.0, 1.0]);
        assert!(red[0] > 0.99 && red[1] < 0.01 && red[2] < 0.01, "{red:?}");
        assert_eq!(Matrix::of(Some((1, 13, 8, true)), false), None);
    }

    #[test]
    fn boxes_that_are_cut_short_end_it() {
        assert_eq!(Properties::of(b"\0\0\0\x0cmeta"), Properties::default());
        assert_eq!(Properties::of(&[0xff; 64]), Properties::default());
    }
}
