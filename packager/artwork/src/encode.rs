//! From a square picture to the files of artwork.

use image::{ExtendedColorType, codecs::jpeg::JpegEncoder};
use nada_catalog::{
    PictureFormat,
    picture::{ARTWORK_SEAL, ARTWORK_SIZES},
};
use rgb::FromSlice as _;
use webp_animation::{EncoderOptions, EncodingConfig};

use crate::{light::Square, palette::Palette};

/// One file of artwork.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Pixels on a side.
    pub size: u32,
    /// Its format.
    pub format: PictureFormat,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// All that is made of one picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The files, [`ARTWORK_SEAL`] last.
    pub files: Vec<File>,
    /// The sides there are, in pixels, the smallest first.
    pub sizes: Vec<u32>,
    /// Two colours of it.
    pub palette: Palette,
    /// The picture at 16 pixels as a `data:` URI of WebP, some 200 characters.
    pub placeholder: String,
}

/// Nada's own failure to encode pixels of its own.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{format} of {size} px: {reason}")]
pub struct EncodeError {
    format: PictureFormat,
    size: u32,
    reason: String,
}

/// Pixels of the placeholder.
const PLACEHOLDER: u32 = 16;
/// Bytes of a file beyond what they say of the same eye: AVIF 60, WebP 80 and JPEG 82 look alike.
const AVIF_QUALITY: f32 = 60.0;
const AVIF_SPEED: u8 = 10;
const WEBP_QUALITY: f32 = 80.0;
const JPEG_QUALITY: u8 = 82;

/// Makes all files of artwork: every size that the picture has pixels for, in every format. The same bytes for the same
/// picture, on any number of threads.
///
/// # Errors
/// An encoder fails, which is a defect.
pub fn make(square: &Square) -> Result<Made, EncodeError> {
    let sizes: Vec<u32> = ARTWORK_SIZES.into_iter().filter(|size| *size <= square.side()).collect();
    let mut files = Vec::new();
    for size in sizes.iter().rev() {
        let picture = square.at(*size);
        for format in PictureFormat::ARTWORK {
            files.push(file(&picture, format)?);
        }
    }
    files.sort_by_key(|file| (file.size, file.format) == ARTWORK_SEAL);
    let tiny = square.at(PLACEHOLDER);
    let bytes = webp(&tiny, 50.0).map_err(|reason| EncodeError {
        format: PictureFormat::Webp,
        size: PLACEHOLDER,
        reason,
    })?;
    let placeholder = format!("data:image/webp;base64,{}", base64_simd::STANDARD.encode_to_string(bytes));
    Ok(Made { files, sizes, palette: Palette::of(square), placeholder })
}

/// The file of a picture at the size that it has.
///
/// # Errors
/// As of [`make`].
pub fn file(picture: &Square, format: PictureFormat) -> Result<File, EncodeError> {
    let size = picture.side();
    let bytes = encode(picture, format).map_err(|reason| EncodeError { format, size, reason })?;
    Ok(File { size, format, bytes })
}

fn encode(picture: &Square, format: PictureFormat) -> Result<Vec<u8>, String> {
    match format {
        PictureFormat::Avif => avif(picture),
        PictureFormat::Webp => webp(picture, WEBP_QUALITY),
        PictureFormat::Jpg => jpeg(picture),
        PictureFormat::Png | PictureFormat::Apng | PictureFormat::Mp4 => {
            Err("no format of artwork".to_owned())
        }
    }
}

fn avif(picture: &Square) -> Result<Vec<u8>, String> {
    let side = picture.side() as usize;
    let encoder = ravif::Encoder::new()
        .with_quality(AVIF_QUALITY)
        .with_speed(AVIF_SPEED)
        .with_bit_depth(ravif::BitDepth::Eight)
        .with_num_threads(Some(1));
    let encoded = encoder.encode_rgb(ravif::Img::new(picture.pixels().as_rgb(), side, side));
    encoded.map(|encoded| encoded.avif_file).map_err(|error| error.to_string())
}

/// An animation of one picture is a still picture: libwebp writes it as such.
fn webp(picture: &Square, quality: f32) -> Result<Vec<u8>, String> {
    let failed = |error: webp_animation::Error| format!("{error:?}");
    let options = EncoderOptions {
        encoding_config: Some(EncodingConfig::new_lossy(quality)),
        ..EncoderOptions::default()
    };
    let side = picture.side();
    let mut encoder = webp_animation::Encoder::new_with_options((side, side), options).map_err(failed)?;
    let (pixels, _) = picture.pixels().as_chunks::<3>();
    let rgba: Vec<u8> = pixels.iter().flat_map(|[r, g, b]| [*r, *g, *b, 255]).collect();
    encoder.add_frame(&rgba, 0).map_err(failed)?;
    Ok(encoder.finalize(1).map_err(failed)?.to_vec())
}

fn jpeg(picture: &Square) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let side = picture.side();
    let encoded = JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY).encode(
        picture.pixels(),
        side,
        side,
        ExtendedColorType::Rgb8,
    );
    encoded.map(|()| bytes).map_err(|error| error.to_string())
}
