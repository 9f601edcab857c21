//! RealNVP for images.

mod bijection;
mod config;

pub use bijection::{ChannelStep, CheckerboardStep, RealNvpBijection, RealNvpLevel};
pub use config::RealNvpConfig;

use crate::ImageFlow;

/// RealNVP on images of discrete pixels; for vectors see
/// [`CouplingFlowConfig::realnvp`](crate::CouplingFlowConfig::realnvp).
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Noise;
/// use thalweg_models::{ImageSize, RealNvpConfig};
///
/// let device = Device::default();
/// let config = RealNvpConfig::paper(ImageSize::new([3, 8, 8])).with_scales(2);
/// let model = config.with_hidden(8).with_blocks(1).init(&device);
/// let mut noise = Noise::seeded(0);
/// let pixels = Tensor::<4>::ones([2, 3, 8, 8], &device) * 128.0;
/// assert_eq!(model.log_prob(pixels, &mut noise)?.dims(), [2]);
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
///
/// # References
///
/// Dinh, Sohl-Dickstein, Bengio: *Density estimation using Real NVP*, 2017.
pub type RealNvp = ImageFlow<RealNvpBijection, RealNvpConfig>;
