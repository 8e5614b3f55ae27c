//! Colours of a profile (ICC.1) to sRGB, a row at a time.

use std::sync::Arc;

use moxcms::{ColorProfile, DataColorSpace, Layout, TransformExecutor, TransformOptions};

/// What is done with the pixels of a picture.
pub(crate) enum Colours {
    /// They are sRGB.
    Srgb,
    /// They are changed to it.
    Changed(Arc<dyn TransformExecutor<u8> + Send + Sync>),
}

/// Longest profile that is read: printers' are 3 MiB.
const MOST: usize = 4 << 20;

impl Colours {
    /// By the profile that a picture brings; with a notice where it cannot be used.
    pub fn of(profile: Option<&[u8]>) -> (Self, Option<String>) {
        let Some(bytes) = profile else { return (Self::Srgb, None) };
        let notice = |why: &str| {
            (
                Self::Srgb,
                Some(format!("its colour profile {why} and was left out: the colours are taken for sRGB")),
            )
        };
        if bytes.len() > MOST {
            return notice("is too large");
        }
        let Ok(profile) = ColorProfile::new_from_slice(bytes) else { return notice("cannot be read") };
        match profile.color_space {
            DataColorSpace::Rgb => {}
            // its curve is that of sRGB, nearly
            DataColorSpace::Gray => return (Self::Srgb, None),
            DataColorSpace::Cmyk => return notice("is for printing (CMYK)"),
            _ => return notice("is not one of RGB"),
        }
        let srgb = ColorProfile::new_srgb();
        match profile.create_transform_8bit(Layout::Rgba, &srgb, Layout::Rgba, TransformOptions::default()) {
            Ok(transform) => (Self::Changed(transform), None),
            Err(_) => notice("cannot be applied"),
        }
    }

    /// By numbers of ITU-T H.273, as AVIF states them: P3 and BT.2020 are changed; what is for high dynamic range is not read.
    pub fn of_nclx(nclx: Option<(u16, u16, u16, bool)>) -> (Self, Option<String>) {
        let (primaries, transfer, ..) = nclx.unwrap_or((1, 13, 6, true));
        if matches!(transfer, 16 | 18) {
            let notice = "it is made for high dynamic range: its colours are near, not exact";
            return (Self::Srgb, Some(notice.to_owned()));
        }
        let profile = match primaries {
            9 => ColorProfile::new_bt2020(),
            12 => ColorProfile::new_display_p3(),
            _ => return (Self::Srgb, None),
        };
        let srgb = ColorProfile::new_srgb();
        let options = TransformOptions::default();
        match profile.create_transform_8bit(Layout::Rgba, &srgb, Layout::Rgba, options) {
            Ok(transform) => (Self::Changed(transform), None),
            Err(_) => (Self::Srgb, None),
        }
    }

    /// Changes a row of red, green, blue and alpha.
    pub fn apply(&self, row: &mut Vec<u8>) -> Result<(), String> {
        if let Self::Changed(transform) = self {
            let mut changed = vec![0; row.len()];
            transform.transform(row, &mut changed).map_err(|error| format!("its colour profile: {error}"))?;
            *row = changed;
        }
        Ok(())
    }
}
