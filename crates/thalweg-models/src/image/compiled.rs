//! Image flows without tensors.

use burn::module::{Module, ModuleDisplay};
use thalweg_flow::compiled::{CompiledContext, CompiledFlow, CompiledGiven, Lower, Scratch};
use thalweg_flow::{Dequantize, FlowError, Noise};

use super::{ImageConfig, ImageFlow};

/// An [`ImageFlow`] without tensors, for a program that calls a trained model again and again: a
/// [`CompiledFlow`] and the dequantization in front of it.
///
/// ```
/// use burn::tensor::Device;
/// use thalweg_flow::{Noise, compiled::Scratch};
/// use thalweg_models::{CompiledImageFlow, GlowConfig, ImageSize};
///
/// let config = GlowConfig::openai(ImageSize::new([3, 8, 8])).with_scales(2).with_depth(2);
/// let glow: CompiledImageFlow = config.with_hidden(16).init(&Device::default()).compile(1);
/// let (mut image, mut scratch) = (vec![0.0; glow.flow.numbers()], Scratch::default());
/// glow.flow.sample(0.7, &mut Noise::seeded(0), &mut image, &mut scratch);
/// let levels = glow.quantize(&image);
/// let nats = glow.log_probs(&levels, &(), &mut Noise::seeded(1), &mut scratch)?;
/// assert!(levels.iter().all(|x| (0.0..=255.0).contains(x)) && nats[0].is_finite());
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
#[derive(Debug)]
pub struct CompiledImageFlow<C = ()> {
    /// From images in the unit cube to latents, and the density of those.
    pub flow: CompiledFlow<C>,
    dequantize: Dequantize,
}

impl<B: Module + ModuleDisplay, K: ImageConfig<Bijection = B>> ImageFlow<B, K> {
    /// The model without tensors, for at most `batch` images at a time: 1 for the least time of one.
    ///
    /// # Panics
    ///
    /// When `batch` is 0.
    pub fn compile(&self, batch: usize) -> CompiledImageFlow
    where
        B: Lower,
    {
        self.compile_given(batch)
    }

    /// [`compile`](Self::compile) for a model under a condition of type `C`.
    ///
    /// ```
    /// use burn::tensor::{Device, Int, Tensor};
    /// use thalweg_flow::{Noise, compiled::Scratch};
    /// use thalweg_models::{ConditionalGlowConfig, GlowConfig, ImageSize};
    ///
    /// let device = Device::default();
    /// let glow = GlowConfig::openai(ImageSize::new([1, 4, 4]));
    /// let glow = glow.with_scales(1).with_depth(1).with_hidden(4);
    /// let model = ConditionalGlowConfig::new(glow, 10).init(&device);
    /// let compiled = model.compile_given::<Tensor<1, Int>>(1);
    /// let (mut image, mut scratch) = (vec![0.0; compiled.flow.numbers()], Scratch::default());
    /// compiled.given(&[7]).sample(0.7, &mut Noise::seeded(0), &mut image, &mut scratch);
    /// let digit = Tensor::<1, Int>::from_ints([7], &device);
    /// let expected = model.given(&digit).sample(1, 0.7, &mut Noise::seeded(0)).to_data();
    /// for (found, expected) in image.iter().zip(expected.iter::<f32>()) {
    ///     assert!((found - expected).abs() < 1e-4);
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// When `batch` is 0.
    pub fn compile_given<C: CompiledContext>(&self, batch: usize) -> CompiledImageFlow<C>
    where
        B: Lower<C>,
    {
        let shape = self.config().image().shape();
        let (bijection, base) = (&self.flow.bijection, &self.flow.base);
        CompiledImageFlow {
            flow: CompiledFlow::new(bijection, base, shape, batch),
            dequantize: self.dequantize(),
        }
    }
}

impl<C: CompiledContext> CompiledImageFlow<C> {
    /// `log p(y)` in nats of images of levels, one after the other, as
    /// [`GivenDiscrete::log_prob`](crate::discrete::GivenDiscrete::log_prob); the context of a model without a condition is
    /// `&()`.
    ///
    /// # Errors
    ///
    /// A value that is no level.
    ///
    /// # Panics
    ///
    /// When the numbers are not those of whole images, or the context has neither one row nor one for each.
    pub fn log_probs(
        &self,
        levels: &[f32],
        context: &C::Rows,
        noise: &mut Noise,
        scratch: &mut Scratch,
    ) -> Result<Vec<f32>, FlowError> {
        let mut y = levels.to_vec();
        let numbers = self.flow.numbers();
        self.dequantize.apply_in_place(&mut y, numbers, noise)?;
        let mut nats = vec![0.0; y.len() / numbers];
        self.given(context).log_probs(&y, &mut nats, scratch);
        Ok(nats)
    }

    /// The flow under a condition.
    ///
    /// See [`compile_given`](ImageFlow::compile_given) for an example.
    pub fn given<'a>(&'a self, context: &'a C::Rows) -> CompiledGiven<'a, C> {
        self.flow.given(context)
    }

    /// The levels that images of the unit cube fall into.
    pub fn quantize(&self, y: &[f32]) -> Vec<f32> {
        self.dequantize.quantize_numbers(y)
    }
}
