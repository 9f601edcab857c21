//! Sets of images that a command reads.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use thalweg::data::{DataError, FileError, Images, Resize};
use thalweg::images::AnyImages;

use crate::failure::Failure;

/// The names of sets inside the program.
pub(crate) const EMBEDDED: [&str; 3] = ["digits", "faces", "fashion"];

/// The side of pictures where nothing is said.
const SIDE: u32 = 32;

/// Images that are scored together; also the unit of `--part`.
const CHUNK: usize = 64;

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

/// Images for a model, part by part, without the memory of all pictures of a folder.
pub(crate) struct ImageChunks<'a> {
    model: &'a AnyImages,
    source: Source,
    done: usize,
}

enum Source {
    Whole(Images),
    Pictures(Vec<PathBuf>),
}

/// An image of a set: its name, and its index among the chunk's images or the reason why it is not there.
pub(crate) struct Place {
    pub(crate) name: String,
    pub(crate) image: Result<usize, String>,
}

/// Some images of a set in order.
pub(crate) struct ImageChunk {
    pub(crate) images: Images,
    pub(crate) places: Vec<Place>,
}

impl ImageChunk {
    /// The images, of which each one has to be read.
    pub(crate) fn whole(self) -> Result<Images, Failure> {
        let problems = self.places.into_iter().map(|place| place.image.err());
        match problems.flatten().next() {
            Some(problem) => Err(Failure::Image { problem }),
            None => Ok(self.images),
        }
    }
}

impl<'a> ImageChunks<'a> {
    /// The images of a name: pictures with the side of the model, of a set in the format of MNIST its test part.
    pub(crate) fn open(name: &str, model: &'a AnyImages) -> Result<Self, Failure> {
        let path = Path::new(name);
        let source = match name.strip_prefix('@') {
            Some(set) => Source::Whole(model.conform(&Images::embedded(set)?)?),
            None if path.is_dir() => match Images::mnist(path) {
                Ok((_, test)) => Source::Whole(test.with_levels(model.image().levels)?),
                Err(error) if is_missing(&error) => Source::Pictures(Images::pictures_of(path)?),
                Err(error) => return Err(error.into()),
            },
            None if is_picture(path) => Source::Pictures(vec![path.to_owned()]),
            None => {
                let images = Images::from_idx(path, None)?;
                Source::Whole(images.with_levels(model.image().levels)?)
            }
        };
        Ok(Self {
            model,
            source,
            done: 0,
        })
    }

    /// The first `count` images, or all where there are fewer. One that cannot be read is an error.
    pub(crate) fn first(mut self, count: usize) -> Result<Images, Failure> {
        if let Source::Pictures(paths) = &mut self.source {
            paths.truncate(count);
        }
        let images = self.all()?;
        Ok(images.select(&(0..images.count().min(count)).collect::<Vec<_>>()))
    }

    /// All images, of which each one has to be read.
    pub(crate) fn all(self) -> Result<Images, Failure> {
        if let Source::Whole(images) = self.source {
            return Ok(images);
        }
        let mut parts = Vec::new();
        for chunk in self {
            parts.push(chunk?.whole()?);
        }
        Ok(Images::join(&parts)?)
    }
}

impl Iterator for ImageChunks<'_> {
    type Item = Result<ImageChunk, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.done;
        let count = match &self.source {
            Source::Whole(images) => images.count(),
            Source::Pictures(paths) => paths.len(),
        };
        let rows = start..count.min(start + CHUNK);
        self.done = rows.end;
        if rows.is_empty() {
            return None;
        }
        Some(match &self.source {
            Source::Whole(images) => {
                let place = |(index, row): (usize, usize)| Place {
                    name: images
                        .names()
                        .map_or(row.to_string(), |names| names[row].clone()),
                    image: Ok(index),
                };
                Ok(ImageChunk {
                    places: rows.clone().enumerate().map(place).collect(),
                    images: images.select(&rows.collect::<Vec<_>>()),
                })
            }
            Source::Pictures(paths) => pictures(self.model, &paths[rows]),
        })
    }
}

/// Some pictures, each for itself, so that a damaged one is an error of its own.
fn pictures(model: &AnyImages, paths: &[PathBuf]) -> Result<ImageChunk, Failure> {
    let mut images = Vec::new();
    let mut places = Vec::new();
    for path in paths {
        let image = match picture(path, model) {
            Ok(image) => {
                images.push(image);
                Ok(images.len() - 1)
            }
            Err(problem) => Err(problem.to_string()),
        };
        let name = path.file_name().unwrap_or_default();
        places.push(Place {
            name: name.to_string_lossy().into_owned(),
            image,
        });
    }
    let images = match images.is_empty() {
        true => {
            let image = model.image();
            Images::from_pixels(image.shape(), image.levels, vec![])?
        }
        false => Images::join(&images)?,
    };
    Ok(ImageChunk { images, places })
}

/// A picture as a model takes it.
fn picture(path: &Path, model: &AnyImages) -> Result<Images, Failure> {
    let image = model.image();
    let side = u32::try_from(image.height).unwrap_or(u32::MAX);
    Ok(model.conform(&Images::from_picture(path, Resize { side })?)?)
}

/// One image: a picture, or `SET:INDEX`, as `@digits:5`.
pub(crate) fn one(name: &str, model: &AnyImages) -> Result<Images, Failure> {
    if is_picture(Path::new(name)) {
        return picture(Path::new(name), model);
    }
    let split = name.rsplit_once(':');
    let Some((set, index)) =
        split.and_then(|(set, index)| Some((set, index.parse::<usize>().ok()?)))
    else {
        return Err(Failure::Usage(format!(
            "\"{name}\" is no image; give a picture, or a set and an index from 0, such as @digits:5"
        )));
    };
    let chunks = ImageChunks::open(set, model)?;
    let count = match &chunks.source {
        Source::Whole(images) => images.count(),
        Source::Pictures(paths) => paths.len(),
    };
    if index >= count {
        return Err(Failure::Usage(format!(
            "{set} has {count} images, so its indices are below {count}, and {index} is asked for"
        )));
    }
    match &chunks.source {
        Source::Whole(images) => Ok(images.select(&[index])),
        Source::Pictures(paths) => picture(&paths[index], model),
    }
}
