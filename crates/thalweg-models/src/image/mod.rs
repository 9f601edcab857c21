//! Densities of images of discrete pixels, by multi-scale flows.

mod compiled;
mod details;
mod size;

pub use compiled::CompiledImageFlow;
pub use details::detail_distances;
pub use size::ImageSize;

use burn::module::{Module, ModuleDisplay};
use burn::tensor::{Device, Tensor};
use thalweg_flow::base::MultiScaleNormal;
use thalweg_flow::{Bijection, Condition, Flow, Latents, Noise};

use crate::discrete::{DiscreteConfig, DiscreteFlow, GivenDiscrete};
use crate::model::ModelConfig;

/// The configuration of an [`ImageFlow`].
///
/// ```
/// use thalweg_models::image::ImageConfig;
/// use thalweg_models::{GlowConfig, ImageSize, RealNvpConfig};
///
/// /// The numbers of the latents of an image.
/// fn latents<K: ImageConfig>(config: &K) -> usize {
///     let shapes = config.latent_shapes();
///     shapes.iter().map(|shape| shape.iter().product::<usize>()).sum()
/// }
///
/// // As many as those of the image.
/// let image = ImageSize::new([3, 32, 32]);
/// assert_eq!(latents(&GlowConfig::openai(image)), image.numbers());
/// assert_eq!(latents(&RealNvpConfig::paper(image)), image.numbers());
/// ```
pub trait ImageConfig: ModelConfig {
    /// From images in the unit cube to latents.
    type Bijection: Module + ModuleDisplay;

    /// The size of the images.
    fn image(&self) -> ImageSize;

    /// The number of classes, for a model with labels as its condition.
    fn classes(&self) -> Option<usize> {
        None
    }

    /// The temperature that the authors sample at.
    fn temperature(&self) -> f64 {
        1.0
    }

    /// `[channels, height, width]` of the latents of each scale, finest first.
    fn latent_shapes(&self) -> Vec<[usize; 3]>;

    /// The untrained map.
    fn bijection(&self, device: &Device) -> Self::Bijection;
}

impl<K: ImageConfig> DiscreteConfig<4> for K {
    const SAMPLES: &'static str = "images";
    type Bijection = K::Bijection;
    type Base = MultiScaleNormal;
    type Latent = Latents;

    fn shape(&self) -> Vec<usize> {
        self.image().shape().to_vec()
    }

    fn levels(&self) -> u32 {
        self.image().levels
    }

    fn classes(&self) -> Option<usize> {
        ImageConfig::classes(self)
    }

    fn assert_latents(&self, z: &Latents) {
        MultiScaleNormal::new(self.latent_shapes()).assert_latents(z);
    }

    fn flow(&self, device: &Device) -> Flow<K::Bijection, MultiScaleNormal> {
        let base = MultiScaleNormal::new(self.latent_shapes());
        Flow::new(self.bijection(device), base)
    }
}

/// A multi-scale flow on images of discrete pixels, `[batch, channels, height, width]`.
///
/// See [`RoundTrip`] and [`Glow`](crate::Glow) for an example.
pub type ImageFlow<B, K> = DiscreteFlow<B, MultiScaleNormal, K, 4>;

/// An [`ImageFlow`] under a condition.
///
/// See [`sample_scales`](ImageFlow::sample_scales) and [`ConditionalGlow`](crate::ConditionalGlow) for an example.
pub type GivenImages<'a, B, K, C> = GivenDiscrete<'a, B, MultiScaleNormal, K, C, 4>;

/// The largest errors of both round trips of a model; see [`GivenImages::round_trip`].
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Noise;
/// use thalweg_models::glow::GlowBijection;
/// use thalweg_models::image::RoundTrip;
/// use thalweg_models::{GlowConfig, ImageFlow, ImageSize};
///
/// let device = Device::default();
/// let config = GlowConfig::openai(ImageSize::new([1, 8, 8])).with_scales(2).with_depth(2);
/// let glow: ImageFlow<GlowBijection, GlowConfig> = config.with_hidden(8).init(&device);
/// let y = Tensor::<4>::ones([2, 1, 8, 8], &device) * 0.5;
/// let z = glow.latents(2, &[0.7, 0.7], &mut Noise::seeded(0));
/// let RoundTrip { data, latents } = glow.round_trip(y, z);
/// assert!(data < 1e-4 && latents < 1e-3);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RoundTrip {
    /// The largest error of an image, by way of its latents.
    pub data: f64,
    /// The largest error of a latent, by way of its image.
    pub latents: f64,
}

impl<B: Module + ModuleDisplay, K: ImageConfig<Bijection = B>> ImageFlow<B, K> {
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
}

/// The methods of a model without a condition.
impl<B, K> ImageFlow<B, K>
where
    B: Bijection<Data = Tensor<4>, Latent = Latents>,
    K: ImageConfig<Bijection = B>,
{
    /// See [`GivenImages::round_trip`].
    pub fn round_trip(&self, y: Tensor<4>, z: Latents) -> RoundTrip {
        self.given(&()).round_trip(y, z)
    }

    /// See [`GivenImages::sample_scales`], also for panics.
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use thalweg_flow::Noise;
    /// use thalweg_models::image::GivenImages;
    /// use thalweg_models::{GlowConfig, ImageSize};
    ///
    /// let config = GlowConfig::openai(ImageSize::new([1, 8, 8])).with_scales(2).with_depth(2);
    /// let glow = config.with_hidden(8).init(&Device::default());
    /// // Fine details at their mean.
    /// let images = glow.sample_scales(2, &[0.0, 0.7], &mut Noise::seeded(0));
    /// assert_eq!(images.dims(), [2, 1, 8, 8]);
    /// let given: GivenImages<_, _, ()> = glow.given(&());
    /// let same = given.sample_scales(2, &[0.0, 0.7], &mut Noise::seeded(0));
    /// assert_eq!(same.to_data(), images.to_data());
    /// ```
    pub fn sample_scales(&self, n: usize, temperatures: &[f64], noise: &mut Noise) -> Tensor<4> {
        self.given(&()).sample_scales(n, temperatures, noise)
    }
}

impl<C, B, K> GivenImages<'_, B, K, C>
where
    C: Condition,
    B: Bijection<C, Data = Tensor<4>, Latent = Latents>,
    K: ImageConfig<Bijection = B>,
{
    /// The largest absolute errors of `y → z → y` and of `z → y → z`: a measure of the
    /// invertibility in the dtype of the model.
    ///
    /// See [`RoundTrip`] for an example.
    pub fn round_trip(&self, y: Tensor<4>, z: Latents) -> RoundTrip {
        let largest = |error: Tensor<1>| error.abs().max().into_scalar::<f64>();
        let data = self.decode(self.encode(y.clone())) - y;
        let latents = self.encode(self.decode(z.clone())).flatten() - z.flatten();
        RoundTrip {
            data: largest(data.flatten(0, 3)),
            latents: largest(latents.flatten(0, 1)),
        }
    }

    /// `n` images in the unit cube with a temperature for each scale, finest first.
    ///
    /// # Panics
    ///
    /// Unless there is one temperature a scale, each finite and not negative.
    pub fn sample_scales(&self, n: usize, temperatures: &[f64], noise: &mut Noise) -> Tensor<4> {
        self.assert_condition(n);
        self.decode(self.model.latents(n, temperatures, noise))
    }
}
