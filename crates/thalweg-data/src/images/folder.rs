//! A folder of pictures.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use image::DynamicImage;
use image::imageops::FilterType;

use super::picture;
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
    /// Each picture is turned as its EXIF orientation says, laid over white where it is
    /// transparent, cut to its largest centred square and scaled to [`Resize::side`] by a triangle
    /// filter; 16 bits a channel are rounded to 8, and of an animation the still picture is taken.
    /// The images' names are the file names.
    ///
    /// Pictures are files that end in `.png`, `.jpg`, `.jpeg`, `.jpe` or `.jfif`, in any case. Other
    /// files, hidden files (those that begin with a dot) and folders inside are passed over, but for
    /// pictures of other formats, which are an error: they would be missing.
    ///
    /// # Errors
    ///
    /// [`DataError::Side`] if the side is out of range, [`DataError::Read`] and
    /// [`DataError::Image`] if a file cannot be read or decoded, [`DataError::ImageTruncated`] if
    /// its data end early, [`DataError::Foreign`] for a picture of another format,
    /// [`DataError::Empty`] if the folder holds no picture, [`DataError::TooLarge`] if all pictures
    /// together would pass 4 GiB.
    pub fn from_folder(folder: &Path, resize: Resize) -> Result<Self, DataError> {
        let Resize { side } = resize;
        if !(1..=MAX_SIDE).contains(&side) {
            return Err(DataError::Side {
                side,
                bound: MAX_SIDE,
            });
        }
        let paths = pictures(folder)?;
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
            pixels.extend(square(picture::open(&path)?, side));
            names.push(file_name(&path));
        }
        let mut images = Images::new([3, side as usize, side as usize], pixels);
        images.names = Some(names);
        Ok(images)
    }
}

/// How the names of pictures end that can be read.
const READ: [&str; 5] = ["png", "jpg", "jpeg", "jpe", "jfif"];

/// How the names of other pictures end.
const OTHERS: [&str; 13] = [
    "webp", "gif", "bmp", "tif", "tiff", "heic", "heif", "avif", "jxl", "jp2", "tga", "ppm", "pgm",
];

/// The folder's pictures by file name, so that the order does not depend on the file system.
fn pictures(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let failed = |source| read::failed(folder, source);
    let (mut paths, mut folders) = (Vec::new(), false);
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if is_hidden(&path) {
            continue;
        }
        let ends_in = |known: &[&str]| {
            let extension = path.extension().map(OsStr::to_ascii_lowercase);
            extension.is_some_and(|extension| known.iter().any(|&known| extension == known))
        };
        if path.is_dir() {
            folders = true;
        } else if ends_in(&READ) {
            // A link to nothing is one here, and an error when it is opened.
            paths.push(path);
        } else if ends_in(&OTHERS) {
            return Err(DataError::Foreign {
                path,
                what: "a picture that is neither PNG nor JPEG",
                way_out: "convert it to PNG, or move it out of the folder",
            });
        }
    }
    if paths.is_empty() {
        return Err(DataError::Empty {
            path: folder.to_path_buf(),
            what: match folders {
                true => {
                    "no file that ends in .png, .jpg or .jpeg, but folders, which are not searched; \
                     give one of them"
                }
                false => "no file that ends in .png, .jpg or .jpeg",
            },
        });
    }
    paths.sort_by(|one, other| one.file_name().cmp(&other.file_name()));
    Ok(paths)
}

/// Whether a file is one that systems hide: `.DS_Store`, or `._cat.png`, which macOS writes beside
/// `cat.png` and which is no picture.
fn is_hidden(path: &Path) -> bool {
    let name = path.file_name().map(OsStr::as_encoded_bytes);
    name.is_some_and(|name| name.starts_with(b"."))
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
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
