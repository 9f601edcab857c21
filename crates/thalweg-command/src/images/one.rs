//! Single images.

use std::path::Path;

use thalweg::data::{Images, Resize};
use thalweg::images::AnyImages;

use super::chunks::{ImageChunks, Source};
use super::is_picture;
use crate::failure::Failure;

/// A picture as a model takes it.
pub(super) fn picture(path: &Path, model: &AnyImages) -> Result<Images, Failure> {
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
