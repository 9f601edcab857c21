//! Models of the library, whose images have a size.

use std::sync::Arc;

use burn::module::Module;
use burn::tensor::Tensor;
use thalweg_flow::{Bijection, Latents, Lower};
use thalweg_models::image::ImageConfig;
use thalweg_models::variational::LikelihoodStyle;
use thalweg_models::{Fvae, ImageFlow, ImageSize, Nice, Vae};

use super::{AnyImages, Choices, IMPORTANCE};
use crate::model::Pixels;
use crate::{ImageKind, ImagesError};

impl AnyImages {
    /// A multi-scale flow, such as a [`Glow`](thalweg_models::Glow).
    ///
    /// See [`AnyImages`] for an example.
    ///
    /// # Errors
    ///
    /// More than 256 levels.
    pub fn of_flow<B, K>(model: ImageFlow<B, K>) -> Result<Self, ImagesError>
    where
        B: Bijection<Data = Tensor<4>, Latent = Latents> + Lower + Sync + 'static,
        K: ImageConfig<Bijection = B>,
    {
        let (image, temperature) = (model.config().image(), model.config().temperature());
        Self::of(Arc::new(model.valid()), image, temperature)
    }

    /// A [`Nice`], whose rows are images of `[channels, height, width]`, channel by channel and row by row, as
    /// [`Images`](thalweg_data::Images) gives them. Without a shape they are square: grey, or in colour where a third of the
    /// features is a square.
    ///
    /// ```
    /// use thalweg_images::{AnyImages, ImagesError};
    /// use thalweg_models::NiceConfig;
    ///
    /// let nice = |features| NiceConfig::paper(features, 17).with_depth(1).with_hidden(4).init(&Default::default());
    /// assert_eq!(AnyImages::of_nice(nice(64), None)?.image().shape(), [1, 8, 8]);
    /// assert_eq!(AnyImages::of_nice(nice(20), Some([1, 4, 5]))?.image().shape(), [1, 4, 5]);
    /// assert!(matches!(AnyImages::of_nice(nice(20), None), Err(ImagesError::NoShape { features: 20 })));
    /// # Ok::<(), ImagesError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A shape of another number of features, features that are no square image, and more than 256 levels.
    pub fn of_nice(model: Nice, shape: Option<[usize; 3]>) -> Result<Self, ImagesError> {
        let config = model.config();
        let features = config.features;
        let shape = match shape {
            Some(shape) => shape,
            None => square(features).ok_or(ImagesError::NoShape { features })?,
        };
        let [channels, height, width] = shape;
        let area = height.checked_mul(width);
        if area.and_then(|area| area.checked_mul(channels)) != Some(features) {
            return Err(ImagesError::Features { shape, features });
        }
        let image = ImageSize::new(shape).with_levels(config.levels);
        let temperature = config.temperature();
        Self::of(Arc::new(model.valid()), image, temperature)
    }

    /// A [`Vae`] with a probability of each level.
    ///
    /// ```
    /// use thalweg_images::AnyImages;
    /// use thalweg_models::variational::LikelihoodStyle;
    /// use thalweg_models::{FvaeConfig, ImageSize, VaeConfig};
    ///
    /// let (device, size) = (Default::default(), ImageSize::new([1, 4, 4]));
    /// let vae = |likelihood| VaeConfig::new(size, likelihood, 2).init(&device);
    /// let model = AnyImages::of_vae(vae(LikelihoodStyle::DiscretizedLogistic))?;
    /// assert!(model.is_bound() && model.latent_width() == 2);
    /// assert!(AnyImages::of_vae(vae(LikelihoodStyle::Gaussian)).is_err());
    ///
    /// let fvae = FvaeConfig::fvae_small(ImageSize::new([1, 16, 16])).init(&device);
    /// let model = AnyImages::of_fvae(fvae)?;
    /// assert!(model.is_bound() && !model.is_lossless());
    /// # Ok::<(), thalweg_images::ImagesError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A likelihood of other data than levels, and more than 256 levels.
    pub fn of_vae(model: Vae) -> Result<Self, ImagesError> {
        let (image, likelihood) = (model.config().image, model.config().likelihood);
        match likelihood {
            LikelihoodStyle::DiscretizedLogistic => Self::of(Arc::new(model.valid()), image, 1.0),
            other => Err(ImagesError::Likelihood(other)),
        }
    }

    /// A [`Fvae`].
    ///
    /// See [`of_vae`](Self::of_vae) for an example.
    ///
    /// # Errors
    ///
    /// More than 256 levels.
    pub fn of_fvae(model: Fvae) -> Result<Self, ImagesError> {
        let image = model.config().image;
        Self::of(
            Arc::new(model.valid()),
            image,
            ImageKind::Fvae.temperature(),
        )
    }

    /// A model whose scores have the noise of a fit with the seed 0, so that both compare.
    fn of(model: Arc<dyn Pixels>, image: ImageSize, temperature: f64) -> Result<Self, ImagesError> {
        if image.levels > 256 {
            let levels = image.levels;
            return Err(ImagesError::Levels { levels });
        }
        let choices = Choices {
            seed: 0,
            importance: IMPORTANCE,
            temperature,
        };
        Ok(Self::new(model, image, choices, vec![]))
    }

    /// The same model, if its images have this shape.
    ///
    /// ```
    /// use thalweg_images::AnyImages;
    /// use thalweg_models::NiceConfig;
    ///
    /// let nice = NiceConfig::paper(64, 17).with_depth(1).with_hidden(4);
    /// let model = AnyImages::of_nice(nice.init(&Default::default()), None)?.of_shape([1, 8, 8])?;
    /// assert!(model.of_shape([1, 4, 16]).is_err());
    /// # Ok::<(), thalweg_images::ImagesError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When they have another one.
    pub fn of_shape(self, shape: [usize; 3]) -> Result<Self, ImagesError> {
        match self.image.shape() == shape {
            true => Ok(self),
            false => Err(ImagesError::Shape {
                found: shape,
                model: self.image.shape(),
            }),
        }
    }
}

/// The square images of this many numbers. A number is never both a square and three times one.
fn square(features: usize) -> Option<[usize; 3]> {
    [1, 3].into_iter().find_map(|channels| {
        let side = (features / channels).isqrt();
        (channels * side * side == features).then_some([channels, side, side])
    })
}
