//! The use of the latents.

use burn::tensor::{Tensor, TensorReadError};

/// Statistics of each latent over a data set: its mean divergence from the prior, and the variance of
/// its posterior mean.
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
/// assert_eq!(latents.rate(), 2.0);
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

/// An active latent has a larger variance.
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
            // Plain sums suffice: the prior keeps the means near 0.
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

    /// The sum of the mean divergences, in nats: a bound on the information about the data.
    pub fn rate(&self) -> f64 {
        self.kl().iter().sum()
    }

    /// The number of active latents.
    pub fn active_units(&self) -> usize {
        let moments = self.means.iter().zip(&self.squares);
        let variances = moments.map(|(sum, squares)| {
            let mean = sum / self.rows;
            squares / self.rows - mean * mean
        });
        variances.filter(|variance| *variance > ACTIVE).count()
    }
}
