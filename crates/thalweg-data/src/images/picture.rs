//! Pictures from files: complete, and rotated as their EXIF data say.

use std::fs;
use std::io::{self, Cursor};
use std::path::Path;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader};

use crate::read::FileError;

/// Decodes a picture and applies its EXIF orientation.
///
/// Decoders fill missing pixels with grey, so the file's structure is checked first.
pub(super) fn open(path: &Path) -> Result<DynamicImage, FileError> {
    let bytes = fs::read(path)?;
    let truncated = |part| FileError::ImageTruncated {
        found: bytes.len(),
        part,
    };
    let exif = walk(&bytes).map_err(truncated)?;
    let failed = |error| match error {
        ImageError::IoError(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            truncated("its pixels")
        }
        ImageError::IoError(error) => FileError::Read(error),
        error => FileError::Image(error),
    };
    let reader = ImageReader::with_format(Cursor::new(&bytes), ImageFormat::Png);
    let decoder = reader.with_guessed_format()?.into_decoder();
    let mut decoder = decoder.map_err(failed)?;
    let orientation = decoder.orientation().map_err(failed)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(failed)?;
    picture.apply_orientation(match orientation {
        // PNG may have its EXIF data after the pixels, where the decoder does not find them.
        Orientation::NoTransforms => exif
            .and_then(Orientation::from_exif_chunk)
            .unwrap_or(orientation),
        found => found,
    });
    Ok(picture)
}

const PNG: [u8; 8] = *b"\x89PNG\r\n\x1a\n";

/// Walks to the end of a PNG or JPEG file; the decoder checks files of other formats.
///
/// Returns the EXIF data of a PNG. The error names the part in which the file ends.
fn walk(bytes: &[u8]) -> Result<Option<&[u8]>, &'static str> {
    if let Some(chunks) = bytes.strip_prefix(&PNG) {
        return png(chunks);
    }
    match bytes {
        [0xff, 0xd8, segments @ ..] => jpeg(segments).map(|()| None),
        [] => Err("nothing: it is empty"),
        _ => Ok(None),
    }
}

/// Chunks of a length, a name of four letters, the data, a checksum (PNG specification, 5.3).
fn png(mut rest: &[u8]) -> Result<Option<&[u8]>, &'static str> {
    let mut exif = None;
    loop {
        let (head, after) = rest.split_first_chunk::<8>().ok_or("a chunk's head")?;
        let [a, b, c, d, name @ ..] = *head;
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        let data = after.get(..length).ok_or(match &name {
            b"IDAT" => "its pixels",
            _ => "a chunk's data",
        })?;
        let after = after[length..].split_first_chunk::<4>();
        (_, rest) = after.ok_or("a checksum")?;
        match &name {
            b"eXIf" => exif = Some(data),
            b"IEND" => return Ok(exif),
            _ => {}
        }
    }
}

/// Segments of a marker and a length, and scans, which end at the next marker (ITU T.81, B.1).
fn jpeg(mut rest: &[u8]) -> Result<(), &'static str> {
    loop {
        // Not markers: 0xff before 0 or a restart marker inside a scan, and fill bytes.
        let is_marker =
            |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0x01 | 0xd0..=0xd7 | 0xff);
        let at = rest.windows(2).position(is_marker).ok_or("its pixels")?;
        let marker = rest[at + 1];
        rest = &rest[at + 2..];
        if marker == 0xd9 {
            return Ok(());
        }
        let (length, _) = rest.split_first_chunk::<2>().ok_or("a segment's head")?;
        let length = usize::from(u16::from_be_bytes(*length)).max(2);
        rest = rest.get(length..).ok_or("a segment's data")?;
    }
}
