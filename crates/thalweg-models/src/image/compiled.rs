//! Image flows as plain numbers.

use burn::module::{Module, ModuleDisplay};
use thalweg_flow::compiled::{CompileImages, CompiledImages};
use thalweg_flow::{Dequantize, FlowError, Noise};

use super::{ImageConfig, ImageFlow};

/// An [`ImageFlow`] without tensors, for a program that evaluates a trained model many times: see
/// [`CompiledImages`].
///
/// ```
/// use burn::tensor::Device;
/// use thalweg_flow::Noise;
/// use thalweg_models::{GlowConfig, ImageSize};
///
/// let config = GlowConfig::openai(ImageSize::new([3, 8, 8])).with_scales(2).with_depth(2);
/// let glow = config.with_hidden(16).init(&Device::default()).compile(1);
/// let image = glow.sample(1, 0.7, &mut Noise::seeded(0));
/// let levels = glow.quantize(&image);
/// let nats = glow.log_prob(&levels, &mut Noise::seeded(1))?;
/// assert!(levels.iter().all(|x| (0.0..=255.0).contains(x)) && nats[0].is_finite());
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
#[derive(Debug)]
pub struct CompiledImageFlow {
    /// From images in the unit cube to latents, and the density of those.
    pub flow: CompiledImages,
    dequantize: Dequantize,
}

impl<B: Module + ModuleDisplay + CompileImages, K: ImageConfig<Bijection = B>> ImageFlow<B, K> {
    /// The compiled form, for a maximum batch size of `images`; 1 has the lowest latency.
    ///
    /// # Panics
    ///
    /// When `images` is 0.
    pub fn compile(&self, images: usize) -> CompiledImageFlow {
        CompiledImageFlow {
            flow: self
                .flow
                .compile_images(self.config().image().shape(), images),
            dequantize: self.dequantize(),
        }
    }
}

impl CompiledImageFlow {
    /// `log p(y)` in nats of images of levels, one after the other, as
    /// [`GivenDiscrete::log_prob`](crate::discrete::GivenDiscrete::log_prob).
    ///
    /// # Errors
    ///
    /// A value that is no level.
    ///
    /// # Panics
    ///
    /// When the numbers are not those of whole images.
    pub fn log_prob(&self, levels: &[f32], noise: &mut Noise) -> Result<Vec<f32>, FlowError> {
        let mut y = levels.to_vec();
        let numbers = self.flow.numbers();
        self.dequantize.apply_in_place(&mut y, numbers, noise)?;
        Ok(self.flow.log_prob(&y))
    }

    /// `n` images in the unit cube at one temperature, one after the other.
    ///
    /// # Panics
    ///
    /// For a temperature that is negative or not finite.
    pub fn sample(&self, n: usize, temperature: f64, noise: &mut Noise) -> Vec<f32> {
        self.flow.sample(n, temperature, noise)
    }

    /// The levels that images of the unit cube fall into.
    pub fn quantize(&self, y: &[f32]) -> Vec<f32> {
        self.dequantize.quantize_numbers(y)
    }
}
