//! AVIF (AV1 Image File Format 1.1): the boxes by one parser, the picture by another, and its colours to sRGB here.

use avif_parse::AvifData;
use re_rav1d::dav1d::{Decoder, Error, Picture, PixelLayout, PlanarImageComponent, Settings};

use crate::{
    decode::{Decoded, Rows, squared},
    error::ArtworkRefusal,
    judge::{MOST, dimensions},
    nclx::{Matrix, Properties},
    profile::Colours,
};

/// Decodes a picture.
pub(crate) fn decode(bytes: &[u8]) -> Result<Decoded, ArtworkRefusal> {
    let data = avif_parse::read_avif(&mut &bytes[..]).map_err(|error| match error {
        avif_parse::Error::Unsupported(what) => ArtworkRefusal::Unsupported(format!("AVIF with {what}")),
        error => ArtworkRefusal::Broken(error.to_string()),
    })?;
    let AvifData { primary_item, alpha_item, premultiplied_alpha, .. } = &data;
    let header = data.primary_item_metadata().map_err(|error| ArtworkRefusal::Broken(error.to_string()))?;
    dimensions(header.max_frame_width.get(), header.max_frame_height.get())?;
    let properties = Properties::of(bytes);
    if properties.is_turned {
        let what = "AVIF that is turned when it is shown (irot, imir): export it upright";
        return Err(ArtworkRefusal::Unsupported(what.to_owned()));
    }
    let picture = Planes::decode(primary_item)?;
    dimensions(picture.width, picture.height)?;
    let alpha = alpha_item.as_ref().map(|item| Planes::decode(item)).transpose()?;
    if alpha.as_ref().is_some_and(|alpha| (alpha.width, alpha.height) != (picture.width, picture.height)) {
        return Err(ArtworkRefusal::Broken("its transparency has another size".to_owned()));
    }
    let matrix = Matrix::of(properties.nclx, picture.is_monochrome());
    let matrix =
        matrix.ok_or_else(|| ArtworkRefusal::Unsupported("AVIF in colours that are not read".to_owned()))?;
    let row = |x: u32, y: u32, row: &mut Vec<u8>| {
        let columns = x..x + (row.capacity() / 4) as u32;
        for x in columns.take_while(|x| *x < picture.width) {
            let alpha = alpha.as_ref().map_or(1.0, |alpha| alpha.luma(x, y));
            let rgb = matrix.rgb(picture.sample(x, y));
            let whole = if *premultiplied_alpha && alpha > 0.0 { 1.0 / alpha } else { 1.0 };
            row.extend(rgb.map(|value| ((value * whole).clamp(0.0, 1.0) * 255.0 + 0.5) as u8));
            row.push((alpha * 255.0 + 0.5) as u8);
        }
    };
    let rows = Rows { width: picture.width, height: picture.height, row: &row };
    let (colours, notice) = match properties.profile {
        Some(profile) => Colours::of(Some(profile)),
        None => Colours::of_nclx(properties.nclx),
    };
    squared(&rows, &(colours, notice), None)
}

/// A decoded picture in its planes.
struct Planes {
    width: u32,
    height: u32,
    layout: PixelLayout,
    /// The largest value of a sample.
    most: f32,
    /// Bytes of a sample.
    bytes: usize,
    planes: Vec<(Vec<u8>, usize)>,
}

impl Planes {
    fn decode(item: &[u8]) -> Result<Self, ArtworkRefusal> {
        let broken = |error: Error| ArtworkRefusal::Broken(format!("AV1: {error}"));
        let mut settings = Settings::new();
        // no thread: the child may start none
        settings.set_n_threads(1);
        settings.set_max_frame_delay(1);
        settings.set_frame_size_limit(MOST * MOST);
        let mut decoder = Decoder::with_settings(&settings).map_err(broken)?;
        match decoder.send_data(item.to_vec(), None, None, None) {
            Ok(()) | Err(Error::Again) => {}
            Err(error) => return Err(broken(error)),
        }
        Self::of(&decoder.get_picture().map_err(broken)?)
    }

    fn of(picture: &Picture) -> Result<Self, ArtworkRefusal> {
        let depth = picture.bits_per_component().map(|bits| bits.0);
        let depth = depth.ok_or_else(|| ArtworkRefusal::Unsupported("AVIF of another depth".to_owned()))?;
        let layout = picture.pixel_layout();
        use PlanarImageComponent::{U, V, Y};
        let components = if layout == PixelLayout::I400 { vec![Y] } else { vec![Y, U, V] };
        let plane = |component| (picture.plane(component).to_vec(), picture.stride(component) as usize);
        Ok(Self {
            width: picture.width(),
            height: picture.height(),
            layout,
            most: ((1_u32 << depth) - 1) as f32,
            bytes: if depth > 8 { 2 } else { 1 },
            planes: components.into_iter().map(plane).collect(),
        })
    }

    fn is_monochrome(&self) -> bool {
        self.layout == PixelLayout::I400
    }

    /// A sample of a plane, from 0 to 1; 0 beyond its end.
    fn at(&self, plane: usize, x: u32, y: u32) -> f32 {
        let Some((bytes, stride)) = self.planes.get(plane) else { return 0.5 };
        let at = y as usize * stride + x as usize * self.bytes;
        let value = match bytes.get(at..at + self.bytes) {
            Some([value]) => u16::from(*value),
            Some([low, high]) => u16::from_ne_bytes([*low, *high]),
            _ => 0,
        };
        f32::from(value) / self.most
    }

    fn luma(&self, x: u32, y: u32) -> f32 {
        self.at(0, x, y)
    }

    /// Luma and both chroma of a pixel. Chroma is that of the nearest place: it is averaged away where pictures become smaller.
    fn sample(&self, x: u32, y: u32) -> [f32; 3] {
        let (cx, cy) = match self.layout {
            PixelLayout::I420 => (x / 2, y / 2),
            PixelLayout::I422 => (x / 2, y),
            PixelLayout::I444 | PixelLayout::I400 => (x, y),
        };
        [self.at(0, x, y), self.at(1, cx, cy), self.at(2, cx, cy)]
    }
}
