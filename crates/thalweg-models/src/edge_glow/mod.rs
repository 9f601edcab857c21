//! Glow with the edges and the scales of glow-pytorch.

mod bijection;
mod build;
mod config;

pub use bijection::{
    EdgeCoupling, EdgeGlowBijection, EdgePrior, EdgeScales, EdgeStep, EdgeSteps, EdgeTop,
};
pub use build::edge_scales;
pub use config::EdgeGlowConfig;

use crate::ImageFlow;

/// Glow whose networks see the edge of the image, and whose couplings shift before they scale.
///
/// It is the model of glow-pytorch, whose weights `thalweg-convert` reads. To train one, take a [`Glow`](crate::Glow):
/// here, as published, log-deviations have no bound, so numbers far beyond the unit cube overflow. Its map differs from
/// that of a [`Glow`](crate::Glow) in four ways:
///
/// | | here | [`Glow`](crate::Glow) |
/// |---|---|---|
/// | couplings | `(x + t) σ(s + 2)` | `x σ(s + 2) + t` |
/// | last layers of networks, split priors | see the edge: [`WithEdge`](thalweg_flow::WithEdge) | padded with zeros |
/// | deviations of split priors | `eˢ` | `eˢ`, with `s` softly bounded |
/// | the top prior | depends on the place, and on half of the channels | one mean and deviation a channel |
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Noise;
/// use thalweg_models::{EdgeGlowConfig, ImageSize};
///
/// let device = Device::default();
/// let config = EdgeGlowConfig::new(ImageSize::new([3, 8, 8]).with_levels(32), false);
/// let glow = config.with_scales(2).with_depth(2).with_hidden(16).init(&device);
/// let pixels = Tensor::<4>::ones([4, 3, 8, 8], &device);
/// assert_eq!(glow.log_prob(pixels, &mut Noise::seeded(0))?.dims(), [4]);
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
///
/// # References
///
/// Kingma, Dhariwal: *Glow: Generative flow with invertible 1×1 convolutions*, 2018, and
/// github.com/rosinality/glow-pytorch.
pub type EdgeGlow = ImageFlow<EdgeGlowBijection, EdgeGlowConfig>;
