//! Pictures as files: PNG and WebP, still and animated.

use std::io::Cursor;

use webp_animation::{ColorMode, Encoder, EncoderOptions, EncodingConfig, EncodingType, LossyEncodingConfig};

use crate::{
    canvas::Canvas,
    error::ClipError,
    excerpt::Excerpt,
    scene::{Moment, Scene},
};

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureCodec {
    /// PNG, without loss; animated it is an APNG.
    Png,
    /// WebP, with loss that nobody sees.
    Webp,
}

/// The quality of WebP, from 0 to 100.
const QUALITY: f32 = 86.0;

/// The effort of WebP, from 0 to 6: with the least, and without sharp chroma, a card takes half of the time.
const METHOD: usize = 0;

/// How long a moment of an animated picture is seen, in ms.
const MOMENT_MS: i64 = 60;

/// How long an animated picture stands when its last word is sung, in ms.
const REST_MS: i64 = 1200;

/// A picture that stands still.
///
/// # Errors
/// If an encoder fails, which none does for a canvas.
pub fn still(scene: &Scene, format: PictureCodec) -> Result<Vec<u8>, ClipError> {
    let mut canvas = scene.canvas();
    scene.paint(&mut canvas, None, &scene.still());
    encode(&canvas, format)
}

/// A canvas as a file.
///
/// # Errors
/// As [`still`].
pub fn encode(canvas: &Canvas, format: PictureCodec) -> Result<Vec<u8>, ClipError> {
    match format {
        PictureCodec::Png => {
            let mut bytes = Vec::new();
            let mut writer = png_encoder(&mut bytes, canvas).write_header().map_err(picture)?;
            writer.write_image_data(&canvas.rgb).map_err(picture)?;
            writer.finish().map_err(picture)?;
            Ok(bytes)
        }
        PictureCodec::Webp => {
            let mut encoder = webp_encoder(canvas)?;
            encoder.add_frame(&canvas.rgb, 0).map_err(webp)?;
            Ok(encoder.finalize(1000).map_err(webp)?.to_vec())
        }
    }
}

/// A picture in which words light up as they are sung, over and over. Moments in which nothing changes are one.
///
/// # Errors
/// As [`still`].
pub fn animated(scene: &Scene, excerpt: &Excerpt, format: PictureCodec) -> Result<Vec<u8>, ClipError> {
    let moments = moments(scene, excerpt);
    match format {
        PictureCodec::Png => apng(scene, &moments),
        PictureCodec::Webp => animated_webp(scene, &moments),
    }
}

/// What is seen, from when on and until when, in ms from the beginning.
fn moments(scene: &Scene, excerpt: &Excerpt) -> Vec<(i64, i64, Moment)> {
    let length = excerpt.span.end - excerpt.span.start;
    let mut moments: Vec<(i64, i64, Moment)> = Vec::new();
    let steps = (0..length).step_by(MOMENT_MS as usize).chain([length]);
    for at in steps {
        // seen for as long before its time as behind it
        let moment = scene.at((excerpt.span.start + at) as f64 + MOMENT_MS as f64 / 2.0);
        match moments.last_mut() {
            Some((_, until, last)) if *last == moment => *until = at + MOMENT_MS,
            _ => moments.push((at, at + MOMENT_MS, moment)),
        }
    }
    for index in 1..moments.len() {
        let start = moments.get(index).map_or(0, |(start, ..)| *start);
        if let Some((_, until, _)) = moments.get_mut(index - 1) {
            *until = start;
        }
    }
    if let Some((_, until, _)) = moments.last_mut() {
        *until += REST_MS;
    }
    moments
}

fn apng(scene: &Scene, moments: &[(i64, i64, Moment)]) -> Result<Vec<u8>, ClipError> {
    let mut canvas = scene.canvas();
    // what differs from one moment to the next is seen first, since the number of frames stands before them
    let mut bytes = Vec::new();
    let mut encoder = png_encoder(&mut bytes, &canvas);
    encoder.set_animated(moments.len() as u32, 0).map_err(picture)?;
    let mut writer = encoder.write_header().map_err(picture)?;
    let mut before: Option<&Moment> = None;
    for (start, until, moment) in moments {
        let changed = scene.paint(&mut canvas, before, moment);
        let [left, top, right, bottom] = match (before, changed) {
            (Some(_), changed) => changed.unwrap_or([0, 0, 1, 1]),
            (None, _) => [0, 0, canvas.width, canvas.height],
        };
        let delay = u16::try_from(until - start).unwrap_or(u16::MAX);
        writer.set_frame_delay(delay, 1000).map_err(picture)?;
        writer.set_frame_position(0, 0).map_err(picture)?;
        writer.set_frame_dimension((right - left) as u32, (bottom - top) as u32).map_err(picture)?;
        writer.set_frame_position(left as u32, top as u32).map_err(picture)?;
        let mut part = Vec::with_capacity((right - left) * (bottom - top) * 3);
        for row in canvas.rows(top..bottom).chunks_exact(canvas.width * 3) {
            part.extend_from_slice(row.get(left * 3..right * 3).unwrap_or_default());
        }
        writer.write_image_data(&part).map_err(picture)?;
        before = Some(moment);
    }
    writer.finish().map_err(picture)?;
    Ok(bytes)
}

fn animated_webp(scene: &Scene, moments: &[(i64, i64, Moment)]) -> Result<Vec<u8>, ClipError> {
    let mut canvas = scene.canvas();
    let mut encoder = webp_encoder(&canvas)?;
    let mut before: Option<&Moment> = None;
    for (start, _, moment) in moments {
        scene.paint(&mut canvas, before, moment);
        encoder.add_frame(&canvas.rgb, i32::try_from(*start).unwrap_or(i32::MAX)).map_err(webp)?;
        before = Some(moment);
    }
    let end = moments.last().map_or(0, |(_, until, _)| *until);
    Ok(encoder.finalize(i32::try_from(end).unwrap_or(i32::MAX)).map_err(webp)?.to_vec())
}

fn png_encoder<'a>(bytes: &'a mut Vec<u8>, canvas: &Canvas) -> png::Encoder<'a, Cursor<&'a mut Vec<u8>>> {
    let mut encoder = png::Encoder::new(Cursor::new(bytes), canvas.width as u32, canvas.height as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_source_srgb(png::SrgbRenderingIntent::Perceptual);
    encoder.set_compression(png::Compression::Fast);
    encoder
}

fn webp_encoder(canvas: &Canvas) -> Result<Encoder, ClipError> {
    let lossy = EncodingType::Lossy(LossyEncodingConfig::default());
    let config = EncodingConfig { encoding_type: lossy, quality: QUALITY, method: METHOD };
    let options = EncoderOptions {
        color_mode: ColorMode::Rgb,
        encoding_config: Some(config),
        ..EncoderOptions::default()
    };
    Encoder::new_with_options((canvas.width as u32, canvas.height as u32), options).map_err(webp)
}

fn picture(error: png::EncodingError) -> ClipError {
    ClipError::Picture(error.to_string())
}

fn webp(error: webp_animation::Error) -> ClipError {
    ClipError::Picture(error.to_string())
}
