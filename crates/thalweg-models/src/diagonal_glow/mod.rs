//! Glow with a diagonal normal density of the latents of each scale, as normflows has it.

mod bijection;
mod build;
mod config;

pub use bijection::{DiagonalGlowScales, DiagonalTop};
pub use build::diagonal_scales;
pub use config::DiagonalGlowConfig;

use crate::ImageFlow;

/// Glow whose latents of each scale have a learned mean and deviation at each place.
///
/// It is the `MultiscaleFlow` of `GlowBlock`s of normflows, whose weights `thalweg-convert` reads. Its map differs from that
/// of a [`Glow`](crate::Glow) in three ways:
///
/// | | here | [`Glow`](crate::Glow) |
/// |---|---|---|
/// | couplings, from data to latents | `(x − t) σ(s + 2)`, or another scale | `x σ(s + 2) + t` |
/// | priors of the channels that leave | a mean and a deviation at each place | given the channels that stay |
/// | the top prior | a mean and a deviation at each place | one mean and deviation a channel |
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Noise;
/// use thalweg_models::{DiagonalGlowConfig, ImageSize};
///
/// let device = Device::default();
/// let config = DiagonalGlowConfig::new(ImageSize::new([3, 8, 8]));
/// let glow = config.with_scales(2).with_depth(2).with_hidden(16).init(&device);
/// let pixels = Tensor::<4>::ones([4, 3, 8, 8], &device);
/// assert_eq!(glow.log_prob(pixels, &mut Noise::seeded(0))?.dims(), [4]);
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
///
/// # References
///
/// Kingma, Dhariwal: *Glow: Generative flow with invertible 1×1 convolutions*, 2018. Stimper and others: *normflows: A
/// PyTorch package for normalizing flows*, 2023.
pub type DiagonalGlow = ImageFlow<DiagonalGlowScales, DiagonalGlowConfig>;
