//! Limits of a picture's size, and its file.

use std::io::Cursor;
use std::path::Path;

use image::{ImageFormat, RgbImage};

use crate::PlotError;
use crate::render::draw_error;

/// The largest number of pixels along a side.
const SIDE_LIMIT: usize = 16_384;

pub(crate) fn check_side(width: usize, height: usize) -> Result<(u32, u32), PlotError> {
    match (u32::try_from(width), u32::try_from(height)) {
        (Ok(w), Ok(h)) if width.max(height) <= SIDE_LIMIT => Ok((w, h)),
        _ => Err(PlotError::TooLarge {
            width,
            height,
            limit: SIDE_LIMIT,
        }),
    }
}

/// The extension of the path in lower case, or an empty text.
pub(crate) fn extension(path: &Path) -> String {
    path.extension()
        .map(|end| end.to_string_lossy().to_lowercase())
        .unwrap_or_default()
}

pub(crate) fn save_png(image: &RgbImage, path: &Path) -> Result<(), PlotError> {
    if extension(path) != "png" {
        return Err(PlotError::Extension {
            path: path.to_owned(),
            allowed: ".png",
        });
    }
    let mut bytes = Cursor::new(Vec::new());
    let encoded = image.write_to(&mut bytes, ImageFormat::Png);
    encoded.map_err(draw_error)?;
    save_bytes(bytes.get_ref(), path)
}

pub(crate) fn save_bytes(bytes: &[u8], path: &Path) -> Result<(), PlotError> {
    thalweg_file::write(path, bytes).map_err(|source| PlotError::Write {
        path: path.to_owned(),
        source,
    })
}
