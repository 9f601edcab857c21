//! A density that was fitted to images.

#[cfg(feature = "check")]
mod check;
mod draws;
mod latents;
mod score;
mod text;

use std::path::Path;

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use thalweg_data::Images;
use thalweg_flow::{BitsPerDim, Dequantize};
use thalweg_models::{ImageSize, file};

use crate::description::Description;
use crate::model::ImageModel;
use crate::{ImageKind, ImagesError, ImagesSummary};

/// A density that was fitted to images.
///
/// ```no_run
/// use thalweg_data::digits;
/// use thalweg_images::{FittedImages, ImageDensity};
///
/// let images = digits();
/// let model = ImageDensity::new().fit(&images)?;
/// println!("{model}");
/// let nats = model.log_prob(&images.select(&[0, 1, 2]))?;
/// let p_values = model.p_values(&nats)?;
/// let drawn = model.sample(100, 0.7, 0)?;
/// model.save("digits.safetensors")?;
/// let model = FittedImages::load("digits.safetensors", &Default::default())?;
/// # Ok::<(), thalweg_images::ImagesError>(())
/// ```
#[derive(Debug)]
pub struct FittedImages {
    pub(crate) description: Description,
    model: ImageModel,
    device: Device,
}

/// Numbers of the images that are computed together.
const CHUNK: usize = 1 << 18;

impl FittedImages {
    pub(crate) fn new(description: Description, model: ImageModel, device: &Device) -> Self {
        Self {
            description,
            model: model.valid(),
            device: device.clone(),
        }
    }

    /// The model.
    pub fn kind(&self) -> ImageKind {
        self.description.summary.kind
    }

    /// Size and levels of the images.
    pub fn image(&self) -> ImageSize {
        self.description.image
    }

    /// The model's sizes in words.
    pub fn architecture(&self) -> String {
        self.description.architecture.words()
    }

    /// What was done and what was reached.
    pub fn summary(&self) -> &ImagesSummary {
        &self.description.summary
    }

    /// Converts nats an image to bits a dimension.
    pub fn units(&self) -> BitsPerDim {
        self.dequantize().bits_per_dim(self.image().numbers())
    }

    /// Saves the density in one file: size and levels of the images, model, held-out scores, the summary.
    ///
    /// # Errors
    ///
    /// When the file cannot be written; an older file at `path` is then unchanged.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), ImagesError> {
        Ok(file::save_model(&self.description, &self.model, path)?)
    }

    /// The density in a file, on `device`.
    ///
    /// # Errors
    ///
    /// When the file is not a whole and unaltered density of images, in this format or an earlier one.
    pub fn load(path: impl AsRef<Path>, device: &Device) -> Result<Self, ImagesError> {
        let (description, model) = file::load_with_config::<Description>(path, device)?;
        Ok(Self::new(description, model, device))
    }

    /// Images as the model takes them: grey or in colour, with its levels. Their size stays.
    ///
    /// # Errors
    ///
    /// Images of another height or width than the model's.
    pub fn conform(&self, images: &Images) -> Result<Images, ImagesError> {
        let images = match (self.image().channels, images.channels()) {
            (1, 3) => images.to_grey(),
            (3, 1) => images.to_colour(),
            _ => images.clone(),
        };
        let images = images.to_levels(self.image().levels)?;
        self.require(&images)?;
        Ok(images)
    }

    /// An error unless images have the model's size and levels.
    pub(crate) fn require(&self, images: &Images) -> Result<(), ImagesError> {
        let image = self.image();
        match images.size() == image.shape() && images.levels() == image.levels {
            true => Ok(()),
            false => Err(ImagesError::Size {
                found: images.size(),
                levels: images.levels(),
                expected: image.shape(),
                model_levels: image.levels,
            }),
        }
    }

    fn dequantize(&self) -> Dequantize {
        Dequantize::uniform(self.image().levels)
    }

    /// The rows of chunks of images, or of latents, of this many numbers.
    fn chunks(count: usize, numbers: usize) -> impl Iterator<Item = Vec<usize>> {
        let size = (CHUNK / numbers.max(1)).max(1);
        (0..count)
            .step_by(size)
            .map(move |start| (start..count.min(start + size)).collect())
    }

    /// Images of the model's levels from the unit cube.
    fn quantized(&self, y: Tensor<4>) -> Result<Vec<u8>, ImagesError> {
        let levels = self.dequantize().quantize(y);
        let levels = levels
            .try_into_data()
            .map_err(thalweg_flow::FlowError::from)?;
        // Quantized numbers are levels, of which there are at most 256.
        Ok(levels.iter::<f32>().map(|level| level as u8).collect())
    }

    fn images_of(&self, pixels: Vec<u8>) -> Result<Images, ImagesError> {
        let image = self.image();
        Ok(Images::from_pixels(image.shape(), image.levels, pixels)?)
    }
}
