//! Folders of pictures.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use image::DynamicImage;
use image::imageops::FilterType;

use super::picture;
use crate::read::{FileError, MAX_BYTES};
use crate::{DataError, Images};

/// The size of the images: the largest centred square of each picture, scaled to `side × side`.
///
/// See [`Images::from_folder`] for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resize {
    /// Pixels a side, in `1..=4096`.
    pub side: u32,
}

const MAX_SIDE: u32 = 4096;

impl Images {
    /// Reads every PNG and JPEG of a folder as RGB images of 256 levels, ordered by file name.
    ///
    /// Each picture is rotated by its EXIF orientation, blended over white where it is
    /// transparent, cropped to its largest centred square and scaled to [`Resize::side`] by a
    /// triangle filter. Channels of 16 bits are rounded to 8. An animation gives its still picture.
    /// The images' names are the file names.
    ///
    /// Pictures are files that end in `.png`, `.jpg`, `.jpeg`, `.jpe` or `.jfif`, in any case.
    /// Pictures of other formats are an error, since they would be missing. All other files, hidden
    /// files (their names begin with a dot) and subfolders are ignored.
    ///
    /// ```
    /// use thalweg_data::{Images, Resize, digits};
    ///
    /// # let folder = std::env::temp_dir().join(format!("thalweg-pictures-{}", std::process::id()));
    /// let few = digits().select(&[0, 1, 2]);
    /// let paths = few.to_levels(256)?.save_pictures(&folder)?;
    /// assert_eq!(Images::pictures_of(&folder)?, paths);
    /// let read = Images::from_folder(&folder, Resize { side: 8 })?;
    /// let second = Images::from_picture(&paths[1], Resize { side: 8 })?;
    /// # std::fs::remove_dir_all(&folder).ok();
    /// assert_eq!(second.pixels(), read.image(1));
    /// assert_eq!(read.to_grey().to_levels(17)?.pixels(), few.pixels());
    /// # Ok::<(), thalweg_data::DataError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`DataError::Side`] if the side is out of range. [`DataError::File`] for a picture that
    /// cannot be read or decoded, ends early or has another format, for a folder without pictures,
    /// and for pictures of more than 4 GiB together.
    pub fn from_folder(folder: &Path, resize: Resize) -> Result<Self, DataError> {
        let side = resize.checked()?;
        let paths = Self::pictures_of(folder)?;
        let bytes = paths.len() as u64 * u64::from(side) * u64::from(side) * 3;
        if bytes > MAX_BYTES {
            return Err(FileError::TooLarge(format!("{bytes} bytes of pixels")).at(folder));
        }
        let (mut pixels, mut names) = (Vec::new(), Vec::new());
        for path in paths {
            pixels.extend(pixels_of(&path, side)?);
            names.push(name_of(&path));
        }
        let mut images = Images::new([3, side as usize, side as usize], pixels);
        images.names = Some(names);
        Ok(images)
    }

    /// One PNG or JPEG as [`from_folder`](Self::from_folder) reads those of a folder, with its name.
    ///
    /// See [`from_folder`](Self::from_folder) for an example.
    ///
    /// # Errors
    ///
    /// [`DataError::Side`] and [`DataError::File`] as there.
    pub fn from_picture(path: &Path, resize: Resize) -> Result<Self, DataError> {
        let side = resize.checked()?;
        let pixels = pixels_of(path, side)?;
        let mut images = Images::new([3, side as usize, side as usize], pixels);
        images.names = Some(vec![name_of(path)]);
        Ok(images)
    }

    /// The paths of the pictures of a folder in the order of [`from_folder`](Self::from_folder), to read them one by
    /// one with [`from_picture`](Self::from_picture).
    ///
    /// # Errors
    ///
    /// [`DataError::File`] for a folder that cannot be read, has no pictures, or has pictures of other formats.
    pub fn pictures_of(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
        pictures(folder)
    }
}

impl Resize {
    /// The side, if it is within its bounds.
    fn checked(self) -> Result<u32, DataError> {
        let Self { side } = self;
        match (1..=MAX_SIDE).contains(&side) {
            true => Ok(side),
            false => Err(DataError::Side {
                side,
                bound: MAX_SIDE,
            }),
        }
    }
}

/// The pixels of a picture, channels first.
fn pixels_of(path: &Path, side: u32) -> Result<Vec<u8>, DataError> {
    let picture = picture::open(path).map_err(|problem| problem.at(path))?;
    Ok(square(picture, side))
}

fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// The extensions of pictures that can be read.
const READABLE: [&str; 5] = ["png", "jpg", "jpeg", "jpe", "jfif"];

/// The extensions of other pictures.
const OTHERS: [&str; 13] = [
    "webp", "gif", "bmp", "tif", "tiff", "heic", "heif", "avif", "jxl", "jp2", "tga", "ppm", "pgm",
];

/// The folder's pictures by file name, so that the order does not depend on the file system.
fn pictures(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let failed = |source| FileError::Read(source).at(folder);
    let (mut paths, mut subfolders) = (Vec::new(), false);
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        // Hidden files are `.DS_Store`, or `._cat.png`, which macOS writes beside `cat.png`.
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        if name.starts_with(b".") {
            continue;
        }
        let extension = path.extension().map(OsStr::to_ascii_lowercase);
        let ends_in = |known: &[&str]| {
            let extension = extension.as_ref();
            extension.is_some_and(|extension| known.iter().any(|known| extension == known))
        };
        if path.is_dir() {
            subfolders = true;
        } else if ends_in(&READABLE) {
            // A dangling link is pushed too: opening it gives the error.
            paths.push(path);
        } else if ends_in(&OTHERS) {
            let error = FileError::Foreign {
                format: "a picture that is neither PNG nor JPEG",
                advice: "convert it to PNG, or move it out of the folder",
            };
            return Err(error.at(&path));
        }
    }
    if paths.is_empty() {
        let what = match subfolders {
            true => {
                "no file that ends in .png, .jpg or .jpeg, but subfolders, which are not searched; \
                 give one of them"
            }
            false => "no file that ends in .png, .jpg or .jpeg",
        };
        return Err(FileError::Empty(what).at(folder));
    }
    paths.sort_by(|one, other| one.file_name().cmp(&other.file_name()));
    Ok(paths)
}

/// The centred square of a picture with this side, over white, channels first.
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
    // Blending comes before scaling, so that invisible colours do not bleed into edges.
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
