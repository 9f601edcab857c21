//! A model of images of one size, wherever it comes from.

#[cfg(feature = "check")]
mod check;
mod draws;
mod latents;
mod load;
mod score;
mod sized;

use std::sync::Arc;

use burn::tensor::{DType, Tensor};
use thalweg_data::Images;
use thalweg_flow::{BitsPerDim, Dequantize, Placement};
use thalweg_models::ImageSize;

use crate::model::Pixels;
use crate::{ImagesError, Reached};

/// A model of images of one size, wherever it comes from: a [`FittedImages`](crate::FittedImages), which is one too, a
/// model of [`thalweg_models`], or a file of either, read by [`load`](Self::load).
///
/// ```
/// use thalweg_data::digits;
/// use thalweg_images::{AnyImages, ImageError};
/// use thalweg_models::{ImageSize, RealNvpConfig};
///
/// let size = ImageSize::new([1, 8, 8]).with_levels(17);
/// let config = RealNvpConfig::paper(size).with_scales(1).with_blocks(1).with_hidden(4);
/// let model = AnyImages::of_flow(config.init(&Default::default()))?;
/// assert_eq!((model.name(), model.image(), model.temperature()), ("realnvp", size, 1.0));
///
/// let images = digits().select(&[0, 1, 2]);
/// let nats = model.log_prob(&images)?;
/// let bits = model.bits_per_dim(&images)?;
/// assert!((bits[0] - (64.0 * 17_f64.ln() - nats[0]) / (64.0 * 2_f64.ln())).abs() < 1e-9);
/// assert_eq!(model.units().from_nats(nats[0]), bits[0]);
/// assert!(model.reached().is_none() && !model.has_p_values()); // both come from a fit
/// assert!(model.p_values(&nats).is_err());
///
/// assert!(model.is_lossless() && !model.is_bound());
/// let latents = model.encode(&images)?.into_iter().collect::<Result<Vec<_>, ImageError>>()?;
/// assert_eq!((latents[0].len(), model.latent_width()), (64, 64));
/// assert_eq!(model.decode(&latents.concat())?.pixels(), images.pixels());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct AnyImages {
    model: Arc<dyn Pixels>,
    image: ImageSize,
    placement: Placement,
    choices: Choices,
    /// Nats of images that were held out, from the lowest to the highest; none without a fit.
    reference: Vec<f64>,
    /// What the fit reached; none without a fit.
    reached: Option<Reached>,
}

/// What a model does not say of itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Choices {
    /// Of the noise of scores.
    pub(crate) seed: u64,
    /// Samples of a bound.
    pub(crate) importance: usize,
    /// That samples look best at.
    pub(crate) temperature: f64,
}

/// Samples of the bounds of models that have no more.
pub(crate) const IMPORTANCE: usize = 64;

/// Numbers of the images that are computed together.
const CHUNK: usize = 1 << 18;

impl AnyImages {
    pub(crate) fn new(
        model: Arc<dyn Pixels>,
        image: ImageSize,
        choices: Choices,
        reference: Vec<f64>,
    ) -> Self {
        Self {
            placement: model.placement(),
            model,
            image,
            choices,
            reference,
            reached: None,
        }
    }

    /// With what the fit reached.
    pub(crate) fn with_reached(self, reached: Reached) -> Self {
        Self {
            reached: Some(reached),
            ..self
        }
    }

    /// What the fit reached on images that it held out; none of a model without a fit.
    pub fn reached(&self) -> Option<&Reached> {
        self.reached.as_ref()
    }

    /// Nats of images that were held out, from the lowest to the highest.
    pub(crate) fn reference(&self) -> &[f64] {
        &self.reference
    }

    /// The name of the model, such as `glow`.
    pub fn name(&self) -> &'static str {
        self.model.name()
    }

    /// Size and levels of the images.
    pub fn image(&self) -> ImageSize {
        self.image
    }

    /// Whether its nats are a lower bound on `ln p`, importance-weighted, and no value of it.
    pub fn is_bound(&self) -> bool {
        self.model.is_bound()
    }

    /// The temperature that its samples look best at, as its authors and examples have it.
    pub fn temperature(&self) -> f64 {
        self.choices.temperature
    }

    /// Converts nats an image to bits a dimension.
    pub fn units(&self) -> BitsPerDim {
        self.dequantize().bits_per_dim(self.image().numbers())
    }

    /// Images as the model takes them: grey or in colour, with its levels. Their size stays.
    ///
    /// Of levels that are a multiple of the model's, as 256 are of those of fewer bits, the lowest bits are dropped, which is
    /// how models of few bits are trained. Others are scaled and rounded.
    ///
    /// ```
    /// use thalweg_data::Images;
    /// use thalweg_images::AnyImages;
    /// use thalweg_models::NiceConfig;
    ///
    /// let nice = NiceConfig::paper(4, 32).with_depth(1).with_hidden(4);
    /// let model = AnyImages::of_nice(nice.init(&Default::default()), None)?;
    /// let image = Images::from_pixels([1, 2, 2], 256, vec![0, 7, 8, 255])?;
    /// assert_eq!(model.conform(&image)?.pixels(), [0, 0, 1, 31]); // 8 levels become one
    /// assert_eq!(model.conform(&image.to_colour())?, model.conform(&image)?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
        let levels = self.image().levels;
        let images = match images.levels().is_multiple_of(levels) {
            true => images.to_bins(levels)?,
            false => images.to_levels(levels)?,
        };
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

    /// The levels of images, where the weights are and of their type.
    fn levels(&self, images: &Images) -> Tensor<4> {
        let levels = images.to_planes(&self.placement.device);
        levels.cast(self.placement.dtype)
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
        let levels = self.dequantize().quantize(y).cast(DType::F32);
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
