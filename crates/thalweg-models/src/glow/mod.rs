//! Glow: generative flow with invertible 1×1 convolutions.

mod bijection;
mod build;
mod conditional;
mod config;
mod mix;

pub use bijection::{GlowBijection, GlowScales, GlowStep, GlowSteps, GlowTop};
pub use conditional::{ConditionalGlow, ConditionalGlowBijection, ConditionalGlowConfig};
pub use config::{ActNormInit, GlowConfig, Mixing};
pub use mix::Mix;

use crate::ImageFlow;

/// Glow on images of discrete pixels.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Noise;
/// use thalweg_models::{Glow, GlowConfig, ImageSize};
///
/// let device = Device::default();
/// let config = GlowConfig::openai(ImageSize::new([3, 8, 8])).with_scales(2).with_depth(2);
/// let pixels = Tensor::<4>::ones([4, 3, 8, 8], &device) * 128.0;
/// let mut noise = Noise::seeded(0);
/// let glow: Glow = config.with_hidden(16).init(&device).initialize(pixels.clone(), &mut noise)?;
/// let bits = glow.units().of_each(glow.log_prob(pixels, &mut noise)?);
/// assert_eq!(bits.dims(), [4]);
/// assert_eq!(glow.sample(9, 0.7, &mut noise).dims(), [9, 3, 8, 8]);
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
///
/// # References
///
/// Kingma, Dhariwal: *Glow: Generative flow with invertible 1×1 convolutions*, 2018. Su Jianlin:
/// *Flow 2: RealNVP and Glow*, kexue.fm/archives/5807, 2018.
pub type Glow = ImageFlow<GlowBijection, GlowConfig>;
