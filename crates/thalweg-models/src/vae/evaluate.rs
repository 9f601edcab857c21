//! An autoencoder on data that it has not seen.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;
use thalweg_flow::{FlowError, Network, Noise};

use super::{AutoencoderConfig, VaeModel};
use crate::held_out::Estimate;
use crate::variational::LatentUse;

/// Bounds on the held-out log-likelihood, in nats an image, and the use of each latent.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Noise;
/// use thalweg_models::vae::VaeBounds;
/// use thalweg_models::{ImageSize, VaeConfig};
///
/// let device = Device::default();
/// let vae = VaeConfig::bernoulli(ImageSize::new([1, 4, 4]).with_levels(17), 2).init(&device);
/// let levels = Tensor::<2>::ones([6, 16], &device) * 9.0;
/// // Ten samples for each of the first four images.
/// let bounds: VaeBounds = vae.evaluate(&levels, [10, 4], &mut Noise::seeded(0))?;
/// assert_eq!(bounds.latents.kl().len(), 2);
/// // No probability is above 1.
/// assert!(bounds.elbo.mean < 0.0);
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
#[derive(Debug, Clone)]
pub struct VaeBounds {
    /// The bound of one sample.
    pub elbo: Estimate,
    /// The importance-weighted bound of many.
    pub importance: Estimate,
    /// The information in each latent.
    pub latents: LatentUse,
}

/// Images whose bound of one sample is computed together, and whose bound of many is.
const BATCHES: [usize; 2] = [500, 100];

impl<E, D, K> VaeModel<E, D, K>
where
    E: Module + ModuleDisplay + Network,
    D: Module + ModuleDisplay + Network,
    K: AutoencoderConfig<Encoder = E, Decoder = D>,
{
    /// The [`VaeBounds`] of levels, `[rows, numbers]`: that of `k` samples is the mean over the first
    /// `count` rows, the others are over all.
    ///
    /// # Errors
    ///
    /// As [`elbo`](Self::elbo), and when the device cannot hand over the numbers.
    ///
    /// # Panics
    ///
    /// As there, and when `k` is 0.
    pub fn evaluate(
        &self,
        levels: &Tensor<2>,
        [k, count]: [usize; 2],
        noise: &mut Noise,
    ) -> Result<VaeBounds, FlowError> {
        let model = self.valid();
        let batches = |rows: usize, batch: usize| {
            let part = move |start| levels.clone().narrow(0, start, batch.min(rows - start));
            (0..rows).step_by(batch).map(part)
        };
        let (rows, mut latents) = (levels.dims()[0], LatentUse::default());
        for batch in batches(rows, BATCHES[0]) {
            let x = model.observe(batch, noise)?;
            let posterior = model.autoencoder.posterior(x, &());
            latents.add(posterior.mean(), posterior.kl())?;
        }
        let elbo = model.log_probs(levels, &(), BATCHES[0], noise)?;
        let mut importance = vec![];
        for batch in batches(rows.min(count), BATCHES[1]) {
            importance.extend(model.importance(batch, &(), k, noise)?);
        }
        Ok(VaeBounds {
            elbo: Estimate::of(&elbo),
            importance: Estimate::of(&importance),
            latents,
        })
    }
}
