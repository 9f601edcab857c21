//! Images for a model in chunks.

use std::path::{Path, PathBuf};

use thalweg::data::Images;
use thalweg::images::AnyImages;

use super::one::picture;
use super::{is_missing, is_picture};
use crate::failure::Failure;

/// Images that are scored together; also the unit of `--part`.
const CHUNK: usize = 64;

/// Images for a model, part by part, without the memory of all pictures of a folder.
pub(crate) struct ImageChunks<'a> {
    model: &'a AnyImages,
    pub(super) source: Source,
    done: usize,
}

/// Where the images come from.
pub(super) enum Source {
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
