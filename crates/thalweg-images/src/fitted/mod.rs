//! A density that was fitted to images.

mod text;

use std::ops::Deref;
use std::path::Path;

use burn::module::Module;
use burn::tensor::Device;
use thalweg_models::file::{self, ModelFile};

use crate::any::{AnyImages, Choices};
use crate::description::Description;
use crate::model::ImageModel;
use crate::{ImageKind, ImagesError, ImagesSummary, Reached};

/// A density that was fitted to images: an [`AnyImages`], with all its methods, and what the fit reached.
///
/// ```
/// use burn::tensor::Device;
/// use thalweg_data::digits;
/// use thalweg_images::{FittedImages, ImageDensity, ImageKind};
/// use thalweg_models::file::ModelFile;
///
/// # let folder = std::env::temp_dir().join(format!("thalweg-fitted-images-{}", std::process::id()));
/// # let path = folder.join("digits.safetensors");
/// let images = digits();
/// let model = ImageDensity::new().model(ImageKind::Nice).hidden(32).steps(20).fit(&images)?;
/// println!("{model}");
/// assert_eq!((model.kind(), model.summary().steps), (ImageKind::Nice, 20));
/// assert!(model.architecture().contains("32"));
///
/// let nats = model.log_prob(&images.select(&[0, 1, 2]))?;
/// let p_values = model.p_values(&nats)?;
/// let drawn = model.sample(100, 0.7, 0)?;
/// // The least p-value, of an image that is stranger than all that were held out.
/// let held_out = model.summary().calibration as f64;
/// assert_eq!(model.p_values(&[f64::NEG_INFINITY])?, [1.0 / (held_out + 1.0)]);
///
/// model.save(&path)?;
/// let loaded = FittedImages::load(&path, &Device::default())?;
/// assert_eq!(loaded.log_prob(&images.select(&[0, 1, 2]))?, nats);
/// let loaded = FittedImages::of_file(&ModelFile::open(&path)?, &Device::default())?;
/// assert_eq!(loaded.into_any().p_values(&nats)?, p_values);
/// # std::fs::remove_dir_all(folder).ok();
/// # Ok::<(), thalweg_images::ImagesError>(())
/// ```
#[derive(Debug)]
pub struct FittedImages {
    description: Description,
    /// The weights as they are saved.
    weights: ImageModel,
    /// The same weights, to ask.
    model: AnyImages,
}

impl Deref for FittedImages {
    type Target = AnyImages;

    fn deref(&self) -> &AnyImages {
        &self.model
    }
}

impl FittedImages {
    pub(crate) fn new(description: Description, weights: ImageModel) -> Self {
        let weights = weights.valid();
        let summary = &description.summary;
        let choices = Choices {
            seed: description.seed,
            importance: summary.importance,
            temperature: summary.kind.temperature(),
        };
        let model = AnyImages::new(
            weights.clone().pixels(),
            description.image,
            choices,
            description.reference.clone(),
        );
        let model = model.with_reached(Reached {
            words: summary.to_string(),
            bits_per_dim: summary.bits_per_dim,
        });
        Self {
            description,
            weights,
            model,
        }
    }

    /// The same weights with another description.
    pub(crate) fn described(self, change: impl FnOnce(&mut Description)) -> Self {
        let mut description = self.description;
        change(&mut description);
        Self::new(description, self.weights)
    }

    /// The model.
    pub fn kind(&self) -> ImageKind {
        self.description.summary.kind
    }

    /// The model's sizes in words.
    pub fn architecture(&self) -> String {
        self.description.architecture.words()
    }

    /// What was done and what was reached.
    pub fn summary(&self) -> &ImagesSummary {
        &self.description.summary
    }

    /// The density without what the fit reached; p-values stay.
    pub fn into_any(self) -> AnyImages {
        self.model
    }

    /// Saves the density in one file: size and levels of the images, model, held-out scores, the summary.
    ///
    /// # Errors
    ///
    /// When the file cannot be written; an older file at `path` is then unchanged.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), ImagesError> {
        Ok(file::save_model(&self.description, &self.weights, path)?)
    }

    /// The density in a file, on `device`.
    ///
    /// # Errors
    ///
    /// When the file is not a whole and unaltered density of images, in this format or an earlier one.
    pub fn load(path: impl AsRef<Path>, device: &Device) -> Result<Self, ImagesError> {
        Self::of_file(&ModelFile::open(path)?, device)
    }

    /// The density of a file that was read, on `device`.
    ///
    /// # Errors
    ///
    /// Those of [`load`](Self::load), as far as they are not of reading.
    pub fn of_file(file: &ModelFile, device: &Device) -> Result<Self, ImagesError> {
        let (description, model) = file.with_config::<Description>(device)?;
        Ok(Self::new(description, model))
    }
}
