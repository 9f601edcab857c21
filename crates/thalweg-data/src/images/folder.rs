//! A folder of pictures.

use std::fs;
use std::path::{Path, PathBuf};

use image::imageops::FilterType;
use image::{DynamicImage, ImageError, ImageReader};

use crate::read::{self, MAX_BYTES};
use crate::{DataError, Images};

/// The size that pictures are brought to: the largest centred square, scaled to `side × side`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resize {
    /// Pixels a side, in `1..=4096`.
    pub side: u32,
}

const MAX_SIDE: u32 = 4096;

impl Images {
    /// Reads every PNG and JPEG of a folder as RGB images of 256 levels, in the order of their
    /// file names.
    ///
    /// Each picture is laid over white where it is transparent, cut to its largest centred square
    /// and scaled to [`Resize::side`] by a triangle filter. Files whose names end in neither
    /// `.png`, `.jpg` nor `.jpeg` (in any case) and folders inside are passed over. The images'
    /// names are the file names.
    ///
    /// # Errors
    ///
    /// [`DataError::Side`] if the side is out of range, [`DataError::Read`] and
    /// [`DataError::Image`] if a file cannot be read or decoded, [`DataError::Empty`] if the folder
    /// holds no picture, [`DataError::TooLarge`] if all pictures together would pass 4 GiB.
    pub fn from_folder(folder: &Path, resize: Resize) -> Result<Self, DataError> {
        let Resize { side } = resize;
        if !(1..=MAX_SIDE).contains(&side) {
            return Err(DataError::Side {
                side,
                bound: MAX_SIDE,
            });
        }
        let paths = pictures(folder)?;
        if paths.is_empty() {
            return Err(DataError::Empty {
                path: folder.to_path_buf(),
                what: "no file that ends in .png, .jpg or .jpeg",
            });
        }
        let bytes = paths.len() as u64 * u64::from(side) * u64::from(side) * 3;
        if bytes > MAX_BYTES {
            return Err(DataError::TooLarge {
                path: folder.to_path_buf(),
                size: format!("{bytes} bytes"),
                bound: MAX_BYTES,
            });
        }

        let mut pixels = Vec::new();
        let mut names = Vec::new();
        for path in paths {
            pixels.extend(square(open(&path)?, side));
            names.push(file_name(&path));
        }
        let mut images = Images::new([3, side as usize, side as usize], pixels);
        images.names = Some(names);
        Ok(images)
    }
}

/// The folder's pictures by file name, so that the order does not depend on the file system.
fn pictures(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let failed = |source| read::failed(folder, source);
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let extension = path.extension().map(|e| e.to_ascii_lowercase());
        let known = ["png", "jpg", "jpeg"];
        if path.is_file() && extension.is_some_and(|e| known.iter().any(|&k| e == k)) {
            paths.push(path);
        }
    }
    paths.sort_by_key(|path| file_name(path));
    Ok(paths)
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn open(path: &Path) -> Result<DynamicImage, DataError> {
    let reader = ImageReader::open(path)
        .and_then(ImageReader::with_guessed_format)
        .map_err(|source| read::failed(path, source))?;
    reader.decode().map_err(|source| match source {
        ImageError::IoError(source) => read::failed(path, source),
        source => DataError::Image {
            path: path.to_path_buf(),
            source,
        },
    })
}

/// The centred square of a picture at the given side, over white, channels first.
fn square(picture: DynamicImage, side: u32) -> Vec<u8> {
    let (width, height) = (picture.width(), picture.height());
    let short = width.min(height);
    let square = picture.crop_imm((width - short) / 2, (height - short) / 2, short, short);
    let mut rgba = square.into_rgba8();
    for pixel in rgba.pixels_mut() {
        let [.., alpha] = pixel.0;
        for value in &mut pixel.0[..3] {
            *value = over_white(*value, alpha);
        }
    }
    // White is laid under before scaling, so that hidden colours do not bleed into edges.
    let rgb = DynamicImage::ImageRgba8(rgba)
        .resize_exact(side, side, FilterType::Triangle)
        .into_rgb8();
    super::planes(rgb.as_raw(), 3).collect()
}

/// `alpha · value + (1 − alpha) · white`, rounded.
fn over_white(value: u8, alpha: u8) -> u8 {
    let (value, alpha) = (u32::from(value), u32::from(alpha));
    let blend = value * alpha + 255 * (255 - alpha);
    ((blend + 127) / 255) as u8
}
