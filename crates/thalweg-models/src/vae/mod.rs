//! Variational autoencoders.

mod autoencoder;
mod bounds;
mod conditional;
mod config;
mod evaluate;
mod model;
mod network;

pub use autoencoder::Autoencoder;
pub use conditional::{ConditionalVae, ConditionalVaeConfig};
pub use config::VaeConfig;
pub use evaluate::VaeBounds;
pub use model::{AutoencoderConfig, VaeModel};
pub use network::{RowsFromCode, RowsToCode, VaeDecoder, VaeEncoder, VaeNetwork};

/// A variational autoencoder of images.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Noise;
/// use thalweg_models::variational::ElboLoss;
/// use thalweg_models::{ImageSize, Vae, VaeConfig};
///
/// let device = Device::default();
/// let config = VaeConfig::bernoulli(ImageSize::new([1, 8, 8]).with_levels(17), 2);
/// let vae: Vae = config.init(&device);
/// let (levels, mut noise) = (Tensor::<2>::ones([4, 64], &device) * 9.0, Noise::seeded(0));
/// let loss = vae.loss(levels.clone(), &(), &ElboLoss::default(), &mut noise)?;
/// assert_eq!(loss.dims(), [1]);
/// let bound = vae.importance(levels, &(), 50, &mut noise)?;
/// assert_eq!(bound.len(), 4);
/// assert_eq!(vae.sample(9, &(), 1.0, &mut noise).dims(), [9, 64]);
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
///
/// # References
///
/// Kingma, Welling: *Auto-encoding variational Bayes*, 2014.
pub type Vae = VaeModel<VaeEncoder, VaeDecoder, VaeConfig>;
