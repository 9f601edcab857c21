//! Sizes and choices of an f-VAE.

use burn::config::Config;
use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use thalweg_flow::base::MultiScaleNormal;
use thalweg_flow::{Invert, Noise, Squeeze};

use super::model::{Fvae, FvaeFlow};
use super::{FlowPosterior, Place};
use crate::coupling_flow::CouplingStyle;
use crate::glow::GlowConfig;
use crate::image::ImageConfig;
use crate::model::{ModelConfig, init};
use crate::pyramid::PyramidConfig;
use crate::variational::FixedDeviation;
use crate::{ConfigError, ImageSize, SamplingCost};

/// The dependence of the posterior on the image.
///
/// ```
/// use thalweg_models::{FvaeConfig, FvaeStyle, ImageSize};
///
/// let config = FvaeConfig::fvae_small(ImageSize::new([3, 16, 16]));
/// assert_eq!(config.style, FvaeStyle::Scalar);
/// let staged = FvaeStyle::Staged { steps: 2 };
/// assert_eq!(config.with_style(staged).style, staged);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FvaeStyle {
    /// `F(E(x) + σ₁ u)` with one learned number `σ₁`: the paper's choice.
    Scalar,
    /// `F₂(σ₂(x) ⊙ F₁(σ₁(x) ⊙ u + μ₁(x)) + μ₂(x))`, with this many steps in `F₁`.
    Staged {
        /// Steps of `F₁`.
        steps: usize,
    },
}

/// Sizes and choices of an [`Fvae`].
///
/// A code with fewer numbers than an image, `channels` that grow by less than four a stage, is a
/// latent of lower dimension; see [`code`](Self::code).
///
/// See [`Fvae`](super::Fvae) for an example.
#[derive(Config, Debug, PartialEq)]
pub struct FvaeConfig {
    /// The images.
    pub image: ImageSize,
    /// Channels of each stage of encoder and decoder, finest first; the last is the code's and a
    /// multiple of 4.
    pub channels: Vec<usize>,
    /// Residual blocks of each stage.
    pub blocks: usize,
    /// The flow of the code: its image is the code, each pixel a block of 2 × 2.
    pub flow: GlowConfig,
    /// Whether the decoder ends in a `tanh`, which keeps images inside their range.
    pub tanh: bool,
    /// The initial value of `σ₁` and `σ₂`.
    pub deviation: f64,
    /// The dependence of the posterior on the image.
    #[config(default = "FvaeStyle::Scalar")]
    pub style: FvaeStyle,
    /// Determines the initial weights.
    #[config(default = 0)]
    pub seed: u64,
}

impl FvaeConfig {
    /// The authors' model: three stages of 12 residual blocks on each side, a flow of 4 scales of 12
    /// additive steps with 256 hidden channels, and two deviations; 95,830,082 parameters on colour
    /// images of 128 × 128.
    ///
    /// Su, Wu: *f-VAEs: Improve VAEs with conditional flows*, 2018, and `f-VAEs.py`. Where the code
    /// normalizes by the statistics of a batch stands an actnorm; where it has no dequantization,
    /// and so no likelihood of pixels, levels are dequantized.
    ///
    /// ```
    /// use thalweg_models::{FvaeConfig, ImageSize};
    ///
    /// let config = FvaeConfig::fvae_blog(ImageSize::new([3, 128, 128]));
    /// // Three stages, each of which halves the image and multiplies its channels by 4.
    /// assert_eq!(config.code(), [3 * 64, 16, 16]);
    /// assert_eq!((config.blocks, config.flow.scales, config.flow.depth), (12, 4, 12));
    /// ```
    pub fn fvae_blog(image: ImageSize) -> Self {
        let c = image.channels;
        let channels = vec![4 * c, 16 * c, 64 * c];
        let flow = GlowConfig::blog(cells(image, &channels))
            .with_scales(4)
            .with_depth(12)
            .with_hidden(256);
        Self::new(image, channels, 12, flow, true, 1.0)
    }

    /// A model for images of 16 to 32 pixels that trains in minutes on a CPU: two stages of 2 blocks,
    /// a flow of 2 scales of 6 steps of Glow with 64 hidden channels, no `tanh`. Its couplings are
    /// additive, as the authors' are, so that samples stay finite at every temperature.
    pub fn fvae_small(image: ImageSize) -> Self {
        let c = image.channels;
        let channels = vec![4 * c, 16 * c];
        let mut flow = GlowConfig::openai(cells(image, &channels))
            .with_scales(2)
            .with_depth(6)
            .with_hidden(64);
        flow.coupling = CouplingStyle::Additive;
        Self::new(image, channels, 2, flow, false, 0.1)
    }

    /// The same model with other channels, and the flow of the code that they give.
    ///
    /// ```
    /// use thalweg_models::{FvaeConfig, ImageSize};
    ///
    /// let config = FvaeConfig::fvae_small(ImageSize::new([3, 16, 16])).with_stages(vec![12, 24]);
    /// // Half as many numbers as an image, of which the flow sees blocks of 2 × 2 as pixels.
    /// assert_eq!(config.code(), [24, 4, 4]);
    /// assert_eq!(config.flow.image.shape(), [6, 8, 8]);
    /// ```
    pub fn with_stages(mut self, channels: Vec<usize>) -> Self {
        self.flow.image = cells(self.image, &channels);
        self.channels = channels;
        self
    }

    /// `[channels, height, width]` of the code, which has as many numbers as a latent.
    ///
    /// ```
    /// use thalweg_models::{FvaeConfig, ImageSize};
    ///
    /// let config = FvaeConfig::fvae_small(ImageSize::new([3, 16, 16]));
    /// let [channels, height, width] = config.code();
    /// // Two stages, each of which halves the image.
    /// assert_eq!([height, width], [4, 4]);
    /// let numbers: usize = config.flow_latents().iter().map(|shape| shape.iter().product::<usize>()).sum();
    /// assert_eq!(numbers, channels * height * width);
    /// ```
    pub fn code(&self) -> [usize; 3] {
        self.pyramid().code()
    }

    /// `[channels, height, width]` of the latents of each scale of the flow, finest first.
    pub fn flow_latents(&self) -> Vec<[usize; 3]> {
        self.flow.latent_shapes()
    }

    fn pyramid(&self) -> PyramidConfig {
        PyramidConfig::new(self.image.shape(), self.channels.clone(), self.blocks)
    }
}

init! {
    FvaeConfig => Fvae,
    "A size of 0, levels outside 2 ..= 65,536, an image that cannot be halved once a stage, a code that \
     the flow's scales do not divide, a flow of images that are not the code, or a deviation that is \
     not positive."
}

impl ModelConfig for FvaeConfig {
    const KIND: &'static str = "f-vae";
    type Model = Fvae;

    fn check(&self) -> Result<(), ConfigError> {
        let stages = self.channels.len();
        self.pyramid().check(Self::KIND)?;
        self.image.check(Self::KIND, stages, stages)?;
        let [channels, ..] = self.code();
        ConfigError::check_multiple(Self::KIND, "channels of the last stage", channels, 4)?;
        let fields = [
            "channels of the flow's image",
            "height of the flow's image",
            "width of the flow's image",
        ];
        let wanted = cells(self.image, &self.channels).shape();
        let found = self.flow.image.shape();
        for ((field, found), wanted) in fields.into_iter().zip(found).zip(wanted) {
            ConfigError::check(Self::KIND, field, found as u64, [wanted as u64; 2])?;
        }
        self.flow.check()?;
        if let FvaeStyle::Staged { steps } = self.style {
            ConfigError::check(Self::KIND, "steps", steps as u64, [1, 65_536])?;
        }
        ConfigError::check_positive(Self::KIND, "deviation", self.deviation)
    }

    fn count(&self) -> u128 {
        let networks = self.pyramid().count().saturating_mul(2);
        networks.saturating_add(self.flow.network_numbers())
    }

    fn build(&self, device: &Device) -> Fvae {
        let noise = &mut Noise::seeded(self.seed);
        let flow = FvaeFlow {
            unsqueeze: Squeeze::with(2, self.flow.squeeze).inverted(),
            scales: self.flow.bijection(device).into_scales(),
        };
        let channels = self.code()[0];
        let place = match self.style {
            FvaeStyle::Scalar => Place::scalar(self.deviation, device),
            FvaeStyle::Staged { steps } => {
                let steps = self.flow.steps(channels, steps, noise, device);
                Place::staged(channels, steps, self.deviation, noise, device)
            }
        };
        let log_deviation = burn::tensor::Tensor::full([1], self.deviation.ln(), device);
        Fvae {
            encoder: self.pyramid().encoder(noise, device),
            place,
            posterior: FlowPosterior::new(flow, MultiScaleNormal::new(self.flow_latents())),
            decoder: self.pyramid().decoder(noise, device),
            likelihood: FixedDeviation::from_log_deviation(log_deviation),
            config: self.clone(),
            warnings: vec![],
        }
    }

    fn sampling_cost(&self) -> SamplingCost {
        SamplingCost::DECODER
    }
}

/// The code of an image with each pixel's channels as a block of 2 × 2, which the first squeeze of a
/// Glow undoes.
fn cells(image: ImageSize, channels: &[usize]) -> ImageSize {
    let [c, height, width] = PyramidConfig::new(image.shape(), channels.to_vec(), 0).code();
    ImageSize::new([c / 4, 2 * height, 2 * width])
}
