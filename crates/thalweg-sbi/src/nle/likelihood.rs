//! A likelihood that was learned.

use std::path::Path;
use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};
use thalweg_flow::Mlp;
use thalweg_models::file::{load_with_config, save_model};

use super::description::{Description, Networks};
use super::validity::log_valid;
use crate::estimator::Mixture;
use crate::sampler::{LogDensity, UnnormalizedPosterior};
use crate::{Prior, SbiError, Summary};

/// `q(x | θ)`, the mean of its members' densities, for any parameters `θ`.
///
/// ```
/// use burn::tensor::Device;
/// use rand::RngExt;
/// use rand::rngs::ChaCha8Rng;
/// use thalweg_sbi::sampler::LogDensity;
/// use thalweg_sbi::{Family, Likelihood, LikelihoodAt, Nle, Simulate, Uniform};
///
/// let noisy = |theta: &[f64], rng: &mut ChaCha8Rng| vec![theta[0] + 0.3 * rng.random::<f64>()];
/// let simulate = Simulate::new(Uniform::new([[-1.0, 1.0]])?, noisy);
/// let family = Family::Spline { couplings: 2, hidden: vec![16] };
/// let nle = Nle::new(simulate.prior()).family(family).members(1).steps(100);
/// let likelihood = nle.fit(&simulate.run(400)?)?;
/// assert_eq!((likelihood.dims(), likelihood.summary().simulations), (1, 400));
/// // Of one observation, then of two independent ones.
/// let at: LikelihoodAt = likelihood.at(&[0.2])?;
/// let one = at.log_density(&[0.1])?[0];
/// let two = likelihood.at(&[0.2, 0.2])?.log_density(&[0.1])?[0];
/// assert!((two - 2.0 * one).abs() < 1e-4 * (1.0 + one.abs()));
/// // The file has everything but the prior.
/// # let path = std::env::temp_dir().join(format!("thalweg-likelihood-{}.safetensors", std::process::id()));
/// likelihood.save(&path)?;
/// let back = Likelihood::load(&path, simulate.prior(), &Device::default())?;
/// # std::fs::remove_file(&path).ok();
/// assert_eq!(back.at(&[0.2])?.log_density(&[0.1])?, [one]);
/// # Ok::<(), thalweg_sbi::SbiError>(())
/// ```
pub struct Likelihood {
    prior: Arc<dyn Prior>,
    description: Description,
    mixture: Mixture,
    validity: Option<Mlp>,
    device: Device,
}

impl std::fmt::Debug for Likelihood {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Likelihood")
            .field("summary", &self.description.summary)
            .finish_non_exhaustive()
    }
}

impl Likelihood {
    pub(super) fn new(
        prior: Arc<dyn Prior>,
        description: Description,
        networks: Networks,
        device: &Device,
    ) -> Self {
        let dims = description.features.varying();
        Self {
            prior,
            description,
            mixture: Mixture::new(networks.members, dims, device),
            validity: networks.validity,
            device: device.clone(),
        }
    }

    /// The number of parameters.
    pub fn dims(&self) -> usize {
        self.description.coordinates.dims()
    }

    /// How it was trained. Its held-out means are of `ln q(x | θ)`.
    pub fn summary(&self) -> &Summary {
        &self.description.summary
    }

    /// The likelihood of one or several independent observations, one after the other, as a density of the parameters that
    /// is known but for a factor.
    ///
    /// # Errors
    ///
    /// Numbers that are no whole observations, that are not finite, or that lie where all simulations have density 0.
    pub fn at(&self, x: &[f64]) -> Result<LikelihoodAt<'_>, SbiError> {
        let features = &self.description.features;
        let width = features.width();
        let whole = (x.len() / width).max(1) * width;
        SbiError::equal(
            "numbers of the data",
            x.len(),
            "in whole observations",
            whole,
        )?;
        SbiError::finite("a number of the observation", x)?;
        let targets = x.chunks_exact(width).map(|x| features.target(x));
        Ok(LikelihoodAt {
            likelihood: self,
            targets: targets.collect::<Result<_, _>>()?,
        })
    }

    /// The prior times the likelihood of observations, for a [sampler](crate::sampler).
    ///
    /// # Errors
    ///
    /// Those of [`at`](Self::at).
    pub fn posterior(
        &self,
        x: &[f64],
    ) -> Result<UnnormalizedPosterior<Arc<dyn Prior>, LikelihoodAt<'_>>, SbiError> {
        UnnormalizedPosterior::new(self.prior.clone(), self.at(x)?)
    }

    /// Writes everything but the prior to one file.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), SbiError> {
        let networks = Networks {
            members: self.mixture.members().to_vec(),
            validity: self.validity.clone(),
        };
        Ok(save_model(&self.description, &networks, path)?)
    }

    /// The likelihood in a file, on `device`, with the prior of its parameters.
    ///
    /// # Errors
    ///
    /// When the file is not a whole and unaltered likelihood, and for a prior of other intervals.
    pub fn load(
        path: impl AsRef<Path>,
        prior: &Arc<dyn Prior>,
        device: &Device,
    ) -> Result<Self, SbiError> {
        let (description, networks) = load_with_config::<Description>(path, device)?;
        let supports = prior.supports();
        SbiError::equal(
            "parameters of the prior",
            supports.len(),
            "of the likelihood",
            description.coordinates.dims(),
        )?;
        Ok(Self::new(prior.clone(), description, networks, device))
    }
}

/// `ln p(x | θ)` of given observations as a function of the parameters `θ`; see [`Likelihood::at`].
///
/// See [`Likelihood`] for an example.
#[derive(Debug)]
pub struct LikelihoodAt<'a> {
    likelihood: &'a Likelihood,
    /// The numbers of the density and `ln |du/dx|` of each observation.
    targets: Vec<(Vec<f64>, f64)>,
}

impl LogDensity for LikelihoodAt<'_> {
    fn dims(&self) -> usize {
        self.likelihood.dims()
    }

    /// Rows of parameters; −∞ outside of the support.
    fn log_density(&self, rows: &[f64]) -> Result<Vec<f64>, SbiError> {
        let Likelihood {
            description,
            mixture,
            validity,
            device,
            ..
        } = self.likelihood;
        let Description {
            coordinates,
            conditions,
            residual,
            ..
        } = description;
        let lines = rows
            .chunks_exact(self.dims())
            .map(|row| coordinates.to_line(row));
        let lines: Vec<Option<(Vec<f64>, f64)>> = lines.collect();
        let inside = lines.iter().flatten();
        let conditions: Vec<Vec<f32>> = inside.map(|(u, _)| conditions.of(u)).collect();
        let z = conditions.concat();
        let mut totals = match validity {
            Some(net) => {
                let shape = [conditions.len(), self.dims()];
                let z: Tensor<2> = Tensor::from_data(TensorData::new(z.clone(), shape), device);
                let each: Vec<f64> = log_valid(net, z).into_data().iter().collect();
                let count = self.targets.len() as f64;
                each.into_iter().map(|log| count * log).collect()
            }
            None => vec![0.0; conditions.len()],
        };
        for (target, log_slope) in &self.targets {
            let of = |z: &Vec<f32>| residual.forward(target, &residual.mean(z));
            let r = conditions.iter().flat_map(of).map(|r| r as f32);
            let logs = mixture.log_prob_each(&r.collect::<Vec<f32>>(), &z)?;
            let log_slope = log_slope + residual.log_slope();
            let sums = totals.iter_mut().zip(logs);
            sums.for_each(|(sum, log)| *sum += log + log_slope);
        }
        let mut totals = totals.into_iter();
        let log = |line: &Option<_>| match line {
            Some(_) => totals.next().unwrap_or(f64::NAN),
            None => f64::NEG_INFINITY,
        };
        Ok(lines.iter().map(log).collect())
    }
}
