//! Densities of images of discrete pixels, by multi-scale flows.

mod compiled;
mod given;
mod size;

pub use compiled::CompiledImageFlow;
pub use given::{GivenImages, RoundTrip};
pub use size::ImageSize;

use std::fmt::Debug;
use std::path::Path;

use burn::module::{Module, ModuleDisplay};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};
use serde::Serialize;
use serde::de::DeserializeOwned;
use thalweg_flow::base::MultiScaleNormal;
use thalweg_flow::points::Points;
use thalweg_flow::{
    Bijection, BitsPerDim, Condition, Dequantize, Flow, FlowError, Latents, Noise, Reversible,
    Warning, warnings,
};

use crate::door::{assert_count, assert_shape};
use crate::{ConfigError, ModelFileError, file};

/// A configuration of an [`ImageFlow`].
pub trait ImageConfig:
    Debug + Clone + Send + Sync + Serialize + DeserializeOwned + 'static
{
    /// What the model is called in its file.
    const KIND: &'static str;
    /// From images in the unit cube to latents.
    type Bijection: Module + ModuleDisplay;

    /// What the images are like.
    fn image(&self) -> ImageSize;

    /// How many classes the model is given labels of, if it is.
    fn classes(&self) -> Option<usize> {
        None
    }

    /// `[channels, height, width]` of the latents of each scale, finest first.
    fn latent_shapes(&self) -> Vec<[usize; 3]>;

    /// How many numbers the parameters are at least, those that do not train included.
    ///
    /// # Errors
    ///
    /// What [`try_bijection`](Self::try_bijection) returns.
    fn count(&self) -> Result<u128, ConfigError>;

    /// The untrained map.
    ///
    /// # Errors
    ///
    /// A size that is out of its bounds.
    fn try_bijection(&self, device: &Device) -> Result<Self::Bijection, ConfigError>;
}

/// A multi-scale flow on images of discrete pixels, with their dequantization in front.
///
/// Data are levels `0 ..= levels − 1` as floats, `[batch, channels, height, width]`. Every method that
/// takes them looks at them first: a value that is no level is an error, and another size panics.
/// Log-densities
/// are those of the dequantized images in the unit cube, in nats an image, preprocessing included;
/// [`units`](Self::units) makes bits a dimension of them.
///
/// The methods below are for models without a condition; with one, ask the model
/// [`given`](Self::given) it.
#[derive(Module, Debug)]
pub struct ImageFlow<B: Module + ModuleDisplay, K: ImageConfig<Bijection = B>> {
    /// From images in the unit cube to latents, and the density of those.
    pub flow: Flow<B, MultiScaleNormal>,
    #[module(skip)]
    config: K,
    #[module(skip)]
    warnings: Vec<Warning>,
}

impl<B: Module + ModuleDisplay, K: ImageConfig<Bijection = B>> ImageFlow<B, K> {
    pub(crate) fn try_new(config: &K, device: &Device) -> Result<Self, ConfigError> {
        let bijection = config.try_bijection(device)?;
        Ok(Self {
            flow: Flow::new(bijection, MultiScaleNormal::new(config.latent_shapes())),
            config: config.clone(),
            warnings: vec![],
        })
    }

    /// What the model was made of.
    pub fn config(&self) -> &K {
        &self.config
    }

    /// What [`initialize_given`](Self::initialize_given) found to look wrong with its data.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Nats an image to bits a dimension.
    pub fn units(&self) -> BitsPerDim {
        self.dequantize()
            .bits_per_dim(self.config.image().numbers())
    }

    /// The noise in front of the flow.
    pub fn dequantize(&self) -> Dequantize {
        Dequantize::uniform(self.config.image().levels)
    }

    /// The levels that images of the unit cube fall into.
    pub fn quantize(&self, y: Tensor<4>) -> Tensor<4> {
        self.dequantize().quantize(y)
    }

    /// `n` latents of the base density with a temperature for each scale, finest first.
    ///
    /// # Panics
    ///
    /// Unless there is one temperature a scale, each finite and not negative.
    pub fn latents(&self, n: usize, temperatures: &[f64], noise: &mut Noise) -> Latents {
        let placement = self.flow.placement();
        self.flow
            .base
            .sample_scales(n, temperatures, noise, &placement)
    }

    /// Asserts that images are of the model's size.
    fn assert_images(&self, images: &Tensor<4>) {
        let size = self.config.image();
        let each = [size.channels, size.height, size.width];
        assert_shape(K::KIND, "takes images", images, &each);
    }

    /// The model under a condition: one row or label for each image, or one for all of them.
    pub fn given<'a, C>(&'a self, context: &'a C) -> GivenImages<'a, B, K, C> {
        GivenImages {
            model: self,
            context,
        }
    }

    /// Fits what depends on data, such as the scales of actnorms, to a batch of levels under a
    /// condition. Wanted once, before training, on a batch of a few hundred images.
    ///
    /// What looks wrong with the images, such as channels of one value, is said once, see
    /// [`warnings`](Self::warnings).
    ///
    /// # Errors
    ///
    /// Fewer than two images, values that are no levels, or labels that are no classes.
    ///
    /// # Panics
    ///
    /// As [`GivenImages::log_prob`].
    pub fn initialize_given<C>(
        mut self,
        levels: Tensor<4>,
        context: &C,
        noise: &mut Noise,
    ) -> Result<Self, FlowError>
    where
        C: Condition,
        B: Bijection<C, Data = Tensor<4>, Latent = Latents>,
    {
        self.assert_images(&levels);
        let images = levels.dims()[0];
        if let Some(rows) = context.rows() {
            assert_count(K::KIND, "the condition", rows, images, true);
        }
        if images < 2 {
            return Err(FlowError::TooFewRows {
                what: K::KIND,
                rows: images,
                needed: 2,
            });
        }
        context.check(self.config.classes())?;
        let dequantize = self.dequantize();
        let (fitted, warnings) = warnings::gather(|| {
            dequantize.check_for_fitting(&levels)?;
            let (y, _) = dequantize.apply(levels, noise)?;
            self.flow.initialize(y, context)
        });
        self.flow = fitted?;
        self.warnings = warnings;
        Ok(self)
    }

    /// Saves configuration, preprocessing and weights in one file.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), ModelFileError> {
        file::save(path.as_ref(), K::KIND, &self.config, self)
    }

    /// The model in a file, on `device`.
    ///
    /// # Errors
    ///
    /// When the file is not a whole and unaltered model of this kind and of this or an earlier
    /// version.
    pub fn load(path: impl AsRef<Path>, device: &Device) -> Result<Self, ModelFileError> {
        let init = |config: &K| Self::try_new(config, device);
        let (_, model) = file::load(path.as_ref(), K::KIND, K::count, init)?;
        Ok(model)
    }
}

/// The methods of a model that takes no condition.
impl<B, K> ImageFlow<B, K>
where
    B: Bijection<Data = Tensor<4>, Latent = Latents>,
    K: ImageConfig<Bijection = B>,
{
    /// See [`initialize_given`](Self::initialize_given).
    ///
    /// # Errors
    ///
    /// As there.
    pub fn initialize(self, levels: Tensor<4>, noise: &mut Noise) -> Result<Self, FlowError> {
        self.initialize_given(levels, &(), noise)
    }

    /// See [`GivenImages::log_prob`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn log_prob(&self, levels: Tensor<4>, noise: &mut Noise) -> Result<Tensor<1>, FlowError> {
        self.given(&()).log_prob(levels, noise)
    }

    /// See [`GivenImages::log_probs`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn log_probs(
        &self,
        levels: &(impl Points<4> + ?Sized),
        batch: usize,
        noise: &mut Noise,
    ) -> Result<Vec<f64>, FlowError> {
        self.given(&()).log_probs(levels, batch, noise)
    }

    /// See [`GivenImages::importance`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn importance(
        &self,
        levels: Tensor<4>,
        k: usize,
        noise: &mut Noise,
    ) -> Result<Vec<f64>, FlowError> {
        self.given(&()).importance(levels, k, noise)
    }

    /// See [`GivenImages::loss`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn loss(&self, levels: Tensor<4>, noise: &mut Noise) -> Result<Tensor<1>, FlowError> {
        self.given(&()).loss(levels, noise)
    }

    /// See [`GivenImages::loss_and_gradients`].
    ///
    /// # Errors
    ///
    /// As there.
    ///
    /// # Panics
    ///
    /// As there.
    pub fn loss_and_gradients(
        &self,
        levels: Tensor<4>,
        noise: &mut Noise,
        how: &Reversible,
    ) -> Result<(Tensor<1>, GradientsParams), FlowError> {
        self.given(&()).loss_and_gradients(levels, noise, how)
    }

    /// See [`GivenImages::encode`].
    pub fn encode(&self, y: Tensor<4>) -> Latents {
        self.given(&()).encode(y)
    }

    /// See [`GivenImages::decode`].
    pub fn decode(&self, z: Latents) -> Tensor<4> {
        self.given(&()).decode(z)
    }

    /// See [`GivenImages::round_trip`].
    pub fn round_trip(&self, y: Tensor<4>, z: Latents) -> RoundTrip {
        self.given(&()).round_trip(y, z)
    }

    /// See [`GivenImages::sample`].
    pub fn sample(&self, n: usize, temperature: f64, noise: &mut Noise) -> Tensor<4> {
        self.given(&()).sample(n, temperature, noise)
    }

    /// See [`GivenImages::sample_scales`].
    pub fn sample_scales(&self, n: usize, temperatures: &[f64], noise: &mut Noise) -> Tensor<4> {
        self.given(&()).sample_scales(n, temperatures, noise)
    }
}
