use std::path::Path;

use image::{ExtendedColorType, ImageEncoder, RgbImage, codecs::png::PngEncoder};

use crate::PlotError;

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

/// The ending of the path in small letters, empty when there is none.
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
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes)
        .write_image(
            image.as_raw(),
            image.width(),
            image.height(),
            ExtendedColorType::Rgb8,
        )
        .map_err(|source| PlotError::Encode {
            path: path.to_owned(),
            source,
        })?;
    save_bytes(&bytes, path)
}

pub(crate) fn save_bytes(bytes: &[u8], path: &Path) -> Result<(), PlotError> {
    thalweg_file::write(path, bytes).map_err(|source| PlotError::Write {
        path: path.to_owned(),
        source,
    })
}
