//! One picture from a file: whole, and the right way up.

use std::fs;
use std::io::{self, Cursor};
use std::path::Path;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageReader};

use super::parts;
use crate::{DataError, read};

/// Decodes a picture and turns it as its EXIF orientation says.
///
/// Decoders fill what a file lacks with grey, so its parts are walked over first.
pub(super) fn open(path: &Path) -> Result<DynamicImage, DataError> {
    let bytes = fs::read(path).map_err(|source| read::failed(path, source))?;
    let late_orientation = match parts::walk(&bytes) {
        Ok(exif) => exif.and_then(Orientation::from_exif_chunk),
        Err(part) => return Err(truncated(path, bytes.len(), part)),
    };
    let failed = |source| match source {
        ImageError::IoError(source) if source.kind() == io::ErrorKind::UnexpectedEof => {
            truncated(path, bytes.len(), "its pixels")
        }
        ImageError::IoError(source) => read::failed(path, source),
        source => DataError::Image {
            path: path.to_path_buf(),
            source,
        },
    };
    let reader = ImageReader::with_format(Cursor::new(&bytes), image::ImageFormat::Png);
    let reader = reader
        .with_guessed_format()
        .map_err(|source| read::failed(path, source))?;
    let mut decoder = reader.into_decoder().map_err(failed)?;
    let orientation = decoder.orientation().map_err(failed)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(failed)?;
    picture.apply_orientation(match orientation {
        // PNG may have its EXIF after the pixels, where the decoder does not look.
        Orientation::NoTransforms => late_orientation.unwrap_or(orientation),
        found => found,
    });
    Ok(picture)
}

fn truncated(path: &Path, found: usize, part: &'static str) -> DataError {
    DataError::ImageTruncated {
        path: path.to_path_buf(),
        found,
        part,
    }
}
