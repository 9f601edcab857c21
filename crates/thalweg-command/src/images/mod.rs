//! Sets of images that a command reads.

mod chunks;
mod one;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use thalweg::data::{DataError, FileError, Images, Resize};

use crate::failure::Failure;

pub(crate) use chunks::{ImageChunk, ImageChunks, Place};
pub(crate) use one::one;

/// The names of sets inside the program.
pub(crate) const EMBEDDED: [&str; 3] = ["digits", "faces", "fashion"];

/// The side of pictures where nothing is said.
const SIDE: u32 = 32;

/// Whether a name is that of images and not of a table: a set inside the program, a folder, a picture, an IDX file.
pub(crate) fn are_images(name: &str) -> bool {
    let path = Path::new(name);
    match name.strip_prefix('@') {
        Some(name) => EMBEDDED.contains(&name),
        None => path.is_dir() || is_picture(path) || is_idx(path),
    }
}

/// Whether a file is called as a picture is.
pub(crate) fn is_picture(path: &Path) -> bool {
    let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
    ending.is_some_and(|ending| {
        ["png", "jpg", "jpeg", "jpe", "jfif"]
            .iter()
            .any(|known| ending == *known)
    })
}

/// Whether a file begins as IDX images do, or is compressed and called as they are.
///
/// A pipe is a table: its first bytes cannot be read twice.
fn is_idx(path: &Path) -> bool {
    if !path.is_file() {
        return false;
    }
    let mut start = [0; 4];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut start));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    match start {
        _ if read.is_err() => false,
        [0, 0, 8, 3 | 4] => true,
        [0x1f, 0x8b, ..] => ["idx3", "idx4", ".idx"]
            .iter()
            .any(|part| name.contains(part)),
        _ => false,
    }
}

/// The images of a name, to fit a model to.
pub(crate) fn to_fit(
    name: &str,
    side: Option<u32>,
    levels: Option<u32>,
) -> Result<Images, Failure> {
    let path = Path::new(name);
    let no_side = |what: &str| match side {
        Some(_) => Err(Failure::Usage(format!(
            "`--side` scales pictures of a folder, and {name} is {what}, whose images keep their size"
        ))),
        None => Ok(()),
    };
    let images = match name.strip_prefix('@') {
        Some(set) => {
            no_side("a set inside the program")?;
            Images::embedded(set)?
        }
        None if path.is_dir() => match Images::mnist(path) {
            Ok((train, _)) => {
                no_side("a set in the format of MNIST")?;
                train
            }
            Err(error) if is_missing(&error) => {
                let side = side.unwrap_or(SIDE);
                grey(Images::from_folder(path, Resize { side })?)
            }
            Err(error) => return Err(error.into()),
        },
        None if is_picture(path) => {
            return Err(Failure::Usage(format!(
                "{name} is one picture; a density is fitted to a folder of them"
            )));
        }
        None => {
            no_side("an IDX file")?;
            Images::from_idx(path, None)?
        }
    };
    match levels {
        Some(levels) => Ok(images.with_levels(levels)?),
        None => Ok(images),
    }
}

/// Pictures without colour as grey images.
fn grey(images: Images) -> Images {
    if images.is_grey() {
        return images.to_grey();
    }
    images
}

/// Whether a folder has none of MNIST's files.
fn is_missing(error: &DataError) -> bool {
    matches!(
        error,
        DataError::File {
            problem: FileError::Missing { .. },
            ..
        }
    )
}
