//! From the bytes of a file to a square of at most 1,280 pixels. Untrusted bytes: this runs in the child.

use std::io::Cursor;

use image::{
    ColorType, ImageDecoder, Limits,
    codecs::{jpeg::JpegDecoder, png::PngDecoder, webp::WebPDecoder},
    metadata::Orientation,
};
use nada_catalog::picture::ARTWORK_SIZES;
use serde::{Deserialize, Serialize};

use crate::{
    avif,
    error::ArtworkRefusal,
    judge::{Format, dimensions, square},
    light::{Light, Square, light},
    profile::Colours,
};

/// The largest artwork.
pub(crate) const LARGEST: u32 = ARTWORK_SIZES[ARTWORK_SIZES.len() - 1];
/// Bytes that pixels may take while they are decoded: 8,000 × 8,000 of red, green, blue and alpha in 16 bits.
const MOST_PIXELS: u64 = 512 << 20;

/// A picture as artwork is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The middle of the picture, upright: 1,280 pixels, or 640 where it has fewer.
    pub square: Square,
    /// What was changed, for people.
    pub notices: Vec<String>,
}

/// What is told of a picture beside its pixels.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct About {
    pub side: u32,
    pub notices: Vec<String>,
    #[serde(default)]
    pub sandboxed: bool,
}

/// Pixels in rows of red, green, blue and alpha, eight bits each.
pub(crate) struct Rows<'a> {
    pub width: u32,
    pub height: u32,
    /// Fills a row that is so many pixels wide, from a column of a row on.
    pub row: &'a dyn Fn(u32, u32, &mut Vec<u8>),
}

/// Decodes a picture.
pub(crate) fn decode(bytes: Vec<u8>) -> Result<Decoded, ArtworkRefusal> {
    match Format::of(&bytes)? {
        Format::Avif => avif::decode(&bytes),
        Format::Jpeg => {
            let is_cmyk = inks(&bytes) == Some(4);
            let mut decoder = JpegDecoder::new(Cursor::new(bytes)).map_err(broken)?;
            let notice = "it is made for printing (CMYK): its colours are near, not exact";
            let notice = is_cmyk.then(|| notice.to_owned());
            let icc = if is_cmyk { None } else { decoder.icc_profile().map_err(broken)? };
            of_decoder(decoder, icc, notice)
        }
        Format::Png => {
            // before a decoder sees them: IHDR is the first chunk (PNG, third edition, §11.2.1)
            if let Some([a, b, c, d, e, f, g, h]) = bytes.get(16..24) {
                let number = |bytes: [&u8; 4]| u32::from_be_bytes(bytes.map(|byte| *byte));
                dimensions(number([a, b, c, d]), number([e, f, g, h]))?;
            }
            let mut decoder = PngDecoder::with_limits(Cursor::new(bytes), limits()).map_err(broken)?;
            let moves = decoder.is_apng().map_err(broken)?;
            let icc = decoder.icc_profile().map_err(broken)?;
            of_decoder(decoder, icc, moves.then(still))
        }
        Format::Webp => {
            let mut decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(broken)?;
            let moves = decoder.has_animation();
            let icc = decoder.icc_profile().map_err(broken)?;
            of_decoder(decoder, icc, moves.then(still))
        }
    }
}

/// The components that the frame header of a JPEG states (ITU-T T.81 §B.2.2).
fn inks(jpeg: &[u8]) -> Option<u8> {
    let mut rest = jpeg.get(2..)?;
    loop {
        let [0xff, marker, high, low, body @ ..] = rest else { return None };
        // SOF0 to SOF15, but DHT, JPG and DAC among them
        if (0xc0..=0xcf).contains(marker) && ![0xc4, 0xc8, 0xcc].contains(marker) {
            return body.get(5).copied();
        }
        rest = rest.get(2 + usize::from(u16::from_be_bytes([*high, *low]))..)?;
    }
}

fn still() -> String {
    "it moves: its first picture is taken".to_owned()
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_PIXELS);
    limits
}

fn of_decoder(
    mut decoder: impl ImageDecoder,
    icc: Option<Vec<u8>>,
    notice: Option<String>,
) -> Result<Decoded, ArtworkRefusal> {
    let (width, height) = decoder.dimensions();
    dimensions(width, height)?;
    decoder.set_limits(limits()).map_err(broken)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let color = decoder.color_type();
    let bytes = decoder.total_bytes();
    if bytes > MOST_PIXELS {
        return Err(ArtworkRefusal::Large { width, height });
    }
    let mut pixels = vec![0; usize::try_from(bytes).unwrap_or(usize::MAX)];
    decoder.read_image(&mut pixels).map_err(broken)?;
    let wide = color.bytes_per_pixel() / color.channel_count() == 2;
    let channels = usize::from(color.channel_count());
    let step = usize::from(color.bytes_per_pixel());
    let gray = matches!(color, ColorType::L8 | ColorType::La8 | ColorType::L16 | ColorType::La16);
    let alpha = color.has_alpha();
    let row = |x: u32, y: u32, row: &mut Vec<u8>| {
        let start = (y as usize * width as usize + x as usize) * step;
        for pixel in pixels[start..].chunks_exact(step).take(row.capacity() / 4) {
            let component = |index: usize| match wide {
                // what is stored in 16 bits is in the order of this machine
                true => {
                    let value = u16::from_ne_bytes([pixel[2 * index], pixel[2 * index + 1]]);
                    ((u32::from(value) * 255 + 32_767) / 65_535) as u8
                }
                false => pixel[index],
            };
            let rgb = if gray { [component(0); 3] } else { [component(0), component(1), component(2)] };
            row.extend_from_slice(&rgb);
            row.push(if alpha { component(channels - 1) } else { 255 });
        }
    };
    let decoded = squared(&Rows { width, height, row: &row }, &Colours::of(icc.as_deref()), notice)?;
    Ok(Decoded { square: upright(&decoded.square, orientation), ..decoded })
}

/// The square in the middle, smaller: whole blocks are averaged first, in linear light and over white, so that no picture is
/// ever there in floating point as a whole, and Lanczos does the rest.
pub(crate) fn squared(
    rows: &Rows<'_>,
    (colours, of_colours): &(Colours, Option<String>),
    notice: Option<String>,
) -> Result<Decoded, ArtworkRefusal> {
    let (left, top, side) = square(rows.width, rows.height);
    let block = (side / (2 * LARGEST)).max(1);
    let small = side / block;
    // what does not fill a block is left out on both sides
    let margin = (side - small * block) / 2;
    let (left, top) = (left + margin, top + margin);
    let mut lights = vec![0.0_f32; 3 * small as usize * small as usize];
    let scale = 1.0 / (block * block) as f32;
    let mut row = Vec::new();
    for y in 0..small * block {
        row.clear();
        row.shrink_to(4 * (small * block) as usize);
        row.reserve_exact(4 * (small * block) as usize);
        (rows.row)(left, top + y, &mut row);
        colours.apply(&mut row).map_err(ArtworkRefusal::Broken)?;
        let line = &mut lights[3 * (y / block) as usize * small as usize..][..3 * small as usize];
        for (x, pixel) in row.chunks_exact(4).enumerate() {
            let alpha = f32::from(pixel[3]) / 255.0;
            let place = &mut line[3 * (x / block as usize)..][..3];
            for (sum, value) in place.iter_mut().zip(pixel) {
                *sum += (light(*value) * alpha + 1.0 - alpha) * scale;
            }
        }
    }
    let cropped = (rows.width != rows.height)
        .then(|| format!("{} × {} pixels: the square in its middle is taken", rows.width, rows.height));
    let lights = Light::from_raw(small, small, lights)
        .ok_or_else(|| ArtworkRefusal::Broken("its pixels".to_owned()))?;
    let target = ARTWORK_SIZES.into_iter().filter(|size| *size <= side).max().unwrap_or(side);
    let notices = [cropped, of_colours.clone(), notice].into_iter().flatten().collect();
    Ok(Decoded { square: Square::of(&lights, target), notices })
}

/// As EXIF says it is to be held (JEITA CP-3451 §4.6.4, tag 0x112).
fn upright(square: &Square, orientation: Orientation) -> Square {
    let last = square.side() - 1;
    match orientation {
        Orientation::NoTransforms => square.clone(),
        Orientation::FlipHorizontal => square.turned(|x, y| (last - x, y)),
        Orientation::Rotate180 => square.turned(|x, y| (last - x, last - y)),
        Orientation::FlipVertical => square.turned(|x, y| (x, last - y)),
        Orientation::Rotate90FlipH => square.turned(|x, y| (y, x)),
        Orientation::Rotate90 => square.turned(|x, y| (y, last - x)),
        Orientation::Rotate270FlipH => square.turned(|x, y| (last - y, last - x)),
        Orientation::Rotate270 => square.turned(|x, y| (last - y, x)),
    }
}

fn broken(error: image::ImageError) -> ArtworkRefusal {
    match error {
        image::ImageError::Unsupported(error) => ArtworkRefusal::Unsupported(error.to_string()),
        image::ImageError::Limits(_) => {
            ArtworkRefusal::Broken("it asks for more memory than a picture needs".to_owned())
        }
        error => ArtworkRefusal::Broken(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use image::DynamicImage;

    use super::*;

    /// A picture of four colours in its corners, as a decoder of files knows how to turn it.
    #[test]
    fn turning_is_what_image_does() {
        let pixels: Vec<u8> = (0..27).map(|value| value * 9).collect();
        let square = Square::new(3, pixels.clone()).unwrap();
        for exif in 1..=8 {
            let orientation = Orientation::from_exif(exif).unwrap();
            let mut theirs =
                DynamicImage::ImageRgb8(image::RgbImage::from_raw(3, 3, pixels.clone()).unwrap());
            theirs.apply_orientation(orientation);
            assert_eq!(upright(&square, orientation).pixels(), theirs.as_bytes(), "{exif}");
        }
    }
}
