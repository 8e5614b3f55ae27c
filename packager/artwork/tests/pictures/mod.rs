//! Pictures for tests, whole and hostile, made here.

use image::{
    ExtendedColorType, ImageEncoder as _,
    codecs::{jpeg::JpegEncoder, png::PngEncoder},
};

/// A PNG of what a place has for a colour.
pub fn png(width: u32, height: u32, colour: impl Fn(u32, u32) -> [u8; 3]) -> Vec<u8> {
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let pixels: Vec<u8> = places.flat_map(|(x, y)| colour(x, y)).collect();
    encoded(&pixels, width, height, ExtendedColorType::Rgb8)
}

fn encoded(pixels: &[u8], width: u32, height: u32, colour: ExtendedColorType) -> Vec<u8> {
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes).write_image(pixels, width, height, colour).unwrap();
    bytes
}

/// A gray PNG of 16 bits.
pub fn png16(side: u32, value: u16) -> Vec<u8> {
    let pixels: Vec<u8> = (0..side * side).flat_map(|_| value.to_ne_bytes()).collect();
    encoded(&pixels, side, side, ExtendedColorType::L16)
}

/// A PNG of red, green, blue and alpha in 16 bits.
pub fn png16_colour(side: u32) -> Vec<u8> {
    let row: Vec<u8> =
        (0..side).flat_map(|x| [x as u16 * 8, 9_000, 40_000, 65_535]).flat_map(u16::to_ne_bytes).collect();
    encoded(&row.repeat(side as usize), side, side, ExtendedColorType::Rgba16)
}

/// A PNG of one colour with alpha.
pub fn rgba(side: u32, pixel: [u8; 4]) -> Vec<u8> {
    encoded(&pixel.repeat((side * side) as usize), side, side, ExtendedColorType::Rgba8)
}

/// Pixels of four colours, one in each corner.
pub fn corners(side: u32) -> (u32, Vec<u8>) {
    let half = side / 2;
    let colour = |x: u32, y: u32| match (x < half, y < half) {
        (true, true) => [220, 40, 40],
        (false, true) => [40, 200, 60],
        (true, false) => [50, 60, 220],
        (false, false) => [230, 210, 50],
    };
    let places = (0..side).flat_map(|y| (0..side).map(move |x| (x, y)));
    (side, places.flat_map(|(x, y)| colour(x, y)).collect())
}

/// A JPEG of them.
pub fn jpeg((side, pixels): &(u32, Vec<u8>)) -> Vec<u8> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 95)
        .encode(pixels, *side, *side, ExtendedColorType::Rgb8)
        .unwrap();
    bytes
}

/// The JPEG with an EXIF segment that says how it is held, and a comment.
pub fn with_exif(jpeg: &[u8], orientation: u8, comment: &[u8]) -> Vec<u8> {
    let mut tiff = b"II\x2a\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    tiff.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    tiff.extend(comment);
    let mut bytes = jpeg[..2].to_vec();
    bytes.extend([0xff, 0xe1]);
    bytes.extend(((2 + 6 + tiff.len()) as u16).to_be_bytes());
    bytes.extend(b"Exif\0\0");
    bytes.extend(tiff);
    bytes.extend(&jpeg[2..]);
    bytes
}

/// The PNG with a colour profile.
pub fn with_profile(png: &[u8], profile: &[u8]) -> Vec<u8> {
    let image = image::load_from_memory(png).unwrap();
    let mut bytes = Vec::new();
    let mut encoder = PngEncoder::new(&mut bytes);
    encoder.set_icc_profile(profile.to_vec()).unwrap();
    encoder.write_image(image.as_bytes(), image.width(), image.height(), ExtendedColorType::Rgb8).unwrap();
    bytes
}

/// A chunk of PNG (third edition, §5.3).
pub fn crc_chunk(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut crc = u32::MAX;
    for byte in kind.iter().chain(body) {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    let mut chunk = (body.len() as u32).to_be_bytes().to_vec();
    chunk.extend(kind);
    chunk.extend(body);
    chunk.extend((!crc).to_be_bytes());
    chunk
}

/// The header of a PNG of any size, and nothing behind it.
pub fn png_header(width: u32, height: u32) -> Vec<u8> {
    let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
    header.extend([8, 6, 0, 0, 0]);
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    bytes.extend(crc_chunk(b"IHDR", &header));
    bytes.extend(crc_chunk(b"IDAT", b"x\x9c"));
    bytes
}

/// A PNG whose profile is 1 GiB of zeros, compressed.
pub fn zip_bomb() -> Vec<u8> {
    let whole = png(640, 640, |_, _| [9, 9, 9]);
    let mut profile = b"bomb\0\0".to_vec();
    profile.extend(deflated_zeros());
    let mut bytes = whole[..33].to_vec();
    bytes.extend(crc_chunk(b"iCCP", &profile));
    bytes.extend(&whole[33..]);
    bytes
}

/// A zlib stream of 1 GiB of zeros: fixed codes, one literal, then the longest repeats (RFC 1951 §3.2.6).
fn deflated_zeros() -> Vec<u8> {
    let (mut bits, mut bytes, mut held) = (0_u64, vec![0x78, 0x01], 0);
    let mut put = |value: u64, length: u32, bytes: &mut Vec<u8>| {
        bits |= value << held;
        held += length;
        while held >= 8 {
            bytes.push(bits as u8);
            bits >>= 8;
            held -= 8;
        }
    };
    // last block, fixed codes; literal 0
    put(0b011, 3, &mut bytes);
    put(u64::from(0b0011_0000_u8.reverse_bits()), 8, &mut bytes);
    // length 258 (code 285, of eight bits), distance 1 (code 0, of five)
    for _ in 0..(1_u64 << 30) / 258 {
        put(u64::from(0b1100_0101_u8.reverse_bits()), 8, &mut bytes);
        put(0, 5, &mut bytes);
    }
    put(0, 7, &mut bytes);
    put(0, 16, &mut bytes);
    bytes
}

/// A JPEG of cyan ink, as for printing.
pub fn cmyk_jpeg() -> Vec<u8> {
    include_bytes!("cyan-cmyk.jpg").to_vec()
}
