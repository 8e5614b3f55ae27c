//! Frames to H.264: constrained baseline, 4:2:0, BT.709 in the video's range.

use std::ops::Range;

use openh264::{
    OpenH264API,
    encoder::{
        BitRate, Complexity, Encoder, EncoderConfig, FrameRate, FrameType, IntraFramePeriod, Profile,
        QpRange, RateControlMode, UsageType, VuiConfig,
    },
    formats::YUVSlices,
};

use crate::{canvas::Canvas, error::ClipError};

/// Frames in a second.
pub const FRAME_RATE: u32 = 30;

/// Frames from one keyframe to the next: two seconds.
const KEYFRAME_EVERY: u32 = 60;

/// The quantiser, which is the same everywhere: what moves is text, whose edges are what is looked at.
const QUANTISER: u8 = 20;

/// Bits a second, which nothing reaches: level 4.0 follows.
const MOST_BITS: u32 = 12_000_000;

/// An encoded frame: NAL units, each behind its length in four bytes (ISO/IEC 14496-15 §5.3.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VideoFrame {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Whether a player may begin with it.
    pub key: bool,
}

/// Encodes frames one after the other.
pub struct VideoEncoder {
    encoder: Encoder,
    planes: Planes,
    /// The sequence parameter set, once there is one.
    pub sps: Vec<u8>,
    /// The picture parameter set.
    pub pps: Vec<u8>,
}

/// A frame in luma and halved chroma.
struct Planes {
    width: usize,
    height: usize,
    y: Vec<u8>,
    u: Vec<u8>,
    v: Vec<u8>,
}

impl VideoEncoder {
    /// An encoder of frames of that size in pixels, both even.
    ///
    /// # Errors
    /// If the encoder cannot be made.
    pub fn new(width: usize, height: usize) -> Result<VideoEncoder, ClipError> {
        let config = EncoderConfig::new()
            .profile(Profile::Baseline)
            .usage_type(UsageType::CameraVideoRealTime)
            .complexity(Complexity::Low)
            // the mode that looks at buffers alone: it keeps to the one quantiser, which without any mode is another
            .rate_control_mode(RateControlMode::Bufferbased)
            .bitrate(BitRate::from_bps(MOST_BITS))
            .qp(QpRange::new(QUANTISER, QUANTISER))
            .max_frame_rate(FrameRate::from_hz(FRAME_RATE as f32))
            .intra_frame_period(IntraFramePeriod::from_num_frames(KEYFRAME_EVERY))
            .skip_frames(false)
            .scene_change_detect(false)
            .adaptive_quantization(false)
            .background_detection(false)
            // one thread, so that bytes are the same everywhere
            .num_threads(1)
            .vui(VuiConfig::bt709());
        let encoder = Encoder::with_api_config(OpenH264API::from_source(), config).map_err(video)?;
        let (luma, chroma) = (vec![16; width * height], vec![128; width * height / 4]);
        let planes = Planes { width, height, y: luma, u: chroma.clone(), v: chroma };
        Ok(VideoEncoder { encoder, planes, sps: Vec::new(), pps: Vec::new() })
    }

    /// Encodes a canvas, of which only those rows differ from the one before.
    ///
    /// # Errors
    /// If the encoder fails.
    pub fn encode(
        &mut self,
        canvas: &Canvas,
        changed: Option<Range<usize>>,
    ) -> Result<VideoFrame, ClipError> {
        if let Some(rows) = changed {
            self.planes.convert(canvas, rows);
        }
        let Planes { width, height, y, u, v } = &self.planes;
        let slices = YUVSlices::new((y, u, v), (*width, *height), (*width, width / 2, width / 2));
        let stream = self.encoder.encode(&slices).map_err(video)?;
        let key = matches!(stream.frame_type(), FrameType::IDR);
        let mut bytes = Vec::new();
        for layer in (0..stream.num_layers()).filter_map(|layer| stream.layer(layer)) {
            for unit in (0..layer.nal_count()).filter_map(|unit| layer.nal_unit(unit)) {
                let unit = unit
                    .strip_prefix(&[0, 0, 0, 1])
                    .or_else(|| unit.strip_prefix(&[0, 0, 1]))
                    .unwrap_or(unit);
                match unit.first().map(|header| header & 31) {
                    Some(7) => unit.clone_into(&mut self.sps),
                    Some(8) => unit.clone_into(&mut self.pps),
                    _ => {
                        bytes.extend_from_slice(&(unit.len() as u32).to_be_bytes());
                        bytes.extend_from_slice(unit);
                    }
                }
            }
        }
        if bytes.is_empty() {
            return Err(ClipError::Video("it left out a frame".to_owned()));
        }
        Ok(VideoFrame { bytes, key })
    }
}

impl Planes {
    /// Rows of RGB to Y'CbCr of BT.709, 16 to 235 and 16 to 240 (Recommendation ITU-R BT.709-6 §3).
    fn convert(&mut self, canvas: &Canvas, rows: Range<usize>) {
        let (width, height) = (self.width, self.height);
        let rows = rows.start & !1..((rows.end + 1) & !1).min(height);
        let luma = self.y.get_mut(rows.start * width..rows.end * width).unwrap_or_default();
        for (luma, pixel) in luma.iter_mut().zip(canvas.rows(rows.clone()).chunks_exact(3)) {
            let &[red, green, blue] = pixel else { continue };
            let sum = 11_966 * i32::from(red) + 40_254 * i32::from(green) + 4_064 * i32::from(blue);
            *luma = ((sum + (16 << 16) + (1 << 15)) >> 16) as u8;
        }
        let half = width / 2;
        for row in rows.step_by(2) {
            let (first, second) = (canvas.rows(row..row + 1), canvas.rows(row + 1..row + 2));
            let at = row / 2 * half..(row / 2 + 1) * half;
            let (Some(u), Some(v)) = (self.u.get_mut(at.clone()), self.v.get_mut(at)) else { continue };
            let pairs = first.chunks_exact(6).zip(second.chunks_exact(6));
            for ((u, v), (above, below)) in u.iter_mut().zip(v).zip(pairs) {
                let (&[a, b, c, x, y, z], &[d, e, f, p, q, r]) = (above, below) else { continue };
                let sum = |parts: [u8; 4]| parts.into_iter().map(i32::from).sum::<i32>();
                let [red, green, blue] = [sum([a, x, d, p]), sum([b, y, e, q]), sum([c, z, f, r])];
                // four pixels, so two bits more
                let chroma = |sum: i32| ((sum + (128 << 18) + (1 << 17)) >> 18) as u8;
                *u = chroma(-6_596 * red - 22_189 * green + 28_784 * blue);
                *v = chroma(28_784 * red - 26_145 * green - 2_639 * blue);
            }
        }
    }
}

fn video(error: openh264::Error) -> ClipError {
    ClipError::Video(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_those_of_bt_709() {
        // red, green, blue, white, black by the formulas of BT.709-6
        for (rgb, expected) in [
            ([255, 0, 0], [63, 102, 240]),
            ([0, 255, 0], [173, 42, 26]),
            ([0, 0, 255], [32, 240, 118]),
            ([255, 255, 255], [235, 128, 128]),
            ([0, 0, 0], [16, 128, 128]),
            ([128, 128, 128], [126, 128, 128]),
        ] {
            let mut planes = Planes { width: 4, height: 4, y: vec![0; 16], u: vec![0; 4], v: vec![0; 4] };
            planes.convert(&Canvas::new(4, 4, rgb), 1..2);
            for (plane, expected) in
                [&planes.y[..8], &planes.u[..2], &planes.v[..2]].into_iter().zip(expected)
            {
                assert!(
                    plane.iter().all(|part| part.abs_diff(expected) <= 1),
                    "{rgb:?}: {plane:?}, not {expected}"
                );
            }
            assert!(planes.y[8..].iter().chain(&planes.u[2..]).all(|part| *part == 0), "other rows stay");
        }
    }
}
