//! Which latents a model uses.

use burn::tensor::{Tensor, TensorReadError};

/// What each latent carries, gathered over a data set batch by batch: its mean divergence from the
/// prior, and whether its posterior mean varies with the data.
///
/// A latent is active when the variance of its posterior mean over the data exceeds 0.01. A model
/// whose posterior has collapsed has divergences near 0 and few active latents.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_models::variational::{Gaussian, LatentUse};
///
/// let device = Device::default();
/// // One latent follows the data, one is the prior.
/// let mean = Tensor::<2>::from_floats([[-2.0, 0.0], [2.0, 0.0]], &device);
/// let density = Gaussian::new(mean.clone(), mean.zeros_like());
/// let mut latents = LatentUse::default();
/// latents.add(density.mean(), density.kl())?;
/// assert_eq!(latents.active_units(), 1);
/// assert_eq!(latents.kl(), [2.0, 0.0]);
/// # Ok::<(), burn::tensor::TensorReadError>(())
/// ```
///
/// # References
///
/// Burda, Grosse, Salakhutdinov: *Importance weighted autoencoders*, 2016, section 5.2.
#[derive(Debug, Clone, Default)]
pub struct LatentUse {
    rows: f64,
    kl: Vec<f64>,
    means: Vec<f64>,
    squares: Vec<f64>,
}

/// The variance from which on a latent is active.
const ACTIVE: f64 = 0.01;

impl LatentUse {
    /// Adds the posterior means and divergences of a batch, each `[batch, latents]`.
    ///
    /// # Errors
    ///
    /// When the device cannot hand over the numbers.
    pub fn add(&mut self, mean: Tensor<2>, kl: Tensor<2>) -> Result<(), TensorReadError> {
        let [rows, latents] = mean.dims();
        for sums in [&mut self.kl, &mut self.means, &mut self.squares] {
            sums.resize(latents, 0.0);
        }
        let (mean, kl) = (mean.try_into_data()?, kl.try_into_data()?);
        for (index, (mean, kl)) in mean.iter::<f64>().zip(kl.iter::<f64>()).enumerate() {
            let latent = index % latents;
            // Welford's update would be exact for means far from 0, which a prior keeps them near.
            self.kl[latent] += kl;
            self.means[latent] += mean;
            self.squares[latent] += mean * mean;
        }
        self.rows += rows as f64;
        Ok(())
    }

    /// The mean divergence of each latent, in nats.
    pub fn kl(&self) -> Vec<f64> {
        self.kl.iter().map(|sum| sum / self.rows).collect()
    }

    /// The mean divergence of all latents together, in nats: a bound on what they say about the
    /// data.
    pub fn rate(&self) -> f64 {
        self.kl().iter().sum()
    }

    /// How many latents are active.
    pub fn active_units(&self) -> usize {
        let moments = self.means.iter().zip(&self.squares);
        let variances = moments.map(|(sum, squares)| {
            let mean = sum / self.rows;
            squares / self.rows - mean * mean
        });
        variances.filter(|variance| *variance > ACTIVE).count()
    }
}
